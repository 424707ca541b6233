//! Pages go over the line packed. Not those that repeat what was just sent: who can choose a part of a packed page and see its
//! length learns what stands beside it (BREACH). So what answers a form, or an address with a question, goes as it is.

use std::io::Write as _;

use axum::{
    body::{Body, to_bytes},
    extract::Request,
    http::{HeaderValue, Method, header},
    middleware::Next,
    response::Response,
};
use flate2::{Compression, write::GzEncoder};

/// No page is longer.
const MOST_BYTES: usize = 16 * 1024 * 1024;

/// Whether the answer to a request may be packed.
fn may(request: &Request) -> bool {
    let unpacks = request.headers().get(header::ACCEPT_ENCODING).and_then(|value| value.to_str().ok());
    let unpacks = unpacks.is_some_and(|value| value.split(',').any(|one| one.trim().eq_ignore_ascii_case("gzip")));
    unpacks && request.method() == Method::GET && request.uri().query().is_none()
}

/// The layer.
pub(crate) async fn layer(request: Request, next: Next) -> Response {
    let may = may(&request);
    let response = next.run(request).await;
    let is_page = response.headers().get(header::CONTENT_TYPE).is_some_and(|kind| kind.as_bytes().starts_with(b"text/html"));
    if !may || !is_page || response.headers().contains_key(header::CONTENT_ENCODING) {
        return response;
    }
    let (mut parts, body) = response.into_parts();
    let Ok(page) = to_bytes(body, MOST_BYTES).await else {
        // A page is made whole before it is sent, so its body is there.
        parts.status = axum::http::StatusCode::INTERNAL_SERVER_ERROR;
        return Response::from_parts(parts, Body::empty());
    };
    let Some(packed) = packed(&page) else { return Response::from_parts(parts, Body::from(page)) };
    parts.headers.remove(header::CONTENT_LENGTH);
    parts.headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    parts.headers.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
    Response::from_parts(parts, Body::from(packed))
}

fn packed(page: &[u8]) -> Option<Vec<u8>> {
    let mut packer = GzEncoder::new(Vec::with_capacity(page.len() / 4), Compression::new(6));
    packer.write_all(page).ok()?;
    packer.finish().ok()
}

#[cfg(test)]
mod tests {
    use std::io::Read as _;

    use super::*;

    #[test]
    fn a_page_comes_out_as_it_was() {
        let page = "<p>Nothing here now.</p>".repeat(400);
        let small = packed(page.as_bytes()).unwrap();
        let mut again = String::new();
        flate2::read::GzDecoder::new(small.as_slice()).read_to_string(&mut again).unwrap();
        assert!(small.len() < page.len() / 10 && again == page);
    }

    #[test]
    fn what_repeats_something_chosen_is_never_packed() {
        let request = |method: Method, address: &str, unpacks: &str| {
            Request::builder().method(method).uri(address).header("accept-encoding", unpacks).body(Body::empty()).unwrap()
        };
        assert!(may(&request(Method::GET, "/desk", "deflate, gzip, br")));
        assert!(!may(&request(Method::GET, "/procedures/search?q=x", "gzip")));
        assert!(!may(&request(Method::POST, "/refer/0192/worries", "gzip")));
        assert!(!may(&request(Method::GET, "/desk", "br")));
    }
}
