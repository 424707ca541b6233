//! The worker: reads the log, signs what it has become, and has it cosigned.
//!
//! What is guaranteed. A row is hashed again when it is first signed for, all rows at the start and with every hundredth checkpoint. The
//! last signed head is read back, and its root found again, before the next is signed; a head is kept before it leaves the process.
//! After a start nothing new is signed until so many witnesses have answered for the last signed head that those who did not could
//! not be a quorum: so a restored copy of the log meets somebody who knows more.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
    time::Duration,
};

use event_store::{Heads, Log, SignedHead, StoreError};
use futures_util::future::join_all;
use kernel::Timestamp;
use tokio::{sync::watch, time::Instant};
use transparency::{
    Checkpoint, Frontier, Note, Signer,
    policy::{Cosigned, KnownWitness},
};

use super::{
    Proofs, Shown, Status,
    tree::{self, Broken, Marks, at},
    witnesses::{Said, Witnesses},
};
use crate::Clock;

/// After so many checkpoints every row is read again.
const WHOLE: u32 = 100;

/// How many of the last signed trees are kept for proofs, beside those at which witnesses stand.
const MARKS: usize = 8;

/// How long a witness that did not answer is left alone: a second more each time, up to this many.
const SHY: u32 = 10;

/// Below the quorum for longer than this is an alarm, in seconds.
const ALARM: i64 = 300;

/// How many checkpoints are looked through at the start for the last that enough witnesses cosigned, and later: witnesses cosign the
/// newest.
const BACK: (i64, i64) = (500, 8);

/// Why nothing is signed.
enum Trouble {
    /// Not now; it is tried again soon.
    Away(String),
    /// Not until somebody has looked.
    Refuses(String),
}

impl From<StoreError> for Trouble {
    fn from(error: StoreError) -> Self {
        Self::Away(error.to_string())
    }
}

impl From<Broken> for Trouble {
    fn from(broken: Broken) -> Self {
        match broken {
            Broken::Away(error) => error.into(),
            Broken::Altered(what) => Self::Refuses(what),
        }
    }
}

pub(super) struct Checkpointer {
    log: Log,
    heads: Heads,
    signer: Arc<Signer>,
    witnesses: Witnesses,
    clock: Clock,
    shows: watch::Sender<Shown>,
    /// The tree up to the last signed head, from rows that were read; nothing where all are to be read again.
    tree: Option<Frontier>,
    turns: u32,
    /// The last head that this process signed or saw signed.
    signed: Option<SignedHead>,
    /// How long the log was at each witness.
    known: BTreeMap<String, i64>,
    marks: Marks,
    /// Who did not answer: how often in turn, and when they are asked again.
    silent: BTreeMap<String, (u32, Instant)>,
    /// Who has answered for the last signed head since the start.
    answered: BTreeSet<String>,
    refuses: Option<String>,
    alarmed: bool,
    /// The newest that enough witnesses cosigned, and who did.
    best: Option<(SignedHead, Cosigned)>,
}

impl Checkpointer {
    pub(super) fn new(log: Log, signer: Arc<Signer>, proofs: &Proofs, clock: Clock, shows: watch::Sender<Shown>) -> Self {
        let witnesses = Witnesses { client: proofs.client.clone(), policy: Arc::clone(&proofs.policy), log: log.clone() };
        Self {
            heads: log.heads(),
            log,
            signer,
            witnesses,
            clock,
            shows,
            tree: None,
            turns: 0,
            signed: None,
            known: BTreeMap::new(),
            marks: Marks::new(),
            silent: BTreeMap::new(),
            answered: BTreeSet::new(),
            refuses: None,
            alarmed: false,
            best: None,
        }
    }

    /// One turn. Says whether the next may come soon.
    pub(super) async fn turn(&mut self) -> bool {
        let refuses = match self.sign_and_show().await {
            Ok(()) => None,
            Err(Trouble::Away(why)) => {
                tracing::warn!(service = self.log.service(), why, "no checkpoint now");
                self.refuses.clone()
            }
            Err(Trouble::Refuses(why)) => Some(why),
        };
        if let Some(why) = refuses.as_ref().filter(|why| self.refuses.as_ref() != Some(why)) {
            tracing::error!(service = self.log.service(), why, "this log is NOT SIGNED any more: see docs/runbook/witness.md");
        }
        if refuses.is_some() {
            self.tree = None;
            self.marks.clear();
        }
        self.refuses = refuses;
        if let Err(error) = self.tell().await {
            tracing::warn!(service = self.log.service(), error = %error, "the state of the checkpoints cannot be read");
        }
        self.refuses.is_none()
    }

