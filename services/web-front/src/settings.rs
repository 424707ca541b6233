//! A borough's desk: its hours, telephones, cover and rota. Everybody at the desk reads it, a manager sets it, always as a whole.

use std::collections::BTreeMap;

use axum::{
    extract::Query,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use jiff::{SignedDuration, tz::TimeZone};
use kernel::Timestamp;
use serde_json::{Map, Value, json};

use crate::{
    api::Answer,
    failure::{Failure, Refusal},
    form::{Faults, Form},
    me::{Done, Me, on_to},
    responsibility::local_instant,
    words,
};

/// The days of the week, Monday first, as the service counts them from 1.
const DAYS: [&str; 7] = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];

/// The most turns on the form.
const MOST_TURNS: usize = 60;

/// A turn that is to begin lasts so long where nothing is said.
const SHIFT: SignedDuration = SignedDuration::from_hours(24);

/// What is said when a colleague has set the desk meanwhile.
const OVERTAKEN: &str = "A colleague has set this desk since you opened it. Nothing was recorded, and what you typed is below. Read how \
                         the desk is set now; setting it again writes over that.";

fn path(me: &Me) -> Result<String, Failure> {
    Ok(format!("/api/transfers/desks/{}", me.desk_of()?))
}

/// The desk as it is set; for a manager, the form.
pub(crate) async fn show(me: Me, Query(Done { done }): Query<Done>) -> Result<Response, Failure> {
    let desk = me.get(&path(&me)?).await;
    let desk = match desk {
        Ok(desk) => desk,
        // A desk that nobody has set yet.
        Err(Failure::NotFound) => Answer { version: None, position: None, body: json!({}) },
        Err(failure) => return Err(failure),
    };
    let kept = me.kept().await?;
    let (mut values, turns) = known(&desk.body, me.app.kit().clock.now());
    let typed = kept.form.values();
    let turns = typed.get("turns").and_then(|turns| turns.parse().ok()).unwrap_or(turns);
    values.extend(typed);
    let shown = Shown { desk: &desk, values: &values, turns, kept_at: kept.at, done: done == "set", overtaken: false };
    Ok(page(&me, &shown, &Faults::default()))
}

/// What the page shows.
struct Shown<'a> {
    desk: &'a Answer,
    values: &'a BTreeMap<String, String>,
    turns: usize,
    kept_at: Option<Timestamp>,
    done: bool,
    /// A colleague has set the desk since; it is shown as it is now.
    overtaken: bool,
}

fn page(me: &Me, shown: &Shown<'_>, faults: &Faults) -> Response {
    let own = me.borough().map(kernel::Borough::code).unwrap_or_default();
    let boroughs: Vec<Value> = words::boroughs_near(me.borough())
        .into_iter()
        .filter(|(code, _)| code != own)
        .map(|(code, name)| json!({ "value": code, "text": name }))
        .collect();
    let differs = if shown.overtaken { differs(&known(&shown.desk.body, me.app.kit().clock.now()).0, shown.values) } else { Vec::new() };
    let days: Vec<Value> = (1..).zip(DAYS).map(|(number, name)| json!({ "number": number, "name": name })).collect();
    // What was typed was typed over the desk as it was on the screen then.
    let saw = shown.values.get("saw").and_then(|version| version.parse().ok());
    let version = if shown.overtaken { shown.desk.version } else { saw.or(shown.desk.version) };
    let data = json!({
        "borough_name": words::org(own), "desk": shown.desk.body, "version": version, "sets": me.manages(), "days": days,
        "boroughs": boroughs, "values": shown.values, "errors": faults.shown(), "turns": shown.turns.clamp(1, MOST_TURNS),
        "key": me.new_key(), "kept_at": shown.kept_at, "done": shown.done, "overtaken": shown.overtaken,
        "differs": differs,
    });
    let page = me.page("settings.html", data);
    if faults.is_empty() { page } else { (StatusCode::UNPROCESSABLE_ENTITY, page).into_response() }
}

