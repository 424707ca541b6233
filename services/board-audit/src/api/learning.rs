//! The learning log.

use std::collections::BTreeMap;

use axum::{Json, extract::State, response::IntoResponse};
use event_store::{Context, Decided, Past, Request};
use kernel::{Actor, ChildId, Decider as _, Private, Role, Sealed, Stream, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::json;
use service_kit::{Answered, As, Authority, Create, Path, Problem, Query, Trace, command};
use sqlx::PgPool;
use utoipa::{IntoParams, ToSchema};
use vault::NewKey;

use super::chronology::{put_on_record, unavailable};
use crate::{
    Event,
    event::LEARNING,
    learning::{Command, Item, Kind, Learning, LearningEvent},
    service::App,
};

/// Who may tell of something: any person who works with the hub.
pub(super) enum Reporters {}

impl Authority for Reporters {
    type Who = kernel::Person;
    const ROLES: &'static [Role] = &[
        Role::DutyWorker,
        Role::DutyManager,
        Role::HeadOfService,
        Role::Director,
        Role::Referrer,
        Role::ProcedureAuthor,
        Role::BoardApprover,
        Role::BoardAuditor,
    ];
}

/// Who reads the log: those who can change something because of it.
pub(super) enum Learners {}

impl Authority for Learners {
    type Who = kernel::Person;
    const ROLES: &'static [Role] =
        &[Role::BoardAuditor, Role::BoardApprover, Role::ProcedureAuthor, Role::DutyManager, Role::HeadOfService, Role::Director];
}

/// Who says which procedure an item is about.
pub(super) enum Linkers {}

impl Authority for Linkers {
    type Who = kernel::Person;
    const ROLES: &'static [Role] = &[Role::BoardAuditor, Role::BoardApprover, Role::ProcedureAuthor];
}

/// How long a text may be.
const LONGEST: usize = 4_000;

/// Something that nearly went wrong, or went right. Name nobody in it.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewItem {
    kind: Kind,
    /// What happened.
    #[schema(value_type = String)]
    what: Private<String>,
    /// What in the system made it likely: not who, but what made it easy to happen.
    #[schema(value_type = String)]
    system: Private<String>,
    /// The procedures that it is about, by their ids.
    #[serde(default)]
    procedures: Vec<String>,
}

/// A procedure that an item is about.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewLink {
    /// Its id.
    procedure: String,
}

#[derive(Deserialize, IntoParams)]
pub(super) struct One {
    /// The item.
    learning_id: String,
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Only {
    /// Only what is about this procedure.
    procedure: Option<String>,
}

/// An item of the learning log. Nothing in it says who told.
#[derive(Serialize, ToSchema)]
pub(super) struct Shown {
    learning_id: String,
    kind: Kind,
    what: String,
    /// What in the system made it likely.
    system: String,
    procedures: Vec<String>,
    #[schema(value_type = String, format = DateTime)]
    told_at: Timestamp,
    /// The editions in which a procedure answers it.
    answered_in: Vec<Answer>,
}

/// An edition that changed a procedure because of an item.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub(super) struct Answer {
    edition: i64,
    procedure: String,
}

/// The learning log, oldest first.
#[derive(Serialize, ToSchema)]
pub(super) struct Items {
    items: Vec<Shown>,
}

/// Somebody tells of a near miss, or of what went right. Who it was can be read by themselves alone.
#[utoipa::path(post, path = "/api/audit/learning", operation_id = "report_learning", request_body = NewItem, responses((status = 201, body = serde_json::Value)))]
pub(super) async fn report(State(app): State<App>, sent: Create<Reporters, NewItem>) -> Result<Answered, Problem> {
    let (what, system) = (text("/what", &sent.body.what)?, text("/system", &sent.body.system)?);
    if sent.body.procedures.len() > 20 || sent.body.procedures.iter().any(|id| !is_id(id)) {
        return Err(Problem::invalid_at("/procedures", "up to 20 ids of procedures"));
    }
    let uuid = app.kit.ids.uuid();
    let id = format!("lrn_{}", uuid.simple());
    // A key must be about somebody. An item is about no child of the record, so its own id stands there.
    let about = [ChildId::from_uuid(uuid)];
    let (texts, reporter) = (format!("learning-{id}/texts"), format!("learning-{id}/reporter"));
    let keys = app.vault.new_keys(&[NewKey { subject: &texts, about: &about }, NewKey { subject: &reporter, about: &about }]).await;
    let keys = keys.map_err(|error| Problem::internal("vault", &error))?;
    let [texts, reporter] = keys.as_slice() else { return Err(Problem::internal("vault", &"two keys were asked for")) };
    let seal = |key: &vault::KeyHandle, field: &str, text: &str| {
        key.seal(&place(&id, field), text).map_err(|error| Problem::internal("vault", &error))
    };
    let item = Item {
        kind: sent.body.kind,
        what: seal(texts, "what", what)?,
        system: seal(texts, "system", system)?,
        procedures: sent.body.procedures.clone(),
        reporter: seal(reporter, "reporter", &sent.by.caller.id)?,
        at: sent.now,
    };
    // Neither the actor, the owner of the key nor the caller's trace may say who told.
    let actor = Actor::hub("learning");
    let receipt = event_store::Receipt { principal: "learning".to_owned(), ..sent.receipt.clone() };
    let correlation = Trace::new(&app.kit.ids).id();
    let context = Context { actor, occurred_at: None, recorded_at: sent.now, correlation, causation: None };
    let command = Command::Report { by: sent.by.person().clone(), id: id.clone(), item };
    carry_out(&app, (context, receipt), command, (201, id)).await
}

