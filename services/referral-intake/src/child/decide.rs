//! The rules.

use kernel::ChildId;

use super::{Child, ChildCommand, ChildEvent, ChildRefusal};

/// What follows from a command about one child's record. A link is written at both ends, in one commit.
pub(crate) fn decide(id: ChildId, child: &Child, command: ChildCommand) -> Result<Vec<(ChildId, ChildEvent)>, ChildRefusal> {
    let event = match command {
        ChildCommand::Link { other, .. } | ChildCommand::Unlink { other, .. } if other == id => return Err(ChildRefusal::SameRecord),
        ChildCommand::Link { other, reason, .. } => {
            return Ok(both_ends(id, other, !child.links.contains(&other), |other| ChildEvent::Linked { other, reason: reason.clone() }));
        }
        ChildCommand::Unlink { other, reason, .. } => {
            return Ok(both_ends(id, other, !child.apart.contains(&other), |other| ChildEvent::Unlinked { other, reason: reason.clone() }));
        }
        ChildCommand::RecordBirth { entry, expected, birth, .. } => match child.born {
            Some(recorded) if recorded == entry => None,
            Some(_) => return Err(ChildRefusal::AlreadyBorn),
            None if !expected => return Err(ChildRefusal::NotUnborn),
            None => Some(ChildEvent::Born { entry, birth }),
        },
        ChildCommand::NoteDutyTaken { duty, from, to, transfer, .. } => {
            (child.duties.get(&duty) != Some(&to)).then_some(ChildEvent::DutyTaken { duty, from, to, transfer })
        }
        ChildCommand::NoteDutyEnded { duty, holder, .. } => {
            child.duties.contains_key(&duty).then_some(ChildEvent::DutyEnded { duty, holder })
        }
        ChildCommand::NotePowerStarted { power, started_at, ends_at, .. } => {
            (child.powers.get(&power) != Some(&started_at)).then_some(ChildEvent::PowerStarted { power, started_at, ends_at })
        }
        ChildCommand::NotePowerEnded { power, ended_at, .. } => {
            child.powers.contains_key(&power).then_some(ChildEvent::PowerEnded { power, ended_at })
        }
        ChildCommand::NoteShield { shielded, .. } => (child.shielded != shielded).then_some(ChildEvent::ShieldSet { shielded }),
    };
    Ok(event.map(|event| (id, event)).into_iter().collect())
}

fn both_ends(id: ChildId, other: ChildId, new: bool, event: impl Fn(ChildId) -> ChildEvent) -> Vec<(ChildId, ChildEvent)> {
    if new { vec![(id, event(other)), (other, event(id))] } else { Vec::new() }
}
