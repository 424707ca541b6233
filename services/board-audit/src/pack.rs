//! The chronology of one child as one document for paper: everything in it, nothing to load.

use kernel::{ChildId, Timestamp};

use crate::{
    chronology::Line,
    reports::{
        Reach,
        chart::{add, escaped},
    },
};

/// A4, black on white, the heading of the table on every page, no row torn over two.
const STYLE: &str = "@page{size:A4;margin:15mm 12mm}body{font:9.5pt/1.35 sans-serif;color:#000;margin:1rem auto;max-width:190mm}\
     h1{font-size:15pt;margin:0 0 2mm}table{border-collapse:collapse;width:100%}th,td{border:.3pt solid #555;padding:1mm;text-align:left;\
     vertical-align:top}thead{display:table-header-group}tr{break-inside:avoid}code{font-size:6.5pt;word-break:break-all}\
     .first{break-after:page}dt{font-weight:bold}dd{margin:0 0 2mm}";

/// The pack: a first page that says what it is and rests on, then every event in the order in which the hub was told.
pub(crate) fn html(child: ChildId, lines: &[Line], (as_of, reach): (Timestamp, &Reach)) -> String {
    let mut page = format!(
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>Chronology of {child}</title><style>{STYLE}</style></head>\
         <body><section class=\"first\"><h1>Chronology of one child, over all boroughs</h1><dl><dt>Child</dt><dd>{child}</dd>\
         <dt>As of</dt><dd>{as_of}</dd><dt>Complete</dt><dd>{}</dd><dt>Events</dt><dd>{}</dd>",
        escaped(&reach.words()),
        lines.len(),
    );
    let others: std::collections::BTreeSet<&str> =
        lines.iter().flat_map(|line| &line.children).map(String::as_str).filter(|other| *other != child.to_string()).collect();
    if !others.is_empty() {
        let others: Vec<&str> = others.into_iter().collect();
        add(
            &mut page,
            format_args!("<dt>Other children in these events, and records linked to this one</dt><dd>{}</dd>", others.join(", ")),
        );
    }
    page.push_str(
        "</dl><p>Each line has two times: when it happened and when the hub was told. Its hash is the leaf hash of the stored event (RFC 6962), \
         in the log of the service and at the position that stand beside it. That this pack was made is in the record itself.</p></section>\
         <table><caption>Every event, in the order in which the hub was told</caption><thead><tr><th scope=\"col\">Happened</th>\
         <th scope=\"col\">Told</th><th scope=\"col\">Who</th><th scope=\"col\">What</th><th scope=\"col\">Place and hash</th></tr></thead><tbody>",
    );
    for line in lines {
        let who = format!("{}, {} ({})", line.actor.org_name, line.actor.role.replace('_', " "), line.actor.id);
        add(
            &mut page,
            format_args!(
                "<tr><td>{}</td><td>{}</td><td>{}</td><td>{}</td><td>{}:{}<br><code>{}</code></td></tr>",
                line.occurred_at,
                line.recorded_at,
                escaped(&who),
                escaped(&line.summary),
                escaped(&line.service),
                line.position,
                escaped(&line.leaf_hash),
            ),
        );
    }
    page.push_str("</tbody></table></body></html>");
    page
}
