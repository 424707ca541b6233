//! Doctored folders: each is refused, with the file and the line of what was changed.

use super::*;

const POLICE: &str = "procedures/police-protection.md";
const UNBORN: &str = "procedures/unborn-child.md";

/// What is done to a file, and what the fault then says.
struct Doctored {
    file: &'static str,
    from: &'static str,
    to: &'static str,
    /// What stands on the line of the fault in the doctored file; its first line where it is empty.
    on: &'static str,
    says: &'static str,
}

const fn doctored(file: &'static str, from: &'static str, to: &'static str, on: &'static str, says: &'static str) -> Doctored {
    Doctored { file, from, to, on, says }
}

const DOCTORED: [Doctored; 64] = [
    // The front matter.
    doctored(POLICE, "+++\nid", "id", "", "does not begin with the line +++"),
    doctored(POLICE, "\n+++\n", "\n", "", "has no end"),
    doctored(POLICE, "title = \"Police", "title = Police", "title = Police", "is not TOML"),
    doctored(POLICE, "title = \"Police protection\"\n", "", "id = ", "/title: is missing"),
    doctored(POLICE, "title = \"Police protection\"", "title = \"  \"", "title = ", "/title is empty"),
    doctored(POLICE, "title = ", "title = \"x\"\ntitle = ", "title = \"Police", "is not TOML: duplicate key"),
    doctored(POLICE, "change = \"First text.\"", "change = 7", "change = 7", "is integer where a text is needed"),
    doctored(POLICE, "change =", "colour = \"red\"\nchange =", "colour", "/colour: is not known"),
    doctored(POLICE, "id = \"police-protection\"", "id = \"police-powers\"", "id = ", "is not the name of the file"),
    doctored(POLICE, "id = \"police-protection\"", "id = \"Police Protection\"", "id = ", "lower-case letters"),
    doctored(POLICE, "2027-06-30", "2027-06-31", "review_by", "/review_by"),
    doctored(POLICE, "legal_basis = [\"Children Act 1989, section 46\"]", "legal_basis = []", "legal_basis", "/legal_basis is empty"),
    doctored(POLICE, "legal_basis = [", "legal_basis = [1, ", "legal_basis", "/legal_basis/0: is integer"),
    doctored(POLICE, "learning = []", "learning = \"none\"", "learning", "is string where a list is needed"),
    doctored(POLICE, "contacts = [\"duty_desk\"]", "contacts = [\n  \"duty_desk\",\n  \"mayor\",\n]", "mayor", "unknown variant `mayor`"),
    doctored(POLICE, "[applies_to]", "[applies]", "[applies]", "/applies: is not known"),
    doctored(POLICE, "roles = [\"duty_worker\"]", "roles = [\"wizard\"]", "wizard", "/applies_to/roles/0"),
    doctored(POLICE, "roles = [\"duty_worker\"]\n", "", "[applies_to]", "/applies_to/roles: is missing"),
    doctored(
        POLICE,
        "organisations = [\"borough\", \"police\"]",
        "organisations = []",
        "organisations",
        "/applies_to/organisations is empty",
    ),
    doctored(POLICE, "organisations = [", "towns = []\norganisations = [", "towns", "/applies_to/towns: is not known"),
    // The steps.
    doctored(POLICE, "by = \"at once\"", "clock = \"teatime\"", "teatime", "unknown variant `teatime`"),
    doctored(POLICE, "by = \"at once\"\n", "", "[[steps]]", "a step says either `by` or `clock`"),
    doctored(POLICE, "by = \"at once\"", "by = \"at once\"\nclock = \"rapid_review\"", "[[steps]]", "a step says either `by` or `clock`"),
    doctored(POLICE, "by = \"at once\"", "by = \"\"", "by = \"\"", "/steps/0/by is empty"),
    doctored(POLICE, "force = \"should\"", "force = \"may\"", "force = \"may\"", "unknown variant `may`"),
    doctored(POLICE, "force = \"should\"", "force = \"must\"", "[[steps]]", "says \"must\" and not what it rests on"),
    doctored(POLICE, "who = \"duty_worker\"\n", "who = \"duty_worker\"\nwhom = \"x\"\n", "whom", "/steps/0/whom: is not known"),
    doctored(POLICE, "what = \"Ring the police station.\"", "what = \"\"", "what = \"\"", "/steps/0/what is empty"),
    // The texts.
    doctored(POLICE, "# At 3 a.m.", "# At 4 a.m.", "# At 4 a.m.", "\"# At 3 a.m.\" is missing"),
    doctored(POLICE, "# In full", "## In full", "See [unborn]", "\"# In full\" is missing"),
    doctored(POLICE, "Ring, then decide.", "# In full", "# In full\n\nSee", "is there twice"),
    doctored(POLICE, "# At 3 a.m.", "Hello.\n\n# At 3 a.m.", "Hello.", "text before the heading"),
    doctored(POLICE, "1. Ring.\n", "\n", "# At 3 a.m.", "/short is empty"),
    doctored(POLICE, "1. Ring.", "1\n1\n1\n1\n1\n1\n1\n1\n1\n1\n1\n1\n1\n1\n1", "1\n1", "has 15 lines"),
    doctored(POLICE, "(procedure:unborn-child)", "(procedure:unborn)", "See [unborn]", "links to \"unborn\""),
    doctored(UNBORN, "title = ", "short = \"x\"\ntitle = ", "id = ", "both are in the front matter, or neither"),
    // The parts that the services obey.
    doctored(EDITION, "\"title\": \"First edition\",", "\"title\": \"First edition\"", "\"note\"", "is not a JSON object"),
    doctored(EDITION, "\"title\":", "\"number\": 7,\n  \"title\":", "\"number\"", "is given when the edition is scheduled"),
    doctored(EDITION, "\"title\":", "\"title\": \"x\",\n  \"title\":", "\"title\": \"First", "/title is there twice"),
    doctored(EDITION, "\"title\":", "\"colour\": \"red\",\n  \"title\":", "\"colour\"", "/colour: is not a part of an edition"),
    doctored(EDITION, "\"starts_on\": \"referral decided\", ", "", "feedback_to_referrer", "does not say what starts it"),
    doctored(
        EDITION,
        "\"starts_on\": \"referral decided\"",
        "\"starts_on\": \"the moon is full\"",
        "feedback_to_referrer",
        "is counted from \"referral decided\"",
    ),
    doctored(EDITION, "\"length\": 45", "\"length\": 0", "\"assessment\"", "the length must be at least 1"),
    doctored(EDITION, "\"who\": \"head_of_service\", ", "", "\"level\": 2", "has nobody"),
    doctored(
        EDITION,
        "\"decision_served\": \"which borough is the home borough\", ",
        "",
        "\"name\": \"home\"",
        "no decision uses the answer",
    ),
    doctored(
        EDITION,
        "other names are used?\", \"compulsory\": false",
        "other names are used?\", \"compulsory\": true",
        "\"names\"",
        "5 compulsory",
    ),
    doctored(EDITION, "\"name\": \"needs\"", "\"name\": \"shoe_size\"", "shoe_size", "a referral has no place"),
    // Numbers and rules that make no sense.
    doctored(EDITION, "\"edition_notice_minutes\": 60", "\"edition_notice_minutes\": 0", "\"limits\"", "0 makes no sense: from 1"),
    doctored(EDITION, "\"edition_withdrawal_minutes\": 10", "\"edition_withdrawal_minutes\": 0", "\"limits\"", "0 makes no sense: from 1"),
    doctored(
        EDITION,
        "\"edition_withdrawal_minutes\": 10",
        "\"edition_withdrawal_minutes\": 61",
        "\"limits\"",
        "could never be taken back",
    ),
    doctored(EDITION, "\"local_variation_months\": 6", "\"local_variation_months\": 7", "\"limits\"", "7 makes no sense: from 1 to 6"),
    doctored(EDITION, "\"variation_notice_days\": 14", "\"variation_notice_days\": 0", "\"limits\"", "0 makes no sense"),
    doctored(EDITION, "\"local_variation_months\": 6", "\"local_variation_months\": 0", "\"limits\"", "0 makes no sense"),
    doctored(
        EDITION,
        "\"emergency_protection_extensions\": 1",
        "\"emergency_protection_extensions\": 2",
        "\"limits\"",
        "2 makes no sense: from 0 to 1",
    ),
    doctored(
        EDITION,
        "\"history_months\": 24",
        "\"history_months\": 6",
        "\"prompts\"",
        "is shorter than the time in which contacts are counted",
    ),
    doctored(EDITION, "\"repeat_contacts\": 3", "\"repeat_contacts\": 1", "\"prompts\"", "1 makes no sense: from 2"),
    doctored(
        EDITION,
        "\"who\": \"director\", \"of\": \"both\"",
        "\"who\": \"director\", \"of\": \"board\"",
        "\"level\": 3",
        "names nobody",
    ),
    doctored(EDITION, "\"who\": \"head_of_service\"", "\"who\": \"duty_manager\"", "\"level\": 2", "calls nobody farther up"),
    doctored(
        EDITION,
        "\"length\": 72, \"unit\": \"elapsed_hours\"",
        "\"length\": 73, \"unit\": \"elapsed_hours\"",
        "\"police_protection\"",
        "at most 72 hours",
    ),
    doctored(
        EDITION,
        "\"starts_on\": \"transfer offered\", \"length\": 10,",
        "\"starts_on\": \"transfer offered\", \"length\": 61,",
        "\"seen_by\"",
        "opened after it is to be answered",
    ),
    doctored(EDITION, "\"years\": 75", "\"years\": 750", "\"looked_after\"", "is more than 100"),
    doctored(EDITION, "\"outcomes\": [\"early_help\"]", "\"outcomes\": [\"help\"]", "\"retention\"", "says of early_help not how long"),
    doctored(EDITION, "you?\", \"compulsory\": true", "you?\", \"compulsory\": false", "\"form\"", "no referral is taken without it"),
    doctored(EDITION, "\"board\": 1", "\"board\": 200", "\"approval\"", "200 makes no sense"),
];

