//! Taking the other services' logs: the rows and the checkpoint in one transaction.

use bus::{Handler, Later, Trouble, checkpoint, step};
use event_store::{PgTime, StoreError};
use kernel::Timestamp;
use proto_events::{Envelope, Published, intake::Intake, transfers::Transfers};
use sqlx::{PgConnection, PgPool};

/// Takes the log of one service.
pub(crate) struct Record {
    pool: PgPool,
    source: &'static str,
}

impl Record {
    pub(crate) fn new(pool: PgPool, source: &'static str) -> Self {
        Self { pool, source }
    }

    async fn take_all(&self, batch: &[Envelope]) -> Result<i64, Trouble> {
        let Some((first, last)) = batch.first().zip(batch.last()) else { return Ok(checkpoint(&self.pool, self.source).await?) };
        let mut transaction = self.pool.begin().await.map_err(StoreError::from)?;
        write(&mut transaction, self.source, batch).await.map_err(StoreError::from)?;
        if step(&mut transaction, self.source, first.position - 1, last.position).await? {
            transaction.commit().await.map_err(StoreError::from)?;
            Ok(last.position)
        } else {
            // Another replica has taken them; what it wrote stands.
            transaction.rollback().await.map_err(StoreError::from)?;
            Ok(checkpoint(&self.pool, self.source).await?)
        }
    }
}

impl Handler for Record {
    fn checkpoint(&self) -> Later<'_, Result<i64, StoreError>> {
        Box::pin(checkpoint(&self.pool, self.source))
    }

    fn take<'a>(&'a self, batch: &'a [Envelope]) -> Later<'a, Result<i64, Trouble>> {
        Box::pin(self.take_all(batch))
    }

    fn replay<'a>(&'a self, event: &'a Envelope) -> Later<'a, Result<(), Trouble>> {
        Box::pin(async move {
            let mut transaction = self.pool.begin().await.map_err(StoreError::from)?;
            write(&mut transaction, self.source, std::slice::from_ref(event)).await.map_err(StoreError::from)?;
            transaction.commit().await.map_err(StoreError::from)?;
            Ok(())
        })
    }
}

/// Writes events down. One that was written before has no effect.
pub(crate) async fn write(connection: &mut PgConnection, source: &str, batch: &[Envelope]) -> Result<(), sqlx::Error> {
    macro_rules! column {
        ($event:ident => $value:expr) => {
            batch.iter().map(|$event| $value).collect::<Vec<_>>()
        };
    }
    sqlx::query(
        "insert into audit.record
         select $1, position, id, kind, subject, occurred, recorded, actor, org, role, leaf, trace, data::jsonb
         from unnest($2::bigint[], $3::uuid[], $4::text[], $5::text[], $6::timestamptz[], $7::timestamptz[], $8::text[], $9::text[],
                     $10::text[], $11::bytea[], $12::text[], $13::text[])
              as t (position, id, kind, subject, occurred, recorded, actor, org, role, leaf, trace, data)
         on conflict do nothing",
    )
    .bind(source)
    .bind(column!(event => event.position))
    .bind(column!(event => event.id))
    .bind(column!(event => kind(event)))
    .bind(column!(event => event.subject.as_str()))
    .bind(column!(event => PgTime(event.occurredat)))
    .bind(column!(event => PgTime(event.time)))
    .bind(column!(event => event.actor.id.as_str()))
    .bind(column!(event => event.actor.org.as_str()))
    .bind(column!(event => event.actor.role.as_str()))
    .bind(column!(event => hex::decode(&event.leafhash).unwrap_or_default()))
    .bind(column!(event => event.traceid.as_str()))
    .bind(column!(event => event.data.to_string()))
    .execute(&mut *connection)
    .await?;
    let (children, positions): (Vec<&str>, Vec<i64>) =
        batch.iter().flat_map(|event| event.children.iter().map(|child| (child.as_str(), event.position))).unzip();
    sqlx::query("insert into audit.record_child select child, $1, position from unnest($2::text[], $3::bigint[]) as t (child, position) on conflict do nothing")
        .bind(source)
        .bind(children)
        .bind(positions)
        .execute(&mut *connection)
        .await?;
    for event in batch {
        relations(connection, event).await?;
    }
    Ok(())
}

