//! Differences and refusals for the terminal.

use procedures_registry::difference::{Change, Difference, Fate, Line, Side};
use serde_json::Value;

/// How many lines that are in both texts stand around one that is not.
const AROUND: usize = 1;

/// A difference, a line for each that goes, comes or stands beside one.
#[must_use]
pub fn difference(difference: &Difference) -> String {
    let mut out = String::new();
    if !difference.parts.is_empty() {
        out.push_str("what the services obey:\n");
        difference.parts.iter().for_each(|one| change(one, &mut out));
    }
    for procedure in &difference.procedures {
        let fate = match procedure.fate {
            Fate::Added => "new",
            Fate::Removed => "goes",
            Fate::Changed => "changed",
        };
        out.push_str(&format!("{fate}: {} ({})\n", procedure.id, printable(&procedure.title)));
        if procedure.fate == Fate::Changed {
            procedure.changes.iter().for_each(|one| change(one, &mut out));
        }
    }
    out
}

fn change(change: &Change, out: &mut String) {
    out.push_str(&format!("  {}\n", printable(&change.at)));
    if change.lines.is_empty() {
        for (sign, text) in [('-', &change.before), ('+', &change.after)] {
            text.iter().flat_map(|text| text.split('\n')).for_each(|line| out.push_str(&format!("    {sign} {}\n", printable(line))));
        }
        return;
    }
    for (index, line) in change.lines.iter().enumerate() {
        if is_near(&change.lines, index) {
            let sign = match line.side {
                Side::Both => ' ',
                Side::Before => '-',
                Side::After => '+',
            };
            out.push_str(&format!("    {sign} {}\n", printable(&line.text)));
        }
    }
}

fn is_near(lines: &[Line], index: usize) -> bool {
    let (from, to) = (index.saturating_sub(AROUND), (index + AROUND + 1).min(lines.len()));
    lines.get(from..to).into_iter().flatten().any(|line| line.side != Side::Both)
}

/// A text that only shows: what would move the cursor, colour the terminal or turn the reading direction is replaced.
#[must_use]
pub fn printable(text: &str) -> String {
    let hidden = |c: char| c.is_control() || matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    text.chars().map(|c| if hidden(c) { '\u{fffd}' } else { c }).collect()
}

/// What a refusal says, with every fault that it lists.
pub(super) fn problem(body: &Value) -> String {
    let detail = body["detail"].as_str().or(body["title"].as_str()).unwrap_or("no reason was given");
    let listed = body["errors"].as_array().into_iter().flatten();
    let faults = listed.map(|error| {
        let said = ["detail", "expected", "message"].iter().find_map(|key| error[*key].as_str()).unwrap_or_default();
        format!("\n  {}: {}", printable(error["pointer"].as_str().unwrap_or_default()), printable(said))
    });
    std::iter::once(printable(detail)).chain(faults).collect()
}

#[cfg(test)]
mod tests {
    use procedures_registry::document;

    use super::*;

    #[test]
    fn a_difference_names_every_change_and_cannot_play_with_the_terminal() {
        let before = document::first();
        let mut after = before.clone();
        after.parts.insert("title".to_owned(), "Second \u{1b}[2Jedition\u{202e}".into());
        after.procedures.retain(|id, _| id.as_str() != "unborn-child");
        let police = after.procedures.values_mut().find(|one| one.id.as_str() == "police-protection").unwrap();
        police.short = police.short.replacen("2. ", "2. Mind: ", 1);
        let words = difference(&Difference::between(&before, &after));
        assert!(words.contains("  /title\n    - First edition\n    + Second \u{fffd}[2Jedition\u{fffd}\n"), "{words}");
        assert!(words.contains("goes: unborn-child ("), "{words}");
        assert!(words.contains("changed: police-protection (") && words.contains("    + 2. Mind: "), "{words}");
        assert!(!words.contains("8. After that"), "lines far from a change are left out: {words}");
    }

    #[test]
    fn a_refusal_lists_every_fault() {
        let body = serde_json::json!({ "detail": "2 faults", "errors": [{ "pointer": "/parts/title", "detail": "is empty" }, { "pointer": "/x" }] });
        assert_eq!(problem(&body), "2 faults\n  /parts/title: is empty\n  /x: ");
    }
}
