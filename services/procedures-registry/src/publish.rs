//! What others are told: the editions, as the services obey them. Drafts and comments stay here.

use std::collections::BTreeMap;

use kernel::{Recorded, StoredEvent as _};
use proto_events::procedures::{Edition, Procedures};

use crate::{document::Document, register::RegisterEvent, rules::Event};

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
            learning: learning(document),
        }),
        RegisterEvent::Scheduled { number, id, in_force_from, hash, document, .. } => Procedures::EditionScheduled(Edition {
            number: *number,
            id: id.clone(),
            in_force_from: *in_force_from,
            hash: hash.0.clone(),
            parts: document.parts.clone(),
            learning: learning(document),
        }),
        RegisterEvent::Withdrawn { number, id, .. } => Procedures::EditionWithdrawn { number: *number, id: id.clone() },
    })
}

/// Which items of the learning log each procedure says it answers.
fn learning(document: &Document) -> BTreeMap<String, Vec<String>> {
    let answering = document.procedures.iter().filter(|(_, procedure)| !procedure.learning.is_empty());
    answering.map(|(id, procedure)| (id.to_string(), procedure.learning.clone())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_edition_tells_which_items_of_the_learning_log_each_procedure_answers() {
        let mut document = crate::document::first();
        assert_eq!(learning(&document), BTreeMap::new());
        let (id, procedure) = document.procedures.iter_mut().next().unwrap();
        procedure.learning = vec!["lrn_1".to_owned()];
        let expected = BTreeMap::from([(id.to_string(), vec!["lrn_1".to_owned()])]);
        assert_eq!(learning(&document), expected);
    }
}
