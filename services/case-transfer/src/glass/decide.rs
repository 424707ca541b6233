//! What follows from what is asked of a break-glass, and from its clocks.

use std::collections::BTreeSet;

use kernel::{Borough, ChildId, GlassId, Org, Person, Role, Timestamp};

use super::{Finding, Glass, GlassAsk, GlassClock, GlassEvent, MOST_OPEN, NAMED, Opening, READ_WITHIN, SHORTEST_REASON};
use crate::{
    board,
    clocks::{Terms, When},
    desk,
    ledger::{Ledger, Named},
    rules::{Event, Refusal, Scope, Situation},
    transfer::{Called, call_level},
};

/// One break-glass, with what is known around it.
pub(crate) struct Pane<'a> {
    pub(crate) situation: &'a Situation,
    pub(crate) glass: GlassId,
    pub(crate) at: When,
    /// The highest level that the rotas fill.
    pub(crate) levels: u8,
    pub(crate) terms: &'a Terms,
}

impl Pane<'_> {
    fn known(&self) -> Result<&Glass, Refusal> {
        self.situation.glasses.get(&self.glass).ok_or(Refusal::NoSuchGlass)
    }

    fn event(&self, event: GlassEvent) -> Event {
        Event::Glass(self.glass, event)
    }

    fn acts_for_any(&self, by: &Person, boroughs: &[Borough]) -> bool {
        boroughs.iter().any(|borough| desk::may_act_for(by, borough, self.situation.desk(borough), self.at.recorded_at))
    }
}

pub(crate) fn decide_ask(pane: &Pane<'_>, (by, on): (&Person, i64), scope: &Scope, ask: GlassAsk) -> Result<Vec<Event>, Refusal> {
    let ask = match ask {
        GlassAsk::Open(opening) => return open(pane, by, &scope.children, opening),
        GlassAsk::Read => read(pane, by)?,
        GlassAsk::End => end(pane, by)?,
        GlassAsk::Review { finding, text } => {
            let (child, by, at) = (pane.known()?.child, by.clone(), pane.at);
            review(pane, &by, finding)?.then_some(GlassEvent::Reviewed { child, finding, text, by, at })
        }
    };
    let version = pane.known()?.version;
    match ask {
        Some(_) if on != version => Err(Refusal::Stale(version)),
        event => Ok(event.map(|event| pane.event(event)).into_iter().collect()),
    }
}

fn open(pane: &Pane<'_>, by: &Person, family: &BTreeSet<ChildId>, opening: Opening) -> Result<Vec<Event>, Refusal> {
    if !desk::has_duty_role(by) {
        return Err(Refusal::RoleMayNot);
    }
    if let Some(known) = pane.situation.glasses.get(&pane.glass) {
        return if known.opener == by.actor().id && known.child == opening.child { Ok(vec![]) } else { Err(Refusal::IdTaken) };
    }
    let child = opening.child;
    let own = pane.situation.ledgers.get(&child).ok_or(Refusal::NoSuchChild)?;
    if own.linked.iter().any(|other| !family.contains(other)) {
        return Err(Refusal::ScopeChanged);
    }
    let ledgers: Vec<&Ledger> = family.iter().chain([&child]).filter_map(|child| pane.situation.ledgers.get(child)).collect();
    let holding: BTreeSet<&Borough> = ledgers.iter().flat_map(|ledger| ledger.duties()).map(|held| &held.holder).collect();
    let holding: Vec<Borough> = holding.into_iter().cloned().collect();
    if pane.acts_for_any(by, &holding) {
        return Err(Refusal::YoursAlready);
    }
    if opening.characters < SHORTEST_REASON {
        return Err(Refusal::ReasonTooShort(SHORTEST_REASON));
    }
    if opening.repeated {
        return Err(Refusal::ReasonRepeated);
    }
    // The time is the time: another one for the same child begins when this one is over.
    if opening.open.contains(&child) || family.iter().any(|other| opening.open.contains(other)) {
        return Err(Refusal::GlassOpenAlready);
    }
    if opening.open.len() >= MOST_OPEN {
        return Err(Refusal::TooManyGlasses(MOST_OPEN));
    }
    let holders = if holding.is_empty() { last_holders(&ledgers) } else { holding };
    let (people, gaps) = named(pane, &holders);
    let opened = GlassEvent::Opened {
        child,
        reason: opening.reason,
        holders,
        people,
        level: NAMED,
        tell_again_at: pane.at.recorded_at.saturating_add(READ_WITHIN).unwrap_or(Timestamp::MAX),
        until: pane.terms.glass_until,
        review_by: pane.terms.glass_review_by,
        by: by.clone(),
        at: pane.at,
    };
    Ok([pane.event(opened)].into_iter().chain(gaps).collect())
}