/// Somebody of the board, or who writes procedures, says which procedure an item is about.
#[utoipa::path(post, path = "/api/audit/learning/{learning_id}/procedures", operation_id = "link_learning", params(One), request_body = NewLink,
    responses((status = 200, body = serde_json::Value)))]
pub(super) async fn link(
    State(app): State<App>,
    Path(One { learning_id }): Path<One>,
    sent: Create<Linkers, NewLink>,
) -> Result<Answered, Problem> {
    if !is_id(&sent.body.procedure) {
        return Err(Problem::invalid_at("/procedure", "the id of a procedure"));
    }
    let (by, procedure) = (sent.by.person().clone(), sent.body.procedure.clone());
    let command = Command::Link { by, id: learning_id.clone(), procedure, at: sent.now };
    carry_out(&app, (sent.context(None), sent.receipt.clone()), command, (200, learning_id)).await
}

/// The learning log. That it was read is on the record.
#[utoipa::path(get, path = "/api/audit/learning", operation_id = "list_learning", params(Only), responses((status = 200, body = Items)))]
pub(super) async fn list(
    State(app): State<App>,
    by: As<Learners>,
    trace: Trace,
    Query(Only { procedure }): Query<Only>,
) -> Result<impl IntoResponse, Problem> {
    let mut items = log(&app).await?;
    items.retain(|_, item| procedure.as_ref().is_none_or(|procedure| item.procedures.contains(procedure)));
    let shown = shown(&app, items).await?;
    let event = Event::LearningRead { shown: i64::try_from(shown.len()).unwrap_or(i64::MAX) };
    put_on_record(&app, by.actor().clone(), &trace, event).await?;
    Ok(Json(Items { items: shown }))
}

/// What the caller has told. This look is not on the record: it would say who tells.
#[utoipa::path(get, path = "/api/audit/learning/mine", operation_id = "list_my_learning", responses((status = 200, body = Items)))]
pub(super) async fn mine(State(app): State<App>, by: As<Reporters>) -> Result<impl IntoResponse, Problem> {
    let items = log(&app).await?;
    let reporters: Vec<&Sealed> = items.values().map(|item| &item.reporter).collect();
    let keys = app.vault.keys_for(&reporters).await.map_err(|error| Problem::internal("vault", &error))?;
    let own = |id: &str, item: &Item| {
        keys.open::<String>(&place(id, "reporter"), &item.reporter).is_ok_and(|reporter| *reporter.expose() == by.caller.id)
    };
    let items = items.into_iter().filter(|(id, item)| own(id, item)).collect();
    Ok(Json(Items { items: shown(&app, items).await? }))
}

/// Where a field is sealed for.
fn place(id: &str, field: &str) -> String {
    format!("learning.reported/{field}/{id}")
}

fn is_id(id: &str) -> bool {
    (1..=100).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
}

fn text<'a>(pointer: &'static str, text: &'a Private<String>) -> Result<&'a str, Problem> {
    let text = text.expose().trim();
    let fits = (1..=LONGEST).contains(&text.chars().count()) && !text.contains('\0');
    fits.then_some(text).ok_or_else(|| Problem::invalid_at(pointer, "a text of up to 4,000 characters"))
}

