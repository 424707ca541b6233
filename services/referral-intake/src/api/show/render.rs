//! From the events of a referral to what is shown.

use jiff::civil::Date;
use kernel::{Recorded, ReferralId, Sealed, StoredEvent as _, Stream, Timestamp, edition::Editions};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Map, Value, json};
use service_kit::{
    Problem,
    retention::{Closed, Kept},
};
use utoipa::ToSchema;
use vault::{Keys, OpenError};

use crate::{
    api::words::{HolderDesk, OwnerDesk, date_in_london},
    app::{Loaded, not_opened},
    child::ChildEvent,
    desk::{Desk, Shift},
    event::Event,
    personal::{SaidBirth, SaidIdentity, SaidPlace, SaidReferrer, child_place, place},
    referral::{AboutChild, Basis, Danger, Decision, ParentKnows, Reach, Received, ReferralEvent, WatchEvent},
};

/// A referral. What was erased is null and `erased` is true.
#[derive(Serialize, ToSchema)]
pub(crate) struct ReferralBody {
    #[schema(value_type = String)]
    referral_id: ReferralId,
    reference: String,
    version: i64,
    /// How near you stand to it.
    yours: Reach,
    /// `undecided`, `decided`, or `joined`: it is decided in another referral about the same.
    state: &'static str,
    #[schema(value_type = String, format = DateTime)]
    received_at: Timestamp,
    #[schema(value_type = String, format = DateTime)]
    decide_by: Timestamp,
    /// Whether the decision is overdue now.
    overdue: bool,
    edition: u32,
    owner: OwnerDesk,
    /// Whom to ring now: the owner, or whoever has taken the duties over from it.
    pub(super) holds_now: Vec<HolderDesk>,
    home_borough: Option<String>,
    from: String,
    danger_now: Danger,
    parent_knows: ParentKnows,
    concern: Option<String>,
    /// `null` where a member of the public stayed unnamed.
    #[schema(value_type = Object)]
    referrer: Value,
    #[schema(value_type = Object)]
    child_is_now: Value,
    /// Whether no address is shown because a child is shielded: ask whoever `holds_now`.
    shielded: bool,
    #[schema(value_type = Vec<Object>)]
    children: Vec<Value>,
    with_the_child: Option<String>,
    needs: Option<String>,
    done_already: Option<String>,
    withdrawn: bool,
    /// How long it is kept, by the edition that its decision cites; `null` while nobody has decided, and for one that was joined, which
    /// is kept as the other.
    retention: Option<Kept>,
    /// That other referral.
    joined_to: Option<String>,
    /// Whether anything of it was erased.
    erased: bool,
    /// Everything that was added, in order: decisions, information, feedback and the rest.
    #[schema(value_type = Vec<Object>)]
    entries: Vec<Value>,
}

/// Opens sealed fields and notes what was erased.
struct Opener<'a> {
    keys: &'a Keys,
    erased: bool,
}

impl Opener<'_> {
    fn open<T: DeserializeOwned>(&mut self, context: &str, sealed: Option<&Sealed>) -> Result<Option<T>, Problem> {
        let Some(sealed) = sealed else { return Ok(None) };
        match self.keys.open(context, sealed) {
            Ok(value) => Ok(Some(value.into_exposed())),
            Err(OpenError::Erased) => {
                self.erased = true;
                Ok(None)
            }
            Err(error @ (OpenError::Unknown | OpenError::Wrong | OpenError::Database(_))) => Err(not_opened(&error)),
        }
    }
}

