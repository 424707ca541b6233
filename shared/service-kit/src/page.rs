//! Lists in pages: `?limit=&cursor=`, `Link: rel="next"`.

use axum::{
    Json,
    extract::{FromRequestParts, OriginalUri, Query as AxumQuery},
    http::{HeaderValue, header, request::Parts},
    response::{IntoResponse, Response},
};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use kernel::Timestamp;
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::Value;

use crate::{
    clock::EARLIEST,
    problem::{Fault, Problem},
};

/// How many entries a page has when nobody says.
const USUAL: u16 = 50;

/// How many it has at most.
const MOST: u16 = 200;

/// Which page is asked for.
#[derive(Clone, Debug)]
pub struct Page {
    limit: u16,
    /// Whether the caller said how many.
    said: bool,
    cursor: Option<Vec<u8>>,
    path: String,
    /// The other parameters, as they were sent: they belong into the link to the next page.
    rest: Vec<String>,
}

#[derive(Deserialize)]
struct Raw {
    limit: Option<String>,
    cursor: Option<String>,
}

impl Page {
    /// How many entries were asked for. Read one more to see whether there is a next page.
    #[must_use]
    pub fn limit(&self) -> usize {
        self.limit.into()
    }

    /// As many as this where nobody said how many: for a list that is mostly read whole.
    #[must_use]
    pub fn usually(self, limit: u16) -> Self {
        Self { limit: if self.said { self.limit } else { limit }, ..self }
    }

    /// The place after which the page starts, in the service's own terms.
    ///
    /// # Errors
    /// 422 when the cursor is not one that this list gave out.
    pub fn after<K: DeserializeOwned>(&self) -> Result<Option<K>, Problem> {
        let Some(cursor) = self.cursor.as_deref() else { return Ok(None) };
        let value: Value = serde_json::from_slice(cursor).map_err(|_| bad_cursor())?;
        if !can_be_compared(&value) {
            return Err(bad_cursor());
        }
        serde_json::from_value(value).map(Some).map_err(|_| bad_cursor())
    }

    /// Makes the page: takes off what was read beyond the limit, and links to the next page if anything was.
    pub fn list<T, K: Serialize>(&self, mut entries: Vec<T>, key: impl Fn(&T) -> K) -> List<T> {
        let more = entries.len() > self.limit();
        entries.truncate(self.limit());
        let last = entries.last().filter(|_| more).and_then(|last| serde_json::to_vec(&key(last)).ok());
        let next = last.map(|key| URL_SAFE_NO_PAD.encode(key)).map(|cursor| self.address(&cursor));
        List { items: entries, next }
    }

    fn address(&self, cursor: &str) -> String {
        let limit = self.said.then(|| format!("limit={}", self.limit));
        let cursor = format!("cursor={cursor}");
        let query: Vec<&str> = self.rest.iter().chain(&limit).chain([&cursor]).map(String::as_str).collect();
        format!("{}?{}", self.path, query.join("&"))
    }
}

impl<S: Sync> FromRequestParts<S> for Page {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let uri = parts.extensions.get::<OriginalUri>().map_or_else(|| parts.uri.clone(), |OriginalUri(uri)| uri.clone());
        let query = uri.query().unwrap_or_default();
        let AxumQuery(raw) = AxumQuery::<Raw>::try_from_uri(&uri)
            .map_err(|_| Problem::invalid(vec![Fault::in_parameter("limit", "limit and cursor may each stand once")]))?;
        let said = raw.limit.is_some();
        let limit = raw.limit.map_or(Some(USUAL), |text| text.parse().ok().filter(|limit| (1..=MOST).contains(limit)));
        let limit = limit.ok_or_else(|| Problem::invalid(vec![Fault::in_parameter("limit", "a whole number from 1 to 200")]))?;
        let cursor = raw.cursor.map(|text| URL_SAFE_NO_PAD.decode(text)).transpose().map_err(|_| bad_cursor())?;
        let own = |pair: &&str| matches!(pair.split('=').next(), Some("limit" | "cursor" | ""));
        let rest = query.split('&').filter(|pair| !own(pair)).map(str::to_owned).collect();
        Ok(Self { limit, said, cursor, path: uri.path().to_owned(), rest })
    }
}

