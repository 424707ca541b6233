//! How the next edition comes about: drafts are written, consulted on, submitted, approved by named people and scheduled.

pub(crate) mod texts;

use axum::{
    extract::{Path, Query},
    http::StatusCode,
    response::{IntoResponse, Response},
};
use kernel::{DraftId, Org, Role, Timestamp};
use serde_json::{Value, json};

use crate::{
    failure::{Failure, Refusal},
    form::{Faults, Form},
    me::{Done, Me, on_to},
    responsibility::local_instant,
};

fn path(id: DraftId) -> String {
    format!("/api/procedures/drafts/{id}")
}

/// The drafts, and for authors the form that begins one.
pub(crate) async fn list(me: Me) -> Result<Response, Failure> {
    let kept = me.kept().await?;
    list_page(&me, (&kept.form, &Faults::default(), kept.at)).await
}

async fn list_page(me: &Me, (form, faults, kept_at): (&Form, &Faults, Option<Timestamp>)) -> Result<Response, Failure> {
    let found = me.get("/api/procedures/drafts?limit=200").await?.body;
    let data = json!({
        "drafts": found["items"], "more": found["next"].is_string(), "writes": me.session.who.is_any(&[Role::ProcedureAuthor]),
        "key": me.key_of(form), "values": form.values(), "errors": faults.shown(), "kept_at": kept_at,
    });
    let page = me.page("drafts.html", data);
    Ok(if faults.is_empty() { page } else { (StatusCode::UNPROCESSABLE_ENTITY, page).into_response() })
}

/// Begins a draft as the last edition.
pub(crate) async fn begin(me: Me, form: Form) -> Result<Response, Failure> {
    let mut faults = Faults::default();
    faults.need(&form, "title", "Enter a title, for the list of drafts");
    if !faults.is_empty() {
        return list_page(&me, (&form, &faults, None)).await;
    }
    match me.command("/api/procedures/drafts", (form.text("key"), None), &json!({ "title": form.text("title") })).await {
        Ok(begun) => {
            me.sent(&form).await?;
            Ok(on_to(&format!("/procedures/drafts/{}?done=begun", begun.body["draft_id"].as_str().unwrap_or_default())))
        }
        Err(failure) => {
            let refusal = failure.refusal()?;
            faults.add("title", refusal.words_again());
            list_page(&me, (&form.after(&refusal), &faults, None)).await
        }
    }
}

/// Where a draft stands, what was said, and what can be done now by whoever looks.
pub(crate) async fn show(me: Me, Path(id): Path<DraftId>, Query(Done { done }): Query<Done>) -> Result<Response, Failure> {
    let kept = me.kept().await?;
    page(&me, id, (&done, &kept.form, &Faults::default(), kept.at)).await
}

/// Which banner, what stands in the forms, what is wrong with it, and when it was kept.
type Standing<'a> = (&'a str, &'a Form, &'a Faults, Option<Timestamp>);

async fn page(me: &Me, id: DraftId, (done, form, faults, kept_at): Standing<'_>) -> Result<Response, Failure> {
    let draft = me.get(&path(id)).await?;
    let wrong = me.get(&format!("{}/faults", path(id))).await?.body;
    let wrong: Vec<Value> = wrong["items"].as_array().into_iter().flatten().map(|fault| placed(id, fault)).collect();
    let who = &me.session.who;
    let approves = match &who.org {
        Org::Board => who.is_any(&[Role::BoardApprover]),
        Org::Borough(_) => who.is_any(&[Role::HeadOfService, Role::Director]),
        Org::Site(_) | Org::Hub => false,
    };
    let (writes, board) = (who.is_any(&[Role::ProcedureAuthor]), who.is_any(&[Role::BoardApprover]));
    let choice = |procedure: &Value| json!({ "value": procedure["id"], "text": procedure["title"] });
    let takeable: Vec<Value> = draft.body["document"]["procedures"].as_array().into_iter().flatten().map(choice).collect();
    let choices = [vec![json!({ "value": "", "text": "The whole draft" })], takeable.clone()].concat();
    let comments = draft.body["comments"].as_array().into_iter().flatten().filter(|comment| comment["answer"].is_null());
    let waiting: Vec<Value> = comments.map(|comment| json!({ "value": comment["number"], "text": called(comment) })).collect();
    let data = json!({
        "choices": choices, "takeable": takeable, "waiting": waiting, "draft": draft.body, "version": draft.version, "wrong": wrong, "writes": writes, "approves": approves, "schedules": board,
        "key": me.new_key(), "keys": form.keys(), "done": done, "values": form.values(), "errors": faults.shown(), "kept_at": kept_at,
    });
    let page = me.page("draft.html", data);
    Ok(if faults.is_empty() { page } else { (StatusCode::UNPROCESSABLE_ENTITY, page).into_response() })
}

/// A comment in a list to choose from: its number and its first words.
fn called(comment: &Value) -> String {
    let words: String = comment["text"].as_str().unwrap_or_default().chars().take(60).collect();
    format!("{}: {words}", comment["number"])
}