async fn carry_out(
    app: &App,
    (context, receipt): (Context, event_store::Receipt),
    command: Command,
    (status, id): (u16, String),
) -> Result<Answered, Problem> {
    let stream = Stream::new(LEARNING, "log");
    let request = Request {
        streams: vec![stream.clone()],
        expect: None,
        unmoved: None,
        receipt: Some(receipt),
        context,
        advance: None,
        decide: Box::new(move |past: &Past<'_, Event>| {
            let state = Learning::replay(past.of(&stream).iter().filter_map(|recorded| recorded.event.learning()));
            let events = Learning::decide(&state, command.clone())?.into_iter().map(Event::Learning).collect();
            Ok(Decided { events, status, body: json!({ "learning_id": id }), resource: None })
        }),
        describe: None,
    };
    command::run(&app.kit.tasks, &app.store, request).await
}

async fn log(app: &App) -> Result<BTreeMap<String, Item>, Problem> {
    let events = app.events(&Stream::new(LEARNING, "log")).await?;
    Ok(Learning::replay(events.iter().filter_map(Event::learning)).0)
}

async fn shown(app: &App, items: BTreeMap<String, Item>) -> Result<Vec<Shown>, Problem> {
    let sealed: Vec<&Sealed> = items.values().flat_map(|item| [&item.what, &item.system]).collect();
    let keys = app.vault.keys_for(&sealed).await.map_err(|error| Problem::internal("vault", &error))?;
    let open = |id: &str, field: &str, sealed: &Sealed| match keys.open::<String>(&place(id, field), sealed) {
        Ok(text) => Ok(text.into_exposed()),
        Err(vault::OpenError::Erased) => Ok("[erased]".to_owned()),
        Err(error) => Err(Problem::internal("vault", &error)),
    };
    let answered = answered(&app.pool).await.map_err(unavailable)?;
    let one = |(id, item): (String, Item)| {
        Ok(Shown {
            kind: item.kind,
            what: open(&id, "what", &item.what)?,
            system: open(&id, "system", &item.system)?,
            procedures: item.procedures,
            told_at: item.at,
            answered_in: answered.get(&id).cloned().unwrap_or_default(),
            learning_id: id,
        })
    };
    items.into_iter().map(one).collect()
}

/// The editions that say they answer items, by item, as the registry published them. One that was withdrawn answers nothing.
async fn answered(pool: &PgPool) -> Result<BTreeMap<String, Vec<Answer>>, sqlx::Error> {
    let rows: Vec<(String, i64, String)> = sqlx::query_as(
        "select item, (r.data ->> 'number')::bigint as edition, answer.procedure
         from audit.record r
         cross join lateral jsonb_each(r.data -> 'learning') as answer (procedure, items)
         cross join lateral jsonb_array_elements_text(answer.items) as item
         where r.service = 'procedures' and r.kind in ('edition_carried', 'edition_scheduled')
           and not exists (select from audit.record w where w.service = 'procedures' and w.kind = 'edition_withdrawn'
                           and w.data -> 'number' = r.data -> 'number')
         order by 1, 2, 3",
    )
    .fetch_all(pool)
    .await?;
    let mut answers: BTreeMap<String, Vec<Answer>> = BTreeMap::new();
    for (item, edition, procedure) in rows {
        answers.entry(item).or_default().push(Answer { edition, procedure });
    }
    Ok(answers)
}

impl Event {
    /// What has happened in the learning log, if it has.
    fn learning(&self) -> Option<&LearningEvent> {
        match self {
            Self::Learning(event) => Some(event),
            Self::ChronologyRead { .. }
            | Self::HandoversRead { .. }
            | Self::ReportRead { .. }
            | Self::LearningRead { .. }
            | Self::SampleRead { .. }
            | Self::Sample(_)
            | Self::Alerted(_) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reports::tests::{audit, made::take};
    use proto_events::procedures::{Edition, Procedures};

    #[tokio::test(flavor = "multi_thread")]
    async fn an_item_is_linked_to_the_edition_that_answers_it_until_that_is_withdrawn() {
        let audit = audit("answers").await;
        let at = Timestamp::UNIX_EPOCH;
        let edition = |number: u32| {
            let learning = BTreeMap::from([("handover".to_owned(), vec!["lrn_1".to_owned()])]);
            let (id, parts) = (format!("edition-{number}"), serde_json::Map::new());
            (at, Procedures::EditionScheduled(Edition { number, id, in_force_from: at, hash: String::new(), parts, learning }))
        };
        let withdrawn = (at, Procedures::EditionWithdrawn { number: 3, id: "edition-3".to_owned() });
        take(&audit.pool, "procedures", &[edition(2), edition(3), withdrawn]).await;
        let answer = Answer { edition: 2, procedure: "handover".to_owned() };
        assert_eq!(answered(&audit.pool).await.unwrap(), BTreeMap::from([("lrn_1".to_owned(), vec![answer])]));
    }
}