/// Of a child to whom nobody holds a duty now: whoever held one last, or else where the child was found.
fn last_holders(ledgers: &[&Ledger]) -> Vec<Borough> {
    let last = ledgers.iter().flat_map(|ledger| ledger.history()).max_by_key(|held| held.until);
    let places = || ledgers.iter().flat_map(|ledger| ledger.concerned()).collect::<BTreeSet<_>>().into_iter().collect();
    last.map_or_else(places, |held| vec![held.holder.clone()])
}

/// Two people of each borough, from the lowest level of its rota on; where there are not two, the top of the ladder.
fn named(pane: &Pane<'_>, holders: &[Borough]) -> (Vec<Named>, Vec<Event>) {
    let (mut people, mut gaps) = (Vec::new(), Vec::new());
    for borough in holders {
        let mut own: Vec<Named> = Vec::new();
        for level in 1..=pane.levels {
            if own.len() < NAMED.into() {
                add(call_level(pane.situation, &[borough], level, pane.levels, pane.at), &mut own, &mut gaps);
            }
        }
        people.append(&mut own);
    }
    if people.len() < NAMED.into() {
        people.extend(board::informed(pane.situation));
    }
    (people, gaps)
}

fn add(called: Called, people: &mut Vec<Named>, gaps: &mut Vec<Event>) {
    let new: Vec<Named> = called.people.into_iter().filter(|person| !people.contains(person)).collect();
    people.extend(new);
    let new: Vec<Event> = called.gaps.into_iter().filter(|gap| !gaps.contains(gap)).collect();
    gaps.extend(new);
}

fn read(pane: &Pane<'_>, by: &Person) -> Result<Option<GlassEvent>, Refusal> {
    let glass = pane.known()?;
    if !pane.acts_for_any(by, &glass.holders) || by.actor().id == glass.opener {
        return Err(glass.holders.first().map_or(Refusal::RoleMayNot, |holder| Refusal::NotYourBorough(holder.clone())));
    }
    let (child, by, at) = (glass.child, by.clone(), pane.at);
    Ok((!glass.read_by.contains(&by.actor().id)).then_some(GlassEvent::Read { child, by, at }))
}

fn end(pane: &Pane<'_>, by: &Person) -> Result<Option<GlassEvent>, Refusal> {
    let glass = pane.known()?;
    if by.actor().id != glass.opener {
        return Err(Refusal::NotYourGlass);
    }
    let (child, by, at) = (glass.child, by.clone(), pane.at);
    Ok(glass.is_open(at.recorded_at).then_some(GlassEvent::Ended { child, by, at }))
}

/// Whether a review may be recorded now; false where it stands already.
fn review(pane: &Pane<'_>, by: &Person, finding: Finding) -> Result<bool, Refusal> {
    let (glass, actor) = (pane.known()?, by.actor());
    let board = actor.org == Org::Board && actor.role == Role::BoardAuditor;
    let holder = desk::is_manager(by) && pane.acts_for_any(by, &glass.holders);
    if actor.id == glass.opener || actor.org == glass.org || !(board || holder) {
        return Err(Refusal::OtherTeamReviews);
    }
    match glass.finding {
        Some(found) if found == finding => Ok(false),
        Some(_) => Err(Refusal::ReviewedAlready),
        None if glass.is_open(pane.at.recorded_at) => Err(Refusal::GlassStillOpen),
        None => Ok(true),
    }
}

pub(crate) fn decide_clock(pane: &Pane<'_>, clock: GlassClock, next: Timestamp) -> Result<Vec<Event>, Refusal> {
    let (glass, at, now) = (pane.known()?, pane.at, pane.at.recorded_at);
    match clock {
        GlassClock::Review if glass.finding.is_some() || glass.overdue => Ok(vec![]),
        GlassClock::Review if now < glass.review_by => Err(Refusal::NotDue),
        GlassClock::Review => Ok(vec![pane.event(GlassEvent::ReviewOverdue { child: glass.child, holders: glass.holders.clone(), at })]),
        GlassClock::Unread => {
            let Some(due) = glass.tell_again_at.filter(|_| !glass.is_read()) else { return Ok(vec![]) };
            if now < due {
                return Err(Refusal::NotDue);
            }
            Ok(tell_again(pane, glass, next))
        }
    }
}

/// One level up from the last one that was told, with everybody named; after the top of the ladder nobody is left to tell.
fn tell_again(pane: &Pane<'_>, glass: &Glass, next: Timestamp) -> Vec<Event> {
    let level = glass.level.saturating_add(1);
    let (mut people, mut gaps) = (Vec::new(), Vec::new());
    let holders: Vec<&Borough> = glass.holders.iter().collect();
    add(call_level(pane.situation, &holders, level, pane.levels, pane.at), &mut people, &mut gaps);
    let tell_again_at = (level <= pane.levels).then_some(next);
    let told = GlassEvent::ToldAgain { child: glass.child, holders: glass.holders.clone(), people, level, tell_again_at, at: pane.at };
    [pane.event(told)].into_iter().chain(gaps).collect()
}
