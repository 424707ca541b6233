//! Offering a transfer: the handover sheet (SAFER), filled in from what is known, siblings together.

use axum::{
    extract::Path,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use kernel::ReferralId;
use serde_json::{Map, Value, json};

use crate::{
    failure::Failure,
    form::{Faults, Form},
    me::{Me, on_to},
    referrals::responsibilities,
    words,
};

/// The texts of the sheet.
pub(crate) const TEXTS: [&str; 7] = ["child_says", "situation", "assessment", "family", "expected", "interim_plan", "recording"];

/// The form.
pub(crate) async fn show(me: Me, Path(id): Path<ReferralId>) -> Result<Response, Failure> {
    page(&me, id, None).await
}

async fn page(me: &Me, id: ReferralId, again: Option<(&Form, &Faults)>) -> Result<Response, Failure> {
    let referral = me.get(&format!("/api/intake/referrals/{id}")).await?.body;
    let held = responsibilities(me, &referral).await?;
    let borough = me.borough().ok_or_else(|| Failure::Forbidden("Transfers are offered by a borough's desk.".to_owned()))?;
    let own = borough.to_string();
    let boroughs: Vec<Value> = words::boroughs_near(Some(borough))
        .into_iter()
        .filter(|(code, _)| *code != own)
        .map(|(code, name)| json!({ "value": code, "text": name }))
        .collect();
    let kept = me.kept().await?;
    let mut sheet = known(me, &referral);
    if let Some(sheet) = sheet.as_object_mut() {
        sheet.extend(kept.form.values().into_iter().map(|(name, text)| (name, text.into())));
    }
    let (values, errors, key) = match again {
        Some((form, faults)) => (json!(form.values()), faults.shown(), form.text("key").to_owned()),
        None => (sheet, Faults::default().shown(), kept.form.some("key").map_or_else(|| me.new_key(), str::to_owned)),
    };
    let before = again.map(|(form, _)| form).or(kept.at.map(|_| &kept.form));
    let asked: Vec<&String> = before.map(|form| form.all("items").iter().collect()).unwrap_or_default();
    let data = json!({
        "referral": referral, "items": on_offer(&held, &referral, &own), "asked": asked, "first": before.is_none(),
        "boroughs": boroughs, "values": values, "errors": errors, "key": key, "kept_at": kept.at.filter(|_| again.is_none()),
    });
    let page = me.page("offer.html", data);
    Ok(if again.is_none() { page } else { (StatusCode::UNPROCESSABLE_ENTITY, page).into_response() })
}

/// What this borough holds of the children of the referral, each as a box to tick.
fn on_offer(held: &Map<String, Value>, referral: &Value, borough: &str) -> Vec<Value> {
    let mut items = Vec::new();
    for child in referral["children"].as_array().into_iter().flatten() {
        let id = child["child_id"].as_str().unwrap_or_default();
        let duties = held.get(id).and_then(|held| held["duties"].as_array()).into_iter().flatten();
        for duty in duties.filter(|duty| duty["holder"] == borough) {
            let code = duty["duty"].as_str().unwrap_or_default();
            let name = child["names"][0].as_str().unwrap_or("Child, name not known");
            items.push(json!({ "value": format!("{id} {code}"), "text": format!("{name}: {}", words::said(code)) }));
        }
    }
    items
}

/// The sheet as far as the referral tells it. A person reads and mends it.
fn known(me: &Me, referral: &Value) -> Value {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let children = referral["children"].as_array().cloned().unwrap_or_default();
    let says: Vec<String> = children.iter().map(|child| text(&child["child_says"])).filter(|said| !said.is_empty()).collect();
    let home = referral["home_borough"].as_str().filter(|home| Some(*home) != me.borough().map(kernel::Borough::code));
    let danger = if referral["danger_now"] == "yes" { "P1" } else { "P2" };
    let mut missing = Vec::new();
    for (there, what) in [
        (referral["with_the_child"].is_string(), "Who is with the child"),
        (children.iter().all(|child| child["date_of_birth"].is_string()), "Date of birth"),
        (children.iter().all(|child| child["nhs_number"].is_string()), "NHS number"),
    ] {
        if !there {
            missing.push(what);
        }
    }
    let is_now = &referral["child_is_now"];
    let place = [words::org(is_now["site"].as_str().unwrap_or_default()), text(&is_now["address"]), text(&is_now["postcode"])];
    let place = place.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(", ");
    let phone = me.session.who.phone.clone().unwrap_or_default();
    json!({
        "to": home, "priority": danger, "child_is_now": place, "child_says": says.join("\n"), "situation": text(&referral["concern"]),
        "assessment": text(&referral["done_already"]), "family": text(&referral["with_the_child"]),
        "recording": format!("Given by {}, {phone}. Referral {}.", me.session.who.name, text(&referral["reference"])),
        "not_known": missing.join("\n"),
    })
}

/// Offers.
pub(crate) async fn send(me: Me, Path(id): Path<ReferralId>, form: Form) -> Result<Response, Failure> {
    let mut faults = Faults::default();
    faults.need(&form, "to", "Select the borough that you ask");
    faults.need(&form, "priority", "Select how soon it must be answered");
    if form.all("items").is_empty() {
        faults.add("items", "Select what the other borough is to take over");
    }
    faults.need(&form, "situation", "Enter what is happening and who is in danger");
    if !faults.is_empty() {
        return page(&me, id, Some((&form, &faults))).await;
    }
    match me.command("/api/transfers", (form.text("key"), None), &body(&form)).await {
        Ok(offered) => {
            me.sent(&form).await?;
            Ok(on_to(&format!("/transfers/{}?done=offered", offered.body["transfer_id"].as_str().unwrap_or_default())))
        }
        Err(failure) => {
            let refusal = failure.refusal()?;
            faults.add("items", refusal.detail);
            page(&me, id, Some((&form, &faults))).await
        }
    }
}

/// The children and duties of a form, each box or hidden field of which says `child duty`.
pub(crate) fn items(form: &Form) -> impl Iterator<Item = (&str, Vec<&str>)> {
    let mut items: Vec<(&str, Vec<&str>)> = Vec::new();
    for (child, duty) in form.all("items").iter().filter_map(|item| item.split_once(' ')) {
        match items.iter_mut().find(|(known, _)| *known == child) {
            Some((_, duties)) => duties.push(duty),
            None => items.push((child, vec![duty])),
        }
    }
    items.into_iter()
}

/// The handover sheet as it was written.
pub(crate) fn sheet(form: &Form) -> Value {
    let mut sheet: Map<String, Value> = TEXTS.into_iter().filter_map(|name| Some((name.to_owned(), form.some(name)?.into()))).collect();
    let not_known: Vec<&str> = form.text("not_known").lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    sheet.insert("not_known".to_owned(), json!(not_known));
    sheet.into()
}

fn body(form: &Form) -> Value {
    let place = form.some("child_is_now").map_or_else(|| json!("not_known"), |address| json!({ "address": address }));
    let items: Vec<Value> =
        items(form).map(|(child, duties)| json!({ "child_id": child, "duties": duties, "child_is_now": place })).collect();
    json!({
        "to": form.text("to"), "priority": form.text("priority"), "items": items, "sheet": sheet(form),
        "discharge_pending": form.text("discharge_pending") == "yes",
    })
}
