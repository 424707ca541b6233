//! What it costs to ask the policies.

use std::{collections::BTreeSet, time::Instant};

use hub::POLICIES;
use kernel::Role;
use service_kit::{
    Access,
    access::{Purpose, Thing, Who},
};

use crate::report;

/// How often each is asked.
const ASKED: u32 = 100_000;

pub(crate) fn run() {
    let began = Instant::now();
    let access = Access::new(&POLICIES).expect("whole policies");
    report("the policies of all services read and checked, once at the start", "ms", (began.elapsed().as_secs_f64() * 1e3, 0.0), "-");
    let codes = |of: &[&str]| of.iter().map(|one| (*one).to_owned()).collect::<BTreeSet<_>>();
    let org = "E08000003".parse().expect("a borough");
    let desk = Who { id: "p-1".to_owned(), org, roles: BTreeSet::from([Role::DutyWorker]), acts_for: codes(&["E08000003"]) };
    let door = each(|| access.permits("transfers", &desk, ("get /api/transfers/{id}", Purpose::Work), &Thing::ADDRESS));
    report("one decision of the policy about an address", "us", (door, 0.0), "<= 100");
    let relations = vec![("parties", codes(&["E08000003", "E08000006"])), ("followers", codes(&["RM301"])), ("conflicts", codes(&["p-2"]))];
    let transfer = Thing { kind: "Transfer", relations };
    let record = each(|| access.permits("transfers", &desk, ("read sheet", Purpose::Work), &transfer));
    report("one decision of the policy about a record", "us", (record, 0.0), "<= 100");
}

/// How many microseconds one takes.
fn each(ask: impl Fn() -> bool) -> f64 {
    let began = Instant::now();
    for _ in 0..ASKED {
        assert!(ask(), "it is permitted");
    }
    began.elapsed().as_secs_f64() * 1e6 / f64::from(ASKED)
}
