//! What a person adds to a referral: information, feedback, a withdrawal, something withheld, checks, corrections. Nothing is changed.

use std::collections::BTreeSet;

use axum::extract::State;
use event_store::Past;
use kernel::{Borough, Person, ReferralId, Sealed, edition::FieldName};
use serde::Deserialize;
use serde_json::{Value, json};
use service_kit::{
    Answered, Authority, Change, Problem,
    caller::{DutyDesk, Practitioners},
    command,
    params::Path,
};
use utoipa::ToSchema;

use super::show::look;
use crate::{
    app::{App, Loaded, request},
    event::Event,
    personal::place,
    referral::{self, Addition, Basis, CpisOutcome, EntryId},
    rules::{Command, Intake, referral_stream},
};

/// The longest text that is added at once, in characters.
const TEXT: usize = 10_000;

/// A text that may not be empty.
///
/// # Errors
/// 422 when it is empty or too long.
pub(crate) fn needed<'a>(pointer: &str, text: &'a str) -> Result<&'a str, Problem> {
    let text = text.trim();
    if text.is_empty() {
        return Err(Problem::invalid_at(pointer, "say it in words"));
    }
    if text.chars().count() > TEXT {
        return Err(Problem::invalid_at(pointer, format!("at most {TEXT} characters")));
    }
    Ok(text)
}

/// The state that a stale command is shown.
pub(crate) fn describe(past: &Past<'_, Event>) -> Value {
    let situation = past.replay::<Intake>();
    let outcome = situation.referral.decision().map(|decision| decision.outcome);
    let withdrawn = situation.referral.case().is_some_and(|case| case.withdrawn);
    json!({ "state": situation.referral.word(), "outcome": outcome, "withdrawn": withdrawn })
}

/// Seals a text of one kind of entry.
struct Sealer {
    key: vault::KeyHandle,
    kind: &'static str,
    id: ReferralId,
}

impl Sealer {
    fn seal(&self, field: &str, pointer: &str, text: &str) -> Result<Sealed, Problem> {
        let text = needed(pointer, text)?;
        let context = place(self.kind, field, &referral_stream(self.id));
        self.key.seal(&context, text).map_err(|error| Problem::internal("vault", &error))
    }
}

/// What is sent to be added.
trait Added {
    /// The stored type of the event.
    const KIND: &'static str;

    fn seal(&self, sealer: &Sealer) -> Result<Addition, Problem>;
}

async fn add<R, T>(app: App, id: ReferralId, sent: Change<R, T>) -> Result<Answered, Problem>
where
    R: Authority<Who = Person>,
    T: Added,
{
    let (loaded, _, acting_for) = look(&app, sent.by.person(), id, sent.now).await?;
    let key = app.key(&loaded.case()?.received.concern.key).await?;
    let what = sent.body.seal(&Sealer { key, kind: T::KIND, id })?;
    let entry = EntryId::from_uuid(app.parts.kit.ids.uuid());
    let command = whole(sent.by.person(), acting_for, entry, what);
    let body = json!({ "referral_id": id, "entry": entry.to_string() });
    let mut ask = ask(&loaded, sent.context(None), command, body);
    ask.receipt = Some(sent.receipt.clone());
    ask.expect = Some((referral_stream(id), sent.version));
    ask.describe = Some(Box::new(describe));
    command::run(&app.parts.kit.tasks, &app.store, ask).await
}

fn whole(by: &Person, acting_for: BTreeSet<Borough>, entry: EntryId, what: Addition) -> referral::Command {
    referral::Command::Add { by: by.clone(), acting_for, entry, what }
}

fn ask(loaded: &Loaded, context: event_store::Context, command: referral::Command, body: Value) -> event_store::Request<Event> {
    let command = Command::Referral(loaded.id, command);
    request(loaded.streams.clone(), context, command, (201, body, Some(referral_stream(loaded.id))))
}

/// An entry that was added.
#[derive(serde::Serialize, ToSchema)]
pub(crate) struct EntryBody {
    /// The referral.
    referral_id: String,
    /// The entry.
    entry: String,
    /// The version of the referral.
    version: i64,
}

macro_rules! additions {
    ($($(#[$doc:meta])* $handler:ident as $authority:ident at $path:literal: $body:ident, $description:literal;)*) => {$(
        $(#[$doc])*
        #[utoipa::path(post, path = $path, tag = "referrals", request_body = $body,
            params(("id" = String, Path, description = "The referral.")),
            responses((status = 201, description = $description, body = EntryBody)))]
        pub(crate) async fn $handler(
            State(app): State<App>,
            Path(id): Path<ReferralId>,
            sent: Change<$authority, $body>,
        ) -> Result<Answered, Problem> {
            add(app, id, sent).await
        }
    )*};
}

