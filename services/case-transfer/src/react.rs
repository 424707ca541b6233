//! What follows here from what referral intake has recorded: emergency action opens with a referral, a decision ends it.

use std::collections::{BTreeMap, BTreeSet};

use bus::{Handler, Later, Reactions, Trouble};
use event_store::{Context, Request, Store, StoreError};
use kernel::{Actor, Borough, ChildId, EventId, Org, Person, ReferralId, Role, edition::Book, edition::ClockName};
use proto_events::{Envelope, intake::Intake};

use crate::{
    clocks::When,
    kept::Kept,
    ledger::{DutyAsk, Fact, Outcome, Settled},
    rules::{Command, Scope, What},
    views::links,
    write,
};

/// The service whose events are taken.
pub(crate) const SOURCE: &str = "intake";

/// The ids linked to each child.
type Links = BTreeMap<ChildId, BTreeSet<ChildId>>;

/// Takes the events of referral intake, each once and in order.
#[derive(Clone)]
pub struct FromIntake {
    store: Store<Kept>,
    editions: Book,
}

impl FromIntake {
    /// Answers on this store, by these editions.
    #[must_use]
    pub fn new(store: Store<Kept>, editions: Book) -> Self {
        Self { store, editions }
    }

    /// The reactions to some events, with the links of their children as they are now.
    async fn reactions(&self, events: &[Envelope]) -> Result<Reactions<Kept>, StoreError> {
        let children = events.iter().flat_map(|event| &event.children).filter_map(|child| child.parse().ok());
        let links = links::linked(self.store.log().pool(), children).await?;
        let editions = self.editions.clone();
        Ok(Reactions::new(self.store.clone(), SOURCE, move |event| react(event, &editions, &links)))
    }

    /// A link that is made in the same batch as an event that looks along it is not in the view when the batch is prepared. The
    /// rules notice; then the rest is prepared again, and each event at most once more.
    async fn take_all(&self, batch: &[Envelope]) -> Result<i64, Trouble> {
        let (mut rest, mut again) = (batch, None);
        loop {
            let trouble = match self.reactions(rest).await?.take(rest).await {
                Err(trouble @ Trouble::Poison { .. }) => trouble,
                other => return other,
            };
            let Trouble::Poison { position, cause } = &trouble else { return Err(trouble) };
            if !cause.ends_with("scope_changed") || again == Some(*position) {
                return Err(trouble);
            }
            again = Some(*position);
            rest = rest.iter().position(|event| event.position == *position).and_then(|at| rest.get(at..)).unwrap_or(&[]);
        }
    }
}

impl Handler for FromIntake {
    fn checkpoint(&self) -> Later<'_, Result<i64, StoreError>> {
        Box::pin(bus::checkpoint(self.store.log().pool(), SOURCE))
    }

    fn take<'a>(&'a self, batch: &'a [Envelope]) -> Later<'a, Result<i64, Trouble>> {
        Box::pin(self.take_all(batch))
    }

    fn replay<'a>(&'a self, event: &'a Envelope) -> Later<'a, Result<(), Trouble>> {
        Box::pin(async move { self.reactions(std::slice::from_ref(event)).await?.replay(event).await })
    }
}

/// The command that an event leads to: all its children in one commit.
fn react(event: &Envelope, editions: &Book, links: &Links) -> Result<Option<Request<Kept>>, String> {
    if event.data.is_null() {
        return Ok(None);
    }
    let intake: Intake = serde_json::from_value(event.data.clone()).map_err(|_| "it is not an event of referral intake".to_owned())?;
    let asked = what_follows(event, intake, editions)?;
    if asked.is_empty() {
        return Ok(None);
    }
    // The hub was told when intake was told: from that instant on the duty has a holder, however late this arrives here.
    let at = if event.occurredat == event.time { When::now(event.time) } else { When::late(event.time, event.occurredat) };
    let edition = editions.in_force(event.time);
    let commands = asked.into_iter().map(|(scope, what)| Command::under(&edition, None, at, with_links(scope, links), what));
    let context = Context {
        actor: actor(event)?,
        occurred_at: Some(event.occurredat),
        recorded_at: event.time,
        correlation: event.traceid.clone(),
        causation: Some(EventId::from_uuid(event.id)),
    };
    Ok(Some(write::machine(context, commands.collect(), None)))
}

