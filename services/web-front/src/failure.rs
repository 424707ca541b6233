//! What a page cannot do, and the page that says so.

use axum::{
    extract::{Request, State},
    http::StatusCode,
    middleware::Next,
    response::{IntoResponse, Redirect, Response},
};
use serde_json::{Value, json};
use service_kit::Trace;

use crate::{kept::KeptOn, service::App};

/// Why there is no page.
#[derive(Clone, Debug)]
pub(crate) enum Failure {
    /// Nobody is signed in, or no longer. Where they wanted to go.
    SignIn(String),
    /// There is nothing at this address for this person.
    NotFound,
    /// Not theirs to see or do, in words.
    Forbidden(String),
    /// The form came from another site.
    OtherSite,
    /// More was sent than a form can hold.
    TooLarge,
    /// A service refused; it says in words what to do.
    Refused(Box<Refusal>),
    /// A service or the database does not answer.
    Away,
    /// A fault of ours.
    Broken,
}

/// What a service said against a command or a question.
#[derive(Clone, Debug)]
pub(crate) struct Refusal {
    /// The HTTP status.
    pub(crate) status: u16,
    /// The stable code.
    pub(crate) code: String,
    /// What to do, in words.
    pub(crate) detail: String,
    /// The whole problem.
    pub(crate) problem: Value,
}

impl Refusal {
    /// What to do, where a form was sent again: it may say something else by now than what was recorded.
    pub(crate) fn words_again(&self) -> String {
        if self.code == "key_reused" {
            return "What you sent first was recorded. Send this as well only if it says something new.".to_owned();
        }
        self.detail.clone()
    }
}

impl Failure {
    /// The refusal, where it is one of the rules and not of the machinery.
    pub(crate) fn refusal(self) -> Result<Refusal, Self> {
        match self {
            Self::Refused(refusal) if [409, 412, 422].contains(&refusal.status) => Ok(*refusal),
            Self::Refused(_)
            | Self::SignIn(_)
            | Self::NotFound
            | Self::Forbidden(_)
            | Self::OtherSite
            | Self::TooLarge
            | Self::Away
            | Self::Broken => Err(self),
        }
    }

    fn status(&self) -> StatusCode {
        match self {
            Self::SignIn(_) => StatusCode::SEE_OTHER,
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::Forbidden(_) | Self::OtherSite => StatusCode::FORBIDDEN,
            Self::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::Refused(refusal) => StatusCode::from_u16(refusal.status).unwrap_or(StatusCode::CONFLICT),
            Self::Away => StatusCode::SERVICE_UNAVAILABLE,
            Self::Broken => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    /// The title, and what to do.
    fn words(&self) -> (&'static str, String) {
        let said = |text: &str| text.to_owned();
        match self {
            Self::SignIn(_) => ("Sign in", String::new()),
            Self::NotFound => {
                ("Page not found", said("There is nothing here, or nothing that you may see. Check the address, or go to the start."))
            }
            Self::Forbidden(why) => ("You may not do this", why.clone()),
            Self::OtherSite => {
                ("This form was not accepted", said("It did not come from this service. Go back, reload the page, and try again."))
            }
            Self::TooLarge => ("The text is too long", said("Nothing was recorded. Go back and shorten the text.")),
            Self::Refused(refusal) => ("This cannot be done now", refusal.detail.clone()),
            Self::Away => (
                "The service does not answer",
                said(
                    "It is not known whether your last step was recorded. Go back and send it again: it is recorded once. If it is urgent, ring the duty desk now.",
                ),
            ),
            Self::Broken => ("Sorry, there is a fault", said("Go back and try again. If it is urgent, ring the duty desk now.")),
        }
    }
}

impl From<sqlx::Error> for Failure {
    fn from(error: sqlx::Error) -> Self {
        tracing::warn!(error = %error, "the database of the pages did not answer");
        Self::Away
    }
}

impl From<crate::sealer::NotSealed> for Failure {
    fn from(error: crate::sealer::NotSealed) -> Self {
        tracing::error!(error = %error, "a session or a form was not kept");
        Self::Broken
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        if let Self::SignIn(wanted) = &self {
            let wanted: String = form_urlencoded::Serializer::new(String::new()).append_pair("next", wanted).finish();
            return Redirect::to(&format!("/sign-in?{wanted}")).into_response();
        }
        let mut response = self.status().into_response();
        response.extensions_mut().insert(self);
        response
    }
}

/// Turns a failure into its page. It sees only answers of the pages' own routes.
pub(crate) async fn layer(State(app): State<App>, request: Request, next: Next) -> Response {
    let response = next.run(request).await;
    let failure = response.extensions().get::<Failure>().cloned();
    let kept_on = response.extensions().get::<KeptOn>().map(|KeptOn(page)| page.as_str());
    match failure {
        Some(failure) => app.failed(&failure, kept_on),
        None if response.status() == StatusCode::FORBIDDEN => app.failed(&Failure::OtherSite, None),
        None => response,
    }
}

impl App {
    fn failed(&self, failure: &Failure, kept_on: Option<&str>) -> Response {
        let (title, words) = failure.words();
        let incident = Trace::current().map(|trace| trace.id()).unwrap_or_default();
        let state = if let Failure::Refused(refusal) = failure { refusal.problem["state"].clone() } else { Value::Null };
        let ours = failure.status().is_server_error();
        let data = json!({ "heading": title, "words": words, "incident": incident, "state": state, "ours": ours, "kept_on": kept_on });
        (failure.status(), self.rendered("failure.html", &data)).into_response()
    }
}