/// The fields as the desk is set now, and one empty turn more than the rota has. Turns that are over are left out.
fn known(desk: &Value, now: Timestamp) -> (BTreeMap<String, String>, usize) {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let list = |value: &Value| value.as_array().cloned().unwrap_or_default();
    let mut values = BTreeMap::new();
    let mut say = |name: String, text: String| drop(values.insert(name, text));
    for hours in list(&desk["hours"]) {
        say(format!("from_{}", hours["weekday"]), text(&hours["from"]));
        say(format!("to_{}", hours["weekday"]), text(&hours["to"]));
    }
    say("day".to_owned(), text(&desk["phones"]["day"]));
    say("night".to_owned(), text(&desk["phones"]["night"]));
    say("covered_by".to_owned(), text(&desk["covered_by"]));
    let closed: Vec<String> = list(&desk["closed_on"]).iter().map(text).collect();
    say("closed_on".to_owned(), closed.join("\n"));
    let instant = |value: &Value| value.as_str().and_then(|text| text.parse::<Timestamp>().ok());
    let rota: Vec<Value> = list(&desk["rota"]).into_iter().filter(|turn| instant(&turn["to"]).is_none_or(|to| to > now)).collect();
    for (number, turn) in (1..).zip(&rota) {
        say(format!("turn_{number}_level"), turn["level"].to_string());
        say(format!("turn_{number}_name"), text(&turn["name"]));
        say(format!("turn_{number}_phone"), text(&turn["phone"]));
        for end in ["from", "to"] {
            let (day, time) = instant(&turn[end]).map(local).unwrap_or_default();
            say(format!("turn_{number}_{end}_day"), day);
            say(format!("turn_{number}_{end}_time"), time);
        }
    }
    (values, rota.len() + 1)
}

/// What setting the desk by the form would write over: each thing that is set otherwise now, in words.
fn differs(now: &BTreeMap<String, String>, form: &BTreeMap<String, String>) -> Vec<Value> {
    let of = |values: &BTreeMap<String, String>, name: &str| values.get(name).map_or("", |text| text.trim()).to_owned();
    let hours = |values: &BTreeMap<String, String>, day: usize| {
        let (from, to) = (of(values, &format!("from_{day}")), of(values, &format!("to_{day}")));
        if from.is_empty() && to.is_empty() { "No hours".to_owned() } else { format!("{from} to {to}") }
    };
    let cover =
        |values: &BTreeMap<String, String>| Some(of(values, "covered_by")).filter(|code| !code.is_empty()).map(|code| words::org(&code));
    let own = || "Our own team".to_owned();
    let mut pairs: Vec<(&str, String, String)> = vec![
        ("Day team", of(now, "day"), of(form, "day")),
        ("Night and weekend", of(now, "night"), of(form, "night")),
        ("Who answers out of hours", cover(now).unwrap_or_else(own), cover(form).unwrap_or_else(own)),
    ];
    pairs.extend((1..).zip(DAYS).map(|(number, day)| (day, hours(now, number), hours(form, number))));
    pairs.push(("Closed days", of(now, "closed_on"), of(form, "closed_on")));
    let turns = |values: &BTreeMap<String, String>| -> Vec<(String, String)> {
        // Level 1 stands in the form as nothing.
        let filled = values.iter().filter(|(name, text)| name.starts_with("turn_") && !name.ends_with("_level") && !text.trim().is_empty());
        let levels = values.iter().filter(|(name, text)| name.ends_with("_level") && !["", "1"].contains(&text.as_str()));
        filled.chain(levels).map(|(name, text)| (name.clone(), text.trim().to_owned())).collect()
    };
    if turns(now) != turns(form) {
        pairs.push(("Rota", "As above".to_owned(), "As below".to_owned()));
    }
    let other = pairs.into_iter().filter(|(_, now, form)| now != form);
    other.map(|(what, now, form)| json!({ "what": what, "now": now, "form": form })).collect()
}

/// `23/11/2026` and `02:14`, in London.
fn local(at: Timestamp) -> (String, String) {
    let local = at.to_zoned_datetime(TimeZone::get("Europe/London").unwrap_or(TimeZone::UTC));
    (format!("{}/{}/{}", local.day(), local.month(), local.year()), format!("{:02}:{:02}", local.hour(), local.minute()))
}

/// A manager sets the desk.
pub(crate) async fn set(me: Me, form: Form) -> Result<Response, Failure> {
    let turns = form.text("turns").parse().unwrap_or(1).clamp(1, MOST_TURNS);
    let desk = Answer { version: form.saw(), position: None, body: json!({}) };
    let values = form.values();
    let mut faults = Faults::default();
    if form.some("another").is_some() {
        let shown = Shown { desk: &desk, values: &values, turns: turns + 1, kept_at: None, done: false, overtaken: false };
        return Ok(page(&me, &shown, &faults));
    }
    let body = body(&form, turns, &mut faults);
    if faults.is_empty() {
        match me.put(&path(&me)?, (form.text("key"), form.saw()), &body).await {
            Ok(_) => {
                me.sent(&form).await?;
                return Ok(on_to("/desk/settings?done=set"));
            }
            Err(failure) => {
                let refusal = failure.refusal()?;
                if refusal.status == 412 {
                    return overtaken(&me, (&values, turns)).await;
                }
                said(&refusal, (&form, turns, &body), &mut faults);
            }
        }
    }
    Ok(page(&me, &Shown { desk: &desk, values: &values, turns, kept_at: None, done: false, overtaken: false }, &faults))
}

