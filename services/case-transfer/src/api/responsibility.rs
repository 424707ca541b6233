//! Who is responsible for a child, now or at any instant before: the promise of the product.

use std::collections::{BTreeMap, BTreeSet};

use axum::{
    Json,
    extract::State,
    response::{IntoResponse, Response},
};
use kernel::{Borough, ChildId, Recorded, Role, StoredEvent as _, Timestamp};
use serde::Deserialize;
use serde_json::{Value, json};
use service_kit::{
    Caller, Fault, Path, Problem, Query,
    look::{Under, under},
};
use utoipa::IntoParams;

use super::{ask::tag, desks::desk_name};
use crate::{
    app::{App, away, name_of},
    desk::Desk,
    kept::Kept,
    ledger::{Duty, Holding, Ledger, LedgerEvent, Power},
    rules::{Event, Situation},
    sight::DESK,
    views::{desks, links},
};

/// At which instant.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct At {
    /// Now, if nothing is said.
    #[param(value_type = Option<String>, format = DateTime)]
    at: Option<Timestamp>,
}

/// Everything about some linked children.
struct Family {
    situation: Situation,
    /// The events of each child, in order; the version of a holding is the place of the event that made it so.
    events: BTreeMap<ChildId, Vec<Recorded<Kept>>>,
    desks: BTreeMap<Borough, Desk>,
    at: Option<Timestamp>,
    now: Timestamp,
}

/// Which borough holds which duty towards a child, since when, and because of which event.
#[utoipa::path(get, path = "/api/transfers/children/{child_id}/responsibility", params(("child_id" = String, Path), At),
    responses((status = 200, body = serde_json::Value)))]
pub(crate) async fn show_responsibility(
    State(app): State<App>,
    Path(child): Path<ChildId>,
    Query(At { at }): Query<At>,
    caller: Caller,
) -> Result<Response, Problem> {
    if !caller.is_any(&DESK) && !caller.is_any(&[Role::Referrer, Role::BoardAuditor]) {
        return Err(Problem::forbidden("Who is responsible is shown to duty desks, to those who refer, and to the auditor."));
    }
    if at.is_some_and(|at| at > app.kit.clock.now()) {
        return Err(Problem::invalid(vec![Fault::in_parameter("at", "not later than now")]));
    }
    let linked = links::linked(app.pool(), [child]).await.map_err(away)?.remove(&child).unwrap_or_default();
    let family = app.family(&linked, at).await?;
    let ledger = family.situation.ledgers.get(&child).ok_or_else(Problem::not_found)?;
    let others: Vec<Value> =
        linked.iter().filter(|other| **other != child).map(|other| json!({ "child_id": other, "duties": family.duties(*other) })).collect();
    let mut answer = json!({
        "child_id": child,
        "duties": family.duties(child),
        "version": ledger.version,
        "at": at,
        "linked": others,
        "conflict": family.is_conflicting(&linked),
        "stale_since": app.stale_since(),
    });
    let mut glass = None;
    if let (None, Some(members)) = (at, answer.as_object_mut()) {
        let (missing_since, started) = family.began(child);
        members.insert("missing".to_owned(), ledger.missing.into());
        members.insert("missing_since".to_owned(), json!(missing_since.filter(|_| ledger.missing)));
        let own = app.glass_for(&caller, [child].into_iter()).await?;
        members.insert("break_glass".to_owned(), json!(own.as_ref().map(|own| json!({ "glass_id": own.id, "until": own.until }))));
        let (transfers, under_it) = app.open_transfers(&caller, ledger, own.is_some()).await?;
        glass = own.filter(|_| under_it);
        members.insert("transfers".to_owned(), transfers.into());
        if caller.is_any(&DESK) {
            let powers = ledger.powers_at(family.now);
            let powers =
                powers.map(|(power, ends_at)| json!({ "power": power, "started_at": started.get(&power), "ends_at": ends_at })).collect();
            members.insert("powers".to_owned(), powers);
            members.insert("plan".to_owned(), json!(ledger.plan));
        }
        members.insert("undecided_contacts".to_owned(), family.undecided().into());
    }
    Ok(under((tag(ledger.version), Json(answer)).into_response(), glass.map(|glass| Under::Looking(glass.id))))
}

