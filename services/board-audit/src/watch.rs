//! The worker that goes through the log of looks by the rules of alerts.

use std::{
    collections::{BTreeSet, HashSet},
    time::Duration,
};

use event_store::{Context, Decided, Log, Past, PgTime, Request, StoreError};
use kernel::{Actor, ChildId, Recorded, Stream, Timestamp};
use serde_json::Value;
use service_kit::{
    Stop, Trace,
    look::{self, How, LookEvent, Outcome},
};
use tokio::time::sleep;

use crate::{
    Event,
    alerts::{Alert, Alike, MOST, Opened, WITHIN, alike, many_unrelated},
    chronology::RECORDS_OF_ONE_CHILD,
    service::App,
};

/// How often the worker looks; an alert stands at most a minute after the look.
const STEP: Duration = Duration::from_secs(2);

/// How many pairs of a borough and a child it remembers.
const REMEMBERED: usize = 100_000;

/// The stream of the alerts.
pub(crate) fn alerts_stream() -> Stream {
    Stream::new("alerts", "all")
}

/// Goes through the looks of the last ten minutes, again and again. It keeps no place: what was looked at while it stood for longer than
/// that is on the record, and is not alerted.
pub(crate) struct Watch {
    app: App,
    /// The first look that can still count.
    from: i64,
    /// Up to where looks at children of the viewer's name were gone through.
    alike_to: i64,
    /// Children with whom a borough was seen to have to do.
    related: HashSet<(String, ChildId)>,
}

impl Watch {
    pub(crate) fn new(app: App) -> Self {
        Self { app, from: 0, alike_to: 0, related: HashSet::new() }
    }

    pub(crate) async fn run(mut self, mut stop: Stop) {
        while !stop.is_asked() {
            if let Err(error) = self.look().await {
                tracing::warn!(error = %error, "the looks cannot be gone through now");
            }
            tokio::select! {
                () = sleep(STEP) => {}
                () = stop.asked() => {}
            }
        }
    }

    async fn look(&mut self) -> Result<(), StoreError> {
        let now = self.app.kit.clock.now();
        let since = now.saturating_sub(WITHIN).unwrap_or(Timestamp::MIN);
        let first: Option<i64> = sqlx::query_scalar("select min(position) from view.look_by where position >= $1 and at > $2")
            .bind(self.from)
            .bind(PgTime(since))
            .fetch_one(&self.app.looks)
            .await?;
        let Some(first) = first else { return Ok(()) };
        self.from = first;
        self.names(now).await?;
        let most = i64::try_from(MOST).unwrap_or(i64::MAX);
        let busy: Vec<(String, Vec<i64>)> = sqlx::query_as(
            "select b.actor, array_agg(distinct b.position) from view.look_by b join view.look_about a using (position)
             where b.position >= $1 and b.shown and a.about like 'chd\\_%' group by b.actor having count(distinct a.about) > $2",
        )
        .bind(first)
        .bind(most)
        .fetch_all(&self.app.looks)
        .await?;
        for (_, positions) in busy {
            self.judge(&positions, now).await?;
        }
        Ok(())
    }

    /// The looks at a child who bears the viewer's name.
    async fn names(&mut self, now: Timestamp) -> Result<(), StoreError> {
        let positions: Vec<i64> =
            sqlx::query_scalar("select position from view.look_by where position >= $1 and position > $2 and shown and tied order by 1")
                .bind(self.from)
                .bind(self.alike_to)
                .fetch_all(&self.app.looks)
                .await?;
        for row in Log::new(self.app.looks.clone(), look::NAME).at(&positions).await? {
            let recorded: Recorded<LookEvent> = row.decode()?;
            let position = recorded.position;
            if let Some((look, tie)) = recorded.event.look().and_then(|look| Some((look, look.tie?))) {
                let children = look.children.iter().filter_map(|child| child.parse().ok()).collect();
                let look = Alike { position, who: recorded.actor.clone(), children, tie };
                self.put(now, move |alerts| alike(&look, alerts, now)).await?;
            }
            self.alike_to = position;
        }
        Ok(())
    }

