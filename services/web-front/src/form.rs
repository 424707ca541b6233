//! What a page sends.

use std::collections::BTreeMap;

use axum::{
    body::Bytes,
    extract::{FromRequest, Request},
};

use serde::{Deserialize, Serialize};

use crate::failure::{Failure, Refusal};

/// What a form says of the page and not of what was typed. Its key is kept: sent again after a broken line it counts once.
const OWN: [&str; 4] = ["version", "from", "takes", "prompted"];

/// How long a key is that a page makes.
const KEY: usize = 36;

/// The fields of a form, by name. Personal, so it prints as nothing.
#[derive(Clone, Default, Serialize, Deserialize)]
pub(crate) struct Form(BTreeMap<String, Vec<String>>);

impl Form {
    /// A field without the blanks around it; empty where it was not sent.
    pub(crate) fn text(&self, name: &str) -> &str {
        self.0.get(name).and_then(|values| values.first()).map_or("", |value| value.trim())
    }

    /// A field that was filled in.
    pub(crate) fn some(&self, name: &str) -> Option<&str> {
        Some(self.text(name)).filter(|text| !text.is_empty())
    }

    /// Every value of a field, as check boxes send them.
    pub(crate) fn all(&self, name: &str) -> &[String] {
        self.0.get(name).map_or(&[], Vec::as_slice)
    }

    /// The version that the page showed.
    pub(crate) fn version(&self) -> Option<i64> {
        self.text("version").parse().ok()
    }

    /// The version over which a form that is kept was typed.
    pub(crate) fn saw(&self) -> Option<i64> {
        self.text("saw").parse().ok()
    }

    /// The first value of each field, to be shown again.
    pub(crate) fn values(&self) -> BTreeMap<String, String> {
        self.0.iter().filter_map(|(name, values)| Some((name.clone(), values.first()?.clone()))).collect()
    }
}

impl Form {
    /// The fields of a body.
    pub(crate) fn read(body: &[u8]) -> Self {
        let mut fields: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for (name, value) in form_urlencoded::parse(body) {
            // Browsers end lines with two characters.
            fields.entry(name.into_owned()).or_default().push(value.replace("\r\n", "\n"));
        }
        Self(fields)
    }

    /// Takes what was typed into another form over this one.
    pub(crate) fn take_typed(&mut self, typed: &Self) {
        let fields = typed.0.iter().filter(|(name, _)| !OWN.contains(&name.as_str()));
        self.0.extend(fields.map(|(name, values)| (name.clone(), values.clone())));
    }

    /// Forgets the fields that another form has.
    pub(crate) fn without(&mut self, sent: &Self) {
        self.0.retain(|name, _| !sent.0.contains_key(name));
    }

    /// As it is shown again after a refusal: where its key stands for what was recorded before, it goes on under a new one.
    pub(crate) fn after(&self, refusal: &Refusal) -> Self {
        let mut again = self.clone();
        if refusal.code == "key_reused" {
            again.0.remove("key");
        }
        again
    }

    /// The keys of the forms of one page, by what each of them does: `key-act`.
    pub(crate) fn keys(&self) -> BTreeMap<String, String> {
        let key = self.some("key").filter(|key| key.get(KEY..).is_some_and(|rest| rest.starts_with('-')));
        key.map(|key| (key.get(KEY + 1..).unwrap_or_default().to_owned(), key.to_owned())).into_iter().collect()
    }

    /// Whether nothing was filled in.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.iter().filter(|(name, _)| *name != "saw").flat_map(|(_, values)| values).all(|value| value.trim().is_empty())
    }
}

impl<S: Send + Sync> FromRequest<S> for Form {
    type Rejection = Failure;

    async fn from_request(request: Request, state: &S) -> Result<Self, Failure> {
        let body = Bytes::from_request(request, state).await.map_err(|_| Failure::TooLarge)?;
        Ok(Self::read(&body))
    }
}

/// What is wrong with a form: the field and what to do, in the order of the page.
#[derive(Default)]
pub(crate) struct Faults(Vec<(String, String)>);

impl Faults {
    pub(crate) fn add(&mut self, field: impl Into<String>, advice: impl Into<String>) {
        self.0.push((field.into(), advice.into()));
    }

    /// Says so where a field is empty.
    pub(crate) fn need(&mut self, form: &Form, field: &str, advice: &str) {
        if form.some(field).is_none() {
            self.add(field, advice);
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// As the pages show them: the list on top, and each beside its field.
    pub(crate) fn shown(&self) -> serde_json::Value {
        let list: Vec<_> = self.0.iter().map(|(field, text)| serde_json::json!({ "href": format!("#{field}"), "text": text })).collect();
        let by: BTreeMap<&String, &String> = self.0.iter().map(|(field, text)| (field, text)).collect();
        serde_json::json!({ "list": list, "by": by })
    }
}
