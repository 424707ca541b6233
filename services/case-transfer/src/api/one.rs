//! One transfer. Looking at it records nothing: opening it does.

use std::collections::BTreeSet;

use axum::{
    Json,
    extract::State,
    response::{IntoResponse, Response},
};
use kernel::{Actor, ChildId, Recorded, Sealed, TransferId};
use serde_json::{Map, Value, json};
use service_kit::{Caller, Path, Problem};

use super::{answers::place, ask::tag, sheet};
use crate::{
    app::{App, Loaded},
    kept::Kept,
    publish::step,
    rules::{Event, Situation},
    shown,
    sight::Sight,
    transfer::{Spoken, TransferEvent},
};

/// A transfer, as far as the caller may see it: the sheet for the two boroughs, what happened for the others who may know.
#[utoipa::path(get, path = "/api/transfers/{id}", params(("id" = String, Path)), responses((status = 200, body = serde_json::Value)))]
pub(crate) async fn show_transfer(State(app): State<App>, Path(id): Path<TransferId>, caller: Caller) -> Result<Response, Problem> {
    let (loaded, sight) = app.seen(&caller, app.transfer(id).await?).await?;
    let talk = &loaded.talk;
    let mut situation = Situation::default();
    let children: BTreeSet<ChildId> = talk.children().collect();
    app.children(children).await?.iter().for_each(|recorded| situation.take(&recorded.event.event));
    loaded.history.iter().for_each(|recorded| situation.take(&recorded.event.event));
    let answer = shown::answer(&situation, id, &loaded.reference(), caller.org.borough());
    let mut shown = shown::object(answer);
    let now = app.kit.clock.now();
    for (name, borough) in [("from_phone", &talk.offer.from), ("to_phone", &talk.offer.to)] {
        let desk = app.desk(borough).await?;
        shown.insert(name.to_owned(), json!(desk.map(|desk| desk.phone_now(now).to_owned())));
    }
    if sight == Sight::Party {
        shown.insert("sheet".to_owned(), sheet::open(&app, &talk.offer).await?);
    }
    shown.insert("history".to_owned(), app.history(&loaded, sight).await?.into());
    Ok((tag(talk.version), Json(Value::Object(shown))).into_response())
}

impl App {
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
        TransferEvent::DisputeOpened { interim_plan: Some(plan), .. } => vec![("interim_plan", at("dispute_opened"), plan)],
        TransferEvent::SettlementSigned { text, .. } => vec![("text", at("settlement_signed"), text)],
        TransferEvent::AgreementRecorded { people: [one, other], text, .. } => vec![
            ("one", at("agreement_recorded/people"), one),
            ("other", at("agreement_recorded/people"), other),
            ("text", at("agreement_recorded/text"), text),
        ],
        TransferEvent::AcceptedElsewhere { person, evidence, .. } => {
            vec![("person", at("accepted_elsewhere/person"), person), ("evidence", at("accepted_elsewhere/evidence"), evidence)]
        }
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
