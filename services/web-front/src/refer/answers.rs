//! The answers of a referral as they were typed, and the referral that they make.

use std::collections::{BTreeMap, BTreeSet};

use kernel::Org;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use uuid::Uuid;

use super::sitting;
use crate::{form::Form, session::Who, words};

/// The most children on one form.
const MOST: usize = 8;

/// The questions about each child.
const ABOUT_A_CHILD: [&str; 12] =
    ["given", "family", "known_as", "day", "month", "year", "age", "expected", "nhs", "home_address", "home_postcode", "home_borough"];

/// The questions of a screen, beside those about the children.
fn questions(step: &str) -> &'static [&'static str] {
    match step {
        "danger" => &["danger_now"],
        "place" => &["where", "address", "postcode", "borough"],
        "worries" => &["concern", "child_says", "with_the_child", "parent_knows", "needs", "done_already"],
        "you" => &["name", "role", "phone", "anonymous"],
        _ => &[],
    }
}

/// What was typed, by question. It stays as it is until the referral is sent.
#[derive(Clone, Default, Serialize, Deserialize)]
pub(crate) struct Answers {
    children: usize,
    given: BTreeMap<String, String>,
    /// The screens that were sent.
    screens: BTreeSet<String>,
    /// The number of this sitting in the report on the form. It stands nowhere else.
    #[serde(default)]
    sitting: Option<Uuid>,
    /// The seconds that were spent on each field of the edition.
    #[serde(default)]
    spent: BTreeMap<String, u32>,
}

impl Answers {
    /// What is known before the first question.
    pub(super) fn of(who: &Who, sitting: Uuid) -> Self {
        let mut given = BTreeMap::new();
        given.insert("name".to_owned(), who.name.clone());
        if let Some(phone) = &who.phone {
            given.insert("phone".to_owned(), phone.clone());
        }
        Self { children: 1, given, sitting: Some(sitting), ..Self::default() }
    }

    /// None in what was begun before it was told.
    pub(super) fn sitting(&self) -> Option<Uuid> {
        self.sitting
    }

    pub(super) fn spent(&self) -> &BTreeMap<String, u32> {
        &self.spent
    }

    pub(super) fn values(&self) -> &BTreeMap<String, String> {
        &self.given
    }

    pub(super) fn children(&self) -> usize {
        self.children.clamp(1, MOST)
    }

    /// An answer without the blanks around it; empty where there is none.
    pub(super) fn text(&self, question: &str) -> &str {
        self.given.get(question).map_or("", |text| text.trim())
    }

    /// An answer about a child, counted from 1.
    pub(super) fn of_child(&self, child: usize, question: &str) -> &str {
        self.text(&name(child, question))
    }

    /// Takes the answers of a screen. A question of it that was not sent is one that was left empty.
    pub(super) fn take(&mut self, step: &str, form: &Form) {
        self.screens.insert(step.to_owned());
        self.take_typed(step, form);
        for (field, seconds) in sitting::spent(form.text("spent")) {
            let sum = self.spent.entry(field).or_default();
            *sum = sum.saturating_add(seconds);
        }
        if step == "place" && form.some("another").is_some() {
            self.children = (self.children() + 1).min(MOST);
        }
    }

    /// Takes what stands on a screen that is still being written.
    pub(super) fn take_typed(&mut self, step: &str, form: &Form) {
        for question in questions(step) {
            self.put(question, form.text(question));
        }
        if step == "place" {
            for child in 1..=self.children() {
                for question in ABOUT_A_CHILD {
                    let name = name(child, question);
                    self.put(&name, form.text(&name));
                }
            }
        }
    }

    /// Whether a screen was sent at least once: what stands on it of itself was seen by a person.
    pub(super) fn has(&self, step: &str) -> bool {
        self.screens.contains(step)
    }

    fn put(&mut self, question: &str, text: &str) {
        if text.is_empty() {
            self.given.remove(question);
        } else {
            self.given.insert(question.to_owned(), text.to_owned());
        }
    }

    /// The referral. What was not answered is not known.
    pub(super) fn body(&self, org: &Org) -> Value {
        let mut body = Map::new();
        let mut say = |name: &str, value: Value| body.insert(name.to_owned(), value);
        say("concern", self.text("concern").into());
        say("danger_now", self.text("danger_now").into());
        say("referrer", self.referrer());
        say("child_is_now", self.place(org));
        say("children", (1..=self.children()).map(|child| self.child(child)).collect());
        for name in ["with_the_child", "needs", "done_already", "parent_knows"] {
            if !self.text(name).is_empty() {
                say(name, self.text(name).into());
            }
        }
        Value::Object(body)
    }

