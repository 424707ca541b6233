//! What a screen cannot go on without, and the list of answers before they are sent.

use jiff::{Timestamp, civil::Date, tz::TimeZone};
use serde_json::{Value, json};

use super::answers::{Answers, name};
use crate::{form::Faults, words};

/// The screens with questions.
const ASKING: [&str; 4] = ["danger", "place", "worries", "you"];

/// What is wrong with a screen. "Not known" is an answer everywhere, so little is needed.
pub(super) fn screen(step: &str, answers: &Answers, now: Timestamp) -> Faults {
    let mut faults = Faults::default();
    let empty = |question: &str| answers.text(question).is_empty();
    match step {
        "danger" if empty("danger_now") => faults.add("danger_now", "Select whether anyone is in danger now"),
        "place" => place(answers, now, &mut faults),
        "worries" if empty("concern") => faults.add("concern", "Enter what worries you"),
        "you" if answers.text("anonymous") != "yes" => {
            if empty("name") {
                faults.add("name", "Enter your name");
            }
            if empty("phone") {
                faults.add("phone", "Enter a telephone number where you can be reached in the next hour");
            }
        }
        _ => {}
    }
    faults
}

fn place(answers: &Answers, now: Timestamp, faults: &mut Faults) {
    let said = |question: &str| !answers.text(question).is_empty();
    if !said("where") {
        faults.add("where", "Select where the child is now");
    }
    if answers.text("where") == "elsewhere" && !said("address") && !said("postcode") && !said("borough") {
        faults.add("address", "Enter an address, a postcode or a borough, or select that it is not known");
    }
    let today = now.to_zoned_datetime(TimeZone::get("Europe/London").unwrap_or(TimeZone::UTC)).date();
    for child in 1..=answers.children() {
        let boxes = ["day", "month", "year"].map(|part| answers.of_child(child, part));
        if boxes.iter().any(|part| !part.is_empty()) {
            let born = answers.born(child).and_then(|date| date.parse::<Date>().ok());
            match born {
                Some(date) if date <= today => {}
                Some(_) => faults
                    .add(name(child, "day"), "The date of birth must not be later than today. For an unborn child give the expected date"),
                None => faults.add(name(child, "day"), "The date of birth must be a real date, like 27 3 2017, or empty"),
            }
        }
        let expected = answers.of_child(child, "expected");
        if !expected.is_empty() && words::read_day(expected).is_none() {
            faults.add(name(child, "expected"), "The expected date must be a real date, like 27/3/2027, or empty");
        }
        let age = answers.of_child(child, "age");
        if !age.is_empty() && age.parse::<u8>().map_or(true, |age| age > 25) {
            faults.add(name(child, "age"), "The age must be a number of years, like 4, or empty");
        }
    }
}

/// The first screen that was not sent yet, or that something is wrong with.
pub(super) fn first_open(answers: &Answers, now: Timestamp) -> Option<&'static str> {
    ASKING.into_iter().find(|step| !answers.has(step) || !screen(step, answers, now).is_empty())
}

/// The answers, in groups as they were asked.
pub(super) fn shown(answers: &Answers) -> Value {
    let row = |text: &str, value: String, field: &str| json!({ "key": text, "value": value, "field": field });
    let plain = |text: &str, question: &str| row(text, answers.text(question).to_owned(), question);
    let place = match answers.text("where") {
        "here" => "At this hospital".to_owned(),
        "elsewhere" => [answers.text("address"), answers.text("postcode"), &words::org(answers.text("borough"))]
            .into_iter()
            .filter(|part| !part.is_empty())
            .collect::<Vec<_>>()
            .join("\n"),
        _ => "Not known".to_owned(),
    };
    let mut who = vec![row("Where the child is now", place, "where")];
    who.extend((1..=answers.children()).flat_map(|child| about(answers, child)));
    let you = if answers.text("anonymous") == "yes" {
        vec![row("Who tells us", "A member of the public who stays unnamed".to_owned(), "anonymous")]
    } else {
        vec![plain("Name", "name"), plain("Role", "role"), plain("Telephone", "phone")]
    };
    json!([
        { "id": "danger", "title": "Danger", "rows": [row("Is anyone in danger now?", words::said(answers.text("danger_now")), "danger_now")] },
        { "id": "place", "title": "Who and where", "rows": who },
        { "id": "worries", "title": "What worries you", "rows": [
            plain("What worries you", "concern"), plain("What the child says or shows", "child_says"),
            plain("Who is with the child", "with_the_child"),
            row("Does the parent know and agree?", words::said(answers.text("parent_knows")), "parent_knows"),
            plain("Interpreter or disability", "needs"), plain("What was done already", "done_already"),
        ] },
        { "id": "you", "title": "Who you are", "rows": you },
    ])
}

fn about(answers: &Answers, child: usize) -> Vec<Value> {
    let of = |question| answers.of_child(child, question);
    let joined = |parts: &[&str], by: &str| parts.iter().filter(|part| !part.is_empty()).copied().collect::<Vec<_>>().join(by);
    let title = |text: &str| if answers.children() == 1 { text.to_owned() } else { format!("Child {child}: {text}") };
    let born = answers.born(child).map(|date| words::day(&date)).unwrap_or_default();
    let age = if of("age").is_empty() { String::new() } else { format!("about {}", of("age")) };
    let expected = words::read_day(of("expected")).map(|day| format!("expected on {}", words::day(&day.to_string()))).unwrap_or_default();
    let known_as = if of("known_as").is_empty() { String::new() } else { format!("known as {}", of("known_as")) };
    let name_row = joined(&[&joined(&[of("given"), of("family")], " "), &known_as], "\n");
    let home = joined(&[of("home_address"), of("home_postcode"), &words::org(of("home_borough"))], "\n");
    let row = |text: &str, value: String, field: &str| json!({ "key": title(text), "value": value, "field": name(child, field) });
    vec![
        row("Name", name_row, "given"),
        row("Born", joined(&[&born, &age, &expected], ", "), "day"),
        row("NHS number", of("nhs").to_owned(), "nhs"),
        row("Home", home, "home_address"),
    ]
}
