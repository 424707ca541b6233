//! From a request to a command on a transfer or a child, and from its outcome to the answer.

use std::collections::BTreeSet;

use event_store::Context;
use kernel::{Actor, Borough, ChildId, Person, Reference, Timestamp, TransferId};
use serde::Deserialize;
use serde_json::{Value, json};
use service_kit::{Answered, Authority, Change, Problem, clock::EARLIEST, command::etag};
use utoipa::ToSchema;

use crate::{
    app::{App, Loaded, away},
    clocks::When,
    desk,
    ledger::DutyAsk,
    rules::{Command, Scope, Situation, What, child_stream, transfer_stream},
    shown,
    sight::Sight,
    transfer::{Ask, Side, Talk, Tell},
    views::links,
    write::{Order, References, Sent},
};

/// How often a command is tried again after its children changed meanwhile.
pub(crate) const AGAIN: usize = 3;

/// A command that says nothing more than its address.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Nothing {}

/// A command that says nothing more than for which side.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SideOf {
    /// `giver` or `taker`, where your team acts for both now.
    #[schema(value_type = Option<String>)]
    pub(crate) side: Option<Side>,
}

/// What a person asks in a transfer that exists.
pub(crate) struct Asking {
    pub(crate) ask: Ask,
    pub(crate) occurred_at: Option<Timestamp>,
    /// The new offer that the command makes, if it makes one.
    pub(crate) next: Option<(TransferId, Reference)>,
    /// The side that they say they act for.
    pub(crate) side: Option<Side>,
    /// Priority by which its clocks run, where it is another than that of the transfer.
    pub(crate) priority: Option<kernel::Priority>,
}

impl From<Ask> for Asking {
    fn from(ask: Ask) -> Self {
        Self { ask, occurred_at: None, next: None, side: None, priority: None }
    }
}

/// When it was recorded and when it happened. What is said to have happened later than now cannot have.
pub(crate) fn when(now: Timestamp, occurred_at: Option<Timestamp>) -> Result<When, Problem> {
    match occurred_at {
        Some(at) if at < EARLIEST => Err(Problem::invalid_at("/occurred_at", "not before 1900")),
        Some(at) if at > now => Err(Problem::invalid_at("/occurred_at", "not later than now")),
        Some(at) if at != now => Ok(When::late(now, at)),
        Some(_) | None => Ok(When::now(now)),
    }
}

impl App {
    /// The transfer that a command is about, if the caller may know of it.
    pub(crate) async fn of<R: Authority, T>(&self, id: TransferId, change: &Change<R, T>) -> Result<Loaded, Problem> {
        let (loaded, _) = self.of_with_sight(id, change).await?;
        Ok(loaded)
    }

    pub(crate) async fn of_with_sight<R: Authority, T>(&self, id: TransferId, change: &Change<R, T>) -> Result<(Loaded, Sight), Problem> {
        self.seen(&change.by.caller, self.transfer(id).await?).await
    }

    /// A person's command on a transfer.
    pub(crate) async fn ask<R: Authority<Who = Person>, T>(
        &self,
        loaded: Loaded,
        change: &Change<R, T>,
        asking: impl Into<Asking>,
    ) -> Result<Answered, Problem> {
        let asking = asking.into();
        let by = change.by.person().clone();
        let what = What::Ask { transfer: loaded.id, by, on: change.version, side: asking.side, ask: asking.ask.clone() };
        self.on_transfer(loaded, change, (what, asking)).await
    }

    /// What a desk or a machine reports about a transfer.
    pub(crate) async fn tell<R: Authority<Who = Actor>, T>(
        &self,
        loaded: Loaded,
        change: &Change<R, T>,
        tell: Tell,
    ) -> Result<Answered, Problem> {
        let what = What::Tell { transfer: loaded.id, by: change.by.who.clone(), tell };
        self.on_transfer(loaded, change, (what, Asking::from(Ask::Open))).await
    }

