//! What other services say, and what follows from it here: desks are learnt from case transfer, so that a procedure can say whom to
//! ring, and intake tells how the form was used.

use event_store::{Context, Decided, Request};
use kernel::{Actor, Borough, Decider as _, EventId, ReferralId, Timestamp};
use proto_events::{Envelope, intake::Intake, transfers::Transfers};

use crate::{
    desk::{Desk, Hours},
    form_use::UseEvent,
    rules::{Command, Event, Registry},
};

/// The command that an event of case transfer leads to; none where there is nothing to do.
///
/// # Errors
/// A cause without data, when the event cannot be read: it is parked, and a person looks at it.
pub fn react(envelope: &Envelope) -> Result<Option<Request<Event>>, String> {
    let published = envelope.published::<Transfers>().map_err(|error| error.to_string())?;
    let command = published.map(command_for).transpose()?.flatten();
    Ok(command.map(|command| request(envelope, command)))
}

/// The command that an event of intake leads to: how a referral's form was used, without whose it was.
///
/// # Errors
/// As [`react`].
pub fn react_to_intake(envelope: &Envelope) -> Result<Option<Request<Event>>, String> {
    let published = envelope.published::<Intake>().map_err(|error| error.to_string())?;
    let command = published.map(|event| used(event, envelope.time)).transpose()?.flatten();
    Ok(command.map(|command| request(envelope, command)))
}

fn used(event: Intake, told_at: Timestamp) -> Result<Option<Command>, String> {
    let id = |text: &str| text.parse::<ReferralId>().map_err(|_| "a referral has no id".to_owned());
    match event {
        // A hub of before this was told says nothing of the fields, and nothing is not "none".
        Intake::ReferralReceived { filled, .. } if filled.is_empty() => Ok(None),
        Intake::ReferralReceived { referral, filled, edition, received_at, .. } => {
            let fields = filled.into_iter().collect();
            Ok(Some(Command::Use(id(&referral)?, UseEvent::Filled { edition, fields, received_at })))
        }
        Intake::ReferralDecided { referral, read, .. } => {
            let read = read.into_iter().collect();
            Ok(Some(Command::Use(id(&referral)?, UseEvent::Decided { read, decided_at: told_at })))
        }
        Intake::ReferralWithdrawn { .. }
        | Intake::ReferralJoined { .. }
        | Intake::DecisionOverdue { .. }
        | Intake::ChildrenLinked { .. }
        | Intake::ChildrenUnlinked { .. }
        | Intake::Noted { .. } => Ok(None),
    }
}

fn command_for(event: Transfers) -> Result<Option<Command>, String> {
    match event {
        Transfers::DeskSet { borough, day_phone, night_phone, covered_by, hours, closed_on } => {
            let borough_of = |code: &str| code.parse::<Borough>().map_err(|_| "a borough has no GSS code".to_owned());
            let bad = |_| "an hour or a day cannot be read".to_owned();
            let covered_by = covered_by.map(|code| borough_of(&code)).transpose()?;
            let hours = hours
                .iter()
                .map(|hours| Ok(Hours { weekday: hours.weekday, from: hours.from.parse()?, to: hours.to.parse()? }))
                .collect::<Result<_, jiff::Error>>()
                .map_err(bad)?;
            let closed_on = closed_on.iter().map(|day| day.parse()).collect::<Result<_, _>>().map_err(bad)?;
            Ok(Some(Command::LearnDesk(borough_of(&borough)?, Desk { day_phone, night_phone, covered_by, hours, closed_on })))
        }
        Transfers::DutyOpened { .. }
        | Transfers::DutyMoved { .. }
        | Transfers::DutyEnded { .. }
        | Transfers::TransferOffered { .. }
        | Transfers::TransferChanged { .. }
        | Transfers::Noted { .. } => Ok(None),
    }
}

fn request(envelope: &Envelope, command: Command) -> Request<Event> {
    Request {
        streams: command.streams(),
        expect: None,
        receipt: None,
        unmoved: None,
        context: Context {
            actor: Actor::hub("inbox"),
            occurred_at: Some(envelope.occurredat),
            recorded_at: envelope.time,
            correlation: envelope.traceid.clone(),
            causation: Some(EventId::from_uuid(envelope.id)),
        },
        advance: None,
        decide: Box::new(move |past| {
            let events = Registry::decide(&past.replay::<Registry>(), command.clone())?;
            Ok(Decided { events, status: 200, body: serde_json::Value::Null, resource: None })
        }),
        describe: None,
    }
}
