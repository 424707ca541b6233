//! One request, and what must be true of every problem.

use std::time::Duration;

use reqwest::{Request, RequestBuilder};
use serde_json::Value;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};

use super::CANARY;

/// An answer.
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) kind: String,
    pub(super) text: String,
    pub(super) body: Value,
}

/// Sends. A server that refuses a large body may close while it is still being sent; then it is asked again.
pub(super) async fn ask(request: RequestBuilder) -> Answer {
    for _ in 0..5 {
        let Some(again) = request.try_clone() else { break };
        if let Ok(answer) = again.timeout(Duration::from_secs(20)).send().await {
            return read(answer).await;
        }
    }
    read(request.send().await.unwrap()).await
}

async fn read(answer: reqwest::Response) -> Answer {
    let status = answer.status().as_u16();
    let kind = answer.headers().get("content-type").and_then(|kind| kind.to_str().ok()).unwrap_or_default().to_owned();
    let text = answer.text().await.unwrap();
    let body = serde_json::from_str(&text).unwrap_or(Value::Null);
    Answer { status, kind, text, body }
}

/// Sends a body without saying how long it is, in pieces, and stops when the server has had enough.
pub(super) async fn pieces(request: Request, bytes: &[u8]) -> Answer {
    let (url, mut head) = (request.url(), format!("{} {} HTTP/1.1\r\nconnection: close\r\n", request.method(), request.url().path()));
    let address = format!("{}:{}", url.host_str().unwrap(), url.port().unwrap());
    head.push_str(&format!("host: {address}\r\ntransfer-encoding: chunked\r\n"));
    for (name, value) in request.headers() {
        head.push_str(&format!("{name}: {}\r\n", value.to_str().unwrap()));
    }
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(format!("{head}\r\n").as_bytes()).await.unwrap();
    let (mut reading, mut writing) = stream.split();
    let write = async {
        for piece in bytes.chunks(64 * 1024) {
            let framed = [format!("{:x}\r\n", piece.len()).as_bytes(), piece, b"\r\n"].concat();
            if writing.write_all(&framed).await.is_err() {
                return;
            }
        }
        drop(writing.write_all(b"0\r\n\r\n").await);
    };
    let mut answer = Vec::new();
    let read = tokio::time::timeout(Duration::from_secs(20), reading.read_to_end(&mut answer));
    let ((), read) = tokio::join!(write, read);
    // A reset after the answer is no fault: the rest of the body was not wanted.
    drop(read.unwrap());
    let answer = String::from_utf8(answer).unwrap();
    let (head, text) = answer.split_once("\r\n\r\n").unwrap_or_else(|| panic!("no answer: {answer}"));
    let status = head.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap();
    let kind = head.lines().find_map(|line| line.strip_prefix("content-type: ")).unwrap_or_default().to_owned();
    Answer { status, kind, text: text.to_owned(), body: serde_json::from_str(text).unwrap_or(Value::Null) }
}

impl Answer {
    /// What a problem must not be: of another type, without its members, or with what was sent in it.
    pub(super) fn fault(&self) -> Option<String> {
        let code = self.body["code"].as_str().unwrap_or_default();
        let shaped = self.kind == "application/problem+json"
            && self.body["status"] == self.status
            && !code.is_empty()
            && self.body["type"] == format!("/problems/{code}")
            && self.body["title"].is_string();
        let located = self.body["errors"].as_array().is_none_or(|errors| {
            errors.iter().all(|error| error["detail"].is_string() && (error["pointer"].is_string() || error["parameter"].is_string()))
        });
        let lower = self.text.to_lowercase();
        let quoted = CANARY.to_lowercase().split('-').any(|part| lower.contains(part));
        match (shaped && located, quoted) {
            (false, _) => Some(format!("is not a problem: {} {} {}", self.status, self.kind, self.text)),
            (true, true) => Some(format!("is quoted: {}", self.text)),
            (true, false) => None,
        }
    }
}