impl App {
    /// The transfers in which a duty of the child is now, as far as the caller may know of them, and whether they know of one under a
    /// break-glass alone.
    async fn open_transfers(&self, caller: &Caller, ledger: &Ledger, glass: bool) -> Result<(Vec<Value>, bool), Problem> {
        let ids: BTreeSet<_> = ledger.in_transfer.values().map(|open| open.transfer).collect();
        let (mut shown, mut under_it) = (Vec::new(), false);
        for id in ids {
            let Some(loaded) = self.transfer(id).await? else { continue };
            let sees = self.sight_of(caller, &loaded).await?.is_some();
            let opened = glass && self.knows_under_glass(caller, &loaded);
            if !sees && !opened {
                continue;
            }
            under_it |= !sees;
            let (reference, talk) = (loaded.reference(), &loaded.talk);
            shown.push(json!({ "transfer_id": id, "reference": reference, "state": talk.stage.code(), "to": talk.offer.to }));
        }
        Ok((shown, under_it))
    }

    async fn family(&self, children: &BTreeSet<ChildId>, at: Option<Timestamp>) -> Result<Family, Problem> {
        let mut situation = Situation::default();
        let mut events: BTreeMap<ChildId, Vec<Recorded<Kept>>> = BTreeMap::new();
        for recorded in self.children(children.iter().copied()).await? {
            situation.take(&recorded.event.event);
            if let Event::Ledger(child, _) = &recorded.event.event {
                events.entry(*child).or_default().push(recorded);
            }
        }
        let holders: BTreeSet<&Borough> = situation.ledgers.values().flat_map(Ledger::history).map(|held| &held.holder).collect();
        let known = desks::of(self.pool(), holders).await.map_err(away)?;
        let desks = known.into_iter().map(|known| (known.borough, known.desk)).collect();
        Ok(Family { situation, events, desks, at, now: self.kit.clock.now() })
    }
}

impl Family {
    fn held<'a>(&'a self, ledger: &'a Ledger) -> Vec<&'a Holding> {
        self.at.map_or_else(|| ledger.duties().collect(), |at| ledger.duties_at(at))
    }

    fn duties(&self, child: ChildId) -> Vec<Value> {
        let Some(ledger) = self.situation.ledgers.get(&child) else { return vec![] };
        self.held(ledger).into_iter().map(|held| self.duty(child, ledger, held)).collect()
    }

    fn duty(&self, child: ChildId, ledger: &Ledger, held: &Holding) -> Value {
        let place = usize::try_from(held.version - 1).unwrap_or(usize::MAX);
        let because = self.events.get(&child).and_then(|events| events.get(place));
        let desk = self.desks.get(&held.holder);
        let awaiting = ledger.in_transfer.get(&held.duty).filter(|_| self.at.is_none());
        json!({
            "duty": held.duty,
            "holder": held.holder,
            "holder_name": name_of(&held.holder),
            "desk": desk.map(|desk| desk_name(desk.on_shift(self.now))),
            "desk_phone": desk.map(|desk| desk.phone_now(self.now)),
            "since": held.since,
            "because": because.map(|recorded| json!({
                "event": recorded.event.type_name(),
                "event_id": recorded.event_id,
                "position": recorded.position,
            })),
            // To this borough it is "still yours, awaiting receipt".
            "awaiting_receipt_of": awaiting.and_then(|open| open.awaiting_receipt.clone()),
        })
    }

    /// When the child was last reported missing, and since when each power runs that was recorded last.
    fn began(&self, child: ChildId) -> (Option<Timestamp>, BTreeMap<Power, Timestamp>) {
        let (mut missing, mut started) = (None, BTreeMap::new());
        for recorded in self.events.get(&child).into_iter().flatten() {
            if let Event::Ledger(_, LedgerEvent::MissingReported { .. }) = &recorded.event.event {
                missing = Some(recorded.recorded_at);
            } else if let Event::Ledger(_, LedgerEvent::PowerStarted { power, started_at, .. }) = &recorded.event.event {
                started.insert(*power, *started_at);
            }
        }
        (missing, started)
    }

    /// How many contacts somebody still has to decide on, under any of the linked ids, each once: ending a duty waits for them all.
    fn undecided(&self) -> usize {
        let contacts = self.situation.ledgers.values().flat_map(|ledger| &ledger.contacts);
        contacts.filter(|(_, contact)| contact.is_undecided()).map(|(referral, _)| referral).collect::<BTreeSet<_>>().len()
    }

    /// Whether two records that a person says are one child have different holders of one duty.
    fn is_conflicting(&self, linked: &BTreeSet<ChildId>) -> bool {
        let mut holders: BTreeMap<Duty, BTreeSet<&Borough>> = BTreeMap::new();
        for ledger in linked.iter().filter_map(|child| self.situation.ledgers.get(child)) {
            for held in self.held(ledger) {
                holders.entry(held.duty).or_default().insert(&held.holder);
            }
        }
        holders.values().any(|holders| holders.len() > 1)
    }
}
