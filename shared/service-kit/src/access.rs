//! Who may do what: the policies of the services, in Cedar, asked at this one place.
//!
//! Facts go in and a decision comes out; what no rule permits is denied. Authority as a handler argument and the finders stand beside
//! it, and each is enough alone (ADR 29).

use std::{
    collections::{BTreeMap, BTreeSet, HashMap, HashSet},
    fmt,
    sync::Arc,
};

use cedar_policy::{
    ActionConstraint, Authorizer, Context, Decision, Entities, Entity, EntityId, EntityTypeName, EntityUid, PolicySet, Request,
    RestrictedExpression, Schema, ValidationMode, Validator,
};
use kernel::{Actor, Org, Role};
use miette::Diagnostic;

use crate::{caller::Caller, problem::Problem};

/// The policy of one service, as it is kept beside its code.
#[derive(Clone, Copy, Debug)]
pub struct Policy {
    /// The service, as in its addresses.
    pub service: &'static str,
    /// The rules.
    pub rules: &'static str,
    /// The words that rules are made of, and every address of the service with who may come to it.
    pub schema: &'static str,
}

/// A policy that nobody can go by. A hub with one does not start.
#[derive(Debug, thiserror::Error)]
#[error(
    "{file} of service {service} is broken at line {line}: {what}. Mend that line; without a whole policy nobody may do anything, so the hub does not start"
)]
pub struct BadPolicy {
    /// Whose it is.
    pub service: &'static str,
    /// Which of its two files.
    pub file: &'static str,
    /// The line, from 1.
    pub line: usize,
    /// What is wrong, in Cedar's words.
    pub what: String,
}

/// Who asks, and for whom they act.
#[derive(Clone, Debug)]
pub struct Who {
    /// The subject of the token.
    pub id: String,
    /// The organisation.
    pub org: Org,
    /// The roles that count.
    pub roles: BTreeSet<Role>,
    /// The boroughs that they work for now: their own, and those that their team covers.
    pub acts_for: BTreeSet<String>,
}

impl From<&Caller> for Who {
    fn from(caller: &Caller) -> Self {
        Self { id: caller.id.clone(), org: caller.org.clone(), roles: caller.roles.clone(), acts_for: BTreeSet::new() }
    }
}

impl From<&Actor> for Who {
    fn from(actor: &Actor) -> Self {
        Self { id: actor.id.clone(), org: actor.org.clone(), roles: BTreeSet::from([actor.role]), acts_for: BTreeSet::new() }
    }
}

impl Who {
    /// The same, working for these boroughs.
    #[must_use]
    pub fn acting_for(mut self, boroughs: impl IntoIterator<Item = impl ToString>) -> Self {
        self.acts_for = boroughs.into_iter().map(|borough| borough.to_string()).collect();
        self
    }
}

/// For what somebody asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// The work of their role.
    Work,
    /// An emergency, under a break-glass that they have open.
    BreakGlass,
}

impl Purpose {
    fn code(self) -> &'static str {
        match self {
            Self::Work => "work",
            Self::BreakGlass => "break_glass",
        }
    }
}

