//! The pages, put together from the settings.

use std::{path::PathBuf, sync::Arc};

use event_store::pool;
use jiff::SignedDuration;
use kernel::Org;
use service_kit::Service;
use web_front::{BadKey, BadPages, BadProviders, Demonstration, Idle, Parts, Post, Provider, Sealer};

use crate::{
    SERVICES,
    assemble::Plan,
    database,
    people::{self, Someone},
};

/// Connections of the pages to the database of their sessions.
const CONNECTIONS: u32 = 8;

/// The pages cannot be served.
#[derive(Debug, thiserror::Error)]
pub enum PagesError {
    /// A setting is missing.
    #[error("{0} is not set: the pages need it")]
    NotSet(&'static str),
    /// The key of the sessions cannot be used.
    #[error(transparent)]
    Key(#[from] BadKey),
    /// What set-up makes is not there.
    #[error(transparent)]
    Assets(#[from] BadPages),
    /// The identity providers cannot be used.
    #[error(transparent)]
    Providers(#[from] BadProviders),
    /// The database of the sessions does not answer.
    #[error("the database of the sessions does not answer")]
    Database(#[from] sqlx::Error),
}

/// The pages, ready to run.
pub(crate) async fn service(plan: &Plan) -> Result<Service, PagesError> {
    let config = &plan.config;
    let needed = |setting: &Option<PathBuf>, name| setting.clone().ok_or(PagesError::NotSet(name));
    let address = |service: &str| config.peers.get(service).unwrap_or(&plan.own_address).clone();
    let url = config.database_url(&database(web_front::SERVICE));
    let parts = Parts {
        kit: plan.kit.clone(),
        pool: pool::connect(url.expose(), CONNECTIONS).await?,
        sealer: Sealer::from_file(&needed(&config.pages_key_file, "HUB_PAGES_KEY_FILE")?)?,
        pages: needed(&config.pages_dir, "HUB_PAGES_DIR")?,
        public_url: config.public_url.clone().unwrap_or_else(|| plan.own_address.clone()),
        addresses: SERVICES.iter().map(|service| ((*service).to_owned(), address(service))).collect(),
        idle: Idle {
            on_a_ward: SignedDuration::from_mins(config.pages_idle_ward.into()),
            at_a_desk: SignedDuration::from_mins(config.pages_idle_desk.into()),
        },
        providers: config.sign_in_file.as_deref().map(Provider::list).transpose()?.unwrap_or_default(),
        demonstration: config.demo.then(|| demonstration(plan)),
    };
    Ok(web_front::service(parts)?)
}

/// The made-up people who are persons: machines sign in nowhere.
fn demonstration(plan: &Plan) -> Demonstration {
    let persons = people::everybody().into_iter().filter(|someone| someone.roles.iter().all(|role| role.is_person()));
    let place = |someone: &Someone| match &someone.org {
        Org::Site(_) => "Hospitals".to_owned(),
        Org::Borough(_) => someone.org_name.clone(),
        Org::Board | Org::Hub => "The board and the hub".to_owned(),
    };
    let guides = |someone: &Someone| people::GUIDE.contains(&someone.id.as_str());
    let group = |someone: &Someone| if guides(someone) { "A night, in five people".to_owned() } else { place(someone) };
    let people = persons.map(|someone| Post { group: group(&someone), id: someone.id, name: someone.name }).collect();
    let (signer, clock) = (plan.signer.clone(), plan.clock.clone());
    let token = move |id: &str| people::by_id(id).and_then(|someone| signer.person(&someone, clock.now()).ok());
    Demonstration { people, token: Arc::new(token) }
}
