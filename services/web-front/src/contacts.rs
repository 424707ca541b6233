//! Every desk's telephone, to be looked up and to be printed before it is needed.

use axum::response::Response;
use serde_json::json;

use crate::{failure::Failure, me::Me};

/// The telephones of every borough.
pub(crate) async fn show(me: Me) -> Result<Response, Failure> {
    let desks = me.get("/api/transfers/desks").await?;
    Ok(me.page("contacts.html", json!({ "desks": desks.body["items"] })))
}
