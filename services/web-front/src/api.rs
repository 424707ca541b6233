//! The services, asked with the person's own token.

use std::time::Duration;

use axum::{body::Bytes, http::Method};
use serde_json::Value;
use service_kit::Trace;

use crate::{
    failure::{Failure, Refusal},
    me::Me,
    session::written,
    words,
};

/// An answer of a service.
pub(crate) struct Answer {
    /// The version of the resource.
    pub(crate) version: Option<i64>,
    /// Where the service's log stood, as far as it says so.
    pub(crate) position: Option<String>,
    /// The body.
    pub(crate) body: Value,
}

impl Me {
    /// Reads, at least as fresh as what this person wrote last.
    pub(crate) async fn get(&self, path: &str) -> Result<Answer, Failure> {
        let mut request = self.request(Method::GET, path)?;
        let after = written(&self.session.positions);
        if !after.is_empty() {
            request = request.header("Hub-After", after);
        }
        self.send(request).await
    }

    /// Sets something as a whole, on the version that was on the screen; none where it was never set.
    pub(crate) async fn put(&self, path: &str, (key, version): (&str, Option<i64>), body: &Value) -> Result<Answer, Failure> {
        let mut request = self.request(Method::PUT, path)?.header("Idempotency-Key", key).json(body);
        if let Some(version) = version {
            request = request.header("If-Match", format!("\"{version}\""));
        }
        self.wrote(self.send(request).await?).await
    }

    /// Carries out a command under a key, on a version where it is about something that exists.
    pub(crate) async fn command(&self, path: &str, (key, version): (&str, Option<i64>), body: &Value) -> Result<Answer, Failure> {
        let mut request = self.request(Method::POST, path)?.header("Idempotency-Key", key).json(body);
        if let Some(version) = version {
            request = request.header("If-Match", format!("\"{version}\""));
        }
        self.wrote(self.send(request).await?).await
    }

    /// Tells of something that is of nobody: this person's next page need not show it.
    pub(crate) async fn tell(&self, path: &str, key: &str, body: &Value) -> Result<(), Failure> {
        let request = self.request(Method::POST, path)?.header("Idempotency-Key", key).json(body);
        self.send(request).await.map(drop)
    }

    /// Reads what is no JSON, as the service wrote it.
    pub(crate) async fn file(&self, path: &str) -> Result<Bytes, Failure> {
        let response = self.request(Method::GET, path)?.send().await.map_err(away)?;
        let status = response.status().as_u16();
        let bytes = response.bytes().await.map_err(away)?;
        let problem = || serde_json::from_slice(&bytes).unwrap_or(Value::Null);
        if (200..=299).contains(&status) { Ok(bytes) } else { Err(self.failure(status, problem())) }
    }

    /// Remembers how far the service was, so that this person's next page shows what they have just done.
    async fn wrote(&self, answer: Answer) -> Result<Answer, Failure> {
        if let Some(position) = &answer.position {
            self.app.wrote(&self.session, position).await?;
        }
        Ok(answer)
    }

    /// An answer that goes on: what is read of it comes as it happens, from now on or after a position.
    pub(crate) async fn stream(&self, path: &str, after: Option<i64>, longest: Duration) -> Result<reqwest::Response, Failure> {
        let mut request = self.request(Method::GET, path)?.timeout(longest);
        if let Some(position) = after {
            request = request.header("Last-Event-ID", position);
        }
        let response = request.send().await.map_err(away)?;
        match response.status().as_u16() {
            200..=299 => Ok(response),
            401 => Err(Failure::SignIn(self.path.clone())),
            403 => Err(Failure::NotFound),
            _ => Err(Failure::Away),
        }
    }

    fn request(&self, method: Method, path: &str) -> Result<reqwest::RequestBuilder, Failure> {
        let service = path.strip_prefix("/api/").and_then(|rest| rest.split(['/', '?']).next()).unwrap_or_default();
        let base = self.app.address(service).ok_or(Failure::Broken)?;
        let mut request = self.app.http().request(method, format!("{base}{path}")).bearer_auth(&self.session.who.token);
        if let Some(trace) = Trace::current() {
            request = request.header("traceparent", trace.traceparent());
        }
        Ok(request)
    }

    async fn send(&self, request: reqwest::RequestBuilder) -> Result<Answer, Failure> {
        let response = request.send().await.map_err(away)?;
        let status = response.status().as_u16();
        let header = |name: &str| response.headers().get(name).and_then(|value| value.to_str().ok()).map(str::to_owned);
        let version = header("etag").and_then(|tag| tag.trim_matches('"').parse().ok());
        let position = header("hub-position");
        let body: Value = serde_json::from_slice(&response.bytes().await.map_err(away)?).unwrap_or(Value::Null);
        if !(200..=299).contains(&status) {
            return Err(self.failure(status, body));
        }
        Ok(Answer { version, position, body })
    }

    fn failure(&self, status: u16, problem: Value) -> Failure {
        match status {
            401 => Failure::SignIn(self.path.clone()),
            404 => Failure::NotFound,
            403 => Failure::Forbidden(text(&problem, "detail")),
            503 => Failure::Away,
            500..=599 => Failure::Broken,
            _ => Failure::Refused(Box::new(refusal(status, problem))),
        }
    }
}

/// An id in an address: nothing in it can lead to another address of the service.
pub(crate) fn plain(id: &str) -> Result<&str, Failure> {
    let good = (1..=80).contains(&id.len()) && id.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-' || b == b'_');
    if good { Ok(id) } else { Err(Failure::NotFound) }
}

fn refusal(status: u16, problem: Value) -> Refusal {
    let code = text(&problem, "type").rsplit('/').next().unwrap_or_default().to_owned();
    let mut detail = words::plain(&text(&problem, "detail"));
    if status == 412 {
        "Somebody was quicker: this changed after you opened it. Nothing was recorded. Read it again, then decide.".clone_into(&mut detail);
    }
    Refusal { status, code, detail, problem }
}

fn text(body: &Value, member: &str) -> String {
    body[member].as_str().unwrap_or_default().to_owned()
}

fn away(error: reqwest::Error) -> Failure {
    tracing::warn!(error = %error.without_url(), "a service did not answer the pages");
    Failure::Away
}

#[cfg(test)]
mod tests {
    use super::plain;

    #[test]
    fn an_id_that_could_lead_elsewhere_is_none() {
        assert!(plain("smp_07").is_ok() && plain("hand-backs").is_ok());
        assert!(["", "../x", "a/b", "a?b", "A", "%2e"].into_iter().all(|id| plain(id).is_err()));
    }
}