additions! {
    /// Adds information.
    information as Practitioners at "/api/intake/referrals/{id}/information": NewInformation, "It was added.";
    /// Records that the referrer was told.
    feedback as DutyDesk at "/api/intake/referrals/{id}/feedback": NewText, "The open item is closed.";
    /// Takes a referral back. It stays, and a decision is still needed.
    withdrawal as Practitioners at "/api/intake/referrals/{id}/withdrawal": NewReason, "It is marked as withdrawn.";
    /// Records that something was withheld.
    withholdings as DutyDesk at "/api/intake/referrals/{id}/withholdings": NewWithholding, "It is on the record.";
    /// Records checks with other agencies.
    checks as DutyDesk at "/api/intake/referrals/{id}/checks": NewChecks, "They are on the record.";
    /// Records what the Child Protection Information Sharing service answered.
    cpis_checks as DutyDesk at "/api/intake/referrals/{id}/cpis-checks": NewCpisCheck, "It is on the record.";
    /// Corrects something said earlier. The earlier words stay.
    corrections as Practitioners at "/api/intake/referrals/{id}/corrections": NewCorrection, "The correction was added.";
}

/// Information.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewInformation {
    /// What.
    #[schema(max_length = 10_000)]
    text: String,
    /// Whether it is the written form of a referral made by telephone: it joins that referral.
    #[serde(default)]
    written_form: bool,
}

impl Added for NewInformation {
    const KIND: &'static str = "referral.information_added";

    fn seal(&self, sealer: &Sealer) -> Result<Addition, Problem> {
        Ok(Addition::Information { text: sealer.seal("text", "/text", &self.text)?, written_form: self.written_form })
    }
}

/// What the referrer was told.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewText {
    /// What they were told.
    #[schema(max_length = 10_000)]
    text: String,
}

impl Added for NewText {
    const KIND: &'static str = "referral.feedback_given";

    fn seal(&self, sealer: &Sealer) -> Result<Addition, Problem> {
        Ok(Addition::Feedback { text: sealer.seal("text", "/text", &self.text)? })
    }
}

/// Why.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewReason {
    /// Why.
    #[schema(max_length = 10_000)]
    reason: String,
}

impl Added for NewReason {
    const KIND: &'static str = "referral.withdrawn";

    fn seal(&self, sealer: &Sealer) -> Result<Addition, Problem> {
        Ok(Addition::Withdrawal { reason: sealer.seal("reason", "/reason", &self.reason)? })
    }
}

/// Something withheld.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewWithholding {
    /// What, and from whom.
    #[schema(max_length = 10_000)]
    what: String,
    /// Why.
    #[schema(max_length = 10_000)]
    reason: String,
}

impl Added for NewWithholding {
    const KIND: &'static str = "referral.withheld";

    fn seal(&self, sealer: &Sealer) -> Result<Addition, Problem> {
        let (what, reason) = (sealer.seal("what", "/what", &self.what)?, sealer.seal("reason", "/reason", &self.reason)?);
        Ok(Addition::Withholding { what, reason })
    }
}

/// Checks with other agencies. Below a section 47 enquiry they take the parent's agreement or a lawful reason.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewChecks {
    /// Who is asked.
    #[schema(max_length = 10_000)]
    with: String,
    /// Whether the parent agrees.
    #[serde(default)]
    parent_agrees: bool,
    /// The reason in law for asking without agreement.
    #[serde(default)]
    #[schema(max_length = 10_000)]
    lawful_reason: Option<String>,
}

impl Added for NewChecks {
    const KIND: &'static str = "referral.checks_made";

    fn seal(&self, sealer: &Sealer) -> Result<Addition, Problem> {
        let reason = self.lawful_reason.as_deref().map(|text| sealer.seal("lawful_reason", "/lawful_reason", text)).transpose()?;
        let basis = reason.map(Basis::LawfulReason).or(self.parent_agrees.then_some(Basis::ParentAgrees));
        Ok(Addition::Checks { with: sealer.seal("with", "/with", &self.with)?, basis })
    }
}

/// What the Child Protection Information Sharing service answered.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewCpisCheck {
    /// What it answered.
    outcome: CpisOutcome,
    /// Anything else.
    #[serde(default)]
    #[schema(max_length = 10_000)]
    note: Option<String>,
}

impl Added for NewCpisCheck {
    const KIND: &'static str = "referral.cpis_checked";

    fn seal(&self, sealer: &Sealer) -> Result<Addition, Problem> {
        let note = self.note.as_deref().map(|text| sealer.seal("note", "/note", text)).transpose()?;
        Ok(Addition::CpisCheck { outcome: self.outcome, note })
    }
}

/// A correction.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewCorrection {
    /// The field that it is about: any that a referral can have, since one that is asked no more may have been answered.
    field: String,
    /// What is right.
    #[schema(max_length = 10_000)]
    text: String,
}

impl Added for NewCorrection {
    const KIND: &'static str = "referral.corrected";

    fn seal(&self, sealer: &Sealer) -> Result<Addition, Problem> {
        if FieldName::of(&self.field).is_none() {
            return Err(Problem::invalid_at("/field", format!("one of: {}", FieldName::ALL.map(FieldName::code).join(", "))));
        }
        Ok(Addition::Correction { field: self.field.clone(), text: sealer.seal("text", "/text", &self.text)? })
    }
}
