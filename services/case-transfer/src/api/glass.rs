//! Break-glass: to open one child's record in an emergency, and for the child's borough to read of it and to review it.

use std::collections::BTreeSet;

use axum::{
    Json,
    extract::State,
    response::{IntoResponse, Response},
};
use event_store::{MOVED, Unmoved};
use kernel::{Borough, ChildId, GlassId, Person, Role};
use serde::Deserialize;
use serde_json::{Value, json};
use service_kit::{
    As, Authority, Caller, Change, Create, List, Page, Path, Problem, Query,
    caller::DutyDesk,
    look::{Under, under},
};
use utoipa::{IntoParams, ToSchema};

use super::ask::{Nothing, changing, sent, tag};
use crate::{
    app::{App, OneGlass, away},
    clocks::When,
    glass::{Finding, GlassAsk, GlassEvent, Opening, READERS},
    rules::{Command, Event, Scope, Situation, What, glass_stream},
    text::Text,
    views::{desks, glasses, links},
    write::{Order, References, Sent},
};

/// How often it is looked again when another break-glass of the same person comes between.
const AGAIN: usize = 5;

/// Why a child's record must be seen now.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewGlass {
    /// At least 10 characters, and not the reason that you gave the last time.
    #[schema(value_type = String, min_length = 1, max_length = 20_000)]
    reason: Text,
}

/// What a review came to.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewReview {
    /// `justified` or `not_justified`.
    #[schema(value_type = String)]
    finding: Finding,
    /// Why.
    #[schema(value_type = String, min_length = 1, max_length = 20_000)]
    text: Text,
}

/// Which part of the list.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct Part {
    /// How many on a page, 1 to 200.
    #[param(value_type = Option<u16>)]
    #[serde(rename = "limit")]
    _limit: Option<String>,
    /// Where the page starts.
    #[param(value_type = Option<String>)]
    #[serde(rename = "cursor")]
    _cursor: Option<String>,
}

/// Who reviews: a manager of a borough, or an auditor of the board. Of which one, the rules say.
pub(crate) enum Reviewers {}

impl Authority for Reviewers {
    type Who = Person;
    const ROLES: &'static [Role] = &[Role::DutyManager, Role::HeadOfService, Role::Director, Role::BoardAuditor];
}

/// Who is told of break-glasses: duty desks and the board's auditors.
pub(crate) enum Told {}

impl Authority for Told {
    type Who = Person;
    const ROLES: &'static [Role] = &[Role::DutyWorker, Role::DutyManager, Role::HeadOfService, Role::Director, Role::BoardAuditor];
}

/// Opens the record of one child to you, who have no right to see the whole of it, for as long as the edition says: to read, and nothing
/// else. The child's borough is told at once, every look is on the record, and somebody of another team reviews it.
#[utoipa::path(post, path = "/api/transfers/children/{child_id}/break-glass", params(("child_id" = String, Path)),
    request_body = NewGlass, responses((status = 201, body = serde_json::Value)))]
pub(crate) async fn break_glass(
    State(app): State<App>,
    Path(child): Path<ChildId>,
    create: Create<DutyDesk, NewGlass>,
) -> Result<Response, Problem> {
    let scope = app.family_of(child).await?;
    let id = GlassId::from_uuid(app.kit.ids.uuid());
    let reason = app.sealer(&id.to_string(), &[child]).await?.seal(&reason_place(id), &create.body.reason)?;
    for _ in 0..AGAIN {
        let since = app.store.log().head().await.map_err(|error| Problem::internal("log", &error))?;
        let repeated = app.repeats(&create.by.caller, &create.body.reason).await?;
        let characters = create.body.reason.expose().trim().chars().count();
        let open = glasses::open_of(app.pool(), &create.by.caller.id, create.now).await.map_err(away)?;
        let ask = GlassAsk::Open(Opening { child, reason: reason.clone(), characters, repeated, open });
        let what = What::Glass { glass: id, by: create.by.person().clone(), on: 0, ask };
        let order = Order {
            command: Command::under(&app.edition(create.now), None, When::now(create.now), scope.clone(), what),
            references: References::new(),
            status: 201,
            resource: glass_stream(id),
            answer: Box::new(move |situation| opened(situation, id)),
            describe: |_, _| json!({}),
        };
        let sent = Sent { context: create.context(None), receipt: Some(create.receipt.clone()), expect: None };
        let look = Unmoved { since, types: &["glass.opened"] };
        match app.try_unless_moved(sent, order, Some(look)).await? {
            Err(refused) if refused.code == MOVED => {}
            Err(refused) => return Err(crate::write::refusal(&refused)),
            Ok(answered) => {
                let opened = opening_in(&answered.answer.body);
                return Ok(under(answered.into_response(), opened));
            }
        }
    }
    Err(changing())
}

/// What the answer to the command says was opened: of one that is given again, the first.
fn opening_in(body: &Value) -> Option<Under> {
    let text = |name: &str| body[name].as_str();
    let (glass, child) = (text("glass_id")?.parse().ok()?, text("child_id")?.parse().ok()?);
    Some(Under::Opening { glass, child, until: text("until")?.parse().ok()? })
}

