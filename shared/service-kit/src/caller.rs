//! Who is calling, and in which capacity. A handler that forgets to ask lacks what it needs.

use std::{collections::BTreeSet, fmt};

use axum::{
    extract::{FromRef, FromRequestParts, MatchedPath},
    http::{HeaderValue, Method, header, request::Parts},
};
use kernel::{Actor, Borough, Org, Person, Private, Role};

use crate::{
    kit::Kit,
    limit::Pace,
    look::Seen,
    problem::{Problem, types},
    revoked::Bearer,
    token::{self, Claims, Rejected},
};

mod authority;

pub use authority::{
    As, Auditors, Authority, Authors, BoardApprovers, DeskOrSystem, DutyDesk, Machine, Managers, Operators, Practitioners, Readers,
    Referrers,
};

/// Somebody whose token holds.
#[derive(Clone, PartialEq, Eq)]
pub struct Caller {
    /// The subject; opaque. Carries its issuer unless that is the first one in the configuration.
    pub id: String,
    /// The name to show.
    pub name: String,
    /// The one organisation that they act for.
    pub org: Org,
    /// The roles that they hold there and that such an organisation has.
    pub roles: BTreeSet<Role>,
    /// How to reach them.
    pub phone: Option<Private<String>>,
}

/// The policy has let the caller of this request in.
#[derive(Clone, Copy)]
struct Entered;

impl Caller {
    fn new(claims: Claims, home_issuer: Option<&String>) -> Self {
        let id = if home_issuer == Some(&claims.iss) { claims.sub } else { format!("{} {}", claims.iss, claims.sub) };
        let roles = claims.roles.into_iter().filter(|role| fits(*role, &claims.org)).collect();
        Self { id, name: claims.name.into_exposed(), org: claims.org, roles, phone: claims.phone }
    }

    /// The borough that they act for.
    ///
    /// # Errors
    /// 403 when they act for another kind of organisation.
    pub fn borough(&self) -> Result<&Borough, Problem> {
        self.org.borough().ok_or_else(|| Problem::forbidden("Only a borough's children's services may do this."))
    }

    /// Whether they hold one of these roles.
    #[must_use]
    pub fn is_any(&self, roles: &[Role]) -> bool {
        roles.iter().any(|role| self.roles.contains(role))
    }

    /// The caller in one of their roles.
    ///
    /// # Errors
    /// 403 when they do not hold it.
    pub fn actor_as(&self, role: Role) -> Result<Actor, Problem> {
        self.actor_as_any(&[role])
    }

    /// The caller in the first of these roles that they hold.
    ///
    /// # Errors
    /// 403 when they hold none.
    pub fn actor_as_any(&self, roles: &[Role]) -> Result<Actor, Problem> {
        let role = roles.iter().find(|role| self.roles.contains(role)).ok_or_else(|| self.denied(roles))?;
        Ok(Actor { id: self.id.clone(), name: self.name.clone(), org: self.org.clone(), role: *role })
    }

    /// The caller as a human being in the first of these roles that they hold.
    ///
    /// # Errors
    /// 403 when they hold none, or when a machine is calling.
    pub fn person_as(&self, roles: &[Role]) -> Result<Person, Problem> {
        Person::try_from(self.actor_as_any(roles)?).map_err(|_| Problem::forbidden("Only a person may do this."))
    }

    /// Who the token says that it is, if it was not revoked, at a pace that is allowed.
    async fn verified(parts: &mut Parts, kit: &Kit) -> Result<Self, Problem> {
        if let Some(caller) = parts.extensions.get::<Self>() {
            return Ok(caller.clone());
        }
        let now = kit.clock.now();
        let claims = token::verify(bearer(parts)?, &kit.keys, now).await.map_err(not_believed)?;
        let issued_at = claims.issued_at();
        let caller = Self::new(claims, kit.keys.issuers().first());
        let bearer = Bearer { subject: caller.id.clone(), org: caller.org.clone(), issued_at };
        if kit.revoked.is(&bearer) {
            return Err(not_believed(Rejected::Revoked));
        }
        let by_method = if matches!(parts.method, Method::GET | Method::HEAD) { Pace::Reads } else { Pace::Writes };
        let pace = parts.extensions.get::<Pace>().copied().unwrap_or(by_method);
        kit.limits.take(&caller.id, pace, now).map_err(|wait| Problem::of(&types::TOO_MANY).retry_after(wait))?;
        if let Some(seen) = parts.extensions.get::<Seen>() {
            seen.is(&caller, bearer);
        }
        parts.extensions.insert(caller.clone());
        Ok(caller)
    }

