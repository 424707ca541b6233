//! Style sheet and scripts, made at set-up. Their names hold their hash, so browsers keep them for ever.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use axum::{
    extract::{self, State},
    http::{HeaderMap, HeaderValue, header},
    response::{IntoResponse, Response},
};

use crate::{failure::Failure, service::App};

/// What set-up makes for the pages is not there.
#[derive(Debug, thiserror::Error)]
#[error("{0} cannot be read: run `cargo xtask setup`, and check HUB_PAGES_DIR")]
pub struct BadPages(PathBuf, #[source] std::io::Error);

/// One file, as it is and packed.
struct Asset {
    plain: Vec<u8>,
    packed: Vec<u8>,
    kind: &'static str,
}

/// Every file, by the name that has its hash.
pub(crate) struct Assets {
    files: BTreeMap<String, Asset>,
    names: BTreeMap<String, String>,
}

impl Assets {
    /// Reads what set-up has made.
    pub(crate) fn read(directory: &Path) -> Result<Self, BadPages> {
        let directory = directory.join("assets");
        let read = |name: &str| {
            let path = directory.join(name);
            std::fs::read(&path).map_err(|error| BadPages(path, error))
        };
        let list = read("names.json")?;
        let names: BTreeMap<String, String> =
            serde_json::from_slice(&list).map_err(|error| BadPages(directory.join("names.json"), error.into()))?;
        let mut files = BTreeMap::new();
        for name in names.values() {
            let kind = match name.rsplit('.').next() {
                Some("css") => "text/css; charset=utf-8",
                Some("svg") => "image/svg+xml",
                Some("txt") => "text/plain; charset=utf-8",
                Some(_) | None => "text/javascript; charset=utf-8",
            };
            files.insert(name.clone(), Asset { plain: read(name)?, packed: read(&format!("{name}.gz"))?, kind });
        }
        Ok(Self { files, names })
    }

    /// The address of a file.
    pub(crate) fn address(&self, name: &str) -> String {
        format!("/assets/{}", self.names.get(name).map_or(name, String::as_str))
    }
}

/// One file.
pub(crate) async fn show(
    State(app): State<App>,
    extract::Path(name): extract::Path<String>,
    headers: HeaderMap,
) -> Result<Response, Failure> {
    let asset = app.assets().files.get(&name).ok_or(Failure::NotFound)?;
    let packs = headers.get(header::ACCEPT_ENCODING).and_then(|value| value.to_str().ok()).is_some_and(|value| value.contains("gzip"));
    let body = if packs { asset.packed.clone() } else { asset.plain.clone() };
    let mut response = ([(header::CONTENT_TYPE, asset.kind), (header::VARY, "accept-encoding")], body).into_response();
    let kept = HeaderValue::from_static("public, max-age=31536000, immutable");
    response.headers_mut().insert(header::CACHE_CONTROL, kept);
    if packs {
        response.headers_mut().insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    }
    Ok(response)
}
