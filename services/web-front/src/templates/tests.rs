//! The components render as GOV.UK's own fixtures say, and nothing that people type becomes markup.

use std::path::{Path, PathBuf};

use minijinja::{Value, context, value::Serde};
use serde_json::json;

use super::*;

/// What set-up has made, beside this project.
fn tools(name: &str) -> PathBuf {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../.tools").join(name);
    assert!(path.exists(), "{} is not there: run `cargo xtask setup`", path.display());
    path
}

/// Markup as a list of tags, with their attributes in order, and texts, so that white space between them does not count.
fn tokens(html: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut rest = html;
    while let Some(open) = rest.find('<') {
        let (text, tag) = rest.split_at(open);
        push_text(&mut found, text);
        let mut quoted = false;
        let close = tag.char_indices().find(|(_, c)| {
            quoted ^= *c == '"';
            *c == '>' && !quoted
        });
        let end = close.map_or(tag.len(), |(at, _)| at + 1);
        let (tag, after) = tag.split_at(end);
        found.push(collapsed(tag).replace(" >", ">").replace("\" />", "\"/>"));
        rest = after;
    }
    push_text(&mut found, rest);
    found
}

fn push_text(found: &mut Vec<String>, text: &str) {
    let text = collapsed(text);
    if !text.is_empty() {
        found.push(text);
    }
}

fn collapsed(text: &str) -> String {
    let same = [("&#x27;", "'"), ("&#39;", "'"), ("&#34;", "&quot;"), ("&#x2f;", "/"), ("&#x2F;", "/")];
    let text = same.iter().fold(text.to_owned(), |text, (from, to)| text.replace(from, to));
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[derive(serde::Deserialize)]
struct Fixtures {
    component: String,
    fixtures: Vec<Fixture>,
}

#[derive(serde::Deserialize)]
struct Fixture {
    name: String,
    /// In the order in which they stand: attributes are written in it.
    options: Value,
    html: String,
}

#[test]
fn every_fixture_of_gov_uk_renders_the_same() {
    let environment = environment(&tools("pages"));
    let components = tools("front/node_modules/govuk-frontend/dist/govuk/components");
    let (mut compared, mut wrong) = (0, Vec::new());
    for component in std::fs::read_dir(components).unwrap().map(|entry| entry.unwrap().path()) {
        let Ok(text) = std::fs::read_to_string(component.join("fixtures.json")) else { continue };
        let Fixtures { component: name, fixtures } = serde_json::from_str(&text).unwrap();
        let camel: String = name.split('-').map(|word| word[..1].to_uppercase() + &word[1..]).collect();
        for fixture in fixtures {
            let source = format!(
                "{{% from 'govuk_frontend_jinja/components/{name}/macro.html' import govuk{camel} %}}{{{{ govuk{camel}(params) }}}}"
            );
            let params = fixture.options;
            let made = environment.render_str(&source, context! { params }).unwrap_or_else(|error| format!("{error:#}"));
            compared += 1;
            if tokens(&made) != tokens(&fixture.html) {
                wrong.push(format!("{name}: {}", fixture.name));
            }
        }
    }
    assert_eq!((compared, wrong), (657, Vec::new()));
}

/// How a text gets out of where it stands: an attribute, an element that takes text alone, a comment, a template, a list of characters.
const OUT: [&str; 20] = [
    "",
    "\">",
    "'>",
    "\" ",
    "' ",
    "`",
    "</textarea>",
    "</title>",
    "</option></select>",
    "</script>",
    "</style>",
    "</noscript>",
    "-->",
    "<!--",
    "]]>",
    "}}",
    "%}",
    "\u{0}",
    "\u{202e}",
    "&quot;&gt;",
];

/// What it does once it is out.
const ACTS: [&str; 10] = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<svg/onload=alert(1)><animate onbegin=alert(1)>",
    "onmouseover=alert(1) autofocus onfocus=alert(1) x=\"",
    "<iframe srcdoc=\"<script>alert(1)</script>\"></iframe>",
    "<a href=\"javascript:alert(1)\">x</a>",
    "<form action=//x><button formaction=//x>x</button>",
    "<base href=//x><meta http-equiv=refresh content=0;//x><link rel=stylesheet href=//x>",
    "<math><mtext><table><mglyph><style><!--</style><img title=\"--&gt;&lt;img src=x onerror=alert(1)&gt;\">",
    "{{ 7 * 7 }}{% raw %}{{ me.name | safe }}&lt;b&gt;<b>",
];

/// Every way out with every act: 200 strings. Ten stand one after the other in each text, so that every field has each of them.
fn harms() -> Vec<String> {
    OUT.iter().map(|out| ACTS.map(|act| format!("{out}{act}")).join(" ")).collect()
}

