//! The worker that notices clocks that have run out. A clock records and escalates; it decides nothing.
//!
//! One replica at a time looks, by a lock that ends with its transaction. It does not lock the rows: the writer must be able to
//! change them while the command that a clock leads to is carried out. The rules make sure that a clock fires once.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use event_store::{Context, Outcome, StoreError};
use jiff::{SignedDuration, ToSpan as _, civil::Date};
use kernel::{Actor, Borough, ChildId, GlassId, Timestamp, TransferId, edition::ClockName};
use service_kit::{PutOff, Stop, Trace};
use tokio::time::sleep;

use crate::{
    app::App,
    clocks::{Clock, When},
    due,
    glass::GlassClock,
    ledger::Reminder,
    rules::{Command, Scope, Situation, What},
    transfer::{Talk, Tell},
    views::{
        desks,
        timers::{self, GLASS_REVIEW, GLASS_UNREAD, NIGHT_LATE, NIGHT_LIST, POWER_OVER, Ran},
    },
    write,
};

/// How often the worker looks.
const STEP: Duration = Duration::from_millis(250);

/// How many clocks it takes at once.
const MOST: i64 = 100;

/// The lock under which one replica looks; any number that nothing else uses.
const LOCK: i64 = 0x7472_6174_696d;

/// What to do about a clock.
enum Next {
    Carry(Box<Command>),
    Wait(Timestamp),
    Unknown,
}

/// Looks at the clocks until the process stops.
pub(crate) struct Timers {
    app: App,
    put_off: PutOff<Ran>,
    rota_seen: BTreeMap<Borough, (Date, i64)>,
    /// The day on which it was looked whether the board names its chair.
    board_seen: Option<Date>,
}

impl Timers {
    pub(crate) fn new(app: App) -> Self {
        Self { app, put_off: PutOff::new(), rota_seen: BTreeMap::new(), board_seen: None }
    }

    pub(crate) async fn run(mut self, stop: Stop) {
        while !stop.is_asked() {
            // Whatever went wrong is tried again, since the rows stay until their commands are recorded.
            if let Err(error) = self.look().await {
                tracing::warn!(error = %error, "clocks cannot be looked at now");
                sleep(STEP).await;
            }
            sleep(STEP).await;
        }
    }

    /// Fires every clock that has run out by now.
    pub(crate) async fn look(&mut self) -> Result<(), Failed> {
        let mut turn = self.app.pool().begin().await?;
        let mine: bool = sqlx::query_scalar("select pg_try_advisory_xact_lock($1)").bind(LOCK).fetch_one(&mut *turn).await?;
        if !mine {
            turn.rollback().await?;
            return Ok(());
        }
        let now = self.app.kit.clock.now();
        for ran in timers::ran_out(&mut *turn, now, self.put_off.waiting().saturating_add(MOST)).await? {
            if !self.put_off.waits(&ran, now) {
                self.fire_or_put_off(&ran, now).await?;
            }
        }
        self.put_off.forget_past(now);
        self.look_at_rotas(now).await?;
        turn.rollback().await?;
        Ok(())
    }

    /// One clock that cannot be read or decided waits, and the others do not wait for it.
    async fn fire_or_put_off(&mut self, ran: &Ran, now: Timestamp) -> Result<(), Failed> {
        match self.fire(ran, now).await {
            Err(error @ (Failed::Record | Failed::Log(StoreError::Decode { .. } | StoreError::Bug { .. }))) => {
                tracing::error!(kind = ran.kind, error = %error, "a clock cannot be fired; the others go on, and it is tried again in 30 s");
                self.put_off.later(ran.clone(), now);
                Ok(())
            }
            fired => fired,
        }
    }

    async fn fire(&mut self, ran: &Ran, now: Timestamp) -> Result<(), Failed> {
        let command = match self.command(ran, now).await? {
            Next::Carry(command) => *command,
            Next::Wait(until) => {
                self.put_off.until(ran.clone(), until);
                return Ok(());
            }
            Next::Unknown => {
                tracing::error!(kind = ran.kind, "a clock that stands for nothing is left alone");
                self.put_off.later(ran.clone(), now);
                return Ok(());
            }
        };
        let request = write::machine(self.context(now), vec![command], None);
        match self.app.store.execute(request).await? {
            Outcome::Done(_) => {
                // Its event took the row away. If there was none, the clock had been stopped meanwhile.
                let mut gone = self.app.pool().begin().await?;
                timers::forget(&mut *gone, ran).await?;
                gone.commit().await?;
            }
            Outcome::Refused(refused) => {
                tracing::warn!(kind = ran.kind, code = refused.code, "a clock could not be taken; it is tried again in 30 s");
                self.put_off.later(ran.clone(), now);
            }
            Outcome::Stale { .. } | Outcome::KeyReused | Outcome::Skipped | Outcome::Gap { .. } => {
                self.put_off.later(ran.clone(), now);
            }
        }
        Ok(())
    }

    fn context(&self, now: Timestamp) -> Context {
        let correlation = Trace::new(&self.app.kit.ids).id();
        Context { actor: Actor::hub("timer"), occurred_at: None, recorded_at: now, correlation, causation: None }
    }

