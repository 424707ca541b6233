//! From a request to a command on what stands beside the editions, and from its outcome to the answer.

use event_store::{Context, Decided, Past, Receipt, Request};
use kernel::{Decider as _, Stream};
use serde_json::Value;
use service_kit::{Answered, Authority, Change, Create, Problem, command};

use crate::{
    app::App,
    rules::{Command, Event, Registry, Situation},
};

/// A command with who sends it, under which key and on which version.
pub(super) struct Told {
    command: Command,
    context: Context,
    receipt: Receipt,
    expect: Option<(Stream, i64)>,
    status: u16,
}

impl Told {
    /// What makes something new.
    pub(super) fn new<R: Authority, T>(create: &Create<R, T>, command: Command) -> Self {
        Self { command, context: create.context(None), receipt: create.receipt.clone(), expect: None, status: 201 }
    }

    /// What changes something that is there, on the version that was read.
    pub(super) fn on<R: Authority, T>(change: &Change<R, T>, stream: Stream, command: Command) -> Self {
        let expect = Some((stream, change.version));
        Self { command, context: change.context(None), receipt: change.receipt.clone(), expect, status: 200 }
    }

    /// The same, answered with 200.
    pub(super) fn ok(self) -> Self {
        Self { status: 200, ..self }
    }

    /// The same with nothing that leads to whoever sent it.
    pub(super) fn by_nobody(self, context: Context, principal: &str) -> Self {
        Self { context, receipt: Receipt { principal: principal.to_owned(), ..self.receipt }, ..self }
    }
}

impl App {
    /// Carries a command out. The answer is kept with its key, so it names nobody.
    pub(super) async fn tell(
        &self,
        told: Told,
        resource: Option<Stream>,
        answer: impl Fn(&Situation) -> Value + Send + Sync + 'static,
    ) -> Result<Answered, Problem> {
        let Told { command, context, receipt, expect, status } = told;
        let request = Request {
            streams: command.streams(),
            expect,
            receipt: Some(receipt),
            unmoved: None,
            context,
            advance: None,
            decide: Box::new(move |past: &Past<'_, Event>| {
                let mut situation = past.replay::<Registry>();
                let events = Registry::decide(&situation, command.clone())?;
                events.iter().for_each(|event| situation.take(event));
                Ok(Decided { events, status, body: answer(&situation), resource: resource.clone() })
            }),
            describe: None,
        };
        command::run(&self.kit.tasks, &self.store, request).await
    }
}
