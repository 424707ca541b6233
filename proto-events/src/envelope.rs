//! CloudEvents 1.0 in structured JSON, with the extensions that let a reader prove that nothing is missing.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;

use crate::Published;

/// Who did it, without a name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PublicActor {
    /// The subject of the token; opaque.
    pub id: String,
    /// GSS code, ODS code, `board` or `hub`.
    pub org: String,
    /// The role acted in.
    pub role: String,
}

/// One position of a service's log as others see it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Envelope {
    /// Always `1.0`.
    pub specversion: String,
    /// The event's id; also the `Nats-Msg-Id`.
    pub id: Uuid,
    /// `/hub/<service>`.
    pub source: String,
    /// `uk.hub.<service>.<kind>.v1`.
    #[serde(rename = "type")]
    pub kind: String,
    /// The stream in the service's log: a category and an opaque id.
    pub subject: String,
    /// When the hub was told.
    pub time: Timestamp,
    /// When it happened.
    pub occurredat: Timestamp,
    /// Always `application/json`.
    pub datacontenttype: String,
    /// Place in the service's log; contiguous from 1.
    pub position: i64,
    /// RFC 6962 leaf hash of the stored row, in hex.
    pub leafhash: String,
    /// W3C trace id of the story it belongs to.
    pub traceid: String,
    /// The event that led to it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub causation: Option<Uuid>,
    /// Who did it.
    pub actor: PublicActor,
    /// Every child that it is about.
    #[serde(default)]
    pub children: Vec<String>,
    /// What happened: one of the service's published events, or nothing where it concerns nobody outside.
    pub data: Value,
}

/// The bytes are not one of our envelopes. The message never quotes them.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("not an event of the hub: {0}")]
pub struct BadEnvelope(&'static str);

impl Envelope {
    /// Reads an envelope.
    ///
    /// # Errors
    /// When the bytes are not one.
    pub fn from_json(bytes: &[u8]) -> Result<Self, BadEnvelope> {
        let envelope: Self = serde_json::from_slice(bytes).map_err(|_| BadEnvelope("not a CloudEvent with the hub's extensions"))?;
        if envelope.specversion != "1.0" {
            return Err(BadEnvelope("another CloudEvents version"));
        }
        if envelope.position < 1 {
            return Err(BadEnvelope("the position is below 1"));
        }
        Ok(envelope)
    }

    /// The service that published it.
    #[must_use]
    pub fn service(&self) -> &str {
        self.source.strip_prefix("/hub/").unwrap_or(&self.source)
    }

    /// The kind of event, for instance `referral_received`.
    #[must_use]
    pub fn short_kind(&self) -> &str {
        self.kind.rsplit('.').nth(1).unwrap_or(&self.kind)
    }

    /// The event inside, if it is one of `P`'s; `None` where the position holds nothing for others.
    ///
    /// # Errors
    /// When it claims to be one and cannot be read.
    pub fn published<P: Published>(&self) -> Result<Option<P>, BadEnvelope> {
        if self.service() != P::SERVICE || self.data.is_null() {
            return Ok(None);
        }
        serde_json::from_value(self.data.clone()).map(Some).map_err(|_| BadEnvelope("the data is not of its type"))
    }
}