type Members = serde_json::Map<String, serde_json::Value>;

/// A referral and a transfer in which every text is the same harm.
fn a_case(harm: &str) -> serde_json::Value {
    let child = json!({ "child_id": harm, "names": [harm], "nhs_number": harm, "child_says": harm, "age_about": harm,
                        "home": { "address": harm, "postcode": harm, "borough": harm }, "child_is_now": { "address": harm } });
    let entry = json!({ "what": harm, "code": harm, "at": harm, "org": harm, "by": { "name": harm, "org": harm }, "text": harm,
                        "reason": harm, "read_back": harm, "ring": harm, "called": [{ "name": harm, "phone": harm }] });
    let texts = ["reference", "referral_id", "concern", "danger_now", "with_the_child", "needs", "done_already", "parent_knows", "from"];
    let mut referral: Members = texts.map(|name| (name.to_owned(), json!(harm))).into_iter().collect();
    referral.insert("children".into(), json!([&child]));
    referral.insert("entries".into(), json!([entry]));
    referral.insert("referrer".into(), json!({ "name": harm, "role": harm, "phone": harm }));
    referral.insert("child_is_now".into(), json!({ "site": harm, "address": harm, "postcode": harm, "borough": harm }));
    referral.insert("owner".into(), json!({ "name": harm, "desk": harm, "phone": harm, "answered_by": harm }));
    referral.insert("holds_now".into(), json!([{ "name": harm, "desk": harm, "phone": harm }]));
    let sheet = json!({ "situation": harm, "assessment": harm, "family": harm, "expected": harm, "child_says": harm, "interim_plan": harm,
                        "recording": harm, "not_known": [harm], "children": [child] });
    let transfer = json!({ "transfer_id": harm, "reference": harm, "state": "seen", "from_name": harm, "to_name": harm, "from_phone": harm,
                           "to_phone": harm, "message": harm, "priority": harm, "sheet": sheet, "flags": { "link_down": true },
                           "history": [entry], "items": [{ "child_id": harm, "duties": [harm] }] });
    json!({ "referral": referral, "transfer": transfer, "responsibilities": {} })
}

/// What a desk sees beside it.
fn a_desk(harm: &str) -> serde_json::Value {
    let duties = json!([{ "duty": harm, "holder_name": harm, "desk": harm, "desk_phone": harm, "since": harm,
                          "because": { "event": harm, "position": 1 } }]);
    let transfers = json!([{ "transfer_id": harm, "reference": harm, "to": harm, "state": harm }]);
    let contact = json!({ "received_at": harm, "borough": harm, "outcome": harm, "reference": harm, "from": harm, "who": harm,
                          "danger_now": harm, "possible": true, "why": [harm], "children": [harm] });
    let queue = json!([{ "referral_id": harm, "transfer_id": harm, "reference": harm, "danger_now": harm, "from": harm, "from_name": harm,
                         "to_name": harm, "children": [harm], "items": [1], "holds_now": [harm], "message": harm, "state": harm,
                         "priority": harm, "flags": {}, "feedback": {} }]);
    json!({
        "held": { "duties": duties, "transfers": transfers }, "child": harm, "borough_name": harm,
        "then": { "at": harm, "duties": duties }, "reasons": [{ "value": harm, "text": harm }], "items": [{ "value": harm, "text": harm }],
        "history": { "contacts": [contact], "ring": [{ "name": harm, "phone": harm }], "repeat_prompt": true, "contacts_in_12_months": harm },
        "mine": queue, "others": queue, "incoming": queue, "outgoing": queue, "feedback": queue, "referrals": queue,
        "cases": [{ "referral_id": harm, "child_id": harm, "state": "due", "holders": [harm], "manager_told": harm, "version": 1 },
                  { "referral_id": harm, "child_id": harm, "state": "taken", "taken_by": harm }],
        "sets": true, "days": [{ "number": 1, "name": harm }], "turns": 1, "manages": true, "agreed": "theirs",
        "desks": [{ "name": harm, "phone_now": harm, "phones": {} }],
    })
}

