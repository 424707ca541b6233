//! The one procedure set: read it, look for something, say that one has read it.

pub(crate) mod bin;
pub(crate) mod coverage;
pub(crate) mod editions;
pub(crate) mod ending;
pub(crate) mod reading;
pub(crate) mod variations;

use axum::{
    extract::{Path, Query},
    response::Response,
};
use kernel::Role;
use markdown::{Place, to_html};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::{
    api::plain,
    failure::Failure,
    form::Form,
    me::{Done, Me, on_to},
    words,
};

/// Where the texts stand: below a heading of the page.
pub(crate) const PAGE: Place<'static> = Place { procedures: "/procedures/", top: 3 };

/// What is looked for.
#[derive(Deserialize)]
pub(crate) struct Wanted {
    #[serde(default)]
    q: String,
}

impl Me {
    /// How long each clock of the edition in force runs, in words. None where the procedures do not answer: what is done about a child
    /// does not wait for them.
    pub(crate) async fn lengths(&self) -> Map<String, Value> {
        let edition = self.get("/api/procedures/editions/in-force").await.map_or(Value::Null, |found| found.body);
        let clocks = edition["parts"]["clocks"].as_array().into_iter().flatten();
        clocks.filter_map(|clock| Some((clock["name"].as_str()?.to_owned(), words::length(clock)?.into()))).collect()
    }
}

/// The set in force.
pub(crate) async fn list(me: Me) -> Result<Response, Failure> {
    let edition = me.get("/api/procedures/editions/in-force").await?;
    let mine = me.get("/api/procedures/receipts/mine").await?;
    let who = &me.session.who;
    let (writes, counts) = (who.is_any(&[Role::ProcedureAuthor]), who.is_any(&coverage::COUNTERS));
    Ok(me.page("procedures.html", json!({ "edition": edition.body, "mine": mine.body, "writes": writes, "counts": counts })))
}

/// What the words were found in.
pub(crate) async fn search(me: Me, Query(Wanted { q }): Query<Wanted>) -> Result<Response, Failure> {
    let found = if q.trim().is_empty() {
        Value::Null
    } else {
        let asked = form_urlencoded::Serializer::new(String::new()).append_pair("q", q.trim()).finish();
        match me.get(&format!("/api/procedures/search?{asked}")).await {
            Ok(found) => found.body,
            Err(failure) => json!({ "items": [], "refused": failure.refusal()?.detail }),
        }
    };
    Ok(me.page("search.html", json!({ "q": q, "found": found })))
}

/// One procedure: the short form first, for 3 a.m.
pub(crate) async fn show(me: Me, Path(id): Path<String>, Query(Done { done }): Query<Done>) -> Result<Response, Failure> {
    let id = plain(&id)?;
    let borough = me.around().map(|borough| format!("?borough={borough}")).unwrap_or_default();
    let shown = me.get(&format!("/api/procedures/{id}{borough}")).await?;
    let mine = me.get("/api/procedures/receipts/mine").await?;
    let html = |member: &str| to_html(shown.body["procedure"][member].as_str().unwrap_or_default(), PAGE);
    let texts = json!({ "short": html("short"), "full": html("full") });
    let kept = me.kept().await?;
    let data = json!({
        "id": id, "shown": shown.body, "texts": texts, "mine": mine.body, "done": done == "read", "key": me.key_of(&kept.form),
        "values": kept.form.values(), "kept_at": kept.at,
    });
    Ok(me.page("procedure.html", data))
}

/// "I have read and understood it."
pub(crate) async fn read(me: Me, Path(id): Path<String>, form: Form) -> Result<Response, Failure> {
    let id = plain(&id)?;
    let edition: u32 = form.text("edition").parse().map_err(|_| Failure::NotFound)?;
    let mut body = json!({ "edition": edition });
    if let Some(question) = form.some("question") {
        body["question"] = question.into();
    }
    me.command(&format!("/api/procedures/{id}/receipts"), (form.text("key"), None), &body).await?;
    me.sent(&form).await?;
    Ok(on_to(&format!("/procedures/{id}?done=read")))
}
