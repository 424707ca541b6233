//! Signing in. In a demonstration one chooses a post; there are no passwords to guess, and no real case.

use std::{fmt, sync::Arc};

use axum::{
    extract::{Query, State},
    http::{HeaderMap, header},
    response::{IntoResponse, Redirect, Response},
};
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::{failure::Failure, form::Form, me::on_to, oidc::Provider, service::App};

/// A made-up post to sign in as.
#[derive(Clone, Debug, Serialize)]
pub struct Post {
    /// Its id.
    pub id: String,
    /// What it is called.
    pub name: String,
    /// Under which heading it stands.
    pub group: String,
}

/// Gives a token for somebody, by their id.
pub type Tokens = Arc<dyn Fn(&str) -> Option<String> + Send + Sync>;

/// The made-up people of a demonstration.
#[derive(Clone)]
pub struct Demonstration {
    /// Who there is, in the order of the page.
    pub people: Vec<Post>,
    /// A token for one of them.
    pub token: Tokens,
}

impl fmt::Debug for Demonstration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Demonstration").field("people", &self.people.len()).finish_non_exhaustive()
    }
}

/// Where to go afterwards.
#[derive(Deserialize)]
pub(crate) struct Next {
    #[serde(default)]
    pub(crate) next: String,
}

/// A page of this service, or its start: nobody is sent elsewhere by a link.
pub(crate) fn own(next: &str) -> &str {
    let plain = next.starts_with('/') && !next.starts_with("//") && !next.contains(['\\', '\r', '\n', '\t']);
    if plain { next } else { "/" }
}

/// The page on which one signs in.
pub(crate) async fn show(State(app): State<App>, Query(Next { next }): Query<Next>) -> Result<Response, Failure> {
    let people = app.demonstration().map(|demonstration| demonstration.people.clone()).unwrap_or_default();
    let wanted = form_urlencoded::Serializer::new(String::new()).append_pair("next", own(&next)).finish();
    let with =
        |(number, provider): (usize, &Provider)| json!({ "name": provider.name, "href": format!("/sign-in/with/{number}?{wanted}") });
    let providers: Vec<_> = app.providers().iter().enumerate().map(with).collect();
    Ok(app.rendered("sign-in.html", &json!({ "people": people, "providers": providers, "next": own(&next) }))?.into_response())
}

/// Signs in as a made-up post.
pub(crate) async fn sign_in(State(app): State<App>, headers: HeaderMap, form: Form) -> Result<Response, Failure> {
    let demonstration = app.demonstration().ok_or(Failure::NotFound)?;
    let known = demonstration.people.iter().any(|post| post.id == form.text("who"));
    let token = (demonstration.token)(form.text("who")).filter(|_| known);
    let Some(token) = token else { return Ok(Redirect::to("/sign-in").into_response()) };
    let cookie = app.begin(token, &headers).await?;
    let mut response = on_to(own(form.text("next")));
    response.headers_mut().insert(header::SET_COOKIE, cookie);
    Ok(response)
}

/// Signs out; the session is gone.
pub(crate) async fn sign_out(State(app): State<App>, headers: HeaderMap) -> Result<Response, Failure> {
    let cookie = app.end(&headers).await?;
    let mut response = on_to("/sign-in");
    response.headers_mut().insert(header::SET_COOKIE, cookie);
    Ok(response)
}

#[cfg(test)]
mod tests {
    use super::own;

    #[test]
    fn nobody_is_sent_to_another_site_after_signing_in() {
        for elsewhere in ["//evil.example", "https://evil.example", "/\\evil.example", "", "/a\r\nset-cookie: x"] {
            assert_eq!(own(elsewhere), "/", "{elsewhere:?}");
        }
        assert_eq!(own("/referrals/ref_1?x=1"), "/referrals/ref_1?x=1");
    }
}
