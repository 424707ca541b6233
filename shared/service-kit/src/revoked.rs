//! Whose tokens hold no more, although their time is not over: somebody was disabled, or lost a device.
//!
//! That stands in the log of looks, which every service reads for every answer anyway (ADR 31). Each service reads the list once a second
//! and goes by what it read last.

use std::{collections::HashMap, sync::Arc, time::Duration};

use event_store::PgTime;
use kernel::{Org, Timestamp};
use sqlx::{FromRow, PgPool};
use tokio::{
    sync::watch,
    time::{Instant, sleep},
};

use crate::{Check, tasks::Stop};

/// How often the list is read.
const STEP: Duration = Duration::from_secs(1);

/// After how long without reading the list a service says so.
const STALE: Duration = Duration::from_secs(15);

/// The tokens of somebody that were made until an instant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Revocation {
    /// The subject, as callers are known here.
    pub subject: String,
    /// Those for one organisation alone, where a manager of it said so.
    pub org: Option<Org>,
    /// Made until then.
    pub before: Timestamp,
}

/// The list, as it was read last.
#[derive(Clone)]
pub struct Revoked(Arc<watch::Sender<Known>>);

#[derive(Clone)]
struct Known {
    by_subject: HashMap<String, Vec<Revocation>>,
    read_at: Instant,
}

/// Whose token it is, and when it was made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Bearer {
    pub(crate) subject: String,
    pub(crate) org: Org,
    /// In seconds; nothing where the token does not say.
    pub(crate) issued_at: Option<i64>,
}

impl Default for Revoked {
    fn default() -> Self {
        Self(Arc::new(watch::Sender::new(Known { by_subject: HashMap::new(), read_at: Instant::now() })))
    }
}

impl Revoked {
    /// Takes the whole list.
    pub fn learn(&self, list: Vec<Revocation>) {
        let mut by_subject: HashMap<String, Vec<Revocation>> = HashMap::new();
        for one in list {
            by_subject.entry(one.subject.clone()).or_default().push(one);
        }
        self.0.send_replace(Known { by_subject, read_at: Instant::now() });
    }

    /// Whether a token holds no more. One that does not say when it was made was made before.
    pub(crate) fn is(&self, bearer: &Bearer) -> bool {
        self.0.borrow().is(bearer)
    }

    /// Waits until a token holds no more.
    pub(crate) async fn becomes(&self, bearer: &Bearer) {
        let mut known = self.0.subscribe();
        if known.wait_for(|known| known.is(bearer)).await.is_err() {
            std::future::pending::<()>().await;
        }
    }

    /// Reads the list again and again until the process stops. What cannot be read leaves it as it was: nobody is locked out by that, and
    /// nobody is shown a child either, since that needs the same database.
    pub(crate) async fn follow(self, looks: PgPool, mut stop: Stop) {
        while !stop.is_asked() {
            match read(&looks).await {
                Ok(list) => self.learn(list),
                Err(error) => tracing::warn!(error = %error, "the list of revoked tokens cannot be read now"),
            }
            tokio::select! {
                () = sleep(STEP) => {}
                () = stop.asked() => {}
            }
        }
    }

    /// What `/health` says about it.
    pub(crate) fn check(&self) -> Check {
        let age = self.0.borrow().read_at.elapsed();
        if age < STALE {
            return Check::up("read a moment ago");
        }
        Check::degraded(format!("not read for {} s: whoever is revoked now is believed until it is", age.as_secs()))
    }
}

impl Known {
    fn is(&self, bearer: &Bearer) -> bool {
        let applies = |one: &Revocation| {
            one.org.as_ref().is_none_or(|org| *org == bearer.org) && bearer.issued_at.is_none_or(|at| at <= one.before.as_second())
        };
        self.by_subject.get(&bearer.subject).is_some_and(|list| list.iter().any(applies))
    }
}

#[derive(FromRow)]
struct Row {
    subject: String,
    org: String,
    before: PgTime,
}

async fn read(looks: &PgPool) -> Result<Vec<Revocation>, sqlx::Error> {
    let rows: Vec<Row> = sqlx::query_as("select subject, org, before from view.revoked").fetch_all(looks).await?;
    let one = |row: Row| {
        let org = if row.org.is_empty() { None } else { Some(row.org.parse().map_err(|fault| sqlx::Error::Decode(Box::new(fault)))?) };
        Ok(Revocation { subject: row.subject, org, before: row.before.0 })
    };
    rows.into_iter().map(one).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(1_800_000_000 + second).unwrap()
    }

    fn bearer(subject: &str, org: &str, second: Option<i64>) -> Bearer {
        let issued_at = second.map(|second| at(second).as_second());
        Bearer { subject: subject.to_owned(), org: org.parse().unwrap(), issued_at }
    }

    #[test]
    fn tokens_that_were_made_until_then_hold_no_more_and_later_ones_do() {
        let revoked = Revoked::default();
        let (own, other) = ("E08000003", "E08000006");
        assert!(!revoked.is(&bearer("ada", own, None)));
        let all = Revocation { subject: "ada".to_owned(), org: None, before: at(0) };
        let of_one = Revocation { subject: "ben".to_owned(), org: Some(own.parse().unwrap()), before: at(0) };
        revoked.learn(vec![all, of_one]);
        for (subject, org, made, is) in [
            ("ada", own, Some(0), true),
            ("ada", other, Some(-9), true),
            ("ada", own, None, true),
            ("ada", own, Some(1), false),
            ("ben", own, Some(-1), true),
            ("ben", other, Some(-1), false),
            ("eve", own, Some(-1), false),
        ] {
            assert_eq!(revoked.is(&bearer(subject, org, made)), is, "{subject} of {org} at {made:?}");
        }
        revoked.learn(vec![]);
        assert!(!revoked.is(&bearer("ada", own, Some(0))), "it was ended");
    }
}