/// Whether PostgreSQL can compare with it: no text of its own has U+0000, and its time begins after the first instants of ours.
fn can_be_compared(value: &Value) -> bool {
    match value {
        Value::Null | Value::Bool(_) | Value::Number(_) => true,
        Value::String(text) => !text.contains('\0') && text.parse::<Timestamp>().map_or(true, |time| time >= EARLIEST),
        Value::Array(values) => values.iter().all(can_be_compared),
        Value::Object(members) => members.values().all(can_be_compared),
    }
}

fn bad_cursor() -> Problem {
    Problem::invalid(vec![Fault::in_parameter("cursor", "the cursor of a next page, as it was given")])
}

/// One page of a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct List<T> {
    /// The entries, in a stable order.
    pub items: Vec<T>,
    /// Address of the next page, if there is one.
    pub next: Option<String>,
}

impl<T: Serialize> IntoResponse for List<T> {
    fn into_response(self) -> Response {
        let link = self.next.as_ref().and_then(|next| HeaderValue::try_from(format!("<{next}>; rel=\"next\"")).ok());
        let mut response = Json(self).into_response();
        if let Some(link) = link {
            response.headers_mut().insert(header::LINK, link);
        }
        response
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::Request;

    async fn page(uri: &str) -> Result<Page, u16> {
        let (mut parts, ()) = Request::get(uri).body(()).unwrap().into_parts();
        Page::from_request_parts(&mut parts, &()).await.map_err(|problem| problem.status().as_u16())
    }

    #[tokio::test]
    async fn following_the_links_gives_every_entry_once_and_in_order() {
        let all: Vec<u32> = (1..=7).collect();
        let (mut seen, mut next) = (Vec::new(), Some("/list?state=open&limit=3".to_owned()));
        while let Some(uri) = next {
            let page = page(&uri).await.unwrap();
            let after = page.after::<u32>().unwrap().unwrap_or(0);
            let list = page.list(all.iter().copied().filter(|n| *n > after).take(page.limit() + 1).collect(), |n| *n);
            assert!(list.next.as_ref().is_none_or(|uri| uri.starts_with("/list?state=open&limit=3&cursor=")));
            seen.extend(list.items.iter().copied());
            next = list.next;
        }
        assert_eq!(seen, all);
    }

    #[tokio::test]
    async fn a_list_that_is_mostly_read_whole_has_longer_pages_and_its_links_can_be_followed() {
        let page = page("/list").await.unwrap().usually(1_000);
        let list = page.list((0..1_001).collect(), |n| *n);
        assert_eq!((list.items.len(), list.next.as_deref()), (1_000, Some("/list?cursor=OTk5")));
        assert_eq!(self::page("/list?limit=3").await.unwrap().usually(1_000).limit(), 3);
    }

    #[tokio::test]
    async fn the_last_page_has_no_link_and_another_has_it_in_the_header() {
        let page = page("/list?limit=2").await.unwrap();
        assert!(!page.list(vec![1, 2], |n| *n).into_response().headers().contains_key("link"));
        let response = page.list(vec![1, 2, 3], |n| *n).into_response();
        assert_eq!(response.headers()["link"], "</list?limit=2&cursor=Mg>; rel=\"next\"");
    }

    #[tokio::test]
    async fn a_limit_or_cursor_that_is_none_is_422() {
        for bad in ["limit=0", "limit=201", "limit=-1", "limit=x", "limit=", "limit=1&limit=2", "cursor=%%%", "cursor=a"] {
            assert_eq!(page(&format!("/list?{bad}")).await.err(), Some(422), "{bad}");
        }
        let page = page("/list?cursor=Mg").await.unwrap();
        assert_eq!((page.limit(), page.after::<u32>().unwrap()), (50, Some(2)));
        assert_eq!(page.after::<String>().unwrap_err().status().as_u16(), 422);
    }
}
