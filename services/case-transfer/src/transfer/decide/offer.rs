//! Offering: for the first time, again, to another borough, or back.

use kernel::{Borough, Person, TransferId};

use crate::{
    clocks::When,
    ledger::{Duty, LedgerEvent},
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
        let same = *talk.offer == *offer && talk.chain.previous == replaces;
        return if same { Ok(vec![]) } else { Err(Refusal::IdTaken) };
    }
    let Some(old) = replaces else { return new_offer(turn, by, offer, None) };
    let turn_before = Turn { transfer: old, ..*turn };
    let talk = turn_before.talk()?;
    let before = Asking { turn: &turn_before, talk, by, on };
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
        Event::Ledger(item.child, LedgerEvent::TransferOpened { transfer: turn.transfer, duties, at })
    });
    let opened: Vec<_> = opened.collect();
    let chain = match before {
        None => Chain { first_offered_at: at.recorded_at, declines: 0, previous: None },
        Some((id, talk)) => {
            let declines = talk.chain.declines + u8::from(talk.stage == Stage::Declined);
            Chain { first_offered_at: talk.chain.first_offered_at, declines, previous: Some(id) }
        }
    };
    let connected = turn.situation.desk(&offer.to).is_some();
    let offered = TransferEvent::Offered { offer, asked, already_held, chain, connected, clocks: *turn.clocks, by: by.clone(), at };
    Ok([turn.event(offered)].into_iter().chain(opened).collect())
}

/// The address of a shielded child is never on a sheet, whoever forgot to say that it is shielded.
pub(super) fn may_show(turn: &Turn<'_>, item: &Item) -> Result<(), Refusal> {
    match item.whereabouts {
        Whereabouts::Address(_) if item.shielded || turn.situation.is_shielded(item.child) => Err(Refusal::ShieldedAddress),
        Whereabouts::Address(_) | Whereabouts::ContactDesk(_) | Whereabouts::NotKnown => Ok(()),
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
