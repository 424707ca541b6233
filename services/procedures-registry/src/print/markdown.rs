//! Markdown as HTML that can do nothing.
//!
//! HTML in the text is shown as text, a picture as its words, and a link leads to a procedure of the same page or to a web page.

use pulldown_cmark::{CowStr, Event, HeadingLevel, Options, Parser, Tag, TagEnd, html};

/// How a link to another procedure begins.
const PROCEDURE: &str = "procedure:";

/// A text as HTML.
pub(super) fn html(text: &str) -> String {
    let mut out = String::new();
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
        return Some(CowStr::from(format!("#{id}")));
    }
    (to.starts_with("https://") || to.starts_with("http://")).then(|| CowStr::from(to.to_owned()))
}

/// Headings of a procedure stand two levels below the page's own.
fn lower(level: HeadingLevel) -> HeadingLevel {
    match level {
        HeadingLevel::H1 => HeadingLevel::H3,
        HeadingLevel::H2 => HeadingLevel::H4,
        HeadingLevel::H3 => HeadingLevel::H5,
        HeadingLevel::H4 | HeadingLevel::H5 | HeadingLevel::H6 => HeadingLevel::H6,
    }
}