    async fn on_transfer<R: Authority, T>(
        &self,
        mut loaded: Loaded,
        change: &Change<R, T>,
        order: (What, Asking),
    ) -> Result<Answered, Problem> {
        let (what, asking) = order;
        let at = when(change.now, asking.occurred_at)?;
        for _ in 0..AGAIN {
            let priority = asking.priority.unwrap_or(loaded.talk.priority());
            let scope = self.scope(&loaded, &asking.ask).await?;
            let command = Command::under(&self.edition(change.now), priority, at, scope, what.clone());
            let (id, reference) = (loaded.id, loaded.reference());
            let (viewer, next) = (change.by.caller.org.borough().cloned(), asking.next.clone());
            let order = Order {
                command,
                references: asking.next.iter().cloned().collect::<References>(),
                status: 200,
                resource: transfer_stream(id),
                answer: Box::new(move |situation| with_next(situation, (id, &reference), next.as_ref(), viewer.as_ref())),
                describe: shown::state,
            };
            match self.try_out(sent(change, transfer_stream(id), asking.occurred_at), order).await? {
                Err(refused) if refused.code == "scope_changed" => {
                    loaded = self.transfer(id).await?.ok_or_else(Problem::not_found)?;
                }
                Err(refused) => return Err(crate::write::refusal(&refused)),
                Ok(answered) => return Ok(answered),
            }
        }
        Err(changing())
    }

    /// The children and boroughs of a transfer, and every id linked to one of its children.
    async fn scope(&self, loaded: &Loaded, ask: &Ask) -> Result<Scope, Problem> {
        let children: BTreeSet<ChildId> = loaded.talk.children().chain(ask.children()).collect();
        let offer = &loaded.talk.offer;
        let boroughs = [&offer.from, &offer.to].into_iter().cloned().collect();
        self.with_earlier(children, boroughs).await
    }

    /// Children with every id that is linked to them, and the transfers in which their duties were not taken.
    pub(crate) async fn with_earlier(&self, children: BTreeSet<ChildId>, mut boroughs: BTreeSet<Borough>) -> Result<Scope, Problem> {
        let mut situation = Situation::default();
        self.children(children.iter().copied()).await?.iter().for_each(|recorded| situation.take(&recorded.event.event));
        let refused = situation.ledgers.values().flat_map(|ledger| ledger.refused.values());
        let transfers: BTreeSet<TransferId> = refused.map(|refused| refused.transfer).collect();
        self.transfers(transfers.iter().copied()).await?.iter().for_each(|recorded| situation.take(&recorded.event.event));
        let talks = || transfers.iter().filter_map(|id| shown::talk(&situation, *id));
        boroughs.extend(talks().flat_map(|talk| [talk.offer.from.clone(), talk.offer.to.clone()]));
        let children = children.into_iter().chain(talks().flat_map(Talk::children));
        let linked = links::linked(self.pool(), children).await.map_err(away)?;
        Ok(Scope { children: linked.into_values().flatten().collect(), boroughs, transfers })
    }

    /// A person's command on a child's duties.
    pub(crate) async fn ask_about<R: Authority<Who = Person>, T>(
        &self,
        child: ChildId,
        change: &Change<R, T>,
        ask: DutyAsk,
    ) -> Result<Answered, Problem> {
        for _ in 0..AGAIN {
            let linked = links::linked(self.pool(), [child]).await.map_err(away)?;
            let children: BTreeSet<ChildId> = linked.into_values().flatten().collect();
            let mut situation = Situation::default();
            self.children(children.iter().copied()).await?.iter().for_each(|recorded| situation.take(&recorded.event.event));
            let Some(ledger) = situation.ledgers.get(&child) else { return Err(Problem::not_found()) };
            let contacts = ledger.contacts.values().map(|contact| contact.borough.clone());
            let mut boroughs: BTreeSet<Borough> = ledger.history().iter().map(|held| held.holder.clone()).chain(contacts).collect();
            boroughs.extend(named(&ask));
            let scope = Scope { children, boroughs, ..Scope::default() };
            let what = What::Duty { child, by: change.by.person().clone(), on: change.version, ask: ask.clone() };
            let command = Command::under(&self.edition(change.now), None, When::now(change.now), scope, what);
            let order = Order {
                command,
                references: References::new(),
                status: 200,
                resource: child_stream(child),
                answer: Box::new(move |situation| child_answer(situation, child)),
                describe: shown::state,
            };
            let tried = match self.try_out(sent(change, child_stream(child), None), order).await {
                Err(problem) if problem.code() == "stale" => {
                    return Err(self.without_the_name(problem, change.by.caller.org.borough(), child).await?);
                }
                tried => tried?,
            };
            match tried {
                Err(refused) if refused.code == "scope_changed" => {}
                Err(refused) => return Err(crate::write::refusal(&refused)),
                Ok(answered) => return Ok(answered),
            }
        }
        Err(Problem::unavailable("The record of this child is changing. Nothing was recorded; try again.", 1))
    }

