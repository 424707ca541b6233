//! The one thing needed of HTTP: whether a path of a server on this machine answers 200.

use std::time::Duration;

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    time::timeout,
};

/// The longest that one question may take.
const PATIENCE: Duration = Duration::from_secs(2);

/// Whether `http://127.0.0.1:port/path` answers 200.
pub(crate) async fn answers_ok(port: u16, path: &str) -> bool {
    timeout(PATIENCE, status_line(port, path)).await.is_ok_and(|line| line.is_ok_and(|line| line == *b"HTTP/1.1 200"))
}

async fn status_line(port: u16, path: &str) -> std::io::Result<[u8; 12]> {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).await?;
    stream.write_all(format!("GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n").as_bytes()).await?;
    let mut line = [0; 12];
    stream.read_exact(&mut line).await?;
    Ok(line)
}
