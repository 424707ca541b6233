//! The limit: what PostgreSQL itself does on this machine, by pgbench.

use std::process::Command;

use embedded::{OWNER, Postgres};

use crate::SPAN;

/// One-row inserts a second from so many clients, each its own commit.
pub(crate) async fn one_row_inserts(postgres: &Postgres, clients: u32) -> f64 {
    let name = format!("limit_{clients}");
    postgres.create_database(&name).await.expect("the database is made");
    let table = "create table t (id bigint generated always as identity primary key, data bytea not null)";
    postgres.sql(&name, table).await.expect("the table is made");
    let script = std::env::temp_dir().join(format!("hub-bench-{}.sql", std::process::id()));
    std::fs::write(&script, "insert into t (data) values (decode(repeat('78', 400), 'hex'));\n").expect("the script is written");
    let programs = embedded::postgresql(None).expect("PostgreSQL is there");
    let output = Command::new(programs.bin.join("pgbench"))
        .args(["-n", "-M", "prepared", "-c", &clients.to_string(), "-j", "2", "-T", &SPAN.as_secs().to_string()])
        .arg("-f")
        .arg(&script)
        .arg(postgres.url(&name, OWNER))
        .output()
        .expect("pgbench runs");
    std::fs::remove_file(&script).expect("the script is removed");
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let tps = text.lines().find_map(|line| line.strip_prefix("tps = ")?.split(' ').next()?.parse().ok());
    tps.unwrap_or_else(|| panic!("pgbench said: {text} {}", String::from_utf8_lossy(&output.stderr)))
}
