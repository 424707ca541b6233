//! The form's budget: what each field is for, and the bin.

use axum::{Json, extract::State};
use jiff::tz::TimeZone;
use serde::Deserialize;
use serde_json::{Value, json};
use service_kit::{Answered, Caller, Create, Path, Problem, caller::BoardApprovers};
use utoipa::ToSchema;

use super::{
    told::Told,
    writing::{Consulted, words},
};
use crate::{
    app::{App, away},
    field::{self, Answer},
    rules::{Command, field_stream},
    views::fields,
};

/// A nomination for the bin.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewNomination {
    /// Why the field is not needed: 1 to 5000 characters.
    reason: String,
}

/// The board's answer.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewVerdict {
    /// Whether the field stays.
    keep: bool,
    /// Why: 1 to 5000 characters.
    why: String,
    /// Where it does not stay, the number of the first edition that does not ask it: later than the one in force, and than every
    /// scheduled one that asks it.
    from_edition: Option<u32>,
}

/// Every field of the form in force: its question, the decision it serves, and what people say of it.
#[utoipa::path(get, path = "/api/procedures/fields", operation_id = "list_fields", responses((status = 200, body = serde_json::Value)))]
pub(crate) async fn list_fields(State(app): State<App>, _: Caller) -> Result<Json<Value>, Problem> {
    let now = app.now();
    let (known, document) = app.in_force(now).await?;
    let edition = app.edition(&known, &document)?;
    let nominations = fields::nominations(app.pool(), None).await.map_err(away)?;
    let going = fields::going(app.pool()).await.map_err(away)?;
    let today = TimeZone::get("Europe/London").unwrap_or(TimeZone::UTC).to_datetime(now).date();
    let items: Vec<Value> = edition
        .form
        .iter()
        .map(|field| {
            let own: Vec<_> = nominations.iter().filter(|nomination| nomination.field == field.name).collect();
            json!({
                "name": field.name,
                "question": field.question,
                "decision_served": field.decision_served,
                "compulsory": field.compulsory,
                "review_by": field.review_by,
                "review_overdue": field.review_by < today,
                "goes_with_edition": going.iter().find(|(name, _)| *name == field.name).map(|(_, number)| number),
                "nominations": own,
            })
        })
        .collect();
    Ok(Json(json!({ "edition": known.number, "items": items })))
}

/// What one has put in the bin oneself, with the board's answers.
#[utoipa::path(get, path = "/api/procedures/fields/mine", operation_id = "list_my_nominations",
    responses((status = 200, body = serde_json::Value)))]
pub(crate) async fn list_my_nominations(State(app): State<App>, caller: Caller) -> Result<Json<Value>, Problem> {
    let items = fields::nominations(app.pool(), Some(&caller.id)).await.map_err(away)?;
    Ok(Json(json!({ "items": items })))
}

/// Puts a field in the bin. It stays in the form until the board has answered.
#[utoipa::path(post, path = "/api/procedures/fields/{name}/nominations", operation_id = "nominate_field", params(("name" = String, Path)),
    request_body = NewNomination, responses((status = 201, body = serde_json::Value)))]
pub(crate) async fn nominate_field(
    State(app): State<App>,
    Path(name): Path<String>,
    create: Create<Consulted, NewNomination>,
) -> Result<Answered, Problem> {
    let reason = words("/reason", &create.body.reason)?;
    let (known, document) = app.in_force(create.now).await?;
    let edition = app.edition(&known, &document)?;
    if !edition.form.iter().any(|field| field.name == name) {
        return Err(Problem::not_found());
    }
    let (by, at, stream) = (create.by.person().clone(), create.now, field_stream(&name));
    let answer = json!({ "field": name, "nominated": true });
    let told = Told::new(&create, Command::Field(name, field::Command::Nominate { reason, by, at }));
    app.tell(told, Some(stream), move |_| answer.clone()).await
}

/// Answers a nomination for the board. It needs no version: an answer that is there stays as it is.
#[utoipa::path(post, path = "/api/procedures/fields/{name}/nominations/{number}/answer", operation_id = "answer_nomination",
    params(("name" = String, Path), ("number" = u32, Path)), request_body = NewVerdict, responses((status = 200, body = serde_json::Value)))]
pub(crate) async fn answer_nomination(
    State(app): State<App>,
    Path((name, number)): Path<(String, u32)>,
    create: Create<BoardApprovers, NewVerdict>,
) -> Result<Answered, Problem> {
    let why = words("/why", &create.body.why)?;
    let answer = match (create.body.keep, create.body.from_edition) {
        (true, None) => Answer::Keep { why },
        (false, Some(from_edition)) => Answer::Remove { from_edition, why },
        (true, Some(_)) => return Err(Problem::invalid_at("/from_edition", "nothing, where the field stays")),
        (false, None) => return Err(Problem::invalid_at("/from_edition", "the number of the first edition that does not ask it")),
    };
    let (in_force, _) = app.in_force(create.now).await?;
    let (by, at, stream) = (create.by.person().clone(), create.now, field_stream(&name));
    let said = json!({ "field": name, "number": number, "answer": answer });
    let command = field::Command::Answer { number, answer, in_force: in_force.number, by, at };
    app.tell(Told::new(&create, Command::Field(name, command)).ok(), Some(stream), move |_| said.clone()).await
}
