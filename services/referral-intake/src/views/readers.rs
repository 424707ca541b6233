//! Which boroughs read a child's referrals because a duty towards the child moved.

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
        &["reader"]
    }

    fn ddl(&self) -> &'static str {
        "create table reader (
            borough text not null,
            child   text not null,
            primary key (borough, child)
        );"
    }

    fn apply<'a>(&'a self, connection: &'a mut PgConnection, events: &'a [Recorded<Event>]) -> Applied<'a> {
        Box::pin(async move {
            for recorded in events {
                match &recorded.event {
                    Event::Child(id, ChildEvent::DutyTaken { from, to, .. }) => {
                        sqlx::query("insert into reader (borough, child) values ($1, $3), ($2, $3) on conflict do nothing")
                            .bind(from.code())
                            .bind(to.code())
                            .bind(id.to_string())
                            .execute(&mut *connection)
                            .await?;
                    }
                    Event::Child(
                        _,
                        ChildEvent::Linked { .. } | ChildEvent::Unlinked { .. } | ChildEvent::Born { .. } | ChildEvent::DutyEnded { .. },
                    )
                    | Event::Referral(..)
                    | Event::Watch(..)
                    | Event::Desk(..) => {}
                }
            }
            Ok(())
        })
    }
}
