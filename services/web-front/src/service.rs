//! Putting the pages together.

use std::{collections::BTreeMap, path::PathBuf, sync::Arc, time::Duration};

use axum::{
    Router,
    extract::DefaultBodyLimit,
    middleware::{from_fn, from_fn_with_state},
    response::Html,
    routing::{any, get, post},
};
use minijinja::{Environment, value::Serde};
use serde_json::{Map, Value, json};
use service_kit::{Check, Component, Kit, Service};
use sqlx::PgPool;
use tower_http::csrf::CsrfLayer;

use crate::{
    SERVICE,
    assets::{self, Assets, BadPages},
    board, contacts, desk, drafts,
    failure::{self, Failure},
    hand_back, headers, kept, live, night, offer,
    oidc::{self, Provider},
    outside::Outside,
    packed, procedures, refer, referrals, responsibility,
    sealer::Sealer,
    session::Idle,
    settings,
    sign_in::{self, Demonstration},
    still, templates, transfers,
};

/// The most that a form may hold: several long texts.
const MOST_BYTES: usize = 512 * 1024;

/// How long a service may take to answer a page.
const PATIENCE: Duration = Duration::from_secs(10);

/// What the pages are put together from.
pub struct Parts {
    /// Clock, ids, keys of callers.
    pub kit: Kit,
    /// The pages' own database.
    pub pool: PgPool,
    /// Seals what is kept there.
    pub sealer: Sealer,
    /// The directory that `cargo xtask setup` makes for the pages.
    pub pages: PathBuf,
    /// The address that people type.
    pub public_url: String,
    /// Where each service answers.
    pub addresses: BTreeMap<String, String>,
    /// How long nobody may touch a screen until they must sign in again.
    pub idle: Idle,
    /// Made-up people to sign in as; none outside a demonstration.
    pub demonstration: Option<Demonstration>,
    /// Identity providers to sign in at.
    pub providers: Vec<Provider>,
}

impl std::fmt::Debug for Parts {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Parts").field("public_url", &self.public_url).finish_non_exhaustive()
    }
}

/// What the pages share.
#[derive(Clone)]
pub(crate) struct App(Arc<Inner>);

struct Inner {
    parts: Parts,
    assets: Assets,
    templates: Environment<'static>,
    http: reqwest::Client,
    outside: Outside,
}

impl App {
    pub(crate) fn kit(&self) -> &Kit {
        &self.0.parts.kit
    }

    pub(crate) fn pool(&self) -> &PgPool {
        &self.0.parts.pool
    }

    pub(crate) fn sealer(&self) -> &Sealer {
        &self.0.parts.sealer
    }

    pub(crate) fn assets(&self) -> &Assets {
        &self.0.assets
    }

    pub(crate) fn http(&self) -> &reqwest::Client {
        &self.0.http
    }

    pub(crate) fn outside(&self) -> &Outside {
        &self.0.outside
    }

    pub(crate) fn demonstration(&self) -> Option<&Demonstration> {
        self.0.parts.demonstration.as_ref()
    }

    pub(crate) fn providers(&self) -> &[Provider] {
        &self.0.parts.providers
    }

    pub(crate) fn public_url(&self) -> &str {
        &self.0.parts.public_url
    }

    pub(crate) fn idle_times(&self) -> Idle {
        self.0.parts.idle
    }

    pub(crate) fn address(&self, service: &str) -> Option<&str> {
        self.0.parts.addresses.get(service).map(String::as_str)
    }

    /// Whether people reach the pages over TLS.
    pub(crate) fn is_secure(&self) -> bool {
        self.0.parts.public_url.starts_with("https://")
    }

    /// A template with what every page has.
    pub(crate) fn rendered(&self, template: &str, data: &Value) -> Result<Html<String>, Failure> {
        let mut whole: Map<String, Value> = data.as_object().cloned().unwrap_or_default();
        let assets = json!({ "css": self.assets().address("hub.css"), "js": self.assets().address("hub.js"),
                            "icon": self.assets().address("icon.svg"), "licences": self.assets().address("licences.txt") });
        whole.insert("assets".to_owned(), assets);
        whole.insert("now".to_owned(), json!(self.kit().clock.now()));
        whole.insert("demonstration".to_owned(), self.demonstration().is_some().into());
        let context = minijinja::Value::from(Serde(Value::Object(whole)));
        templates::render(&self.0.templates, template, &context).map(Html).map_err(|error| {
            // The place alone: the message may quote what was to be shown.
            tracing::error!(template = error.name(), line = error.line(), kind = ?error.kind(), "a page could not be made");
            Failure::Broken
        })
    }
}

/// The pages, ready to be served.
///
/// # Errors
/// When what set-up makes is not there.
pub fn service(parts: Parts) -> Result<Service, BadPages> {
    let assets = Assets::read(&parts.pages)?;
    let templates = templates::environment(&parts.pages);
    let http = reqwest::Client::builder().timeout(PATIENCE).build().unwrap_or_default();
    let pool = parts.pool.clone();
    let app = App(Arc::new(Inner { parts, assets, templates, http, outside: Outside::new() }));
    let database = Component::needed("sessions", move || {
        let pool = pool.clone();
        async move {
            match sqlx::query_scalar::<_, i32>("select 1").fetch_one(&pool).await {
                Ok(_) => Check::up("answers"),
                Err(_) => Check::down("the database of the sessions does not answer"),
            }
        }
    });
    Ok(Service::new(SERVICE, router(app)).component(database))
}

