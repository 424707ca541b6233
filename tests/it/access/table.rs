//! The table of who may do what, a second time and by hand: the policies in Cedar must give the same answer (T35, ADR 29).

use std::collections::BTreeSet;

use kernel::{Org, Role};
use service_kit::access::{Purpose, Thing, Who};

/// A kind of person.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Desk,
    Manager,
    Leader,
    HeadOfService,
    Referrer,
    System,
    Author,
    Approver,
    Auditor,
    Operator,
    HubService,
    SignedIn,
}

use Kind::{Approver, Auditor, Author, Desk, HeadOfService, HubService, Leader, Manager, Operator, Referrer, SignedIn, System};

impl Kind {
    fn is(self, who: &Who) -> bool {
        let holds = |roles: &[Role]| roles.iter().any(|role| who.roles.contains(role));
        match (self, &who.org) {
            (SignedIn, _) => true,
            (Desk, Org::Borough(_)) => holds(&[Role::DutyWorker, Role::DutyManager, Role::HeadOfService, Role::Director]),
            (Manager, Org::Borough(_)) => holds(&[Role::DutyManager, Role::HeadOfService, Role::Director]),
            (Leader, Org::Borough(_)) => holds(&[Role::HeadOfService, Role::Director]),
            (HeadOfService, Org::Borough(_)) => holds(&[Role::HeadOfService]),
            (Referrer, Org::Borough(_) | Org::Site(_)) => holds(&[Role::Referrer]),
            (System, Org::Borough(_)) => holds(&[Role::BoroughSystem]),
            (Author, Org::Borough(_) | Org::Board) => holds(&[Role::ProcedureAuthor]),
            (Approver, Org::Board) => holds(&[Role::BoardApprover]),
            (Auditor, Org::Board) => holds(&[Role::BoardAuditor]),
            (Operator, Org::Hub | Org::Board) => holds(&[Role::HubOperator]),
            (HubService, Org::Hub) => holds(&[Role::HubOperator]) && who.id.starts_with("service:"),
            (
                Desk | Manager | Leader | HeadOfService | Referrer | System | Author | Approver | Auditor | Operator | HubService,
                Org::Borough(_) | Org::Site(_) | Org::Board | Org::Hub,
            ) => false,
        }
    }
}

/// What is done to one record.
pub(super) const RECORDS: [(&str, &str, &str); 4] = [
    ("intake", "see referral", "Referral"),
    ("transfers", "know transfer", "Transfer"),
    ("transfers", "read sheet", "Transfer"),
    ("audit", "read chronology", "Chronology"),
];

