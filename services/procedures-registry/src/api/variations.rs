//! Local variations: what differs, where, until when, and why.

use axum::{
    Json,
    extract::State,
    http::header,
    response::{IntoResponse, Response},
};
use kernel::{Borough, Directory, Person, Role, Timestamp, VariationId};
use serde::Deserialize;
use serde_json::{Value, json};
use service_kit::{
    Answered, As, Authority, Caller, Change, Create, Fault, List, Page, Path, Problem, Query, clock::EARLIEST, command::etag,
};
use utoipa::{IntoParams, ToSchema};

use super::{
    editions::Pages,
    told::Told,
    writing::{needed, whole_second, words},
};
use crate::{
    app::{App, away},
    document::ProcedureId,
    rules::{Command, Situation, variation_stream},
    variation::{self, Made, Place, notice_at},
    views::variations,
};

/// Who leads a borough's children's services.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Leaders {}

impl Authority for Leaders {
    type Who = Person;
    const ROLES: &'static [Role] = &[Role::HeadOfService, Role::Director];
}

/// Who looks at everything for the board.
#[derive(Clone, Copy, Debug)]
pub(crate) enum BoardPeople {}

impl Authority for BoardPeople {
    type Who = Person;
    const ROLES: &'static [Role] = &[Role::BoardApprover, Role::BoardAuditor];
}

/// A new variation in the caller's own borough.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewVariation {
    /// The procedure.
    #[schema(value_type = String)]
    procedure: ProcedureId,
    /// What is done otherwise: 1 to 5000 characters.
    text: String,
    /// Why: 1 to 5000 characters.
    reason: String,
    /// The post that answers for it, for instance `head of the front door`: 1 to 200 characters.
    owner: String,
    /// From when, in whole seconds; now, if nothing is said.
    #[schema(value_type = Option<String>, format = DateTime)]
    from: Option<Timestamp>,
    /// Until when, in whole seconds: at most six months after now and after the first of those that the borough made of this procedure in the
    /// last twelve months, or less where the edition in force says so. What is needed for longer is put to the set.
    #[schema(value_type = String, format = DateTime)]
    until: Timestamp,
    /// The variation that it renews.
    #[schema(value_type = Option<String>)]
    renews: Option<VariationId>,
}

/// An early end.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewEnd {
    /// Why: 1 to 5000 characters.
    reason: String,
}

/// When and where.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct Wanted {
    /// An instant; now, if nothing is said.
    #[param(value_type = Option<String>, format = DateTime)]
    at: Option<Timestamp>,
    /// A borough; everywhere, if nothing is said.
    #[param(value_type = Option<String>)]
    borough: Option<Borough>,
}

/// What differs at an instant and where: one list for whoever is signed in.
#[utoipa::path(get, path = "/api/procedures/variations", operation_id = "list_variations", params(Wanted),
    responses((status = 200, body = serde_json::Value)))]
pub(crate) async fn list_variations(State(app): State<App>, _: Caller, Query(wanted): Query<Wanted>) -> Result<Json<Value>, Problem> {
    let at = wanted.at.unwrap_or_else(|| app.now());
    Ok(Json(json!({ "at": at, "items": in_force(&app, at, wanted.borough.as_ref(), None).await? })))
}

/// Every variation that there ever was, the newest first, for the board.
#[utoipa::path(get, path = "/api/procedures/variations/all", operation_id = "list_all_variations", params(Pages),
    responses((status = 200, body = serde_json::Value)))]
pub(crate) async fn list_all_variations(
    State(app): State<App>,
    _: As<BoardPeople>,
    page: Page,
    Query(_): Query<Pages>,
) -> Result<List<Value>, Problem> {
    let before = page.after::<VariationId>()?.map(|id| id.to_string());
    let found = variations::list(app.pool(), (before, page.limit() + 1), app.now()).await.map_err(away)?;
    Ok(page.list(found.iter().map(shown).collect(), |item: &Value| item["variation_id"].clone()))
}

/// One variation, with its version.
#[utoipa::path(get, path = "/api/procedures/variations/{id}", operation_id = "show_variation", params(("id" = String, Path)),
    responses((status = 200, body = serde_json::Value)))]
