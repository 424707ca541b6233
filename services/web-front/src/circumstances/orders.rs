//! What the forms about a child send: the address, what is sent, and which fields it needs.

use kernel::Timestamp;
use serde_json::{Value, json};

use super::Which;
use crate::{
    form::{Faults, Form},
    responsibility::local_instant,
};

/// How a day and a time are written.
const LIKE: &str = "a day like 23/11/2026 and a time like 02:14";

/// A command of one of the pages.
#[derive(Debug, PartialEq)]
pub(super) struct Order {
    /// The page on which its form stands.
    pub(super) which: Which,
    /// The last part of the service's address.
    pub(super) address: &'static str,
    /// What is sent.
    pub(super) body: Value,
    /// The field beside which a refusal stands.
    pub(super) at: String,
}

/// What a form sends, and what is missing for it; none where there is no such form.
pub(super) fn order(act: &str, form: &Form, now: Timestamp, faults: &mut Faults) -> Option<Order> {
    let plain = |which, address| Order { which, address, body: json!({}), at: "act".to_owned() };
    Some(match act {
        "missing" => plain(Which::Missing, "missing"),
        "found" => plain(Which::Missing, "found"),
        "powers" => power(form, now, faults),
        "powers-end" => power_end(form, faults),
        "plan" => plan(form, faults),
        "plan-end" => {
            faults.need(form, "text", "Enter why the plan ends");
            Order { which: Which::Plan, address: "duties/plan/end", body: json!({ "reason": form.text("text") }), at: "text".to_owned() }
        }
        "notices" => notice(form, now, faults),
        _ => return None,
    })
}

fn power(form: &Form, now: Timestamp, faults: &mut Faults) -> Order {
    faults.need(form, "power", "Select which power");
    let started = local_instant(form.text("started_day"), form.text("started_time"));
    match started {
        None => faults.add("started_day", format!("Enter when it was used or made, {LIKE}")),
        Some(at) if at > now => faults.add("started_day", "It cannot have begun later than now. Enter when it was used or made"),
        Some(_) => {}
    }
    let mut body = json!({ "power": form.text("power"), "started_at": started });
    let latest = started.map_or(now, |started| started.max(now));
    if let Some(ends) = end(form, ("ends", "Select when it ends, or that it is not known"), latest, faults) {
        body["ends_at"] = json!(ends);
    }
    Order { which: Which::Powers, address: "powers", body, at: "power".to_owned() }
}

/// An end that is known, and later than that; or said not to be known.
fn end(form: &Form, (name, advice): (&str, &str), after: Timestamp, faults: &mut Faults) -> Option<Timestamp> {
    let (day, time) = (format!("{name}_day"), format!("{name}_time"));
    let ends = local_instant(form.text(&day), form.text(&time));
    match form.text(name) {
        "known" => match ends {
            Some(ends) if ends > after => return Some(ends),
            Some(_) => faults.add(day, "The end must be later than now"),
            None => faults.add(day, format!("Enter when, {LIKE}")),
        },
        "not_known" if form.some(&day).is_some() || form.some(&time).is_some() => {
            faults.add(name, "Enter either the end, or that it is not known");
        }
        "not_known" => {}
        _ => faults.add(name, advice),
    }
    None
}

fn power_end(form: &Form, faults: &mut Faults) -> Order {
    let power = form.text("ended");
    let sure = format!("sure_{power}");
    faults.need(form, &sure, "Tick this if you know that it has ended");
    Order { which: Which::Powers, address: "powers/end", body: json!({ "power": power }), at: sure }
}

fn plan(form: &Form, faults: &mut Faults) -> Order {
    faults.need(form, "kind", "Select what kind of plan");
    let mut body = json!({ "kind": form.text("kind") });
    if let Some(borough) = form.some("borough") {
        body["borough"] = borough.into();
    }
    Order { which: Which::Plan, address: "plan", body, at: "kind".to_owned() }
}

fn notice(form: &Form, now: Timestamp, faults: &mut Faults) -> Order {
    faults.need(form, "to", "Select the borough where the child stays");
    let until = end(form, ("until", "Select until when, or that it is not known"), now, faults);
    faults.need(form, "text", "Enter what they should know");
    let mut body = json!({ "to": form.text("to"), "text": form.text("text") });
    if let Some(until) = until {
        body["until"] = json!(until);
    }
    Order { which: Which::Notices, address: "notices", body, at: "text".to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is sent, and the fields at which something is wrong.
    fn ordered(act: &str, body: &str) -> (Value, Vec<String>) {
        let mut faults = Faults::default();
        let order = order(act, &Form::read(body.as_bytes()), "2026-11-23T12:00:00Z".parse().unwrap(), &mut faults);
        let fields = faults.shown()["by"].as_object().unwrap().keys().cloned().collect();
        (order.map_or(Value::Null, |order| order.body), fields)
    }

    #[test]
    fn an_end_is_given_or_said_not_to_be_known_and_never_both() {
        let begun = "power=police_protection&started_day=23/11/2026&started_time=08:00";
        let unknown = json!({ "power": "police_protection", "started_at": "2026-11-23T08:00:00Z" });
        assert_eq!(ordered("powers", &format!("{begun}&ends=not_known")), (unknown.clone(), vec![]));
        let mut known = unknown;
        known["ends_at"] = "2026-11-25T08:00:00Z".into();
        let ends = "ends_day=25/11/2026&ends_time=8.00";
        assert_eq!(ordered("powers", &format!("{begun}&ends=known&{ends}")), (known, vec![]));
        assert_eq!(ordered("powers", &format!("{begun}&ends=not_known&{ends}")).1, ["ends"]);
        assert_eq!(ordered("powers", &format!("{begun}&ends=known")).1, ["ends_day"]);
        assert_eq!(ordered("powers", "").1, ["ends", "power", "started_day"]);
        let later = "power=care_order&started_day=24/11/2026&started_time=08:00&ends=not_known";
        assert_eq!(ordered("powers", later).1, ["started_day"], "nothing has begun tomorrow");
        let over = "ends_day=23/11/2026&ends_time=11:00";
        assert_eq!(ordered("powers", &format!("{begun}&ends=known&{over}")).1, ["ends_day"], "nor ended before now");
    }

    #[test]
    fn a_protection_is_not_lifted_by_a_slip_and_a_plan_and_a_notice_say_what_they_must() {
        assert_eq!(ordered("powers-end", "ended=care_order").1, ["sure_care_order"]);
        assert_eq!(ordered("powers-end", "ended=care_order&sure_care_order=yes"), (json!({ "power": "care_order" }), vec![]));
        assert_eq!(ordered("plan", "").1, ["kind"]);
        assert_eq!(ordered("plan-end", "text=Done"), (json!({ "reason": "Done" }), vec![]));
        assert_eq!(ordered("notices", "").1, ["text", "to", "until"]);
        let notice = json!({ "to": "E08000003", "text": "With her aunt" });
        assert_eq!(ordered("notices", "to=E08000003&until=not_known&text=With+her+aunt"), (notice, vec![]));
        assert_eq!((ordered("found", "").0, ordered("delete", "").0), (json!({}), Value::Null));
    }
}
