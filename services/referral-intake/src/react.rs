//! What case transfer says, and what follows from it here: desks are learnt, whoever takes over a duty reads the child's referrals, and
//! legal powers stand beside the contacts.

use event_store::{Context, Decided, Request};
use jiff::civil::Date;
use kernel::{Actor, Borough, ChildId, Decider as _, Timestamp};
use proto_events::{
    Envelope,
    transfers::{Circumstance, Transfers},
};

use crate::{
    child::ChildCommand,
    desk::{Desk, Hours},
    event::Event,
    rules::{Command, Intake, child_stream, desk_stream},
};

/// The command that an event of case transfer leads to; none where there is nothing to do.
///
/// # Errors
/// A cause without data, when the event cannot be read: it is parked, and a person looks at it.
pub fn react(envelope: &Envelope) -> Result<Option<Request<Event>>, String> {
    let published = envelope.published::<Transfers>().map_err(|error| error.to_string())?;
    let command = published.map(|event| command_for(event, envelope.occurredat)).transpose()?.flatten();
    Ok(command.map(|command| request(envelope, command)))
}

fn command_for(event: Transfers, at: Timestamp) -> Result<Option<Command>, String> {
    Ok(Some(match event {
        Transfers::DeskSet { borough, day_phone, night_phone, covered_by, hours, closed_on } => {
            let hours = hours.into_iter().map(|hours| Hours { weekday: hours.weekday, from: hours.from, to: hours.to }).collect();
            let covered_by = covered_by.map(|code| borough_of(&code)).transpose()?;
            let closed_on = closed_on.iter().map(|day| date_of(day)).collect::<Result<_, _>>()?;
            Command::LearnDesk(borough_of(&borough)?, Desk { day_phone, night_phone, covered_by, hours, closed_on })
        }
        Transfers::DutyMoved { child, duty, from, to, transfer } => {
            let (from, to) = (borough_of(&from)?, borough_of(&to)?);
            let transfer = transfer.parse().map_err(|_| "the transfer has no id of ours".to_owned())?;
            Command::Child(child_of(&child)?, ChildCommand::NoteDutyTaken { by: Actor::hub("inbox"), duty, from, to, transfer })
        }
        Transfers::DutyEnded { child, duty, holder } => {
            let holder = borough_of(&holder)?;
            Command::Child(child_of(&child)?, ChildCommand::NoteDutyEnded { by: Actor::hub("inbox"), duty, holder })
        }
        Transfers::Noted { children, circumstance: Some(circumstance), .. } => {
            let [child] = &children[..] else { return Err("a circumstance is not of one child".to_owned()) };
            Command::Child(child_of(child)?, circumstance_of(circumstance, at))
        }
        Transfers::DutyOpened { .. } | Transfers::TransferOffered { .. } | Transfers::TransferChanged { .. } | Transfers::Noted { .. } => {
            return Ok(None);
        }
    }))
}

fn circumstance_of(told: Circumstance, at: Timestamp) -> ChildCommand {
    let by = Actor::hub("inbox");
    match told {
        Circumstance::PowerStarted { power, started_at, ends_at } => ChildCommand::NotePowerStarted { by, power, started_at, ends_at },
        Circumstance::PowerEnded { power } => ChildCommand::NotePowerEnded { by, power, ended_at: at },
        Circumstance::Shielded { shielded } => ChildCommand::NoteShield { by, shielded },
    }
}

fn borough_of(code: &str) -> Result<Borough, String> {
    code.parse().map_err(|_| "a borough has no GSS code".to_owned())
}

fn date_of(day: &str) -> Result<Date, String> {
    day.parse().map_err(|_| "a day is no date".to_owned())
}

fn child_of(id: &str) -> Result<ChildId, String> {
    id.parse().map_err(|_| "a child has no id of ours".to_owned())
}