/// The break-glasses that you opened, and those of which your borough is told; all, for the board. The newest first.
#[utoipa::path(get, path = "/api/transfers/break-glass", params(Part), responses((status = 200, body = serde_json::Value)))]
pub(crate) async fn list_glasses(
    State(app): State<App>,
    by: As<Told>,
    (page, Query(_)): (Page, Query<Part>),
) -> Result<List<Value>, Problem> {
    let now = app.kit.clock.now();
    let known = desks::all(app.pool()).await.map_err(away)?;
    let team = by.caller.org.borough();
    let covered = known.iter().filter(|known| team.is_some() && known.desk.covering(now) == team).map(|known| &known.borough);
    let own: Vec<&Borough> = team.into_iter().chain(covered).collect();
    let all = by.actor().role == Role::BoardAuditor;
    let found = glasses::list(app.pool(), (&by.caller.id, &own, all), page.after()?, page.limit() + 1).await.map_err(away)?;
    let List { items, next } = page.list(found, |line| line.position);
    let items: Vec<Value> = items
        .iter()
        .map(|line| {
            json!({
                "glass_id": line.id,
                "child_id": line.child,
                "opened_by": line.opener_org,
                "yours": line.opener == by.caller.id,
                "opened_at": line.opened_at(),
                "over_at": line.over_at(),
                "open": now < line.over_at(),
                "told": line.holders,
                "times_told": line.told,
                "read": usize::try_from(line.read_by).is_ok_and(|read| read >= READERS),
                "readers": line.read_by,
                "review_by": line.review_by(),
                "finding": line.finding,
                "overdue": line.finding.is_none() && line.review_by() <= now,
            })
        })
        .collect();
    Ok(List { items, next })
}

/// One break-glass, with its reason: for who opened it, the boroughs that are told, and the board.
#[utoipa::path(get, path = "/api/transfers/break-glass/{id}", params(("id" = String, Path)), responses((status = 200, body = serde_json::Value)))]
pub(crate) async fn show_glass(State(app): State<App>, by: As<Told>, Path(id): Path<GlassId>) -> Result<Response, Problem> {
    let one = app.told_of(&by, id).await?;
    let (mut sealed, mut people, mut history) = (Vec::new(), Vec::new(), Vec::new());
    for recorded in &one.history {
        let Event::Glass(_, event) = &recorded.event.event else { continue };
        match event {
            GlassEvent::Opened { reason, people: told, .. } => {
                sealed.push(("reason", reason_place(id), reason));
                people.extend(told);
            }
            GlassEvent::Reviewed { text, .. } => sealed.push(("review", review_place(id), text)),
            GlassEvent::ToldAgain { people: told, .. } => people.extend(told),
            GlassEvent::Read { .. } | GlassEvent::Ended { .. } | GlassEvent::ReviewOverdue { .. } => {}
        }
        let actor = &recorded.actor;
        let by = json!({ "name": actor.name, "org": actor.org, "role": actor.role });
        history.push(json!({ "what": event.type_name(), "at": recorded.recorded_at, "by": by }));
    }
    let texts = app.open_named(sealed).await?;
    let people: Vec<Value> =
        people.into_iter().map(|told| json!({ "borough": told.borough, "name": told.name, "phone": told.phone })).collect();
    let (glass, now) = (&one.glass, app.kit.clock.now());
    let body = json!({
        "glass_id": id,
        "child_id": glass.child,
        "yours": glass.opener == by.caller.id,
        "opened_at": glass.opened_at,
        "until": glass.until,
        "ended_at": glass.ended_at,
        "open": glass.is_open(now),
        "told": glass.holders,
        "told_by_name": people,
        "read": glass.is_read(),
        "readers": glass.read_by.len(),
        "review_by": glass.review_by,
        "finding": glass.finding,
        "overdue": glass.finding.is_none() && glass.review_by <= now,
        "texts": texts,
        "history": history,
        "version": glass.version,
    });
    Ok((tag(glass.version), Json(body)).into_response())
}

/// You have read that your child's record was opened.
#[utoipa::path(post, path = "/api/transfers/break-glass/{id}/read", params(("id" = String, Path)), request_body = Nothing,
    responses((status = 200, body = serde_json::Value)))]
pub(crate) async fn read_glass(
    State(app): State<App>,
    Path(id): Path<GlassId>,
    change: Change<DutyDesk, Nothing>,
) -> Result<Response, Problem> {
    let one = app.told_of(&As::<Told>::try_new(change.by.caller.clone())?, id).await?;
    app.ask_of(&one, &change, GlassAsk::Read).await
}

/// You need it no longer.
#[utoipa::path(post, path = "/api/transfers/break-glass/{id}/end", params(("id" = String, Path)), request_body = Nothing,
    responses((status = 200, body = serde_json::Value)))]
pub(crate) async fn end_glass(
    State(app): State<App>,
    Path(id): Path<GlassId>,
    change: Change<DutyDesk, Nothing>,
) -> Result<Response, Problem> {
    let one = app.told_of(&As::<Told>::try_new(change.by.caller.clone())?, id).await?;
    let response = app.ask_of(&one, &change, GlassAsk::End).await?;
    Ok(under(response, Under::Ending(id)))
}