/// What kind of event it was: the stored type where it is only noted, else the published kind.
fn kind(event: &Envelope) -> String {
    let said = |key: &str| event.data.get(key).and_then(serde_json::Value::as_str);
    said("what").or_else(|| said("kind")).unwrap_or_else(|| event.short_kind()).to_owned()
}

/// Links between children, what became of referrals and steps of transfers. An event that a newer service has added is kept and has none.
async fn relations(connection: &mut PgConnection, event: &Envelope) -> Result<(), sqlx::Error> {
    if event.service() == Intake::SERVICE {
        return of_intake(connection, event).await;
    }
    match event.published::<Transfers>().ok().flatten() {
        Some(Transfers::TransferOffered { transfer, from, to, priority, items, decide_by, .. }) => {
            sqlx::query(
                "insert into audit.offer (transfer, from_borough, to_borough, priority, children, offered_at, position, decide_by)
                 values ($1, $2, $3, $4, $5, $6, $7, $8) on conflict do nothing",
            )
            .bind(transfer)
            .bind(from)
            .bind(to)
            .bind(priority)
            .bind(i32::try_from(items.len()).unwrap_or(i32::MAX))
            .bind(PgTime(event.time))
            .bind(event.position)
            .bind(PgTime(decide_by))
            .execute(connection)
            .await?;
        }
        Some(Transfers::TransferChanged { transfer, step, code, .. }) => {
            take_step(connection, event.position, (&transfer, &step, code.as_deref()), event.time).await?;
        }
        Some(
            Transfers::DutyOpened { .. }
            | Transfers::DutyMoved { .. }
            | Transfers::DutyEnded { .. }
            | Transfers::DeskSet { .. }
            | Transfers::Noted { .. },
        )
        | None => {}
    }
    Ok(())
}

async fn of_intake(connection: &mut PgConnection, event: &Envelope) -> Result<(), sqlx::Error> {
    match event.published::<Intake>().ok().flatten() {
        Some(Intake::ChildrenLinked { child, other }) => link(connection, [&child, &other], event.position, true).await,
        Some(Intake::ChildrenUnlinked { child, other }) => link(connection, [&child, &other], event.position, false).await,
        Some(Intake::ReferralReceived { referral, children, owner, received_at, decide_by, .. }) => sqlx::query(
            "insert into audit.contact select $1, child, $3, $4, $5, $6 from unnest($2::text[]) as t (child) on conflict do nothing",
        )
        .bind(referral)
        .bind(children)
        .bind(event.position)
        .bind(owner)
        .bind(PgTime(received_at))
        .bind(PgTime(decide_by))
        .execute(connection)
        .await
        .map(drop),
        Some(Intake::ReferralDecided { referral, outcome, .. }) => settle(connection, event, &referral, &outcome).await,
        Some(Intake::ReferralJoined { referral, .. }) => settle(connection, event, &referral, "joined").await,
        Some(Intake::ReferralWithdrawn { referral, .. }) => settle(connection, event, &referral, "withdrawn").await,
        Some(Intake::DecisionOverdue { .. } | Intake::Noted { .. }) | None => Ok(()),
    }
}

async fn settle(connection: &mut PgConnection, event: &Envelope, referral: &str, outcome: &str) -> Result<(), sqlx::Error> {
    sqlx::query("insert into audit.settled values ($1, $2, $3, $4) on conflict do nothing")
        .bind(referral)
        .bind(event.position)
        .bind(PgTime(event.time))
        .bind(outcome)
        .execute(connection)
        .await?;
    Ok(())
}

async fn link(connection: &mut PgConnection, children: [&str; 2], position: i64, linked: bool) -> Result<(), sqlx::Error> {
    let [child, other] = children;
    sqlx::query("insert into audit.link values ($1, $2, $3, $4), ($2, $1, $3, $4) on conflict do nothing")
        .bind(child)
        .bind(other)
        .bind(position)
        .bind(linked)
        .execute(connection)
        .await?;
    Ok(())
}

async fn take_step(
    connection: &mut PgConnection,
    position: i64,
    (transfer, step, code): (&str, &str, Option<&str>),
    at: Timestamp,
) -> Result<(), sqlx::Error> {
    sqlx::query("insert into audit.step values ($1, $2, $3, $4, $5) on conflict do nothing")
        .bind(transfer)
        .bind(position)
        .bind(step)
        .bind(PgTime(at))
        .bind(code)
        .execute(connection)
        .await?;
    Ok(())
}
