//! Break-glass on pages: opening one child's record in an emergency, what is open, who has read of it, and the review by another team.

use axum::{
    extract::{Path, Query},
    http::StatusCode,
    response::{IntoResponse, Response},
};
use kernel::{ChildId, GlassId, Timestamp};
use serde_json::{Value, json};

use crate::{
    board::{Part, cursor_of},
    failure::{Failure, Refusal},
    form::{Faults, Form},
    me::{Done, Me, on_to},
};

/// The form.
pub(crate) async fn ask(me: Me, Path(child): Path<ChildId>) -> Result<Response, Failure> {
    let kept = me.kept().await?;
    ask_page(&me, child, (&kept.form, &Faults::default(), kept.at)).await
}

async fn ask_page(me: &Me, child: ChildId, (form, faults, kept_at): (&Form, &Faults, Option<Timestamp>)) -> Result<Response, Failure> {
    me.desk_of()?;
    let held = me.get(&format!("/api/transfers/children/{child}/responsibility")).await?;
    let data = json!({
        "child": child, "held": held.body, "lasts": me.lengths().await, "key": me.key_of(form), "values": form.values(),
        "errors": faults.shown(), "kept_at": kept_at,
    });
    let page = me.page("glass-ask.html", data);
    Ok(if faults.is_empty() { page } else { (StatusCode::UNPROCESSABLE_ENTITY, page).into_response() })
}

/// Opens the record.
pub(crate) async fn open(me: Me, Path(child): Path<ChildId>, form: Form) -> Result<Response, Failure> {
    let mut faults = Faults::default();
    faults.need(&form, "reason", "Enter why you must see this record now");
    if !faults.is_empty() {
        return ask_page(&me, child, (&form, &faults, None)).await;
    }
    let path = format!("/api/transfers/children/{child}/break-glass");
    match me.command(&path, (form.text("key"), None), &json!({ "reason": form.text("reason") })).await {
        Ok(opened) => {
            me.sent(&form).await?;
            Ok(on_to(&format!("/break-glass/{}?done=open", opened.body["glass_id"].as_str().unwrap_or_default())))
        }
        Err(failure) => {
            let refusal = failure.refusal()?;
            faults.add("reason", refusal.words_again());
            ask_page(&me, child, (&form.after(&refusal), &faults, None)).await
        }
    }
}

/// The board's list, with the looks under each; a desk's own, and those of which it is told.
pub(crate) async fn list(me: Me, Query(part): Query<Part>) -> Result<Response, Failure> {
    let service = if me.audits() { "audit" } else { "transfers" };
    let found = me.get(&format!("/api/{service}/break-glass{}", part.question())).await?.body;
    let mine = |glass: &&Value| glass["open"] == true && glass["yours"] == true;
    let open: Vec<&Value> = found["items"].as_array().into_iter().flatten().filter(mine).collect();
    Ok(me.page("glasses.html", json!({ "open": open, "glasses": found["items"], "next": cursor_of(&found["next"]) })))
}

/// One of them.
pub(crate) async fn show(me: Me, Path(id): Path<GlassId>, Query(part): Query<Part>, Query(done): Query<Done>) -> Result<Response, Failure> {
    let kept = me.kept().await?;
    page(&me, id, (&done.done, &part), (&kept.form, &Faults::default(), kept.at)).await
}

async fn page(
    me: &Me,
    id: GlassId,
    (done, part): (&str, &Part),
    (form, faults, kept_at): (&Form, &Faults, Option<Timestamp>),
) -> Result<Response, Failure> {
    let glass = me.get(&format!("/api/transfers/break-glass/{id}")).await?;
    let looks =
        if me.audits() { me.get(&format!("/api/audit/break-glass/{id}/looks{}", part.question())).await?.body } else { Value::Null };
    let opener = lines(&glass.body, "glass.opened").first().map_or(Value::Null, |line| line["by"].clone());
    let readers = lines(&glass.body, "glass.read");
    let who = &me.session.who;
    let has_read = readers.iter().any(|line| line["by"]["name"] == who.name.as_str() && line["by"]["org"] == who.org.to_string());
    let yours = glass.body["yours"] == true;
    // Never one's own, nor one of the own team.
    let may_review = (me.audits() || me.manages()) && !yours && opener["org"] != who.org.to_string() && glass.body["finding"].is_null();
    let data = json!({
        "glass": glass.body, "version": glass.version, "opener": opener, "readers": readers, "looks": looks["items"],
        "next": cursor_of(&looks["next"]), "reads": me.works_a_desk() && !yours && !has_read, "may_review": may_review, "done": done,
        "key": me.new_key(), "keys": form.keys(), "values": form.values(), "errors": faults.shown(), "kept_at": kept_at,
    });
    let page = me.page("glass.html", data);
    Ok(if faults.is_empty() { page } else { (StatusCode::UNPROCESSABLE_ENTITY, page).into_response() })
}

/// What happened of one kind.
fn lines<'a>(glass: &'a Value, what: &str) -> Vec<&'a Value> {
    glass["history"].as_array().into_iter().flatten().filter(|line| line["what"] == what).collect()
}

/// Ends it, says that it was read, or reviews it.
pub(crate) async fn act(me: Me, Path((id, act)): Path<(GlassId, String)>, form: Form) -> Result<Response, Failure> {
    let mut faults = Faults::default();
    let body = body(&act, &form, &mut faults).ok_or(Failure::NotFound)?;
    let mut again = form.clone();
    if faults.is_empty() {
        match me.command(&format!("/api/transfers/break-glass/{id}/{act}"), (form.text("key"), form.version()), &body).await {
            Ok(_) => {
                me.sent(&form).await?;
                return Ok(on_to(&format!("/break-glass/{id}?done={act}")));
            }
            Err(failure) => {
                let refusal: Refusal = failure.refusal()?;
                faults.add(if act == "review" { "finding" } else { "act" }, refusal.words_again());
                again = form.after(&refusal);
            }
        }
    }
    page(&me, id, ("", &Part::default()), (&again, &faults, None)).await
}

/// What a button sends, and what is missing for it; none where there is no such button.
fn body(act: &str, form: &Form, faults: &mut Faults) -> Option<Value> {
    match act {
        "end" | "read" => Some(json!({})),
        "review" => {
            faults.need(form, "finding", "Select whether the record had to be opened");
            faults.need(form, "text", "Enter why");
            Some(json!({ "finding": form.text("finding"), "text": form.text("text") }))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_review_says_what_it_came_to_and_why_and_the_other_buttons_say_nothing() {
        let sent = |act: &str, typed: &str| {
            let mut faults = Faults::default();
            (body(act, &Form::read(typed.as_bytes()), &mut faults), faults.shown()["list"].as_array().map_or(0, Vec::len))
        };
        let reviewed = json!({ "finding": "justified", "text": "Nobody was awake." });
        assert_eq!(sent("review", "finding=justified&text=Nobody+was+awake."), (Some(reviewed), 0));
        assert_eq!(sent("review", "").1, 2);
        assert_eq!((sent("read", "text=x"), sent("end", "")), ((Some(json!({})), 0), (Some(json!({})), 0)));
        assert_eq!(sent("open", "").0, None);
    }
}
