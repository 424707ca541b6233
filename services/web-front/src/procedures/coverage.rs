//! How many of each team have read the set, and how many are expected to. Never who.

use axum::{
    extract::Query,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use kernel::{Org, Role};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::{
    failure::Failure,
    form::{Faults, Form},
    me::{Me, on_to},
    words,
};

/// Who is told of teams.
pub(super) const COUNTERS: [Role; 6] =
    [Role::BoardApprover, Role::BoardAuditor, Role::ProcedureAuthor, Role::DutyManager, Role::HeadOfService, Role::Director];

/// Who says how many of a team are expected to read.
const EXPECTING: [Role; 5] = [Role::BoardApprover, Role::BoardAuditor, Role::DutyManager, Role::HeadOfService, Role::Director];

/// The roles that people are expected to read in.
const TEAMS: [Role; 7] =
    [Role::DutyWorker, Role::DutyManager, Role::HeadOfService, Role::Director, Role::Referrer, Role::BoardApprover, Role::BoardAuditor];

/// Of which organisation, and which banner.
#[derive(Default, Deserialize)]
pub(crate) struct Wanted {
    #[serde(default)]
    org: String,
    #[serde(default)]
    done: String,
}

/// The teams of one organisation; of the board's people, first how it stands everywhere.
pub(crate) async fn show(me: Me, Query(wanted): Query<Wanted>) -> Result<Response, Failure> {
    page(&me, &wanted, (&Form::default(), &Faults::default())).await
}

async fn page(me: &Me, wanted: &Wanted, (form, faults): (&Form, &Faults)) -> Result<Response, Failure> {
    let found = me.get("/api/procedures/receipts/coverage").await?.body;
    let known: Vec<&str> = found["orgs"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    let org = if let [only] = known[..] { only } else { known.iter().copied().find(|org| *org == wanted.org).unwrap_or_default() };
    let expects = me.session.who.is_any(&EXPECTING);
    let data = json!({
        "number": found["edition"], "org": org, "everywhere": known.len() > 1,
        "summary": known.iter().map(|org| summed(&found, org)).collect::<Vec<_>>(), "items": of(&found, org), "expects": expects,
        "teams": TEAMS.map(|role| json!({ "value": role, "text": words::said(&code(role)) })), "done": wanted.done == "expected",
        "key": me.key_of(form), "values": form.values(), "errors": faults.shown(),
    });
    let page = me.page("coverage.html", data);
    Ok(if faults.is_empty() { page } else { (StatusCode::UNPROCESSABLE_ENTITY, page).into_response() })
}

fn code(role: Role) -> String {
    json!(role).as_str().unwrap_or_default().to_owned()
}

fn teams<'a>(item: &'a Value, org: &'a str) -> impl Iterator<Item = &'a Value> {
    item["teams"].as_array().into_iter().flatten().filter(move |team| team["org"] == org)
}

/// The procedures that somebody of an organisation has read or is expected to, each with its teams.
fn of(found: &Value, org: &str) -> Vec<Value> {
    let item =
        |item: &Value| json!({ "procedure": item["procedure"], "title": item["title"], "teams": teams(item, org).collect::<Vec<_>>() });
    let items = found["items"].as_array().into_iter().flatten().map(item);
    items.filter(|item| item["teams"].as_array().is_some_and(|teams| !teams.is_empty())).collect()
}

/// One organisation: how many receipts are there of those that are expected.
fn summed(found: &Value, org: &str) -> Value {
    let (mut read, mut expected) = (0, 0);
    for team in found["items"].as_array().into_iter().flatten().flat_map(|item| teams(item, org)) {
        // More than are expected in one team do not stand in for those that another lacks.
        if let Some(of) = team["expected"].as_i64() {
            expected += of;
            read += team["read"].as_i64().unwrap_or(0).min(of);
        }
    }
    json!({ "org": org, "read": read, "expected": expected })
}

/// Says how many of a team are expected to read.
pub(crate) async fn expect(me: Me, form: Form) -> Result<Response, Failure> {
    let mut faults = Faults::default();
    let wanted = Wanted { org: form.text("org").to_owned(), done: String::new() };
    let org: Org = form.text("org").parse().map_err(|_| Failure::NotFound)?;
    faults.need(&form, "role", "Select the team");
    let expected = form.text("expected").trim().parse::<u32>();
    if expected.is_err() {
        faults.add("expected", "Enter how many people, a number like 12");
    }
    if !faults.is_empty() {
        return page(&me, &wanted, (&form, &faults)).await;
    }
    let body = json!({ "org": org, "role": form.text("role"), "expected": expected.unwrap_or_default() });
    match me.command("/api/procedures/receipts/expected", (form.text("key"), None), &body).await {
        Ok(_) => Ok(on_to(&format!("/procedures/coverage?org={org}&done=expected"))),
        Err(failure) => {
            let refusal = failure.refusal()?;
            let field = if refusal.problem["errors"][0]["pointer"] == "/role" { "role" } else { "expected" };
            faults.add(field, refusal.words_again());
            page(&me, &wanted, (&form.after(&refusal), &faults)).await
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_team_with_more_receipts_than_people_hides_no_other_teams_lack() {
        let team =
            |org: &str, read: i64, expected: Option<i64>| json!({ "org": org, "role": "duty_worker", "read": read, "expected": expected });
        let found = json!({ "items": [
            { "procedure": "a", "teams": [team("E08000003", 9, Some(4)), team("E08000006", 1, Some(2))] },
            { "procedure": "b", "teams": [team("E08000003", 0, Some(4)), team("E08000003", 3, None)] },
        ] });
        assert_eq!(summed(&found, "E08000003"), json!({ "org": "E08000003", "read": 4, "expected": 8 }));
        assert_eq!(of(&found, "E08000006").len(), 1);
    }
}
