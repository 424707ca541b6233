use proptest::prelude::*;

use super::*;
use crate::document;

fn first() -> Document {
    document::first()
}

fn printed(document: &Document) -> Printed<'_> {
    Printed { document, scheduled: Some((1, "2026-01-01T00:00:00Z".parse().unwrap())) }
}

fn id(text: &str) -> ProcedureId {
    text.parse().unwrap()
}

/// Every start tag with its attributes.
fn tags(page: &str) -> Vec<&str> {
    page.split('<').skip(1).filter(|tag| !tag.starts_with('/')).map(|tag| tag.split('>').next().unwrap_or(tag)).collect()
}

/// Nothing that runs, loads or leads anywhere but to procedures of the page and to web pages.
#[track_caller]
fn is_inert(page: &str) {
    const HARMLESS: [&str; 38] = [
        "!doctype",
        "html",
        "head",
        "meta",
        "title",
        "style",
        "body",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "p",
        "a",
        "ul",
        "ol",
        "li",
        "nav",
        "section",
        "div",
        "span",
        "table",
        "thead",
        "tbody",
        "tr",
        "th",
        "td",
        "br",
        "hr",
        "strong",
        "em",
        "code",
        "pre",
        "blockquote",
        "del",
        "br/",
        "hr/",
    ];
    for tag in tags(page) {
        let mut words = tag.split_whitespace();
        let name = words.next().unwrap_or_default();
        assert!(HARMLESS.contains(&name), "<{tag}>");
        let attributes = tag.strip_prefix(name).unwrap_or_default().to_lowercase();
        assert!(!attributes.contains(" on") && !attributes.contains("style=") && !attributes.contains("src="), "<{tag}>");
        if let Some((_, to)) = attributes.split_once("href=\"") {
            assert!(name == "a" && (to.starts_with('#') || to.starts_with("http://") || to.starts_with("https://")), "<{tag}>");
        }
    }
    assert_eq!(page.matches("<style>").count(), 1);
    assert!(!page.contains("url(") && !page.contains("@import"), "the style loads nothing");
}

#[test]
fn the_whole_first_edition_is_one_page_that_loads_nothing_and_runs_nothing() {
    let document = first();
    let page = whole(printed(&document), &Numbers::new()).unwrap();
    is_inert(&page);
    for procedure in document.procedures.values() {
        assert!(page.contains(&format!("<section class=\"procedure\" id=\"{}\">", procedure.id)), "{}", procedure.id);
    }
    for tag in tags(&page).into_iter().filter_map(|tag| tag.strip_prefix("a href=\"#")) {
        let to = tag.trim_end_matches('"');
        assert!(page.contains(&format!("id=\"{to}\"")), "#{to} leads nowhere");
    }
    assert!(page.contains("Draft for a partnership to adopt: not legal advice.") && page.contains(&document.hash().unwrap().0));
    assert!(page.contains("edition 1, in force from 1 January 2026, 00:00 GMT"));
}

#[test]
fn every_must_shows_what_it_rests_on() {
    let document = first();
    let page = whole(printed(&document), &Numbers::new()).unwrap();
    let musts: Vec<&str> = page.split("<span class=\"must\">Must:</span>").skip(1).collect();
    let expected = document.procedures.values().flat_map(|one| &one.steps).filter(|step| step.force == Force::Must).count();
    assert_eq!(musts.len(), expected);
    assert!(musts.iter().all(|must| must.split("</td>").next().unwrap().contains("<span class=\"basis\">Rests on: ")));
}

#[test]
fn a_clock_is_told_in_words_with_its_length_and_authority() {
    let document = first();
    let page = night(printed(&document), &id("police-protection"), &Numbers::new()).unwrap();
    assert!(page.contains("72 hours, counted from: power of police protection used (law)"));
    let page = whole(printed(&document), &Numbers::new()).unwrap();
    for words in [
        "45 working days",
        "8 days, weekends and bank holidays included",
        ">1 minute<",
        "10 minutes",
        "09:30 on the next working day",
        "when the office closes on the next working day",
        "statutory guidance: Working Together",
    ] {
        assert!(page.contains(words), "{words}");
    }
}

