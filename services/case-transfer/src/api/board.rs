//! The top of the ladder: who is informed when nobody below has answered.

use axum::{
    Json,
    extract::State,
    response::{IntoResponse, Response},
};
use event_store::Context;
use kernel::{Org, edition::Of};
use serde::Deserialize;
use serde_json::json;
use service_kit::{Answered, Caller, Problem, caller::BoardApprovers, problem::types};
use utoipa::ToSchema;

use super::{ask::tag, desks::phone, replace::Replace};
use crate::{
    app::App,
    board::{Board, Reached},
    clocks::When,
    rules::{Command, Scope, What, board_stream},
    write::{Order, References, Sent},
};

/// The chair of the board and the deputy. They are always set together.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewBoard {
    /// The chair.
    chair: NewReached,
    /// Who stands in.
    deputy: NewReached,
}

/// Somebody of the board.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewReached {
    /// The name to ask for.
    name: String,
    /// The telephone to ring.
    phone: String,
}

/// The chair and the deputy. Names are shown to boroughs and the board; everybody else is told whether there are any.
#[utoipa::path(get, path = "/api/transfers/board", operation_id = "show_board", responses((status = 200, body = serde_json::Value)))]
pub(crate) async fn show_board(State(app): State<App>, caller: Caller) -> Result<Response, Problem> {
    let state = app.board().await?;
    let levels: Vec<u8> =
        app.edition(app.kit.clock.now()).levels().iter().filter(|level| level.of == Of::Board).map(|level| level.level).collect();
    let mut shown = json!({ "version": state.version, "levels": levels, "unset": state.board.is_none() });
    if let (Some(board), Org::Borough(_) | Org::Board) = (&state.board, &caller.org) {
        shown["chair"] = json!(board.chair);
        shown["deputy"] = json!(board.deputy);
    }
    Ok((tag(state.version), Json(shown)).into_response())
}

/// Somebody who approves for the board sets the chair and the deputy.
#[utoipa::path(put, path = "/api/transfers/board", operation_id = "set_board", request_body = NewBoard,
    responses((status = 200, body = serde_json::Value)))]
pub(crate) async fn set_board(State(app): State<App>, replace: Replace<BoardApprovers, NewBoard>) -> Result<Answered, Problem> {
    let now = replace.now;
    let state = app.board().await?;
    // Of a board that was never set there may be an alert, and so a version that nobody has decided on.
    let unset = state.board.is_none();
    if !unset && replace.version.is_none() && replace.receipt.is_none() {
        return Err(Problem::of(&types::VERSION_REQUIRED));
    }
    let first_time = replace.version.is_none();
    let on = replace.version.unwrap_or(if unset { state.version } else { 0 });
    let board = Board { chair: reached("/chair", replace.body.chair)?, deputy: reached("/deputy", replace.body.deputy)? };
    let what = What::SetBoard { by: replace.by.person().clone(), on, board };
    let order = Order {
        command: Command::under(&app.edition(now), None, When::now(now), Scope::default(), what),
        references: References::new(),
        status: 200,
        resource: board_stream(),
        answer: Box::new(|situation| json!({ "unset": situation.board.board.is_none() })),
        describe: |_, _| json!({}),
    };
    let actor = replace.by.actor().clone();
    let context = Context { actor, occurred_at: None, recorded_at: now, correlation: replace.trace.id(), causation: None };
    match app.carry_out(Sent { context, receipt: replace.receipt, expect: Some((board_stream(), on)) }, order).await {
        Err(problem) if first_time && problem.code() == "stale" => Err(Problem::of(&types::VERSION_REQUIRED)),
        answered => answered,
    }
}

fn reached(pointer: &str, new: NewReached) -> Result<Reached, Problem> {
    if !(1..=200).contains(&new.name.trim().chars().count()) {
        return Err(Problem::invalid_at(format!("{pointer}/name"), "a name, up to 200 characters"));
    }
    Ok(Reached { phone: phone(&format!("{pointer}/phone"), &new.phone)?, name: new.name })
}
