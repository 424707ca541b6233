//! Who holds a child, now and at any instant before.

use axum::{
    extract::{Path, Query},
    response::Response,
};
use jiff::{civil::Time, tz::TimeZone};
use kernel::{ChildId, Timestamp};
use serde::Deserialize;
use serde_json::json;

use crate::{failure::Failure, me::Me, words};

/// The instant, as the page asks for it: a day and a time in London.
#[derive(Deserialize)]
pub(crate) struct At {
    #[serde(default)]
    day: String,
    #[serde(default)]
    time: String,
}

impl At {
    /// The instant; none where nothing was asked, a sentence where it cannot be read.
    fn instant(&self) -> Result<Option<Timestamp>, &'static str> {
        if self.day.trim().is_empty() && self.time.trim().is_empty() {
            return Ok(None);
        }
        local_instant(&self.day, &self.time).map(Some).ok_or("Enter a day like 23/11/2026 and a time like 02:14")
    }
}

/// `23/11/2026` or `2026-11-23` with `02:14`, in London.
pub(crate) fn local_instant(day: &str, time: &str) -> Option<Timestamp> {
    let time = time.trim().replace('.', ":");
    let (hour, minute) = time.split_once(':')?;
    let time = Time::new(hour.parse().ok()?, minute.parse().ok()?, 0, 0).ok()?;
    let zone = TimeZone::get("Europe/London").ok()?;
    zone.to_ambiguous_timestamp(words::read_day(day)?.to_datetime(time)).compatible().ok()
}

/// The page of one child.
pub(crate) async fn show(me: Me, Path(id): Path<ChildId>, Query(at): Query<At>) -> Result<Response, Failure> {
    let path = format!("/api/transfers/children/{id}/responsibility");
    let (then, fault) = match at.instant() {
        Ok(None) => (None, None),
        Ok(Some(instant)) if instant > me.app.kit().clock.now() => (None, Some("Enter a time that is not later than now")),
        Ok(Some(instant)) => (Some((instant, me.get(&format!("{path}?at={instant}")).await?.body)), None),
        Err(advice) => (None, Some(advice)),
    };
    let now = me.get(&path).await?;
    let then = then.map(|(instant, body)| json!({ "at": instant, "duties": body["duties"] }));
    let asked = json!({ "day": at.day, "time": at.time });
    let may_break = me.works_a_desk() && !me.holds(&now.body) && now.body["break_glass"].is_null();
    let data = json!({ "child": id, "held": now.body, "then": then, "asked": asked, "fault": fault, "may_break": may_break });
    Ok(me.page("child.html", data))
}

#[cfg(test)]
mod tests {
    use super::local_instant;

    #[test]
    fn an_instant_is_read_as_people_write_it_in_london_time() {
        let instant = |day, time| local_instant(day, time).map(|at| at.to_string());
        assert_eq!(instant("23/11/2026", "02:14").as_deref(), Some("2026-11-23T02:14:00Z"));
        assert_eq!(instant("1 7 2026", "02.14").as_deref(), Some("2026-07-01T01:14:00Z"));
        assert_eq!(instant("2026-07-01", "2:14").as_deref(), Some("2026-07-01T01:14:00Z"));
        assert_eq!((instant("31/2/2026", "02:14"), instant("yesterday", "02:14"), instant("1/7/2026", "")), (None, None, None));
    }
}
