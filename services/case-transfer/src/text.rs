//! Free text: sealed before a rule sees it, and opened for those who may read it.

use std::collections::BTreeMap;

use kernel::{ChildId, Private, Sealed};
use serde::Deserialize;
use serde_json::Value;
use service_kit::{Problem, json::expected};
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{
        RefOr,
        schema::{ObjectBuilder, Schema, SchemaType, Type},
    },
};
use vault::{KeyHandle, OpenError, VaultError};

use crate::app::App;

/// The longest text, in characters.
const MOST: usize = 20_000;

/// Text that somebody typed; never empty.
#[derive(Clone, Debug, Deserialize)]
#[serde(try_from = "String")]
pub(crate) struct Text(Private<String>);

impl TryFrom<String> for Text {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let good = !text.trim().is_empty() && text.chars().count() <= MOST;
        if good { Ok(Self(Private::new(text))) } else { Err(expected("text of 1 to 20,000 characters")) }
    }
}

impl PartialSchema for Text {
    fn schema() -> RefOr<Schema> {
        let text = ObjectBuilder::new().schema_type(SchemaType::Type(Type::String)).min_length(Some(1)).max_length(Some(MOST));
        RefOr::T(Schema::Object(text.build()))
    }
}

impl ToSchema for Text {}

impl Text {
    pub(crate) fn expose(&self) -> &str {
        self.0.expose()
    }
}

/// Seals the texts of one command, under a key of their own.
pub(crate) struct Sealer(KeyHandle);

impl Sealer {
    /// Seals a text for its place: the type of the event and the field. It opens nowhere else.
    pub(crate) fn seal(&self, place: &str, text: &Text) -> Result<Sealed, Problem> {
        self.0.seal(place, text.expose()).map_err(|error| Problem::internal("vault", &error))
    }

    pub(crate) fn seal_if(&self, place: &str, text: Option<&Text>) -> Result<Option<Sealed>, Problem> {
        text.map(|text| self.seal(place, text)).transpose()
    }

    pub(crate) fn seal_all(&self, place: &str, texts: &[Text]) -> Result<Vec<Sealed>, Problem> {
        texts.iter().map(|text| self.seal(place, text)).collect()
    }
}

impl App {
    /// A key for the texts of one command. It is kept before any event can refer to it.
    pub(crate) async fn sealer(&self, subject: &str, about: &[ChildId]) -> Result<Sealer, Problem> {
        self.vault.new_key(subject, about).await.map(Sealer).map_err(|error| match error {
            VaultError::Erased => Problem::refusal("child_erased", "This child's record was erased. Nothing new can be written about it."),
            VaultError::Database(_) => Problem::unavailable("Nothing was recorded. Send it again with the same Idempotency-Key.", 2),
            VaultError::AboutNobody => Problem::invalid_at("/items", "name at least one child"),
            VaultError::NoMaster(_) | VaultError::Damaged(_) | VaultError::Wrap(_) => Problem::internal("vault", &error),
        })
    }

    /// Opens texts, each from its place. One that was erased says so; nothing else is left out.
    pub(crate) async fn open(&self, texts: &[(String, &Sealed)]) -> Result<Vec<Value>, Problem> {
        let away = |error: VaultError| {
            tracing::warn!(error = %error, "the vault cannot be read");
            Problem::unavailable("The texts cannot be opened now. Try again, or telephone.", 2)
        };
        let sealed: Vec<&Sealed> = texts.iter().map(|(_, sealed)| *sealed).collect();
        let keys = self.vault.keys_for(&sealed).await.map_err(away)?;
        let open = |(place, sealed): &(String, &Sealed)| match keys.open::<String>(place, sealed) {
            Ok(text) => Ok(Value::String(text.into_exposed())),
            Err(OpenError::Erased) => Ok(Value::String("[erased]".to_owned())),
            Err(OpenError::Database(error)) => Err(away(error)),
            Err(error @ (OpenError::Unknown | OpenError::Wrong)) => Err(Problem::internal("vault", &error)),
        };
        texts.iter().map(open).collect()
    }

    /// Opens named texts.
    pub(crate) async fn open_named(&self, texts: Vec<(&'static str, String, &Sealed)>) -> Result<BTreeMap<&'static str, Value>, Problem> {
        let places: Vec<(String, &Sealed)> = texts.iter().map(|(_, place, sealed)| (place.clone(), *sealed)).collect();
        let opened = self.open(&places).await?;
        Ok(texts.into_iter().map(|(name, _, _)| name).zip(opened).collect())
    }
}
