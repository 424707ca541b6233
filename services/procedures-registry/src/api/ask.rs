//! From a request to a command on a draft, and from its outcome to the answer.

use event_store::{Context, Decided, Past, Receipt, Refused, Request};
use kernel::{Decider as _, DraftId, Person, Refusal as _, Timestamp};
use serde_json::{Value, json};
use service_kit::{Answered, Authority, Caller, Change, Problem, command};

use crate::{
    app::App,
    draft::{self, Ask, Draft, decide::missing},
    rules::{Command, Event, Registry, Situation, draft_stream},
};

/// Who asks, under which key and on which version.
pub(crate) struct Sent<'a> {
    pub(crate) caller: &'a Caller,
    pub(crate) person: &'a Person,
    pub(crate) context: Context,
    pub(crate) receipt: Receipt,
    /// The version that it was decided on; none for what adds to a draft whatever its version.
    pub(crate) version: Option<i64>,
    pub(crate) status: u16,
}

impl<'a> Sent<'a> {
    pub(crate) fn on<R: Authority<Who = Person>, T>(change: &'a Change<R, T>) -> Self {
        Self {
            caller: &change.by.caller,
            person: change.by.person(),
            context: change.context(None),
            receipt: change.receipt.clone(),
            version: Some(change.version),
            status: 200,
        }
    }
}

impl App {
    /// A person's command on a draft that is there.
    pub(crate) async fn change<R: Authority<Who = Person>, T>(
        &self,
        id: DraftId,
        change: &Change<R, T>,
        ask: Ask,
    ) -> Result<Answered, Problem> {
        self.ask(id, Sent::on(change), ask).await
    }

    /// Carries a command on a draft out. What the caller may not know of is not there.
    pub(crate) async fn ask(&self, id: DraftId, sent: Sent<'_>, ask: Ask) -> Result<Answered, Problem> {
        let at = sent.context.recorded_at;
        let terms = self.terms(at).await?;
        if !matches!(ask, Ask::Draft { .. }) {
            self.draft_alone(id, sent.caller, &terms).await?;
        }
        let command = draft::Command { at, by: sent.person.clone(), terms: terms.clone(), ask };
        match command::ask(&self.kit.tasks, &self.store, request(id, &sent, command)).await? {
            Ok(answered) => Ok(answered),
            Err(refused) if refused.code == draft::Refusal::Faulty(0).code() => {
                let loaded = self.draft(id, sent.caller, &terms).await?;
                Err(Problem::invalid(loaded.faults(at)))
            }
            Err(refused) => {
                let problem = Problem::refusal(refused.code, refused.detail);
                Err(refused.state.into_iter().fold(problem, |problem, state| problem.with("state", state)))
            }
        }
    }
}

fn request(id: DraftId, sent: &Sent<'_>, command: draft::Command) -> Request<Event> {
    let (at, status, terms) = (command.at, sent.status, command.terms.clone());
    let command = Command::Draft(id, Box::new(command));
    let shown = terms.clone();
    Request {
        streams: command.streams(),
        expect: sent.version.map(|version| (draft_stream(id), version)),
        receipt: Some(sent.receipt.clone()),
        unmoved: None,
        context: sent.context.clone(),
        advance: None,
        decide: Box::new(move |past| {
            let mut situation = past.replay::<Registry>();
            let events = Registry::decide(&situation, command.clone()).map_err(|refusal| Refused {
                code: refusal.code(),
                detail: refusal.to_string(),
                state: Some(summary(id, &situation, &terms, at)),
            })?;
            events.iter().for_each(|event| situation.take(event));
            let body = summary(id, &situation, &terms, at);
            Ok(Decided { events, status, body, resource: Some(draft_stream(id)) })
        }),
        describe: Some(Box::new(move |past: &Past<'_, Event>| summary(id, &past.replay::<Registry>(), &shown, at))),
    }
}

/// Where a draft stands. It names nobody, because it is kept with the answer for ever.
pub(crate) fn summary(id: DraftId, situation: &Situation, terms: &draft::Terms, at: Timestamp) -> Value {
    let draft = situation.draft(id);
    let Some(work) = draft.work() else { return json!({ "draft_id": id, "state": draft.state(at) }) };
    let missing = missing(terms, draft.approvals());
    let scheduled = match draft {
        Draft::Scheduled(_, scheduled) => Some(scheduled),
        Draft::NotDrafted | Draft::Open(_) | Draft::Submitted(..) | Draft::Withdrawn(..) => None,
    };
    json!({
        "draft_id": id,
        "version": 0, // the log fills it in
        "state": draft.state(at),
        "title": work.title,
        "based_on": work.based_on,
        "hash": work.content.hash().ok(),
        "comments": work.comments.len(),
        "comments_unanswered": work.unanswered(),
        "changed_since_consultation": work.changed_since,
        "unconsulted": draft.unconsulted(),
        "consultation_until": work.consultation.map(|consultation| consultation.until),
        "approvals_missing": matches!(draft, Draft::Submitted(..)).then(|| json!({
            "board": missing.board,
            "boroughs": missing.more,
            "of": missing.boroughs,
        })),
        "number": scheduled.map(|scheduled| scheduled.number),
        "in_force_from": scheduled.map(|scheduled| scheduled.in_force_from),
    })
}
