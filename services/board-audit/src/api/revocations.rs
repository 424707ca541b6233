//! `/api/audit/revocations`: whose tokens hold no more.

use axum::extract::State;
use event_store::{Decided, Past, PgTime, Request};
use kernel::{Org, Person, Role, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::json;
use service_kit::{
    Answered, As, Authority, Caller, Create, List, Page, Problem, Query, command,
    look::{AccessAsk, LookEvent, Reason, Whose, decide_access},
};
use sqlx::FromRow;
use utoipa::ToSchema;

use super::{chronology::unavailable, looks::Part};
use crate::service::App;

/// Who revokes: the hub's operator anybody's, a borough's managers their own people's.
pub(super) enum Revokers {}

impl Authority for Revokers {
    type Who = Person;
    const ROLES: &'static [Role] = &[Role::HubOperator, Role::DutyManager, Role::HeadOfService, Role::Director];
}

/// Whose tokens, and why.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewRevocation {
    /// The subject of the person's token.
    #[schema(min_length = 1, max_length = 400)]
    subject: String,
    /// `left`, `role_changed`, `lost_device` or `misuse`.
    #[schema(value_type = String)]
    reason: Reason,
}

/// Whose tokens hold again.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct EndedRevocation {
    /// The subject of the person's token.
    #[schema(min_length = 1, max_length = 400)]
    subject: String,
}

/// Tokens that hold no more.
#[derive(Serialize, ToSchema)]
pub(super) struct Line {
    /// Whose.
    subject: String,
    /// For which organisation alone; `null` for any.
    org: Option<String>,
    /// Made until then.
    #[schema(value_type = String, format = DateTime)]
    before: Timestamp,
    /// Why.
    reason: String,
    #[serde(skip)]
    position: i64,
}

#[derive(FromRow)]
struct Row {
    subject: String,
    org: String,
    before: PgTime,
    reason: String,
    position: i64,
}

/// Every token of this person that was made until now holds no more, in any service, within five seconds; open screens end. Whoever signs in
/// anew is believed again, unless the issuer has disabled them. The operator revokes anybody's; managers those for their own borough.
#[utoipa::path(post, path = "/api/audit/revocations", operation_id = "revoke_tokens", request_body = NewRevocation,
    responses((status = 200, body = serde_json::Value)))]
pub(super) async fn revoke(State(app): State<App>, create: Create<Revokers, NewRevocation>) -> Result<Answered, Problem> {
    let ask = AccessAsk::Revoke { before: create.now, reason: create.body.reason };
    app.access(&create, &create.body.subject, ask).await
}

/// The tokens hold again, as far as their time is not over.
#[utoipa::path(post, path = "/api/audit/revocations/end", operation_id = "end_revocation", request_body = EndedRevocation,
    responses((status = 200, body = serde_json::Value)))]
pub(super) async fn end(State(app): State<App>, create: Create<Revokers, EndedRevocation>) -> Result<Answered, Problem> {
    app.access(&create, &create.body.subject, AccessAsk::Restore).await
}

/// Whose tokens hold no more, the newest first: all for the operator, and for managers those for their own borough.
#[utoipa::path(get, path = "/api/audit/revocations", operation_id = "list_revocations", params(Part), responses((status = 200, body = [Line])))]
pub(super) async fn list(State(app): State<App>, by: As<Revokers>, (page, Query(_)): (Page, Query<Part>)) -> Result<List<Line>, Problem> {
    let own = org_of(&by.caller, by.actor().role).map(|org| org.to_string());
    let rows: Vec<Row> = sqlx::query_as(
        "select subject, org, before, reason, position from view.revoked
         where ($1::text is null or org = $1) and ($2::bigint is null or position < $2) order by position desc limit $3",
    )
    .bind(own)
    .bind(page.after::<i64>()?)
    .bind(i64::try_from(page.limit() + 1).unwrap_or(i64::MAX))
    .fetch_all(&app.looks)
    .await
    .map_err(unavailable)?;
    let line = |row: Row| Line {
        subject: row.subject,
        org: Some(row.org).filter(|org| !org.is_empty()),
        before: row.before.0,
        reason: row.reason,
        position: row.position,
    };
    Ok(page.list(rows.into_iter().map(line).collect(), |line| line.position))
}

/// For which organisation somebody may revoke; any, for the operator.
fn org_of(caller: &Caller, role: Role) -> Option<Org> {
    (role != Role::HubOperator).then(|| caller.org.clone())
}

impl App {
    async fn access<T>(&self, create: &Create<Revokers, T>, subject: &str, ask: AccessAsk) -> Result<Answered, Problem> {
        if !(1..=400).contains(&subject.len()) || subject.contains(char::is_control) {
            return Err(Problem::invalid_at("/subject", "the subject of a token, 1 to 400 characters"));
        }
        let whose = Whose { subject: subject.to_owned(), org: org_of(&create.by.caller, create.by.actor().role) };
        let stream = whose.stream();
        let request = Request {
            streams: vec![stream.clone()],
            expect: None,
            unmoved: None,
            receipt: Some(create.receipt.clone()),
            context: create.context(None),
            advance: None,
            decide: Box::new(move |past: &Past<'_, LookEvent>| {
                let last = past.of(&stream).last().and_then(|recorded| recorded.event.access());
                let event = decide_access(last, whose.clone(), ask).map(LookEvent::Access);
                Ok(Decided { events: event.into_iter().collect(), status: 200, body: json!({}), resource: None })
            }),
            describe: None,
        };
        let answered = command::ask(&self.kit.tasks, self.revocations.store(), request).await?;
        answered.map_err(command::refusal)
    }
}
