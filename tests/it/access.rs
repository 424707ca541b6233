//! Who may do what (T35): the policies say what a second table by hand says, and the running hub does what a reviewed table says.

mod reality;
mod table;

use std::collections::{BTreeMap, BTreeSet};

use hub::POLICIES;
use hub_tests::storm::chance::{Chance, seed};
use kernel::Role;
use service_kit::{
    Access,
    access::{Purpose, Thing, Who},
};
use testkit::TestHub;
use tokio::time::Instant;

use self::table::{RECORDS, addresses, may, service_of};
use crate::openapi::routes;

const ROLES: [Role; 11] = [
    Role::Referrer,
    Role::DutyWorker,
    Role::DutyManager,
    Role::HeadOfService,
    Role::Director,
    Role::ProcedureAuthor,
    Role::BoardApprover,
    Role::BoardAuditor,
    Role::BoroughSystem,
    Role::HubOperator,
    Role::Hub,
];

const BOROUGHS: [&str; 3] = ["E08000003", "E08000004", "E08000006"];

const ORGS: [&str; 7] = ["E08000003", "E08000004", "E08000006", "RM301", "RW602", "board", "hub"];

/// How many requests are asked.
const REQUESTS: usize = 100_000;

/// Some of them, each once in so many times.
fn some(chance: &mut Chance, times: u64, of: &[&str]) -> BTreeSet<String> {
    of.iter().filter(|_| chance.one_in(times)).map(|one| (*one).to_owned()).collect()
}

/// Anybody, also somebody with roles that their organisation does not have.
fn anybody(chance: &mut Chance) -> Who {
    let mut roles = BTreeSet::from([*chance.pick(&ROLES)]);
    while chance.one_in(3) {
        roles.insert(*chance.pick(&ROLES));
    }
    if chance.one_in(20) {
        roles.clear();
    }
    let id = if chance.one_in(4) { "service:intake".to_owned() } else { format!("p-{}", chance.below(4)) };
    Who { id, org: chance.pick(&ORGS).parse().unwrap(), roles, acts_for: some(chance, 3, &BOROUGHS) }
}

fn anything(chance: &mut Chance, kind: &'static str) -> Thing {
    let names: &[&str] = match kind {
        "Referral" => &["answers", "homes", "shared", "raised_by"],
        "Transfer" => &["parties", "followers", "conflicts"],
        "Chronology" => &["concerns"],
        _ => &[],
    };
    let of = |name: &str| -> &[&str] { if name == "conflicts" { &["p-0", "p-1", "p-2"] } else { &ORGS } };
    Thing { kind, relations: names.iter().map(|name| (*name, some(chance, 4, of(name)))).collect() }
}

