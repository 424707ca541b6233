//! What the screens of the three boroughs show after a commit, and what each would ask, going by that.

use std::hash::{DefaultHasher, Hash, Hasher};

use super::{Boroughs, Kind, SLOTS, Sent, borough, child, trf};
use crate::{
    ledger::Duty,
    rules::Situation,
    transfer::{Stage, Transfer},
};

/// One transfer as a screen shows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Line {
    version: u8,
    stage: Stage,
    from: u8,
    to: u8,
}

/// What is shown after one commit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Shot {
    digest: u64,
    lines: [Option<Line>; SLOTS],
    ledger: u8,
    holder: Option<u8>,
    /// For each borough, whether its screen says that every open duty of each child that it ever believed in is still its own.
    pub(super) believes: [[bool; 2]; 3],
}

impl Hash for Shot {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.digest.hash(state);
    }
}

fn place(code: &kernel::Borough) -> u8 {
    (0..3).find(|place| borough(usize::from(*place)) == *code).unwrap()
}

impl Shot {
    pub(super) fn of(model: &Boroughs, now: &Situation) -> Self {
        let duty = Duty::EmergencyAction;
        let mut shot = Self { digest: 0, lines: [None; SLOTS], ledger: 0, holder: None, believes: [[false; 2]; 3] };
        for (slot, line) in shot.lines.iter_mut().enumerate() {
            if let Some(Transfer::Offered(talk)) = now.transfers.get(&trf(slot as u128 + 1)) {
                let (from, to) = (place(&talk.offer.from), place(&talk.offer.to));
                *line = Some(Line { version: u8::try_from(talk.version).unwrap(), stage: talk.stage, from, to });
            }
        }
        for (index, number) in model.children.iter().enumerate() {
            let ledger = &now.ledgers[&child(*number)];
            for (by, believes) in shot.believes.iter_mut().enumerate() {
                believes[index] = if model.received_rule {
                    ledger.belief(&borough(by), duty).is_responsible()
                } else {
                    ledger.holder(duty) == Some(&borough(by))
                };
            }
        }
        let first = &now.ledgers[&child(model.children[0])];
        shot.ledger = u8::try_from(first.version).unwrap();
        shot.holder = first.holder(duty).map(place);
        let mut hasher = DefaultHasher::new();
        (shot.lines, shot.ledger, shot.holder, shot.believes).hash(&mut hasher);
        shot.digest = hasher.finish();
        shot
    }

    /// What a borough that sees this might ask.
    pub(super) fn choices(&self, by: u8, children: usize) -> Vec<Sent> {
        let mut choices = vec![];
        let free = self.lines.iter().position(Option::is_none).map(|slot| u8::try_from(slot).unwrap());
        if let (Some(slot), true) = (free, self.holder == Some(by)) {
            choices.extend(others(by).map(|to| Sent { by, kind: Kind::Offer(to), slot, on: 0 }));
        }
        if self.holder == Some(by) {
            choices.push(Sent { by, kind: Kind::End, slot: 0, on: self.ledger });
        }
        for (slot, line) in (0..).zip(&self.lines) {
            let Some(line) = line else { continue };
            let kinds = if by == line.to {
                line.taker(free, children)
            } else if by == line.from {
                line.giver(free, by)
            } else {
                vec![]
            };
            choices.extend(kinds.into_iter().map(|kind| Sent { by, kind, slot, on: line.version }));
        }
        choices
    }
}

impl Line {
    fn taker(&self, free: Option<u8>, children: usize) -> Vec<Kind> {
        if self.stage.is_undecided() {
            let one = (children > 1).then_some(Kind::AcceptOneChild);
            return [Kind::Accept, Kind::Decline].into_iter().chain(one).collect();
        }
        match self.stage {
            Stage::Accepted => vec![Kind::Received, Kind::Handover],
            Stage::Received => vec![Kind::Handover],
            Stage::HandedOver => free.map(Kind::HandBack).into_iter().chain([Kind::Close]).collect(),
            Stage::Offered
            | Stage::Delivered
            | Stage::Seen
            | Stage::Query
            | Stage::Closed
            | Stage::Declined
            | Stage::Redirected
            | Stage::Withdrawn
            | Stage::Superseded
            | Stage::HandedBack => vec![],
        }
    }

    fn giver(&self, free: Option<u8>, by: u8) -> Vec<Kind> {
        let to = others(by).find(|other| *other != self.to).unwrap();
        let redirect = free.map(|slot| Kind::Redirect(to, slot));
        if self.stage.is_undecided() || self.stage == Stage::Declined {
            let inform = self.stage.is_undecided().then_some(Kind::Inform);
            return inform.into_iter().chain(redirect).chain([Kind::Withdraw]).collect();
        }
        match self.stage {
            Stage::Accepted | Stage::Received => vec![Kind::Handover],
            Stage::Withdrawn => vec![Kind::Close],
            Stage::Offered
            | Stage::Delivered
            | Stage::Seen
            | Stage::Query
            | Stage::HandedOver
            | Stage::Closed
            | Stage::Declined
            | Stage::Redirected
            | Stage::Superseded
            | Stage::HandedBack => vec![],
        }
    }
}

fn others(by: u8) -> impl Iterator<Item = u8> {
    (0..3).filter(move |other| *other != by)
}
