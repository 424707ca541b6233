//! "I have read and understood it", and who has not yet.

use axum::{Json, extract::State};
use kernel::{Org, Role, Timestamp};
use serde::Deserialize;
use serde_json::{Value, json};
use service_kit::{Answered, As, Authority, Caller, Create, Path, Problem, Query};
use utoipa::{IntoParams, ToSchema};

use super::{
    told::Told,
    writing::{Consulted, words},
};
use crate::{
    app::{App, away},
    document::ProcedureId,
    reading,
    rules::Command,
    views::{readings, texts},
};

/// Who looks at counts of teams.
const COUNTERS: [Role; 6] =
    [Role::BoardApprover, Role::BoardAuditor, Role::ProcedureAuthor, Role::DutyManager, Role::HeadOfService, Role::Director];

/// Who sees the teams of every organisation, as counts.
const EVERYWHERE: [Role; 3] = [Role::BoardApprover, Role::BoardAuditor, Role::ProcedureAuthor];

/// Who answers for people who are expected to read.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Expecting {}

impl Authority for Expecting {
    type Who = kernel::Person;
    const ROLES: &'static [Role] = &[Role::BoardApprover, Role::BoardAuditor, Role::DutyManager, Role::HeadOfService, Role::Director];
}

/// A receipt.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewReceipt {
    /// The number of the edition that was read. It is in force or comes.
    edition: u32,
    /// What is not clear: 1 to 5000 characters. It is about the text and names no child.
    question: Option<String>,
}

/// How many people a team has.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewExpectation {
    /// The organisation: a GSS code, an ODS code, or `board`.
    #[schema(value_type = String)]
    org: Org,
    /// The role.
    #[schema(value_type = String)]
    role: Role,
    /// How many of its people are expected to read, 0 to 100000.
    expected: u32,
}

/// Of what and when.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct Wanted {
    /// A procedure; all of them, if nothing is said.
    #[param(value_type = Option<String>)]
    procedure: Option<ProcedureId>,
    /// The versions in force at an instant; now, if nothing is said.
    #[param(value_type = Option<String>, format = DateTime)]
    at: Option<Timestamp>,
}

/// Says that one has read and understood a procedure, and asks what is not clear.
#[utoipa::path(post, path = "/api/procedures/{procedure_id}/receipts", operation_id = "give_receipt",
    params(("procedure_id" = String, Path)), request_body = NewReceipt, responses((status = 201, body = serde_json::Value)))]
pub(crate) async fn give_receipt(
    State(app): State<App>,
    Path(procedure): Path<ProcedureId>,
    create: Create<Consulted, NewReceipt>,
) -> Result<Answered, Problem> {
    let (number, now) = (create.body.edition, create.now);
    let question = create.body.question.as_deref().map(|text| words("/question", text)).transpose()?;
    let expected = || Problem::invalid_at("/edition", "the number of an edition that is in force, or comes, and has this procedure");
    let (in_force, _) = app.in_force(now).await?;
    let (known, document) = app.numbered(number).await?.ok_or_else(expected)?;
    if known.withdrawn.is_some() || (known.in_force_from <= now && known.number != in_force.number) {
        return Err(expected());
    }
    let found = document.procedures.get(&procedure).ok_or_else(Problem::not_found)?;
    let hash = reading::version(found).map_err(|error| Problem::internal("editions", &error))?;
    let question = question.map(|text| (app.kit.ids.question(), text));
    let asked = question.as_ref().map(|(id, _)| *id);
    let by = create.by.person().clone();
    let subject = by.actor().id.clone();
    let answer = json!({ "procedure": procedure, "edition": number, "hash": hash, "question_id": asked });
    let command = reading::Command::Read { procedure, edition: number, hash, question, by, at: now };
    let told = Told::new(&create, Command::Read(subject.clone(), command));
    app.tell(told, None, move |_| answer.clone()).await
}

/// What one has read oneself, and the answers to what one asked.
#[utoipa::path(get, path = "/api/procedures/receipts/mine", operation_id = "list_my_receipts",
    responses((status = 200, body = serde_json::Value)))]
pub(crate) async fn list_my_receipts(State(app): State<App>, caller: Caller) -> Result<Json<Value>, Problem> {
    let read = readings::of(app.pool(), &caller.id).await.map_err(away)?;
    let asked = readings::asked_by(app.pool(), &caller.id).await.map_err(away)?;
    Ok(Json(json!({ "receipts": read, "questions": asked })))
}

