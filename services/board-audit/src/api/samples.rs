//! Dip samples.

use axum::{Json, extract::State, response::IntoResponse};
use event_store::{Decided, Past, PgTime, Request};
use kernel::{ChildId, Decider as _, Private, Stream, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::json;
use service_kit::{Answered, As, Create, Path, Problem, Trace, caller::Auditors, clock::EARLIEST, command};
use utoipa::{IntoParams, ToSchema};
use vault::VaultError;

use super::chronology::{put_on_record, unavailable};
use crate::{
    Event,
    chronology::{self, Line},
    event::SAMPLES,
    sample::{Command, Sample, SampleEvent, Samples, Sampling, Unmasking, draw},
    service::App,
};

/// A sample to be drawn.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewSample {
    /// Children of referrals received from this instant on.
    #[schema(value_type = String, format = DateTime)]
    from: Timestamp,
    /// And before this one.
    #[schema(value_type = String, format = DateTime)]
    to: Timestamp,
    /// How many children, 1 to 100.
    #[schema(minimum = 1, maximum = 100)]
    size: usize,
    /// A seed, to draw an earlier sample again; the hub makes one if none is given.
    seed: Option<String>,
}

/// Why a case is unmasked.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Reason {
    /// In words.
    #[schema(value_type = String)]
    reason: Private<String>,
}

#[derive(Deserialize, IntoParams)]
pub(super) struct One {
    /// The sample.
    sample_id: String,
}

#[derive(Deserialize, IntoParams)]
pub(super) struct Case {
    /// The sample.
    sample_id: String,
    /// The case, from 1.
    case: u32,
}

/// A sample without identities.
#[derive(Serialize, ToSchema)]
pub(super) struct Drawn {
    sample_id: String,
    /// What decided who is in it: the children whose SHA-256 over seed, line feed and child id is least.
    seed: String,
    /// Whether a person chose the seed.
    seed_given: bool,
    #[schema(value_type = String, format = DateTime)]
    from: Timestamp,
    #[schema(value_type = String, format = DateTime)]
    to: Timestamp,
    /// The last position of intake that was known.
    through: i64,
    /// Out of how many children.
    population: i64,
    /// How many cases; they are numbered from 1.
    cases: usize,
    #[schema(value_type = String, format = DateTime)]
    drawn_at: Timestamp,
    drawn_by: String,
    /// Who was told which case is whom, and why.
    unmasked: Vec<Unmasked>,
}

#[derive(Serialize, ToSchema)]
struct Unmasked {
    case: u32,
    reason: String,
    by: String,
    #[schema(value_type = String, format = DateTime)]
    at: Timestamp,
}

/// All samples, oldest first.
#[derive(Serialize, ToSchema)]
pub(super) struct List {
    items: Vec<Drawn>,
}

/// What happened in one case, without who it is about.
#[derive(Serialize, ToSchema)]
pub(super) struct Masked {
    sample_id: String,
    case: u32,
    events: Vec<MaskedLine>,
}

/// A line of a chronology that names no child and no person.
#[derive(Serialize, ToSchema)]
struct MaskedLine {
    kind: String,
    /// What happened, in words.
    summary: String,
    #[schema(value_type = String, format = DateTime)]
    occurred_at: Timestamp,
    #[schema(value_type = String, format = DateTime)]
    recorded_at: Timestamp,
    /// The organisation and the role of who did it.
    org_name: String,
    role: String,
}

/// An auditor has a sample drawn.
#[utoipa::path(post, path = "/api/audit/dip-samples", operation_id = "draw_sample", request_body = NewSample,
    responses((status = 201, body = serde_json::Value)))]
