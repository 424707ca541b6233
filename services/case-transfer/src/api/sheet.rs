//! The handover sheet (SAFER) as it is sent and shown.

use kernel::{Sealed, Timestamp};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use service_kit::Problem;
use utoipa::ToSchema;

use crate::{
    app::App,
    rules::Situation,
    text::{Sealer, Text},
    transfer::{Offer, Sheet, Whereabouts},
};

/// The handover sheet. The child's own words come first; what is not known is said.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewSheet {
    /// What is happening, and who is in danger.
    #[schema(value_type = String, min_length = 1, max_length = 20_000)]
    pub(crate) situation: Text,
    /// What was seen and done, by whom and when, and what could not be done.
    #[schema(value_type = Option<String>, min_length = 1, max_length = 20_000)]
    pub(crate) assessment: Option<Text>,
    /// Carers, siblings and where each is, who must not have contact.
    #[schema(value_type = Option<String>, min_length = 1, max_length = 20_000)]
    pub(crate) family: Option<Text>,
    /// What is expected by when, and the next fixed time.
    #[schema(value_type = Option<String>, min_length = 1, max_length = 20_000)]
    pub(crate) expected: Option<Text>,
    /// What the child said or showed.
    #[schema(value_type = Option<String>, min_length = 1, max_length = 20_000)]
    pub(crate) child_says: Option<Text>,
    /// How the child is kept safe until the answer.
    #[schema(value_type = Option<String>, min_length = 1, max_length = 20_000)]
    pub(crate) interim_plan: Option<Text>,
    /// Giver, taker and telephone numbers.
    #[schema(value_type = Option<String>, min_length = 1, max_length = 20_000)]
    pub(crate) recording: Option<Text>,
    /// What is not known.
    #[serde(default)]
    #[schema(value_type = Vec<String>)]
    pub(crate) not_known: Vec<Text>,
}

/// The place that a field of a sheet is sealed for. A redirect takes the sheet along as it is, so the place names no transfer;
/// the key belongs to the one offer for which the sheet was written.
pub(crate) fn place(field: &str) -> String {
    format!("transfer.offered/{field}")
}

/// Seals a sheet.
pub(crate) fn seal(sealer: &Sealer, sheet: &NewSheet) -> Result<Sheet, Problem> {
    let some = |field: &str, text: &Option<Text>| sealer.seal_if(&place(field), text.as_ref());
    Ok(Sheet {
        child_says: some("child_says", &sheet.child_says)?,
        situation: sealer.seal(&place("situation"), &sheet.situation)?,
        assessment: some("assessment", &sheet.assessment)?,
        family: some("family", &sheet.family)?,
        expected: some("expected", &sheet.expected)?,
        interim_plan: some("interim_plan", &sheet.interim_plan)?,
        recording: some("recording", &sheet.recording)?,
        not_known: sealer.seal_all(&place("not_known"), &sheet.not_known)?,
    })
}

/// The sheet in plain words, for those who may read it.
pub(crate) async fn open(app: &App, offer: &Offer, now: (&Situation, Timestamp)) -> Result<Value, Problem> {
    let sheet = &offer.sheet;
    let fields: [(&'static str, Option<&Sealed>); 7] = [
        ("child_says", sheet.child_says.as_ref()),
        ("situation", Some(&sheet.situation)),
        ("assessment", sheet.assessment.as_ref()),
        ("family", sheet.family.as_ref()),
        ("expected", sheet.expected.as_ref()),
        ("interim_plan", sheet.interim_plan.as_ref()),
        ("recording", sheet.recording.as_ref()),
    ];
    let named = fields.into_iter().filter_map(|(name, sealed)| Some((name, place(name), sealed?))).collect();
    let opened = app.open_named(named).await?;
    let mut shown: Map<String, Value> = opened.into_iter().map(|(name, text)| (name.to_owned(), text)).collect();
    let not_known: Vec<(String, &Sealed)> = sheet.not_known.iter().map(|sealed| (place("not_known"), sealed)).collect();
    shown.insert("not_known".to_owned(), app.open(&not_known).await?.into());
    shown.insert("children".to_owned(), children(app, offer, now).await?.into());
    Ok(Value::Object(shown))
}

/// Where each child is, and the legal powers that run for it as this is read. The address of a child that is shielded now is not shown, whenever it was written down; the giver's desk
/// stands for it.
async fn children(app: &App, offer: &Offer, (situation, now): (&Situation, Timestamp)) -> Result<Vec<Value>, Problem> {
    let mut shown = Vec::with_capacity(offer.items.len());
    for item in &offer.items {
        let shielded = item.shielded || situation.is_shielded(item.child);
        let is_now = match &item.whereabouts {
            Whereabouts::Address(_) if shielded => json!({ "contact_desk": offer.from }),
            Whereabouts::Address(sealed) => {
                let opened = app.open(&[(place("child_is_now"), sealed)]).await?;
                json!({ "address": opened.into_iter().next() })
            }
            Whereabouts::ContactDesk(borough) => json!({ "contact_desk": borough }),
            Whereabouts::NotKnown | Whereabouts::NotSaid => json!("not_known"),
        };
        let ledger = situation.ledgers.get(&item.child);
        let powers = ledger.into_iter().flat_map(|ledger| ledger.powers_at(now));
        let powers: Vec<Value> = powers.map(|(power, ends_at)| json!({ "power": power, "ends_at": ends_at })).collect();
        shown.push(json!({
            "child_id": item.child, "child_is_now": is_now, "shielded": shielded, "unborn": item.unborn, "powers": powers,
        }));
    }
    Ok(shown)
}
