//! `GET /api/audit/proofs`: who outside the hub vouches for each log, and since when nobody does.

use axum::{Json, extract::State};
use serde::Serialize;
use service_kit::{As, look, proofs::Status};
use utoipa::ToSchema;

use super::continuity::Watchers;
use crate::{SOURCES, service::App};

/// How the checkpoints of one log are.
#[derive(Serialize, ToSchema)]
pub(super) struct Proof {
    /// The service whose log it is; `looks` is the log of who looked.
    service: String,
    /// In words, with London's time: "cosigned by 2 of 3 at 09:41 on 27 November", "not yet cosigned since …", or why it is not signed.
    sentence: String,
    /// How many events the log has.
    events: Option<i64>,
    /// How many of them enough witnesses have cosigned.
    cosigned: Option<i64>,
    /// How many witnesses cosigned those.
    by: usize,
    /// How many witnesses there are.
    of: usize,
    /// When the last of them did.
    #[schema(value_type = Option<String>, format = DateTime)]
    at: Option<kernel::Timestamp>,
    /// Since when something that is signed waits for enough witnesses.
    #[schema(value_type = Option<String>, format = DateTime)]
    waiting_since: Option<kernel::Timestamp>,
    /// Whether the hub refuses to sign this log: its rows are not those that it signed for, or witnesses know more of it.
    refuses: bool,
}

/// For each log, how its checkpoints are. Asked of its service now; one that does not answer is said not to.
#[utoipa::path(get, path = "/api/audit/proofs", operation_id = "read_proofs", responses((status = 200, body = [Proof])))]
pub(super) async fn read(State(app): State<App>, _: As<Watchers>) -> Json<Vec<Proof>> {
    let mut proofs = Vec::new();
    for service in SOURCES.into_iter().chain([look::NAME]) {
        let status = match &app.kit.proofs {
            Some(made) => made.status_of(service).await.map_or_else(|| silent(service, "the service does not say"), told),
            None => silent(service, "no checkpoints are signed: the hub was given no keys for it"),
        };
        proofs.push(status);
    }
    Json(proofs)
}

fn told(status: Status) -> Proof {
    let Status { service, sentence, events, cosigned, by, of, at, waiting_since, refuses, .. } = status;
    Proof { service, sentence, events: Some(events), cosigned, by, of, at, waiting_since, refuses: refuses.is_some() }
}

fn silent(service: &str, sentence: &str) -> Proof {
    Proof {
        service: service.to_owned(),
        sentence: sentence.to_owned(),
        events: None,
        cosigned: None,
        by: 0,
        of: 0,
        at: None,
        waiting_since: None,
        refuses: false,
    }
}
