//! Path and query parameters whose errors are problems and quote nothing.

use axum::{
    extract::{FromRequestParts, Path as AxumPath, Query as AxumQuery},
    http::request::Parts,
};
use serde::de::DeserializeOwned;

use crate::problem::{Fault, Problem};

/// Parameters in the path. One that is no id is an address where nothing is (404).
#[derive(Clone, Copy, Debug)]
pub struct Path<T>(pub T);

impl<S, T> FromRequestParts<S> for Path<T>
where
    T: DeserializeOwned + Send,
    S: Send + Sync,
{
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let AxumPath(value) = AxumPath::from_request_parts(parts, state).await.map_err(|_| Problem::not_found())?;
        Ok(Self(value))
    }
}

/// Parameters in the query (422 when they cannot be read).
#[derive(Clone, Copy, Debug)]
pub struct Query<T>(pub T);

impl<S, T> FromRequestParts<S> for Query<T>
where
    T: DeserializeOwned,
    S: Send + Sync,
{
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        const FAULT: &str = "one of the parameters is missing, not known, given twice, or not of its form; see the documentation";
        let read = AxumQuery::try_from_uri(&parts.uri);
        let AxumQuery(value) = read.map_err(|_| Problem::invalid(vec![Fault::in_parameter("query", FAULT)]))?;
        Ok(Self(value))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::{Router, body::Body, http::Request, routing::get};
    use kernel::TransferId;
    use tower::ServiceExt as _;

    async fn ask(uri: &str) -> (u16, String) {
        let by_id = |Path(id): Path<TransferId>| async move { id.to_string() };
        let by_query = |Query(query): Query<Vec<(String, u8)>>| async move { query.len().to_string() };
        let app = Router::new().route("/transfers/{id}", get(by_id)).route("/transfers", get(by_query));
        let response = app.oneshot(Request::get(uri).body(Body::empty()).unwrap()).await.unwrap();
        let status = response.status().as_u16();
        let bytes = axum::body::to_bytes(response.into_body(), usize::MAX).await.unwrap();
        (status, String::from_utf8(bytes.to_vec()).unwrap())
    }

    #[tokio::test]
    async fn what_cannot_be_an_id_is_nowhere_and_is_not_quoted() {
        assert_eq!(ask("/transfers/trf_00000000000000000000000000000007").await.0, 200);
        for bad in ["/transfers/Marigold", "/transfers/ref_00000000000000000000000000000007", "/transfers/%ff"] {
            let (status, body) = ask(bad).await;
            assert_eq!(status, 404);
            assert!(!body.contains("Marigold") && body.contains("/problems/not_found"), "{body}");
        }
    }

    #[tokio::test]
    async fn a_query_that_cannot_be_read_is_422_and_is_not_quoted() {
        let (status, body) = ask("/transfers?age=Marigold").await;
        assert_eq!(status, 422);
        assert!(!body.contains("Marigold"), "{body}");
    }
}