fn with_links(mut scope: Scope, links: &Links) -> Scope {
    let linked: Vec<_> = scope.children.iter().filter_map(|child| links.get(child)).flatten().copied().collect();
    scope.children.extend(linked);
    scope
}

/// Whoever did it in referral intake. Their name is not published and stays there.
fn actor(event: &Envelope) -> Result<Actor, String> {
    let role: Role = serde_json::from_value(event.actor.role.clone().into()).map_err(|_| "its actor has no known role".to_owned())?;
    let org: Org = event.actor.org.parse().map_err(|_| "its actor has no known organisation".to_owned())?;
    Ok(Actor { id: event.actor.id.clone(), name: format!("{} of {org}", event.actor.role), org, role })
}

fn person(event: &Envelope) -> Result<Person, String> {
    Person::try_from(actor(event)?).map_err(|_| "a machine cannot have decided it".to_owned())
}

fn what_follows(event: &Envelope, intake: Intake, editions: &Book) -> Result<Vec<(Scope, What)>, String> {
    match intake {
        Intake::ReferralReceived { referral, children, owner, home, received_at, .. } => {
            let (referral, owner) = (id::<ReferralId>(&referral)?, id::<Borough>(&owner)?);
            let edition = editions.in_force(received_at);
            let home = home.as_deref().map(id::<Borough>).transpose()?;
            let due = |name| edition.due(name, None, received_at).at;
            let (day_by, late_by) = (due(ClockName::NightCaseTaken), due(ClockName::NightCaseToManager));
            let fact = || Fact::ContactOpened {
                referral,
                received_by: owner.clone(),
                home: home.clone(),
                received_at,
                day_by,
                late_by,
                edition: edition.number,
            };
            each(&children, Some(&owner), fact)
        }
        Intake::ReferralDecided { referral, children, borough, outcome, edition, .. } => {
            let (referral, borough, by) = (id::<ReferralId>(&referral)?, id::<Borough>(&borough)?, person(event)?);
            let outcome: Outcome = serde_json::from_value(outcome.into()).map_err(|_| "its outcome is not known here".to_owned())?;
            let fact = || Fact::ContactDecided { referral, borough: borough.clone(), outcome, by: by.clone(), edition };
            each(&children, Some(&borough), fact)
        }
        Intake::ReferralWithdrawn { referral, children, .. } => {
            let referral = id::<ReferralId>(&referral)?;
            each(&children, None, || Fact::ContactSettled { referral, how: Settled::Withdrawn })
        }
        Intake::ReferralJoined { referral, children, with, .. } => {
            person(event)?;
            let (referral, with) = (id::<ReferralId>(&referral)?, id::<ReferralId>(&with)?);
            each(&children, None, || Fact::ContactSettled { referral, how: Settled::Joined(with) })
        }
        Intake::ChildrenLinked { child, other } => {
            let other = id::<ChildId>(&other)?;
            Ok(vec![link(event, &child, DutyAsk::Link { other })?])
        }
        Intake::ChildrenUnlinked { child, other } => {
            let other = id::<ChildId>(&other)?;
            Ok(vec![link(event, &child, DutyAsk::Unlink { other })?])
        }
        Intake::DecisionOverdue { .. } | Intake::Noted { .. } => Ok(vec![]),
    }
}

fn each(children: &[String], borough: Option<&Borough>, fact: impl Fn() -> Fact) -> Result<Vec<(Scope, What)>, String> {
    let one = |child: &String| {
        let child = id::<ChildId>(child)?;
        let scope = Scope { children: BTreeSet::from([child]), boroughs: borough.into_iter().cloned().collect(), ..Scope::default() };
        Ok((scope, What::Fact { child, fact: fact() }))
    };
    children.iter().map(one).collect()
}

/// The version is that of the ledger when the command is decided: the person decided in referral intake.
fn link(event: &Envelope, child: &str, ask: DutyAsk) -> Result<(Scope, What), String> {
    let child = id::<ChildId>(child)?;
    let scope = Scope { children: BTreeSet::from([child]), ..Scope::default() };
    Ok((scope, What::Duty { child, by: person(event)?, on: 0, ask }))
}

fn id<T: std::str::FromStr>(text: &str) -> Result<T, String> {
    text.parse().map_err(|_| "an id or a code in it cannot be read".to_owned())
}