/// A colleague was quicker: what they have set is shown above what was typed. Whoever has read it may write over it.
async fn overtaken(me: &Me, (values, turns): (&BTreeMap<String, String>, usize)) -> Result<Response, Failure> {
    let desk = me.get(&path(me)?).await?;
    let mut faults = Faults::default();
    faults.add("now", OVERTAKEN);
    Ok(page(me, &Shown { desk: &desk, values, turns, kept_at: None, done: false, overtaken: true }, &faults))
}

fn body(form: &Form, turns: usize, faults: &mut Faults) -> Value {
    let mut hours = Vec::new();
    for (number, name) in (1..).zip(DAYS) {
        let field = |end: &str| form.text(&format!("{end}_{number}")).replace('.', ":");
        let (from, to) = (field("from"), field("to"));
        match (from.is_empty(), to.is_empty()) {
            (true, true) => {}
            (false, false) => hours.push(json!({ "weekday": number, "from": padded(&from), "to": padded(&to) })),
            (true, false) | (false, true) => {
                faults.add(format!("from_{number}"), format!("Enter when {name} begins and ends, like 09:00 and 17:00, or neither"));
            }
        }
    }
    faults.need(form, "day", "Enter the telephone of the day team");
    faults.need(form, "night", "Enter the telephone of the night");
    let closed = form.text("closed_on").lines().map(str::trim).filter(|line| !line.is_empty()).map(words::read_day);
    let closed: Option<Vec<String>> = closed.map(|day| day.map(|day| day.to_string())).collect();
    if closed.is_none() {
        faults.add("closed_on", "Enter each closed day on a line of its own, like 25/12/2026");
    }
    let rota: Vec<Value> = (1..=turns).filter_map(|number| turn(form, number, faults)).collect();
    let phones = json!({ "day": form.text("day"), "night": form.text("night") });
    let mut body = Map::new();
    for (name, value) in [("hours", hours.into()), ("closed_on", json!(closed)), ("phones", phones), ("rota", rota.into())] {
        body.insert(name.to_owned(), value);
    }
    if let Some(cover) = form.some("covered_by") {
        body.insert("covered_by".to_owned(), cover.into());
    }
    body.into()
}

/// `9:00` as `09:00`.
fn padded(time: &str) -> String {
    if time.find(':') == Some(1) { format!("0{time}") } else { time.to_owned() }
}

/// Whether something was filled in for a turn.
fn is_filled(form: &Form, number: usize) -> bool {
    let parts = ["name", "phone", "from_day", "from_time", "to_day", "to_time"];
    parts.iter().any(|part| form.some(&format!("turn_{number}_{part}")).is_some())
}

/// One turn of the rota; none where nothing was filled in, or something is wrong.
fn turn(form: &Form, number: usize, faults: &mut Faults) -> Option<Value> {
    let name = |part: &str| format!("turn_{number}_{part}");
    let text = |part: &str| form.text(&name(part));
    if !is_filled(form, number) {
        return None;
    }
    let from = local_instant(text("from_day"), text("from_time"));
    let to = if text("to_day").is_empty() && text("to_time").is_empty() {
        from.and_then(|from| from.saturating_add(SHIFT).ok())
    } else {
        local_instant(text("to_day"), text("to_time"))
    };
    let before = faults.is_empty();
    faults.need(form, &name("name"), &format!("Enter who is on call in turn {number}"));
    faults.need(form, &name("phone"), &format!("Enter the telephone of turn {number}"));
    let (Some(from), Some(to)) = (from, to) else {
        let advice = format!("Enter when turn {number} begins and ends, days like 23/11/2026 and times like 17:00");
        faults.add(name("from_day"), advice);
        return None;
    };
    if from >= to {
        faults.add(name("to_day"), format!("Turn {number} must end after it begins"));
    }
    let level: u8 = text("level").parse().unwrap_or(1);
    (before && faults.is_empty()).then(|| json!({ "level": level, "name": text("name"), "phone": text("phone"), "from": from, "to": to }))
}