#[test]
fn a_telephone_that_is_known_is_printed_and_another_is_a_line_to_fill_in() {
    let document = first();
    let numbers = Numbers::from([(Contact::DutyDesk, "0161 496 0000".to_owned())]);
    let page = night(printed(&document), &id("police-protection"), &numbers).unwrap();
    is_inert(&page);
    assert!(page.contains("Duty desk on shift</th><td>0161 496 0000</td>"));
    assert!(page.contains("Duty manager</th><td><span class=\"fill\">"));
}

#[test]
fn a_draft_says_that_it_is_not_scheduled() {
    let document = first();
    let page = night(Printed { document: &document, scheduled: None }, &id("unborn-child"), &Numbers::new()).unwrap();
    assert!(page.contains("not scheduled") && !page.contains("in force from"));
    let gone = night(printed(&document), &id("gone"), &Numbers::new());
    assert!(matches!(gone, Err(PrintError::NoProcedure(_))));
    let empty = Document::default();
    assert!(matches!(whole(printed(&empty), &Numbers::new()), Err(PrintError::Faults)));
}

/// Texts that would do something on a careless page.
const HOSTILE: [&str; 16] = [
    "<script>alert(1)</script>",
    "\"><img src=x onerror=alert(1)>",
    "<svg/onload=alert(1)>",
    "</title><script>alert(1)</script>",
    "</style><script>alert(1)</script>",
    "[click](javascript:alert(1))",
    "[click](JaVaScRiPt:alert(1))",
    "[click](data:text/html;base64,PHNjcmlwdD4=)",
    "[click](procedure:x\"onclick=\"alert(1))",
    "![picture](https://example.invalid/spy.png)",
    "![x](x \"onload=alert(1)\")",
    "<https://example.invalid/\"onclick=alert(1)>",
    "<javascript:alert(1)>",
    "{{ 7 * 7 }}{% include 'parts' %}",
    "# a {onclick=alert(1)}",
    "<!-- --><iframe src=//example.invalid></iframe>",
];

/// The first edition with a text in every place that takes one.
fn with(text: &str) -> Document {
    let mut document = first();
    let one = document.procedures.get_mut(&id("police-protection")).unwrap();
    for field in [&mut one.title, &mut one.summary, &mut one.change, &mut one.short, &mut one.full] {
        text.clone_into(field);
    }
    for list in [&mut one.legal_basis, &mut one.learning, &mut one.search] {
        *list = vec![text.to_owned()];
    }
    for step in &mut one.steps {
        text.clone_into(&mut step.what);
        text.clone_into(&mut step.basis);
    }
    one.steps[0].by = By::Words(text.to_owned());
    document.parts.insert("title".to_owned(), text.into());
    document.parts.insert("note".to_owned(), text.into());
    document
}

#[test]
fn hostile_text_is_shown_and_does_nothing() {
    for text in HOSTILE {
        let document = with(text);
        let numbers = Numbers::from([(Contact::DutyDesk, text.to_owned())]);
        is_inert(&night(printed(&document), &id("police-protection"), &numbers).unwrap());
        is_inert(&whole(printed(&document), &numbers).unwrap());
    }
    let page = night(printed(&with("{{ 777 * 1000001 }}<b>")), &id("police-protection"), &Numbers::new()).unwrap();
    assert!(page.contains("{{ 777 * 1000001 }}&lt;b&gt;") && !page.contains("777000777"), "templates read no text as a template");
}

#[test]
fn a_link_to_a_procedure_leads_to_its_place_on_the_page() {
    assert_eq!(to_html("[Unborn](procedure:unborn-child)", PAPER), "<p><a href=\"#unborn-child\">Unborn</a></p>\n");
    assert_eq!(to_html("[x](javascript:alert(1)) [y](https://a.invalid)", PAPER), "<p>x <a href=\"https://a.invalid\">y</a></p>\n");
    assert_eq!(to_html("## Purpose", PAPER), "<h4>Purpose</h4>\n");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn no_markdown_makes_anything_but_harmless_tags(
        pieces in proptest::collection::vec(prop_oneof![
            proptest::sample::select(HOSTILE.to_vec()).prop_map(str::to_owned),
            "[<>\"'&=/ a-z\\[\\]()!`*_#\\n:-]{0,12}",
            any::<String>(),
        ], 0..6),
    ) {
        is_inert(&format!("<style></style>{}", to_html(&pieces.concat(), PAPER)));
    }
}