/// The addresses of each service, by who may come there.
const ADDRESSES: &[(&[Kind], &[&str])] = &[
    (
        &[Desk],
        &[
            "post /api/intake/children/{id}/birth",
            "post /api/intake/children/{id}/links",
            "post /api/intake/children/{id}/unlinks",
            "post /api/intake/referrals/{id}/checks",
            "post /api/intake/referrals/{id}/cpis-checks",
            "post /api/intake/referrals/{id}/decisions",
            "post /api/intake/referrals/{id}/feedback",
            "post /api/intake/referrals/{id}/join",
            "post /api/intake/referrals/{id}/withholdings",
            "post /api/transfers",
            "post /api/transfers/break-glass/{id}/end",
            "post /api/transfers/break-glass/{id}/read",
            "post /api/transfers/children/{child_id}/birth",
            "post /api/transfers/children/{child_id}/break-glass",
            "post /api/transfers/children/{child_id}/duties/{duty}/end",
            "post /api/transfers/children/{child_id}/found",
            "post /api/transfers/children/{child_id}/missing",
            "post /api/transfers/children/{child_id}/night/take",
            "post /api/transfers/children/{child_id}/notices",
            "post /api/transfers/children/{child_id}/plan",
            "post /api/transfers/children/{child_id}/powers",
            "post /api/transfers/children/{child_id}/powers/end",
            "post /api/transfers/children/{child_id}/shield",
            "get /api/transfers/night-list",
            "post /api/transfers/{id}/accept",
            "post /api/transfers/{id}/agreements",
            "post /api/transfers/{id}/agreements/confirm",
            "post /api/transfers/{id}/answers",
            "post /api/transfers/{id}/close",
            "post /api/transfers/{id}/conditions/agree",
            "post /api/transfers/{id}/conflict",
            "post /api/transfers/{id}/corrections",
            "post /api/transfers/{id}/decline",
            "post /api/transfers/{id}/hand-back",
            "post /api/transfers/{id}/handover",
            "post /api/transfers/{id}/interim-plan",
            "post /api/transfers/{id}/keep",
            "post /api/transfers/{id}/open",
            "post /api/transfers/{id}/questions",
            "post /api/transfers/{id}/redirect",
            "post /api/transfers/{id}/withdraw",
        ],
    ),
    (
        &[Desk, Referrer],
        &[
            "post /api/intake/referrals/{id}/corrections",
            "post /api/intake/referrals/{id}/information",
            "post /api/intake/referrals/{id}/withdrawal",
            "post /api/transfers/{id}/escalate",
        ],
    ),
    (&[Desk, Referrer, System], &["get /api/intake/referrals", "post /api/intake/referrals"]),
    (
        &[Desk, Referrer, System, Author, Approver, Auditor],
        &[
            "get /api/procedures/drafts",
            "get /api/procedures/drafts/{id}",
            "get /api/procedures/drafts/{id}/difference",
            "get /api/procedures/drafts/{id}/faults",
        ],
    ),
    (&[Desk, Referrer, System, Auditor], &["get /api/transfers/children/{child_id}/notices", "get /api/transfers/{id}"]),
    (
        &[Desk, Referrer, Author, Approver, Auditor],
        &[
            "post /api/audit/learning",
            "get /api/audit/learning/mine",
            "post /api/procedures/drafts/{id}/comments",
            "post /api/procedures/fields/{name}/nominations",
            "post /api/procedures/forms/referral/sittings",
            "post /api/procedures/{procedure_id}/receipts",
        ],
    ),
    (
        &[Desk, Referrer, Auditor],
        &[
            "get /api/intake/referrals/{id}",
            "get /api/intake/referrals/{id}/history",
            "get /api/transfers/children/{child_id}/responsibility",
        ],
    ),
    (
        &[Desk, System],
        &[
            "get /api/intake/desks/{borough}/events",
            "get /api/transfers",
            "get /api/transfers/desks/{borough}/events",
            "post /api/transfers/{id}/received",
        ],
    ),
    (
        &[Desk, Auditor],
        &[
            "get /api/audit/chronologies/{child_id}",
            "get /api/audit/chronologies/{child_id}/pack",
            "get /api/audit/looks/{child_id}",
            "get /api/transfers/break-glass",
            "get /api/transfers/break-glass/{id}",
        ],
    ),
    (
        &[Manager],
        &[
            "put /api/transfers/desks/{borough}",
            "post /api/transfers/{id}/acceptance-elsewhere",
            "post /api/transfers/{id}/dispute",
            "post /api/transfers/{id}/settle",
        ],
    ),
    (&[Manager, Author, Approver, Auditor], &["get /api/audit/learning", "get /api/procedures/receipts/coverage"]),
    (&[Manager, Approver, Auditor], &["post /api/procedures/receipts/expected"]),
    (
        &[Manager, Auditor],
        &[
            "get /api/audit/alerts",
            "get /api/audit/reports",
            "get /api/audit/reports/{report}",
            "get /api/audit/reports/{report}/events",
            "post /api/transfers/break-glass/{id}/review",
        ],
    ),
    (&[Manager, Operator], &["get /api/audit/revocations", "post /api/audit/revocations", "post /api/audit/revocations/end"]),
    (&[Leader], &["post /api/procedures/variations", "post /api/procedures/variations/{id}/end"]),
    (&[Leader, Approver], &["post /api/procedures/drafts/{id}/approvals", "post /api/procedures/drafts/{id}/objections"]),
    (&[HeadOfService, Auditor], &["get /api/intake/retention", "get /api/transfers/retention"]),
    (&[System], &["post /api/transfers/{id}/delivered"]),
    (
        &[Author],
        &[
            "post /api/procedures/drafts",
            "post /api/procedures/drafts/{id}/comments/{number}/answer",
            "post /api/procedures/drafts/{id}/consultation",
            "post /api/procedures/drafts/{id}/document",
            "post /api/procedures/drafts/{id}/parts",
            "post /api/procedures/drafts/{id}/procedures",
            "post /api/procedures/drafts/{id}/removals",
            "post /api/procedures/drafts/{id}/submission",
            "get /api/procedures/questions",
            "post /api/procedures/questions/{id}/answer",
        ],
    ),
    (&[Author, Approver], &["post /api/procedures/drafts/{id}/withdrawal"]),
    (&[Author, Approver, Auditor], &["post /api/audit/learning/{learning_id}/procedures"]),
    (
        &[Approver],
        &[
            "post /api/procedures/drafts/{id}/schedule",
            "post /api/procedures/fields/{name}/nominations/{number}/answer",
            "put /api/transfers/board",
        ],
    ),
    (&[Approver, Auditor], &["get /api/procedures/variations/all"]),
    (
        &[Auditor],
        &[
            "get /api/audit/break-glass",
            "get /api/audit/break-glass/{id}/looks",
            "get /api/audit/dip-samples",
            "post /api/audit/dip-samples",
            "get /api/audit/dip-samples/{sample_id}",
            "get /api/audit/dip-samples/{sample_id}/cases/{case}",
            "post /api/audit/dip-samples/{sample_id}/cases/{case}/unmask",
            "get /api/audit/handovers",
        ],
    ),
    (&[Auditor, Operator], &["get /api/audit/continuity", "get /api/audit/proofs"]),
    (
        &[Operator],
        &[
            "get /api/audit/parked/audit",
            "post /api/audit/parked/audit",
            "get /api/audit/parked/intake",
            "post /api/audit/parked/intake",
            "get /api/audit/parked/procedures",
            "post /api/audit/parked/procedures",
            "get /api/audit/parked/transfers",
            "post /api/audit/parked/transfers",
            "get /api/intake/parked/procedures",
            "post /api/intake/parked/procedures",
            "get /api/intake/parked/transfers",
            "post /api/intake/parked/transfers",
            "get /api/procedures/parked/intake",
            "post /api/procedures/parked/intake",
            "get /api/procedures/parked/transfers",
            "post /api/procedures/parked/transfers",
            "get /api/transfers/parked/intake",
            "post /api/transfers/parked/intake",
            "get /api/transfers/parked/procedures",
            "post /api/transfers/parked/procedures",
        ],
    ),
    (&[HubService], &["get /api/audit/log", "get /api/intake/log", "get /api/procedures/log", "get /api/transfers/log"]),
    (
        &[SignedIn],
        &[
            "get /api/procedures/contacts",
            "get /api/procedures/editions",
            "get /api/procedures/editions/in-force",
            "get /api/procedures/editions/{number}",
            "get /api/procedures/editions/{number}/difference/{other}",
            "get /api/procedures/editions/{number}/document",
            "get /api/procedures/fields",
            "get /api/procedures/fields/mine",
            "get /api/procedures/forms/referral/report",
            "get /api/procedures/receipts/mine",
            "get /api/procedures/receipts/reminders",
            "get /api/procedures/search",
            "get /api/procedures/variations",
            "get /api/procedures/variations/{id}",
            "get /api/procedures/{procedure_id}",
            "get /api/transfers/board",
            "get /api/transfers/desks",
            "get /api/transfers/desks/{borough}",
        ],
    ),
];