/// A request: mostly to an address or a record of the service, sometimes to what is not its own.
fn request(chance: &mut Chance, addresses: &[&'static str]) -> (&'static str, &'static str, Thing) {
    let (service, action, kind) = if chance.one_in(2) {
        *chance.pick(&RECORDS)
    } else {
        let address = *chance.pick(addresses);
        (service_of(address), address, "Service")
    };
    let elsewhere = chance.one_in(50);
    let service = if elsewhere { *chance.pick(&["intake", "transfers", "procedures", "audit", "lookup"]) } else { service };
    let kind = if chance.one_in(50) { *chance.pick(&["Service", "Referral", "Transfer", "Chronology"]) } else { kind };
    (service, action, anything(chance, kind))
}

/// By service and kind of thing: how often it was a yes and how often a no.
type Answers = BTreeMap<(&'static str, &'static str), (usize, usize)>;

/// Asks both; stops at the first difference.
fn ask(access: &Access, mut chance: Chance, requests: usize) -> Answers {
    let addresses: Vec<&'static str> = addresses().into_iter().collect();
    let mut answers = Answers::new();
    for number in 0..requests {
        let (who, (service, action, thing)) = (anybody(&mut chance), request(&mut chance, &addresses));
        let purpose = if chance.one_in(4) { Purpose::BreakGlass } else { Purpose::Work };
        let is = access.permits(service, &who, (action, purpose), &thing);
        assert_eq!(is, may(service, &who, (action, purpose), &thing), "{number}: {who:?} {action} {purpose:?} {thing:?}");
        let (yes, no) = answers.entry((service, thing.kind)).or_default();
        *if is { yes } else { no } += 1;
    }
    answers
}

#[test]
fn cedar_answers_100_000_random_requests_as_the_table_by_hand() {
    let seed = seed();
    println!("access: HUB_SEED={seed}");
    let (access, mut chance, began) = (Access::new(&POLICIES).unwrap(), Chance::new(seed), Instant::now());
    let (one, other) = (chance.fork(), chance.fork());
    let [mut answers, others] = std::thread::scope(|scope| {
        let asking = [one, other].map(|chance| scope.spawn(|| ask(&access, chance, REQUESTS / 2)));
        asking.map(|asking| asking.join().unwrap())
    });
    for (what, (yes, no)) in others {
        let sum = answers.entry(what).or_default();
        *sum = (sum.0 + yes, sum.1 + no);
    }
    let asked: usize = answers.values().map(|(yes, no)| yes + no).sum();
    let took = began.elapsed();
    let each = took.as_micros() * 2 / REQUESTS as u128;
    println!(
        "access: {asked} requests in {:.1} s, {each} us of one thread each, the table by hand included: {answers:?}",
        took.as_secs_f32()
    );
    assert_eq!(asked, REQUESTS);
    for known in RECORDS.iter().map(|(service, _, kind)| (*service, *kind)).chain([("procedures", "Service"), ("intake", "Service")]) {
        assert!(answers[&known].0 > 100 && answers[&known].1 > 100, "{known:?} was hardly asked: {answers:?}");
    }
}

/// The addresses that the policies know.
fn in_the_policies() -> BTreeSet<&'static str> {
    let quoted = |line: &'static str| line.trim().strip_prefix('"')?.split('"').next();
    POLICIES.iter().flat_map(|policy| policy.schema.lines()).filter_map(quoted).filter(|word| word.contains(" /api/")).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_address_of_every_service_is_in_the_table_and_in_the_policy() {
    let hub = TestHub::start("access-addresses").await;
    let mut known = BTreeSet::new();
    for service in hub.stand.plan.services(&[]).await.unwrap() {
        // Checkpoints are for everybody, without a token.
        known.extend(routes(&service.router).into_iter().filter(|route| !route.contains("/checkpoint")));
    }
    assert!(known.len() > 150, "{}", known.len());
    let known: BTreeSet<&str> = known.iter().map(String::as_str).collect();
    let (table, policy) = (addresses(), in_the_policies());
    let lacks = |of: &BTreeSet<&str>, others: &BTreeSet<&str>| of.difference(others).map(|one| (*one).to_owned()).collect::<Vec<_>>();
    assert_eq!(lacks(&known, &policy), Vec::<String>::new(), "addresses that no policy knows: they answer 403 to everybody");
    assert_eq!(lacks(&known, &table), Vec::<String>::new(), "addresses that are not in the table by hand");
    assert_eq!(lacks(&policy, &known), Vec::<String>::new(), "addresses in a policy that no router has");
    assert_eq!(lacks(&table, &known), Vec::<String>::new(), "addresses in the table that no router has");
    let access = Access::new(&POLICIES).unwrap();
    for address in table {
        let opened = ROLES.iter().any(|role| {
            ORGS.iter().any(|org| {
                let who = Who {
                    id: "service:intake".to_owned(),
                    org: org.parse().unwrap(),
                    roles: BTreeSet::from([*role]),
                    acts_for: BTreeSet::new(),
                };
                access.permits(service_of(address), &who, (address, Purpose::Work), &Thing::ADDRESS)
            })
        });
        assert!(opened, "{address} is open to nobody");
    }
    hub.finish().await;
}
