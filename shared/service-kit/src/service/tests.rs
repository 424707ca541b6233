use std::time::Duration;

use axum::{
    body::Body,
    http::{Request, Response},
    routing::{get, post},
};
use serde_json::Value;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    sync::oneshot,
    time::timeout,
};
use tower::ServiceExt as _;

use super::*;
use crate::tasks::Tasks;

fn transfers() -> Service {
    let router = Router::new()
        .route("/api/transfers", post(async || "made"))
        .route("/api/transfers/{id}", get(async || "shown"))
        .route("/api/panic", get(async || -> &'static str { panic!("Zuleikha Marigold") }));
    Service::new("transfers", router)
}

async fn ask(request: axum::http::request::Builder) -> (Response<()>, String) {
    let response = app(vec![transfers()]).oneshot(request.body(Body::empty()).unwrap()).await.unwrap();
    let (parts, body) = response.into_parts();
    let bytes = axum::body::to_bytes(body, usize::MAX).await.unwrap();
    (Response::from_parts(parts, ()), String::from_utf8(bytes.to_vec()).unwrap())
}

#[tokio::test]
async fn a_panic_is_answered_with_an_incident_reference_and_without_its_words() {
    let traceparent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
    let (response, body) = ask(Request::get("/api/panic").header("traceparent", traceparent)).await;
    assert_eq!(response.status().as_u16(), 500);
    let problem: Value = serde_json::from_str(&body).unwrap();
    assert_eq!(problem["instance"], "/incidents/4bf92f3577b34da6a3ce929d0e0e4736");
    assert!(!body.contains("Marigold"));
}

#[tokio::test]
async fn an_unknown_address_and_a_wrong_method_are_problems() {
    for (request, status) in [(Request::get("/nowhere"), 404), (Request::delete("/api/transfers"), 405), (Request::post("/livez"), 405)] {
        let (response, body) = ask(request).await;
        assert_eq!(response.status().as_u16(), status, "{body}");
        assert_eq!(response.headers()["content-type"], "application/problem+json");
    }
    assert_eq!(ask(Request::delete("/api/transfers")).await.0.headers()["allow"], "POST");
}

#[tokio::test]
async fn every_answer_keeps_case_data_out_of_caches_frames_and_other_sites() {
    for request in [Request::get("/api/transfers/1"), Request::get("/nowhere"), Request::get("/api/panic")] {
        let (response, _) = ask(request).await;
        for (name, value) in [("cache-control", "no-store"), ("x-content-type-options", "nosniff"), ("referrer-policy", "no-referrer")] {
            assert_eq!(response.headers()[name], value);
        }
    }
}

#[tokio::test]
async fn requests_are_counted_by_route_and_never_by_what_stands_in_the_address() {
    ask(Request::get("/api/transfers/Marigold?name=Marigold")).await;
    ask(Request::get("/Marigold")).await;
    ask(Request::builder().method("MARIGOLD").uri("/api/transfers")).await;
    let (_, numbers) = ask(Request::get("/metrics")).await;
    assert!(numbers.contains(r#"hub_http_request_seconds_count{method="GET",route="/api/transfers/{id}",status="200"} 1"#), "{numbers}");
    assert!(!numbers.to_lowercase().contains("marigold"), "{numbers}");
}

#[tokio::test]
async fn a_port_that_is_taken_is_said_in_a_sentence() {
    let taken = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = taken.local_addr().unwrap();
    let error = start(vec![transfers()], &Tasks::new(), address).await.unwrap_err();
    let sentence = format!("{address} is already in use: stop what runs there, or set HUB_LISTEN to another address");
    assert_eq!(error.to_string(), sentence);
}

async fn get_over_tcp(running: &Running, path: &str) -> String {
    let mut stream = TcpStream::connect(running.address()).await.unwrap();
    stream.write_all(format!("GET {path} HTTP/1.1\r\nHost: hub\r\nConnection: close\r\n\r\n").as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    answer
}

#[tokio::test]
async fn a_worker_that_ends_by_itself_makes_its_service_not_ready() {
    let (end, ended) = oneshot::channel::<()>();
    let working = Worker::new("relay", async |mut stop: Stop| stop.asked().await);
    let ending = Worker::new("inbox", |_| async { drop(ended.await) });
    let service = transfers().worker(working).worker(ending);
    let running = start(vec![service], &Tasks::new(), "127.0.0.1:0".parse().unwrap()).await.unwrap();
    assert!(get_over_tcp(&running, "/readyz").await.starts_with("HTTP/1.1 200"));
    end.send(()).unwrap();
    let down = async {
        while !get_over_tcp(&running, "/readyz").await.contains("not ready: transfers.inbox") {
            tokio::task::yield_now().await;
        }
    };
    timeout(Duration::from_secs(5), down).await.unwrap();
    running.stop().await;
}

#[tokio::test]
async fn a_stop_waits_for_open_requests_commands_and_workers() {
    let tasks = Tasks::new();
    let (entered, inside) = oneshot::channel::<()>();
    let (go, gate) = oneshot::channel::<()>();
    let pair = std::sync::Arc::new(std::sync::Mutex::new(Some((entered, gate))));
    let commands = tasks.clone();
    let slow = get(async move || {
        let (entered, gate) = pair.lock().unwrap().take().unwrap();
        let command = commands.spawn(async move {
            entered.send(()).unwrap();
            gate.await.unwrap();
        });
        command.await.unwrap();
        "recorded"
    });
    let (told, last) = oneshot::channel();
    let worker = Worker::new("relay", async move |mut stop: Stop| {
        stop.asked().await;
        told.send(()).unwrap();
    });
    let service = Service::new("slow", Router::new().route("/slow", slow)).worker(worker);
    let running = start(vec![service], &tasks, "127.0.0.1:0".parse().unwrap()).await.unwrap();
    let address = running.address();
    let mut client = TcpStream::connect(address).await.unwrap();
    client.write_all(b"GET /slow HTTP/1.1\r\nHost: hub\r\n\r\n").await.unwrap();
    inside.await.unwrap();
    let stopping = Tasks::new().spawn(running.stop());
    last.await.unwrap();
    assert!(!stopping.is_finished(), "a command is still running");
    go.send(()).unwrap();
    stopping.await.unwrap();
    let mut answer = String::new();
    client.read_to_string(&mut answer).await.unwrap();
    assert!(answer.ends_with("recorded"), "{answer}");
    assert_eq!(tasks.running(), 0);
    assert!(TcpStream::connect(address).await.is_err());
}

#[tokio::test]
async fn a_client_that_hangs_up_does_not_cancel_a_command() {
    let tasks = Tasks::new();
    let (entered, inside) = oneshot::channel::<()>();
    let (go, gate) = oneshot::channel::<()>();
    let (done, end) = oneshot::channel::<()>();
    let slots = std::sync::Arc::new(std::sync::Mutex::new(Some((entered, gate, done))));
    let commands = tasks.clone();
    let slow = get(async move || {
        let (entered, gate, done) = slots.lock().unwrap().take().unwrap();
        let command = commands.spawn(async move {
            entered.send(()).unwrap();
            gate.await.unwrap();
            done.send(()).unwrap();
        });
        drop(command.await);
    });
    let running =
        start(vec![Service::new("slow", Router::new().route("/slow", slow))], &tasks, "127.0.0.1:0".parse().unwrap()).await.unwrap();
    let mut client = TcpStream::connect(running.address()).await.unwrap();
    client.write_all(b"GET /slow HTTP/1.1\r\nHost: hub\r\n\r\n").await.unwrap();
    inside.await.unwrap();
    drop(client);
    go.send(()).unwrap();
    timeout(Duration::from_secs(5), end).await.unwrap().unwrap();
    running.stop().await;
}
