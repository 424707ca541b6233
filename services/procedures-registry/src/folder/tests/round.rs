use document::{Audience, By, Contact, Document, Force, Procedure, Step};
use kernel::{Role, edition::ClockName};
use proptest::{collection::vec, prelude::*, sample::select};
use serde_json::{Map, Value};

use super::*;

#[test]
fn the_first_edition_is_a_folder_without_faults_and_writes_back_as_the_same_bytes() {
    let (files, faults) = files(&first_folder()).unwrap();
    assert_eq!(faults, []);
    let document = parse(&files).sound().unwrap();
    for (file, text) in texts(&document) {
        assert!(files.get(&file) == Some(&text), "{file} is not as the program writes it: export it");
    }
    assert_eq!(document.procedures.len() + 1, files.len());
}

#[test]
fn the_program_carries_every_file_of_the_first_edition() {
    let (files, _) = files(&first_folder()).unwrap();
    let carried: Texts = document::CARRIED.iter().map(|(file, text)| ((*file).to_owned(), (*text).to_owned())).collect();
    assert!(carried == files, "the list in document/first.rs is not the folder");
    assert!(document::first().procedures.len() >= 20);
    assert_eq!(document::first().faults(), []);
}

#[test]
fn other_line_ends_and_other_spacing_read_as_the_same() {
    let written = small();
    let expected = parse(&written).sound().unwrap();
    let mut other = written.clone();
    for text in other.values_mut() {
        *text = text.replace('\n', "\r\n");
    }
    let police = other.get_mut("procedures/police-protection.md").unwrap();
    *police = format!("\u{feff}{}\r\n\r\n", police.replace(" = ", "   =  ").replace("search = [", "# for the search\r\nsearch = [\r\n  "));
    let value: Value = serde_json::from_str(&written[EDITION]).unwrap();
    other.insert(EDITION.to_owned(), serde_json::to_string_pretty(&value).unwrap());
    assert_eq!(parse(&other).sound().unwrap(), expected);
    assert_eq!(texts(&expected), written);
}

/// Texts that break things: quotes, fences, headings of ours, line ends, characters that cannot be seen.
fn awkward() -> impl Strategy<Value = String> {
    let pieces = select(vec![
        "+++",
        "\n+++\n",
        "# At 3 a.m.",
        "\n# In full\n",
        "# In full",
        "\"",
        "\"\"\"",
        "'''",
        "\\",
        "\\u0041",
        "\\n",
        "\t",
        "\r\n",
        "\r",
        "\n",
        "\n\n",
        "  ",
        "   \n",
        "é",
        "日本",
        "\u{202e}",
        "\u{2028}",
        "\u{85}",
        "\u{0}",
        "\u{7f}",
        "\u{feff}",
        "😀",
        "#",
        "[steps]",
        "[[steps]]",
        "= ",
        "1. Ring.",
        "- a\n- b",
        "`x`",
        "~~~\n# In full\n~~~",
        "</script>",
        "{{ 7 * 7 }}",
        "[a](procedure:police-protection)",
        " ",
    ]);
    vec(prop_oneof![3 => pieces.prop_map(str::to_owned), 1 => any::<String>()], 0..6).prop_map(|pieces| pieces.concat())
}

fn step() -> impl Strategy<Value = Step> {
    let by = prop_oneof![awkward().prop_map(By::Words), select(ClockName::ALL).prop_map(By::Clock)];
    let who = select(vec![Role::Referrer, Role::DutyWorker, Role::DutyManager]);
    (who, awkward(), by, select(vec![Force::Must, Force::Should]), awkward()).prop_map(|(who, what, by, force, basis)| Step {
        who,
        what,
        by,
        force,
        basis,
    })
}

fn procedure(id: &'static str) -> impl Strategy<Value = Procedure> {
    let texts = (awkward(), awkward(), awkward(), awkward(), awkward());
    let lists =
        (vec(awkward(), 0..3), vec(awkward(), 0..3), vec(awkward(), 0..3), vec(select(vec![Contact::DutyDesk, Contact::Board]), 0..3));
    let whom = (vec(select(vec![Audience::Police, Audience::HealthVisitor]), 0..3), vec(Just(Role::DutyWorker), 0..2));
    (texts, lists, whom, vec(step(), 0..4)).prop_map(move |(texts, lists, (organisations, roles), steps)| {
        let mut one = document::tests::procedure(id);
        (one.title, one.summary, one.change, one.short, one.full) = texts;
        (one.legal_basis, one.learning, one.search, one.contacts) = lists;
        (one.applies_to.organisations, one.applies_to.roles, one.steps) = (organisations, roles, steps);
        one
    })
}

/// Parts with texts, numbers and entries that no service knows.
fn parts() -> impl Strategy<Value = Map<String, Value>> {
    let leaf = prop_oneof![
        awkward().prop_map(Value::from),
        any::<i32>().prop_map(Value::from),
        any::<bool>().prop_map(Value::from),
        Just(Value::Null)
    ];
    let value = leaf.prop_recursive(3, 12, 4, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..4).prop_map(Value::from),
            vec((awkward(), inner), 0..4).prop_map(|pairs| Value::Object(pairs.into_iter().collect())),
        ]
    });
    let key = prop_oneof![awkward(), select(vec!["title", "clocks", "limits"]).prop_map(str::to_owned)];
    vec((key, value), 0..5).prop_map(|pairs| pairs.into_iter().collect())
}

proptest! {
    // Each case reads a whole edition with its calendar.
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn whatever_is_written_reads_back_as_exactly_that_and_writes_the_same_bytes(
        one in procedure("police-protection"), other in procedure("unborn-child"), parts in parts(),
    ) {
        let procedures = [one, other].map(|one| (one.id.clone(), one)).into();
        let document = Document { parts, procedures };
        let written = texts(&document);
        let read = parse(&written).document;
        prop_assert_eq!(read.as_ref(), Some(&document));
        prop_assert_eq!(read.map(|read| texts(&read)), Some(written));
    }

    #[test]
    fn no_text_at_all_makes_the_reader_fall_over(text in awkward(), at in any::<prop::sample::Index>(), edition in any::<bool>()) {
        let mut files = small();
        let file = if edition { EDITION } else { "procedures/police-protection.md" };
        let old = files[file].clone();
        let cut = old.char_indices().map(|(place, _)| place).nth(at.index(old.chars().count())).unwrap_or(0);
        files.insert(file.to_owned(), format!("{}{text}{}", &old[..cut], &old[cut..]));
        let reading = parse(&files);
        prop_assert!(reading.faults.iter().all(|fault| fault.line >= 1 && fault.line <= files[&fault.file].split('\n').count()));
        prop_assert!(reading.document.is_some() || !reading.faults.is_empty());
    }
}
