//! T0: the history checker is itself tested first. It judges 12 planted histories that are right and 12 that are wrong, each
//! after a round through the file format.

#![expect(clippy::unwrap_used, reason = "helpers of tests")]

mod bad;
mod good;

use std::collections::BTreeMap;

use hub_tests::history::{Copied, Fact, Fault, History, Kept, Line, Record, Stored, check};

/// A history and what is stored, planted step by step.
#[derive(Default)]
struct Plant {
    at: u64,
    lines: Vec<Line>,
    record: Record,
}

const LEDGER: &str = "transfers";
const DUTY: &str = "emergency_action";

/// The borough that `sue`, `raj` and the like work for: the first letter stands for the borough.
fn org(person: &str) -> String {
    person.chars().take(1).collect()
}

impl Plant {
    fn tick(&mut self) -> u64 {
        self.at += 10;
        self.at
    }

    fn asks(mut self, person: &str, key: &str) -> Self {
        let at = self.tick();
        let (service, key, principal) = (LEDGER.to_owned(), key.to_owned(), person.to_owned());
        self.lines.push(Line::Invoke { at, client: 1, service, trace: format!("trace-{key}"), key, principal, what: "POST".to_owned() });
        self
    }

    fn acknowledged(mut self, key: &str, position: i64) -> Self {
        let at = self.tick();
        self.lines.push(Line::Ok { at, client: 1, key: key.to_owned(), position, adds: true });
        self
    }

    /// Acknowledged as having been so already.
    fn no_news(mut self, key: &str, position: i64) -> Self {
        let at = self.tick();
        self.lines.push(Line::Ok { at, client: 1, key: key.to_owned(), position, adds: false });
        self
    }

    fn refused(mut self, key: &str) -> Self {
        let at = self.tick();
        self.lines.push(Line::Fail { at, client: 1, key: key.to_owned(), status: 409 });
        self
    }

    fn unknown(mut self, key: &str) -> Self {
        let at = self.tick();
        self.lines.push(Line::Unknown { at, client: 1, key: key.to_owned() });
        self
    }

    fn looks(mut self, look: u64) -> Self {
        let at = self.tick();
        self.lines.push(Line::Look { at, client: 2, look, child: "c".to_owned(), duty: DUTY.to_owned() });
        self
    }

    fn saw(mut self, look: u64, holder: &str, stale: bool) -> Self {
        let at = self.tick();
        self.lines.push(Line::Saw { at, client: 2, look, holder: Some(holder.to_owned()), stale });
        self
    }

    fn row(mut self, position: i64, person: &str, key: &str, fact: Fact) -> Self {
        let row = Stored { position, trace: format!("trace-{key}"), actor: person.to_owned(), org: org(person), fact };
        self.record.logs.entry(LEDGER.to_owned()).or_default().push(row);
        self
    }

    fn receipt(mut self, person: &str, key: &str, position: i64) -> Self {
        let (service, principal, key) = (LEDGER.to_owned(), person.to_owned(), key.to_owned());
        self.record.receipts.push(Kept { service, principal, key, position });
        self
    }

    /// A command that is asked, recorded and acknowledged.
    fn done(self, person: &str, key: &str, position: i64, fact: Fact) -> Self {
        self.asks(person, key).row(position, person, key, fact).receipt(person, key, position).acknowledged(key, position)
    }

    fn copied(mut self, positions: &[i64]) -> Self {
        self.record.copies.push(Copied { by: "audit".to_owned(), service: LEDGER.to_owned(), positions: positions.to_vec() });
        self
    }

    fn referred(mut self, child: &str) -> Self {
        let fact = Fact::Referred(vec![child.to_owned()]);
        let row = Stored { position: 1, trace: "referral".to_owned(), actor: "nurse".to_owned(), org: "n".to_owned(), fact };
        self.record.logs.insert("intake".to_owned(), vec![row]);
        self
    }

    fn judge(self) -> Vec<Fault> {
        let history = History(self.lines);
        let read = History::parse(&history.to_text().unwrap()).unwrap();
        assert_eq!(read, history, "a history is read as it was written");
        check(&read, &self.record)
    }
}

fn opened(holder: &str) -> Fact {
    Fact::Opened { child: "c".to_owned(), duty: DUTY.to_owned(), holder: holder.to_owned() }
}

fn moved(from: &str, to: &str) -> Fact {
    Fact::Moved { child: "c".to_owned(), duty: DUTY.to_owned(), from: from.to_owned(), to: to.to_owned() }
}

fn ended(holder: &str) -> Fact {
    Fact::Ended { child: "c".to_owned(), duty: DUTY.to_owned(), holder: holder.to_owned() }
}

/// What a fault is called in the list of what was planted.
fn name(fault: &Fault) -> &'static str {
    match fault {
        Fault::Lost { .. } => "lost",
        Fault::Duplicate { .. } => "duplicate",
        Fault::RefusedButRecorded { .. } => "refused but recorded",
        Fault::Unresolved { .. } => "unresolved",
        Fault::OutOfOrder { .. } => "out of order",
        Fault::TwoHolders { .. } => "two holders",
        Fault::NoHolder { .. } => "no holder",
        Fault::MovedByStranger { .. } => "moved by a stranger",
        Fault::Skipped { .. } => "skipped",
        Fault::CopySkipped { .. } => "copy skipped",
        Fault::StaleShownAsFresh { .. } => "stale shown as fresh",
        Fault::ViewDiffers { .. } => "view differs",
    }
}

#[test]
fn the_checker_finds_nothing_in_12_good_histories() {
    let good = good::histories();
    assert_eq!(good.len(), 12);
    for (what, plant) in good {
        assert_eq!(plant.judge(), vec![], "{what}");
    }
}

#[test]
fn the_checker_names_the_one_fault_of_each_of_12_bad_histories() {
    let bad = bad::histories();
    assert_eq!(bad.len(), 12);
    for (what, expected, plant) in bad {
        let found = plant.judge();
        assert_eq!(found.iter().map(name).collect::<Vec<_>>(), vec![expected], "{what}: {found:?}");
    }
}

#[test]
fn the_checker_knows_no_fault_that_was_not_planted() {
    let mut planted: BTreeMap<&str, u32> = BTreeMap::new();
    for (_, expected, _) in bad::histories() {
        *planted.entry(expected).or_default() += 1;
    }
    assert_eq!(planted.len(), 12, "one history for each kind of fault: {planted:?}");
}