/// What a hospital sees, and what stands around every page.
fn a_hospital(harm: &str) -> serde_json::Value {
    let fields = [
        "concern",
        "child_says",
        "name",
        "role",
        "phone",
        "address",
        "postcode",
        "reason",
        "situation",
        "question",
        "giver",
        "q",
        "day",
        "time",
        "child_1_given",
        "child_1_family",
        "child_1_known_as",
        "child_1_day",
        "child_1_nhs",
        "read_back",
        "danger_now",
    ];
    let values: Members = fields.map(|field| (field.to_owned(), json!(harm))).into_iter().collect();
    json!({
        "me": { "name": harm, "org_name": harm, "desk": true, "refers": true }, "nav": [{ "text": "Queue", "href": "/desk" }],
        "assets": { "css": "/a.css", "js": "/a.js", "icon": "/i.svg" }, "now": "2026-11-23T02:14:00Z",
        "kept_on": "/x", "kept_at": "2026-11-23T02:10:00Z", "page": harm, "heading": harm, "words": harm, "incident": harm, "values": values, "asked": { "day": harm, "time": harm },
        "errors": { "list": [{ "href": "#x", "text": harm }], "by": { "concern": harm, "day": harm } }, "fault": harm, "next": harm,
        "takes": true, "gives": true, "version": 1, "key": harm, "link_key": harm, "q": harm, "id": harm, "cookie": harm,
        "groups": [{ "id": "place", "title": harm, "rows": [{ "key": harm, "value": harm, "field": harm }] }],
        "children": 1, "site": { "name": harm }, "draft": harm, "back": "/x", "boroughs": [{ "value": harm, "text": harm }],
        "drafts": [{ "id": harm, "begun_at": harm }], "desk": { "name": harm, "desk": harm, "phone_now": harm },
        "people": [{ "id": harm, "name": harm, "group": harm }],
    })
}

/// What everybody may read.
fn a_library(harm: &str) -> serde_json::Value {
    json!({
        "found": { "items": [{ "id": harm, "title": harm, "snippet": [{ "text": harm, "hit": true }] }], "refused": harm, "searched_instead": harm },
        "shown": { "procedure": { "title": harm, "steps": [{ "who": harm, "what": harm, "force": harm, "by": harm }], "legal_basis": [harm] },
                   "edition": { "number": 1 }, "contacts": [{ "contact": harm, "phone_now": harm, "ask_for": harm }],
                   "variations": [{ "borough": harm, "text": harm }] },
        "texts": {}, "edition": { "title": harm, "procedures": [{ "id": harm, "title": harm, "summary": harm }] },
        "events": [{ "summary": harm, "service": harm, "role": harm, "org_name": harm, "kind": harm, "children": [harm],
                     "actor": { "role": harm, "org": harm } }],
        "handovers": [{ "transfer_id": harm, "from_name": harm, "to_name": harm, "priority": harm, "decline_reason": harm }],
    })
}

/// What the board reads.
fn a_board(harm: &str) -> serde_json::Value {
    let figures = json!([{ "name": harm, "value": 3, "question": harm }, { "name": "p90_seconds", "value": 61, "question": harm }]);
    let told = json!({ "report": harm, "title": harm, "definition": harm, "borough": harm, "complete": harm, "labels": [harm], "figures": [harm] });
    let sample = json!({ "sample_id": harm, "seed": harm, "cases": 1, "population": 9, "drawn_by": harm, "through": 7,
                         "unmasked": [{ "case": 1, "reason": harm, "by": harm }] });
    let item = json!({ "learning_id": harm, "kind": harm, "what": harm, "system": harm, "procedures": [harm],
                       "answered_in": [{ "edition": 2, "procedure": harm }] });
    json!({
        "reports": [{ "report": harm, "title": harm, "definition": harm }], "absent": [{ "report": harm, "why": harm }], "told": told,
        "rows": [{ "names": [harm], "figures": figures }], "question": harm, "name": harm, "figure": harm, "row": [harm], "names_children": true,
        "samples": [sample], "sample": sample, "cases": [1], "case": 1, "done": "drawn",
        "own": [item], "log": [item], "reads": true, "links": true, "titles": [{ "value": harm, "text": harm }],
        "looks": [{ "at": harm, "who": { "name": harm, "org_name": harm }, "how": harm, "action": harm, "purpose": harm, "outcome": harm, "reason": harm }],
        "proofs": [{ "service": harm, "sentence": harm, "refuses": true, "waiting_since": harm }],
        "whole": [{ "service": harm, "events": 1, "checkpoint": 2, "first_missing": 2, "parked": 1 }],
    })
}