    async fn command(&self, ran: &Ran, now: Timestamp) -> Result<Next, Failed> {
        if ran.kind == NIGHT_LIST || ran.kind == NIGHT_LATE {
            return self.night(ran, now).await;
        }
        if ran.kind == POWER_OVER {
            return Ok(self.power(ran, now));
        }
        if ran.kind == GLASS_UNREAD || ran.kind == GLASS_REVIEW {
            return self.glass(ran, now).await;
        }
        let (Ok(clock), Ok(id)) = (serde_json::from_value::<Clock>(ran.kind.as_str().into()), ran.subject.parse::<TransferId>()) else {
            return Ok(Next::Unknown);
        };
        let Some(loaded) = self.app.transfer(id).await.map_err(|_| Failed::Record)? else { return Ok(Next::Unknown) };
        let what = What::Tell { transfer: id, by: Actor::hub("timer"), tell: Tell::ClockRanOut(clock) };
        let (edition, priority, scope) = (self.app.edition(now), loaded.talk.priority(), scope_of(&loaded.talk));
        Ok(Next::Carry(Box::new(Command::under(&edition, priority, When::now(now), scope, what))))
    }

    fn power(&self, ran: &Ran, now: Timestamp) -> Next {
        let (Ok(child), Ok(power)) = (ran.subject.parse::<ChildId>(), serde_json::from_value(ran.detail.as_str().into())) else {
            return Next::Unknown;
        };
        let what = What::Remind { child, reminder: Reminder::PowerOver { power } };
        Next::Carry(Box::new(Command::under(&self.app.edition(now), None, When::now(now), Scope::default(), what)))
    }

    async fn glass(&self, ran: &Ran, now: Timestamp) -> Result<Next, Failed> {
        let Ok(id) = ran.subject.parse::<GlassId>() else { return Ok(Next::Unknown) };
        let Some(one) = self.app.glass(id).await.map_err(|_| Failed::Record)? else { return Ok(Next::Unknown) };
        let clock = if ran.kind == GLASS_REVIEW { GlassClock::Review } else { GlassClock::Unread };
        let scope = Scope { boroughs: one.glass.holders.iter().cloned().collect(), ..Scope::default() };
        let what = What::GlassClock { glass: id, clock };
        Ok(Next::Carry(Box::new(Command::under(&self.app.edition(now), None, When::now(now), scope, what))))
    }

    async fn night(&self, ran: &Ran, now: Timestamp) -> Result<Next, Failed> {
        let (Ok(child), Ok(referral)) = (ran.subject.parse::<ChildId>(), ran.detail.parse()) else { return Ok(Next::Unknown) };
        let history = self.app.children([child]).await.map_err(|_| Failed::Record)?;
        let mut situation = Situation::default();
        history.iter().for_each(|recorded| situation.take(&recorded.event.event));
        let contact = situation.ledgers.get(&child).and_then(|ledger| ledger.contacts.get(&referral));
        let Some(contact) = contact else { return Ok(Next::Unknown) };
        // An edition that is learnt late must not move a clock that runs: it was set when the case came in.
        let late_at = contact
            .late_by
            .unwrap_or_else(|| self.app.edition(contact.received_at).due(ClockName::NightCaseToManager, None, contact.received_at).at);
        if ran.kind == NIGHT_LATE && now < late_at {
            return Ok(Next::Wait(late_at));
        }
        let reminder = if ran.kind == NIGHT_LIST { Reminder::NightListDue { referral } } else { Reminder::NightCaseLate { referral } };
        let boroughs = BTreeSet::from([contact.borough.clone()]);
        let scope = Scope { children: BTreeSet::from([child]), boroughs, ..Scope::default() };
        let what = What::Remind { child, reminder };
        Ok(Next::Carry(Box::new(Command::under(&self.app.edition(now), None, When::now(now), scope, what))))
    }

    /// Looks at tomorrow's rota of every desk once a day, and again when the desk was set: the day before, an empty level can
    /// still be filled.
    async fn look_at_rotas(&mut self, now: Timestamp) -> Result<(), Failed> {
        let today = crate::desk::local(now).date();
        if self.board_seen != Some(today) {
            let command = Command::under(&self.app.edition(now), None, When::now(now), Scope::default(), What::CheckBoard);
            self.app.store.execute(write::machine(self.context(now), vec![command], None)).await?;
            self.board_seen = Some(today);
        }
        for known in desks::all(self.app.pool()).await? {
            let seen = (today, known.version);
            if self.rota_seen.get(&known.borough) == Some(&seen) {
                continue;
            }
            let from = due::start_of(today.saturating_add(1.days()));
            let notice = SignedDuration::from_hours(self.app.edition(now).limits.rota_notice_hours.into());
            let to = from.saturating_add(notice).unwrap_or(from);
            let what = What::CheckRota { borough: known.borough.clone(), from, to };
            let command = Command::under(&self.app.edition(now), None, When::now(now), Scope::default(), what);
            let request = write::machine(self.context(now), vec![command], None);
            self.app.store.execute(request).await?;
            // The alerts themselves are new versions of the desk.
            let version = desks::of(self.app.pool(), [&known.borough]).await?.first().map_or(known.version, |known| known.version);
            self.rota_seen.insert(known.borough, (today, version));
        }
        Ok(())
    }
}

fn scope_of(talk: &Talk) -> Scope {
    let boroughs = [&talk.offer.from, &talk.offer.to].into_iter().cloned().collect();
    Scope { children: talk.children().collect(), boroughs, ..Scope::default() }
}

/// The worker could not look.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failed {
    /// The views.
    #[error("the views cannot be read")]
    View(#[from] sqlx::Error),
    /// The log.
    #[error("the log cannot be written")]
    Log(#[from] StoreError),
    /// A stream.
    #[error("a stream cannot be read")]
    Record,
}
