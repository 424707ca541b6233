//! One transfer. Whoever is shown its sheet is on the record first; that a desk has opened it is said by `open` alone.

use std::collections::BTreeSet;

use axum::{
    Json,
    extract::State,
    response::{IntoResponse, Response},
};
use event_store::{Context, Decided, Request};
use kernel::{Actor, ChildId, Recorded, Role, Sealed, StoredEvent as _, TransferId};
use serde_json::{Map, Value, json};
use service_kit::{
    Caller, Path, Problem, Trace, command,
    look::{Under, under},
};

use super::{answers::place, ask::tag, sheet};
use crate::{
    app::{App, Loaded, away},
    clocks::When,
    kept::Kept,
    look::LookEvent,
    publish::step,
    rules::{Event, Situation},
    shown,
    sight::Sight,
    transfer::{Disagreement, Post, Spoken, TransferEvent},
    views::links,
};

/// Who may be shown a sheet.
pub(super) const LOOKERS: [Role; 5] = [Role::DutyWorker, Role::DutyManager, Role::HeadOfService, Role::Director, Role::BoroughSystem];

/// A transfer, as far as the caller may see it: the sheet for the two boroughs, what happened for the others who may know.
#[utoipa::path(get, path = "/api/transfers/{id}", params(("id" = String, Path)), responses((status = 200, body = serde_json::Value)))]
pub(crate) async fn show_transfer(
    State(app): State<App>,
    Path(id): Path<TransferId>,
    caller: Caller,
    trace: Trace,
) -> Result<Response, Problem> {
    let (loaded, sight, glass) = app.looked_at(&caller, app.transfer(id).await?).await?;
    if sight == Sight::Party {
        app.note_look(&caller, &loaded, trace).await?;
    }
    let talk = &loaded.talk;
    let mut situation = Situation::default();
    let children: BTreeSet<ChildId> = talk.children().collect();
    let linked = links::linked(app.pool(), children).await.map_err(away)?;
    let family: BTreeSet<ChildId> = linked.into_values().flatten().collect();
    app.children(family).await?.iter().for_each(|recorded| situation.take(&recorded.event.event));
    loaded.history.iter().for_each(|recorded| situation.take(&recorded.event.event));
    let answer = shown::answer(&situation, id, &loaded.reference(), caller.org.borough());
    let mut shown = shown::object(answer);
    let now = app.kit.clock.now();
    for (name, borough) in [("from_phone", &talk.offer.from), ("to_phone", &talk.offer.to)] {
        let desk = app.desk(borough).await?;
        shown.insert(name.to_owned(), json!(desk.map(|desk| desk.phone_now(now).to_owned())));
    }
    if sight == Sight::Party {
        shown.insert("sheet".to_owned(), sheet::open(&app, &talk.offer, (&situation, now)).await?);
    }
    shown.insert("history".to_owned(), app.history(&loaded, sight).await?.into());
    let mut shown = Value::Object(shown);
    glass.iter().for_each(|glass| glass.only_its_child(&mut shown));
    Ok(under((tag(talk.version), Json(shown)).into_response(), glass.map(|glass| Under::Looking(glass.id))))
}

impl App {
    /// Records who reads the sheet, before anything of it is released.
    async fn note_look(&self, caller: &Caller, loaded: &Loaded, trace: Trace) -> Result<(), Problem> {
        let by = caller.actor_as_any(&LOOKERS)?;
        let children: BTreeSet<ChildId> = loaded.talk.children().collect();
        let look = LookEvent::Viewed { children: children.into_iter().collect(), by: by.clone(), at: When::now(self.kit.clock.now()) };
        self.record_look(Event::Look(loaded.id, look), by, trace).await
    }

    /// Records a look on the stream of its own.
    pub(super) async fn record_look(&self, look: Event, by: Actor, trace: Trace) -> Result<(), Problem> {
        let (stream, now) = (look.stream(), self.kit.clock.now());
        let context = Context { actor: by, occurred_at: None, recorded_at: now, correlation: trace.id(), causation: None };
        let request = Request {
            streams: vec![stream],
            expect: None,
            unmoved: None,
            receipt: None,
            context,
            advance: None,
            decide: Box::new(move |_| {
                let events = vec![Kept { event: look.clone(), about: None }];
                Ok(Decided { events, status: 200, body: json!({}), resource: None })
            }),
            describe: None,
        };
        command::run(&self.kit.tasks, &self.store, request).await.map(drop)
    }

    /// Every event of the transfer, with its texts for the two boroughs. All texts are opened at once.
    async fn history(&self, loaded: &Loaded, sight: Sight) -> Result<Vec<Value>, Problem> {
        let (mut lines, mut names, mut sealed) = (Vec::with_capacity(loaded.history.len()), vec![], vec![]);
        for recorded in &loaded.history {
            let Event::Transfer(id, event) = &recorded.event.event else { continue };
            if sight == Sight::Party {
                for (name, place, text) in texts(*id, event) {
                    names.push((lines.len(), name));
                    sealed.push((place, text));
                }
            }
            lines.push(line(recorded, event, sight));
        }
        for ((at, name), text) in names.into_iter().zip(self.open(&sealed).await?) {
            if let Some(line) = lines.get_mut(at) {
                line.insert(name.to_owned(), text);
            }
        }
        Ok(lines.into_iter().map(Value::Object).collect())
    }
}

