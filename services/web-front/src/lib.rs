//! The pages: what a nurse, a duty desk and the board work with. They call the services' APIs with the person's own token; the
//! only things kept here are sessions and unfinished forms, both sealed.

#![warn(missing_docs)]

mod api;
mod assets;
mod board;
mod circumstances;
mod contacts;
mod desk;
mod drafts;
mod failure;
mod form;
mod glass;
mod hand_back;
mod headers;
mod kept;
mod live;
mod me;
mod night;
mod offer;
mod oidc;
mod outside;
mod packed;
mod procedures;
mod refer;
mod referrals;
mod responsibility;
mod schema;
mod sealer;
mod service;
mod session;
mod settings;
mod sign_in;
mod still;
mod templates;
mod transfers;
mod words;

pub use assets::BadPages;
pub use oidc::{BadProviders, Provider};
pub use schema::migrate;
pub use sealer::{BadKey, Sealer};
pub use service::{Parts, service};
pub use session::Idle;
pub use sign_in::{Demonstration, Post, Tokens};

/// The name of the pages among the services, and of their database.
pub const SERVICE: &str = "web";
