//! What would be due to be deleted on a day, by class of retention. It is numbers, of nobody; and nothing is deleted by it.

use std::collections::BTreeMap;

use jiff::civil::Date;
use kernel::{
    Borough, Person, Role,
    edition::{Editions, KeptFrom, Retention},
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::{As, Authority, Fault, Problem};

/// Whoever plans what is kept: the board's auditor for everybody, a head of service for the own borough.
#[derive(Clone, Copy, Debug)]
pub enum Planners {}

impl Authority for Planners {
    type Who = Person;
    const ROLES: &'static [Role] = &[Role::BoardAuditor, Role::HeadOfService];
}

/// On which day, and whose records.
#[derive(Clone, Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Wanted {
    /// The day.
    #[param(value_type = String, format = Date)]
    at: Date,
    /// Only this borough's; a head of service sees the own one in any case.
    #[param(value_type = Option<String>)]
    borough: Option<Borough>,
}

impl Wanted {
    /// The day, and the borough to which the answer is cut down.
    ///
    /// # Errors
    /// 422 for a year that nobody plans for, 403 for another borough than one's own.
    pub fn scope(self, by: &As<Planners>) -> Result<(Date, Option<Borough>), Problem> {
        let Self { at, borough } = self;
        if at.year() < 2000 {
            return Err(Problem::invalid(vec![Fault::in_parameter("at", "a day from 2000-01-01 on")]));
        }
        let own = by.caller.org.borough();
        match (own, borough) {
            (Some(own), Some(other)) if *own != other => Err(Problem::forbidden("You see the records of your own borough.")),
            (Some(own), _) => Ok((at, Some(own.clone()))),
            (None, borough) => Ok((at, borough)),
        }
    }
}

/// How long one record is kept, and under which edition. A later edition does not change it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Kept {
    /// The class; `null` where the edition has none for what the record came to, so that it is kept until a person looks.
    pub class: Option<String>,
    /// The edition that was in force when the record was closed.
    pub edition: u32,
    /// Whether its years count from the `birth` or the `closure`.
    #[schema(value_type = Option<String>)]
    pub starts_on: Option<KeptFrom>,
    /// How many years.
    pub years: Option<u16>,
    /// Until which day, where the first one is known.
    #[schema(value_type = Option<String>, format = Date)]
    pub until: Option<Date>,
}

/// A record that is closed, as its retention sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Closed {
    /// What it came to, by the codes that an edition's classes name.
    pub outcomes: Vec<String>,
    /// The edition under which it was closed.
    pub edition: u32,
    /// The local day on which it was closed.
    pub closed_on: Date,
    /// The last birth of its children, where each is known.
    pub born_on: Option<Date>,
}

impl Closed {
    /// How long it is kept.
    #[must_use]
    pub fn kept(&self, editions: &Editions) -> Kept {
        let class = self.class(editions);
        Kept {
            class: class.map(|class| class.class.clone()),
            edition: self.edition,
            starts_on: class.map(|class| class.starts_on),
            years: class.map(|class| class.years),
            until: class.and_then(|class| class.until(self.closed_on, self.born_on)),
        }
    }

    fn class<'a>(&self, editions: &'a Editions) -> Option<&'a Retention> {
        editions.numbered(self.edition)?.longest_retention(&self.outcomes)
    }
}

/// What would be due on a day.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Preview {
    /// The day.
    #[schema(value_type = String, format = Date)]
    at: Date,
    /// The borough whose records they are; `null` for all.
    #[schema(value_type = Option<String>)]
    borough: Option<Borough>,
    /// By class, and by the edition that gave it.
    classes: Vec<Line>,
}

/// The closed records of one class under one edition.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Line {
    /// The class; `null` where the edition has none, so that nothing of it is ever due.
    class: Option<String>,
    /// The edition.
    edition: u32,
    /// From when its years count: `birth` or `closure`.
    #[schema(value_type = Option<String>)]
    starts_on: Option<KeptFrom>,
    /// How many years.
    years: Option<u16>,
    /// How many records are closed.
    closed: i64,
    /// How many of them would be due.
    due: i64,
    /// How many of them have no first day, because a birth is not known; they are not due.
    without_birth: i64,
}