fn request(envelope: &Envelope, command: Command) -> Request<Event> {
    let stream = match &command {
        Command::Child(id, _) => child_stream(*id),
        Command::LearnDesk(borough, _) => desk_stream(borough),
        Command::Referral(id, _) => crate::rules::referral_stream(*id),
    };
    Request {
        streams: vec![stream],
        expect: None,
        unmoved: None,
        receipt: None,
        context: Context {
            actor: Actor::hub("inbox"),
            occurred_at: Some(envelope.occurredat),
            recorded_at: envelope.time,
            correlation: envelope.traceid.clone(),
            causation: Some(kernel::EventId::from_uuid(envelope.id)),
        },
        advance: None,
        decide: Box::new(move |past| {
            let events = Intake::decide(&past.replay::<Intake>(), command.clone())?;
            Ok(Decided { events, status: 200, body: serde_json::Value::Null, resource: None })
        }),
        describe: None,
    }
}

#[cfg(test)]
mod tests {
    use proto_events::transfers::OfficeHours;

    use super::*;
    use crate::given::*;

    #[test]
    fn a_desk_that_was_set_is_learnt() {
        let hours = vec![OfficeHours { weekday: 1, from: "09:00".to_owned(), to: "17:00".to_owned() }];
        let (day_phone, night_phone) = ("0161 496 0001".to_owned(), "0161 496 0002".to_owned());
        let (covered_by, closed_on) = (Some(SALFORD.to_owned()), vec!["2026-11-24".to_owned()]);
        let set = Transfers::DeskSet { borough: OLDHAM.to_owned(), day_phone, night_phone, covered_by, hours, closed_on };
        let Ok(Some(Command::LearnDesk(learnt, desk))) = command_for(set, night()) else { panic!("a desk") };
        assert_eq!((learnt, desk.covered_by, desk.hours.len()), (borough(OLDHAM), Some(borough(SALFORD)), 1));
        assert_eq!(desk.closed_on, [jiff::civil::date(2026, 11, 24)].into());
    }

    #[test]
    fn whoever_takes_over_a_duty_gets_to_read_the_childs_referrals() {
        let moved = Transfers::DutyMoved {
            child: child(1).to_string(),
            duty: "plan".to_owned(),
            from: MANCHESTER.to_owned(),
            to: SALFORD.to_owned(),
            transfer: "trf_00000000000000000000000000000007".to_owned(),
        };
        let Ok(Some(Command::Child(id, ChildCommand::NoteDutyTaken { to, .. }))) = command_for(moved, night()) else { panic!("a duty") };
        assert_eq!((id, to), (child(1), borough(SALFORD)));
    }

    #[test]
    fn a_legal_power_and_a_shield_are_learnt_with_their_times() {
        let noted = |circumstance| Transfers::Noted {
            what: "power.ended".to_owned(),
            children: vec![child(1).to_string()],
            borough: None,
            circumstance: Some(circumstance),
        };
        let power = || "police_protection".to_owned();
        let (started_at, ends_at) = (night(), Some(at("2026-11-26T02:14:00Z")));
        let by = || Actor::hub("inbox");
        let told = [
            (
                Circumstance::PowerStarted { power: power(), started_at, ends_at },
                ChildCommand::NotePowerStarted { by: by(), power: power(), started_at, ends_at },
            ),
            (Circumstance::PowerEnded { power: power() }, ChildCommand::NotePowerEnded { by: by(), power: power(), ended_at: night() }),
            (Circumstance::Shielded { shielded: true }, ChildCommand::NoteShield { by: by(), shielded: true }),
        ];
        for (said, expected) in told {
            assert_eq!(command_for(noted(said), night()), Ok(Some(Command::Child(child(1), expected))));
        }
    }

    #[test]
    fn what_changes_nothing_here_leads_to_no_command() {
        let opened = Transfers::DutyOpened { child: child(1).to_string(), duty: "plan".to_owned(), holder: SALFORD.to_owned() };
        assert_eq!(command_for(opened, night()), Ok(None));
    }

    #[test]
    fn an_event_that_cannot_be_read_says_why_without_quoting_it() {
        let wrong = Transfers::DutyEnded { child: "Marigold".to_owned(), duty: "plan".to_owned(), holder: SALFORD.to_owned() };
        assert!(command_for(wrong, night()).is_err_and(|cause| !cause.contains("Marigold")));
    }
}
