//! Who the children are, so that an earlier record of a child is found whatever the spelling.
//!
//! This is the one place of the service where names stand in plain form: an index cannot search a ciphertext. The rows are written
//! by opening the sealed event with the vault, and only in the service's own database. The rows of an erased child are taken away by
//! [`forget`], and a rebuild leaves them out, because nothing opens any more.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use event_store::{Applied, View};
use kernel::{ChildId, Recorded, Sealed, StoredEvent, Stream};
use sqlx::{PgConnection, PgExecutor, PgPool, Row as _, postgres::PgRow};
use vault::{Keys, OpenError, Vault};

use crate::{
    child::ChildEvent,
    event::Event,
    identity::Identity,
    matching::{Prepared, Strength, compare, keys::keys},
    personal::{SaidBirth, SaidIdentity, SaidPlace, child_place, place},
    referral::{AboutChild, ReferralEvent},
    views::circumstances,
};

/// How many records are compared with one child at most; those that share most keys come first.
const CANDIDATES: i64 = 1_000;

/// The view.
#[derive(Debug)]
pub struct Identities {
    vault: Arc<Vault>,
}

impl Identities {
    /// The view, with the vault that opens the events.
    #[must_use]
    pub fn new(vault: Arc<Vault>) -> Self {
        Self { vault }
    }

    async fn take(&self, connection: &mut PgConnection, events: &[Recorded<Event>]) -> Result<(), sqlx::Error> {
        let sealed: Vec<&Sealed> = events.iter().flat_map(|recorded| sealed_in(&recorded.event)).collect();
        if sealed.is_empty() && !events.iter().any(names_a_child) {
            return Ok(());
        }
        let opened = self.vault.keys_for(&sealed).await.map_err(|error| sqlx::Error::Configuration(error.into()))?;
        for recorded in events {
            match &recorded.event {
                Event::Referral(of, ReferralEvent::Received(received)) => {
                    for child in &received.children {
                        let stream = recorded.event.stream();
                        if let Some(row) = Row::of(child, &stream, &opened)? {
                            row.write(connection, child.id, &of.referral.to_string()).await?;
                        }
                    }
                }
                Event::Child(id, ChildEvent::Born { birth, .. }) => {
                    born(connection, *id, &recorded.event, (&opened, birth)).await?;
                }
                Event::Referral(..) | Event::Child(..) | Event::Watch(..) | Event::Desk(..) | Event::Edition(..) => {}
            }
        }
        Ok(())
    }
}

impl View<Event> for Identities {
    fn name(&self) -> &'static str {
        "identities"
    }

    fn tables(&self) -> &'static [&'static str] {
        &["identity", "identity_name"]
    }

    fn ddl(&self) -> &'static str {
        "create extension if not exists pg_trgm schema public;
        create table identity (
            child    text    primary key,
            referral text    not null,
            unborn   boolean not null,
            said     text    not null, -- JSON: names, birth, NHS number
            home     text    not null, -- JSON: postcode
            keys     text[]  not null
        );
        create index identity_keys on identity using gin (keys);
        create table identity_name (child text not null, full_name text not null, primary key (child, full_name));
        create index identity_name_like on identity_name using gin (full_name public.gin_trgm_ops);"
    }

    fn apply<'a>(&'a self, connection: &'a mut PgConnection, events: &'a [Recorded<Event>]) -> Applied<'a> {
        Box::pin(self.take(connection, events))
    }
}

fn names_a_child(recorded: &Recorded<Event>) -> bool {
    matches!(&recorded.event, Event::Referral(_, ReferralEvent::Received(_)))
}

fn sealed_in(event: &Event) -> Vec<&Sealed> {
    match event {
        Event::Referral(_, ReferralEvent::Received(received)) => {
            received.children.iter().flat_map(|child| child.identity.iter().chain(&child.home)).collect()
        }
        Event::Child(_, ChildEvent::Born { birth, .. }) => vec![birth],
        Event::Referral(..) | Event::Child(..) | Event::Watch(..) | Event::Desk(..) | Event::Edition(..) => Vec::new(),
    }
}