/// Every address in the table.
pub(super) fn addresses() -> BTreeSet<&'static str> {
    ADDRESSES.iter().flat_map(|(_, addresses)| addresses.iter().copied()).collect()
}

/// The service of an address.
pub(super) fn service_of(address: &str) -> &str {
    address.split('/').nth(2).unwrap()
}

/// Whether somebody may.
pub(super) fn may(service: &str, who: &Who, (action, purpose): (&str, Purpose), thing: &Thing) -> bool {
    if thing.kind == "Service" {
        let here = |addresses: &[&str]| addresses.iter().any(|address| *address == action && service_of(address) == service);
        return ADDRESSES.iter().any(|(kinds, addresses)| here(addresses) && kinds.iter().any(|kind| kind.is(who)));
    }
    if !RECORDS.contains(&(service, action, thing.kind)) {
        return false;
    }
    let org = who.org.to_string();
    let stands = |relation: &str, code: &str| thing.relations.iter().any(|(name, codes)| *name == relation && codes.contains(code));
    let works = |relation: &str| who.acts_for.iter().any(|borough| stands(relation, borough));
    let emergency = purpose == Purpose::BreakGlass && Desk.is(who);
    match action {
        "see referral" => {
            let near = ["answers", "homes", "shared"].iter().any(|relation| works(relation));
            emergency || (Desk.is(who) && near) || ((Desk.is(who) || Referrer.is(who)) && stands("raised_by", &org))
        }
        "know transfer" => {
            let party = (Desk.is(who) || System.is(who)) && works("parties");
            emergency || party || Auditor.is(who) || ((Desk.is(who) || Referrer.is(who)) && stands("followers", &org))
        }
        "read sheet" => !stands("conflicts", &who.id) && (emergency || ((Desk.is(who) || System.is(who)) && works("parties"))),
        _ => emergency || Auditor.is(who) || (Desk.is(who) && stands("concerns", &org)),
    }
}
