//! Silence is loud: the next level of both boroughs is called by name.

use kernel::{Borough, Role, directory::Directory};

use crate::{
    board,
    clocks::When,
    desk::{Desk, DeskEvent, Gap, OnCall},
    ledger::Named,
    rules::{Event, Refusal, Situation},
    transfer::{Cause, Talk, TransferEvent, Turn, turn::Asking},
};

/// Who is called.
pub(crate) struct Called {
    /// The level at which somebody is there.
    pub(crate) level: u8,
    /// The people, by name.
    pub(crate) people: Vec<Named>,
    /// An alert for every empty level that was passed.
    pub(crate) gaps: Vec<Event>,
}

/// The people on call at a level, each borough's own. An empty level goes on to the next one above, and is itself an alert. Where
/// nobody at all is on call at any level, the top is reached at once and the telephones of the desks are rung. Above the rotas the
/// chair of the board is informed.
pub(crate) fn call_level(situation: &Situation, boroughs: &[&Borough], level: u8, levels: u8, at: When) -> Called {
    if level > levels {
        return Called { level, people: board::informed(situation), gaps: board::decide_check(situation, at) };
    }
    let mut called = Called { level, people: vec![], gaps: vec![] };
    let mut reached = vec![];
    for borough in boroughs {
        let Some(desk) = situation.desk(borough) else { continue };
        let found = first_on_call(desk, level, levels, at);
        let empty = level..found.map_or_else(|| levels.saturating_add(1), |turn| turn.level);
        called.gaps.extend(empty.map(|level| {
            let gap = Gap { level, from: at.recorded_at, to: at.recorded_at };
            Event::Desk((*borough).clone(), DeskEvent::RotaGap { gap, at })
        }));
        if let Some(turn) = found {
            reached.push(turn.level);
            let (name, phone) = (turn.name.clone(), turn.phone.clone());
            called.people.push(Named { borough: Some((*borough).clone()), name, phone });
        }
    }
    if called.people.is_empty() {
        called.people = boroughs.iter().filter_map(|borough| Some(desk_line(borough, situation.desk(borough)?, at))).collect();
        called.level = levels;
    } else {
        called.level = reached.into_iter().min().unwrap_or(level);
    }
    called
}

/// The desk itself, where no person is on call.
fn desk_line(borough: &Borough, desk: &Desk, at: When) -> Named {
    let name = format!("Duty desk of {}", Directory::get().borough(borough).map_or(borough.code(), |entry| entry.name.as_str()));
    Named { borough: Some(borough.clone()), name, phone: desk.phone_now(at.recorded_at).to_owned() }
}

fn first_on_call(desk: &Desk, level: u8, levels: u8, at: When) -> Option<&OnCall> {
    (level..=levels).find_map(|level| desk.on_call(level, at.recorded_at))
}

/// Either party, the hospital or the referrer calls the next level.
pub(super) fn escalate(asking: &Asking<'_>) -> Result<Vec<Event>, Refusal> {
    let (turn, talk) = (asking.turn, asking.talk);
    let actor = asking.by.actor();
    let follows = actor.role == Role::Referrer && talk.offer.followers.contains(&actor.org);
    if !follows {
        asking.as_party()?;
    }
    if !talk.stage.is_open() {
        return Err(asking.over());
    }
    asking.is_fresh()?;
    Ok(climb(turn, talk, Cause::Asked(actor.clone())))
}

/// One level up from the last one that was called, with everybody named; at the top it stays there.
pub(super) fn climb(turn: &Turn<'_>, talk: &Talk, because: Cause) -> Vec<Event> {
    let clocks = turn.clocks;
    let level = talk.escalated.saturating_add(1).min(clocks.top_level);
    let boroughs = [&talk.offer.from, &talk.offer.to];
    let called = call_level(turn.situation, &boroughs, level, clocks.rota_levels, turn.at);
    let next_at = (called.level < clocks.top_level).then_some(clocks.next_escalation_at);
    let escalated = TransferEvent::Escalated { level: called.level, people: called.people, because, next_at, at: turn.at };
    [turn.event(escalated)].into_iter().chain(called.gaps).collect()
}
