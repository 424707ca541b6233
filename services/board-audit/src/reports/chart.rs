//! A report as a picture: horizontal bars, drawn by hand, with the data beside it.

use std::fmt::Write as _;

use super::{Row, Told};

/// The colours of the figures: dark enough on white, and told apart without seeing red or green.
const COLOURS: [&str; 6] = ["#1d4e89", "#b35900", "#4a4a4a", "#6a3d9a", "#00695c", "#8c2d04"];

/// Where the bars begin, and how long the longest one is.
const LEFT: i64 = 260;
const LONGEST: i64 = 380;

/// How high a bar is.
const BAR: i64 = 14;

/// Text as it may stand in XML and HTML.
pub(crate) fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;").replace('\'', "&#39;")
}

/// What a row is called.
fn called(row: &Row) -> String {
    row.names.join(" → ").replace('_', " ")
}

/// The figures that are drawn: of times not how many there were, which is another unit.
fn drawn(told: &Told) -> impl Iterator<Item = usize> + '_ {
    let times = told.figures.contains(&"median_seconds");
    (0..told.figures.len()).filter(move |at| !times || told.figures[*at].ends_with("_seconds"))
}

/// The chart. It says what it shows in its title and description, and each bar its value.
pub(crate) fn svg(told: &Told) -> String {
    let figures: Vec<usize> = drawn(told).collect();
    let values = told.rows.iter().flat_map(|row| figures.iter().filter_map(|at| row.figures[*at].value));
    let most = values.max().unwrap_or(0).max(1);
    let high = BAR * i64::try_from(figures.len()).unwrap_or(1) + 8;
    let legend = 20 * i64::try_from(figures.len()).unwrap_or(1) + 12;
    let height = legend + high * i64::try_from(told.rows.len()).unwrap_or(0) + 8;
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" role=\"img\" aria-labelledby=\"title desc\" viewBox=\"0 0 740 {height}\" \
         font-family=\"sans-serif\" font-size=\"11\"><title id=\"title\">{}</title><desc id=\"desc\">{} From {} to {}. {}</desc>\
         <rect width=\"740\" height=\"{height}\" fill=\"#ffffff\"/>",
        escaped(told.title),
        escaped(told.definition),
        told.from,
        told.to,
        escaped(&told.complete),
    );
    for (line, at) in (0_i64..).zip(&figures) {
        let (y, name) = (20 * line + 8, told.figures[*at].replace('_', " "));
        let colour = COLOURS[*at % COLOURS.len()];
        add(&mut svg, format_args!("<rect x=\"{LEFT}\" y=\"{y}\" width=\"12\" height=\"12\" fill=\"{colour}\"/>"));
        add(&mut svg, format_args!("<text x=\"{}\" y=\"{}\">{}</text>", LEFT + 18, y + 10, escaped(&name)));
    }
    for (line, row) in (0_i64..).zip(&told.rows) {
        let top = legend + high * line;
        add(&mut svg, format_args!("<text x=\"{}\" y=\"{}\" text-anchor=\"end\">{}</text>", LEFT - 8, top + 11, escaped(&called(row))));
        for (bar, at) in (0_i64..).zip(&figures) {
            let Some(value) = row.figures[*at].value else { continue };
            let (y, width, colour) = (top + BAR * bar, value * LONGEST / most, COLOURS[*at % COLOURS.len()]);
            add(&mut svg, format_args!("<rect x=\"{LEFT}\" y=\"{y}\" width=\"{width}\" height=\"{}\" fill=\"{colour}\"/>", BAR - 2));
            add(&mut svg, format_args!("<text x=\"{}\" y=\"{}\">{value}</text>", LEFT + width + 4, y + 10));
        }
    }
    svg.push_str("</svg>");
    svg
}

/// The chart on a page of its own with the same data as a table, each figure with a link to its events.
pub(crate) fn page(told: &Told) -> String {
    let title = escaped(told.title);
    let mut page = format!(
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>{title}</title><style>body{{font:16px/1.5 sans-serif;margin:2rem}}\
         table{{border-collapse:collapse}}th,td{{border:1px solid #666;padding:.2rem .6rem;text-align:left}}svg{{max-width:60rem}}</style></head>\
         <body><h1>{title}</h1><p>{}</p><p>From {} to {}{}. As of {}. {}</p><figure>{}</figure><table><caption>The data of the chart</caption><thead><tr>",
        escaped(told.definition),
        told.from,
        told.to,
        told.borough.as_deref().map(|borough| format!(", for {}", escaped(&crate::chronology::name_of(borough)))).unwrap_or_default(),
        told.as_of,
        escaped(&told.complete),
        svg(told),
    );
    for heading in told.labels.iter().chain(told.figures) {
        add(&mut page, format_args!("<th scope=\"col\">{}</th>", escaped(&heading.replace('_', " "))));
    }
    page.push_str("</tr></thead><tbody>");
    for row in &told.rows {
        page.push_str("<tr>");
        for name in &row.names {
            add(&mut page, format_args!("<th scope=\"row\">{}</th>", escaped(&name.replace('_', " "))));
        }
        for figure in &row.figures {
            let value = figure.value.map_or_else(|| "none".to_owned(), |value| value.to_string());
            add(&mut page, format_args!("<td><a href=\"{}\">{value}</a></td>", escaped(&figure.events)));
        }
        page.push_str("</tr>");
    }
    page.push_str("</tbody></table></body></html>");
    page
}

/// Writing into a text cannot fail.
pub(crate) fn add(text: &mut String, what: std::fmt::Arguments<'_>) {
    text.write_fmt(what).unwrap_or_default();
}