pub(super) async fn create(State(app): State<App>, sent: Create<Auditors, NewSample>) -> Result<Answered, Problem> {
    let NewSample { from, to, size, seed } = &sent.body;
    let (from, to) = ((*from).max(EARLIEST), (*to).max(EARLIEST));
    if from > to || !(1..=100).contains(size) {
        return Err(Problem::invalid_at("/size", "1 to 100 children, and a period that ends after it begins"));
    }
    if seed.as_ref().is_some_and(|seed| !(8..=128).contains(&seed.len()) || !seed.bytes().all(|byte| byte.is_ascii_alphanumeric())) {
        return Err(Problem::invalid_at("/seed", "8 to 128 letters and digits"));
    }
    let rows: Vec<(String, i64)> = sqlx::query_as(
        "select distinct child, (select position from log.inbox where source = 'intake') from audit.contact
         where received_at >= $1 and received_at < $2",
    )
    .bind(PgTime(from))
    .bind(PgTime(to))
    .fetch_all(&app.pool)
    .await
    .map_err(unavailable)?;
    let through = rows.first().map_or(0, |(_, position)| *position);
    let population: Vec<ChildId> = rows.iter().filter_map(|(child, _)| child.parse().ok()).collect();
    let made = || format!("{}{}", app.kit.ids.uuid().simple(), app.kit.ids.uuid().simple());
    let (given, seed) = (seed.is_some(), seed.clone().unwrap_or_else(made));
    let sample = Sample {
        cases: draw(&seed, &population, *size),
        seed,
        seed_given: given,
        from,
        to,
        through,
        population: i64::try_from(population.len()).unwrap_or(i64::MAX),
        by: sent.by.person().clone(),
        at: sent.now,
    };
    let id = format!("smp_{}", app.kit.ids.uuid().simple());
    carry_out(&app, &sent, Command::Draw { id, sample }, 201).await
}

/// An auditor is told who a case is. The reason is kept, and the child's chronology says that it was done.
#[utoipa::path(post, path = "/api/audit/dip-samples/{sample_id}/cases/{case}/unmask", operation_id = "unmask_case", params(Case),
    request_body = Reason, responses((status = 200, body = serde_json::Value)))]
pub(super) async fn unmask(
    State(app): State<App>,
    Path(Case { sample_id, case }): Path<Case>,
    sent: Create<Auditors, Reason>,
) -> Result<Answered, Problem> {
    let reason = sent.body.reason.expose().trim();
    if !(10..=1_000).contains(&reason.chars().count()) || reason.contains('\0') {
        return Err(Problem::invalid_at("/reason", "a reason in words, 10 to 1,000 characters"));
    }
    let all = samples(&app).await?;
    let (sample, _) = all.0.get(&sample_id).ok_or_else(Problem::not_found)?;
    let child = usize::try_from(case).ok().and_then(|case| sample.cases.get(case.checked_sub(1)?)).ok_or_else(Problem::not_found)?;
    let key = app.vault.new_key(&format!("unmasking-{sample_id}"), &[*child]).await;
    let key = key.map_err(|error| {
        if matches!(error, VaultError::Erased) {
            Problem::refusal("child_erased", "This child's record was erased.")
        } else {
            Problem::internal("vault", &error)
        }
    })?;
    let reason = key.seal(&place(&sample_id, case), reason).map_err(|error| Problem::internal("vault", &error))?;
    let command = Command::Unmask { id: sample_id, case, reason, by: sent.by.person().clone(), at: sent.now };
    carry_out(&app, &sent, command, 200).await
}

/// Every sample that was drawn, and who was unmasked in it.
#[utoipa::path(get, path = "/api/audit/dip-samples", operation_id = "list_samples", responses((status = 200, body = List)))]
pub(super) async fn list(State(app): State<App>, by: As<Auditors>, trace: Trace) -> Result<Json<List>, Problem> {
    let items = shown(&app, samples(&app).await?).await?;
    looked(&app, &by, &trace, ("all", None)).await?;
    Ok(Json(List { items }))
}

/// One sample.
#[utoipa::path(get, path = "/api/audit/dip-samples/{sample_id}", operation_id = "show_sample", params(One), responses((status = 200, body = Drawn)))]
pub(super) async fn show(
    State(app): State<App>,
    by: As<Auditors>,
    trace: Trace,
    Path(One { sample_id }): Path<One>,
) -> Result<Json<Drawn>, Problem> {
    let mut all = samples(&app).await?;
    all.0.retain(|id, _| *id == sample_id);
    let drawn = shown(&app, all).await?.pop().ok_or_else(Problem::not_found)?;
    looked(&app, &by, &trace, (&sample_id, None)).await?;
    Ok(Json(drawn))
}

/// What happened in one case, over all services, without identities.
#[utoipa::path(get, path = "/api/audit/dip-samples/{sample_id}/cases/{case}", operation_id = "read_case", params(Case),
    responses((status = 200, body = Masked)))]
