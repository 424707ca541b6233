use std::{
    io,
    panic::{catch_unwind, set_hook, take_hook},
    sync::{Arc, Mutex},
};

use axum::{Router, body::Body, http::Request, routing::post};
use tower::ServiceExt as _;
use tracing::subscriber::DefaultGuard;
use tracing_subscriber::fmt::MakeWriter;

use crate::{
    logs,
    service::{Service, app},
};

/// What was logged by this thread.
#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<u8>>>);

impl Lines {
    fn listen(&self) -> DefaultGuard {
        tracing::subscriber::set_default(tracing_subscriber::fmt().json().flatten_event(true).with_writer(self.clone()).finish())
    }

    fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }
}

impl io::Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Lines {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

#[tokio::test]
async fn a_request_is_logged_by_route_status_time_and_trace_and_by_nothing_that_was_sent() {
    let lines = Lines::default();
    let guard = lines.listen();
    let router = Router::new().route("/api/children/{id}", post(async |body: String| body));
    let request = Request::post("/api/children/Marigold-1?name=Marigold-2")
        .header("x-name", "Marigold-3")
        .header("authorization", "Bearer Marigold-4")
        .header("traceparent", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01")
        .body(Body::from("Marigold-5"))
        .unwrap();
    let response = app(vec![Service::new("children", router)]).oneshot(request).await.unwrap();
    assert_eq!(response.status().as_u16(), 200);
    drop(guard);
    let text = lines.text();
    for expected in
        [r#""http.route":"/api/children/{id}""#, r#""http.status":200"#, r#""http.ms":"#, r#""trace":"4bf92f3577b34da6a3ce929d0e0e4736""#]
    {
        assert!(text.contains(expected), "{expected} in {text}");
    }
    assert!(!text.contains("Marigold"), "{text}");
}

#[test]
fn a_panic_is_logged_by_its_place_and_not_by_its_words() {
    let lines = Lines::default();
    let guard = lines.listen();
    let before = take_hook();
    set_hook(Box::new(logs::panicked));
    let panicked = catch_unwind(|| panic!("Marigold"));
    set_hook(before);
    drop(guard);
    assert!(panicked.is_err());
    let text = lines.text();
    assert!(text.contains("observe/tests.rs:") && !text.contains("Marigold"), "{text}");
}
