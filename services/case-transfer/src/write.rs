//! Carrying a command out: load what it names, decide, keep, and answer from the state that it leaves.

use std::collections::BTreeMap;

use event_store::{Advance, Context, Decided, Past, Receipt, Refused, Request, Unmoved};
use kernel::{Borough, Decider as _, Reference, Refusal as _, Stream, TransferId};
use serde_json::{Value, json};
use service_kit::{Answered, Problem, command};

use crate::{
    app::App,
    kept::{About, Kept},
    rules::{CaseTransfer, Command, Event, Refusal, Situation, transfer_stream},
    transfer::Transfer,
};

/// The references of the transfers that a command may begin.
pub(crate) type References = BTreeMap<TransferId, Reference>;

/// Who sends a command, under which key and on which version.
pub(crate) struct Sent {
    pub(crate) context: Context,
    pub(crate) receipt: Option<Receipt>,
    pub(crate) expect: Option<(Stream, i64)>,
}

/// How a command is answered from the state that it leaves.
pub(crate) type Tell = Box<dyn Fn(&Situation) -> Value + Send + Sync>;

/// One command and its answer.
pub(crate) struct Order {
    pub(crate) command: Command,
    pub(crate) references: References,
    pub(crate) status: u16,
    /// The stream whose version is the version of the answer.
    pub(crate) resource: Stream,
    pub(crate) answer: Tell,
    /// What a refused or stale caller is shown of the state now.
    pub(crate) describe: Describe,
}

/// Shows the state to somebody whose command was refused or stale.
pub(crate) type Describe = fn(&Situation, &Stream) -> Value;

impl App {
    /// Carries out what a caller sent.
    ///
    /// # Errors
    /// As a problem; 409 shows the state and the holder now.
    pub(crate) async fn carry_out(&self, sent: Sent, order: Order) -> Result<Answered, Problem> {
        let answered = self.try_out(sent, order).await?;
        answered.map_err(|refused| refusal(&refused))
    }

    /// Carries out what a caller sent, and gives a refusal back, for whoever looks again.
    ///
    /// # Errors
    /// As a problem, but for a refusal.
    pub(crate) async fn try_out(&self, sent: Sent, order: Order) -> Result<Result<Answered, Refused>, Problem> {
        self.try_unless_moved(sent, order, None).await
    }

    /// Carries out what a caller sent, if what it rests on has not moved since it was looked up.
    ///
    /// # Errors
    /// As a problem, but for a refusal.
    pub(crate) async fn try_unless_moved(
        &self,
        sent: Sent,
        order: Order,
        unmoved: Option<Unmoved>,
    ) -> Result<Result<Answered, Refused>, Problem> {
        command::ask(&self.kit.tasks, &self.store, Request { unmoved, ..request(sent, order) }).await
    }
}

/// A refusal as a problem: its code, what to do, and the state and the holder now.
pub(crate) fn refusal(refused: &Refused) -> Problem {
    let problem = Problem::refusal(refused.code, refused.detail.clone());
    let members = refused.state.as_ref().and_then(Value::as_object);
    members.into_iter().flatten().fold(problem, |problem, (name, value)| problem.with(name, value.clone()))
}

/// The holder that a refusal names itself; nobody where the duty is not open.
#[expect(clippy::wildcard_enum_match_arm, reason = "the others are not about a holder")]
fn holder_in(refusal: &Refusal) -> Option<Option<&Borough>> {
    match refusal {
        Refusal::NotTheHolder { holder, .. } => Some(holder.as_ref()),
        Refusal::AlreadyAccepted(holder) | Refusal::Over { holder, .. } | Refusal::NotAccepted(holder) | Refusal::AlreadyHeld(holder) => {
            Some(Some(holder))
        }
        _ => None,
    }
}

