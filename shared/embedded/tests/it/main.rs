//! The promises of the private servers, on real ones.
#![expect(clippy::unwrap_used, reason = "a failed step fails the test")]

mod support;

use std::{fs, net::TcpListener, os::unix::fs::MetadataExt as _, process::Command};

use embedded::{EmbeddedError, Nats, NatsOptions, OWNER, Postgres, PostgresOptions, Stack, StackOptions};
use support::{Scratch, eventually, processes_under};

#[tokio::test]
async fn what_is_committed_outlives_a_stop() {
    let scratch = Scratch::new();
    let mut postgres = Postgres::start(&scratch.path("pg"), PostgresOptions::default()).await.unwrap();
    postgres.create_database("book").await.unwrap();
    postgres.create_database("book").await.expect("making it twice changes nothing");
    postgres.sql("book", "create table line (t text); insert into line values ('kept')").await.unwrap();
    let port = postgres.port();

    postgres.stop().await;
    assert!(!postgres.is_running());
    assert_eq!(processes_under(scratch.root()), Vec::<String>::new());
    postgres.restart().await.unwrap();

    assert_eq!(postgres.port(), port);
    assert_eq!(postgres.sql("book", "select t from line").await.unwrap(), "kept");
}

#[tokio::test]
async fn what_is_committed_outlives_a_kill_of_every_process() {
    let scratch = Scratch::new();
    let mut postgres = Postgres::start(&scratch.path("pg"), PostgresOptions::default()).await.unwrap();
    postgres.sql("postgres", "create table line (t text)").await.unwrap();
    for turn in 0..3 {
        postgres.sql("postgres", &format!("insert into line values ('{turn}')")).await.unwrap();
        postgres.kill().await;
        assert_eq!(processes_under(scratch.root()), Vec::<String>::new());
        assert!(scratch.path("pg/data/postmaster.pid").exists(), "a kill leaves the process id behind");
        postgres.restart().await.unwrap();
    }
    assert_eq!(postgres.sql("postgres", "select string_agg(t, '' order by t) from line").await.unwrap(), "012");
}

#[tokio::test]
async fn the_record_settings_are_on_and_the_server_is_closed_to_others() {
    let scratch = Scratch::new();
    let postgres = Postgres::start(&scratch.path("pg"), PostgresOptions::default()).await.unwrap();
    let settings = "select string_agg(current_setting(s), ' ') from unnest(array['fsync', 'synchronous_commit', 'full_page_writes',
                    'data_checksums', 'server_encoding', 'listen_addresses', 'max_connections', 'shared_buffers']) s";
    assert_eq!(postgres.sql("postgres", settings).await.unwrap(), "on on on on UTF8 127.0.0.1 300 128MB");
    let rules = "select string_agg(distinct auth_method, ' ') from pg_hba_file_rules";
    assert_eq!(postgres.sql("postgres", rules).await.unwrap(), "scram-sha-256");

    let password = fs::metadata(scratch.path("pg/password")).unwrap();
    assert_eq!(password.mode() & 0o777, 0o600);
    assert_eq!(fs::metadata(scratch.path("pg")).unwrap().mode() & 0o777, 0o700);
    let secret = fs::read_to_string(scratch.path("pg/password")).unwrap();
    assert!(!format!("{postgres:?}").contains(&secret), "the password is not printed");
}

#[tokio::test]
async fn a_role_logs_in_with_its_address_and_a_wrong_password_does_not() {
    let scratch = Scratch::new();
    let postgres = Postgres::start(&scratch.path("pg"), PostgresOptions::default()).await.unwrap();
    postgres.create_role("hub_app").await.unwrap();
    postgres.create_role("hub_app").await.expect("making it twice changes nothing");

    let whoami = |url: String| {
        let mut psql = Command::new("psql");
        psql.args(["-XAtw", "-c", "select current_user, rolsuper from pg_roles where rolname = current_user"]).arg(url);
        String::from_utf8(psql.output().unwrap().stdout).unwrap().trim().to_owned()
    };
    assert_eq!(whoami(postgres.url("postgres", "hub_app")), "hub_app|f");
    assert_eq!(whoami(postgres.url("postgres", OWNER)), "hub_owner|t");
    assert_eq!(whoami(format!("postgres://hub_app:guess@127.0.0.1:{}/postgres", postgres.port())), "");
}

#[tokio::test]
async fn a_setting_for_a_test_wins_over_the_usual_one() {
    let scratch = Scratch::new();
    let options = PostgresOptions { settings: vec!["synchronous_commit=off".to_owned()], ..PostgresOptions::default() };
    let postgres = Postgres::start(&scratch.path("pg"), options).await.unwrap();
    assert_eq!(postgres.sql("postgres", "show synchronous_commit").await.unwrap(), "off");
}

#[tokio::test]
async fn nats_answers_after_a_stop_and_after_a_kill_on_the_same_ports() {
    let scratch = Scratch::new();
    let mut nats = Nats::start(&scratch.path("nats"), NatsOptions::default()).await.unwrap();
    let addresses = (nats.url(), nats.monitor_url());
    assert!(support::get(&nats.monitor_url(), "/jsz?config=true").contains("\"sync_always\": true"));

    nats.stop().await;
    assert_eq!(processes_under(scratch.root()), Vec::<String>::new());
    nats.restart().await.unwrap();
    nats.kill().await;
    assert!(!nats.is_running());
    nats.restart().await.unwrap();

    assert_eq!((nats.url(), nats.monitor_url()), addresses);
    assert!(support::get(&nats.monitor_url(), "/varz").contains("\"max_payload\": 1048576"));
}

