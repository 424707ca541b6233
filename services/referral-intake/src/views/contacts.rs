//! One line for each child and contact: the history that a decider opens.

use event_store::{Applied, PgTime, View};
use kernel::{Recorded, Timestamp};
use sqlx::{PgConnection, PgExecutor, Row as _, postgres::PgRow};

use crate::{event::Event, referral::ReferralEvent};

/// The view.
#[derive(Debug)]
pub struct Contacts;

impl View<Event> for Contacts {
    fn name(&self) -> &'static str {
        "contacts"
    }

    fn tables(&self) -> &'static [&'static str] {
        &["contact"]
    }

    fn ddl(&self) -> &'static str {
        "create table contact (
            child       text        not null,
            referral    text        not null,
            reference   text        not null,
            owner       text        not null,
            received_at timestamptz not null,
            danger      text        not null,
            from_org    text        not null,
            referrer    text, -- sealed: name, role and telephone
            outcome     text,
            withdrawn   boolean     not null default false,
            primary key (child, referral)
        );
        create index contact_referral on contact (referral);"
    }

    fn apply<'a>(&'a self, connection: &'a mut PgConnection, events: &'a [Recorded<Event>]) -> Applied<'a> {
        Box::pin(async move {
            for recorded in events {
                match &recorded.event {
                    Event::Referral(of, ReferralEvent::Received(received)) => {
                        sqlx::query(
                            "insert into contact (child, referral, reference, owner, received_at, danger, from_org, referrer)
                             select child, $2, $3, $4, $5, $6, $7, $8 from unnest($1::text[]) child",
                        )
                        .bind(of.children.iter().map(ToString::to_string).collect::<Vec<_>>())
                        .bind(of.referral.to_string())
                        .bind(received.reference.as_str())
                        .bind(of.owner.code())
                        .bind(PgTime(received.received_at))
                        .bind(received.danger_now.code())
                        .bind(received.from.to_string())
                        .bind(received.referrer.as_ref().and_then(|sealed| serde_json::to_string(sealed).ok()))
                        .execute(&mut *connection)
                        .await?;
                    }
                    Event::Referral(of, ReferralEvent::Decided(decision)) => {
                        sqlx::query("update contact set outcome = $2 where referral = $1")
                            .bind(of.referral.to_string())
                            .bind(decision.outcome.code())
                            .execute(&mut *connection)
                            .await?;
                    }
                    Event::Referral(of, ReferralEvent::Withdrawn { .. }) => {
                        sqlx::query("update contact set withdrawn = true where referral = $1")
                            .bind(of.referral.to_string())
                            .execute(&mut *connection)
                            .await?;
                    }
                    Event::Referral(..) | Event::Watch(..) | Event::Child(..) | Event::Desk(..) | Event::Edition(..) => {}
                }
            }
            Ok(())
        })
    }
}

/// One contact, as a line of a history.
#[derive(Clone, Debug)]
pub struct Contact {
    /// The child as that referral named it.
    pub child: String,
    /// The referral.
    pub referral: String,
    /// Its reference.
    pub reference: String,
    /// The borough that owns it.
    pub owner: String,
    /// When it came in.
    pub received_at: Timestamp,
    /// Whether anyone was in danger.
    pub danger: String,
    /// Who sent it.
    pub from_org: String,
    /// Who raised it, sealed, as JSON.
    pub referrer: Option<String>,
    /// What was decided; none while nobody has.
    pub outcome: Option<String>,
    /// Whether the referrer took it back.
    pub withdrawn: bool,
}

impl Contact {
    fn from_pg(row: &PgRow) -> Result<Self, sqlx::Error> {
        Ok(Self {
            child: row.try_get(0)?,
            referral: row.try_get(1)?,
            reference: row.try_get(2)?,
            owner: row.try_get(3)?,
            received_at: row.try_get::<PgTime, _>(4)?.0,
            danger: row.try_get(5)?,
            from_org: row.try_get(6)?,
            referrer: row.try_get(7)?,
            outcome: row.try_get(8)?,
            withdrawn: row.try_get(9)?,
        })
    }
}

/// Every contact about these children since an instant, the newest last, without those of one referral.
///
/// # Errors
/// When the database does not answer.
pub async fn about(
    executor: impl PgExecutor<'_>,
    children: &[String],
    since: Timestamp,
    without: &str,
) -> Result<Vec<Contact>, sqlx::Error> {
    let rows = sqlx::query(
        "select child, referral, reference, owner, received_at, danger, from_org, referrer, outcome, withdrawn from contact
         where child = any($1) and received_at > $2 and referral <> $3 order by received_at, referral, child",
    )
    .bind(children)
    .bind(PgTime(since))
    .bind(without)
    .fetch_all(executor)
    .await?;
    rows.iter().map(Contact::from_pg).collect()
}
