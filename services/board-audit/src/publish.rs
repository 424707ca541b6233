//! What of the audit's own log others may know: that somebody looked at a child's record.

use kernel::Recorded;
use proto_events::audit::Audit;

use crate::Event;

/// One stored event as others see it.
pub(crate) fn publish(recorded: &Recorded<Event>) -> Option<Audit> {
    match &recorded.event {
        Event::ChronologyRead { child, .. } => Some(Audit::RecordRead { child: child.to_string() }),
        Event::HandoversRead { .. } | Event::ReportRead { .. } => None,
    }
}