/// What is asked about: its kind in the schema, and which organisations and people stand how to it.
#[derive(Clone, Debug)]
pub struct Thing {
    /// Its type in the schema.
    pub kind: &'static str,
    /// Each relation, with the codes of organisations or the ids of people that have it.
    pub relations: Vec<(&'static str, BTreeSet<String>)>,
}

impl Thing {
    /// An address of a service, about which nothing more is known.
    pub const ADDRESS: Self = Self { kind: "Service", relations: Vec::new() };
}

struct Rules {
    /// The types of people and things, by their names.
    kinds: HashMap<String, EntityTypeName>,
    actions: HashMap<String, Action>,
}

/// What can be done, with what is known of it before anybody asks.
struct Action {
    entity: Entity,
    /// To which kinds of things.
    to: HashSet<EntityTypeName>,
    /// The rules that can be about it: the others would only cost time.
    rules: PolicySet,
}

/// The policies of the services of a process.
#[derive(Clone)]
pub struct Access(Arc<BTreeMap<&'static str, Rules>>);

impl fmt::Debug for Access {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}

impl Access {
    /// Reads the policies, and each rule against its schema.
    ///
    /// # Errors
    /// When one of them is broken.
    pub fn new(policies: &[Policy]) -> Result<Self, BadPolicy> {
        let read = policies.iter().map(|policy| Ok((policy.service, Rules::new(policy)?)));
        Ok(Self(Arc::new(read.collect::<Result<_, BadPolicy>>()?)))
    }

    /// Whether somebody may do this. No rule, no such action, no such service and a rule that fails are all a no.
    #[must_use]
    pub fn permits(&self, service: &str, who: &Who, (action, purpose): (&str, Purpose), thing: &Thing) -> bool {
        self.0.get(service).is_some_and(|rules| rules.permit(who, action, purpose, thing).unwrap_or(false))
    }

    /// Whether a caller may come to an address at all, by its method and its path as the router has it.
    ///
    /// # Errors
    /// 403 when not.
    pub(crate) fn door(&self, caller: &Caller, method: &str, path: &str) -> Result<(), Problem> {
        let service = path.strip_prefix("/api/").and_then(|rest| rest.split('/').next()).unwrap_or_default();
        // Whoever may read may ask for the headers alone.
        let method = if method == "HEAD" { "get" } else { &method.to_ascii_lowercase() };
        let action = format!("{method} {path}");
        if self.permits(service, &Who::from(caller), (&action, Purpose::Work), &Thing::ADDRESS) {
            return Ok(());
        }
        tracing::info!(caller.id, caller.org = %caller.org, action, "a request was denied by the policy");
        Err(Problem::forbidden("Your roles do not allow this.").because("role"))
    }
}

impl Rules {
    fn new(policy: &Policy) -> Result<Self, BadPolicy> {
        let bad = |file, text: &str, error: &dyn Diagnostic| BadPolicy {
            service: policy.service,
            file,
            line: line_of(text, error),
            what: words(error),
        };
        let (schema, _) = Schema::from_cedarschema_str(policy.schema).map_err(|error| bad("policy.cedarschema", policy.schema, &error))?;
        let rules: PolicySet = policy.rules.parse().map_err(|error| bad("policy.cedar", policy.rules, &error))?;
        let found = Validator::new(schema.clone()).validate(&rules, ValidationMode::Strict);
        if let Some(error) = found.validation_errors().next() {
            return Err(bad("policy.cedar", policy.rules, error));
        }
        let entities = schema.action_entities().map_err(|error| bad("policy.cedarschema", policy.schema, &error))?;
        let about = |action: &EntityUid| {
            let over: HashSet<&EntityUid> = entities.ancestors(action).into_iter().flatten().chain([action]).collect();
            let is_about = |rule: &&cedar_policy::Policy| match rule.action_constraint() {
                ActionConstraint::Any => true,
                ActionConstraint::In(actions) => actions.iter().any(|one| over.contains(one)),
                ActionConstraint::Eq(one) => one == *action,
            };
            PolicySet::from_policies(rules.policies().filter(is_about).cloned()).unwrap_or_default()
        };
        let named = |entity: &Entity| {
            let uid = entity.uid();
            let to = schema.resources_for_action(&uid).into_iter().flatten().cloned().collect();
            (uid.id().unescaped().to_owned(), Action { entity: entity.clone(), to, rules: about(&uid) })
        };
        let actions = entities.iter().map(named).collect();
        let kinds = schema.entity_types().map(|kind| (kind.to_string(), kind.clone())).collect();
        Ok(Self { kinds, actions })
    }

    /// Nothing when what is asked does not fit the schema.
    fn permit(&self, who: &Who, action: &str, purpose: Purpose, thing: &Thing) -> Option<bool> {
        let Action { entity: action, to, rules } = self.actions.get(action)?;
        if !to.contains(self.kinds.get(thing.kind)?) {
            return None;
        }
        let uid = |kind: &str, id: &str| Some(EntityUid::from_type_name_and_id(self.kinds.get(kind)?.clone(), EntityId::new(id)));
        let principal = Entity::new(uid("Caller", &who.id)?, attributes(who), HashSet::new()).ok()?;
        let relations = thing.relations.iter().map(|(name, codes)| ((*name).to_owned(), strings(codes.iter().cloned())));
        let resource = Entity::new(uid(thing.kind, "this")?, relations.collect(), HashSet::new()).ok()?;
        let context = Context::from_pairs([("purpose".to_owned(), string(purpose.code()))]).ok()?;
        // Who asks and why are made here alone, as each schema has them.
        let request = Request::new(principal.uid(), action.uid(), resource.uid(), context, None).ok()?;
        let entities = Entities::from_entities([principal, action.clone(), resource], None).ok()?;
        let answer = Authorizer::new().is_authorized(&request, rules, &entities);
        // A rule that fails is left out by Cedar, also one that forbids: so it counts as a no.
        Some(answer.decision() == Decision::Allow && answer.diagnostics().errors().next().is_none())
    }
}

fn attributes(who: &Who) -> HashMap<String, RestrictedExpression> {
    let roles = who.roles.iter().filter_map(|role| serde_json::to_value(role).ok()?.as_str().map(str::to_owned));
    HashMap::from([
        ("id".to_owned(), string(&who.id)),
        ("org".to_owned(), string(&who.org.to_string())),
        ("kind".to_owned(), string(kind(&who.org))),
        ("roles".to_owned(), strings(roles)),
        ("acts_for".to_owned(), strings(who.acts_for.iter().cloned())),
    ])
}

fn kind(org: &Org) -> &'static str {
    match org {
        Org::Borough(_) => "borough",
        Org::Site(_) => "site",
        Org::Board => "board",
        Org::Hub => "hub",
    }
}

fn string(text: &str) -> RestrictedExpression {
    RestrictedExpression::new_string(text.to_owned())
}

fn strings(texts: impl IntoIterator<Item = String>) -> RestrictedExpression {
    RestrictedExpression::new_set(texts.into_iter().map(RestrictedExpression::new_string))
}

/// The line at which an error points; the last one when it points nowhere, since then something is missing at the end.
fn line_of(text: &str, error: &dyn Diagnostic) -> usize {
    let offset = error.labels().and_then(|mut labels| labels.next()).map_or(text.len(), |label| label.offset());
    text.bytes().take(offset).filter(|byte| *byte == b'\n').count() + 1
}

fn words(error: &dyn Diagnostic) -> String {
    let help = error.help().map(|help| format!(" ({help})")).unwrap_or_default();
    format!("{error}{help}")
}

#[cfg(test)]
#[path = "access/tests.rs"]
mod tests;
