//! Looking for a procedure by words, over the set in force at an instant.

use axum::{Json, extract::State};
use kernel::Timestamp;
use serde::Deserialize;
use serde_json::{Value, json};
use service_kit::{Caller, Fault, Problem, Query, clock::EARLIEST};
use utoipa::IntoParams;

use crate::{
    app::{App, away},
    search::{self, LONGEST},
    views::texts,
};

/// What is looked for.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct Wanted {
    /// Words, 1 to 200 characters. The last may be a beginning. It is kept nowhere; all the same, it names no child.
    #[param(min_length = 1, max_length = 200)]
    q: String,
    /// An instant; now, if nothing is said.
    #[param(value_type = Option<String>, format = DateTime)]
    at: Option<Timestamp>,
}

/// The procedures of the set in force at an instant in which all the words stand, the nearest first.
#[utoipa::path(get, path = "/api/procedures/search", operation_id = "search_procedures", params(Wanted),
    responses((status = 200, body = serde_json::Value)))]
pub(crate) async fn search_procedures(State(app): State<App>, _: Caller, Query(wanted): Query<Wanted>) -> Result<Json<Value>, Problem> {
    let asked = wanted.q.trim();
    if asked.is_empty() || asked.chars().count() > LONGEST {
        return Err(Problem::invalid(vec![Fault::in_parameter("q", "words of 1 to 200 characters")]));
    }
    let at = wanted.at.unwrap_or_else(|| app.now());
    let number = texts::number_in_force(app.pool(), at.max(EARLIEST)).await.map_err(away)?;
    let number = number.ok_or_else(|| Problem::unavailable("The first edition is being recorded. Try again.", 1))?;
    let words = search::words(asked);
    let mut found = texts::search(app.pool(), number, &search::query(&words)).await.map_err(away)?;
    let mut instead = None;
    if found.is_empty() {
        let known = texts::vocabulary(app.pool(), number).await.map_err(away)?;
        let known = search::words(&known.join(" "));
        if let Some(words) = search::corrected(&words, &known) {
            found = texts::search(app.pool(), number, &search::query(&words)).await.map_err(away)?;
            instead = Some(words.join(" "));
        }
    }
    let items: Vec<Value> = found.iter().map(shown).collect();
    Ok(Json(json!({ "edition": number, "searched_instead": instead, "items": items })))
}

fn shown(found: &texts::Found) -> Value {
    json!({
        "id": found.procedure,
        "title": found.title,
        "summary": found.summary,
        "snippet": search::pieces(&found.snippet),
        "why": found.why,
    })
}
