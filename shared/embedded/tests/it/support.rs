//! A directory per test, and the wire by hand: what is tested here must not depend on a client library.

use std::{
    env, fs,
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::TcpStream,
    path::{Path, PathBuf},
    process::{self, Child, Command, Stdio},
    sync::atomic::{AtomicU32, Ordering},
    time::Duration,
};

static COUNT: AtomicU32 = AtomicU32::new(0);

/// A directory that is gone after the test.
pub(crate) struct Scratch(PathBuf);

impl Scratch {
    pub(crate) fn new() -> Self {
        let name = format!("hub-embedded-{}-{}", process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
        let root = env::temp_dir().join(name);
        fs::create_dir_all(&root).unwrap();
        Self(root)
    }

    pub(crate) fn root(&self) -> &Path {
        &self.0
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        drop(fs::remove_dir_all(&self.0));
    }
}

/// The living processes that work in the directory or below, or were told of it when they were started, by name.
pub(crate) fn processes_under(root: &Path) -> Vec<String> {
    let told = |process: &Path| {
        fs::read(process.join("cmdline")).is_ok_and(|words| String::from_utf8_lossy(&words).contains(root.to_str().unwrap()))
    };
    let processes = fs::read_dir("/proc").unwrap().flatten().map(|entry| entry.path());
    processes
        .filter(|process| fs::read_link(process.join("cwd")).is_ok_and(|cwd| cwd.starts_with(root)) || told(process))
        .map(|process| fs::read_to_string(process.join("comm")).unwrap_or_default().trim().to_owned())
        .collect()
}

/// Waits until it holds, for at most a minute.
pub(crate) async fn eventually(what: &str, holds: impl Fn() -> bool) {
    for _ in 0..6_000 {
        if holds() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("not within a minute: {what}");
}

/// A program that does not outlive the test.
pub(crate) struct Program(Child);

impl Program {
    pub(crate) fn kill(&mut self) {
        self.0.kill().unwrap();
        self.0.wait().unwrap();
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        drop(self.0.kill());
        drop(self.0.wait());
    }
}

/// Starts the servers in a second process of this test program, and waits until it says that they are there.
pub(crate) fn run_in_another_process(root: &Path) -> Program {
    let ready = root.join("ready");
    drop(fs::remove_file(&ready));
    let child = Command::new(env::current_exe().unwrap())
        .args(["--exact", "the_program_that_is_killed", "--ignored", "--nocapture"])
        .env("HUB_EMBEDDED_ROOT", root)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut program = Program(child);
    for _ in 0..6_000 {
        if ready.exists() {
            return program;
        }
        assert_eq!(program.0.try_wait().unwrap(), None, "the other process ended");
        std::thread::sleep(Duration::from_millis(10));
    }
    panic!("the other process was not ready within a minute");
}

/// The body of `base/path`.
pub(crate) fn get(base: &str, path: &str) -> String {
    let mut stream = TcpStream::connect(base.trim_start_matches("http://")).unwrap();
    write!(stream, "GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n").unwrap();
    let mut body = String::new();
    stream.read_to_string(&mut body).unwrap();
    body
}

/// One request and its reply over the NATS protocol.
pub(crate) fn request(url: &str, subject: &str, body: &str) -> String {
    let mut stream = TcpStream::connect(url.trim_start_matches("nats://")).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
    let connect = "CONNECT {\"verbose\":false}\r\nSUB reply 1\r\n";
    write!(stream, "{connect}PUB {subject} reply {}\r\n{body}\r\nPING\r\n", body.len()).unwrap();
    let mut lines = BufReader::new(stream).lines();
    lines.find(|line| line.as_ref().unwrap().starts_with("MSG ")).unwrap().unwrap();
    lines.next().unwrap().unwrap()
}