fn request(sent: Sent, order: Order) -> Request<Kept> {
    let Order { command, references, status, resource, answer, describe } = order;
    let streams = command.streams();
    let (shown, all) = (resource.clone(), streams.clone());
    Request {
        streams: streams.clone(),
        expect: sent.expect,
        unmoved: None,
        receipt: sent.receipt,
        context: sent.context,
        advance: None,
        decide: Box::new(move |past| {
            let before = situation(past, &streams);
            let (events, after) = decide_one(&before, command.clone()).map_err(|refusal| {
                let mut state = describe(&before, &resource);
                if let (Some(members), Some(holder)) = (state.as_object_mut(), holder_in(&refusal)) {
                    members.insert("holder".to_owned(), json!(holder));
                }
                Refused { code: refusal.code(), detail: refusal.to_string(), state: Some(state) }
            })?;
            let events = events.into_iter().map(|event| keep(past, &after, &references, event)).collect();
            Ok(Decided { events, status, body: answer(&after), resource: Some(resource.clone()) })
        }),
        describe: Some(Box::new(move |past| describe(&situation(past, &all), &shown))),
    }
}

/// Several machine's commands as one commit, for an event of another service or a clock.
pub(crate) fn machine(context: Context, commands: Vec<Command>, advance: Option<Advance>) -> Request<Kept> {
    let mut streams: Vec<Stream> = commands.iter().flat_map(Command::streams).collect();
    streams.sort_unstable();
    streams.dedup();
    let loaded = streams.clone();
    Request {
        streams,
        expect: None,
        unmoved: None,
        receipt: None,
        context,
        advance,
        decide: Box::new(move |past| {
            let mut now = situation(past, &loaded);
            let mut kept = Vec::new();
            for command in &commands {
                let (events, after) = decide_one(&now, on_latest(&now, command.clone())).map_err(Refused::from)?;
                kept.extend(events.into_iter().map(|event| keep(past, &after, &References::new(), event)));
                now = after;
            }
            Ok(Decided { events: kept, status: 200, body: json!({}), resource: None })
        }),
        describe: None,
    }
}

/// What another service recorded was decided there; here it holds for the ledger as it is.
fn on_latest(now: &Situation, mut command: Command) -> Command {
    if let crate::rules::What::Duty { child, on, .. } = &mut command.what {
        *on = now.ledgers.get(child).map_or(0, |ledger| ledger.version);
    }
    command
}

fn decide_one(before: &Situation, command: Command) -> Result<(Vec<Event>, Situation), Refusal> {
    let events = CaseTransfer::decide(before, command)?;
    let mut after = before.clone();
    events.iter().for_each(|event| after.take(event));
    Ok((events, after))
}

fn situation(past: &Past<'_, Kept>, streams: &[Stream]) -> Situation {
    let mut situation = Situation::default();
    let events = streams.iter().flat_map(|stream| past.of(stream));
    events.for_each(|recorded| situation.take(&recorded.event.event));
    situation
}

/// Puts beside an event of a transfer what a reader of it alone must know.
fn keep(past: &Past<'_, Kept>, after: &Situation, references: &References, event: Event) -> Kept {
    let about = match &event {
        Event::Transfer(id, _) => about(past, after, references, *id),
        Event::Ledger(..)
        | Event::Desk(..)
        | Event::Board(..)
        | Event::Glass(..)
        | Event::Look(..)
        | Event::ChildLook(..)
        | Event::Edition(..) => None,
    };
    Kept { event, about }
}

fn about(past: &Past<'_, Kept>, after: &Situation, references: &References, id: TransferId) -> Option<About> {
    let Some(Transfer::Offered(talk)) = after.transfers.get(&id) else { return None };
    let first = past.of(&transfer_stream(id)).first().and_then(|first| first.event.about.as_ref());
    let reference = first.map(|about| &about.reference).or_else(|| references.get(&id))?.clone();
    let mut children: Vec<_> = talk.children().collect();
    children.sort_unstable();
    children.dedup();
    Some(About { reference, from: talk.offer.from.clone(), to: talk.offer.to.clone(), children })
}