/// What the service had against it, each at its field.
fn said(refusal: &Refusal, (form, turns, body): (&Form, usize, &Value), faults: &mut Faults) {
    // Turns that were left empty were not sent.
    let sent: Vec<usize> = (1..=turns).filter(|number| is_filled(form, *number)).collect();
    for fault in refusal.problem["errors"].as_array().into_iter().flatten() {
        let text = |member: &str| fault[member].as_str().unwrap_or_default();
        let parts: Vec<&str> = text("pointer").split('/').skip(1).collect();
        let number = |at: &str| at.parse::<usize>().ok();
        let field = match parts[..] {
            ["hours", at, ..] => number(at).map(|at| format!("from_{}", body["hours"][at]["weekday"])),
            ["rota", at, "phone"] => number(at).and_then(|at| sent.get(at)).map(|turn| format!("turn_{turn}_phone")),
            ["rota", at, ..] => number(at).and_then(|at| sent.get(at)).map(|turn| format!("turn_{turn}_name")),
            ["phones", which @ ("day" | "night")] => Some(which.to_owned()),
            ["covered_by"] => Some("covered_by".to_owned()),
            _ => None,
        };
        let field = field.unwrap_or_else(|| "desk".to_owned());
        faults.add(field, format!("This must be {}", text("detail")));
    }
    if faults.is_empty() {
        faults.add("desk", refusal.detail.clone());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(body: &str) -> (Value, Value) {
        let mut faults = Faults::default();
        let made = super::body(&Form::read(body.as_bytes()), 2, &mut faults);
        (made, faults.shown()["by"].clone())
    }

    #[test]
    fn a_desk_is_read_from_its_form_and_shown_in_it_again() {
        let typed = "from_1=9.00&to_1=17:00&day=0161+496+0001&night=0161+496+0002&closed_on=25/12/2026%0A2026-12-28&turn_1_level=2&turn_1_name=Head\
                     &turn_1_phone=0161+496+0003&turn_1_from_day=23/11/2026&turn_1_from_time=17:00&turn_2_level=1";
        let (made, faults) = set(typed);
        let rota =
            json!([{ "level": 2, "name": "Head", "phone": "0161 496 0003", "from": "2026-11-23T17:00:00Z", "to": "2026-11-24T17:00:00Z" }]);
        let hours = json!([{ "weekday": 1, "from": "09:00", "to": "17:00" }]);
        assert_eq!(faults, json!({}));
        assert_eq!((&made["hours"], &made["rota"], &made["closed_on"]), (&hours, &rota, &json!(["2026-12-25", "2026-12-28"])));
        let (values, turns) = known(&made, "2026-11-23T18:00:00Z".parse().unwrap());
        let value = |name: &str| values[name].as_str();
        assert_eq!((value("from_1"), value("turn_1_from_day"), value("turn_1_to_time"), turns), ("09:00", "23/11/2026", "17:00", 2));
        assert_eq!(known(&made, "2026-11-25T00:00:00Z".parse().unwrap()).1, 1, "a turn that is over is left out");
    }

    #[test]
    fn whoever_was_overtaken_is_told_what_their_form_would_write_over() {
        let values = |typed: &str| Form::read(typed.as_bytes()).values();
        let now = values("day=1&night=2&from_1=09:00&to_1=17:00&turn_1_name=Head&turn_1_level=1");
        assert_eq!(
            differs(&now, &values("day=1&night=2&from_1=09:00&to_1=17:00&turn_1_name=Head&turn_1_level=&turn_2_level=")),
            Vec::<Value>::new()
        );
        let line = |what: &str, now: &str, form: &str| json!({ "what": what, "now": now, "form": form });
        let expected =
            [line("Night and weekend", "2", "3"), line("Monday", "09:00 to 17:00", "No hours"), line("Rota", "As above", "As below")];
        assert_eq!(differs(&now, &values("day=1&night=3&turn_1_name=Other")), expected);
    }

    #[test]
    fn what_is_missing_or_cannot_be_is_said_at_its_field() {
        let typed = "from_2=09:00&night=1&closed_on=Christmas&turn_1_name=Head&turn_2_name=Late&turn_2_phone=1&turn_2_from_day=2/1/2026\
                     &turn_2_from_time=10:00&turn_2_to_day=1/1/2026&turn_2_to_time=10:00";
        let (_, faults) = set(typed);
        let fields: Vec<&String> = faults.as_object().unwrap().keys().collect();
        assert_eq!(fields, ["closed_on", "day", "from_2", "turn_1_from_day", "turn_1_phone", "turn_2_to_day"]);
    }
}
