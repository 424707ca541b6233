//! A night of made-up cases, played through the HTTP API, so that it obeys the rules and cannot drift from them.

use kernel::Timestamp;
use reqwest::Method;
use serde_json::{Value, json};

use crate::{
    client::{Client, ClientError, Reply},
    people, seed,
    token::Signer,
};

/// The people of the night, and the number of commands so far.
struct Night<'a> {
    base: &'a str,
    signer: &'a Signer,
    now: Timestamp,
    commands: u32,
}

impl Night<'_> {
    fn someone(&self, id: &str) -> Result<Client, ClientError> {
        let who = people::by_id(id).unwrap_or_else(|| people::everybody().swap_remove(0));
        seed::client(self.base, self.signer, &who, self.now)
    }

    /// A key that is new each time the demonstration is played.
    fn key(&mut self) -> String {
        self.commands += 1;
        format!("night-{}-{}", self.now.as_millisecond(), self.commands)
    }

    async fn post(&mut self, client: &Client, path: &str, body: &Value) -> Result<Reply, ClientError> {
        let key = self.key();
        Client::expect(Method::POST, path, client.post(path, &key, body).await?)
    }

    async fn change(&mut self, client: &Client, path: &str, on: &Reply, body: &Value) -> Result<Reply, ClientError> {
        let key = self.key();
        let version = on.version.unwrap_or_default();
        Client::expect(Method::POST, path, client.change(path, &key, version, body).await?)
    }
}

/// Plays the night and gives the child whose record tells the most. `say` is told each step in words.
///
/// # Errors
/// When the hub does not answer, or refuses a step.
pub async fn play(base: &str, signer: &Signer, now: Timestamp, mut say: impl FnMut(&str)) -> Result<String, ClientError> {
    let mut night = Night { base, signer, now, commands: 0 };
    let nurse = night.someone("north-manchester-nurse")?;
    let manchester = night.someone("manchester-night")?;
    let salford = night.someone("salford-night")?;
    let auditor = night.someone("board-auditor")?;

    let referral = night.post(&nurse, "/api/intake/referrals", &referral()).await?;
    let child = referral.text("/children/0/child_id").to_owned();
    say(&format!("The A&E nurse refers a child: {}. {} must act now.", referral.text("/reference"), referral.text("/owner/name")));

    manchester.after(&nurse);
    let path = format!("/api/transfers/children/{child}/responsibility");
    let duty = Client::expect(Method::GET, &path, manchester.get(&path).await?)?;
    say(&format!("Everybody can see who holds the child: {}", held(&duty)));

    let id = referral.text("/referral_id").to_owned();
    let path = format!("/api/intake/referrals/{id}/history");
    Client::expect(Method::GET, &path, manchester.get(&path).await?)?;
    let path = format!("/api/intake/referrals/{id}");
    let opened = Client::expect(Method::GET, &path, manchester.get(&path).await?)?;
    let decision = json!({ "outcome": "immediate_protection", "reason": "A fresh injury that the account does not explain." });
    night.change(&manchester, &format!("{path}/decisions"), &opened, &decision).await?;
    say("Manchester’s night worker reads the history and decides: immediate protection.");

    let offer = night.post(&manchester, "/api/transfers", &offer(&child)).await?;
    let transfer = offer.text("/transfer_id").to_owned();
    say(&format!("The child is moved to Salford Royal: Manchester offers the case to Salford ({}). {}", offer.text("/reference"), STILL));

    let path = format!("/api/transfers/{transfer}");
    let seen = night.change(&salford, &format!("{path}/open"), &offer, &json!({})).await?;
    let items = json!({ "items": [{ "child_id": child, "duties": ["emergency_action"] }] });
    let accepted = night.change(&salford, &format!("{path}/accept"), &seen, &items).await?;
    say("Salford’s night worker opens the sheet, rings Manchester, and accepts.");
    let received = night.change(&salford, &format!("{path}/received"), &accepted, &json!({})).await?;
    say("Salford’s desk has it on its screen: only now is Manchester released.");
    let spoken = json!({ "giver": "Manchester night duty worker", "taker": "Salford night duty worker", "spoken_at": now.to_string(),
                         "read_back": "I understand that the child stays on the ward until our worker has seen her." });
    night.change(&salford, &format!("{path}/handover"), &received, &spoken).await?;

    salford.after(&manchester);
    let path = format!("/api/transfers/children/{child}/responsibility");
    let duty = Client::expect(Method::GET, &path, salford.get(&path).await?)?;
    say(&format!("Now: {}", held(&duty)));

    refused(&mut night, &mut say).await?;

    auditor.after(&salford);
    auditor.after(&manchester);
    let path = format!("/api/audit/chronologies/{child}");
    let chronology = Client::expect(Method::GET, &path, auditor.get(&path).await?)?;
    say("The board reads the whole trail, over every service, in order:");
    for line in chronology.body["events"].as_array().into_iter().flatten() {
        say(&format!("   {}  {}", line["recorded_at"].as_str().unwrap_or_default(), line["summary"].as_str().unwrap_or_default()));
    }
    Ok(child)
}