    /// Anybody on a duty desk may name a child; who changed its record is for their own borough. Others learn which organisation.
    async fn without_the_name(&self, problem: Problem, viewer: Option<&Borough>, child: ChildId) -> Result<Problem, Problem> {
        let history = self.children([child]).await?;
        let Some(last) = history.last().map(|recorded| &recorded.actor) else { return Ok(problem) };
        let own = viewer.is_some() && last.org.borough() == viewer;
        Ok(if own { problem } else { problem.with("changed_by", json!({ "org": last.org, "role": last.role })) })
    }
}

/// The children go on changing faster than they can be looked at.
pub(crate) fn changing() -> Problem {
    Problem::unavailable("The children of this case are changing. Nothing was recorded; try again.", 1)
}

pub(super) fn sent<R: Authority, T>(change: &Change<R, T>, resource: kernel::Stream, occurred_at: Option<Timestamp>) -> Sent {
    let context: Context = change.context(occurred_at);
    Sent { context, receipt: Some(change.receipt.clone()), expect: Some((resource, change.version)) }
}

/// The borough that a command about a child names itself.
#[expect(clippy::wildcard_enum_match_arm, reason = "only one names a borough whose desk is looked at")]
fn named(ask: &DutyAsk) -> Option<Borough> {
    match ask {
        DutyAsk::OpenPlan { holder, .. } => Some(holder.clone()),
        _ => None,
    }
}

fn with_next(
    situation: &Situation,
    (id, reference): (TransferId, &Reference),
    next: Option<&(TransferId, Reference)>,
    viewer: Option<&Borough>,
) -> Value {
    let mut answer = shown::answer(situation, id, reference, viewer);
    if let (Some(members), Some((next, reference))) = (answer.as_object_mut(), next) {
        members.insert("new_transfer".to_owned(), shown::answer(situation, *next, reference, viewer));
    }
    answer
}

/// A child's duties after a command.
fn child_answer(situation: &Situation, child: ChildId) -> Value {
    let ledger = situation.ledgers.get(&child);
    let duties: Vec<Value> = ledger
        .into_iter()
        .flat_map(crate::ledger::Ledger::duties)
        .map(|held| json!({ "duty": held.duty, "holder": held.holder, "since": held.since }))
        .collect();
    json!({
        "child_id": child,
        "duties": duties,
        "plan": ledger.and_then(|ledger| ledger.plan),
        "missing": ledger.is_some_and(|ledger| ledger.missing),
        "shielded": ledger.is_some_and(|ledger| ledger.shielded),
    })
}

/// Whether somebody is on the duty desk, by role.
pub(crate) fn is_desk(actor: &Actor) -> bool {
    Person::try_from(actor.clone()).is_ok_and(|person| desk::has_duty_role(&person))
}

/// The entity tag of a version, as a header.
pub(crate) fn tag(version: i64) -> [(axum::http::HeaderName, axum::http::HeaderValue); 1] {
    [(axum::http::header::ETAG, etag(version))]
}