/// What happened, when, and by whom; a follower learns which organisation, and nobody's name but of those who are called.
fn line(recorded: &Recorded<Kept>, event: &TransferEvent, sight: Sight) -> Map<String, Value> {
    let (what, code) = step(event);
    let by = |actor: &Actor| match sight {
        Sight::Party | Sight::Auditor => json!({ "name": actor.name, "org": actor.org, "role": actor.role }),
        Sight::Follower => json!({ "org": actor.org }),
    };
    let mut line = shown::object(json!({
        "what": what,
        "code": code,
        "at": recorded.recorded_at,
        "occurred_at": recorded.occurred_at,
        "position": recorded.position,
        "version": recorded.version,
        "by": by(&recorded.actor),
    }));
    if let TransferEvent::Escalated { level, people, next_at, .. } = event {
        let called: Vec<Value> =
            people.iter().map(|person| json!({ "borough": person.borough, "name": person.name, "phone": person.phone })).collect();
        line.extend(shown::object(json!({ "level": level, "called": called, "next_at": next_at })));
    }
    if let TransferEvent::LinkDown { phone, .. } = event {
        line.insert("ring".to_owned(), json!(phone));
    }
    if let TransferEvent::SiblingsSplit { taken, left, managers, .. } = event {
        let told: Vec<Value> = managers.iter().map(|person| json!({ "borough": person.borough, "name": person.name })).collect();
        line.extend(shown::object(json!({ "taken": taken, "left": left, "told": told })));
    }
    line
}

/// The texts of an event, each with its name in the answer and the place that it was sealed for.
fn texts(id: TransferId, event: &TransferEvent) -> Vec<(&'static str, String, &Sealed)> {
    let at = |what: &str| place(what, id);
    match event {
        TransferEvent::InformationRequested { text, .. } => vec![("text", at("information_requested"), text)],
        TransferEvent::InformationGiven { text, .. } => vec![("text", at("information_given"), text)],
        TransferEvent::ConditionsProposed { text, .. } => vec![("text", at("conditions_proposed"), text)],
        TransferEvent::Declined { text: Some(text), .. } => vec![("text", at("declined"), text)],
        TransferEvent::Withdrawn { reason, .. } => vec![("text", at("withdrawn"), reason)],
        TransferEvent::FactCorrected { text, .. } => vec![("text", at("fact_corrected"), text)],
        TransferEvent::InterimPlanRecorded { plan, .. } => vec![("interim_plan", at("interim_plan_recorded"), plan)],
        // A decline that opens a dispute takes the plan of the sheet, which was sealed for its place there.
        TransferEvent::DisputeOpened { interim_plan: Some(plan), because, .. } => match because {
            Disagreement::ByManager => vec![("interim_plan", at("dispute_opened"), plan)],
            Disagreement::SecondDecline | Disagreement::OnlyCandidateDeclined => vec![("interim_plan", sheet::place("interim_plan"), plan)],
        },
        TransferEvent::SettlementSigned { text, .. } => vec![("text", at("settlement_signed"), text)],
        TransferEvent::AgreementRecorded { people: [one, other], text, .. } => vec![
            ("one", at("agreement_recorded/people"), one),
            ("other", at("agreement_recorded/people"), other),
            ("text", at("agreement_recorded/text"), text),
        ],
        TransferEvent::AcceptedElsewhere { person, role, evidence, .. } => {
            let role = if let Post::Sealed(role) = role { Some(("role", at("accepted_elsewhere/role"), role)) } else { None };
            let told = [("person", at("accepted_elsewhere/person"), person), ("evidence", at("accepted_elsewhere/evidence"), evidence)];
            told.into_iter().chain(role).collect()
        }
        TransferEvent::RestSettled { reason: Some(reason), .. } => vec![("text", at("rest_settled"), reason)],
        TransferEvent::HandoverConfirmed { giver, taker, spoken, read_back, .. } => {
            let mut texts = vec![("giver", at("handover_confirmed/giver"), giver), ("taker", at("handover_confirmed/taker"), taker)];
            texts.extend(read_back.as_ref().map(|text| ("read_back", at("handover_confirmed/read_back"), text)));
            if let Spoken::NotBecause(text) = spoken {
                texts.push(("not_spoken_because", at("handover_confirmed/not_spoken_because"), text));
            }
            texts
        }
        TransferEvent::Offered { .. }
        | TransferEvent::Delivered { .. }
        | TransferEvent::LinkDown { .. }
        | TransferEvent::Seen { .. }
        | TransferEvent::ConditionsAgreed { .. }
        | TransferEvent::Accepted { .. }
        | TransferEvent::RestSettled { reason: None, .. }
        | TransferEvent::SiblingsSplit { .. }
        | TransferEvent::Received { .. }
        | TransferEvent::Declined { text: None, .. }
        | TransferEvent::Redirected { .. }
        | TransferEvent::Superseded { .. }
        | TransferEvent::HandedBack { .. }
        | TransferEvent::HandedOver { .. }
        | TransferEvent::AgreementConfirmed { .. }
        | TransferEvent::Escalated { .. }
        | TransferEvent::ClockRanOut { .. }
        | TransferEvent::DisputeOpened { interim_plan: None, .. }
        | TransferEvent::DisputeSettled { .. }
        | TransferEvent::ConflictDeclared { .. }
        | TransferEvent::Closed { .. } => vec![],
    }
}
