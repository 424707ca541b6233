//! Editions between a folder and the registry: what `hub procedures` does through the API.

mod numbers;
mod words;

use kernel::{Borough, Timestamp};
use procedures_registry::{
    difference::Difference,
    document::{ContentHash, Document},
    folder::ExportedFrom,
    print::Numbers,
};
use reqwest::{Method, RequestBuilder, StatusCode};
use serde_json::{Value, json};

use crate::client::ClientError;

pub use words::{difference as difference_in_words, printable};

/// The registry did not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum ProceduresError {
    /// The hub is away or refuses.
    #[error(transparent)]
    Client(#[from] ClientError),
    /// What arrived is no edition, or not the one that it says it is.
    #[error("the hub's answer is not the edition that it says it is: {0}")]
    NotTheEdition(&'static str),
    /// Publishing would change nothing.
    #[error("the folder holds what is in force already: there is nothing to publish")]
    NothingChanges,
    /// The folder is older than what is in force.
    #[error(
        "the folder builds on edition {from}, and edition {current} is in force: what came since would be taken back. Export edition {current} \
         beside it, bring its changes in, and say --based-on {current}"
    )]
    Older {
        /// The edition that the folder builds on.
        from: u32,
        /// The one in force.
        current: u32,
    },
    /// The folder comes from elsewhere.
    #[error(
        "the folder does not say which edition it was exported from: look at --dry-run, and say --based-on with the number of the edition \
         that it builds on"
    )]
    NoBase,
    /// The same number with another content.
    #[error("edition {0} of this hub is another one than the folder was exported from: look at --dry-run, and say --based-on {0}")]
    OfAnotherHub(u32),
    /// A document without a canonical form.
    #[error("the document has no hash")]
    Hash(#[from] serde_json::Error),
    /// The draft is there, and a later step was refused.
    #[error("the draft {draft} was begun, and then {step} was refused: run the same command again, or go on with the draft by the API")]
    Stopped {
        /// The draft.
        draft: String,
        /// What was refused.
        step: &'static str,
        /// Why.
        source: ClientError,
    },
}

/// An edition that the registry has.
#[derive(Clone, Debug, PartialEq)]
pub struct Known {
    /// Its number.
    pub number: u32,
    /// The hash of its content.
    pub hash: ContentHash,
    /// Its content.
    pub document: Document,
}

/// What becomes of a draft once it is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Next {
    /// The boroughs say what they think until an instant.
    Consult(Timestamp),
    /// It is handed in at once, for a reason that whoever approves reads.
    HandIn {
        /// Why it cannot wait.
        unconsulted: String,
    },
}

/// What became of a draft that was published.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Published {
    /// The draft.
    pub draft: String,
    /// The hash of its content.
    pub hash: String,
}

/// The registry of a running hub, as somebody with a token sees it.
#[derive(Clone)]
pub struct Registry {
    http: reqwest::Client,
    url: String,
    token: String,
}

impl Registry {
    /// The registry at an address.
    #[must_use]
    pub fn new(url: &str, token: String) -> Self {
        Self { http: reqwest::Client::new(), url: url.trim_end_matches('/').to_owned(), token }
    }

    /// An edition by its number, or the one in force. Its hash is checked.
    ///
    /// # Errors
    /// When the hub is away, has no such edition, or sends another content than its hash says.
    pub async fn edition(&self, number: Option<u32>) -> Result<Known, ProceduresError> {
        let which = number.map_or_else(|| "in-force".to_owned(), |number| number.to_string());
        let about = self.get(&format!("/api/procedures/editions/{which}")).await?;
        let found = about["number"].as_u64().and_then(|found| u32::try_from(found).ok());
        let number = found.ok_or(ProceduresError::NotTheEdition("it has no number"))?;
        let document = self.get(&format!("/api/procedures/editions/{number}/document")).await?;
        let document: Document = serde_json::from_value(document).map_err(|_| ProceduresError::NotTheEdition("it is no document"))?;
        let hash = document.hash()?;
        if about["hash"] != hash.0.as_str() {
            return Err(ProceduresError::NotTheEdition("its hash is another one"));
        }
        Ok(Known { number, hash, document })
    }

