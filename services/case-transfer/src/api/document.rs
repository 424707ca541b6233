//! The OpenAPI document of the service.

use utoipa::OpenApi as _;
use utoipa::openapi::OpenApi;

use super::{
    answers, board, children, desks, ends, events, glass, handovers, list, nights, notices, offers, one, responsibility, retention,
    settling, talks,
};

#[derive(utoipa::OpenApi)]
#[openapi(
    info(title = "Case transfer", description = "Who is responsible for a child now, and how a duty moves from one borough to another."),
    paths(
        responsibility::show_responsibility,
        offers::offer_transfer,
        list::list_transfers,
        one::show_transfer,
        talks::confirm_delivery,
        talks::open_transfer,
        talks::ask_question,
        talks::give_answer,
        talks::declare_conflict,
        talks::escalate_transfer,
        answers::accept_transfer,
        answers::agree_conditions,
        answers::confirm_receipt,
        answers::decline_transfer,
        answers::record_acceptance_elsewhere,
        offers::redirect_transfer,
        offers::hand_back_transfer,
        ends::withdraw_transfer,
        ends::keep_rest,
        ends::correct_transfer,
        ends::close_transfer,
        handovers::record_agreement,
        handovers::confirm_agreement,
        handovers::confirm_handover,
        settling::dispute_transfer,
        settling::record_interim_plan,
        settling::settle_dispute,
        children::end_duty,
        children::open_plan,
        children::give_notice,
        notices::list_notices,
        children::report_missing,
        children::report_found,
        children::start_power,
        children::end_power,
        children::record_birth,
        children::set_shield,
        glass::break_glass,
        glass::list_glasses,
        glass::show_glass,
        glass::read_glass,
        glass::end_glass,
        glass::review_glass,
        retention::preview_retention,
        nights::list_night_cases,
        nights::take_night_case,
        board::show_board,
        board::set_board,
        desks::list_desks,
        desks::show_desk,
        desks::set_desk,
        events::follow_desk,
    )
)]
struct Document;

/// The document, with what all operations have in common.
pub(crate) fn document() -> OpenApi {
    service_kit::openapi::complete(Document::openapi(), &["break_glass"])
}