    async fn sign_and_show(&mut self) -> Result<(), Trouble> {
        let mut last = self.last().await?;
        let mut tree = self.tree_at(&last).await?;
        self.mark(&tree);
        let head = self.log.head().await?;
        if head < last.size {
            return Err(Trouble::Refuses(format!("the log has {head} events and {} were signed for", last.size)));
        }
        if !self.is_known_outside() {
            self.show(&last).await?;
        }
        if self.is_known_outside() && head > last.size {
            tree::grow(&self.log, &mut tree, head).await?;
            last = self.sign(&tree, Some(last.size)).await?;
            self.turns += 1;
        }
        self.mark(&tree);
        self.tree = (self.turns % WHOLE != WHOLE - 1 && at(&tree) == last.size).then_some(tree);
        let lacks = last.cosignatures.len() < self.witnesses.policy.witnesses().len();
        if lacks { self.show(&last).await } else { Ok(()) }
    }

    /// The last signed head. A log that has none signs that it began with nothing: so that witnesses can be asked for what they know.
    async fn last(&mut self) -> Result<SignedHead, Trouble> {
        let last = self.heads.last().await?;
        if let Some(signed) = &self.signed
            && last.as_ref().is_none_or(|last| last.size < signed.size)
        {
            return Err(Trouble::Refuses(format!(
                "{} events were signed for, and the log no longer knows it: it was set back",
                signed.size
            )));
        }
        match last {
            Some(last) => {
                self.signed = Some(last.clone());
                Ok(last)
            }
            None => self.sign(&Frontier::new(), None).await,
        }
    }

    /// The tree at the last signed head; its root must be the one that was signed.
    async fn tree_at(&mut self, last: &SignedHead) -> Result<Frontier, Trouble> {
        let mut tree = self.tree.take().filter(|tree| at(tree) <= last.size).unwrap_or_default();
        tree::grow(&self.log, &mut tree, last.size).await?;
        if tree.root() == last.root {
            return Ok(tree);
        }
        Err(Trouble::Refuses(format!("the first {} events are not those that were signed for", last.size)))
    }

    async fn sign(&mut self, tree: &Frontier, after: Option<i64>) -> Result<SignedHead, Trouble> {
        let checkpoint = Checkpoint::new(self.signer.verifier().name(), tree.size(), tree.root());
        let note = checkpoint.signed(&self.signer).to_string();
        let head = SignedHead { size: at(tree), root: tree.root(), note, signed_at: self.clock.now(), cosignatures: Vec::new() };
        if !self.heads.keep(&head, after).await? {
            return Err(Trouble::Away("another replica has signed meanwhile".to_owned()));
        }
        self.signed = Some(head.clone());
        Ok(head)
    }

    /// Whether those who have not answered since the start are too few to have cosigned anything without the others.
    fn is_known_outside(&self) -> bool {
        let policy = &self.witnesses.policy;
        let silent = policy.witnesses().iter().map(|witness| witness.name.as_str()).filter(|name| !self.answered.contains(*name));
        policy.asks_for_none() || !policy.is_enough(silent)
    }

    /// Keeps the tree at a signed head, and lets go of those that no proof is likely to begin with.
    fn mark(&mut self, tree: &Frontier) {
        self.marks.insert(at(tree), tree.clone());
        let recent: BTreeSet<i64> = self.marks.keys().rev().take(MARKS).chain(self.known.values()).copied().collect();
        self.marks.retain(|size, _| recent.contains(size));
    }

