//! Reading what one has just written: `Hub-After` makes a read wait until its view is at least that fresh.

use std::{pin::Pin, sync::Arc, time::Duration};

use axum::{
    extract::{Request, State},
    http::HeaderMap,
    middleware::Next,
    response::{IntoResponse, Response},
};
use tokio::time::{Instant, sleep, timeout_at};

use crate::problem::{Fault, Problem, types};

/// How long a read waits.
const PATIENCE: Duration = Duration::from_secs(2);

/// How often it looks.
const STEP: Duration = Duration::from_millis(20);

/// At most so many positions in one request.
const MOST: usize = 8;

/// Up to which position of a service the views are.
pub type Seen<'a> = Pin<Box<dyn Future<Output = Option<i64>> + Send + 'a>>;

/// Knows how fresh the views of this service are.
pub trait Freshness: Send + Sync + 'static {
    /// The position of another service (or of this one) that the views contain; `None` when the views take nothing from
    /// that service, so that there is nothing to wait for, or when it is not known just now.
    fn position_of<'a>(&'a self, service: &'a str) -> Seen<'a>;

    /// Whether the views take anything from a service of this name.
    fn takes_from(&self, service: &str) -> bool;
}

/// The positions that a request has seen: `Hub-After: <service>:<position>`, several apart by commas or lines.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct After(Vec<(String, i64)>);

impl After {
    /// Reads the header.
    ///
    /// # Errors
    /// 400 when it cannot be read.
    pub fn from_headers(headers: &HeaderMap) -> Result<Self, Problem> {
        let bad = || Problem::of(&types::BAD_HEADER).fault(Fault::in_parameter("Hub-After", "the Hub-Position as it was given"));
        let mut positions = Vec::new();
        for value in headers.get_all("hub-after") {
            for token in value.to_str().map_err(|_| bad())?.split(',') {
                positions.push(parse(token.trim()).ok_or_else(bad)?);
            }
        }
        if positions.len() > MOST { Err(bad()) } else { Ok(Self(positions)) }
    }

    /// Waits until the views contain all of it, at most 2 s.
    ///
    /// # Errors
    /// 503 `not_yet_visible` when they do not by then.
    pub async fn wait(&self, views: &dyn Freshness) -> Result<(), Problem> {
        let end = Instant::now() + PATIENCE;
        for (service, position) in self.0.iter().filter(|(service, _)| views.takes_from(service)) {
            let reached = async {
                while views.position_of(service).await.is_none_or(|seen| seen < *position) {
                    sleep(STEP).await;
                }
            };
            timeout_at(end, reached).await.map_err(|_| Problem::of(&types::NOT_YET_VISIBLE).retry_after(1))?;
        }
        Ok(())
    }
}

fn parse(token: &str) -> Option<(String, i64)> {
    let (service, position) = token.split_once(':')?;
    let name = (1..=40).contains(&service.len()) && service.bytes().all(|b| b.is_ascii_lowercase() || b == b'-');
    let digits = (1..=18).contains(&position.len()) && position.bytes().all(|b| b.is_ascii_digit());
    if name && digits { Some((service.to_owned(), position.parse().ok()?)) } else { None }
}

/// A layer for a service's router: `from_fn_with_state(views, fresh::layer)`. It makes every request wait as it asks to.
///
/// Commands too: one that is decided on what another service has recorded must not be decided before that is here.
pub async fn layer(State(views): State<Arc<dyn Freshness>>, request: Request, next: Next) -> Response {
    let waited = match After::from_headers(request.headers()) {
        Ok(after) => after.wait(views.as_ref()).await,
        Err(problem) => Err(problem),
    };
    if let Err(problem) = waited {
        return problem.into_response();
    }
    next.run(request).await
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicI64, Ordering};

    /// Every look moves the view forward by `step`.
    struct Moving {
        at: AtomicI64,
        step: i64,
    }

    impl Freshness for Moving {
        fn position_of<'a>(&'a self, _: &'a str) -> Seen<'a> {
            Box::pin(async { Some(self.at.fetch_add(self.step, Ordering::SeqCst)) })
        }

        fn takes_from(&self, service: &str) -> bool {
            service == "intake"
        }
    }

    fn after(value: &str) -> Result<After, Problem> {
        let mut headers = HeaderMap::new();
        headers.insert("hub-after", value.parse().unwrap());
        After::from_headers(&headers)
    }

    #[tokio::test(start_paused = true)]
    async fn a_read_waits_until_its_view_is_there() {
        let views = Moving { at: AtomicI64::new(1), step: 1 };
        assert_eq!(after("intake:9").unwrap().wait(&views).await, Ok(()));
        assert_eq!(views.at.load(Ordering::SeqCst), 10);
    }

    #[tokio::test(start_paused = true)]
    async fn a_view_that_does_not_come_is_503_after_two_seconds() {
        let views = Moving { at: AtomicI64::new(1), step: 0 };
        let start = Instant::now();
        let problem = after("intake:9, intake:10").unwrap().wait(&views).await.unwrap_err();
        assert_eq!((problem.status().as_u16(), problem.code()), (503, "not_yet_visible"));
        assert_eq!(start.elapsed().as_millis(), 2_000);
        assert!(problem.into_response().headers().contains_key("retry-after"));
    }

    #[tokio::test(start_paused = true)]
    async fn a_view_does_not_wait_for_a_service_that_it_takes_nothing_from() {
        let views = Moving { at: AtomicI64::new(0), step: 0 };
        assert_eq!(after("procedures:9").unwrap().wait(&views).await, Ok(()));
    }

    #[test]
    fn a_token_that_is_not_one_is_400() {
        for bad in
            ["", "intake", "intake:", ":1", "intake:-1", "intake:1e3", "intake:99999999999999999999", "Intake:1", "intake:1,", "in take:1"]
        {
            assert_eq!(after(bad).map_err(|problem| problem.status().as_u16()), Err(400), "{bad}");
        }
        assert_eq!(after(&["intake:1"; 9].join(",")).map_err(|problem| problem.status().as_u16()), Err(400));
        assert_eq!(after("intake:7,transfers:8"), Ok(After(vec![("intake".to_owned(), 7), ("transfers".to_owned(), 8)])));
    }
}
