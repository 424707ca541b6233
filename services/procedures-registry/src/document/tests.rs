use serde_json::json;

use super::*;

pub(crate) fn procedure(id: &str) -> Procedure {
    let value = json!({
        "id": id, "title": "Police protection", "summary": "What follows when police take a child to a safe place.",
        "change": "First text.", "review_by": "2027-06-30", "legal_basis": ["Children Act 1989, section 46"], "learning": [],
        "contacts": ["duty_desk"], "search": ["PPO"],
        "applies_to": { "roles": ["duty_worker"], "organisations": ["borough", "police"] },
        "steps": [
            { "who": "duty_worker", "what": "Ring the police station.", "by": "at once", "force": "should" },
            { "who": "duty_manager", "what": "Decide what follows.", "clock": "police_protection", "force": "must",
              "basis": "Children Act 1989, section 46(6)" }
        ],
        "short": "1. Ring.", "full": "Ring, then decide."
    });
    serde_json::from_value(value).unwrap()
}

#[test]
fn an_id_is_words_and_hyphens_and_no_word_of_the_paths() {
    assert!("homeless-16-or-17".parse::<ProcedureId>().is_ok());
    for bad in ["", "-", "a--b", "a-", "Police", "16-homeless", "editions", "a b", "é", &"a".repeat(61)] {
        assert_eq!(bad.parse::<ProcedureId>(), Err(BadProcedureId), "{bad}");
    }
}

#[test]
fn a_procedure_survives_the_way_out_and_back_and_knows_by_when() {
    let one = procedure("police-protection");
    assert_eq!(one.steps[1].by, By::Clock(kernel::edition::ClockName::PoliceProtection));
    let text = serde_json::to_string(&one).unwrap();
    assert_eq!(serde_json::from_str::<Procedure>(&text).unwrap(), one);
}

/// The canonical form of parts that are written as this JSON.
fn canonical(parts: &str) -> String {
    let document = Document { parts: serde_json::from_str(parts).unwrap(), ..Document::default() };
    let text = String::from_utf8(document.canonical().unwrap()).unwrap();
    text.strip_prefix("{\"parts\":").and_then(|rest| rest.strip_suffix(",\"procedures\":[]}")).unwrap().to_owned()
}

#[test]
fn the_example_of_rfc_8785_has_the_canonical_form_that_it_states() {
    let written = r#"{
        "numbers": [333333333.33333329, 1E30, 4.50, 2e-3, 0.000000000000000000000000001],
        "string": "\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/",
        "literals": [null, true, false]
    }"#;
    let expected =
        r#"{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],"string":"€$\u000f\nA'B\"\\\\\"/"}"#;
    assert_eq!(canonical(written), expected);
}

#[test]
fn keys_are_ordered_by_utf_16_as_in_rfc_8785() {
    let written = r#"{
        "\u20ac": "Euro Sign", "\r": "Carriage Return", "\ufb33": "Hebrew Letter Dalet With Dagesh", "1": "One",
        "\ud83d\ude00": "Emoji: Grinning Face", "\u0080": "Control", "\u00f6": "Latin Small Letter O With Diaeresis"
    }"#;
    let canonical = canonical(written);
    let names = ["Carriage Return", "One", "Control", "Latin Small", "Euro Sign", "Emoji", "Hebrew"];
    let places: Vec<usize> = names.iter().map(|name| canonical.find(name).unwrap()).collect();
    assert!(places.is_sorted(), "{canonical}");
}

#[test]
fn numbers_are_written_as_in_appendix_b_of_rfc_8785() {
    let samples = [
        (0x0000_0000_0000_0000, "0"),
        (0x8000_0000_0000_0000, "0"),
        (0x0000_0000_0000_0001, "5e-324"),
        (0x8000_0000_0000_0001, "-5e-324"),
        (0x7fef_ffff_ffff_ffff, "1.7976931348623157e+308"),
        (0x4340_0000_0000_0000, "9007199254740992"),
        (0xc340_0000_0000_0000, "-9007199254740992"),
        (0x4430_0000_0000_0000, "295147905179352830000"),
        (0x44b5_2d02_c7e1_4af5, "9.999999999999997e+22"),
        (0x44b5_2d02_c7e1_4af6, "1e+23"),
        (0x44b5_2d02_c7e1_4af7, "1.0000000000000001e+23"),
        (0x444b_1ae4_d6e2_ef4e, "999999999999999700000"),
        (0x444b_1ae4_d6e2_ef50, "1e+21"),
        (0x3eb0_c6f7_a0b5_ed8c, "9.999999999999997e-7"),
        (0x3eb0_c6f7_a0b5_ed8d, "0.000001"),
        (0x41b3_de43_5555_5553, "333333333.3333332"),
        (0x41b3_de43_5555_5557, "333333333.33333343"),
        (0xbecb_f647_612f_3696, "-0.0000033333333333333333"),
    ];
    for (bits, expected) in samples {
        let document = Document { parts: [("x".to_owned(), json!(f64::from_bits(bits)))].into_iter().collect(), ..Document::default() };
        let text = String::from_utf8(document.canonical().unwrap()).unwrap();
        assert_eq!(text, format!("{{\"parts\":{{\"x\":{expected}}},\"procedures\":[]}}"), "{bits:016x}");
    }
}

#[test]
fn the_hash_is_sha_256_of_the_canonical_bytes_whatever_the_order_of_writing() {
    let empty = ContentHash("44b28d4d9024dbb80ea4dfb549f21f95078eb083d3121c98db4ddb130d06dabf".to_owned());
    assert_eq!(Document::default().hash().unwrap(), empty);
    let of = |text: &str| serde_json::from_str::<Document>(text).unwrap().hash().unwrap();
    assert_eq!(of(r#"{ "procedures": [], "parts": { "b": 1, "a": [1.0, "x"] } }"#), of(r#"{"parts":{"a":[1,"x"],"b":1},"procedures":[]}"#));
    assert_ne!(of(r#"{ "procedures": [], "parts": { "b": 2 } }"#), of(r#"{ "procedures": [], "parts": { "b": 1 } }"#));
}

#[test]
fn a_form_asks_only_what_a_referral_has_a_place_for() {
    let mut document = first();
    document.parts["form"][10]["name"] = json!("shoe_size");
    let faults = document.faults();
    assert_eq!(faults, [Fault::UnknownField { index: 10, field: "shoe_size".to_owned() }]);
    assert!(faults[0].to_string().contains("with_the_child"), "it says what can be asked: {}", faults[0]);
}

#[test]
fn number_id_and_time_are_not_written_by_authors() {
    let mut document = first();
    document.parts.insert("number".to_owned(), json!(7));
    document.parts.insert("in_force_from".to_owned(), json!("2026-01-01T00:00:00Z"));
    let given = |part: &str| Fault::Given { part: part.to_owned() };
    assert_eq!(document.faults(), [given("/number"), given("/in_force_from")]);
}

#[test]
fn what_no_message_folder_or_search_could_carry_is_a_fault() {
    let mut document = first();
    assert_eq!(document.faults(), []);
    let id: ProcedureId = "police-protection".parse().unwrap();
    document.procedures.get_mut(&id).unwrap().full = "word ".repeat(30_000);
    document.parts.insert("note".to_owned(), "x".repeat(300 * 1024).into());
    let said: Vec<String> = document.faults().iter().map(ToString::to_string).collect();
    assert_eq!(said.len(), 2, "{said:?}");
    assert!(said[0].contains("bytes: at most 262144") && said[1].contains("police-protection: takes"), "{said:?}");
}