    /// Shows a signed head to every witness at once.
    async fn show(&mut self, head: &SignedHead) -> Result<(), Trouble> {
        let policy = Arc::clone(&self.witnesses.policy);
        let now = Instant::now();
        let awake = |witness: &&KnownWitness| self.silent.get(&witness.name).is_none_or(|(_, at)| *at <= now);
        let awake: Vec<&KnownWitness> = policy.witnesses().iter().filter(awake).collect();
        let asked = awake.iter().map(|witness| {
            let known = self.known.get(&witness.name).copied().unwrap_or(head.size);
            self.witnesses.show(witness, head, (known, &self.marks))
        });
        let said = join_all(asked).await;
        for (witness, said) in awake.into_iter().zip(said) {
            match said? {
                Said::Cosigned(cosignature) => {
                    self.heads.cosign(&cosignature).await?;
                    self.known.insert(witness.name.clone(), head.size);
                    self.answered.insert(witness.name.clone());
                    self.silent.remove(&witness.name);
                }
                Said::Ahead(size) => self.ahead(&witness.name, size).await?,
                Said::Differs => {
                    let why = format!("the witness {} holds another record of this log than the one in the database", witness.name);
                    return Err(Trouble::Refuses(why));
                }
                Said::Nothing(why) => {
                    tracing::debug!(witness = witness.name, why, "no cosignature");
                    let times = self.silent.get(&witness.name).map_or(1, |(times, _)| times + 1).min(SHY);
                    self.silent.insert(witness.name.clone(), (times, now + Duration::from_secs(times.into())));
                }
            }
        }
        Ok(())
    }

    /// A witness knows a longer log: another replica has signed it meanwhile, or this one was set back.
    async fn ahead(&self, witness: &str, size: i64) -> Result<(), Trouble> {
        let last = self.heads.last().await?.map_or(0, |last| last.size);
        if last >= size {
            return Ok(());
        }
        let why = format!(
            "the witness {witness} has cosigned {size} events and this log was signed for {last}: it was set back to an older copy"
        );
        Err(Trouble::Refuses(why))
    }

    /// Publishes the newest checkpoint that enough witnesses cosigned, and how things are.
    async fn tell(&mut self) -> Result<(), StoreError> {
        let policy = &self.witnesses.policy;
        let (last, events) = (self.heads.last().await?, self.log.head().await?);
        let back = if self.best.is_some() { BACK.1 } else { BACK.0 };
        let mut recent = self.heads.before(i64::MAX, back).await?.into_iter();
        let found = recent.find_map(|head| {
            let by = Note::parse(&head.cosigned_note()).map(|note| policy.cosigned(&note)).unwrap_or_default();
            policy.is_enough(by.keys().map(String::as_str)).then_some((head, by))
        });
        let enough = found.or_else(|| self.best.take());
        let cosigned = enough.as_ref().map(|(head, _)| head.size);
        let waits = self.heads.after(cosigned.unwrap_or(-1), 1).await?.first().map(|head| head.signed_at);
        let second = enough.as_ref().and_then(|(_, by)| by.values().max());
        let status = Status {
            service: self.log.service().to_owned(),
            origin: self.signer.verifier().name().to_owned(),
            events,
            signed: last.as_ref().map(|head| head.size),
            cosigned,
            by: enough.as_ref().map_or(0, |(_, by)| by.len()),
            of: policy.witnesses().len(),
            at: second.and_then(|second| Timestamp::from_second(i64::try_from(*second).ok()?).ok()),
            waiting_since: waits,
            refuses: self.refuses.clone(),
            sentence: String::new(),
        };
        let note = enough.as_ref().map(|(head, _)| head).or(last.as_ref()).map(SignedHead::cosigned_note);
        self.best = enough;
        self.measure(&status);
        self.shows.send_replace(Shown { note, status: Some(status.in_words()) });
        Ok(())
    }

    fn measure(&mut self, status: &Status) {
        let service = status.service.clone();
        let waits = status.waiting_since.map_or(0, |since| self.clock.now().as_second() - since.as_second()).max(0);
        let alarm = waits >= ALARM;
        if alarm && !self.alarmed {
            tracing::error!(service, seconds = waits, "checkpoints are not cosigned by enough witnesses: see docs/runbook/witness.md");
        }
        self.alarmed = alarm;
        #[expect(clippy::cast_precision_loss, reason = "seconds of waiting")]
        metrics::gauge!("hub_log_not_cosigned_seconds", "service" => service.clone()).set(waits as f64);
        metrics::gauge!("hub_log_not_cosigned_alarm", "service" => service.clone()).set(f64::from(u8::from(alarm)));
        metrics::gauge!("hub_log_refuses_to_sign", "service" => service).set(f64::from(u8::from(status.refuses.is_some())));
    }
}
