//! What others are told: ids, codes and times. Sealed fields stay here, and so do names.

use kernel::{ChildId, Recorded, StoredEvent};
use proto_events::intake::Intake;

use crate::{
    child::ChildEvent,
    desk::DeskEvent,
    event::{Event, Of},
    referral::{Received, ReferralEvent, WatchEvent},
};

/// What one event of the log says to others.
#[must_use]
pub fn publish(recorded: &Recorded<Event>) -> Option<Intake> {
    Some(match &recorded.event {
        Event::Referral(of, event) => about_referral(of, event, &recorded.event),
        Event::Watch(of, event) => about_watch(of, event, &recorded.event),
        Event::Child(id, event) => about_child(*id, event, &recorded.event),
        Event::Desk(borough, DeskEvent::Learnt(_)) => noted(&recorded.event, Vec::new(), Some(borough.to_string())),
        Event::Edition(_) => noted(&recorded.event, Vec::new(), None),
    })
}

fn about_referral(of: &Of, event: &ReferralEvent, whole: &Event) -> Intake {
    let (referral, children) = (of.referral.to_string(), children(of));
    match event {
        ReferralEvent::Received(received) => told_of(referral, children, received),
        ReferralEvent::Decided(decision) => Intake::ReferralDecided {
            referral,
            children,
            borough: decision.borough.to_string(),
            outcome: decision.outcome.code().to_owned(),
            edition: decision.edition,
            read: decision.read.clone(),
        },
        ReferralEvent::Joined(join) => {
            Intake::ReferralJoined { referral, children, with: join.with.to_string(), borough: join.borough.to_string() }
        }
        ReferralEvent::Withdrawn { .. } => Intake::ReferralWithdrawn { referral, children, borough: of.owner.to_string() },
        ReferralEvent::InformationAdded { .. }
        | ReferralEvent::FeedbackGiven { .. }
        | ReferralEvent::Withheld { .. }
        | ReferralEvent::ChecksMade { .. }
        | ReferralEvent::CpisChecked { .. }
        | ReferralEvent::Corrected { .. } => noted(whole, children, Some(of.owner.to_string())),
    }
}

fn told_of(referral: String, children: Vec<String>, received: &Received) -> Intake {
    Intake::ReferralReceived {
        referral,
        children,
        owner: received.owner.borough.to_string(),
        home: received.home.as_ref().map(ToString::to_string),
        received_at: received.received_at,
        decide_by: received.clocks.decide_by,
        out_of_hours: received.out_of_hours,
        edition: received.clocks.edition,
        filled: received.filled.clone(),
    }
}

fn about_watch(of: &Of, event: &WatchEvent, whole: &Event) -> Intake {
    match event {
        WatchEvent::DecisionOverdue(run_out) => Intake::DecisionOverdue {
            referral: of.referral.to_string(),
            children: children(of),
            borough: of.owner.to_string(),
            level: run_out.level,
        },
        WatchEvent::Viewed { .. } | WatchEvent::HistoryOpened { .. } | WatchEvent::NotSeen(_) | WatchEvent::FeedbackOverdue(_) => {
            noted(whole, children(of), Some(of.owner.to_string()))
        }
    }
}

/// A link is written at both ends; it is told once, from the end with the lower id.
fn about_child(id: ChildId, event: &ChildEvent, whole: &Event) -> Intake {
    let about = vec![id.to_string()];
    match event {
        ChildEvent::PowerStarted { .. } | ChildEvent::PowerEnded { .. } | ChildEvent::ShieldSet { .. } => noted(whole, about, None),
        ChildEvent::Linked { other, .. } if id < *other => Intake::ChildrenLinked { child: id.to_string(), other: other.to_string() },
        ChildEvent::Unlinked { other, .. } if id < *other => Intake::ChildrenUnlinked { child: id.to_string(), other: other.to_string() },
        ChildEvent::Linked { .. } | ChildEvent::Unlinked { .. } | ChildEvent::Born { .. } => noted(whole, about, None),
        ChildEvent::DutyTaken { to, .. } => noted(whole, about, Some(to.to_string())),
        ChildEvent::DutyEnded { holder, .. } => noted(whole, about, Some(holder.to_string())),
    }
}

fn noted(event: &Event, children: Vec<String>, borough: Option<String>) -> Intake {
    Intake::Noted { what: event.type_name().to_owned(), children, borough }
}

fn children(of: &Of) -> Vec<String> {
    of.children.iter().map(ToString::to_string).collect()
}

#[cfg(test)]
mod tests;