/// The record as far as somebody who stands so near may see it.
pub(crate) fn render(
    loaded: &Loaded,
    reach: Reach,
    desk: Option<(&Desk, Shift)>,
    (keys, editions, now): (&Keys, &Editions, Timestamp),
) -> Result<ReferralBody, Problem> {
    let case = loaded.case()?;
    let (received, stream) = (&case.received, crate::rules::referral_stream(loaded.id));
    let mut opener = Opener { keys, erased: false };
    let field = |name: &str| place("referral.received", name, &stream);
    let referral = &loaded.situation.referral;
    let open = referral.decision().is_none() && referral.join().is_none();
    let body = ReferralBody {
        referral_id: loaded.id,
        reference: received.reference.to_string(),
        version: loaded.version(),
        yours: reach,
        state: referral.word(),
        received_at: received.received_at,
        decide_by: received.clocks.decide_by,
        overdue: open && received.clocks.decide_by < now,
        edition: received.clocks.edition,
        owner: OwnerDesk::of(&received.owner, desk),
        holds_now: Vec::new(), // looked up by whoever shows it
        home_borough: received.home.as_ref().map(ToString::to_string),
        from: received.from.to_string(),
        danger_now: received.danger_now,
        parent_knows: received.parent_knows,
        concern: opener.open(&field("concern"), Some(&received.concern))?,
        referrer: referrer(opener.open(&field("referrer"), received.referrer.as_ref())?),
        child_is_now: found(received, opener.open(&field("child_is_now"), received.found.address.as_ref())?),
        shielded: false, // by whoever shows it
        children: received.children.iter().map(|child| about(&mut opener, child, &stream, loaded)).collect::<Result<_, _>>()?,
        with_the_child: opener.open(&field("with_the_child"), received.with_the_child.as_ref())?,
        needs: opener.open(&field("needs"), received.needs.as_ref())?,
        done_already: opener.open(&field("done_already"), received.done_already.as_ref())?,
        withdrawn: case.withdrawn,
        retention: None, // by the births below
        joined_to: referral.join().map(|join| join.with.to_string()),
        erased: false,
        entries: entries(&mut opener, loaded, reach)?,
    };
    let retention = referral.decision().map(|decision| kept(decision, &body.children, editions));
    Ok(ReferralBody { erased: opener.erased, retention, ..body })
}

/// How long it is kept: where that counts from a birth, from the last one, if each is known.
fn kept(decision: &Decision, children: &[Value], editions: &Editions) -> Kept {
    let births: Option<Vec<Date>> = children.iter().map(|child| child["date_of_birth"].as_str()?.parse().ok()).collect();
    let closed = Closed {
        outcomes: vec![decision.outcome.code().to_owned()],
        edition: decision.edition,
        closed_on: date_in_london(decision.at),
        born_on: births.and_then(|births| births.into_iter().max()),
    };
    closed.kept(editions)
}

fn referrer(said: Option<SaidReferrer>) -> Value {
    said.map_or(Value::Null, |said| json!({ "name": said.name, "role": said.role, "phone": said.phone }))
}

fn found(received: &Received, said: Option<SaidPlace>) -> Value {
    let found = &received.found;
    if *found == crate::referral::Found::default() {
        return json!("not_known");
    }
    let said = said.unwrap_or_default();
    json!({ "site": found.site, "borough": found.borough, "address": said.address, "postcode": said.postcode })
}

fn about(opener: &mut Opener<'_>, child: &AboutChild, stream: &Stream, loaded: &Loaded) -> Result<Value, Problem> {
    let field = |name: &str| child_place(name, child.id, stream);
    let said = opener.open::<SaidIdentity>(&field("identity"), child.identity.as_ref())?;
    let home = opener.open::<SaidPlace>(&field("home"), child.home.as_ref())?.unwrap_or_default();
    let says: Option<String> = opener.open(&field("says"), child.says.as_ref())?;
    let mut said = said.unwrap_or_default();
    let born = loaded.events.iter().find_map(|recorded| match &recorded.event {
        Event::Child(id, ChildEvent::Born { birth, .. }) if *id == child.id => Some((recorded.event.stream(), birth)),
        Event::Child(..) | Event::Referral(..) | Event::Watch(..) | Event::Desk(..) | Event::Edition(..) => None,
    });
    if let Some((stream, birth)) = &born
        && let Some(birth) = opener.open::<SaidBirth>(&place("child.born", "birth", stream), Some(birth))?
    {
        said.born(&birth);
    }
    let links = loaded.situation.children.get(&child.id).map(|known| known.links.iter().collect::<Vec<_>>()).unwrap_or_default();
    Ok(json!({
        "child_id": child.id,
        "names": said.names,
        "date_of_birth": said.date_of_birth,
        "age_about": said.age_about,
        "expected_on": said.expected_on,
        "unborn": child.unborn && born.is_none(),
        "nhs_number": said.nhs_number,
        "nhs_number_kept_as_text": child.nhs_number_kept_as_text,
        "home": { "borough": child.home_borough, "address": home.address, "postcode": home.postcode },
        "child_says": says,
        "linked_to": links,
    }))
}

