//! The HTTP side, one file for each group of endpoints.

mod additions;
mod children;
mod decisions;
mod events;
mod history;
mod join;
mod list;
mod receive;
mod retention;
mod show;
pub(crate) mod words;

use axum::{
    Extension, Router,
    routing::{get, post},
};
use service_kit::{limit::Pace, look::never_unseen, openapi::complete};
use utoipa::OpenApi;

use crate::app::App;

/// Every route of the service.
pub(crate) fn router(app: App) -> Router {
    Router::new()
        .route("/api/intake/referrals", post(receive::receive).layer(Extension(Pace::Referrals)).get(list::list))
        .route("/api/intake/referrals/{id}", get(show::show).head(async || never_unseen("GET")))
        .route("/api/intake/referrals/{id}/history", get(history::open).head(async || never_unseen("GET")))
        .route("/api/intake/referrals/{id}/decisions", post(decisions::decide))
        .route("/api/intake/referrals/{id}/join", post(join::join))
        .route("/api/intake/referrals/{id}/information", post(additions::information))
        .route("/api/intake/referrals/{id}/feedback", post(additions::feedback))
        .route("/api/intake/referrals/{id}/withdrawal", post(additions::withdrawal))
        .route("/api/intake/referrals/{id}/withholdings", post(additions::withholdings))
        .route("/api/intake/referrals/{id}/checks", post(additions::checks))
        .route("/api/intake/referrals/{id}/cpis-checks", post(additions::cpis_checks))
        .route("/api/intake/referrals/{id}/corrections", post(additions::corrections))
        .route("/api/intake/desks/{borough}/events", get(events::follow))
        .route("/api/intake/retention", get(retention::preview))
        .route("/api/intake/children/{id}/links", post(children::link))
        .route("/api/intake/children/{id}/unlinks", post(children::unlink))
        .route("/api/intake/children/{id}/birth", post(children::birth))
        .with_state(app)
}

/// The OpenAPI document.
#[must_use]
pub fn document() -> utoipa::openapi::OpenApi {
    complete(Document::openapi(), &["link", "unlink", "birth"])
}

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Referral intake",
        description = "A concern about a child arrives, gets an owner at once, and meets the child's earlier history."
    ),
    paths(
        receive::receive,
        list::list,
        show::show,
        history::open,
        decisions::decide,
        join::join,
        additions::information,
        additions::feedback,
        additions::withdrawal,
        additions::withholdings,
        additions::checks,
        additions::cpis_checks,
        additions::corrections,
        children::link,
        children::unlink,
        children::birth,
        retention::preview,
        events::follow
    )
)]
struct Document;