/// A person of another team says whether the record had to be seen.
#[utoipa::path(post, path = "/api/transfers/break-glass/{id}/review", params(("id" = String, Path)), request_body = NewReview,
    responses((status = 200, body = serde_json::Value)))]
pub(crate) async fn review_glass(
    State(app): State<App>,
    Path(id): Path<GlassId>,
    change: Change<Reviewers, NewReview>,
) -> Result<Response, Problem> {
    let one = app.told_of(&As::<Told>::try_new(change.by.caller.clone())?, id).await?;
    let text = app.sealer(&id.to_string(), &[one.glass.child]).await?.seal(&review_place(id), &change.body.text)?;
    app.ask_of(&one, &change, GlassAsk::Review { finding: change.body.finding, text }).await
}

impl App {
    /// A break-glass, for those who may know of it: to everybody else there is none.
    async fn told_of(&self, by: &As<Told>, id: GlassId) -> Result<OneGlass, Problem> {
        let one = self.glass(id).await?.ok_or_else(Problem::not_found)?;
        let mut may_know = by.actor().role == Role::BoardAuditor || one.glass.opener == by.caller.id;
        for holder in &one.glass.holders {
            may_know = may_know || self.acts_for(&by.caller, holder, self.kit.clock.now()).await?;
        }
        if may_know { Ok(one) } else { Err(Problem::not_found().because("no_relationship")) }
    }

    async fn ask_of<R: Authority<Who = Person>, T>(
        &self,
        one: &OneGlass,
        change: &Change<R, T>,
        ask: GlassAsk,
    ) -> Result<Response, Problem> {
        let id = one.id;
        let scope = Scope { boroughs: one.glass.holders.iter().cloned().collect(), ..Scope::default() };
        let what = What::Glass { glass: id, by: change.by.person().clone(), on: change.version, ask };
        let order = Order {
            command: Command::under(&self.edition(change.now), None, When::now(change.now), scope, what),
            references: References::new(),
            status: 200,
            resource: glass_stream(id),
            answer: Box::new(move |situation| opened(situation, id)),
            describe: |_, _| json!({}),
        };
        Ok(self.carry_out(sent(change, glass_stream(id), None), order).await?.into_response())
    }

    /// The child, every id that is linked to it, and the boroughs that hold or held a duty.
    async fn family_of(&self, child: ChildId) -> Result<Scope, Problem> {
        let linked = links::linked(self.pool(), [child]).await.map_err(away)?;
        let children: BTreeSet<ChildId> = linked.into_values().flatten().chain([child]).collect();
        let mut situation = Situation::default();
        self.children(children.iter().copied()).await?.iter().for_each(|recorded| situation.take(&recorded.event.event));
        if !situation.ledgers.contains_key(&child) {
            return Err(Problem::not_found());
        }
        let held = situation.ledgers.values().flat_map(|ledger| ledger.history()).map(|held| held.holder.clone());
        let concerned = situation.ledgers.values().flat_map(|ledger| ledger.concerned());
        let boroughs = held.chain(concerned).collect();
        Ok(Scope { children, boroughs, ..Scope::default() })
    }

    /// Whether a reason is the one that this person gave the last time. A reason that was erased is nobody's.
    async fn repeats(&self, caller: &Caller, reason: &Text) -> Result<bool, Problem> {
        let Some(id) = glasses::last_of(self.pool(), &caller.id).await.map_err(away)? else { return Ok(false) };
        let Some(last) = self.glass(id).await? else { return Ok(false) };
        let sealed = last.history.iter().find_map(|recorded| {
            if let Event::Glass(_, GlassEvent::Opened { reason, .. }) = &recorded.event.event { Some(reason) } else { None }
        });
        let Some(sealed) = sealed else { return Ok(false) };
        let opened = self.open(&[(reason_place(id), sealed)]).await?;
        let before = opened.first().and_then(Value::as_str).map(folded);
        Ok(before == Some(folded(reason.expose())))
    }
}

/// The words of a reason, whatever stands between them.
fn folded(text: &str) -> String {
    let words: Vec<String> =
        text.split(|char: char| !char.is_alphanumeric()).filter(|word| !word.is_empty()).map(str::to_lowercase).collect();
    words.join(" ")
}

fn opened(situation: &Situation, id: GlassId) -> Value {
    situation.glasses.get(&id).map_or_else(
        || json!({}),
        |glass| {
            json!({
                "glass_id": id,
                "child_id": glass.child,
                "until": glass.until,
                "ended_at": glass.ended_at,
                "told": glass.holders,
                "read": glass.is_read(),
                "readers": glass.read_by.len(),
                "review_by": glass.review_by,
                "finding": glass.finding,
            })
        },
    )
}

fn reason_place(id: GlassId) -> String {
    format!("glass.opened/reason/{id}")
}

fn review_place(id: GlassId) -> String {
    format!("glass.reviewed/text/{id}")
}