fn router(app: App) -> Router {
    Router::new()
        .merge(everybody())
        .merge(hospital())
        .merge(duty_desk())
        .merge(the_procedures())
        .merge(the_board())
        .layer(from_fn_with_state(app.clone(), kept::layer))
        .layer(DefaultBodyLimit::max(MOST_BYTES))
        .layer(CsrfLayer::new())
        .layer(from_fn_with_state(app.clone(), failure::layer))
        .layer(from_fn(headers::layer))
        .layer(from_fn(packed::layer))
        .with_state(app)
}

fn everybody() -> Router<App> {
    Router::new()
        .route("/", get(still::start))
        .route("/sign-in", get(sign_in::show).post(sign_in::sign_in))
        .route("/sign-in/with/{number}", get(oidc::begin))
        .route("/sign-in/back", get(oidc::back))
        .route("/sign-out", post(sign_in::sign_out))
        .route("/assets/{name}", get(assets::show))
        .route("/accessibility", get(still::accessibility))
        .route("/cookies", get(still::cookies))
        .route("/contacts", get(contacts::show))
        .route("/learning", get(board::learning::show).post(board::learning::tell))
        .route("/learning/{id}/procedures", post(board::learning::link))
        .route("/keep/{*page}", post(kept::keep))
        .route("/throw-away/{*page}", post(kept::throw_away))
        .route("/{*rest}", any(still::nothing_here))
}

fn the_procedures() -> Router<App> {
    use procedures::{bin, editions, reading, variations};
    Router::new()
        .route("/procedures", get(procedures::list))
        .route("/procedures/search", get(procedures::search))
        .route("/procedures/editions", get(editions::list))
        .route("/procedures/editions/compare", get(editions::compare))
        .route("/procedures/variations", get(variations::list).post(variations::make))
        .route("/procedures/receipts", get(reading::mine))
        .route("/procedures/questions", get(reading::questions))
        .route("/procedures/questions/{id}/answer", post(reading::answer))
        .route("/procedures/fields", get(bin::list))
        .route("/procedures/fields/{name}", get(bin::show))
        .route("/procedures/fields/{name}/nominate", post(bin::nominate))
        .route("/procedures/fields/{name}/answer", post(bin::answer))
        .route("/procedures/drafts", get(drafts::list).post(drafts::begin))
        .route("/procedures/drafts/{id}", get(drafts::show))
        .route("/procedures/drafts/{id}/difference", get(editions::of_draft))
        .route("/procedures/drafts/{id}/texts/{procedure}", get(drafts::texts::show))
        .route("/procedures/drafts/{id}/texts/{procedure}/edit", get(drafts::texts::form).post(drafts::texts::save))
        .route("/procedures/drafts/{id}/{act}", post(drafts::act))
        .route("/procedures/{id}", get(procedures::show))
        .route("/procedures/{id}/read", post(procedures::read))
}

fn the_board() -> Router<App> {
    Router::new()
        .route("/board", get(board::handovers))
        .route("/children/{id}/chronology", get(board::chronology))
        .route("/children/{id}/chronology/pack", get(board::pack))
        .route("/children/{id}/looks", get(board::looks))
        .route("/proofs", get(board::proofs))
        .route("/reports", get(board::reports::list))
        .route("/reports/{report}", get(board::reports::show))
        .route("/reports/{report}/chart", get(board::reports::chart))
        .route("/reports/{report}/events", get(board::reports::events))
        .route("/reports/{report}/files/{form}", get(board::reports::keep))
        .route("/samples", get(board::samples::list).post(board::samples::draw))
        .route("/samples/{id}", get(board::samples::show))
        .route("/samples/{id}/cases/{case}", get(board::samples::case))
        .route("/samples/{id}/cases/{case}/unmask", post(board::samples::unmask))
}

fn hospital() -> Router<App> {
    Router::new()
        .route("/refer", get(refer::start).post(refer::begin))
        .route("/refer/{draft}/{step}", get(refer::show).post(refer::save))
        .route("/refer/{draft}/throw-away", post(refer::throw_away))
        .route("/referrals", get(referrals::mine))
        .route("/referrals/{id}", get(referrals::show))
        .route("/referrals/{id}/sent", get(referrals::sent))
        .route("/referrals/{id}/add", post(referrals::add))
}

fn duty_desk() -> Router<App> {
    Router::new()
        .route("/desk", get(desk::show))
        .route("/desk/events", get(live::follow))
        .route("/desk/settings", get(settings::show).post(settings::set))
        .route("/night", get(night::show))
        .route("/night/take", post(night::take))
        .route("/still-here", post(still::still_here))
        .route("/referrals/{id}/decide", get(referrals::decide_form).post(referrals::decide))
        .route("/referrals/{id}/feedback", post(referrals::feedback))
        .route("/referrals/{id}/link", post(referrals::link))
        .route("/referrals/{id}/offer", get(offer::show).post(offer::send))
        .route("/transfers/{id}", get(transfers::show))
        .route("/transfers/{id}/handover", get(transfers::handover_form).post(transfers::handover))
        .route("/transfers/{id}/hand-back", get(hand_back::show).post(hand_back::send))
        .route("/transfers/{id}/{act}", post(transfers::act))
        .route("/children/{id}", get(responsibility::show))
}
