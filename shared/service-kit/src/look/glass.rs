//! Break-glass, as every service goes by it: one person may see one child's record until an instant. That it was opened stands in the
//! record of looks before the person is told, so no service has to be asked, and none has to have heard of it.

use axum::response::Response;
use event_store::PgTime;
use kernel::{ChildId, GlassId, Timestamp};
use serde_json::Value;
use sqlx::{FromRow, PgPool};

use super::Under;
use crate::Problem;

/// How the id of a child begins.
const PREFIX: &str = "chd_";

/// One break-glass.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Glass {
    /// Its id.
    pub id: GlassId,
    /// The subject of the person's token.
    pub person: String,
    /// Whose record it opens.
    pub child: ChildId,
    /// When it was opened.
    pub opened_at: Timestamp,
    /// Until when, at the latest.
    pub until: Timestamp,
    /// When the person ended it before.
    pub ended_at: Option<Timestamp>,
    /// Where the opening stands in the log of looks.
    pub position: i64,
}

impl Glass {
    /// Takes every other child out of an answer: the lines that are about them, and their ids in lists.
    pub fn only_its_child(&self, answer: &mut Value) {
        only(answer, &self.child.to_string());
    }
}

fn only(value: &mut Value, child: &str) {
    let id =
        |value: &Value| ["child_id", "child"].iter().find_map(|name| value[name].as_str()).or_else(|| value.as_str()).map(str::to_owned);
    let other = |value: &Value| id(value).is_some_and(|id| id.starts_with(PREFIX) && id != child);
    match value {
        Value::Array(values) => {
            values.retain(|value| !other(value));
            values.iter_mut().for_each(|value| only(value, child));
        }
        Value::Object(members) => members.values_mut().for_each(|value| only(value, child)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

#[derive(FromRow)]
struct GlassRow {
    id: String,
    position: i64,
    person: String,
    child: String,
    opened_at: PgTime,
    until: PgTime,
    ended_at: Option<PgTime>,
}

impl TryFrom<GlassRow> for Glass {
    type Error = sqlx::Error;

    fn try_from(row: GlassRow) -> Result<Self, sqlx::Error> {
        let (id, child) = (row.id.parse(), row.child.parse());
        let bad = |fault: kernel::BadId| sqlx::Error::Decode(Box::new(fault));
        let (PgTime(opened_at), PgTime(until)) = (row.opened_at, row.until);
        let ended_at = row.ended_at.map(|PgTime(at)| at);
        Ok(Self {
            id: id.map_err(bad)?,
            person: row.person,
            child: child.map_err(bad)?,
            opened_at,
            until,
            ended_at,
            position: row.position,
        })
    }
}

/// The break-glass under which somebody may see the record of one of these children now, if there is one.
///
/// # Errors
/// 503 when the database does not answer: then nothing is open.
pub async fn glass_of(
    looks: &PgPool,
    person: &str,
    children: impl IntoIterator<Item = ChildId>,
    now: Timestamp,
) -> Result<Option<Glass>, Problem> {
    let children: Vec<String> = children.into_iter().map(|child| child.to_string()).collect();
    let row: Option<GlassRow> = sqlx::query_as(
        "select * from view.glass where person = $1 and child = any($2) and until > $3 and ended_at is null order by until desc limit 1",
    )
    .bind(person)
    .bind(children)
    .bind(PgTime(now))
    .fetch_optional(looks)
    .await
    .map_err(away)?;
    row.map(|row| Glass::try_from(row).map_err(away)).transpose()
}

/// One break-glass, if there is one of this id.
///
/// # Errors
/// 503 when the database does not answer.
pub async fn glass(looks: &PgPool, id: GlassId) -> Result<Option<Glass>, Problem> {
    let row: Option<GlassRow> =
        sqlx::query_as("select * from view.glass where id = $1").bind(id.to_string()).fetch_optional(looks).await.map_err(away)?;
    row.map(|row| Glass::try_from(row).map_err(away)).transpose()
}

/// Every break-glass before a position of the log of looks, the newest first.
///
/// # Errors
/// 503 when the database does not answer.
pub async fn glasses(looks: &PgPool, before: Option<i64>, most: i64) -> Result<Vec<Glass>, Problem> {
    let rows: Vec<GlassRow> =
        sqlx::query_as("select * from view.glass where $1::bigint is null or position < $1 order by position desc limit $2")
            .bind(before)
            .bind(most)
            .fetch_all(looks)
            .await
            .map_err(away)?;
    rows.into_iter().map(|row| Glass::try_from(row).map_err(away)).collect()
}

/// Says of an answer what it has to do with a break-glass, for the record.
#[must_use]
pub fn under(mut response: Response, under: impl Into<Option<Under>>) -> Response {
    if let Some(under) = under.into() {
        response.extensions_mut().insert(under);
    }
    response
}

#[expect(clippy::needless_pass_by_value, reason = "it is what map_err hands over")]
fn away(error: sqlx::Error) -> Problem {
    tracing::warn!(error = %error, "the record of looks did not answer");
    Problem::unavailable("The record of looks cannot be read now.", 2)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn an_answer_under_a_break_glass_names_no_other_child() {
        let (own, other) = ("chd_00000000000000000000000000000007", "chd_00000000000000000000000000000008");
        let mut answer = json!({ "items": [{ "child_id": own, "linked_to": [other, own] }, { "child_id": other, "names": ["Ada"] }],
            "sheet": { "items": [[{ "child_id": other }]], "text": "as it was written" } });
        only(&mut answer, own);
        let left = json!({ "items": [{ "child_id": own, "linked_to": [own] }], "sheet": { "items": [[]], "text": "as it was written" } });
        assert_eq!(answer, left);
    }
}
