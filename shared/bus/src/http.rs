//! The other service's log over HTTP.

use std::time::Duration;

use proto_events::Envelope;
use serde_json::Value;

use crate::{Later, Source, SourceError, Unreadable};

/// How long one page may take.
const PATIENCE: Duration = Duration::from_secs(10);

/// The largest page that is read: 8 MiB, some 16 KiB for each of 500 events.
const LARGEST: usize = 8 << 20;

/// Gives the token of this service's machine for each request.
type Token = Box<dyn Fn() -> String + Send + Sync>;

/// `GET {base}/api/<service>/log?after=N&limit=M`.
pub struct HttpSource {
    client: reqwest::Client,
    url: String,
    token: Token,
}

impl HttpSource {
    /// For a service at a base address. `token` gives a bearer token for the role `hub`.
    ///
    /// # Errors
    /// When the HTTP client cannot be set up.
    pub fn new(base: &str, service: &str, token: impl Fn() -> String + Send + Sync + 'static) -> Result<Self, reqwest::Error> {
        let client = reqwest::Client::builder().timeout(PATIENCE).redirect(reqwest::redirect::Policy::none()).build()?;
        Ok(Self { client, url: format!("{}/api/{service}/log", base.trim_end_matches('/')), token: Box::new(token) })
    }

    async fn fetch(&self, after: i64, limit: i64) -> Result<Vec<Envelope>, SourceError> {
        let request = self.client.get(&self.url).query(&[("after", after), ("limit", limit)]).bearer_auth((self.token)());
        let mut answer = request.send().await.map_err(|_| SourceError::Away)?;
        if !answer.status().is_success() {
            return Err(SourceError::Refused(answer.status().as_u16()));
        }
        let mut body = Vec::new();
        while let Some(chunk) = answer.chunk().await.map_err(|_| SourceError::Away)? {
            if body.len() + chunk.len() > LARGEST {
                return Err(SourceError::NotAPage("it is larger than 8 MiB"));
            }
            body.extend_from_slice(&chunk);
        }
        read_page(&body, after)
    }
}

impl Source for HttpSource {
    fn after(&self, position: i64, limit: i64) -> Later<'_, Result<Vec<Envelope>, SourceError>> {
        Box::pin(self.fetch(position, limit))
    }
}

/// Reads a page, up to the first position that this version of the program cannot read.
fn read_page(body: &[u8], after: i64) -> Result<Vec<Envelope>, SourceError> {
    let items: Vec<Value> = serde_json::from_slice(body).map_err(|_| SourceError::NotAPage("it is not a JSON list"))?;
    let mut page = Vec::with_capacity(items.len());
    for (item, position) in items.into_iter().zip(after + 1..) {
        if item["position"].as_i64() != Some(position) {
            return Err(SourceError::NotAPage("its positions are not contiguous"));
        }
        let bytes = item.to_string().into_bytes();
        match Envelope::from_json(&bytes) {
            Ok(envelope) => page.push(envelope),
            Err(_) if page.is_empty() => {
                let subject = item["subject"].as_str().unwrap_or_default().to_owned();
                return Err(SourceError::Unreadable(Box::new(Unreadable { position, subject, bytes })));
            }
            Err(_) => break,
        }
    }
    Ok(page)
}