impl Preview {
    /// Counts closed records, each with how many are like it.
    pub fn of(editions: &Editions, (at, borough): (Date, Option<Borough>), records: impl IntoIterator<Item = (Closed, i64)>) -> Self {
        let mut lines: BTreeMap<(u32, Option<String>), Line> = BTreeMap::new();
        for (closed, count) in records {
            let Kept { class, edition, starts_on, years, until } = closed.kept(editions);
            let new = || Line { class: class.clone(), edition, starts_on, years, closed: 0, due: 0, without_birth: 0 };
            let line = lines.entry((edition, class.clone())).or_insert_with(new);
            line.closed += count;
            line.due += if until.is_some_and(|until| until <= at) { count } else { 0 };
            line.without_birth += if starts_on == Some(KeptFrom::Birth) && closed.born_on.is_none() { count } else { 0 };
        }
        Self { at, borough, classes: lines.into_values().collect() }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn closed(outcomes: &[&str], edition: u32, closed_on: &str, born_on: Option<&str>) -> Closed {
        let outcomes = outcomes.iter().map(|&outcome| outcome.to_owned()).collect();
        Closed { outcomes, edition, closed_on: closed_on.parse().unwrap(), born_on: born_on.map(|day| day.parse().unwrap()) }
    }

    /// The first edition, and a second in which early help is kept for a year and nothing else is said of no further action.
    fn editions() -> Editions {
        let first = Editions::first();
        let mut parts = first.iter().next().unwrap().written().clone();
        let classes = parts["retention"].as_array_mut().unwrap();
        classes.retain(|class| class["class"] != "no_further_action");
        classes.iter_mut().find(|class| class["class"] == "early_help").unwrap()["years"] = json!(1);
        let second = kernel::edition::Edition::numbered(parts, 2, "2026-06-01T00:00:00Z".parse().unwrap()).unwrap();
        first.with(second).unwrap()
    }

    #[test]
    fn a_record_is_kept_by_the_edition_that_it_cites_whatever_a_later_one_says() {
        let until = |edition| closed(&["early_help"], edition, "2026-03-04", None).kept(&editions()).until.map(|day| day.to_string());
        assert_eq!(until(1).as_deref(), Some("2032-03-04"));
        assert_eq!(until(2).as_deref(), Some("2027-03-04"));
        let unheard_of = closed(&["early_help"], 7, "2026-03-04", None).kept(&editions());
        assert_eq!((unheard_of.class, unheard_of.until), (None, None), "not known is kept");
    }

    #[test]
    fn a_record_that_came_to_several_things_is_kept_as_long_as_the_longest() {
        let class = |outcomes: &[&str]| closed(outcomes, 1, "2026-03-04", None).kept(&editions()).class;
        assert_eq!(class(&["early_help", "section_47_enquiry", "child_in_need_plan"]).as_deref(), Some("child_protection"));
        assert_eq!(class(&["section_47_enquiry", "looked_after"]).as_deref(), Some("looked_after"));
        assert_eq!((class(&[]), class(&["unheard_of"])), (None, None));
    }

    #[test]
    fn what_counts_from_a_birth_is_due_by_the_last_birth_and_never_without_it() {
        let of =
            |born_on| closed(&["child_in_need_assessment"], 1, "2026-03-04", born_on).kept(&editions()).until.map(|day| day.to_string());
        assert_eq!(of(Some("2016-02-29")).as_deref(), Some("2041-02-28"));
        assert_eq!(of(None), None);
    }

    #[test]
    fn the_preview_counts_by_class_and_edition_what_is_closed_what_is_due_and_what_has_no_first_day() {
        let records = [
            (closed(&["early_help"], 1, "2026-03-04", None), 2),
            (closed(&["early_help"], 1, "2026-03-05", None), 1),
            (closed(&["early_help"], 2, "2026-07-01", None), 4),
            (closed(&["no_further_action"], 2, "2026-07-01", None), 8),
            (closed(&["child_in_need_assessment"], 1, "2026-03-04", Some("2007-03-04")), 16),
            (closed(&["child_in_need_assessment"], 1, "2026-03-04", None), 32),
        ];
        let preview = Preview::of(&editions(), ("2032-03-04".parse().unwrap(), None), records);
        let lines: Vec<Value> =
            preview.classes.iter().map(|line| json!([line.class, line.edition, line.closed, line.due, line.without_birth])).collect();
        let expected = [
            json!(["child_in_need", 1, 48, 16, 32]),
            json!(["early_help", 1, 3, 2, 0]),
            json!([null, 2, 8, 0, 0]),
            json!(["early_help", 2, 4, 4, 0]),
        ];
        assert_eq!(lines, expected);
    }
}
