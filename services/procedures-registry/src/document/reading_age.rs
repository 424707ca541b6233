//! How old a reader must be to follow the texts of the first edition: the Flesch-Kincaid grade, and five years.

use super::{Document, first};

/// Who reads these texts at 3 a.m. is tired; nobody should need to be older than this.
const OLDEST: f64 = 14.0;

/// Vowels in a row count once, and an end that is not spoken counts nothing. It is right for most words, and that is enough for a mean.
fn syllables(word: &str) -> usize {
    let word: String = word.to_lowercase().chars().filter(char::is_ascii_alphabetic).collect();
    let vowel = |letter: char| "aeiouy".contains(letter);
    let begins = |(index, letter): (usize, char)| vowel(letter) && !word[..index].ends_with(vowel);
    let count = word.char_indices().filter(|place| begins(*place)).count();
    let silent_e = word.ends_with('e') && !word.ends_with("le") && !word.ends_with("ee");
    let silent_es = ["es", "ed"].iter().any(|end| word.ends_with(end))
        && !["ted", "ded", "ses", "ces", "xes", "zes", "ges", "shes", "ches", "les"].iter().any(|end| word.ends_with(end));
    (count - usize::from(count > 1 && (silent_e || silent_es))).max(1)
}

/// A text without its marks, as blocks: a paragraph, or an entry of a list. A heading is no sentence.
fn blocks(markdown: &str) -> Vec<String> {
    let mut blocks = vec![String::new()];
    for line in markdown.lines().map(str::trim) {
        let entry = line
            .split_once(' ')
            .filter(|(mark, _)| *mark == "-" || *mark == "*" || mark.strip_suffix('.').is_some_and(|number| number.parse::<u32>().is_ok()));
        if line.is_empty() || line.starts_with('#') || entry.is_some() {
            blocks.push(String::new());
        }
        if !line.starts_with('#') {
            let block = blocks.last_mut().unwrap();
            block.push(' ');
            block.push_str(entry.map_or(line, |(_, rest)| rest));
        }
    }
    blocks
}

/// What a link shows.
fn without_links(text: &str) -> String {
    let mut parts = text.split("](procedure:");
    let mut plain = parts.next().unwrap_or_default().to_owned();
    parts.for_each(|rest| plain.push_str(rest.split_once(')').map_or(rest, |(_, after)| after)));
    plain
}

fn age(markdown: &str) -> f64 {
    let (mut sentences, mut words, mut spoken) = (0_u32, 0_u32, 0_u32);
    for block in blocks(&without_links(markdown)) {
        let all: Vec<&str> = block.split_whitespace().filter(|word| word.contains(|letter: char| letter.is_ascii_alphabetic())).collect();
        let ends = |word: &&&str| word.trim_end_matches(['"', ')', '*', '_']).ends_with(['.', '!', '?']);
        let open = all.last().is_some_and(|last| !ends(&last));
        sentences += u32::try_from(all.iter().filter(ends).count()).unwrap() + u32::from(open);
        words += u32::try_from(all.len()).unwrap();
        spoken += all.iter().flat_map(|word| word.split('-')).map(|word| u32::try_from(syllables(word)).unwrap()).sum::<u32>();
    }
    0.39 * f64::from(words) / f64::from(sentences) + 11.8 * f64::from(spoken) / f64::from(words) - 15.59 + 5.0
}

#[test]
fn every_text_of_the_first_edition_can_be_read_at_fourteen() {
    let Document { procedures, .. } = first();
    assert!(procedures.len() >= 20);
    let mut hard = Vec::new();
    for procedure in procedures.values() {
        let steps: Vec<&str> = procedure.steps.iter().map(|step| step.what.as_str()).collect();
        let steps = format!("{}\n\n{}", procedure.summary, steps.join("\n\n"));
        for (name, text) in [("short", &procedure.short), ("steps", &steps), ("full", &procedure.full)] {
            let age = age(text);
            println!("{:46} {name:5} {age:4.1}", procedure.id.as_str());
            if age > OLDEST {
                hard.push(format!("{} {name}: {age:.1}", procedure.id));
            }
        }
    }
    assert_eq!(hard, Vec::<String>::new(), "shorter sentences and plainer words");
}

#[test]
fn a_text_that_an_office_would_write_is_found_too_hard_and_a_plain_one_is_not() {
    let office = "Notwithstanding the aforementioned considerations, practitioners must ensure that appropriate multi-agency safeguarding \
                  arrangements are operationalised expeditiously, in accordance with applicable statutory responsibilities.";
    assert!(age(office) > 20.0, "{}", age(office));
    let plain = "1. Ring the borough.\n2. See the child.\n\nAsk [what](procedure:child-not-seen) they want. Write it down.";
    assert!(age(plain) < 8.0, "{}", age(plain));
    let counted = ["child", "police", "protection", "interpreter", "asked", "decided"].map(syllables);
    assert_eq!(counted, [1, 2, 3, 4, 1, 3]);
}