#[tokio::test]
async fn a_stream_outlives_a_kill_and_a_wiped_store_has_none() {
    let scratch = Scratch::new();
    let mut nats = Nats::start(&scratch.path("nats"), NatsOptions::default()).await.unwrap();
    let made = support::request(&nats.url(), "$JS.API.STREAM.CREATE.S", r#"{"name":"S","subjects":["s"],"storage":"file"}"#);
    assert!(made.contains("\"created\""), "{made}");
    assert!(support::request(&nats.url(), "s", "kept").contains("\"seq\":1"));

    nats.kill().await;
    nats.restart().await.unwrap();
    assert!(support::request(&nats.url(), "$JS.API.STREAM.INFO.S", "").contains("\"messages\":1"));

    nats.wipe_store().await.unwrap();
    nats.restart().await.unwrap();
    assert!(support::request(&nats.url(), "$JS.API.STREAM.INFO.S", "").contains("stream not found"));
}

#[tokio::test]
async fn a_badly_set_nats_can_be_had_for_the_test_that_refuses_it() {
    let scratch = Scratch::new();
    let options = NatsOptions { sync_always: false, ..NatsOptions::default() };
    let nats = Nats::start(&scratch.path("nats"), options).await.unwrap();
    assert!(!support::get(&nats.monitor_url(), "/jsz?config=true").contains("\"sync_always\": true"));
}

#[tokio::test]
async fn a_taken_port_is_said_with_what_to_do() {
    let scratch = Scratch::new();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();

    let options = PostgresOptions { port: Some(port), ..PostgresOptions::default() };
    let postgres = Postgres::start(&scratch.path("pg"), options).await.unwrap_err();
    let options = NatsOptions { monitor_port: Some(port), ..NatsOptions::default() };
    let nats = Nats::start(&scratch.path("nats"), options).await.unwrap_err();

    let says =
        |program| format!("port {port} on 127.0.0.1 is taken, so {program} cannot start: stop what listens there, or choose another port");
    assert_eq!(postgres.to_string(), says("PostgreSQL"));
    assert_eq!(nats.to_string(), says("nats-server"));
}

#[tokio::test]
async fn a_port_taken_while_the_server_was_down_is_said_at_its_restart() {
    let scratch = Scratch::new();
    let mut nats = Nats::start(&scratch.path("nats"), NatsOptions::default()).await.unwrap();
    let port: u16 = nats.url().rsplit_once(':').unwrap().1.parse().unwrap();
    nats.stop().await;
    let _taken = TcpListener::bind(("127.0.0.1", port)).unwrap();
    let error = nats.restart().await.unwrap_err();
    assert!(matches!(error, EmbeddedError::PortInUse { program: "nats-server", port: at } if at == port), "{error}");
}

#[tokio::test]
async fn a_directory_has_one_living_user() {
    let scratch = Scratch::new();
    let mut first = Stack::start(scratch.root()).await.unwrap();
    let second = Stack::start_with(scratch.root(), StackOptions::default()).await.unwrap_err();
    assert!(matches!(second, EmbeddedError::InUse { .. }), "{second}");
    assert_eq!(first.postgres.sql("postgres", "select 1").await.unwrap(), "1", "the first one is left alone");
    first.stop().await;
    drop(first);
    Stack::start(scratch.root()).await.expect("free again");
}

#[tokio::test]
async fn dropping_the_servers_leaves_no_process() {
    let scratch = Scratch::new();
    let stack = Stack::start(scratch.root()).await.unwrap();
    assert!(processes_under(scratch.root()).len() >= 2);
    drop(stack);
    assert_eq!(processes_under(scratch.root()), Vec::<String>::new());
}

#[tokio::test]
async fn data_of_a_version_that_is_not_installed_are_refused_by_number() {
    let scratch = Scratch::new();
    fs::create_dir_all(scratch.path("pg/data")).unwrap();
    fs::write(scratch.path("pg/data/PG_VERSION"), "9\n").unwrap();
    let error = Postgres::start(&scratch.path("pg"), PostgresOptions::default()).await.unwrap_err();
    assert!(matches!(error, EmbeddedError::OtherVersion { made_by: 9, .. }), "{error}");
}

#[tokio::test]
async fn when_the_program_is_killed_its_servers_stop_and_the_next_start_finds_the_data() {
    let scratch = Scratch::new();
    let mut program = support::run_in_another_process(scratch.root());
    assert!(processes_under(scratch.root()).len() >= 2);

    program.kill();
    let mut stack = Stack::start(scratch.root()).await.unwrap();
    assert_eq!(stack.postgres.sql("postgres", "select t from line").await.unwrap(), "kept");
    stack.stop().await;
    drop(stack);

    let mut program = support::run_in_another_process(scratch.root());
    program.kill();
    eventually("the servers stop by themselves", || processes_under(scratch.root()).is_empty()).await;
}

/// Not a test of its own: the program that the test above kills.
#[tokio::test]
#[ignore = "run as another process by the test of a killed program"]
async fn the_program_that_is_killed() {
    let root = std::env::var_os("HUB_EMBEDDED_ROOT").expect("the directory");
    let stack = Stack::start(root.as_ref()).await.unwrap();
    stack.postgres.sql("postgres", "create table if not exists line as select 'kept' as t").await.unwrap();
    fs::write(std::path::Path::new(&root).join("ready"), "").unwrap();
    std::future::pending::<()>().await;
}