    /// The edition that a folder builds on: the one that somebody names, or else the one that it was exported from.
    ///
    /// # Errors
    /// When another one is in force since, nobody says which it is, or the hub is away.
    pub async fn base(&self, named: Option<u32>, exported: Option<&ExportedFrom>) -> Result<Known, ProceduresError> {
        let current = self.edition(None).await?;
        let number = named.or(exported.map(|exported| exported.number)).ok_or(ProceduresError::NoBase)?;
        if number < current.number {
            return Err(ProceduresError::Older { from: number, current: current.number });
        }
        let base = if number == current.number { current } else { self.edition(Some(number)).await? };
        match exported.filter(|_| named.is_none()) {
            Some(exported) if exported.hash != base.hash => Err(ProceduresError::OfAnotherHub(number)),
            Some(_) | None => Ok(base),
        }
    }

    /// The telephones of a borough, for a page.
    ///
    /// # Errors
    /// When the hub is away or knows no such borough.
    pub async fn numbers(&self, borough: &Borough) -> Result<Numbers, ProceduresError> {
        Ok(numbers::of(&self.get(&format!("/api/procedures/contacts?borough={}", borough.code())).await?))
    }

    /// Makes a draft of a document, and puts it to the boroughs or hands it in for approval. The same again goes on where it stopped: the keys come from what
    /// is published.
    ///
    /// # Errors
    /// When nothing would change, or the hub is away or refuses; the error names the draft once there is one.
    pub async fn publish(&self, title: &str, base: &Known, document: &Document, next: &Next) -> Result<Published, ProceduresError> {
        if Difference::between(&base.document, document).is_empty() {
            return Err(ProceduresError::NothingChanges);
        }
        let ContentHash(hash) = document.hash()?;
        let number = base.number;
        // A key binds the body as well: another title is another draft.
        let ContentHash(of_title) =
            Document { parts: [("title".to_owned(), title.into())].into_iter().collect(), ..Document::default() }.hash()?;
        let key = |step: &str| format!("publish-{number}-{hash:.32}-{of_title:.16}-{step}");
        let begun = self.post("/api/procedures/drafts", &key("begin"), None, &json!({ "title": title, "based_on": number })).await?;
        let draft = begun["draft_id"].as_str().ok_or(ProceduresError::NotTheEdition("the draft has no id"))?.to_owned();
        let stopped = |step: &'static str| {
            let draft = draft.clone();
            move |source| ProceduresError::Stopped { draft, step, source }
        };
        let path = |step: &str| format!("/api/procedures/drafts/{draft}/{step}");
        let body = json!({ "document": document, "based_on": number });
        let version = begun["version"].as_i64();
        let written = self.post(&path("document"), &key("document"), version, &body).await.map_err(stopped("its document"))?;
        let version = written["version"].as_i64();
        let (step, name, body) = match next {
            Next::Consult(until) => ("consultation", "its consultation", json!({ "until": until })),
            Next::HandIn { unconsulted } => ("submission", "its submission", json!({ "unconsulted": unconsulted })),
        };
        let last = self.post(&path(step), &key(step), version, &body).await.map_err(stopped(name))?;
        let hash = last["hash"].as_str().unwrap_or(&hash).to_owned();
        Ok(Published { draft, hash })
    }

    async fn get(&self, path: &str) -> Result<Value, ClientError> {
        self.send(Method::GET, path, self.http.get(format!("{}{path}", self.url))).await
    }

    async fn post(&self, path: &str, key: &str, version: Option<i64>, body: &Value) -> Result<Value, ClientError> {
        let mut request = self.http.post(format!("{}{path}", self.url)).header("Idempotency-Key", key).json(body);
        if let Some(version) = version {
            request = request.header("If-Match", format!("\"{version}\""));
        }
        self.send(Method::POST, path, request).await
    }

    async fn send(&self, method: Method, path: &str, request: RequestBuilder) -> Result<Value, ClientError> {
        let response = request.bearer_auth(&self.token).send().await?;
        let status: StatusCode = response.status();
        let bytes = response.bytes().await?;
        let body: Value = serde_json::from_slice(&bytes).unwrap_or(Value::Null);
        if status.is_success() {
            return Ok(body);
        }
        Err(ClientError::Refused { method, path: path.to_owned(), status, detail: words::problem(&body) })
    }
}
