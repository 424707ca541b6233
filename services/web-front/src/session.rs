//! Who is signed in. The browser holds a random number; what it stands for is in the database, sealed.

use std::collections::{BTreeMap, BTreeSet};

use axum::http::{HeaderMap, HeaderValue, header};
use event_store::PgTime;
use jiff::SignedDuration;
use kernel::{Org, Role, Timestamp};
use serde::{Deserialize, Serialize};
use service_kit::token;
use sha2::{Digest as _, Sha256};
use sqlx::Row as _;

use crate::{failure::Failure, sealer, service::App};

/// No session is longer than a shift.
const LONGEST: SignedDuration = SignedDuration::from_hours(12);

/// How long nobody may touch the screen until the session ends.
#[derive(Clone, Copy, Debug)]
pub struct Idle {
    /// A shared machine on a ward.
    pub on_a_ward: SignedDuration,
    /// One at a desk.
    pub at_a_desk: SignedDuration,
}

/// That somebody was there is written down once in each such part of the idle time, so that most pages write nothing for it.
const SEEN_PARTS: i32 = 60;

/// So long after its end it is still known whose a session was: what they sent too late is kept for them.
const KNOWN_AFTER: SignedDuration = SignedDuration::from_hours(12);

/// An unfinished form is kept so long.
const FORMS_ARE_KEPT: SignedDuration = SignedDuration::from_hours(7 * 24);

/// What is kept of somebody who is signed in.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Who {
    pub(crate) token: String,
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) org: Org,
    pub(crate) roles: BTreeSet<Role>,
    pub(crate) phone: Option<String>,
}

/// A session.
#[derive(Clone)]
pub(crate) struct Session {
    key: Vec<u8>,
    pub(crate) who: Who,
    /// How far each service's log was when this person last wrote.
    pub(crate) positions: BTreeMap<String, i64>,
    /// When it ends if nothing more is done.
    pub(crate) idle_at: Timestamp,
}

impl Who {
    pub(crate) fn is_any(&self, roles: &[Role]) -> bool {
        roles.iter().any(|role| self.roles.contains(role))
    }
}

fn key_of(cookie: &str) -> Vec<u8> {
    Sha256::digest(cookie.as_bytes()).to_vec()
}

fn place(key: &[u8]) -> String {
    format!("session/{}", key.iter().map(|byte| format!("{byte:02x}")).collect::<String>())
}

