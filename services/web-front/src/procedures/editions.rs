//! The editions: which there are, and what one changes in another.

use axum::{
    extract::{Path, Query},
    http::StatusCode,
    response::{IntoResponse, Response},
};
use kernel::DraftId;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::{failure::Failure, form::Faults, me::Me};

/// Which two editions, as the form sends them.
#[derive(Default, Deserialize)]
pub(crate) struct Two {
    #[serde(default)]
    before: String,
    #[serde(default)]
    after: String,
}

/// Every edition, and the form to compare two.
pub(crate) async fn list(me: Me) -> Result<Response, Failure> {
    page(&me, &Two::default(), &Faults::default()).await
}

async fn page(me: &Me, two: &Two, faults: &Faults) -> Result<Response, Failure> {
    let found = me.get("/api/procedures/editions?limit=200").await?.body;
    let all = found["items"].as_array().cloned().unwrap_or_default();
    let choice = |edition: &Value| {
        let number = edition["number"].to_string();
        json!({ "value": number, "text": format!("{number}: {}", edition["title"].as_str().unwrap_or_default()) })
    };
    let choices: Vec<Value> = all.iter().map(choice).collect();
    let values = json!({ "before": two.before, "after": two.after });
    let page = me.page("editions.html", json!({ "editions": all, "choices": choices, "values": values, "errors": faults.shown() }));
    Ok(if faults.is_empty() { page } else { (StatusCode::UNPROCESSABLE_ENTITY, page).into_response() })
}

/// What one edition changes in another.
pub(crate) async fn compare(me: Me, Query(two): Query<Two>) -> Result<Response, Failure> {
    let number = |text: &str| text.parse::<u32>().ok();
    let (before, after) = (number(&two.before), number(&two.after));
    let mut faults = Faults::default();
    for (field, number, advice) in
        [("before", before, "Select the edition that comes before"), ("after", after, "Select the edition that comes after")]
    {
        if number.is_none() {
            faults.add(field, advice);
        }
    }
    if before == after && before.is_some() {
        faults.add("after", "Select another edition than the first");
    }
    let Some((before, after)) = before.zip(after).filter(|_| faults.is_empty()) else { return page(&me, &two, &faults).await };
    let found = me.get(&format!("/api/procedures/editions/{before}/difference/{after}")).await?.body;
    Ok(compared(&me, &found, json!({ "back": "/procedures/editions", "back_to": "Editions" })))
}

/// What a draft would change in what is in force.
pub(crate) async fn of_draft(me: Me, Path(id): Path<DraftId>) -> Result<Response, Failure> {
    let found = me.get(&format!("/api/procedures/drafts/{id}/difference")).await?.body;
    Ok(compared(&me, &found, json!({ "back": format!("/procedures/drafts/{id}"), "back_to": "The draft" })))
}

fn compared(me: &Me, found: &Value, mut data: Value) -> Response {
    let list = |group: &str| -> Vec<Value> {
        let mut all = found[group].as_array().cloned().unwrap_or_default();
        for one in &mut all {
            let changes: Vec<Value> = one["changes"].as_array().into_iter().flatten().map(sides).collect();
            one["changes"] = changes.into();
        }
        all
    };
    (data["parts"], data["procedures"]) = (list("parts").into(), list("procedures").into());
    (data["before"], data["after"]) = (found["before"].clone(), found["after"].clone());
    me.page("compared.html", data)
}

/// How many lines that did not change stand around those that did.
const AROUND: usize = 2;

/// A change with what stands on each side: lines, each with whether the other side lacks it. What is far from any change is left out.
fn sides(change: &Value) -> Value {
    let lines = change["lines"].as_array().map(Vec::as_slice).unwrap_or_default();
    let changed: Vec<usize> = (0..lines.len()).filter(|at| lines[*at]["side"] != "both").collect();
    let near = |at: usize| changed.iter().any(|changed| changed.abs_diff(at) <= AROUND);
    let side = |name: &str| -> Vec<Value> {
        let mut own: Vec<Value> = Vec::new();
        for (at, line) in lines.iter().enumerate().filter(|(_, line)| line["side"] == "both" || line["side"] == name) {
            let shown = if near(at) { json!({ "text": line["text"], "alone": line["side"] == name }) } else { json!({ "left_out": true }) };
            if own.last() != Some(&shown) || shown["left_out"].is_null() {
                own.push(shown);
            }
        }
        let whole = || change[name].as_str().map(|text| json!({ "text": text, "alone": true }));
        if own.is_empty() { whole().into_iter().collect() } else { own }
    };
    json!({ "at": change["at"], "before": side("before"), "after": side("after") })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_side_of_a_change_shows_its_own_lines_and_which_the_other_lacks() {
        let line = |side: &str, text: &str| json!({ "side": side, "text": text });
        let change = json!({ "at": "/full", "before": "a\nb", "after": "a\nc", "lines": [line("both", "a"), line("before", "b"), line("after", "c")] });
        let shown = |text: &str, alone: bool| json!({ "text": text, "alone": alone });
        let expected =
            json!({ "at": "/full", "before": [shown("a", false), shown("b", true)], "after": [shown("a", false), shown("c", true)] });
        assert_eq!(sides(&change), expected);
        let far: Vec<Value> = ["1", "2", "3", "4", "5"].into_iter().map(|text| line("both", text)).chain([line("after", "6")]).collect();
        let far = sides(&json!({ "at": "/full", "before": "", "after": "", "lines": far }));
        assert_eq!(far["after"], json!([{ "left_out": true }, shown("4", false), shown("5", false), shown("6", true)]));
        assert_eq!(sides(&json!({ "at": "/title", "after": "New" }))["before"], json!([]), "what is new has nothing before");
    }
}
