//! The cases of the night: by 09:00 each is taken by a named day worker, at 10:00 the duty manager is told.

use axum::{Json, extract::State};
use jiff::SignedDuration;
use kernel::{Borough, ChildId, ReferralId};
use serde::Deserialize;
use serde_json::{Value, json};
use service_kit::{Answered, As, Change, Path, Problem, Query, caller::DutyDesk};
use utoipa::{IntoParams, ToSchema};

use crate::{
    app::{App, away},
    ledger::DutyAsk,
    views::nights,
};

/// How long a case that was taken stays on the list.
const SHOWN_FOR: SignedDuration = SignedDuration::from_hours(24);

/// Whose list.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct Whose {
    /// Your own borough's, unless your team acts for another one now.
    #[param(value_type = Option<String>)]
    borough: Option<Borough>,
}

/// Which case.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NightCaseOf {
    /// The referral that came in the night.
    #[schema(value_type = String)]
    referral_id: ReferralId,
}

/// The cases of the night of a borough, the longest waiting first.
#[utoipa::path(get, path = "/api/transfers/night-list", params(Whose), responses((status = 200, body = serde_json::Value)))]
pub(crate) async fn list_night_cases(State(app): State<App>, by: As<DutyDesk>, Query(whose): Query<Whose>) -> Result<Json<Value>, Problem> {
    let now = app.kit.clock.now();
    let borough = whose.borough.map_or_else(|| by.borough().cloned(), Ok)?;
    if !app.acts_for(&by.caller, &borough, now).await? {
        return Err(Problem::forbidden("You see the cases of your own borough, and of one that your team covers now."));
    }
    let since = now.saturating_sub(SHOWN_FOR).unwrap_or(now);
    let cases = nights::of(app.pool(), &borough, since).await.map_err(away)?;
    let items: Vec<Value> = cases
        .into_iter()
        .map(|case| {
            json!({
                "referral_id": case.referral,
                "child_id": case.child,
                "state": case.state,
                "received_at": case.received_at,
                "take_by": case.take_by,
                "taken_by": case.taken_by,
                "manager_told": case.told,
            })
        })
        .collect();
    Ok(Json(json!({ "borough": borough, "items": items, "stale_since": app.stale_since() })))
}

/// A day worker takes a case of the night, in their own name.
#[utoipa::path(post, path = "/api/transfers/children/{child_id}/night/take", params(("child_id" = String, Path)),
    request_body = NightCaseOf, responses((status = 200, body = serde_json::Value)))]
pub(crate) async fn take_night_case(
    State(app): State<App>,
    Path(child): Path<ChildId>,
    change: Change<DutyDesk, NightCaseOf>,
) -> Result<Answered, Problem> {
    app.ask_about(child, &change, DutyAsk::TakeNightCase { referral: change.body.referral_id }).await
}