/// Everything added, as far as it is to be seen: a referrer sees what their organisation wrote, that a decision was taken, and the
/// feedback; the borough's reasons and notes stay with the boroughs.
fn entries(opener: &mut Opener<'_>, loaded: &Loaded, reach: Reach) -> Result<Vec<Value>, Problem> {
    let case = loaded.case()?;
    let mut shown = Vec::new();
    for recorded in &loaded.events {
        let own = case.is_referrer(&recorded.actor.org);
        let body = match &recorded.event {
            Event::Referral(_, event) => added(opener, event, recorded, reach.sees_notes() || own)?,
            Event::Watch(_, event) if reach.sees_notes() => noticed(event),
            Event::Watch(..) | Event::Child(..) | Event::Desk(..) | Event::Edition(..) => None,
        };
        if let Some(mut body) = body {
            body.insert("what".to_owned(), recorded.event.type_name().into());
            body.insert("at".to_owned(), recorded.recorded_at.to_string().into());
            body.insert("org".to_owned(), recorded.actor.org.to_string().into());
            if reach.sees_notes() || own {
                body.insert("by".to_owned(), recorded.actor.name.clone().into());
            }
            shown.push(Value::Object(body));
        }
    }
    Ok(shown)
}

fn added(
    opener: &mut Opener<'_>,
    event: &ReferralEvent,
    recorded: &Recorded<Event>,
    notes: bool,
) -> Result<Option<Map<String, Value>>, Problem> {
    let (kind, stream) = (recorded.event.type_name(), recorded.event.stream());
    let mut text = |name: &str, sealed: Option<&Sealed>| opener.open::<String>(&place(kind, name, &stream), sealed);
    let body = match event {
        ReferralEvent::Received(_) => return Ok(None),
        ReferralEvent::FeedbackGiven { entry, text: sealed } => json!({ "entry": entry.to_string(), "text": text("text", Some(sealed))? }),
        ReferralEvent::Decided(decision) => {
            let mut body = json!({ "entry": decision.entry.to_string(), "outcome": decision.outcome, "borough": decision.borough,
                "edition": decision.edition, "supersedes": decision.supersedes.map(|entry| entry.to_string()),
                "feedback_by": decision.feedback_by });
            if notes {
                body["reason"] = text("reason", Some(&decision.reason))?.into();
                body["repeat_prompt"] = text("repeat_prompt", decision.repeat_prompt.as_ref())?.into();
                body["contacts"] = decision.contacts.into();
            }
            body
        }
        ReferralEvent::Joined(join) => {
            let reason = if notes { text("reason", Some(&join.reason))? } else { None };
            json!({ "entry": join.entry.to_string(), "with": join.with, "borough": join.borough, "edition": join.edition,
                "feedback_by": join.feedback_by, "reason": reason })
        }
        ReferralEvent::InformationAdded { .. }
        | ReferralEvent::Withdrawn { .. }
        | ReferralEvent::Withheld { .. }
        | ReferralEvent::ChecksMade { .. }
        | ReferralEvent::CpisChecked { .. }
        | ReferralEvent::Corrected { .. }
            if !notes =>
        {
            return Ok(None);
        }
        ReferralEvent::InformationAdded { entry, text: sealed, written_form, from } => {
            json!({ "entry": entry.to_string(), "text": text("text", Some(sealed))?, "written_form": written_form, "from": from })
        }
        ReferralEvent::Withdrawn { entry, reason } => json!({ "entry": entry.to_string(), "reason": text("reason", Some(reason))? }),
        ReferralEvent::Withheld { entry, what, reason } => {
            json!({ "entry": entry.to_string(), "withheld": text("what", Some(what))?, "reason": text("reason", Some(reason))? })
        }
        ReferralEvent::ChecksMade { entry, with, basis } => {
            let (footing, reason) = match basis {
                Basis::ParentAgrees => ("parent_agrees", None),
                Basis::LawfulReason(sealed) => ("lawful_reason", Some(sealed)),
                Basis::ChildProtection => ("child_protection", None),
            };
            json!({ "entry": entry.to_string(), "with": text("with", Some(with))?, "basis": footing, "lawful_reason": text("lawful_reason", reason)? })
        }
        ReferralEvent::CpisChecked { entry, outcome, note } => {
            json!({ "entry": entry.to_string(), "outcome": outcome, "note": text("note", note.as_ref())? })
        }
        ReferralEvent::Corrected { entry, field, text: sealed } => {
            json!({ "entry": entry.to_string(), "field": field, "text": text("text", Some(sealed))? })
        }
    };
    Ok(if let Value::Object(body) = body { Some(body) } else { None })
}

fn noticed(event: &WatchEvent) -> Option<Map<String, Value>> {
    let run_out = match event {
        WatchEvent::Viewed { .. } | WatchEvent::HistoryOpened { .. } => return None,
        WatchEvent::NotSeen(run_out) | WatchEvent::DecisionOverdue(run_out) | WatchEvent::FeedbackOverdue(run_out) => run_out,
    };
    let body =
        json!({ "level": run_out.level, "who": run_out.who, "due": run_out.due, "next_at": run_out.next_at, "rings": run_out.rings });
    if let Value::Object(body) = body { Some(body) } else { None }
}