    /// Asks the policy whether they may come to this address; once for each request.
    fn enter(&self, parts: &mut Parts, kit: &Kit) -> Result<(), Problem> {
        if parts.extensions.get::<Entered>().is_none() {
            let path = parts.extensions.get::<MatchedPath>().map_or("", MatchedPath::as_str);
            kit.access.door(self, parts.method.as_str(), path)?;
            parts.extensions.insert(Entered);
        }
        Ok(())
    }

    fn denied(&self, roles: &[Role]) -> Problem {
        let names: Vec<_> = roles.iter().filter_map(|role| serde_json::to_value(role).ok()?.as_str().map(str::to_owned)).collect();
        tracing::info!(caller.id = self.id, caller.org = %self.org, needed = names.join(","), "a request was denied");
        Problem::forbidden(format!("This takes one of these roles: {}.", names.join(", "))).because("role")
    }
}

/// Whether an organisation has such a role. A `duty_worker` of a hospital, say, has no desk to work on.
fn fits(role: Role, org: &Org) -> bool {
    match role {
        Role::DutyWorker | Role::DutyManager | Role::HeadOfService | Role::Director | Role::BoroughSystem => matches!(org, Org::Borough(_)),
        Role::BoardApprover | Role::BoardAuditor => matches!(org, Org::Board),
        Role::ProcedureAuthor => matches!(org, Org::Borough(_) | Org::Board),
        Role::Referrer => matches!(org, Org::Borough(_) | Org::Site(_)),
        Role::HubOperator => matches!(org, Org::Hub | Org::Board),
        Role::Hub => false,
    }
}

impl fmt::Debug for Caller {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({:?} of {})", self.id, self.roles, self.org)
    }
}

impl<S> FromRequestParts<S> for Caller
where
    Kit: FromRef<S>,
    S: Send + Sync,
{
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let kit = Kit::from_ref(state);
        let caller = Self::verified(parts, &kit).await?;
        caller.enter(parts, &kit)?;
        Ok(caller)
    }
}

/// The one token of the request.
fn bearer(parts: &Parts) -> Result<&str, Problem> {
    let mut given = parts.headers.get_all(header::AUTHORIZATION).iter();
    let (Some(value), None) = (given.next(), given.next()) else { return Err(challenge(None)) };
    let (scheme, token) = value.to_str().ok().and_then(|text| text.split_once(' ')).ok_or_else(|| challenge(None))?;
    if scheme.eq_ignore_ascii_case("bearer") && !token.is_empty() { Ok(token) } else { Err(challenge(None)) }
}

fn not_believed(why: Rejected) -> Problem {
    tracing::info!(reason = %why, "a token was not accepted");
    metrics::counter!("hub_tokens_rejected_total").increment(1);
    challenge(Some(why))
}

/// A 401. It tells an honest client apart what it can mend, which is a token that has expired, and an attacker nothing else.
fn challenge(why: Option<Rejected>) -> Problem {
    let (header, detail) = match why {
        None => ("Bearer realm=\"safeguarding-hub\"", "Send one token as Authorization: Bearer."),
        Some(Rejected::Expired) => (
            "Bearer realm=\"safeguarding-hub\", error=\"invalid_token\", error_description=\"expired\"",
            "Your sign-in has expired. Sign in again.",
        ),
        Some(_) => ("Bearer realm=\"safeguarding-hub\", error=\"invalid_token\"", "The token is not accepted. Sign in again."),
    };
    Problem::of(&types::UNAUTHENTICATED).detail(detail).header(header::WWW_AUTHENTICATE, HeaderValue::from_static(header))
}

#[cfg(test)]
#[path = "caller/tests.rs"]
mod tests;
