//! What the service answers. One file for each group of addresses; the shapes of transfers are in `shown.rs`.

mod answers;
mod ask;
mod board;
mod children;
mod desks;
mod document;
mod ends;
mod events;
mod glass;
mod handovers;
mod list;
mod nights;
mod notices;
mod offers;
mod one;
mod replace;
mod responsibility;
mod retention;
mod settling;
mod sheet;
mod talks;

use axum::{
    Router,
    routing::{get, post},
};

use service_kit::look::never_unseen;

use crate::app::App;

pub(crate) use document::document;

/// Every address of the service but those that all services share.
pub(crate) fn router(app: App) -> Router {
    Router::new().merge(transfers()).merge(children_and_desks()).with_state(app)
}

fn transfers() -> Router<App> {
    let of_one = Router::new()
        .route("/", get(one::show_transfer).head(async || never_unseen("GET")))
        .route("/delivered", post(talks::confirm_delivery))
        .route("/open", post(talks::open_transfer))
        .route("/questions", post(talks::ask_question))
        .route("/answers", post(talks::give_answer))
        .route("/conflict", post(talks::declare_conflict))
        .route("/escalate", post(talks::escalate_transfer))
        .route("/accept", post(answers::accept_transfer))
        .route("/conditions/agree", post(answers::agree_conditions))
        .route("/received", post(answers::confirm_receipt))
        .route("/decline", post(answers::decline_transfer))
        .route("/acceptance-elsewhere", post(answers::record_acceptance_elsewhere))
        .route("/redirect", post(offers::redirect_transfer))
        .route("/hand-back", post(offers::hand_back_transfer))
        .route("/withdraw", post(ends::withdraw_transfer))
        .route("/keep", post(ends::keep_rest))
        .route("/corrections", post(ends::correct_transfer))
        .route("/close", post(ends::close_transfer))
        .route("/agreements", post(handovers::record_agreement))
        .route("/agreements/confirm", post(handovers::confirm_agreement))
        .route("/handover", post(handovers::confirm_handover))
        .route("/dispute", post(settling::dispute_transfer))
        .route("/interim-plan", post(settling::record_interim_plan))
        .route("/settle", post(settling::settle_dispute));
    let one = Router::new().nest("/api/transfers/{id}", of_one);
    one.route("/api/transfers", get(list::list_transfers).head(async || never_unseen("GET, POST")).post(offers::offer_transfer))
}

fn children_and_desks() -> Router<App> {
    let child = Router::new()
        .route("/responsibility", get(responsibility::show_responsibility))
        .route("/duties/{duty}/end", post(children::end_duty))
        .route("/plan", post(children::open_plan))
        .route("/night/take", post(nights::take_night_case))
        .route("/notices", get(notices::list_notices).head(async || never_unseen("GET, POST")).post(children::give_notice))
        .route("/missing", post(children::report_missing))
        .route("/found", post(children::report_found))
        .route("/powers", post(children::start_power))
        .route("/powers/end", post(children::end_power))
        .route("/birth", post(children::record_birth))
        .route("/shield", post(children::set_shield))
        .route("/break-glass", post(glass::break_glass));
    let glass = Router::new()
        .route("/", get(glass::show_glass).head(async || never_unseen("GET")))
        .route("/read", post(glass::read_glass))
        .route("/end", post(glass::end_glass))
        .route("/review", post(glass::review_glass));
    Router::new()
        .nest("/api/transfers/children/{child_id}", child)
        .nest("/api/transfers/break-glass/{id}", glass)
        .route("/api/transfers/break-glass", get(glass::list_glasses).head(async || never_unseen("GET")))
        .route("/api/transfers/retention", get(retention::preview_retention))
        .route("/api/transfers/night-list", get(nights::list_night_cases))
        .route("/api/transfers/board", get(board::show_board).put(board::set_board))
        .route("/api/transfers/desks", get(desks::list_desks))
        .route("/api/transfers/desks/{borough}", get(desks::show_desk).put(desks::set_desk))
        .route("/api/transfers/desks/{borough}/events", get(events::follow_desk))
}
