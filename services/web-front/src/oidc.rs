//! Signing in at an OIDC provider: authorization code with PKCE (RFC 7636), against each provider that is configured.
//!
//! The access token is what the services verify, by the hub's own list of keys and issuers. The ID token comes straight from the
//! provider over its own line, so that line vouches for it (OIDC Core, 3.1.3.7, 6); what it says is compared all the same.

use std::path::{Path, PathBuf};

use axum::{
    extract::{self, Query, State},
    http::{HeaderMap, Request, header},
    response::{IntoResponse, Redirect, Response},
};
use base64::{
    Engine as _,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use form_urlencoded::Serializer;
use kernel::{Private, Timestamp};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::Value;
use service_kit::token;
use sha2::{Digest as _, Sha256};

use crate::{failure::Failure, me::on_to, sealer, service::App, sign_in};

/// How long somebody may take to sign in at the provider, in seconds.
const PATIENCE: i64 = 600;

/// By how much the clocks may differ, in seconds.
const LEEWAY: i64 = 30;

/// The file of the providers cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum BadProviders {
    /// It, or the file of a secret, is not there.
    #[error("{0} cannot be read: check HUB_SIGN_IN_FILE")]
    File(PathBuf, #[source] std::io::Error),
    /// It says something else.
    #[error("{0} is no list of providers: see docs/runbook/deploy.md")]
    Content(PathBuf, #[source] toml::de::Error),
    /// A line to a provider could be listened to.
    #[error("the issuer {0} must begin with https://")]
    Plain(String),
}

/// A provider that people may sign in at.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Provider {
    /// What the page calls it.
    pub(crate) name: String,
    /// Its issuer, exactly as it writes it.
    issuer: String,
    /// What the hub is called there.
    client_id: String,
    /// Where the secret is, if it has one.
    client_secret_file: Option<PathBuf>,
    /// What is asked for.
    #[serde(default = "usual_scope")]
    scope: String,
    /// The resource (RFC 8707) under which it makes tokens for the hub, if it needs to be told.
    resource: Option<String>,
    #[serde(skip)]
    secret: Option<Private<String>>,
}

fn usual_scope() -> String {
    "openid profile".to_owned()
}

impl Provider {
    /// Reads the list.
    ///
    /// # Errors
    /// When a file cannot be read or says something else, or an issuer is not reached over TLS.
    pub fn list(path: &Path) -> Result<Vec<Self>, BadProviders> {
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct File {
            provider: Vec<Provider>,
        }
        let read = |path: &Path| std::fs::read_to_string(path).map_err(|error| BadProviders::File(path.to_owned(), error));
        let File { mut provider } = toml::from_str(&read(path)?).map_err(|error| BadProviders::Content(path.to_owned(), error))?;
        for one in &mut provider {
            let local = ["http://127.0.0.1:", "http://localhost:"].iter().any(|start| one.issuer.starts_with(start));
            if !one.issuer.starts_with("https://") && !local {
                return Err(BadProviders::Plain(one.issuer.clone()));
            }
            one.secret =
                one.client_secret_file.as_deref().map(|file| read(file).map(|text| Private::new(text.trim().to_owned()))).transpose()?;
        }
        Ok(provider)
    }
}

/// Where a provider does what.
#[derive(Deserialize)]
struct Endpoints {
    issuer: String,
    authorization_endpoint: String,
    token_endpoint: String,
}

/// What is remembered while somebody is at the provider: sealed, in a cookie of its own.
#[derive(Serialize, Deserialize)]
struct Begun {
    provider: usize,
    state: String,
    nonce: String,
    verifier: String,
    next: String,
    at: Timestamp,
}

/// What the provider sends somebody back with.
#[derive(Deserialize)]
pub(crate) struct Back {
    code: Option<String>,
    state: Option<String>,
    iss: Option<String>,
}

/// What the provider gives for a code.
#[derive(Deserialize)]
struct Tokens {
    access_token: String,
    id_token: String,
}

/// Sends somebody to a provider.
pub(crate) async fn begin(
    State(app): State<App>,
    extract::Path(number): extract::Path<usize>,
    Query(sign_in::Next { next }): Query<sign_in::Next>,
) -> Result<Response, Failure> {
    let provider = app.providers().get(number).ok_or(Failure::NotFound)?;
    let endpoints = app.endpoints(provider).await?;
    let [state, nonce, verifier] = [sealer::random_token()?, sealer::random_token()?, sealer::random_token()?];
    let challenge = URL_SAFE_NO_PAD.encode(Sha256::digest(verifier.as_bytes()));
    let mut question = Serializer::new(String::new());
    question
        .append_pair("response_type", "code")
        .append_pair("client_id", &provider.client_id)
        .append_pair("redirect_uri", &app.back_url())
        .append_pair("scope", &provider.scope)
        .append_pair("state", &state)
        .append_pair("nonce", &nonce)
        .append_pair("code_challenge", &challenge)
        .append_pair("code_challenge_method", "S256");
    if let Some(resource) = &provider.resource {
        question.append_pair("resource", resource);
    }
    let joint = if endpoints.authorization_endpoint.contains('?') { '&' } else { '?' };
    let to = format!("{}{joint}{}", endpoints.authorization_endpoint, question.finish());
    let at = app.kit().clock.now();
    let begun = Begun { provider: number, state, nonce, verifier, next: sign_in::own(&next).to_owned(), at };
    let mut response = Redirect::to(&to).into_response();
    let cookie = URL_SAFE_NO_PAD.encode(app.sealer().seal("sign-in", &begun)?);
    response.headers_mut().append(header::SET_COOKIE, app.sign_in_cookie(&cookie, PATIENCE));
    Ok(response)
}

/// Takes somebody back from a provider.
pub(crate) async fn back(State(app): State<App>, Query(back): Query<Back>, headers: HeaderMap) -> Result<Response, Failure> {
    let begun = app.sign_in_cookie_of(&headers).and_then(|cookie| URL_SAFE_NO_PAD.decode(cookie).ok());
    let begun: Begun = begun.and_then(|sealed| app.sealer().open("sign-in", &sealed)).ok_or_else(not_completed)?;
    let provider = app.providers().get(begun.provider).ok_or_else(not_completed)?;
    let now = app.kit().clock.now();
    let fresh = now.duration_since(begun.at).as_secs() <= PATIENCE;
    let same = back.state.as_ref() == Some(&begun.state) && back.iss.as_ref().is_none_or(|issuer| *issuer == provider.issuer);
    let code = back.code.filter(|_| fresh && same).ok_or_else(not_completed)?;
    let tokens = app.exchange(provider, &code, &begun.verifier).await?;
    let claims = token::verify(&tokens.access_token, &app.kit().keys, now).await.map_err(|rejected| {
        tracing::warn!(reason = %rejected, "a token from the sign-in is not believed");
        Failure::Forbidden("The sign-in gave no token that the hub believes. Tell whoever runs the hub.".to_owned())
    })?;
    if !is_for_us(&tokens.id_token, (provider, &begun.nonce), (&claims.iss, &claims.sub), now.as_second()) {
        return Err(not_completed());
    }
    let cookie = app.begin(tokens.access_token, &headers).await?;
    let mut response = on_to(&begun.next);
    response.headers_mut().append(header::SET_COOKIE, cookie);
    response.headers_mut().append(header::SET_COOKIE, app.sign_in_cookie("", 0));
    Ok(response)
}

fn not_completed() -> Failure {
    Failure::Forbidden("The sign-in was not completed. Go to the start and sign in again.".to_owned())
}

/// Whether an ID token answers this question, for this client, about the same person as the access token.
fn is_for_us(id_token: &str, (provider, nonce): (&Provider, &str), (iss, sub): (&str, &str), now: i64) -> bool {
    let payload = id_token.split('.').nth(1).and_then(|part| URL_SAFE_NO_PAD.decode(part).ok());
    let Some(claims) = payload.and_then(|bytes| serde_json::from_slice::<Value>(&bytes).ok()) else { return false };
    let audience = match &claims["aud"] {
        Value::String(one) => *one == provider.client_id,
        Value::Array(several) => {
            several.iter().any(|one| *one == *provider.client_id) && (several.len() == 1 || claims["azp"] == *provider.client_id)
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Object(_) => false,
    };
    let in_time = claims["exp"].as_i64().is_some_and(|end| now < end + LEEWAY);
    audience && in_time && claims["iss"] == *provider.issuer && iss == provider.issuer && claims["sub"] == *sub && claims["nonce"] == *nonce
}

impl App {
    fn back_url(&self) -> String {
        format!("{}/sign-in/back", self.public_url().trim_end_matches('/'))
    }

    /// What a provider says of itself; it must be itself.
    async fn endpoints(&self, provider: &Provider) -> Result<Endpoints, Failure> {
        let address = format!("{}/.well-known/openid-configuration", provider.issuer.trim_end_matches('/'));
        let request = Request::get(address).body(String::new()).map_err(|_| not_completed())?;
        let endpoints: Endpoints = self.asked(request).await?;
        if endpoints.issuer == provider.issuer { Ok(endpoints) } else { Err(not_completed()) }
    }

    async fn exchange(&self, provider: &Provider, code: &str, verifier: &str) -> Result<Tokens, Failure> {
        let endpoints = self.endpoints(provider).await?;
        let request = self.asking(provider, endpoints.token_endpoint, (code, verifier))?;
        self.asked(request).await
    }

    /// The question for the tokens of a code.
    fn asking(&self, provider: &Provider, address: String, (code, verifier): (&str, &str)) -> Result<Request<String>, Failure> {
        let mut body = Serializer::new(String::new());
        body.append_pair("grant_type", "authorization_code")
            .append_pair("code", code)
            .append_pair("redirect_uri", &self.back_url())
            .append_pair("code_verifier", verifier);
        let mut request = Request::post(address).header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        match &provider.secret {
            Some(secret) => {
                let encoded = |text: &str| form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
                let pair = STANDARD.encode(format!("{}:{}", encoded(&provider.client_id), encoded(secret.expose())));
                request = request.header(header::AUTHORIZATION, format!("Basic {pair}"));
            }
            None => drop(body.append_pair("client_id", &provider.client_id)),
        }
        request.body(body.finish()).map_err(|_| not_completed())
    }

    async fn asked<T: DeserializeOwned>(&self, request: Request<String>) -> Result<T, Failure> {
        let (status, body) = self.outside().ask(request).await.map_err(|silent| {
            tracing::warn!(reason = %silent, "an identity provider did not answer");
            Failure::Forbidden("The identity provider does not answer. Try again in a minute.".to_owned())
        })?;
        if status != 200 {
            tracing::warn!(http.status = status, "an identity provider refused");
            return Err(not_completed());
        }
        serde_json::from_slice(&body).map_err(|_| not_completed())
    }
}
