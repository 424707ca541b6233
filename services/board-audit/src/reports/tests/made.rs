//! Made-up logs of intake and case transfer, in the shape in which they are published.

use jiff::SignedDuration;
use kernel::Timestamp;
use proto_events::{Envelope, PublicActor, Published, intake::Intake, transfers::Item, transfers::Transfers};
use sqlx::PgPool;
use uuid::Uuid;

use crate::record::write;

const BOROUGHS: [&str; 5] = ["E08000003", "E08000006", "E08000009", "E08000001", "E08000010"];
const REASONS: [&str; 6] = ["not_our_area", "no_such_child_here", "already_with_another", "below_threshold", "unsafe_to_move_now", "other"];
const OUTCOMES: [&str; 5] = ["immediate_protection", "section_47_enquiry", "child_in_need_assessment", "early_help", "no_further_action"];

/// Numbers that look random and are the same for the same seed.
pub(super) struct Made {
    state: u64,
    /// The events of both services with their times, before they have positions.
    intake: Vec<(Timestamp, Intake)>,
    transfers: Vec<(Timestamp, Transfers)>,
}

impl Made {
    pub(super) fn new(seed: u64) -> Self {
        Self { state: seed, intake: vec![], transfers: vec![] }
    }

    fn below(&mut self, most: u64) -> u64 {
        self.state = self.state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut word = self.state;
        word = (word ^ (word >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        word = (word ^ (word >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (word ^ (word >> 31)) % most
    }

    fn one<'a>(&mut self, of: &[&'a str]) -> &'a str {
        of[usize::try_from(self.below(of.len() as u64)).unwrap()]
    }

    fn chance(&mut self, percent: u64) -> bool {
        self.below(100) < percent
    }

    fn later(&mut self, at: Timestamp, most_minutes: u64) -> Timestamp {
        at + SignedDuration::from_secs(i64::try_from(self.below(most_minutes * 60)).unwrap())
    }

    /// So many handovers with about as many referrals, over three years.
    pub(super) async fn fill(mut self, pool: &PgPool, many: u64) {
        let start: Timestamp = "2024-01-01T00:00:00Z".parse().unwrap();
        for number in 0..many {
            let begins = self.later(start, 3 * 365 * 24 * 60 - 60 * 24 * 60);
            self.handover(number, begins);
            let received = self.later(start, 3 * 365 * 24 * 60 - 60 * 24 * 60);
            self.referral((number, many), received);
        }
        for pair in 0..many / 10 {
            let (child, other) = (child(self.below(many / 2)), child(self.below(many / 2)));
            let at = self.later(start, 1_000_000);
            if child != other {
                self.intake.push((at, Intake::ChildrenLinked { child: child.clone(), other: other.clone() }));
                if pair % 3 == 0 {
                    self.intake.push((at + SignedDuration::from_hours(1), Intake::ChildrenUnlinked { child, other }));
                }
            }
        }
        let (mut intake, mut transfers) = (std::mem::take(&mut self.intake), std::mem::take(&mut self.transfers));
        intake.sort_by_key(|(at, _)| *at);
        transfers.sort_by_key(|(at, _)| *at);
        take(pool, "intake", &intake).await;
        take(pool, "transfers", &transfers).await;
    }

    fn handover(&mut self, number: u64, at: Timestamp) {
        let (from, to) = (self.one(&BOROUGHS), self.one(&BOROUGHS));
        let transfer = transfer(number);
        let decide_by = at + SignedDuration::from_hours(1);
        let items = vec![Item { child: child(number), duties: vec!["emergency_action".to_owned()] }];
        let priority = self.one(&["P1", "P2", "P3", "P4"]).to_owned();
        let (from, to) = (from.to_owned(), to.to_owned());
        let offered = Transfers::TransferOffered {
            transfer: transfer.clone(),
            from: from.clone(),
            to: to.clone(),
            priority,
            items,
            seen_by: at,
            decide_by,
            edition: 1,
        };
        self.transfers.push((at, offered));
        let mut steps: Vec<(&str, Option<String>)> = vec![("delivered", None)];
        for level in 1..=self.below(5) {
            steps.push(("escalated", Some(format!("level_{level}{}", if level % 2 == 0 { "" } else { "_seen_by" }))));
        }
        if self.chance(90) {
            steps.push(("seen", None));
        }
        match self.below(10) {
            0..5 => steps.extend([(if self.chance(20) { "accepted_elsewhere" } else { "accepted" }, None), ("received", None)]),
            5..7 => steps.push(("declined", Some(self.one(&REASONS).to_owned()))),
            7 => steps.push(("withdrawn", None)),
            _ => {}
        }
        if self.chance(25) {
            steps.extend([("dispute_opened", Some("by_manager".to_owned())), ("dispute_settled", None)]);
        }
        if self.chance(50) {
            steps.push(("handed_over", None));
        }
        // The number before this one is what it handed back.
        if self.chance(15) && number > 0 {
            steps.push(("handed_back", Some(self::transfer(number - 1))));
        }
        let mut now = at;
        for (step, code) in steps {
            now = self.later(now, 50);
            let (transfer, from, to) = (transfer.clone(), from.clone(), to.clone());
            let changed = Transfers::TransferChanged { transfer, children: vec![child(number)], from, to, step: step.to_owned(), code };
            self.transfers.push((now, changed));
        }
        for what in ["night_case.due", "night_case.escalated"] {
            if self.chance(40) {
                let borough = Some(self.one(&BOROUGHS).to_owned());
                let noted = Transfers::Noted { what: what.to_owned(), children: vec![child(number)], borough, circumstance: None };
                self.transfers.push((now, noted));
            }
        }
    }

    fn referral(&mut self, (number, many): (u64, u64), at: Timestamp) {
        let owner = self.one(&BOROUGHS).to_owned();
        let referral = referral(number);
        let mut children = vec![child(self.below(many / 2))];
        if self.chance(20) {
            let sibling = child(self.below(many / 2));
            if sibling != children[0] {
                children.push(sibling);
            }
        }
        let decide_by = at + SignedDuration::from_hours(24);
        let received = Intake::ReferralReceived {
            referral: referral.clone(),
            children: children.clone(),
            owner: owner.clone(),
            home: None,
            received_at: at,
            decide_by,
            out_of_hours: false,
            edition: 1,
            filled: vec![],
        };
        self.intake.push((at, received));
        let later = self.later(at, 40 * 60);
        if self.chance(20) {
            let level = u8::try_from(1 + self.below(4)).unwrap();
            let overdue = Intake::DecisionOverdue { referral: referral.clone(), children: children.clone(), borough: owner.clone(), level };
            self.intake.push((later, overdue));
        }
        match self.below(20) {
            0..15 => {
                let outcome = self.one(&OUTCOMES).to_owned();
                self.intake
                    .push((later, Intake::ReferralDecided { referral, children, borough: owner, outcome, edition: 1, read: vec![] }));
            }
            15..17 => {
                let with = self::referral(number / 2);
                self.intake.push((later, Intake::ReferralJoined { referral, children, with, borough: owner }));
            }
            17 => self.intake.push((later, Intake::ReferralWithdrawn { referral, children, borough: owner })),
            _ => {}
        }
    }
}

pub(super) fn child(number: u64) -> String {
    format!("chd_{number:032x}")
}

fn transfer(number: u64) -> String {
    format!("trf_{number:032x}")
}

fn referral(number: u64) -> String {
    format!("ref_{number:032x}")
}

/// Writes a log down as the inbox does.
pub(crate) async fn take<P: Published>(pool: &PgPool, source: &'static str, events: &[(Timestamp, P)]) {
    let envelope = |(position, (at, event)): (i64, &(Timestamp, P))| Envelope {
        specversion: "1.0".to_owned(),
        id: Uuid::from_u128(u128::try_from(position).unwrap() + if source == "intake" { 1 << 64 } else { 1 << 65 }),
        source: format!("/hub/{source}"),
        kind: format!("uk.hub.{source}.{}.v1", event.kind()),
        subject: "made-up".to_owned(),
        time: *at,
        occurredat: *at,
        datacontenttype: "application/json".to_owned(),
        position,
        leafhash: "00".repeat(32),
        traceid: "0".repeat(32),
        causation: None,
        actor: PublicActor { id: "somebody".to_owned(), org: BOROUGHS[0].to_owned(), role: "duty_worker".to_owned() },
        children: event.children(),
        data: serde_json::to_value(event).unwrap(),
    };
    let envelopes: Vec<Envelope> = (1_i64..).zip(events).map(envelope).collect();
    for batch in envelopes.chunks(500) {
        let mut transaction = pool.begin().await.unwrap();
        write(&mut transaction, source, batch).await.unwrap();
        bus::step(&mut transaction, source, batch[0].position - 1, batch[batch.len() - 1].position).await.unwrap();
        transaction.commit().await.unwrap();
    }
}
