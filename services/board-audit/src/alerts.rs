//! Alerts on looks by plain rules. An alert says that somebody should ask; it decides nothing, and hides nothing.

use std::collections::{BTreeMap, BTreeSet};

use jiff::SignedDuration;
use kernel::{Actor, ChildId, Timestamp};
use serde::{Deserialize, Serialize};
use service_kit::look::Tie;
use utoipa::ToSchema;

/// How many children with whom their borough has nothing to do somebody may open within [`WITHIN`] before that is an alert.
pub(crate) const MOST: usize = 20;

/// Within how long.
pub(crate) const WITHIN: SignedDuration = SignedDuration::from_mins(10);

/// How long a look at the same children by the same person is not alerted again, where their names are alike.
pub(crate) const ALIKE_AGAIN: SignedDuration = SignedDuration::from_hours(24);

/// Which rule alerts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Rule {
    /// More than 20 children with whom their borough has nothing to do, opened within 10 minutes.
    ManyUnrelated,
    /// A child whose record bears the viewer's whole name: it may be their own.
    OwnName,
    /// A child of the viewer's surname.
    SameSurname,
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

/// One look at children of whom one bears the viewer's name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Alike {
    /// The place in the log of looks.
    pub(crate) position: i64,
    /// Who.
    pub(crate) who: Actor,
    /// At whom.
    pub(crate) children: BTreeSet<ChildId>,
    /// In what the names are alike.
    pub(crate) tie: Tie,
}

/// What a look at children of whom one bears the viewer's name comes to. The same person and children are alerted once in [`ALIKE_AGAIN`].
pub(crate) fn alike(look: &Alike, alerts: &[Alert], now: Timestamp) -> Option<Alert> {
    let rule = match look.tie {
        Tie::OwnName => Rule::OwnName,
        Tie::SameSurname => Rule::SameSurname,
    };
    let since = now.saturating_sub(ALIKE_AGAIN).unwrap_or(Timestamp::MIN);
    let told = |alert: &Alert| {
        alert.rule == rule
            && alert.who.id == look.who.id
            && (alert.looks.0 == look.position || alert.at > since && alert.children == look.children)
    };
    if alerts.iter().any(told) {
        return None;
    }
    Some(Alert { rule, who: look.who.clone(), children: look.children.clone(), looks: (look.position, look.position), at: now })
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
    fn a_look_at_a_child_of_the_viewers_name_is_an_alert_once_a_day() {
        let look = |position: i64, tie: Tie| Alike { position, who: who("a"), children: [looks(1, 1)[0].child].into(), tie };
        let first = alike(&look(7, Tie::SameSurname), &[], start()).unwrap();
        assert_eq!((first.rule, first.looks), (Rule::SameSurname, (7, 7)));
        let known = std::slice::from_ref(&first);
        let later = |hours: i64| start() + SignedDuration::from_hours(hours);
        assert_eq!(alike(&look(7, Tie::SameSurname), known, later(30)), None, "the same look");
        assert_eq!(alike(&look(8, Tie::SameSurname), known, later(23)), None);
        assert!(alike(&look(9, Tie::SameSurname), known, later(24)).is_some());
        assert!(alike(&look(9, Tie::OwnName), known, later(1)).is_some());
        assert!(alike(&Alike { who: who("b"), ..look(9, Tie::SameSurname) }, known, later(1)).is_some());
    }

    #[test]
    fn the_same_person_is_alerted_once_in_ten_minutes() {
        let now = start() + SignedDuration::from_secs(30);
        let first = many_unrelated(&who("a"), &looks(25, 1), &[], now).unwrap();
        assert_eq!(many_unrelated(&who("a"), &looks(30, 1), std::slice::from_ref(&first), now + SignedDuration::from_secs(1)), None);
        assert!(many_unrelated(&who("b"), &looks(30, 1), &[first], now + SignedDuration::from_secs(1)).is_some());
    }
}
