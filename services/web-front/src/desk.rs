//! One queue for the desk: what is this borough's to do, what is on its way in or out, and what others hold.

use axum::response::Response;
use serde_json::{Value, json};

use crate::{failure::Failure, me::Me};

/// The queue.
pub(crate) async fn show(me: Me) -> Result<Response, Failure> {
    let borough = me.desk_of()?.clone();
    let (undecided, decided, open) = tokio::try_join!(
        me.get("/api/intake/referrals?state=undecided&limit=200"),
        me.get("/api/intake/referrals?state=decided&limit=50"),
        me.get("/api/transfers?state=open&limit=200"),
    )?;
    let after: Vec<&str> = [&undecided, &open].into_iter().filter_map(|list| list.position.as_deref()).collect();
    let (mine, others) = parted(&undecided.body["items"], borough.code());
    let feedback: Vec<Value> = items(&decided.body["items"])
        .filter(|item| matches!(item["feedback"]["state"].as_str(), Some("open" | "overdue")))
        .filter(|item| item["yours"] == "owner" || item["yours"] == "holder")
        .cloned()
        .collect();
    let going = |member: &str| items(&open.body["items"]).filter(|item| item[member] == borough.code()).cloned().collect::<Vec<_>>();
    let (incoming, outgoing) = (going("to"), going("from"));
    let data = json!({
        "borough_name": crate::words::org(borough.code()), "mine": mine, "others": others, "feedback": feedback,
        "incoming": incoming, "outgoing": outgoing, "stale_since": open.body["stale_since"], "after": after.join(","),
        "more": undecided.body["next"].is_string() || open.body["next"].is_string(),
    });
    Ok(me.page("desk.html", data))
}

fn items(list: &Value) -> impl Iterator<Item = &Value> {
    list.as_array().into_iter().flatten()
}

/// What this borough answers for, the newest that nobody has opened first; and what another does.
fn parted(list: &Value, borough: &str) -> (Vec<Value>, Vec<Value>) {
    let holds = |item: &Value| items(&item["holds_now"]).any(|holder| holder == borough) || item["owner"] == borough;
    let (mut mine, mut others): (Vec<Value>, Vec<Value>) = items(list).cloned().partition(holds);
    for list in [&mut mine, &mut others] {
        list.sort_by_key(|item| (item["seen"] == true, std::cmp::Reverse(item["received_at"].as_str().map(str::to_owned))));
    }
    (mine, others)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_that_nobody_has_opened_stands_first() {
        let item = |id: &str, seen: bool, at: &str, owner: &str| json!({ "id": id, "seen": seen, "received_at": at, "owner": owner });
        let list = json!([item("a", true, "3", "X"), item("b", false, "1", "X"), item("c", false, "2", "X"), item("d", false, "9", "Y")]);
        let (mine, others) = parted(&list, "X");
        let ids = |list: Vec<Value>| list.iter().map(|item| item["id"].as_str().unwrap().to_owned()).collect::<Vec<_>>();
        assert_eq!((ids(mine), ids(others)), (vec!["c".to_owned(), "b".into(), "a".into()], vec!["d".to_owned()]));
    }
}