    fn referrer(&self) -> Value {
        if self.text("anonymous") == "yes" {
            return json!({ "anonymous": true });
        }
        Value::Object(some([("name", self.text("name")), ("role", self.text("role")), ("phone", self.text("phone"))]))
    }

    fn place(&self, org: &Org) -> Value {
        match (self.text("where"), org) {
            ("here", Org::Site(site)) => json!({ "site": site }),
            ("elsewhere", _) => Value::Object(some([
                ("address", self.text("address")),
                ("postcode", self.text("postcode")),
                ("borough", self.text("borough")),
            ])),
            _ => json!("not_known"),
        }
    }

    fn child(&self, child: usize) -> Value {
        let says = if child == 1 { self.text("child_says") } else { "" };
        let of = |question| self.of_child(child, question);
        let whole = [of("given"), of("family")].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ");
        let names: Vec<String> = [whole, of("known_as").to_owned()].into_iter().filter(|name| !name.is_empty()).collect();
        let mut said = some([("nhs_number", of("nhs")), ("child_says", says)]);
        if !names.is_empty() {
            said.insert("names".to_owned(), names.into());
        }
        if let Some(date) = self.born(child) {
            said.insert("date_of_birth".to_owned(), date.into());
        } else if let Ok(age) = of("age").parse::<u8>() {
            said.insert("age_about".to_owned(), age.into());
        } else if let Some(day) = words::read_day(of("expected")) {
            said.insert("expected_on".to_owned(), day.to_string().into());
        }
        let home = some([("address", of("home_address")), ("postcode", of("home_postcode")), ("borough", of("home_borough"))]);
        if !home.is_empty() {
            said.insert("home".to_owned(), Value::Object(home));
        }
        Value::Object(said)
    }

    /// The date of birth, where the three boxes were filled in: `2019-05-14`.
    pub(super) fn born(&self, child: usize) -> Option<String> {
        let number = |question| self.of_child(child, question).parse::<u16>().ok();
        let (day, month, year) = (number("day")?, number("month")?, number("year")?);
        Some(format!("{year:04}-{month:02}-{day:02}"))
    }
}

/// The name of a field about a child.
pub(super) fn name(child: usize, question: &str) -> String {
    format!("child_{child}_{question}")
}

fn some<const N: usize>(said: [(&str, &str); N]) -> Map<String, Value> {
    said.into_iter().filter(|(_, text)| !text.is_empty()).map(|(name, text)| (name.to_owned(), text.into())).collect()
}

/// The answer that a fault of the service is about: the group of the list of answers, and its name in words.
pub(super) fn place_of(pointer: &str) -> (&'static str, &'static str) {
    match pointer.split('/').nth(1).unwrap_or_default() {
        "danger_now" => ("danger", "Danger"),
        "child_is_now" => ("place", "Where the child is"),
        "children" => ("place", "About the child"),
        "referrer" => ("you", "Who you are"),
        "concern" | "with_the_child" | "needs" | "done_already" | "parent_knows" => ("worries", "What worries you"),
        _ => ("send", "The referral"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answers(given: &[(&str, &str)]) -> Answers {
        Answers {
            children: 1,
            given: given.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect(),
            ..Answers::default()
        }
    }

    #[test]
    fn what_was_not_answered_is_not_known_and_nothing_is_made_up() {
        let site: Org = "RW602".parse().unwrap();
        let body = answers(&[("concern", "Bruises"), ("danger_now", "not_sure"), ("name", "Nurse")]).body(&site);
        let expected = json!({ "concern": "Bruises", "danger_now": "not_sure", "referrer": { "name": "Nurse" },
                               "child_is_now": "not_known", "children": [{}] });
        assert_eq!(body, expected);
    }

    #[test]
    fn a_child_is_sent_as_it_was_told() {
        let site: Org = "RW602".parse().unwrap();
        let told = answers(&[
            ("concern", "x"),
            ("danger_now", "yes"),
            ("where", "here"),
            ("child_1_given", "Ada"),
            ("child_1_family", "Example"),
            ("child_1_known_as", "Addy"),
            ("child_1_day", "4"),
            ("child_1_month", "3"),
            ("child_1_year", "2016"),
            ("child_1_age", "9"),
            ("child_1_nhs", "999 000 0018"),
            ("child_1_home_borough", "E08000006"),
            ("child_says", "No"),
            ("anonymous", "yes"),
        ]);
        let body = told.body(&site);
        let child = json!({ "names": ["Ada Example", "Addy"], "date_of_birth": "2016-03-04", "nhs_number": "999 000 0018",
                            "home": { "borough": "E08000006" }, "child_says": "No" });
        assert_eq!((&body["children"][0], &body["child_is_now"]), (&child, &json!({ "site": "RW602" })));
        assert_eq!(body["referrer"], json!({ "anonymous": true }));
    }
}