impl App {
    /// `__Host-` where the pages are served over TLS: then no other host and no plain line can set it.
    fn cookie_name(&self) -> &'static str {
        if self.is_secure() { "__Host-hub" } else { "hub" }
    }

    fn cookie(&self, value: &str, seconds: i64) -> HeaderValue {
        self.named_cookie("", value, seconds)
    }

    fn cookie_of<'a>(&self, headers: &'a HeaderMap) -> Option<&'a str> {
        self.named_cookie_of("", headers)
    }

    /// The cookie of somebody who is on the way to an identity provider and back.
    pub(crate) fn sign_in_cookie(&self, value: &str, seconds: i64) -> HeaderValue {
        self.named_cookie("-sign-in", value, seconds)
    }

    pub(crate) fn sign_in_cookie_of<'a>(&self, headers: &'a HeaderMap) -> Option<&'a str> {
        self.named_cookie_of("-sign-in", headers)
    }

    fn named_cookie(&self, ending: &str, value: &str, seconds: i64) -> HeaderValue {
        let secure = if self.is_secure() { "; Secure" } else { "" };
        let cookie = format!("{}{ending}={value}; Path=/; HttpOnly; SameSite=Lax; Max-Age={seconds}{secure}", self.cookie_name());
        HeaderValue::try_from(cookie).unwrap_or_else(|_| HeaderValue::from_static(""))
    }

    fn named_cookie_of<'a>(&self, ending: &str, headers: &'a HeaderMap) -> Option<&'a str> {
        let all = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
        let mut pairs = all.flat_map(|value| value.split("; ")).filter_map(|pair| pair.split_once('='));
        pairs.find(|(name, _)| name.strip_prefix(self.cookie_name()) == Some(ending)).map(|(_, value)| value)
    }

    /// Begins a session for whom a token names; the cookie is a new one each time. Ends the one that the browser had.
    pub(crate) async fn begin(&self, token: String, headers: &HeaderMap) -> Result<HeaderValue, Failure> {
        let now = self.kit().clock.now();
        let claims = token::verify(&token, &self.kit().keys, now).await.map_err(|rejected| {
            tracing::warn!(reason = %rejected, "a token from the sign-in is not believed");
            Failure::Forbidden("The sign-in gave no token that the hub believes. Tell whoever runs the hub.".to_owned())
        })?;
        // Two issuers may have one subject, and a draft is one person's.
        let id = format!("{} {}", claims.iss, claims.sub);
        let phone = claims.phone.map(kernel::Private::into_exposed);
        let who = Who { token, id, name: claims.name.into_exposed(), org: claims.org, roles: claims.roles, phone };
        let cookie = sealer::random_token()?;
        let key = key_of(&cookie);
        let content = self.sealer().seal(&place(&key), &who)?;
        self.end(headers).await?;
        let mut transaction = self.pool().begin().await?;
        let over = now.saturating_sub(KNOWN_AFTER).unwrap_or(now);
        sqlx::query("delete from web.session where ends_at < $1").bind(PgTime(over)).execute(&mut *transaction).await?;
        let old = now.saturating_sub(FORMS_ARE_KEPT).unwrap_or(now);
        for sql in ["delete from web.draft where changed_at < $1", "delete from web.kept where changed_at < $1"] {
            sqlx::query(sql).bind(PgTime(old)).execute(&mut *transaction).await?;
        }
        sqlx::query("insert into web.session (id, content, seen_at, ends_at) values ($1, $2, $3, $4)")
            .bind(&key)
            .bind(content)
            .bind(PgTime(now))
            .bind(PgTime(now.saturating_add(LONGEST).unwrap_or(now)))
            .execute(&mut *transaction)
            .await?;
        transaction.commit().await?;
        Ok(self.cookie(&cookie, LONGEST.as_secs()))
    }

    /// Ends the session of this browser, if it has one.
    pub(crate) async fn end(&self, headers: &HeaderMap) -> Result<HeaderValue, Failure> {
        if let Some(cookie) = self.cookie_of(headers) {
            let mut transaction = self.pool().begin().await?;
            sqlx::query("delete from web.session where id = $1").bind(key_of(cookie)).execute(&mut *transaction).await?;
            transaction.commit().await?;
        }
        Ok(self.cookie("", 0))
    }

    /// The session of this browser. Each use of it counts as being there, to within a part of the idle time.
    pub(crate) async fn session(&self, headers: &HeaderMap) -> Result<Option<Session>, Failure> {
        let Some(cookie) = self.cookie_of(headers) else { return Ok(None) };
        let (key, now) = (key_of(cookie), self.kit().clock.now());
        let row = sqlx::query("select content, positions, seen_at from web.session where id = $1 and ends_at > $2")
            .bind(&key)
            .bind(PgTime(now))
            .fetch_optional(self.pool())
            .await?;
        let Some(row) = row else { return Ok(None) };
        let (content, PgTime(seen_at)): (Vec<u8>, PgTime) = (row.try_get("content")?, row.try_get("seen_at")?);
        let Some(who) = self.sealer().open::<Who>(&place(&key), &content) else { return Ok(None) };
        let idle = self.idle(&who.org);
        let (unseen, within) = (now.duration_since(seen_at), idle / SEEN_PARTS);
        if unseen > idle {
            return Ok(None);
        }
        let seen = if unseen > within {
            let mut transaction = self.pool().begin().await?;
            sqlx::query("update web.session set seen_at = $2 where id = $1")
                .bind(&key)
                .bind(PgTime(now))
                .execute(&mut *transaction)
                .await?;
            transaction.commit().await?;
            now
        } else {
            seen_at
        };
        let positions = read(row.try_get("positions")?);
        Ok(Some(Session { key, who, positions, idle_at: seen.saturating_add(idle).unwrap_or(now) }))
    }

    /// Whose session this browser has or had; also when it has ended, until they sign out.
    pub(crate) async fn whose(&self, headers: &HeaderMap) -> Result<Option<String>, Failure> {
        let Some(cookie) = self.cookie_of(headers) else { return Ok(None) };
        let key = key_of(cookie);
        let sql = "select content from web.session where id = $1";
        let content: Option<Vec<u8>> = sqlx::query_scalar(sql).bind(&key).fetch_optional(self.pool()).await?;
        Ok(content.and_then(|content| self.sealer().open::<Who>(&place(&key), &content)).map(|who| who.id))
    }

    /// How long somebody of an organisation may leave the screen alone.
    fn idle(&self, org: &Org) -> SignedDuration {
        let Idle { on_a_ward, at_a_desk } = self.idle_times();
        if matches!(org, Org::Site(_)) { on_a_ward } else { at_a_desk }
    }

    /// Remembers how far a service was when this person wrote, so that the next page shows it.
    pub(crate) async fn wrote(&self, session: &Session, position: &str) -> Result<(), Failure> {
        let mut transaction = self.pool().begin().await?;
        let sql = "select positions from web.session where id = $1 for update";
        let before: Option<String> = sqlx::query_scalar(sql).bind(&session.key).fetch_optional(&mut *transaction).await?;
        let mut positions = read(&before.unwrap_or_default());
        for (service, position) in read(position) {
            let furthest = positions.entry(service).or_insert(position);
            *furthest = position.max(*furthest);
        }
        sqlx::query("update web.session set positions = $2 where id = $1")
            .bind(&session.key)
            .bind(written(&positions))
            .execute(&mut *transaction)
            .await?;
        Ok(transaction.commit().await?)
    }
}

/// `intake:41,transfers:7`, as `Hub-After` takes it.
pub(crate) fn written(positions: &BTreeMap<String, i64>) -> String {
    positions.iter().map(|(service, position)| format!("{service}:{position}")).collect::<Vec<_>>().join(",")
}

pub(crate) fn read(text: &str) -> BTreeMap<String, i64> {
    let pairs = text.split(',').filter_map(|pair| pair.split_once(':'));
    pairs.filter_map(|(service, position)| Some((service.to_owned(), position.parse().ok()?))).collect()
}
