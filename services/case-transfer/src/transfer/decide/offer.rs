//! Offering: for the first time, again, to another borough, or back.

use std::collections::BTreeMap;

use kernel::{Borough, Person, Timestamp, TransferId};

use crate::{
    clocks::When,
    ledger::{Duty, LedgerEvent, Unmoved},
    rules::{Event, Refusal},
    transfer::{
        Asked, Chain, Item, NewOffer, Offer, Stage, Talk, Transfer, TransferEvent, Turn, Whereabouts,
        turn::{Asking, tidy},
    },
};

type New = (Box<Offer>, Option<TransferId>);

/// A new offer. One that stands for an earlier offer is decided on the version of that one.
pub(super) fn offer(turn: &Turn<'_>, by: &Person, on: i64, (offer, replaces): New) -> Result<Vec<Event>, Refusal> {
    if !crate::desk::has_duty_role(by) {
        return Err(Refusal::RoleMayNot);
    }
    if !turn.may_act(by, &offer.from) {
        return Err(Refusal::NotTheGiver(offer.from.clone()));
    }
    if let Some(Transfer::Offered(talk)) = turn.situation.transfers.get(&turn.transfer) {
        let same = *talk.offer == *offer && (replaces.is_none() || talk.chain.previous == replaces);
        return if same { Ok(vec![]) } else { Err(Refusal::IdTaken) };
    }
    let Some(old) = replaces else { return new_offer(turn, by, offer, None) };
    let turn_before = Turn { transfer: old, ..*turn };
    let talk = turn_before.talk()?;
    let before = Asking { turn: &turn_before, talk, by, on, side: None };
    before.has_no_conflict()?;
    before.as_giver()?;
    before.is_not_accepted()?;
    before.has_interim_plan()?;
    before.is_fresh()?;
    let superseded = TransferEvent::Superseded { next: turn.transfer, edition: turn.clocks.edition, by: by.clone(), at: turn.at };
    let mut events = vec![before.event(superseded)];
    events.extend(release_if_undecided(&before));
    events.extend(new_offer(turn, by, offer, Some((old, talk)))?);
    Ok(events)
}

/// The giver asks another borough with the same sheet. The whole age stays visible.
pub(super) fn redirect(asking: &Asking<'_>, to: Borough, next: TransferId) -> Result<Vec<Event>, Refusal> {
    let (turn, talk) = (asking.turn, asking.talk);
    asking.as_giver()?;
    if talk.stage == Stage::Redirected && talk.next == Some(next) {
        return Ok(vec![]);
    }
    asking.is_not_accepted()?;
    asking.has_interim_plan()?;
    if to == talk.offer.to {
        return Err(Refusal::SameBorough);
    }
    asking.is_fresh()?;
    let asked = |item: &Item| {
        let duties = talk.asked.iter().find(|asked| asked.child == item.child)?.duties.clone();
        Some(Item { duties, ..item.clone() })
    };
    let items = talk.offer.items.iter().filter_map(asked).collect();
    let offer = Offer { to: to.clone(), items, ..Offer::clone(&talk.offer) };
    let edition = turn.clocks.edition;
    let mut events = vec![asking.event(TransferEvent::Redirected { to, next, edition, by: asking.person(), at: turn.at })];
    events.extend(release_if_undecided(asking));
    let follow = Turn { transfer: next, ..*turn };
    events.extend(new_offer(&follow, asking.by, Box::new(offer), Some((turn.transfer, talk)))?);
    Ok(events)
}

