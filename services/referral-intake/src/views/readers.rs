//! Which boroughs read a child's referrals because a duty towards the child moved, and which borough took each duty last.

use event_store::{Applied, View};
use kernel::Recorded;
use sqlx::PgConnection;

use crate::{child::ChildEvent, event::Event};

/// The view.
#[derive(Debug)]
pub struct Readers;

impl View<Event> for Readers {
    fn name(&self) -> &'static str {
        "readers"
    }

    fn tables(&self) -> &'static [&'static str] {
        &["reader", "holder"]
    }

    fn ddl(&self) -> &'static str {
        "create table reader (
            borough text not null,
            child   text not null,
            primary key (borough, child)
        );
        create table holder (
            child   text    not null,
            duty    text    not null,
            borough text    not null,
            ended   boolean not null, -- whether the duty has ended there
            primary key (child, duty)
        );"
    }

    fn apply<'a>(&'a self, connection: &'a mut PgConnection, events: &'a [Recorded<Event>]) -> Applied<'a> {
        Box::pin(async move {
            for recorded in events {
                match &recorded.event {
                    Event::Child(id, ChildEvent::DutyTaken { duty, from, to, .. }) => {
                        sqlx::query("insert into reader (borough, child) values ($1, $3), ($2, $3) on conflict do nothing")
                            .bind(from.code())
                            .bind(to.code())
                            .bind(id.to_string())
                            .execute(&mut *connection)
                            .await?;
                        sqlx::query(
                            "insert into holder (child, duty, borough, ended) values ($1, $2, $3, false)
                             on conflict (child, duty) do update set borough = excluded.borough, ended = false",
                        )
                        .bind(id.to_string())
                        .bind(duty)
                        .bind(to.code())
                        .execute(&mut *connection)
                        .await?;
                    }
                    Event::Child(id, ChildEvent::DutyEnded { duty, .. }) => {
                        sqlx::query("update holder set ended = true where child = $1 and duty = $2")
                            .bind(id.to_string())
                            .bind(duty)
                            .execute(&mut *connection)
                            .await?;
                    }
                    Event::Child(_, ChildEvent::Linked { .. } | ChildEvent::Unlinked { .. } | ChildEvent::Born { .. })
                    | Event::Referral(..)
                    | Event::Watch(..)
                    | Event::Desk(..)
                    | Event::Edition(..) => {}
                }
            }
            Ok(())
        })
    }
}