/// What the index holds of one child.
struct Row {
    unborn: bool,
    said: SaidIdentity,
    home: SaidPlace,
}

impl Row {
    /// Nothing when the child was erased.
    fn of(child: &AboutChild, stream: &Stream, opened: &Keys) -> Result<Option<Self>, sqlx::Error> {
        let said = open::<SaidIdentity>(opened, &child_place("identity", child.id, stream), child.identity.as_ref())?;
        let home = open::<SaidPlace>(opened, &child_place("home", child.id, stream), child.home.as_ref())?;
        let (Opened::Here(said), Opened::Here(mut home)) = (said, home) else { return Ok(None) };
        // The address is not searched, so it is not copied out of the vault's reach.
        home.address = None;
        Ok(Some(Self { unborn: child.unborn, said, home }))
    }

    async fn write(&self, connection: &mut PgConnection, child: ChildId, referral: &str) -> Result<(), sqlx::Error> {
        let found_by = keys(&Prepared::new(&self.said.facts(Some(&self.home))));
        let json = |value: Result<String, serde_json::Error>| value.map_err(|error| sqlx::Error::Encode(error.into()));
        sqlx::query(
            "with one as (
                 insert into identity (child, referral, unborn, said, home, keys) values ($1, $2, $3, $4, $5, $6)
                 on conflict (child) do update set unborn = excluded.unborn, said = excluded.said, home = excluded.home, keys = excluded.keys
             ), gone as (
                 delete from identity_name where child = $1 and not full_name = any($7)
             )
             insert into identity_name (child, full_name) select distinct $1, name from unnest($7::text[]) name on conflict do nothing",
        )
        .bind(child.to_string())
        .bind(referral)
        .bind(self.unborn)
        .bind(json(serde_json::to_string(&self.said))?)
        .bind(json(serde_json::to_string(&self.home))?)
        .bind(&found_by.keys)
        .bind(&found_by.full_names)
        .execute(connection)
        .await?;
        Ok(())
    }

    fn from_pg(row: &PgRow) -> Result<Self, sqlx::Error> {
        let decode = |error: serde_json::Error| sqlx::Error::Decode(error.into());
        Ok(Self {
            unborn: row.try_get("unborn")?,
            said: serde_json::from_str(row.try_get("said")?).map_err(decode)?,
            home: serde_json::from_str(row.try_get("home")?).map_err(decode)?,
        })
    }

    fn facts(&self) -> Identity {
        self.said.facts(Some(&self.home))
    }
}

enum Opened<T> {
    Here(T),
    Erased,
}

fn open<T: Default + serde::de::DeserializeOwned>(keys: &Keys, context: &str, sealed: Option<&Sealed>) -> Result<Opened<T>, sqlx::Error> {
    let Some(sealed) = sealed else { return Ok(Opened::Here(T::default())) };
    match keys.open::<T>(context, sealed) {
        Ok(value) => Ok(Opened::Here(value.into_exposed())),
        Err(OpenError::Erased) => Ok(Opened::Erased),
        Err(error @ (OpenError::Unknown | OpenError::Wrong | OpenError::Database(_))) => Err(sqlx::Error::Configuration(error.into())),
    }
}

async fn born(connection: &mut PgConnection, id: ChildId, event: &Event, (opened, sealed): (&Keys, &Sealed)) -> Result<(), sqlx::Error> {
    let birth = match opened.open::<SaidBirth>(&place("child.born", "birth", &event.stream()), sealed) {
        Ok(birth) => birth.into_exposed(),
        Err(OpenError::Erased) => return Ok(()),
        Err(error @ (OpenError::Unknown | OpenError::Wrong | OpenError::Database(_))) => {
            return Err(sqlx::Error::Configuration(error.into()));
        }
    };
    let found = sqlx::query("select referral, unborn, said, home from identity where child = $1")
        .bind(id.to_string())
        .fetch_optional(&mut *connection)
        .await?;
    let Some(found) = found else { return Ok(()) };
    let referral: String = found.try_get("referral")?;
    let mut row = Row::from_pg(&found)?;
    row.unborn = false;
    row.said.born(&birth);
    row.write(connection, id, &referral).await
}

