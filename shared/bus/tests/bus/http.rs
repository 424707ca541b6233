//! The log over HTTP.

use bus::{HttpSource, Source, SourceError};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
};

use crate::fixture::Task;

fn event(position: i64) -> Value {
    json!({
        "specversion": "1.0", "id": "018f5e9a-7b5c-7000-8000-000000000000", "source": "/hub/intake", "type": "uk.hub.intake.noted.v1",
        "subject": "referral-1", "time": "2026-11-23T02:00:00Z", "occurredat": "2026-11-23T02:00:00Z",
        "datacontenttype": "application/json", "position": position, "leafhash": "00", "traceid": "0",
        "actor": {"id": "a", "org": "hub", "role": "hub"}, "data": null
    })
}

/// Answers every request the same way, and keeps the last request for the caller to look at.
async fn served(status: &'static str, body: String) -> (Task, HttpSource, tokio::sync::watch::Receiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    let (asked, requests) = tokio::sync::watch::channel(String::new());
    let server = Task::start(async move {
        loop {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut request = Vec::new();
            while !request.ends_with(b"\r\n\r\n") {
                request.push(stream.read_u8().await.unwrap());
            }
            asked.send_replace(String::from_utf8(request).unwrap());
            let head = format!("HTTP/1.1 {status}\r\ncontent-length: {}\r\nconnection: close\r\n\r\n", body.len());
            // The client hangs up in the middle of what is too large for it.
            drop(stream.write_all(format!("{head}{body}").as_bytes()).await);
        }
    });
    let source = HttpSource::new(&base, "intake", || "the-token".to_owned()).unwrap();
    (server, source, requests)
}

async fn answer(status: &'static str, body: String) -> Result<Vec<i64>, SourceError> {
    let (_server, source, _) = served(status, body).await;
    source.after(4, 500).await.map(|page| page.iter().map(|event| event.position).collect())
}

#[tokio::test]
async fn a_page_is_asked_for_by_position_with_the_token_of_the_machine() {
    let (_server, source, requests) = served("200 OK", json!([event(5), event(6)]).to_string()).await;
    assert_eq!(source.after(4, 500).await.unwrap().len(), 2);
    let request = requests.borrow().to_lowercase();
    assert!(request.starts_with("get /api/intake/log?after=4&limit=500 http/1.1\r\n"), "{request}");
    assert!(request.contains("authorization: bearer the-token\r\n"));
}

#[tokio::test]
async fn an_answer_that_is_not_a_page_is_not_used() {
    let not_a_page = |answer| matches!(answer, Err(SourceError::NotAPage(_)));
    assert!(not_a_page(answer("200 OK", json!([event(5), event(7)]).to_string()).await), "a hole");
    assert!(not_a_page(answer("200 OK", json!([event(4)]).to_string()).await), "not after the position");
    assert!(not_a_page(answer("200 OK", "{}".to_owned()).await), "not a list");
    assert!(not_a_page(answer("200 OK", " ".repeat((8 << 20) + 1)).await), "too large");
    assert!(matches!(answer("403 Forbidden", String::new()).await, Err(SourceError::Refused(403))));
    let nobody = HttpSource::new("http://127.0.0.1:1", "intake", String::new).unwrap();
    assert!(matches!(nobody.after(4, 500).await, Err(SourceError::Away)));
}

#[tokio::test]
async fn a_position_that_cannot_be_read_is_named_once_it_is_next() {
    let future = json!({"specversion": "2.0", "position": 6, "subject": "referral-9"});
    assert_eq!(answer("200 OK", json!([event(5), future]).to_string()).await.unwrap(), [5]);
    let future = json!({"specversion": "2.0", "position": 5, "subject": "referral-9"});
    let Err(SourceError::Unreadable(unreadable)) = answer("200 OK", json!([future, event(6)]).to_string()).await else {
        panic!("it passed")
    };
    assert_eq!((unreadable.position, unreadable.subject.as_str()), (5, "referral-9"));
}