pub(crate) async fn show_variation(State(app): State<App>, _: Caller, Path(id): Path<VariationId>) -> Result<Response, Problem> {
    let found = variations::one(app.pool(), id, app.now()).await.map_err(away)?;
    let (listed, _) = found.ok_or_else(Problem::not_found)?;
    Ok(([(header::ETAG, etag(listed.version))], Json(shown(&listed))).into_response())
}

/// Does a procedure otherwise in one's own borough, for a time.
#[utoipa::path(post, path = "/api/procedures/variations", operation_id = "make_variation", request_body = NewVariation,
    responses((status = 201, body = serde_json::Value)))]
pub(crate) async fn make_variation(State(app): State<App>, create: Create<Leaders, NewVariation>) -> Result<Answered, Problem> {
    let (body, now) = (&create.body, create.now);
    let from = body.from.map_or(Ok(now), |from| whole_second("/from", from))?;
    let until = whole_second("/until", body.until)?;
    let (known, document) = app.in_force(from).await?;
    if !document.procedures.contains_key(&body.procedure) {
        return Err(Problem::invalid_at("/procedure", "the id of a procedure that is in force when the variation begins"));
    }
    let limits = app.edition(&known, &document)?.limits;
    let made = Made {
        id: app.kit.ids.variation(),
        text: words("/text", &body.text)?,
        reason: words("/reason", &body.reason)?,
        owner: needed("/owner", &body.owner, 200)?,
        from,
        until,
        notice_at: notice_at(until, limits.variation_notice_days),
        renews: body.renews,
        by: create.by.person().clone(),
        at: now,
    };
    let place = Place { borough: create.by.borough()?.clone(), procedure: body.procedure.clone() };
    let (id, stream) = (made.id, variation_stream(&place));
    let command = variation::Command::Make { made: Box::new(made), months: limits.local_variation_months };
    let answer = summary(id, place.clone(), now);
    app.tell(Told::new(&create, Command::Variation(place, command)), Some(stream), answer).await
}

/// Ends a variation before its time.
#[utoipa::path(post, path = "/api/procedures/variations/{id}/end", operation_id = "end_variation", params(("id" = String, Path)),
    request_body = NewEnd, responses((status = 200, body = serde_json::Value)))]
pub(crate) async fn end_variation(
    State(app): State<App>,
    Path(id): Path<VariationId>,
    change: Change<Leaders, NewEnd>,
) -> Result<Answered, Problem> {
    let found = variations::one(app.pool(), id, change.now).await.map_err(away)?;
    let (_, place) = found.ok_or_else(Problem::not_found)?;
    let (by, at, stream) = (change.by.person().clone(), change.now, variation_stream(&place));
    let command = variation::Command::End { id, reason: words("/reason", &change.body.reason)?, by, at };
    let told = Told::on(&change, stream.clone(), Command::Variation(place.clone(), command));
    app.tell(told, Some(stream), summary(id, place, at)).await
}

fn summary(id: VariationId, place: Place, at: Timestamp) -> impl Fn(&Situation) -> Value + Send + Sync + 'static {
    move |situation| {
        let variation = situation.variations.get(&place).and_then(|all| all.get(&id));
        json!({
            "variation_id": id,
            "version": 0, // the log fills it in
            "procedure": place.procedure,
            "borough": place.borough,
            "in_force": variation.is_some_and(|variation| variation.in_force(at)),
            "over_at": variation.map(variation::Variation::over_at),
        })
    }
}

/// What is in force at an instant, as everybody is shown it.
pub(super) async fn in_force(
    app: &App,
    at: Timestamp,
    borough: Option<&Borough>,
    procedure: Option<&ProcedureId>,
) -> Result<Value, Problem> {
    if borough.is_some_and(|borough| Directory::get().borough(borough).is_none()) {
        return Err(Problem::invalid(vec![Fault::in_parameter("borough", "the GSS code of a borough")]));
    }
    let found = variations::in_force(app.pool(), at.max(EARLIEST), borough, procedure).await.map_err(away)?;
    Ok(found.iter().map(shown).collect())
}

fn shown(listed: &variations::Listed) -> Value {
    let mut shown = json!(listed);
    let name = listed.borough.parse::<Borough>().ok().and_then(|code| Directory::get().borough(&code).map(|entry| entry.name.clone()));
    if let Some(members) = shown.as_object_mut() {
        members.insert("borough_name".to_owned(), name.into());
    }
    shown
}
