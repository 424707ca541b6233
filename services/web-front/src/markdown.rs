//! The text of a procedure as HTML that can do nothing: HTML in it is shown as text, a picture as its words, and a link leads to
//! another procedure or to a web page.

use pulldown_cmark::{CowStr, Event, HeadingLevel, Options, Parser, Tag, TagEnd, html};

/// How a link to another procedure begins.
const PROCEDURE: &str = "procedure:";

/// A text as HTML.
pub(crate) fn to_html(text: &str) -> String {
    let mut out = String::new();
    let first = highest(text);
    // Links do not nest, so one flag is enough.
    let mut dropped = false;
    let events = Parser::new_ext(text, Options::ENABLE_TABLES).filter_map(|event| match event {
        Event::Html(raw) | Event::InlineHtml(raw) => Some(Event::Text(raw)),
        Event::Start(Tag::HtmlBlock) => Some(Event::Start(Tag::Paragraph)),
        Event::End(TagEnd::HtmlBlock) => Some(Event::End(TagEnd::Paragraph)),
        Event::Start(Tag::Heading { level, .. }) => {
            Some(Event::Start(Tag::Heading { level: below(level, first), id: None, classes: Vec::new(), attrs: Vec::new() }))
        }
        Event::End(TagEnd::Heading(level)) => Some(Event::End(TagEnd::Heading(below(level, first)))),
        Event::Start(Tag::Image { .. }) | Event::End(TagEnd::Image) => None,
        Event::Start(Tag::Link { link_type, dest_url, title: _, id }) => {
            let target = target(&dest_url);
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
fn target(to: &str) -> Option<CowStr<'static>> {
    if let Some(id) = to.strip_prefix(PROCEDURE) {
        let plain = id.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-' || b == b'_');
        return plain.then(|| CowStr::from(format!("/procedures/{id}")));
    }
    to.starts_with("https://").then(|| CowStr::from(to.to_owned()))
}

/// The highest heading of a text.
fn highest(text: &str) -> HeadingLevel {
    let levels =
        Parser::new(text).filter_map(|event| if let Event::Start(Tag::Heading { level, .. }) = event { Some(level) } else { None });
    levels.min().unwrap_or(HeadingLevel::H1)
}

/// The highest heading of a text stands just below the page's own, so that no level is left out.
fn below(level: HeadingLevel, highest: HeadingLevel) -> HeadingLevel {
    HeadingLevel::try_from(3 + (level as usize) - (highest as usize)).unwrap_or(HeadingLevel::H6)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_of_a_procedure_brings_no_markup_of_its_own() {
        let html =
            to_html("## A\n\n<script>x()</script>\n\n![p](http://e/x.png) [a](javascript:x) [b](procedure:transfer) [c](procedure:../x)");
        assert!(html.contains("<h3>A</h3>") && html.contains("<a href=\"/procedures/transfer\">b</a>"), "{html}");
        assert!(!html.contains("<script") && !html.contains("<img") && !html.contains("javascript:") && !html.contains("../x"), "{html}");
    }
}