pub(super) async fn case(
    State(app): State<App>,
    by: As<Auditors>,
    trace: Trace,
    Path(Case { sample_id, case }): Path<Case>,
) -> Result<impl IntoResponse, Problem> {
    let all = samples(&app).await?;
    let (sample, _) = all.0.get(&sample_id).ok_or_else(Problem::not_found)?;
    let child = usize::try_from(case).ok().and_then(|case| sample.cases.get(case.checked_sub(1)?)).ok_or_else(Problem::not_found)?;
    let lines = chronology::whole(&app.pool, *child).await.map_err(unavailable)?;
    looked(&app, &by, &trace, (&sample_id, Some((case, *child)))).await?;
    let masked = |line: Line| MaskedLine {
        kind: line.kind,
        summary: line.summary,
        occurred_at: line.occurred_at,
        recorded_at: line.recorded_at,
        org_name: line.actor.org_name,
        role: line.actor.role,
    };
    Ok(Json(Masked { sample_id, case, events: lines.into_iter().map(masked).collect() }))
}

fn place(sample: &str, case: u32) -> String {
    format!("sample.unmasked/reason/{sample}/{case}")
}

async fn looked(app: &App, by: &As<Auditors>, trace: &Trace, (sample, case): (&str, Option<(u32, ChildId)>)) -> Result<(), Problem> {
    let (case, child) = case.unzip();
    let event = Event::SampleRead { sample: sample.to_owned(), case, child };
    put_on_record(app, by.actor().clone(), trace, event).await.map(drop)
}

async fn samples(app: &App) -> Result<Samples, Problem> {
    let events = app.events(&Stream::new(SAMPLES, "all")).await?;
    Ok(Sampling::replay(events.iter().filter_map(Event::sample)))
}

async fn shown(app: &App, samples: Samples) -> Result<Vec<Drawn>, Problem> {
    let reasons: Vec<&kernel::Sealed> = samples.0.values().flat_map(|(_, unmasked)| unmasked.iter().map(|one| &one.reason)).collect();
    let keys = app.vault.keys_for(&reasons).await.map_err(|error| Problem::internal("vault", &error))?;
    let open = |id: &str, one: &Unmasking| {
        let opened = match keys.open::<String>(&place(id, one.case), &one.reason) {
            Ok(reason) => Ok(reason.into_exposed()),
            Err(vault::OpenError::Erased) => Ok("[erased]".to_owned()),
            Err(error) => Err(Problem::internal("vault", &error)),
        };
        Ok::<_, Problem>(Unmasked { case: one.case, reason: opened?, by: one.by.actor().id.clone(), at: one.at })
    };
    let mut drawn = Vec::with_capacity(samples.0.len());
    for (id, (sample, unmasked)) in samples.0 {
        drawn.push(Drawn {
            unmasked: unmasked.iter().map(|one| open(&id, one)).collect::<Result<_, _>>()?,
            sample_id: id,
            seed: sample.seed,
            seed_given: sample.seed_given,
            from: sample.from,
            to: sample.to,
            through: sample.through,
            population: sample.population,
            cases: sample.cases.len(),
            drawn_at: sample.at,
            drawn_by: sample.by.actor().id.clone(),
        });
    }
    Ok(drawn)
}

async fn carry_out<T>(app: &App, sent: &Create<Auditors, T>, command: Command, status: u16) -> Result<Answered, Problem> {
    let stream = Stream::new(SAMPLES, "all");
    let request = Request {
        streams: vec![stream.clone()],
        expect: None,
        unmoved: None,
        receipt: Some(sent.receipt.clone()),
        context: sent.context(None),
        advance: None,
        decide: Box::new(move |past: &Past<'_, Event>| {
            let state = Sampling::replay(past.of(&stream).iter().filter_map(|recorded| recorded.event.sample()));
            let events = Sampling::decide(&state, command.clone())?;
            let body = events.first().map(|event| match event {
                SampleEvent::Drawn { id, sample } => json!({ "sample_id": id, "seed": sample.seed, "cases": sample.cases.len() }),
                SampleEvent::Unmasked { id, unmasking } => json!({ "sample_id": id, "case": unmasking.case, "child_id": unmasking.child }),
            });
            let events = events.into_iter().map(Event::Sample).collect();
            Ok(Decided { events, status, body: body.unwrap_or_default(), resource: None })
        }),
        describe: None,
    };
    command::run(&app.kit.tasks, &app.store, request).await
}

impl Event {
    /// What has happened to samples, if it has.
    fn sample(&self) -> Option<&SampleEvent> {
        match self {
            Self::Sample(event) => Some(event),
            Self::ChronologyRead { .. }
            | Self::HandoversRead { .. }
            | Self::ReportRead { .. }
            | Self::LearningRead { .. }
            | Self::SampleRead { .. }
            | Self::Learning(_)
            | Self::Alerted(_) => None,
        }
    }
}
