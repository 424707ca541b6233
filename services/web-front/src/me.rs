//! Whoever is signed in, as the argument of a page.

use axum::{
    extract::{FromRequestParts, OriginalUri},
    http::request::Parts,
    response::{IntoResponse, Redirect, Response},
};
use kernel::{Borough, Org, Role};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::{failure::Failure, form::Form, kept::page_of, service::App, session::Session, words};

/// Who works a duty desk.
pub(crate) const DESK: [Role; 4] = [Role::DutyWorker, Role::DutyManager, Role::HeadOfService, Role::Director];

/// Whoever may tell of something and say what they think: the people who work with the hub.
const PEOPLE: [Role; 8] = [
    Role::DutyWorker,
    Role::DutyManager,
    Role::HeadOfService,
    Role::Director,
    Role::Referrer,
    Role::ProcedureAuthor,
    Role::BoardApprover,
    Role::BoardAuditor,
];

/// Somebody who is signed in and asks for a page.
#[derive(Clone)]
pub(crate) struct Me {
    pub(crate) app: App,
    pub(crate) session: Session,
    /// Where they come back to if they must sign in again.
    pub(crate) path: String,
    /// Where they are.
    pub(crate) here: String,
}

impl FromRequestParts<App> for Me {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Failure> {
        let uri = parts.extensions.get::<OriginalUri>().map_or_else(|| parts.uri.clone(), |uri| uri.0.clone());
        // Whoever signs in again comes back to what they looked at, not into the middle of a step.
        let path = if parts.method == "GET" {
            uri.path_and_query().map_or("/", |path| path.as_str()).to_owned()
        } else {
            page_of(uri.path()).unwrap_or_else(|| "/".to_owned())
        };
        let session = app.session(&parts.headers).await?.ok_or_else(|| Failure::SignIn(path.clone()))?;
        Ok(Self { app: app.clone(), session, path, here: uri.path_and_query().map_or("/", |path| path.as_str()).to_owned() })
    }
}

impl Me {
    pub(crate) fn works_a_desk(&self) -> bool {
        self.session.who.is_any(&DESK)
    }

    pub(crate) fn refers(&self) -> bool {
        self.works_a_desk() || self.session.who.is_any(&[Role::Referrer])
    }

    /// The borough whose desk they work at.
    pub(crate) fn desk_of(&self) -> Result<&Borough, Failure> {
        let own = self.borough().filter(|_| self.works_a_desk());
        own.ok_or_else(|| Failure::Forbidden("This page is for a borough’s duty desk.".to_owned()))
    }

    pub(crate) fn audits(&self) -> bool {
        self.session.who.is_any(&[Role::BoardAuditor])
    }

    /// Whether they answer for a borough's desk, and decide where a worker may not.
    pub(crate) fn manages(&self) -> bool {
        self.session.who.is_any(&[Role::DutyManager, Role::HeadOfService, Role::Director])
    }

    /// Whether they lead a borough, and do there otherwise than all have agreed.
    pub(crate) fn leads(&self) -> bool {
        self.borough().is_some() && self.session.who.is_any(&[Role::HeadOfService, Role::Director])
    }

    /// Their borough.
    pub(crate) fn borough(&self) -> Option<&Borough> {
        self.session.who.org.borough()
    }

    /// The borough around them: their own, or the one that their hospital stands in.
    pub(crate) fn around(&self) -> Option<Borough> {
        match &self.session.who.org {
            Org::Borough(borough) => Some(borough.clone()),
            Org::Site(site) => kernel::Directory::get().borough_of_site(site).map(|entry| entry.code.clone()),
            Org::Board | Org::Hub => None,
        }
    }

    /// A page.
    pub(crate) fn page(&self, template: &str, data: Value) -> Response {
        let mut whole = Map::new();
        if let Value::Object(data) = data {
            whole.extend(data);
        }
        let who = &self.session.who;
        let me = json!({
            "id": who.id, "name": who.name, "org": who.org, "org_name": words::org(&who.org.to_string()), "phone": who.phone,
            "desk": self.works_a_desk(), "refers": self.refers(), "audits": self.audits(), "borough": self.borough(),
        });
        whole.insert("me".to_owned(), me);
        whole.insert("nav".to_owned(), self.navigation());
        whole.insert("idle_seconds".to_owned(), self.idle_seconds().into());
        whole.insert("page".to_owned(), json!(self.page_here()));
        self.app.rendered(template, &Value::Object(whole)).into_response()
    }

    /// How long they may pause from now on, in seconds.
    pub(crate) fn idle_seconds(&self) -> i64 {
        self.session.idle_at.duration_since(self.app.kit().clock.now()).as_secs()
    }

    fn navigation(&self) -> Value {
        let all = [
            ("Queue", "/desk", self.works_a_desk()),
            ("Handovers", "/board", self.audits()),
            ("Reports", "/reports", self.audits() || self.manages()),
            ("Dip samples", "/samples", self.audits()),
            ("Proofs", "/proofs", self.audits() || self.session.who.is_any(&[Role::HubOperator])),
            ("Emergency openings", "/break-glass", self.works_a_desk() || self.audits()),
            ("Refer a child", "/refer", self.refers()),
            ("My referrals", "/referrals", self.refers()),
            ("Procedures", "/procedures", true),
            ("Learning log", "/learning", self.session.who.is_any(&PEOPLE)),
            ("Telephone numbers", "/contacts", true),
        ];
        let shown = all.into_iter().filter(|(.., there)| *there);
        let here = self.here.split('?').next().unwrap_or_default();
        let below = |href: &str| here.strip_prefix(href).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
        // What a desk opens it opened from its queue.
        let work = ["/referrals/", "/transfers/", "/children/", "/night"].iter().any(|work| here.starts_with(work));
        let active = |href: &str| if self.works_a_desk() && work { href == "/desk" } else { below(href) };
        shown.map(|(text, href, _)| json!({ "text": text, "href": href, "active": active(href) })).collect()
    }

    /// The key of a form that was sent before and is shown again, as after an answer that was lost; otherwise a new one.
    pub(crate) fn key_of(&self, form: &Form) -> String {
        form.some("key").map_or_else(|| self.new_key(), str::to_owned)
    }

    /// A key for the form that is being shown: sent twice it counts once.
    pub(crate) fn new_key(&self) -> String {
        self.app.kit().ids.uuid().to_string()
    }
}

/// What was done, for the banner of the page that [`on_to`] led to.
#[derive(Deserialize)]
pub(crate) struct Done {
    #[serde(default)]
    pub(crate) done: String,
}

/// On to another page, after something was done.
pub(crate) fn on_to(path: &str) -> Response {
    Redirect::to(path).into_response()
}
