//! What the board reads: how handovers went, and the trail of one child.

use axum::{
    extract::{Path, Query},
    response::Response,
};
use kernel::ChildId;
use serde::Deserialize;
use serde_json::json;

use crate::{failure::Failure, me::Me};

/// Which page of a list: the question that the service gave for the next one.
#[derive(Deserialize)]
pub(crate) struct Part {
    #[serde(default)]
    cursor: String,
}

impl Part {
    fn question(&self) -> String {
        if self.cursor.is_empty() {
            return String::new();
        }
        format!("?{}", form_urlencoded::Serializer::new(String::new()).append_pair("cursor", &self.cursor).finish())
    }
}

/// The cursor of the next page, out of its address.
fn cursor_of(next: &serde_json::Value) -> Option<String> {
    let (_, question) = next.as_str()?.split_once('?')?;
    form_urlencoded::parse(question.as_bytes()).find(|(name, _)| name == "cursor").map(|(_, value)| value.into_owned())
}

/// Every handover and how it went.
pub(crate) async fn handovers(me: Me, Query(part): Query<Part>) -> Result<Response, Failure> {
    let found = me.get(&format!("/api/audit/handovers{}", part.question())).await?;
    Ok(me.page("board.html", json!({ "handovers": found.body["items"], "next": cursor_of(&found.body["next"]) })))
}

/// Everything about one child, over every service, in order.
pub(crate) async fn chronology(me: Me, Path(id): Path<ChildId>, Query(part): Query<Part>) -> Result<Response, Failure> {
    let found = me.get(&format!("/api/audit/chronologies/{id}{}", part.question())).await?;
    Ok(me.page("chronology.html", json!({ "child": id, "events": found.body["events"], "next": cursor_of(&found.body["next"]) })))
}