/// The line on which a text begins, from 1.
fn line_of(text: &str, what: &str) -> usize {
    let place = text.find(what).unwrap_or_else(|| panic!("{what} is not in the doctored file"));
    1 + text[..place].matches('\n').count()
}

#[test]
fn every_doctored_folder_is_refused_with_file_and_line() {
    let good = small();
    assert_eq!(parse(&good).faults, []);
    for Doctored { file, from, to, on, says } in &DOCTORED {
        let mut files = good.clone();
        let text = files.get_mut(*file).unwrap();
        assert!(text.contains(from), "{from} is not in {file}");
        *text = text.replacen(from, to, 1);
        let line = if on.is_empty() { None } else { Some(line_of(text, on)) };
        let reading = parse(&files);
        let hit = |fault: &&Fault| fault.file == *file && fault.what.contains(says);
        let fault = reading.faults.iter().find(hit).unwrap_or_else(|| panic!("{from} -> {to}: {:?}", reading.faults));
        assert_eq!(fault.line, line.unwrap_or(fault.line), "{from} -> {to}: {fault}");
        assert!(reading.sound().is_err(), "{from} -> {to}");
    }
}

#[test]
fn the_faults_of_every_file_are_listed_at_once() {
    let mut files = small();
    for (file, text) in &mut files {
        *text = match file.as_str() {
            EDITION => text.replace("\"length\": 45", "\"length\": 0").replace("\"years\": 75", "\"years\": 0"),
            POLICE => text.replace("title = ", "titel = ").replace("\"should\"", "\"may\""),
            _ => text.replace("# In full", "# In part").replace("2027-06-30", "soon"),
        };
    }
    files.insert("procedures/Bad_Name.md".to_owned(), String::new());
    let faults = parse(&files).faults;
    let of = |file: &str| faults.iter().filter(|fault| fault.file == file).count();
    assert_eq!((of(EDITION), of(POLICE), of(UNBORN), of("procedures/Bad_Name.md")), (3, 3, 2, 1), "{faults:#?}");
    assert!(faults.is_sorted());
}