/// The receiver offers back what it took and still holds. It holds it until the giver accepts.
pub(super) fn hand_back(asking: &Asking<'_>, new: NewOffer) -> Result<Vec<Event>, Refusal> {
    let (turn, talk) = (asking.turn, asking.talk);
    asking.as_receiver()?;
    match talk.stage {
        Stage::HandedBack if talk.next == Some(new.id) => return Ok(vec![]),
        Stage::HandedOver => {}
        Stage::Accepted | Stage::Received => return Err(Refusal::NotHandedOver),
        Stage::Offered | Stage::Delivered | Stage::Seen | Stage::Query => return Err(Refusal::NotAccepted(asking.holder())),
        Stage::Closed | Stage::Declined | Stage::Redirected | Stage::Withdrawn | Stage::Superseded | Stage::HandedBack => {
            return Err(asking.over());
        }
    }
    asking.is_fresh()?;
    let of = |child| talk.offer.items.iter().find(|item| item.child == child);
    let holds = |child, duty| turn.ledger(child).and_then(|ledger| ledger.holder(duty)) == Some(&talk.offer.to);
    let back = |taken: &Asked| {
        let item = of(taken.child);
        Item {
            child: taken.child,
            duties: taken.duties.iter().copied().filter(|duty| holds(taken.child, *duty)).collect(),
            whereabouts: item.map_or(Whereabouts::NotKnown, |item| item.whereabouts.clone()),
            shielded: item.is_some_and(|item| item.shielded),
            unborn: item.is_some_and(|item| item.unborn),
        }
    };
    let offer = Offer {
        from: talk.offer.to.clone(),
        to: talk.offer.from.clone(),
        priority: new.priority,
        items: talk.taken.iter().map(back).filter(|item| !item.duties.is_empty()).collect(),
        sheet: new.sheet,
        discharge_pending: false,
        followers: talk.offer.followers.clone(),
    };
    let edition = turn.clocks.edition;
    let handed_back = TransferEvent::HandedBack { next: new.id, edition, by: asking.person(), at: turn.at };
    let follow = Turn { transfer: new.id, ..*turn };
    let mut events = vec![asking.event(handed_back)];
    events.extend(new_offer(&follow, asking.by, Box::new(offer), Some((turn.transfer, talk)))?);
    Ok(events)
}

fn release_if_undecided(asking: &Asking<'_>) -> Vec<Event> {
    if asking.talk.stage.is_undecided() { asking.turn.release(&asking.talk.asked) } else { vec![] }
}

fn new_offer(turn: &Turn<'_>, by: &Person, offer: Box<Offer>, before: Option<(TransferId, &Talk)>) -> Result<Vec<Event>, Refusal> {
    if turn.situation.transfers.contains_key(&turn.transfer) {
        return Err(Refusal::IdTaken);
    }
    if offer.from == offer.to {
        return Err(Refusal::SameBorough);
    }
    let named: Vec<_> = offer.items.iter().map(|item| Asked { child: item.child, duties: item.duties.clone() }).collect();
    tidy(&named)?;
    for item in &offer.items {
        may_show(turn, item)?;
    }
    let previous = before.map(|(id, _)| id);
    let (asked, already_held) = split(turn, &offer, previous)?;
    let at: When = turn.at;
    let opened = asked.iter().map(|item| {
        let duties = item.duties.iter().copied().collect();
        Event::Ledger(item.child, LedgerEvent::TransferOpened { transfer: turn.transfer, duties, to: Some(offer.to.clone()), at })
    });
    let opened: Vec<_> = opened.collect();
    let earlier = earlier(turn, by, &asked, previous)?;
    let chain = chain(at.recorded_at, before, &earlier);
    let followed = earlier.iter().filter(|earlier| Some(earlier.id) != previous).filter_map(|earlier| followed(turn, by, earlier, &asked));
    let followed: Vec<_> = followed.collect();
    let connected = turn.situation.desk(&offer.to).is_some();
    let offered = TransferEvent::Offered { offer, asked, already_held, chain, connected, clocks: *turn.clocks, by: by.clone(), at };
    Ok(followed.into_iter().chain([turn.event(offered)]).chain(opened).collect())
}

/// A transfer whose receiver did not take something that is offered again now.
struct Earlier<'a> {
    id: TransferId,
    talk: &'a Talk,
    how: Unmoved,
}

/// The transfers in which what is asked now was not taken. Nobody has to name them: a new offer belongs to them by itself, so that
/// neither the declines nor an open dispute can be left behind.
fn earlier<'a>(turn: &Turn<'a>, by: &Person, asked: &[Asked], previous: Option<TransferId>) -> Result<Vec<Earlier<'a>>, Refusal> {
    let mut refused = BTreeMap::new();
    for item in asked {
        let ledger = turn.ledger(item.child).ok_or(Refusal::ScopeChanged)?;
        refused.extend(item.duties.iter().filter_map(|duty| ledger.refused.get(duty)).map(|refused| (refused.transfer, refused.how)));
    }
    let mut earlier = Vec::new();
    for (id, how) in refused {
        if Some(id) != previous && !turn.scope.transfers.contains(&id) {
            return Err(Refusal::ScopeChanged);
        }
        let about = Turn { transfer: id, ..*turn };
        let talk = about.talk()?;
        let asking = Asking { turn: &about, talk, by, on: talk.version, side: None };
        asking.has_no_conflict()?;
        asking.has_interim_plan()?;
        earlier.push(Earlier { id, talk, how });
    }
    Ok(earlier)
}

