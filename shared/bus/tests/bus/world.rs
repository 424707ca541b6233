//! Two made-up services: one says things, the other notes that it has heard them.

use std::sync::{
    Arc,
    atomic::{AtomicBool, AtomicU64, Ordering},
};

use bus::{Later, Source, SourceError};
use event_store::{Advance, Context, Decided, Log, Refused, Request, Store, StoreError};
use kernel::{Actor, DecodeError, EventId, Recorded, StoredEvent, Stream};
use proto_events::{Envelope, intake::Intake};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// What the first service keeps.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Said {
    pub(crate) about: u32,
    pub(crate) what: String,
}

/// What the second service keeps: one for each event of the first that it takes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Heard {
    pub(crate) about: String,
    pub(crate) position: i64,
}

macro_rules! stored {
    ($event:ident, $category:literal, $field:ident) => {
        impl StoredEvent for $event {
            fn stream(&self) -> Stream {
                Stream::new($category, &self.$field)
            }

            fn type_name(&self) -> &'static str {
                $category
            }

            fn to_data(&self) -> Result<Vec<u8>, serde_json::Error> {
                serde_json::to_vec(self)
            }

            fn from_data(_: &Stream, type_name: &str, version: i16, data: &[u8]) -> Result<Self, DecodeError> {
                let fault = |source| DecodeError { type_name: type_name.to_owned(), version, source };
                if type_name != $category {
                    return Err(fault(None));
                }
                serde_json::from_slice(data).map_err(|error| fault(Some(error)))
            }
        }
    };
}

stored!(Said, "said", about);
stored!(Heard, "heard", about);

/// What others see. Every seventh concerns nobody outside.
pub(crate) fn publish(recorded: &Recorded<Said>) -> Option<Intake> {
    let Said { about, what } = &recorded.event;
    (about % 7 != 3).then(|| Intake::Noted {
        what: what.clone(),
        children: vec![format!("child_{about}")],
        borough: Some("E08000003".to_owned()),
    })
}

fn request<E>(streams: Vec<Stream>, decide: impl Fn() -> Result<Vec<E>, Refused> + Send + Sync + 'static) -> Request<E> {
    Request {
        streams,
        expect: None,
        unmoved: None,
        receipt: None,
        context: Context {
            actor: Actor::hub("test"),
            occurred_at: None,
            recorded_at: "2026-11-23T02:00:00Z".parse().unwrap(),
            correlation: "4bf92f3577b34da6a3ce929d0e0e4736".to_owned(),
            causation: None,
        },
        advance: None,
        decide: Box::new(move |_| Ok(Decided { events: decide()?, status: 200, body: Value::Null, resource: None })),
        describe: None,
    }
}

/// Says `count` things, about 11 subjects in turn. Fails if a command does.
pub(crate) async fn say(store: &Store<Said>, count: u32) {
    let commands = (0..count).map(|n| say_one(store, n % 11, "something"));
    futures_util::future::join_all(commands).await;
}

/// Says one thing.
pub(crate) async fn say_one(store: &Store<Said>, about: u32, what: &str) -> i64 {
    let what = what.to_owned();
    let event = Said { about, what };
    let request = request(vec![event.stream()], move || Ok(vec![event.clone()]));
    let event_store::Outcome::Done(answer) = store.execute(request).await.unwrap() else { panic!("refused") };
    answer.position
}

/// Tries to say something that the rules refuse.
pub(crate) async fn say_refused(store: &Store<Said>) {
    let request = request(Vec::new(), || Err(Refused { code: "no", detail: "no".to_owned(), state: None }));
    assert!(matches!(store.execute(request).await, Ok(event_store::Outcome::Refused(_))));
}

/// What has been heard by the second service, as the positions of the first, in the order of its log.
pub(crate) async fn heard(log: &Log) -> Vec<i64> {
    let rows = log.after(0, 100_000).await.unwrap();
    rows.into_iter().map(|row| row.decode::<Heard>().unwrap().event.position).collect()
}

/// The reaction of the second service. `broken` decides whether bad things can be heard.
pub(crate) fn react(broken: Arc<AtomicBool>) -> impl Fn(&Envelope) -> Result<Option<Request<Heard>>, String> + Send + Sync {
    move |event| {
        let broken = broken.load(Ordering::SeqCst);
        let published: Option<Intake> = event.published().map_err(|error| error.to_string())?;
        let what = match published {
            Some(Intake::Noted { what, .. }) if broken => what,
            Some(_) | None => String::new(),
        };
        match what.as_str() {
            "unknown" => return Err("a type from the future".to_owned()),
            "panics" => panic!("a bug in the reaction"),
            _ => {}
        }
        let heard = Heard { about: event.subject.clone(), position: event.position };
        let mut request = request(vec![heard.stream()], move || match what.as_str() {
            "refused" => Err(Refused { code: "not_now", detail: "no".to_owned(), state: None }),
            "decider panics" => panic!("a bug in the decider"),
            _ => Ok(vec![heard.clone()]),
        });
        request.context.causation = Some(EventId::from_uuid(event.id));
        // Whatever a reaction puts here is not used.
        request.advance = Some(Advance { source: "nobody".to_owned(), position: 1 });
        Ok(Some(request))
    }
}

/// The first service's log, as its HTTP API would give it, with a switch to take it away.
pub(crate) struct Direct {
    pub(crate) log: Log,
    pub(crate) away: AtomicBool,
    pub(crate) given: AtomicU64,
}

impl Direct {
    pub(crate) fn new(log: Log) -> Arc<Self> {
        Arc::new(Self { log, away: AtomicBool::new(false), given: AtomicU64::new(0) })
    }
}

impl Source for Direct {
    fn after(&self, position: i64, limit: i64) -> Later<'_, Result<Vec<Envelope>, SourceError>> {
        Box::pin(async move {
            if self.away.load(Ordering::SeqCst) {
                return Err(SourceError::Away);
            }
            let page = bus::page(&self.log, publish, position, limit).await.map_err(|_: StoreError| SourceError::Away)?;
            self.given.fetch_add(page.len() as u64, Ordering::SeqCst);
            Ok(page)
        })
    }
}