#[test]
fn a_folder_without_its_edition_file_is_refused() {
    let mut files = small();
    files.remove(EDITION);
    let reading = parse(&files);
    assert_eq!(reading.document, None);
    assert_eq!(reading.faults, [Fault { file: EDITION.to_owned(), line: 1, what: "is missing".to_owned() }]);
}

#[test]
fn a_folder_without_procedures_is_refused() {
    let mut files = small();
    files.retain(|file, _| file == EDITION);
    assert_eq!(parse(&files).faults, [Fault { file: "procedures".to_owned(), line: 1, what: "holds no procedure".to_owned() }]);
}

#[test]
fn a_link_to_a_procedure_that_could_not_be_read_is_no_fault_of_its_own() {
    let mut files = small();
    files.insert(UNBORN.to_owned(), "nothing".to_owned());
    let faults = parse(&files).faults;
    assert!(faults.iter().all(|fault| fault.file == UNBORN), "{faults:#?}");
}

#[test]
fn each_of_several_dead_links_has_its_own_line() {
    let mut files = small();
    let text = files.get_mut(POLICE).unwrap();
    *text = text.replace("Ring, then decide.", "A [x](procedure:gone).\nB [x](procedure:gone) and [x](procedure:gone).");
    let first = line_of(text, "A [x]");
    let lines: Vec<usize> = parse(&files).faults.iter().map(|fault| fault.line).collect();
    assert_eq!(lines, [first, first + 1], "the same fault on the same line is said once");
}

#[test]
fn a_review_date_that_is_past_is_a_fault_at_its_line_when_the_folder_is_handed_in() {
    let at = |text: &str| text.parse().unwrap();
    let files = small();
    assert_eq!(parse(&files).handed_in(at("2027-03-31T22:00:00Z")).faults, [], "on the day itself, in London");
    let faults = parse(&files).handed_in(at("2027-03-31T23:00:00Z")).faults;
    let line = line_of(&files[EDITION], "\"name\": \"concern\"");
    assert_eq!((faults.len(), faults[0].line, faults[0].file.as_str()), (12, line, EDITION));
    assert!(faults[0].what.contains("review it, then set a new date"), "{}", faults[0].what);
}

#[test]
fn everything_that_makes_no_sense_is_listed_at_once() {
    let mut files = small();
    let text = files.get_mut(EDITION).unwrap();
    *text =
        text.replace("\"edition_notice_minutes\": 60", "\"edition_notice_minutes\": 0").replace("\"decides\": true", "\"decides\": false");
    *text = text
        .replace("\"declines_until_dispute\": 2", "\"declines_until_dispute\": 0")
        .replace("\"repeat_contacts\": 3", "\"repeat_contacts\": 1");
    let whats: Vec<String> = parse(&files).faults.into_iter().map(|fault| fault.what).collect();
    for said in
        ["edition_notice_minutes", "could never be taken back", "declines_until_dispute", "repeat_contacts", "no level that decides"]
    {
        assert!(whats.iter().any(|what| what.contains(said)), "{said}: {whats:#?}");
    }
    assert_eq!(whats.len(), 5, "{whats:#?}");
}