/// Two siblings, and a borough that says no.
async fn refused(night: &mut Night<'_>, say: &mut impl FnMut(&str)) -> Result<(), ClientError> {
    let bury = night.someone("bury-night")?;
    let bolton = night.someone("bolton-night")?;
    let call = json!({
        "concern": "Two children alone in a car outside a pub since nine.",
        "referrer": { "anonymous": true }, "child_is_now": { "address": "Car park, Example Road", "borough": "E08000002" }, "danger_now": "not_sure",
        "children": [{ "names": ["Tamsin Sample"], "age_about": 6, "home": { "borough": "E08000001" } },
                     { "names": ["Rufus Sample"], "age_about": 3, "home": { "borough": "E08000001" } }]
    });
    let referral = night.post(&bury, "/api/intake/referrals", &call).await?;
    say(&format!(
        "A caller who gives no name rings Bury about two children: {}. {} must act now.",
        referral.text("/reference"),
        referral.text("/owner/name")
    ));
    let items: Vec<Value> = [0, 1]
        .iter()
        .map(|child| json!({ "child_id": referral.text(&format!("/children/{child}/child_id")), "duties": ["emergency_action"] }))
        .collect();
    let sheet = json!({ "situation": "Both safe in the police station.", "assessment": "Cold, hungry, not hurt.", "family": "They say they live in Bolton.",
                        "expected": "Take over tonight.", "child_says": "Mum said to wait.", "not_known": ["Where the mother is"] });
    bolton.after(&bury);
    // The ledger takes the referral within a moment; a reader with the position token waits for it.
    let path = format!("/api/transfers/children/{}/responsibility", referral.text("/children/1/child_id"));
    Client::expect(Method::GET, &path, bury.get(&path).await?)?;
    let offer =
        night.post(&bury, "/api/transfers", &json!({ "to": "E08000001", "priority": "P2", "items": items, "sheet": sheet })).await?;
    let path = format!("/api/transfers/{}", offer.text("/transfer_id"));
    let seen = night.change(&bolton, &format!("{path}/open"), &offer, &json!({})).await?;
    let no = json!({ "reason": "not_our_area", "text": "The address given is over the boundary." });
    night.change(&bolton, &format!("{path}/decline"), &seen, &no).await?;
    bury.after(&bolton);
    let told = Client::expect(Method::GET, &path, bury.get(&path).await?)?;
    say(&format!(
        "Bury offers both to Bolton; Bolton declines: not our area. Bury sees the transfer as {}: it is still responsible.",
        told.text("/state")
    ));
    Ok(())
}

/// Who holds what, by name.
fn held(duties: &Reply) -> String {
    let each = duties.body["duties"].as_array().into_iter().flatten();
    let said = each.map(|duty| {
        let text = |member: &str| duty[member].as_str().unwrap_or_default().replace('_', " ");
        format!("{} holds {}.", text("holder_name"), text("duty"))
    });
    said.collect::<Vec<_>>().join(" ")
}

const STILL: &str = "Until Salford has it, Manchester is still responsible.";

/// A made-up child with an NHS number from the range that is never issued.
fn referral() -> Value {
    json!({
        "concern": "Scald on the left arm, said to be from a bath. The pattern does not fit, and the story changed twice.",
        "referrer": { "name": "A&E nurse in charge", "role": "A&E nurse", "phone": "0161 496 0900" },
        "child_is_now": { "site": "RW602" },
        "danger_now": "yes",
        "children": [{ "names": ["Ottilie Example"], "date_of_birth": "2019-05-14", "nhs_number": "9990000018",
                       "home": { "address": "1 Example Street", "borough": "E08000006" }, "child_says": "I don't want to go home." }],
        "with_the_child": "Mother, and a man who did not give his name.",
        "parent_knows": "yes",
        "done_already": "Arm dressed, admitted for the night."
    })
}

fn offer(child: &str) -> Value {
    json!({
        "to": "E08000006", "priority": "P1", "items": [{ "child_id": child, "duties": ["emergency_action"] }],
        "sheet": {
            "situation": "In hospital, safe on the ward; a man waits outside. She lives in Salford and goes to Salford Royal tonight.",
            "assessment": "Seen by the registrar. Not spoken to alone yet.",
            "family": "Mother with her. An older brother is at home.",
            "expected": "See her before any discharge; look at the home tonight.",
            "child_says": "I don't want to go home.",
            "not_known": ["Who the man is", "Whether the brother is safe"]
        }
    })
}
