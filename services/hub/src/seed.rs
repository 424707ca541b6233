//! The desks of the demonstration's boroughs, set through the API by their own managers, and the chair of its board.

use jiff::SignedDuration;
use kernel::{Directory, Timestamp};
use serde_json::{Value, json};

use crate::{
    client::{Client, ClientError},
    people::{self, AREA, Someone},
    token::Signer,
};

/// How long the rota of the demonstration lasts.
const YEAR: SignedDuration = SignedDuration::from_hours(366 * 24);

/// A caller for one of the made-up people.
///
/// # Errors
/// When no token can be signed.
pub fn client(base: &str, signer: &Signer, who: &Someone, now: Timestamp) -> Result<Client, ClientError> {
    Ok(Client::new(base, who.clone(), signer.person(who, now)?))
}

/// Sets the desk of every borough of the demonstration, and names the chair of the board. Doing it again changes nothing. `progress` is told each borough.
///
/// # Errors
/// When the hub does not answer or refuses.
pub async fn desks(base: &str, signer: &Signer, now: Timestamp, mut progress: impl FnMut(&str)) -> Result<(), ClientError> {
    for (number, borough) in (0..).zip(Directory::get().boroughs_of_area(AREA)) {
        for manager in people::of_borough(&borough.code, &borough.name).iter().filter(|someone| someone.id.ends_with("-manager")) {
            let client = client(base, signer, manager, now)?;
            let path = format!("/api/transfers/desks/{}", borough.code);
            let there = client.get(&path).await?;
            if there.status == 200 && there.version.is_some_and(|version| version > 0) {
                continue;
            }
            let key = format!("seed-desk-{}", borough.code);
            let set = client.put(&path, &key, there.version, &desk(&borough.name, number, now)).await?;
            Client::expect(reqwest::Method::PUT, &path, set)?;
            progress(&borough.name);
        }
    }
    board(base, signer, now).await
}

/// Names the chair of the board and the deputy, by their posts. Doing it again changes nothing.
async fn board(base: &str, signer: &Signer, now: Timestamp) -> Result<(), ClientError> {
    const PATH: &str = "/api/transfers/board";
    for approver in people::everybody().iter().filter(|someone| someone.id == "board-approver") {
        let client = client(base, signer, approver, now)?;
        let there = Client::expect(reqwest::Method::GET, PATH, client.get(PATH).await?)?;
        if there.body["unset"] == true {
            let post = |name: &str, phone: &str| json!({ "name": name, "phone": phone });
            let chair = post("Independent chair of the safeguarding board", "0161 496 0990");
            let body = json!({ "chair": chair, "deputy": post("Deputy chair of the safeguarding board", "0161 496 0991") });
            Client::expect(
                reqwest::Method::PUT,
                PATH,
                client.put(PATH, "seed-board", there.version.filter(|version| *version > 0), &body).await?,
            )?;
        }
    }
    Ok(())
}

/// A desk with telephones from the range kept for fiction (0161 496 0000 to 0999) and posts instead of persons on the rota, for
/// a year from now.
#[must_use]
pub fn desk(name: &str, number: u32, now: Timestamp) -> Value {
    let phone = |line: u32| format!("0161 496 0{:03}", number * 10 + line);
    let days: Vec<Value> = (1..=5).map(|weekday| json!({ "weekday": weekday, "from": "09:00", "to": "17:00" })).collect();
    let posts = [(1, "duty manager"), (2, "head of service"), (3, "director")];
    let until = now.saturating_add(YEAR).unwrap_or(Timestamp::MAX);
    let rota: Vec<Value> = posts
        .iter()
        .map(|(level, post)| {
            json!({ "level": level, "name": format!("{name} {post} on call"), "phone": phone(2 + level), "from": now, "to": until })
        })
        .collect();
    json!({ "hours": days, "phones": { "day": phone(0), "night": phone(1) }, "rota": rota })
}
