//! What the board can ask.

mod chronology;
mod continuity;
mod handovers;
mod proofs;

use axum::{Router, routing::get};
use service_kit::openapi::complete;
use utoipa::{OpenApi, openapi::OpenApi as Document};

use crate::service::App;

#[derive(OpenApi)]
#[openapi(
    info(title = "Board audit", description = "The story of every child and every handover, over all services."),
    paths(chronology::read, handovers::list, continuity::read, proofs::read)
)]
struct Api;

/// The routes and their document.
pub(crate) fn routes() -> (Router<App>, Document) {
    let routes = Router::new()
        .route("/api/audit/chronologies/{child_id}", get(chronology::read))
        .route("/api/audit/handovers", get(handovers::list))
        .route("/api/audit/continuity", get(continuity::read))
        .route("/api/audit/proofs", get(proofs::read));
    (routes, complete(Api::openapi(), &[]))
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
