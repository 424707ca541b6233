//! What others are told: the editions, as the services obey them. Drafts and comments stay here.

use kernel::{Recorded, StoredEvent as _};
use proto_events::procedures::{Edition, Procedures};

use crate::{register::RegisterEvent, rules::Event};

/// The published form of one stored event.
#[must_use]
pub fn publish(recorded: &Recorded<Event>) -> Option<Procedures> {
    let Event::Register(event) = &recorded.event else {
        return Some(Procedures::Noted { what: recorded.event.type_name().to_owned() });
    };
    Some(match event {
        RegisterEvent::Carried { number, id, in_force_from, hash, document, .. } => Procedures::EditionCarried(Edition {
            number: *number,
            id: id.clone(),
            in_force_from: *in_force_from,
            hash: hash.0.clone(),
            parts: document.parts.clone(),
        }),
        RegisterEvent::Scheduled { number, id, in_force_from, hash, document, .. } => Procedures::EditionScheduled(Edition {
            number: *number,
            id: id.clone(),
            in_force_from: *in_force_from,
            hash: hash.0.clone(),
            parts: document.parts.clone(),
        }),
        RegisterEvent::Withdrawn { number, id, .. } => Procedures::EditionWithdrawn { number: *number, id: id.clone() },
    })
}
