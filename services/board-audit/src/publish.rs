//! What of the audit's own log others may know: that somebody looked at a child's record.

use kernel::Recorded;
use proto_events::audit::Audit;

use crate::{Event, sample::SampleEvent};

/// One stored event as others see it.
pub(crate) fn publish(recorded: &Recorded<Event>) -> Option<Audit> {
    match &recorded.event {
        Event::ChronologyRead { child, .. } => Some(Audit::RecordRead { child: child.to_string() }),
        Event::SampleRead { child, .. } => child.map(|child| Audit::RecordRead { child: child.to_string() }),
        Event::Sample(SampleEvent::Unmasked { id, unmasking }) => {
            Some(Audit::RecordUnmasked { child: unmasking.child.to_string(), sample: id.clone(), case: unmasking.case })
        }
        // Nothing of who told of something leaves this log, and nothing of who is in a sample.
        Event::HandoversRead { .. }
        | Event::ReportRead { .. }
        | Event::LearningRead { .. }
        | Event::Learning(_)
        | Event::Alerted(_)
        | Event::Sample(SampleEvent::Drawn { .. }) => None,
    }
}