/// A fault with where it is mended: on the page of its procedure, or in the folder of the draft.
fn placed(id: DraftId, fault: &Value) -> Value {
    let pointer = fault["pointer"].as_str().unwrap_or_default();
    let mut parts = pointer.trim_start_matches('/').splitn(3, '/');
    let (group, procedure, field) = (parts.next(), parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
    let editable = group == Some("procedures") && texts::FIELDS.contains(&field);
    let href = editable.then(|| format!("/procedures/drafts/{id}/texts/{procedure}/edit#{field}"));
    json!({ "pointer": pointer, "detail": fault["detail"], "href": href })
}

/// The address, the body and the field that an act needs.
struct Order {
    address: String,
    body: Value,
    needs: Option<(&'static str, &'static str)>,
}

impl Order {
    fn of(act: &str, form: &Form) -> Option<Self> {
        let hash = form.text("hash");
        let until = |field: &str| local_instant(form.text(&format!("{field}_day")), form.text(&format!("{field}_time")));
        let (address, body, needs) = match act {
            "consultation" => ("consultation".to_owned(), json!({ "until": until("until") }), None),
            "comment" => {
                let on = form.some("on").map_or(Value::Null, Value::from);
                ("comments".to_owned(), json!({ "procedure": on, "text": form.text("text") }), Some(("text", "Enter your comment")))
            }
            "answer" => {
                let number: u32 = form.text("number").parse().ok()?;
                let body = json!({ "text": form.text("answer") });
                (format!("comments/{number}/answer"), body, Some(("answer", "Enter the answer to the comment")))
            }
            "submission" => {
                let unconsulted = form.some("unconsulted").map_or(json!({}), |why| json!({ "unconsulted": why }));
                ("submission".to_owned(), unconsulted, None)
            }
            "objection" => {
                ("objections".to_owned(), json!({ "reason": form.text("objection") }), Some(("objection", "Enter why it goes back")))
            }
            "approval" => ("approvals".to_owned(), json!({ "hash": hash }), None),
            "schedule" => ("schedule".to_owned(), json!({ "in_force_from": until("from"), "hash": hash }), None),
            "withdrawal" => {
                ("withdrawal".to_owned(), json!({ "reason": form.text("withdrawal") }), Some(("withdrawal", "Enter why it is taken back")))
            }
            "removal" => {
                let body = json!({ "procedure": form.text("procedure"), "reason": form.text("removal") });
                ("removals".to_owned(), body, Some(("removal", "Enter why the procedure goes")))
            }
            _ => return None,
        };
        Some(Self { address, body, needs })
    }
}

/// Where the page says what is wrong with an act.
fn field_of(act: &str) -> &'static str {
    match act {
        "consultation" => "until_day",
        "comment" => "text",
        "answer" => "answer",
        "submission" => "unconsulted",
        "objection" => "objection",
        "schedule" => "from_day",
        "withdrawal" => "withdrawal",
        "removal" => "removal",
        _ => "act",
    }
}

/// Does what a button says, on the version that was on the screen.
pub(crate) async fn act(me: Me, Path((id, act)): Path<(DraftId, String)>, form: Form) -> Result<Response, Failure> {
    let order = Order::of(&act, &form).ok_or(Failure::NotFound)?;
    let mut faults = Faults::default();
    if let Some((field, advice)) = order.needs {
        faults.need(&form, field, advice);
    }
    if order.body.get("until").or(order.body.get("in_force_from")).is_some_and(Value::is_null) {
        faults.add(field_of(&act), "Enter a day like 23/11/2026 and a time like 02:14");
    }
    if !faults.is_empty() {
        return page(&me, id, ("", &form, &faults, None)).await;
    }
    // Whoever comments decides nothing, so it needs no version.
    let version = form.version().filter(|_| act != "comment");
    match me.command(&format!("{}/{}", path(id), order.address), (form.text("key"), version), &order.body).await {
        Ok(_) => {
            me.sent(&form).await?;
            Ok(on_to(&format!("/procedures/drafts/{id}?done={act}")))
        }
        Err(failure) => {
            let refusal = failure.refusal()?;
            refused(&refusal, field_of(&act), &mut faults);
            page(&me, id, ("", &form.after(&refusal), &faults, None)).await
        }
    }
}

/// What was refused: every fault of the draft, or the one sentence of the rule.
fn refused(refusal: &Refusal, field: &str, faults: &mut Faults) {
    let listed: Vec<String> = refusal.problem["errors"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|fault| fault["detail"].as_str().map(str::to_owned))
        .collect();
    if listed.is_empty() {
        faults.add(field, refusal.words_again());
    }
    for fault in listed {
        faults.add("wrong", fault);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_of_a_text_leads_to_its_field_and_another_to_none() {
        let id: DraftId = "drf_00000000000000000000000000000007".parse().unwrap();
        let href = |pointer: &str| placed(id, &json!({ "pointer": pointer, "detail": "x" }))["href"].as_str().map(str::to_owned);
        let edit = format!("/procedures/drafts/{id}/texts/transfer/edit#short");
        assert_eq!(href("/procedures/transfer/short").as_deref(), Some(edit.as_str()));
        assert_eq!((href("/procedures/transfer/steps/2/basis"), href("/parts/clocks")), (None, None));
    }
}
