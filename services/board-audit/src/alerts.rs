//! Alerts on looks by plain rules. An alert says that somebody should ask; it decides nothing, and hides nothing.

use std::collections::{BTreeMap, BTreeSet};

use jiff::SignedDuration;
use kernel::{Actor, ChildId, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// How many children with whom their borough has nothing to do somebody may open within [`WITHIN`] before that is an alert.
pub(crate) const MOST: usize = 20;

/// Within how long.
pub(crate) const WITHIN: SignedDuration = SignedDuration::from_mins(10);

/// Which rule alerts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Rule {
    /// More than 20 children with whom their borough has nothing to do, opened within 10 minutes.
    ManyUnrelated,
}

/// An alert. The names are the storage format.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Alert {
    /// Which rule.
    pub rule: Rule,
    /// Who looked.
    pub who: Actor,
    /// At whom.
    pub children: BTreeSet<ChildId>,
    /// The first and the last of these looks, by their places in the log of looks.
    pub looks: (i64, i64),
    /// When it was noticed.
    pub at: Timestamp,
}

/// One child that somebody opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Opened {
    /// The place in the log of looks.
    pub(crate) position: i64,
    /// When.
    pub(crate) at: Timestamp,
    /// Who.
    pub(crate) child: ChildId,
}

/// What somebody's looks at children with whom their borough has nothing to do come to. The same is alerted once in [`WITHIN`].
pub(crate) fn many_unrelated(who: &Actor, opened: &[Opened], alerts: &[Alert], now: Timestamp) -> Option<Alert> {
    let since = now.saturating_sub(WITHIN).unwrap_or(Timestamp::MIN);
    let told = |alert: &Alert| alert.rule == Rule::ManyUnrelated && alert.who.id == who.id && alert.at > since;
    if alerts.iter().any(told) {
        return None;
    }
    let mut lately: BTreeMap<i64, ChildId> = BTreeMap::new();
    lately.extend(opened.iter().filter(|one| one.at > since).map(|one| (one.position, one.child)));
    let children: BTreeSet<ChildId> = lately.values().copied().collect();
    let looks = (*lately.keys().next()?, *lately.keys().next_back()?);
    (children.len() > MOST).then(|| Alert { rule: Rule::ManyUnrelated, who: who.clone(), children, looks, at: now })
}

#[cfg(test)]
mod tests {
    use super::*;
    use kernel::Role;

    fn who(id: &str) -> Actor {
        Actor { id: id.to_owned(), name: "duty worker".to_owned(), org: "E08000003".parse().unwrap(), role: Role::DutyWorker }
    }

    fn start() -> Timestamp {
        "2026-11-24T11:00:00Z".parse().unwrap()
    }

    fn looks(number: i64, seconds_apart: i64) -> Vec<Opened> {
        let look = |place: i64| Opened {
            position: place + 1,
            at: start() + SignedDuration::from_secs(place * seconds_apart),
            child: ChildId::from_uuid(uuid::Uuid::from_u128(u128::try_from(place).unwrap())),
        };
        (0..number).map(look).collect()
    }

    #[test]
    fn more_than_twenty_unrelated_children_in_ten_minutes_are_an_alert_and_twenty_are_none() {
        let now = start() + SignedDuration::from_secs(599);
        assert_eq!(many_unrelated(&who("a"), &looks(20, 20), &[], now), None);
        let alert = many_unrelated(&who("a"), &looks(21, 20), &[], now).unwrap();
        assert_eq!((alert.children.len(), alert.looks), (21, (1, 21)));
        // One child again and again is one child, and what is longer ago does not count.
        let same: Vec<Opened> = looks(40, 1).into_iter().map(|look| Opened { child: looks(1, 1)[0].child, ..look }).collect();
        assert_eq!(many_unrelated(&who("a"), &same, &[], now), None);
        assert_eq!(many_unrelated(&who("a"), &looks(40, 60), &[], start() + SignedDuration::from_secs(2_400)), None);
    }

    #[test]
    fn the_same_person_is_alerted_once_in_ten_minutes() {
        let now = start() + SignedDuration::from_secs(30);
        let first = many_unrelated(&who("a"), &looks(25, 1), &[], now).unwrap();
        assert_eq!(many_unrelated(&who("a"), &looks(30, 1), std::slice::from_ref(&first), now + SignedDuration::from_secs(1)), None);
        assert!(many_unrelated(&who("b"), &looks(30, 1), &[first], now + SignedDuration::from_secs(1)).is_some());
    }
}
