//! What is written down for people to read.

use std::path::PathBuf;

use super::record::Step;

const HEAD: &str = "# A public record, replayed\n\n\
    The contacts of services with Victoria Climbié, aged seven and eight, from April 1999 to February 2000, after the public inquiry\n\
    (Cm 5730, 2003). Each step first says what the record says, then what this hub would have shown, refused or escalated. Every line\n\
    under “Hub” was asserted by the test `public_record_replay` while the steps were played through the HTTP API of all services.\n\n\
    Read it with care. Steps marked *low* or *medium* are not fully confirmed; the sources are in `tests/data/climbie.json`. Times of\n\
    day are made up, since the record has none, and where somebody has to open a history or say that two records are one child before\n\
    anything can go on, the replay lets them; the record does not say that anybody did. People are roles. The procedures are those of the hub’s first edition with the bank\n\
    holidays of 1999 and 2000; nothing of them was in force then. That a thing would have been shown does not say that it would have\n\
    been acted on: the hub decides nothing.\n";

/// The report as it grows.
pub(super) struct Report(String);

impl Report {
    pub(super) fn new() -> Self {
        Self(HEAD.to_owned())
    }

    /// Begins a step.
    pub(super) fn step(&mut self, step: &Step) {
        let heading = format!("\n## {}. {}, {}\n\n", step.n, step.day().strftime("%-d %B %Y"), step.actor_org);
        let record = [&step.summary, &step.done].map(String::as_str).join(" ");
        self.add(&heading);
        self.add(&format!(
            "**Record** ({}; {}, confidence {}). {}",
            step.place,
            step.action.replace('_', " "),
            step.confidence,
            record.trim()
        ));
        if !step.not_done.is_empty() {
            self.add(&format!(" *Not done:* {}", step.not_done));
        }
        self.add("\n\n");
    }

    /// Something that the hub showed, refused or escalated.
    pub(super) fn hub(&mut self, text: &str) {
        self.add(&format!("- **Hub.** {text}\n"));
    }

    /// A step that is no contact with the hub.
    pub(super) fn outside(&mut self, why: &str) {
        self.add(&format!("- Not a contact with the hub: {why}\n"));
    }

    /// The last part: the whole history as one list.
    pub(super) fn chronology(&mut self, lines: &[(String, String, String)]) {
        self.add("\n## One line of time\n\nWhat the board reads after persons have linked the records, without the looks at them.\n\n");
        self.add("| told | who | what |\n|---|---|---|\n");
        for same in lines.chunk_by(|one, next| one == next) {
            let Some((when, who, what)) = same.first() else { continue };
            let times = if same.len() > 1 { format!(" (×{})", same.len()) } else { String::new() };
            self.add(&format!("| {when} | {who} | {what}{times} |\n"));
        }
    }

    fn add(&mut self, text: &str) {
        self.0.push_str(text);
    }

    /// Writes it where `HUB_REPLAY_REPORT` says, or else under `target/tmp`.
    pub(super) fn write(&self) -> PathBuf {
        let default = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("public-record-replay.md");
        let path = std::env::var_os("HUB_REPLAY_REPORT").map_or(default, PathBuf::from);
        std::fs::write(&path, &self.0).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        path
    }
}
