//! What the board can ask.

mod alerts;
mod chronology;
mod continuity;
mod glass;
mod handovers;
mod learning;
mod looks;
mod pack;
mod proofs;
mod reports;
mod revocations;
mod samples;

use axum::{
    Router,
    routing::{get, post},
};
use service_kit::{Problem, look::never_unseen, openapi::complete};
use utoipa::{OpenApi, openapi::OpenApi as Document};

use crate::service::App;

#[derive(OpenApi)]
#[openapi(
    info(title = "Board audit", description = "The story of every child and every handover, over all services."),
    paths(
        chronology::read,
        handovers::list,
        continuity::read,
        looks::list,
        glass::list,
        glass::looks,
        revocations::revoke,
        revocations::end,
        revocations::list,
        alerts::list,
        proofs::read,
        reports::catalogue,
        reports::read,
        reports::events,
        pack::read,
        learning::report,
        learning::link,
        learning::list,
        learning::mine,
        samples::create,
        samples::list,
        samples::show,
        samples::case,
        samples::unmask
    )
)]
struct Api;

/// The routes and their document.
pub(crate) fn routes() -> (Router<App>, Document) {
    let routes = Router::new()
        .route("/api/audit/chronologies/{child_id}", get(chronology::read))
        .route("/api/audit/handovers", get(handovers::list))
        .route("/api/audit/continuity", get(continuity::read))
        .route("/api/audit/looks/{child_id}", get(looks::list).head(unseen))
        .route("/api/audit/alerts", get(alerts::list).head(unseen))
        .route("/api/audit/revocations", get(revocations::list).head(unseen_or_post).post(revocations::revoke))
        .route("/api/audit/revocations/end", post(revocations::end))
        .route("/api/audit/break-glass", get(glass::list).head(unseen))
        .route("/api/audit/break-glass/{id}/looks", get(glass::looks).head(unseen))
        .route("/api/audit/proofs", get(proofs::read))
        .route("/api/audit/reports", get(reports::catalogue))
        .route("/api/audit/reports/{report}", get(reports::read).head(unseen))
        .route("/api/audit/reports/{report}/events", get(reports::events).head(unseen))
        .route("/api/audit/chronologies/{child_id}/pack", get(pack::read).head(unseen))
        .route("/api/audit/learning", get(learning::list).head(unseen_or_post).post(learning::report))
        .route("/api/audit/learning/mine", get(learning::mine))
        .route("/api/audit/learning/{learning_id}/procedures", post(learning::link))
        .route("/api/audit/dip-samples", get(samples::list).head(unseen_or_post).post(samples::create))
        .route("/api/audit/dip-samples/{sample_id}", get(samples::show).head(unseen))
        .route("/api/audit/dip-samples/{sample_id}/cases/{case}", get(samples::case).head(unseen))
        .route("/api/audit/dip-samples/{sample_id}/cases/{case}/unmask", post(samples::unmask));
    (routes, complete(Api::openapi(), &["link_learning", "unmask_case"]))
}

/// Nobody looks without being shown anything.
async fn unseen() -> Problem {
    never_unseen("GET")
}

async fn unseen_or_post() -> Problem {
    never_unseen("GET, POST")
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_document_is_the_one_that_is_committed() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/openapi.json");
        let now = format!("{}\n", super::routes().1.to_pretty_json().unwrap());
        if std::env::var_os("UPDATE_GOLDEN").is_some() {
            std::fs::write(path, &now).unwrap();
        }
        assert_eq!(std::fs::read_to_string(path).unwrap(), now, "run the tests once with UPDATE_GOLDEN=1 and look at the difference");
    }
}