/// How many of each team have read each version, and how many are expected to. Numbers only.
#[utoipa::path(get, path = "/api/procedures/receipts/coverage", operation_id = "show_coverage", params(Wanted),
    responses((status = 200, body = serde_json::Value)))]
pub(crate) async fn show_coverage(State(app): State<App>, caller: Caller, Query(wanted): Query<Wanted>) -> Result<Json<Value>, Problem> {
    caller.actor_as_any(&COUNTERS)?;
    let org = (!caller.is_any(&EVERYWHERE)).then_some(&caller.org);
    let (known, _) = app.in_force(wanted.at.unwrap_or_else(|| app.now())).await?;
    let mut items = Vec::new();
    for (procedure, title, hash) in texts::versions(app.pool(), known.number).await.map_err(away)? {
        if wanted.procedure.as_ref().is_some_and(|only| only.as_str() != procedure) {
            continue;
        }
        let teams = readings::coverage(app.pool(), (&procedure, &hash), org).await.map_err(away)?;
        items.push(json!({ "procedure": procedure, "title": title, "hash": hash, "teams": teams }));
    }
    Ok(Json(json!({ "edition": known.number, "items": items })))
}

/// Says how many of a team are expected to read. Nobody guesses it.
#[utoipa::path(post, path = "/api/procedures/receipts/expected", operation_id = "set_expected", request_body = NewExpectation,
    responses((status = 200, body = serde_json::Value)))]
pub(crate) async fn set_expected(State(app): State<App>, create: Create<Expecting, NewExpectation>) -> Result<Answered, Problem> {
    let NewExpectation { org, role, expected } = &create.body;
    if *expected > 100_000 {
        return Err(Problem::invalid_at("/expected", "a whole number from 0 to 100000"));
    }
    let at = create.now;
    if !app.terms(at).await?.includes(org) {
        return Err(Problem::invalid_at("/org", "an organisation of the area"));
    }
    let answer = json!({ "org": org, "role": role, "expected": expected });
    let by = create.by.person().clone();
    let command = Command::Expect { org: org.clone(), role: *role, expected: *expected, by, at };
    app.tell(Told::new(&create, command).ok(), None, move |_| answer.clone()).await
}

/// What one has not read yet of what is in force or comes; for a manager also the people of the own organisation who have not.
///
/// The registry has no list of staff. It knows whoever has done anything in it (given a receipt for any procedure, asked, commented, put a
/// field in the bin), in the organisation and role of the last time. Who has done nothing here yet is named nowhere: the coverage says how
/// many of a team are expected and how many have read.
#[utoipa::path(get, path = "/api/procedures/receipts/reminders", operation_id = "list_reminders",
    responses((status = 200, body = serde_json::Value)))]
pub(crate) async fn list_reminders(State(app): State<App>, caller: Caller) -> Result<Json<Value>, Problem> {
    let now = app.now();
    let (in_force, _) = app.in_force(now).await?;
    let roles = caller.roles.iter().map(|role| texts::code(*role)).collect();
    let current = texts::current(app.pool(), in_force.number, now, Some(roles)).await.map_err(away)?;
    let read = readings::of(app.pool(), &caller.id).await.map_err(away)?;
    let mine: Vec<Value> = current
        .iter()
        .filter(|text| !read.iter().any(|own| own.procedure == text.procedure && own.hash == text.hash))
        .map(|text| {
            let before = read.iter().any(|own| own.procedure == text.procedure);
            let mut item = json!(text);
            item["why"] = if before { "changed" } else { "not_read" }.into();
            item
        })
        .collect();
    let staff = if As::<service_kit::caller::Managers>::try_new(caller.clone()).is_ok() {
        Some(behind(&app, &caller.org, in_force.number, now).await?)
    } else {
        None
    };
    Ok(Json(json!({ "mine": mine, "staff": staff })))
}

/// The people of one organisation who are known here and have not read what is in force or comes.
async fn behind(app: &App, org: &Org, in_force: u32, now: Timestamp) -> Result<Vec<Value>, Problem> {
    let mut items = Vec::new();
    for text in texts::current(app.pool(), in_force, now, None).await.map_err(away)? {
        let people = readings::behind(app.pool(), org, (&text.procedure, &text.hash)).await.map_err(away)?;
        if !people.is_empty() {
            items.push(
                json!({ "procedure": text.procedure, "title": text.title, "hash": text.hash, "edition": text.edition, "people": people }),
            );
        }
    }
    Ok(items)
}