/// The whole age and every decline stay visible, whichever way the new offer follows the old ones.
fn chain(now: Timestamp, before: Option<(TransferId, &Talk)>, earlier: &[Earlier<'_>]) -> Chain {
    let named = before.map(|(id, talk)| (id, talk, talk.stage == Stage::Declined));
    let found = earlier.iter().map(|earlier| (earlier.id, earlier.talk, earlier.how == Unmoved::Declined));
    let links = || named.into_iter().chain(found.clone());
    Chain {
        first_offered_at: links().map(|(_, talk, _)| talk.chain.first_offered_at).min().unwrap_or(now),
        declines: links().map(|(_, talk, declined)| talk.chain.declines.saturating_add(declined.into())).max().unwrap_or(0),
        previous: named.or_else(|| links().last()).map(|(id, ..)| id),
    }
}

/// An earlier transfer of which everything that still waits with the giver is offered again is followed by the new one: its clock to
/// offer again stops. If something of it is left out, the clock goes on for that.
fn followed(turn: &Turn<'_>, by: &Person, earlier: &Earlier<'_>, asked: &[Asked]) -> Option<Event> {
    let talk = earlier.talk;
    let again = |child, duty: Duty| asked.iter().any(|item| item.child == child && item.duties.contains(&duty));
    let settled = |item: &Asked| item.duties.iter().all(|duty| again(item.child, *duty) || !turn.waits(talk, item.child, *duty));
    if talk.waiting().is_empty() || !talk.waiting().iter().all(settled) {
        return None;
    }
    let (next, edition, by, at) = (turn.transfer, turn.clocks.edition, by.clone(), turn.at);
    let event = match talk.stage {
        Stage::Declined => TransferEvent::Superseded { next, edition, by, at },
        Stage::Accepted | Stage::Received | Stage::HandedOver | Stage::Closed | Stage::HandedBack => {
            TransferEvent::RestSettled { next: Some(next), reason: None, edition, by, at }
        }
        Stage::Offered | Stage::Delivered | Stage::Seen | Stage::Query | Stage::Redirected | Stage::Withdrawn | Stage::Superseded => {
            return None;
        }
    };
    Some(Event::Transfer(earlier.id, event))
}

/// The address of a shielded child is never on a sheet, whoever forgot to say that it is shielded.
pub(super) fn may_show(turn: &Turn<'_>, item: &Item) -> Result<(), Refusal> {
    match item.whereabouts {
        Whereabouts::Address(_) if item.shielded || turn.situation.is_shielded(item.child) => Err(Refusal::ShieldedAddress),
        Whereabouts::Address(_) | Whereabouts::ContactDesk(_) | Whereabouts::NotKnown | Whereabouts::NotSaid => Ok(()),
    }
}

/// What the giver holds is asked; what the receiver holds already is noted; anything else cannot be offered.
fn split(turn: &Turn<'_>, offer: &Offer, previous: Option<TransferId>) -> Result<(Vec<Asked>, Vec<Asked>), Refusal> {
    let (mut asked, mut already) = (Vec::new(), Vec::new());
    for item in &offer.items {
        let (mut ask, mut held) = (item.duties.clone(), item.duties.clone());
        for duty in &item.duties {
            if may_ask(turn, offer, item, *duty, previous)? {
                held.remove(duty);
            } else {
                ask.remove(duty);
            }
        }
        let lists = [(&mut asked, ask), (&mut already, held)];
        for (list, duties) in lists.into_iter().filter(|(_, duties)| !duties.is_empty()) {
            list.push(Asked { child: item.child, duties });
        }
    }
    if asked.is_empty() { Err(Refusal::AlreadyHeld(offer.to.clone())) } else { Ok((asked, already)) }
}

/// Whether the duty is the giver's to offer; not, if the receiver holds it already.
fn may_ask(turn: &Turn<'_>, offer: &Offer, item: &Item, duty: Duty, previous: Option<TransferId>) -> Result<bool, Refusal> {
    let ledger = turn.ledger(item.child);
    let holder = ledger.and_then(|ledger| ledger.holder(duty));
    if holder == Some(&offer.to) {
        return Ok(false);
    }
    if holder != Some(&offer.from) {
        return Err(Refusal::NotTheHolder { duty, holder: holder.cloned() });
    }
    let Some(ledger) = ledger else { return Ok(false) };
    if let Some(open) = ledger.in_transfer.get(&duty).filter(|open| Some(open.transfer) != previous) {
        return Err(Refusal::DutyInTransfer(open.transfer));
    }
    match ledger.plan_kept_by(turn.at.recorded_at) {
        Some(power) if duty == Duty::Plan => Err(Refusal::PlanStays(power)),
        Some(_) | None => Ok(true),
    }
}
