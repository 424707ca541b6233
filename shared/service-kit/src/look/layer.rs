//! The layer around every route of a service.

use std::sync::{Arc, Mutex, PoisonError};

use axum::{
    body::{Body, Bytes, to_bytes},
    extract::{MatchedPath, Request, State},
    http::{HeaderValue, Method, StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use futures_util::{StreamExt as _, stream};
use kernel::{Actor, Org, Role};

use super::{How, Look, Looks, Named, Outcome, Purpose, Tie, Under};
use crate::{Caller, Trace, problem::Because, revoked::Bearer};

/// How the subject of a service's own token begins.
const SERVICE_SUBJECT: &str = "service:";

/// Put on an answer to a command that holds the result of a search.
#[derive(Clone, Copy, Debug)]
pub struct Searched;

/// Who turned out to be asking, as the extractors learn it.
#[derive(Clone, Default)]
pub(crate) struct Seen(Arc<Mutex<Option<Asking>>>);

struct Asking {
    caller: Caller,
    acts_as: Option<Role>,
    bearer: Bearer,
}

impl Seen {
    /// Somebody is asking.
    pub(crate) fn is(&self, caller: &Caller, bearer: Bearer) {
        let mut seen = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        seen.get_or_insert_with(|| Asking { caller: caller.clone(), acts_as: None, bearer });
    }

    /// They act in this role.
    pub(crate) fn acts_as(&self, role: Role) {
        if let Some(asking) = self.0.lock().unwrap_or_else(PoisonError::into_inner).as_mut() {
            asking.acts_as = Some(role);
        }
    }

    fn take(&self) -> Option<Asking> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

/// Who looks, as the record has them.
#[derive(Clone)]
struct Looker {
    actor: Actor,
    roles: Vec<Role>,
    purpose: Purpose,
    glass: Option<Under>,
    tie: Option<Tie>,
    bearer: Bearer,
}

impl Looker {
    /// The hub's own services are no lookers: they take each other's logs, and show nobody anything by that.
    fn of(Asking { caller, acts_as, bearer }: Asking) -> Option<Self> {
        const FIRST: [Role; 6] =
            [Role::DutyWorker, Role::DutyManager, Role::HeadOfService, Role::Director, Role::Referrer, Role::BoardAuditor];
        if caller.org == Org::Hub && caller.id.starts_with(SERVICE_SUBJECT) {
            return None;
        }
        let roles: Vec<Role> = caller.roles.iter().copied().collect();
        let usual = FIRST.into_iter().find(|role| roles.contains(role)).or_else(|| roles.first().copied());
        // Somebody without any role is denied everything; `roles` says that they have none.
        let role = acts_as.or(usual).unwrap_or(Role::Hub);
        Some(Self {
            actor: Actor { id: caller.id, name: caller.name, org: caller.org, role },
            roles,
            purpose: Purpose::of(role),
            glass: None,
            tie: None,
            bearer,
        })
    }
}

/// What was asked.
struct Asked {
    action: String,
    is_command: bool,
    named: Named,
}

impl Asked {
    fn by(request: &Request) -> Self {
        let route = request.extensions().get::<MatchedPath>().map_or("none", MatchedPath::as_str);
        let is_command = !matches!(*request.method(), Method::GET | Method::HEAD);
        let named = Named::within(request.uri().path().as_bytes());
        Self { action: format!("{} {route}", request.method()), is_command, named }
    }

    /// What must be on the record before an answer leaves; nothing where nobody is shown anything of a child.
    fn comes_to(&self, response: &Response, named: &Named) -> Option<(How, Outcome)> {
        let status = response.status();
        let how = match (self.is_command, self.named.is_nobody()) {
            (true, _) => How::Told,
            (false, true) => How::Listed,
            (false, false) => How::Opened,
        };
        let because = response.extensions().get::<Because>().map(|Because(reason)| reason.to_string()).unwrap_or_default();
        match status {
            StatusCode::FORBIDDEN | StatusCode::NOT_FOUND => Some((how, Outcome::Denied(because))),
            StatusCode::CONFLICT | StatusCode::PRECONDITION_FAILED => Some((how, Outcome::Refused(because))),
            // That it was opened or ended stands here too, since every service goes by this record.
            _ if status.is_success() && response.extensions().get::<Under>().is_some() => Some((how, Outcome::Shown)),
            _ if !status.is_success() || named.is_nobody() => None,
            _ if !self.is_command => Some((how, Outcome::Shown)),
            _ if response.extensions().get::<Searched>().is_some() => Some((How::Found, Outcome::Shown)),
            // A command that was carried out now is on the record itself; an answer that is given again is a look.
            _ if response.headers().contains_key("idempotency-replayed") => Some((how, Outcome::Shown)),
            _ => None,
        }
    }
}

/// A layer for a service's router. When the look cannot be recorded the answer is 503 and empty.
pub async fn layer(State(looks): State<Looks>, mut request: Request, next: Next) -> Response {
    let (seen, asked) = (Seen::default(), Asked::by(&request));
    request.extensions_mut().insert(seen.clone());
    let response = next.run(request).await;
    let Some(looker) = seen.take().and_then(Looker::of) else { return response };
    let streams = response.headers().get(header::CONTENT_TYPE).is_some_and(|kind| kind.as_bytes().starts_with(b"text/event-stream"));
    if streams { looks.around_stream(looker, asked, response).await } else { looks.around(looker, asked, response).await }
}

impl Looks {
    async fn around(&self, looker: Looker, asked: Asked, response: Response) -> Response {
        let (parts, body) = response.into_parts();
        // The body is whole in memory already.
        let Ok(bytes) = to_bytes(body, usize::MAX).await else { return not_shown() };
        let response = Response::from_parts(parts, Body::from(bytes.clone()));
        let beside = response.extensions().get::<Named>().cloned().unwrap_or_default();
        let named = asked.named.clone().and(Named::within(&bytes)).and(beside);
        let Some((how, outcome)) = asked.comes_to(&response, &named) else { return response };
        let glass = response.extensions().get::<Under>().copied().filter(|_| outcome == Outcome::Shown);
        let tie = response.extensions().get::<Tie>().copied().filter(|_| outcome == Outcome::Shown);
        let looker = Looker { purpose: glass.map_or(looker.purpose, |_| Purpose::BreakGlass), glass, tie, ..looker };
        let recorded = self.note(&looker, (&asked.action, how), outcome, named).await;
        if recorded { response } else { not_shown() }
    }

    /// Each piece of the stream is on the record before it leaves; the stream ends where that fails.
    async fn around_stream(&self, looker: Looker, asked: Asked, response: Response) -> Response {
        if !self.note(&looker, (&asked.action, How::Followed), Outcome::Shown, asked.named.clone()).await {
            return not_shown();
        }
        let (parts, body) = response.into_parts();
        let (looks, trace) = (self.clone(), Trace::current());
        let first = (body.into_data_stream(), looks, looker, asked.action);
        let pieces = stream::unfold(first, move |(mut body, looks, looker, action)| async move {
            let piece: Bytes = tokio::select! {
                piece = body.next() => piece?.ok()?,
                // A screen that stays open ends when its token holds no more.
                () = looks.kit.revoked.becomes(&looker.bearer) => return None,
            };
            let named = Named::within(&piece);
            let noted = async { named.is_nobody() || looks.note(&looker, (&action, How::Followed), Outcome::Shown, named).await };
            let noted = match trace {
                Some(trace) => trace.scope(noted).await,
                None => noted.await,
            };
            noted.then_some((Ok::<_, std::convert::Infallible>(piece), (body, looks, looker, action)))
        });
        Response::from_parts(parts, Body::from_stream(pieces))
    }

    async fn note(&self, looker: &Looker, (action, how): (&str, How), outcome: Outcome, named: Named) -> bool {
        let look = Look {
            service: self.service.to_owned(),
            action: action.to_owned(),
            how,
            outcome,
            children: named.children.into_iter().collect(),
            cases: named.cases.into_iter().collect(),
            roles: looker.roles.clone(),
            purpose: looker.purpose,
            glass: looker.glass,
            tie: looker.tie,
        };
        let trace = Trace::current().map(|trace| trace.id()).unwrap_or_default();
        let recorded = self.record(looker.actor.clone(), trace, look).await.is_ok();
        if !recorded {
            metrics::counter!("hub_looks_not_recorded_total", "service" => self.service).increment(1);
            tracing::warn!(service = self.service, "a look was not recorded, so nothing was shown");
        }
        recorded
    }
}

/// Nothing may leave: not even why, beyond that it cannot be answered now.
fn not_shown() -> Response {
    (StatusCode::SERVICE_UNAVAILABLE, [(header::RETRY_AFTER, HeaderValue::from_static("2"))]).into_response()
}
