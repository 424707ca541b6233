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
