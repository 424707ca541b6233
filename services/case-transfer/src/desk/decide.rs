//! Setting a desk, and looking for empty levels in its rota.

use kernel::{Borough, Person, Timestamp};

use super::{Desk, DeskEvent, has_duty_role};
use crate::{
    clocks::When,
    rules::{Event, Refusal, Situation},
};

/// A person of the borough sets its desk as a whole.
pub(crate) fn decide_set(
    situation: &Situation,
    borough: Borough,
    (by, on): (Person, i64),
    desk: Box<Desk>,
    at: When,
) -> Result<Vec<Event>, Refusal> {
    if by.actor().org.borough() != Some(&borough) {
        return Err(Refusal::NotYourBorough(borough));
    }
    if !has_duty_role(&by) {
        return Err(Refusal::RoleMayNot);
    }
    let (version, same) = situation.desks.get(&borough).map_or((0, false), |known| (known.version, known.desk.as_deref() == Some(&*desk)));
    if same {
        return Ok(vec![]);
    }
    if on != version {
        return Err(Refusal::Stale(version));
    }
    Ok(vec![Event::Desk(borough, DeskEvent::Set { desk, by, at })])
}

/// Alerts every empty level that was not alerted before: the day before, not in the night that it happens.
pub(crate) fn decide_check(
    situation: &Situation,
    borough: &Borough,
    (from, to): (Timestamp, Timestamp),
    levels: u8,
    at: When,
) -> Vec<Event> {
    let Some((desk, known)) = situation.desks.get(borough).and_then(|state| Some((state.desk.as_deref()?, &state.gaps))) else {
        return vec![];
    };
    let new = desk.gaps(levels, from, to).into_iter().filter(|gap| !known.contains(gap));
    new.map(|gap| Event::Desk(borough.clone(), DeskEvent::RotaGap { gap, at })).collect()
}