    /// Everything that one person has opened lately.
    async fn judge(&mut self, positions: &[i64], now: Timestamp) -> Result<(), StoreError> {
        let mut seen: Vec<(Actor, Opened)> = Vec::new();
        for row in Log::new(self.app.looks.clone(), look::NAME).at(positions).await? {
            let recorded: Recorded<LookEvent> = row.decode()?;
            let Some(look) = recorded.event.look() else { continue };
            // A history names whoever may be the same child: nobody chose to open these.
            let chosen = look.how == How::Opened && look.outcome == Outcome::Shown && !look.action.ends_with("/history");
            for child in look.children.iter().filter(|_| chosen).filter_map(|child| child.parse().ok()) {
                seen.push((recorded.actor.clone(), Opened { position: recorded.position, at: recorded.recorded_at, child }));
            }
        }
        let Some((who, _)) = seen.last().cloned() else { return Ok(()) };
        let Some(own) = who.org.borough().map(ToString::to_string) else { return Ok(()) };
        let children: BTreeSet<ChildId> = seen.iter().map(|(_, opened)| opened.child).collect();
        let mut unrelated = BTreeSet::new();
        for child in children {
            if !self.is_related(&own, child).await? {
                unrelated.insert(child);
            }
        }
        let opened: Vec<Opened> = seen.into_iter().map(|(_, opened)| opened).filter(|one| unrelated.contains(&one.child)).collect();
        self.alert(who, opened, now).await
    }

    /// Whether the borough, or one whose night its team covers, has had to do with the child, or was asked to.
    async fn is_related(&mut self, borough: &str, child: ChildId) -> Result<bool, StoreError> {
        if self.related.contains(&(borough.to_owned(), child)) {
            return Ok(true);
        }
        let sql = format!(
            "{RECORDS_OF_ONE_CHILD}, own (borough) as (
                 select $2::text union
                 select borough from (
                     select distinct on (r.data ->> 'borough') r.data ->> 'borough' as borough, r.data ->> 'covered_by' as team
                     from audit.record r where r.service = 'transfers' and r.kind = 'desk_set'
                     order by r.data ->> 'borough', r.position desc
                 ) desk where team = $2
             )
             select exists (
                 select from audit.record r
                 join audit.record_child c on c.service = r.service and c.position = r.position
                 join same on same.child = c.child
                 join own on own.borough in (r.data ->> 'owner', r.data ->> 'home', r.data ->> 'holder', r.data ->> 'from', r.data ->> 'to')
             )"
        );
        let related: bool =
            sqlx::query_scalar(sqlx::AssertSqlSafe(sql)).bind(child.to_string()).bind(borough).fetch_one(&self.app.pool).await?;
        if related {
            if self.related.len() >= REMEMBERED {
                self.related.clear();
            }
            self.related.insert((borough.to_owned(), child));
        }
        Ok(related)
    }

    async fn alert(&self, who: Actor, opened: Vec<Opened>, now: Timestamp) -> Result<(), StoreError> {
        if many_unrelated(&who, &opened, &[], now).is_none() {
            return Ok(());
        }
        self.put(now, move |alerts| many_unrelated(&who, &opened, alerts, now)).await
    }

    /// Puts an alert on the record, if it comes to one beside those that stand there.
    async fn put(&self, now: Timestamp, judge: impl Fn(&[Alert]) -> Option<Alert> + Send + Sync + 'static) -> Result<(), StoreError> {
        let stream = alerts_stream();
        let correlation = Trace::new(&self.app.kit.ids).id();
        let request = Request {
            streams: vec![stream.clone()],
            expect: None,
            unmoved: None,
            receipt: None,
            context: Context { actor: Actor::hub("watch"), occurred_at: None, recorded_at: now, correlation, causation: None },
            advance: None,
            decide: Box::new(move |past: &Past<'_, Event>| {
                let alerts: Vec<Alert> = past.of(&stream).iter().filter_map(|recorded| recorded.event.alert().cloned()).collect();
                let alert = judge(&alerts).map(Event::Alerted);
                Ok(Decided { events: alert.into_iter().collect(), status: 200, body: Value::Null, resource: None })
            }),
            describe: None,
        };
        self.app.store.execute(request).await.map(drop)
    }
}
