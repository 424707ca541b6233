//! The text of a procedure as HTML that can do nothing, on paper and on the pages alike.
//!
//! HTML in the text is shown as text, a picture as its words, and a link leads to another procedure or to a web page.

#![warn(missing_docs)]

use pulldown_cmark::{CowStr, Event, HeadingLevel, Options, Parser, Tag, TagEnd, html};

/// How a link to another procedure begins.
const PROCEDURE: &str = "procedure:";

/// Where a text stands.
#[derive(Clone, Copy, Debug)]
pub struct Place<'a> {
    /// What stands before the id in the address of another procedure.
    pub procedures: &'a str,
    /// The level of the text's highest heading, 1 to 6: just below the heading above it, so that no level is left out.
    pub top: usize,
}

/// A text as HTML.
#[must_use]
pub fn to_html(text: &str, place: Place<'_>) -> String {
    let mut out = String::new();
    let first = highest(text);
    let lower = |level: HeadingLevel| HeadingLevel::try_from(place.top + (level as usize) - (first as usize)).unwrap_or(HeadingLevel::H6);
    // Links that lead nowhere we know keep their words only; links do not nest, so one flag is enough.
    let mut dropped = false;
    let events = Parser::new_ext(text, Options::ENABLE_TABLES).filter_map(|event| match event {
        Event::Html(raw) | Event::InlineHtml(raw) => Some(Event::Text(raw)),
        Event::Start(Tag::HtmlBlock) => Some(Event::Start(Tag::Paragraph)),
        Event::End(TagEnd::HtmlBlock) => Some(Event::End(TagEnd::Paragraph)),
        Event::Start(Tag::Heading { level, .. }) => {
            Some(Event::Start(Tag::Heading { level: lower(level), id: None, classes: Vec::new(), attrs: Vec::new() }))
        }
        Event::End(TagEnd::Heading(level)) => Some(Event::End(TagEnd::Heading(lower(level)))),
        Event::Start(Tag::Image { .. }) | Event::End(TagEnd::Image) => None,
        Event::Start(Tag::Link { link_type, dest_url, title: _, id }) => {
            let target = target(&dest_url, place.procedures);
            dropped = target.is_none();
            target.map(|dest_url| Event::Start(Tag::Link { link_type, dest_url, title: CowStr::Borrowed(""), id }))
        }
        Event::End(TagEnd::Link) => (!std::mem::take(&mut dropped)).then_some(Event::End(TagEnd::Link)),
        other @ (Event::Start(_)
        | Event::End(_)
        | Event::Text(_)
        | Event::Code(_)
        | Event::InlineMath(_)
        | Event::DisplayMath(_)
        | Event::FootnoteReference(_)
        | Event::SoftBreak
        | Event::HardBreak
        | Event::Rule
        | Event::TaskListMarker(_)) => Some(other),
    });
    html::push_html(&mut out, events);
    out
}

/// Where a link may lead.
fn target(to: &str, procedures: &str) -> Option<CowStr<'static>> {
    if let Some(id) = to.strip_prefix(PROCEDURE) {
        let plain = id.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-' || b == b'_');
        return plain.then(|| CowStr::from(format!("{procedures}{id}")));
    }
    (to.starts_with("https://") || to.starts_with("http://")).then(|| CowStr::from(to.to_owned()))
}

/// The highest heading of a text.
fn highest(text: &str) -> HeadingLevel {
    let levels =
        Parser::new(text).filter_map(|event| if let Event::Start(Tag::Heading { level, .. }) = event { Some(level) } else { None });
    levels.min().unwrap_or(HeadingLevel::H1)
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGE: Place<'static> = Place { procedures: "/procedures/", top: 3 };

    #[test]
    fn a_text_of_a_procedure_brings_no_markup_of_its_own() {
        let html = to_html("## A\n\n<script>x()</script>\n\n![p](http://e/x.png) [a](javascript:x) [c](procedure:../x)", PAGE);
        assert!(html.contains("&lt;script&gt;x()&lt;/script&gt;") && html.contains("p a c"), "{html}");
        assert!(!html.contains("<script") && !html.contains("<img") && !html.contains("javascript:") && !html.contains("../x"), "{html}");
    }

    #[test]
    fn a_link_leads_to_a_procedure_of_its_place_or_to_a_web_page() {
        let paper = Place { procedures: "#", top: 4 };
        assert_eq!(to_html("[b](procedure:transfer)", PAGE), "<p><a href=\"/procedures/transfer\">b</a></p>\n");
        assert_eq!(to_html("[b](procedure:transfer)", paper), "<p><a href=\"#transfer\">b</a></p>\n");
        assert_eq!(to_html("[b](https://a.invalid)", paper), "<p><a href=\"https://a.invalid\">b</a></p>\n");
    }

    #[test]
    fn the_highest_heading_of_a_text_stands_just_below_the_one_above_it() {
        assert_eq!(to_html("## A\n\n### B", PAGE), "<h3>A</h3>\n<h4>B</h4>\n");
        assert_eq!(to_html("# A\n\n###### B", Place { procedures: "#", top: 4 }), "<h4>A</h4>\n<h6>B</h6>\n");
    }
}