/// What authors and approvers write and read.
fn a_draft(harm: &str) -> serde_json::Value {
    let lines = json!([{ "text": harm, "alone": true }, { "text": harm, "alone": false }]);
    let change = json!({ "at": harm, "before": lines, "after": lines });
    let question = json!({ "question_id": harm, "procedure": harm, "org": harm, "role": harm, "text": harm, "answer": harm });
    let nomination = json!({ "field": harm, "number": 1, "reason": harm, "answer": { "keep": { "why": harm } } });
    let field = json!({ "name": harm, "question": harm, "decision_served": harm, "review_by": harm, "nominations": [nomination] });
    let missing = json!({ "board": 1, "boroughs": 1, "of": [harm] });
    let procedure = json!({ "id": harm, "title": harm, "summary": harm, "change": harm, "legal_basis": [harm], "fate": harm, "changes": [change],
                            "steps": [{ "who": harm, "what": harm, "force": harm, "by": harm }] });
    let draft = json!({
        "draft_id": harm, "title": harm, "state": "submitted", "hash": harm, "withdrawn_because": harm, "unconsulted": harm, "approvals_missing": missing,
        "approvals": [{ "by": harm, "role": harm, "for": { "borough": harm } }], "document": { "procedures": [procedure] },
        "comments": [{ "number": 1, "by": harm, "on": harm, "text": harm, "answer": { "text": harm, "by": harm } }],
        "objections": [{ "by": harm, "reason": harm }], "history": [{ "what": harm, "by": harm }],
    });
    let choice = json!([{ "value": harm, "text": harm }]);
    json!({
        "draft": draft, "drafts": [draft], "wrong": [{ "pointer": harm, "detail": harm, "href": "/x" }], "writes": true, "approves": true,
        "schedules": true, "choices": choice, "takeable": choice, "waiting": choice, "procedure": procedure, "procedures": [procedure],
        "parts": [{ "part": harm, "changes": [change] }], "editions": [{ "title": harm, "state": harm, "unconsulted": harm, "withdrawn_because": harm }],
        "variations": [{ "borough": harm, "procedure": harm, "text": harm, "reason": harm, "owner": harm }], "back_to": harm,
        "receipts": [{ "procedure": harm, "edition": 1 }], "questions": [question], "open": [question], "answered": [question],
        "left": [{ "procedure": harm, "title": harm }], "staff": [{ "title": harm, "people": [{ "name": harm, "role": harm }] }],
        "fields": [field], "field": field, "nominated": [nomination], "used": { "referrals": 7, "fields": {} }, "answers": nomination,
    })
}

/// A context in which every text that a service or a person could give is the same harm.
fn everything(harm: &str, state: &str) -> Members {
    let parts = [a_case(harm), a_desk(harm), a_hospital(harm), a_library(harm), a_board(harm), a_draft(harm)];
    let mut whole: Members = parts.iter().filter_map(|part| part.as_object().cloned()).flatten().collect();
    whole["draft"]["state"] = state.into();
    whole
}

#[test]
fn nothing_that_people_type_becomes_markup_on_any_page() {
    let environment = environment(&tools("pages"));
    let pages =
        OWN.iter().map(|(name, _)| (*name, "submitted")).filter(|(name, _)| !["base.html", "forms.html", "tables.html"].contains(name));
    // A draft has other forms while it is written.
    for (page, state) in pages.chain([("draft.html", "in_consultation")]) {
        let tags = |html: &str| {
            // What a tag is made of, without what stands in its attributes: that may differ, the rest may not.
            let names = tokens(html).into_iter().filter(|token| token.starts_with('<'));
            names.map(|tag| tag.split('"').step_by(2).collect::<String>()).collect::<Vec<_>>()
        };
        let context = |text: &str| Value::from(Serde(everything(text, state)));
        let plain = render(&environment, page, &context("Plain")).unwrap_or_else(|error| panic!("{page}: {error:#}"));
        assert!(plain.contains("Plain"), "{page} shows nothing of what it was given");
        let expected = tags(&plain);
        for harm in harms() {
            let harmed = render(&environment, page, &context(&harm)).unwrap();
            assert_eq!(tags(&harmed), expected, "{page} with {harm}");
        }
        let led = render(&environment, page, &context("javascript:alert(1)")).unwrap();
        let leads = ["href", "src", "action", "formaction"].iter().any(|name| led.contains(&format!("{name}=\"javascript:")));
        assert!(!leads, "{page} leads to what somebody typed");
    }
}

#[test]
fn no_template_lets_a_text_through_as_markup() {
    for (name, source) in OWN {
        // The text of a procedure, which was made harmless before, is the one exception.
        let unsafe_ones = source.matches("| safe").count() - source.matches("{{ texts.").count();
        assert_eq!(unsafe_ones, 0, "{name}");
        assert!(!source.contains("'html'") && !source.contains("autoescape") && !source.contains("style="), "{name}");
        assert!(!source.contains(" onclick") && source.matches("<script").count() == if *name == "base.html" { 2 } else { 0 }, "{name}");
    }
}
