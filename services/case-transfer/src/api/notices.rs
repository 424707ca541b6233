//! What desks wrote about a child's duties, for those whom it concerns: notices of a stay, and why a duty ended.

use std::collections::{BTreeMap, BTreeSet};

use axum::{
    Json,
    extract::State,
    response::{IntoResponse, Response},
};
use kernel::{Borough, ChildId, Person, Recorded, Role, Sealed};
use serde_json::{Map, Value, json};
use service_kit::{
    Caller, Path, Problem, Trace,
    look::{Under, under},
};

use super::{
    children::{notice_place, reason_place},
    one::LOOKERS,
};
use crate::{
    app::{App, away},
    clocks::When,
    kept::Kept,
    ledger::{Ending, Ledger, LedgerEvent},
    look::LookEvent,
    rules::{Event, Situation},
    shown::object,
    views::cases,
};

/// Which list of the answer a line stands in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Notice,
    Ended,
}

/// One line, whom it concerns, and its text with the place that it was sealed for.
struct Said<'a> {
    kind: Kind,
    concerns: BTreeSet<&'a Borough>,
    line: Map<String, Value>,
    text: Option<(String, &'a Sealed)>,
}

/// The notices about a child and the duties that ended. A notice is read by the borough that gave it and the one that it went to; why a
/// duty ended, by whoever held it or holds a duty now. The board's auditor sees that they exist. To everybody else there are none.
/// `retention` says how long the record is kept, by the edition that the end of the last duty cites; `null` while a duty is open,
/// and for whoever never held one.
#[utoipa::path(get, path = "/api/transfers/children/{child_id}/notices", params(("child_id" = String, Path)),
    responses((status = 200, body = serde_json::Value)))]
pub(crate) async fn list_notices(
    State(app): State<App>,
    Path(child): Path<ChildId>,
    caller: Caller,
    trace: Trace,
) -> Result<Response, Problem> {
    let history = app.children([child]).await?;
    let mut situation = Situation::default();
    history.iter().for_each(|recorded| situation.take(&recorded.event.event));
    let ledger = situation.ledgers.get(&child).ok_or_else(Problem::not_found)?;
    let holders: BTreeSet<&Borough> = ledger.duties().map(|held| &held.holder).collect();
    let mut all: Vec<Said<'_>> = history.iter().filter_map(|recorded| said(child, recorded, ledger)).collect();
    let own = app.own_among(&caller, all.iter().flat_map(|said| &said.concerns).chain(&holders).copied()).await?;
    let near = all.iter().any(|said| !said.concerns.is_disjoint(&own)) || !holders.is_disjoint(&own);
    // Whoever is shown a part only may see the whole under a break-glass.
    let whole = near && all.iter().all(|said| !said.concerns.is_disjoint(&own));
    let glass = if whole { None } else { app.glass_for(&caller, [child].into_iter()).await? };
    if !caller.is_any(&[Role::BoardAuditor]) && glass.is_none() {
        if !near {
            return Err(Problem::not_found().because("no_relationship"));
        }
        all.retain(|said| !said.concerns.is_disjoint(&own));
    }
    if glass.is_none() {
        all.iter_mut().filter(|said| said.concerns.is_disjoint(&own)).for_each(|said| said.text = None);
    }
    let texts = app.read_texts(child, &caller, &all, trace).await?;
    let (mut notices, mut ended) = (vec![], vec![]);
    for (place, Said { kind, mut line, .. }) in all.into_iter().enumerate() {
        line.extend(texts.get(&place).map(|text| ("text".to_owned(), text.clone())));
        match kind {
            Kind::Notice => notices.push(line),
            Kind::Ended => ended.push(line),
        }
    }
    // What a case came to is for those who held it, and not for every borough that was given a notice.
    let may_know = caller.is_any(&[Role::BoardAuditor]) || ledger.history().iter().any(|held| own.contains(&held.holder));
    let case = if may_know { cases::ended_of(app.pool(), child).await.map_err(away)? } else { None };
    let retention = case.map(|case| case.kept(&app.editions.editions()));
    let body = Json(json!({ "child_id": child, "notices": notices, "ended": ended, "retention": retention }));
    Ok(under(body.into_response(), glass.map(|glass| Under::Looking(glass.id))))
}

impl App {
    /// The boroughs among these for which the caller works, now.
    async fn own_among<'a>(&self, caller: &Caller, boroughs: impl Iterator<Item = &'a Borough>) -> Result<BTreeSet<&'a Borough>, Problem> {
        let (mut own, now) = (BTreeSet::new(), self.kit.clock.now());
        for borough in boroughs.collect::<BTreeSet<_>>() {
            if self.acts_for(caller, borough, now).await? {
                own.insert(borough);
            }
        }
        Ok(own)
    }

    /// The texts, by the place of their line. Who reads them is on the record before anything of them is released.
    async fn read_texts(&self, child: ChildId, caller: &Caller, all: &[Said<'_>], trace: Trace) -> Result<BTreeMap<usize, Value>, Problem> {
        let (places, sealed): (Vec<_>, Vec<_>) =
            all.iter().enumerate().filter_map(|(place, said)| Some((place, said.text.clone()?))).unzip();
        if sealed.is_empty() {
            return Ok(BTreeMap::new());
        }
        let by = caller.actor_as_any(&LOOKERS)?;
        let look = LookEvent::Viewed { children: vec![child], by: by.clone(), at: When::now(self.kit.clock.now()) };
        self.record_look(Event::ChildLook(child, look), by, trace).await?;
        Ok(places.into_iter().zip(self.open(&sealed).await?).collect())
    }
}

#[expect(clippy::wildcard_enum_match_arm, reason = "only two events of a ledger hold a text")]
fn said<'a>(child: ChildId, recorded: &'a Recorded<Kept>, ledger: &'a Ledger) -> Option<Said<'a>> {
    let Event::Ledger(_, event) = &recorded.event.event else { return None };
    match event {
        LedgerEvent::NoticeGiven { to, until, text, by, .. } => {
            let from = by.actor().org.borough();
            let line = object(json!({ "from": from, "to": to, "until": until, "at": recorded.recorded_at, "by": shown(by) }));
            let concerns = from.into_iter().chain([to]).collect();
            Some(Said { kind: Kind::Notice, concerns, line, text: Some((notice_place(child), text)) })
        }
        LedgerEvent::DutyEnded { duty, holder, why, by, .. } => {
            let held = ledger.history().iter().filter(|held| held.duty == *duty).map(|held| &held.holder);
            let concerns = held.chain(ledger.duties().map(|held| &held.holder)).collect();
            let mut line = object(json!({ "duty": duty, "holder": holder, "at": recorded.recorded_at, "by": shown(by) }));
            let text = match why {
                Ending::Reason(text) => Some((reason_place(child), text)),
                Ending::Decision(referral, outcome) => {
                    line.insert("decision".to_owned(), json!({ "referral_id": referral, "outcome": outcome }));
                    None
                }
            };
            Some(Said { kind: Kind::Ended, concerns, line, text })
        }
        _ => None,
    }
}

fn shown(by: &Person) -> Value {
    let actor = by.actor();
    json!({ "name": actor.name, "org": actor.org, "role": actor.role })
}
