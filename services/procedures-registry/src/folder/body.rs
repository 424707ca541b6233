//! The Markdown below the front matter: the short form and the full text under their two headings.

use super::Found;

const SHORT: &str = "# At 3 a.m.";
const FULL: &str = "# In full";

/// The two texts, with the lines of the file at which they begin.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Body {
    pub(super) short: String,
    pub(super) full: String,
    pub(super) short_at: usize,
    pub(super) full_at: usize,
}

/// Both texts under their headings.
pub(super) fn write(short: &str, full: &str) -> String {
    format!("\n{SHORT}\n\n{short}\n\n{FULL}\n\n{full}\n")
}

/// Whether there is anything but blank lines.
pub(super) fn is_blank(text: &str) -> bool {
    text.lines().all(|line| line.trim().is_empty())
}

/// Takes the body apart. Blank lines around a text do not belong to it.
///
/// # Errors
/// Each heading that is missing, out of order or there twice, and text outside.
pub(super) fn read(text: &str, first_line: usize) -> Result<Body, Vec<Found>> {
    let lines: Vec<(usize, &str)> = (first_line..).zip(text.split('\n')).collect();
    let heads = |heading: &str| lines.iter().filter(|(_, line)| line.trim_end() == heading).map(|(at, _)| *at).collect::<Vec<_>>();
    let (short, full) = (heads(SHORT), heads(FULL));
    let mut written = lines.iter().filter(|(_, line)| !line.trim().is_empty()).map(|(at, _)| *at);
    let begins = written.next().unwrap_or(first_line);
    let ends = written.next_back().unwrap_or(begins);
    let mut faults = Vec::new();
    for (heading, places, expected) in [(SHORT, &short, begins), (FULL, &full, ends)] {
        if places.is_empty() {
            faults.push((expected, format!("the heading \"{heading}\" is missing")));
        }
        faults.extend(places.iter().skip(1).map(|at| (*at, format!("the heading \"{heading}\" is there twice"))));
    }
    let (Some(&short), Some(&full)) = (short.first(), full.first()) else { return Err(faults) };
    if full < short {
        faults.push((full, format!("\"{FULL}\" comes after \"{SHORT}\"")));
    }
    let outside = lines.iter().take_while(|(at, _)| *at < short.min(full)).find(|(_, line)| !line.trim().is_empty());
    faults.extend(outside.map(|(at, _)| (*at, format!("text before the heading \"{SHORT}\""))));
    if !faults.is_empty() {
        return Err(faults);
    }
    let between = |from: usize, to: usize| lines.iter().filter(|(at, _)| (from + 1..to).contains(at)).copied().collect::<Vec<_>>();
    let (short, short_at) = trimmed(&between(short, full), short);
    let (full, full_at) = trimmed(&between(full, usize::MAX), full);
    Ok(Body { short, full, short_at, full_at })
}

/// Lines without the blank ones at both ends, and where the first of them is.
fn trimmed(lines: &[(usize, &str)], heading: usize) -> (String, usize) {
    let is_text = |(_, line): &(usize, &str)| !line.trim().is_empty();
    let (Some(from), Some(to)) = (lines.iter().position(is_text), lines.iter().rposition(is_text)) else {
        return (String::new(), heading);
    };
    let text: Vec<&str> = lines[from..=to].iter().map(|(_, line)| *line).collect();
    (text.join("\n"), lines[from].0)
}