/// A record that may be about the same child.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PossibleMatch {
    /// The record.
    pub child: String,
    /// How much speaks for it.
    pub strength: Strength,
    /// Why, in words that hold no name and no number.
    pub why: Vec<String>,
}

/// Records, in all boroughs, that may be about this child; the likely ones first. Records in `without` are left out.
///
/// The home of a shielded child is compared with nothing: whoever asks with one postcode after another would learn it.
///
/// # Errors
/// When the database does not answer.
pub async fn possible_matches(pool: &PgPool, identity: &Identity, without: &[String]) -> Result<Vec<PossibleMatch>, sqlx::Error> {
    let asked = Prepared::new(identity);
    let by = keys(&asked);
    if by.keys.is_empty() && by.full_names.is_empty() {
        return Ok(Vec::new());
    }
    let rows = sqlx::query(
        "with candidate as (
             select child from identity where keys && $1
             union
             select n.child from unnest($2::text[]) asked join identity_name n on n.full_name % asked
         )
         select child, unborn, said, home from identity join candidate using (child) where not child = any($3)
         order by cardinality(array(select unnest(keys) intersect select unnest($1::text[]))) desc, child desc limit $4",
    )
    .bind(&by.keys)
    .bind(&by.full_names)
    .bind(without)
    .bind(CANDIDATES)
    .fetch_all(pool)
    .await?;
    let children: Vec<String> = rows.iter().map(|row| row.try_get("child")).collect::<Result<_, _>>()?;
    let shielded = if children.is_empty() { BTreeSet::new() } else { circumstances::shielded(pool, &children).await? };
    let mut found = Vec::new();
    for (row, child) in rows.iter().zip(children) {
        let mut facts = Row::from_pg(row)?.facts();
        if shielded.contains(&child) {
            facts.home_postcode = None;
        }
        if let Some(suggestion) = compare(&asked, &Prepared::new(&facts)) {
            found.push(PossibleMatch { child, strength: suggestion.strength, why: suggestion.why });
        }
    }
    found.sort_by(|a, b| b.strength.cmp(&a.strength).then_with(|| a.child.cmp(&b.child)));
    Ok(found)
}

/// What is known of some children, for a comparison.
///
/// # Errors
/// When the database does not answer.
pub async fn identities_of(executor: impl PgExecutor<'_>, children: &[String]) -> Result<BTreeMap<String, Identity>, sqlx::Error> {
    let rows =
        sqlx::query("select child, unborn, said, home from identity where child = any($1)").bind(children).fetch_all(executor).await?;
    rows.iter().map(|row| Ok((row.try_get("child")?, Row::from_pg(row)?.facts()))).collect()
}

/// Where a child's record is.
#[derive(Clone, Debug)]
pub struct Home {
    /// The referral that named it.
    pub referral: String,
    /// Whether it is not born yet.
    pub unborn: bool,
}

/// The referral that named a child; none when there is no such record.
///
/// # Errors
/// When the database does not answer.
pub async fn record_of(executor: impl PgExecutor<'_>, child: ChildId) -> Result<Option<Home>, sqlx::Error> {
    let row =
        sqlx::query("select referral, unborn from identity where child = $1").bind(child.to_string()).fetch_optional(executor).await?;
    row.map(|row| Ok(Home { referral: row.try_get(0)?, unborn: row.try_get(1)? })).transpose()
}

/// Takes an erased child out of the index. The caller has destroyed its keys, so a rebuild does not bring it back.
///
/// # Errors
/// When the database does not answer.
pub async fn forget(pool: &sqlx::PgPool, child: ChildId) -> Result<(), sqlx::Error> {
    let mut transaction = pool.begin().await?;
    for sql in ["delete from identity where child = $1", "delete from identity_name where child = $1"] {
        sqlx::query(sql).bind(child.to_string()).execute(&mut *transaction).await?;
    }
    transaction.commit().await
}
