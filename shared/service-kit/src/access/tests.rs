use super::*;

const SCHEMA: &str = "entity Caller = { id: String, org: String, kind: String, roles: Set<String>, acts_for: Set<String> };
entity Service;
entity Referral = { conflicts: Set<String> };
type Why = { purpose: String };
action \"desk\";
action \"see\" appliesTo { principal: Caller, resource: Referral, context: Why };
action \"get /api/made-up/cases\" in [\"desk\"] appliesTo { principal: Caller, resource: Service, context: Why };
";
const RULES: &str = "permit (principal, action in Action::\"desk\", resource) when { principal.roles.contains(\"duty_worker\") };
permit (principal, action == Action::\"see\", resource) when { context.purpose == \"break_glass\" };
forbid (principal, action == Action::\"see\", resource) when { resource.conflicts.contains(principal.id) };
";

fn read(rules: &'static str, schema: &'static str) -> Result<Access, BadPolicy> {
    Access::new(&[Policy { service: "made-up", rules, schema }])
}

fn who(role: Role) -> Who {
    Who { id: "p-1".to_owned(), org: "E08000003".parse().unwrap(), roles: BTreeSet::from([role]), acts_for: BTreeSet::new() }
}

fn referral(conflicts: &[&str]) -> Thing {
    Thing { kind: "Referral", relations: vec![("conflicts", conflicts.iter().map(|id| (*id).to_owned()).collect())] }
}

#[test]
fn what_no_rule_permits_is_denied() {
    let access = read(RULES, SCHEMA).unwrap();
    let may = |service, role, action| access.permits(service, &who(role), (action, Purpose::Work), &Thing::ADDRESS);
    assert!(may("made-up", Role::DutyWorker, "get /api/made-up/cases"));
    assert!(!may("made-up", Role::Referrer, "get /api/made-up/cases"));
    assert!(!may("made-up", Role::DutyWorker, "get /api/made-up/others"), "an address that the policy does not know");
    assert!(!may("other", Role::DutyWorker, "get /api/made-up/cases"), "a service without a policy");
    assert!(!may("made-up", Role::DutyWorker, "see"), "an action on another kind of thing");
}

#[test]
fn what_is_forbidden_is_denied_whatever_permits_it() {
    let access = read(RULES, SCHEMA).unwrap();
    let may = |purpose, conflicts| access.permits("made-up", &who(Role::Director), ("see", purpose), &referral(conflicts));
    assert!(may(Purpose::BreakGlass, &["p-2"]));
    assert!(!may(Purpose::Work, &["p-2"]));
    assert!(!may(Purpose::BreakGlass, &["p-1", "p-2"]));
}

#[test]
fn a_rule_that_cannot_be_worked_out_is_a_no() {
    let access = read(RULES, SCHEMA).unwrap();
    // Cedar leaves a failing rule out, and this one forbids.
    let unknown = Thing { kind: "Referral", relations: vec![] };
    assert!(!access.permits("made-up", &who(Role::Director), ("see", Purpose::BreakGlass), &unknown));
}

#[test]
fn a_broken_policy_is_named_with_its_line_and_what_to_do() {
    let said = |rules, schema| read(rules, schema).unwrap_err().to_string();
    let syntax = said("permit (principal, action, resource);\n\npermit (principal action, resource);", SCHEMA);
    assert!(syntax.starts_with("policy.cedar of service made-up is broken at line 3: "), "{syntax}");
    assert!(syntax.contains("Mend that line"), "{syntax}");
    let unknown = said("permit (principal, action, resource);\npermit (principal, action == Action::\"sea\", resource);", SCHEMA);
    assert!(unknown.starts_with("policy.cedar of service made-up is broken at line 2: "), "{unknown}");
    let missing = said("permit (principal, action, resource) when {\n  principal.rolls.contains(\"x\") };", SCHEMA);
    assert!(missing.starts_with("policy.cedar of service made-up is broken at line 2: "), "{missing}");
    let schema = said(RULES, "entity Caller;\nentity Service\nentity Referral;");
    assert!(schema.starts_with("policy.cedarschema of service made-up is broken at line 3: "), "{schema}");
}
