//! An edition between a folder and the registry of a real hub, as `hub procedures` does it.

use hub::procedures::{Known, Next, ProceduresError, Registry};
use procedures_registry::{
    document,
    folder::{self, ExportedFrom},
};
use testkit::{Scratch, TestHub, until};

use crate::editions::{Press, first_edition};

/// The registry as a post of the demonstration sees it.
fn registry(hub: &TestHub, who: &str) -> Registry {
    let who = hub::people::by_id(who).unwrap();
    Registry::new(&hub.stand.url(), hub.stand.ground.signer.person(&who, hub.clock.now()).unwrap())
}

/// It is handed in without asking the boroughs.
fn now() -> Next {
    Next::HandIn { unconsulted: "It cannot wait.".to_owned() }
}

/// The edition in force, as soon as the registry has recorded what the program carries.
async fn in_force(registry: &Registry) -> Known {
    until("the program's edition is recorded", || async { registry.edition(None).await.is_ok() }).await;
    registry.edition(None).await.unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_exported_edition_is_published_again_only_when_something_changes_and_a_repeat_is_the_same_draft() {
    let hub = TestHub::start_at("publishing", "2026-11-27T10:00:00Z", None).await;
    let author = registry(&hub, "board-author");
    let base = in_force(&author).await;
    assert_eq!(base.number, 1);
    assert!(base.document == document::first(), "the first edition has its procedures");

    let scratch = Scratch::new("publishing");
    let dir = scratch.path().join("edition");
    folder::write(&dir, &base.document).unwrap();
    let unchanged = folder::read(&dir).unwrap().sound().unwrap();
    let refused = author.publish("Nothing", &base, &unchanged, &now()).await;
    assert!(matches!(refused, Err(ProceduresError::NothingChanges)), "{refused:?}");

    let file = dir.join("procedures/police-protection.md");
    let text = std::fs::read_to_string(&file).unwrap();
    std::fs::write(&file, text.replacen("change = \"First text.\"", "change = \"The time is asked first.\"", 1)).unwrap();
    let changed = folder::read(&dir).unwrap().sound().unwrap();
    let published = author.publish("Police protection", &base, &changed, &now()).await.unwrap();
    assert_eq!(published.hash, changed.hash().unwrap().0);
    assert_eq!(author.publish("Police protection", &base, &changed, &now()).await.unwrap(), published, "a repeat is the same draft");

    let shown = hub.person("board-author").get(&format!("/api/procedures/drafts/{}", published.draft)).await.unwrap();
    assert_eq!(shown.text("/state"), "submitted", "{}", shown.body);
    assert_eq!(shown.text("/unconsulted"), "It cannot wait.", "whoever approves reads why nobody was asked");
    assert_eq!(shown.body["document"], serde_json::to_value(&changed).unwrap());
    assert!(author.edition(None).await.unwrap() == base, "a draft changes nothing that is in force");

    let asked = Next::Consult("2026-12-08T12:00:00Z".parse().unwrap());
    let published = author.publish("For the boroughs", &base, &changed, &asked).await.unwrap();
    let shown = hub.person("salford-duty").get(&format!("/api/procedures/drafts/{}", published.draft)).await.unwrap();
    assert_eq!(shown.text("/state"), "in_consultation", "every borough reads it: {}", shown.body);
    hub.finish().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_folder_that_is_older_than_what_is_in_force_takes_nothing_back() {
    let file = first_edition("publishing-older", 60);
    let hub = TestHub::start_at("publishing-older", "2026-11-27T10:00:00Z", Some(&file)).await;
    let author = registry(&hub, "board-author");
    let first = in_force(&author).await;
    let exported = ExportedFrom { number: 1, hash: first.hash.clone() };
    assert_eq!(author.base(None, Some(&exported)).await.unwrap(), first);
    assert!(matches!(author.base(None, None).await, Err(ProceduresError::NoBase)));
    let other = ExportedFrom { hash: document::ContentHash("0".repeat(64)), ..exported.clone() };
    assert!(matches!(author.base(None, Some(&other)).await, Err(ProceduresError::OfAnotherHub(1))));
    assert_eq!(author.base(Some(1), Some(&other)).await.unwrap(), first, "somebody who has looked says so");

    let from = hub.clock.now() + jiff::SignedDuration::from_hours(2);
    let press = Press::new(|id| hub.person(id), &["salford"]);
    let second = press.publish(from, |document| document["parts"]["title"] = "Second".into()).await;
    assert_eq!(
        author.base(None, Some(&exported)).await.unwrap(),
        first,
        "what is scheduled is not in force, and the registry says so when it is handed in"
    );
    hub.clock.set(from);
    let older = author.base(None, Some(&exported)).await;
    assert!(matches!(older, Err(ProceduresError::Older { from: 1, current: 2 })), "{older:?}");
    assert_eq!(i64::from(author.base(Some(2), Some(&exported)).await.unwrap().number), second);
    hub.finish().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_is_no_author_publishes_nothing_and_reads_every_edition() {
    let hub = TestHub::start("publishing-refused").await;
    let nurse = registry(&hub, "north-manchester-nurse");
    let base = in_force(&nurse).await;
    let mut other = base.document.clone();
    other.procedures.pop_last();
    let refused = nurse.publish("No", &base, &other, &now()).await;
    assert!(matches!(&refused, Err(ProceduresError::Client(_))), "{refused:?}");
    assert!(nurse.edition(Some(1)).await.unwrap() == base);
    assert!(nurse.edition(Some(9)).await.is_err());
    hub.finish().await;
}

/// Runs `hub procedures publish --dry-run` as a person would: whether it ended well, and what it said.
async fn dry_run(hub: &TestHub, dir: &std::path::Path, token: &std::path::Path) -> (bool, String) {
    let (dir, token, url) = (dir.display().to_string(), token.display().to_string(), hub.stand.url());
    let arguments = ["procedures", "publish", &dir, "--dry-run", "--title", "Next", "--url", &url, "--token-file", &token];
    let ended = hub_tests::storm::process::hub(&std::collections::BTreeMap::new(), &arguments).output().await.unwrap();
    (ended.status.success(), [ended.stdout, ended.stderr].map(|text| String::from_utf8_lossy(&text).into_owned()).concat())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_dry_run_says_what_would_change_and_every_fault_and_changes_nothing() {
    let hub = TestHub::start_at("dry-run", "2026-11-27T10:00:00Z", None).await;
    let base = in_force(&registry(&hub, "board-author")).await;
    let scratch = Scratch::new("dry-run");
    let (dir, token) = (scratch.path().join("edition"), scratch.path().join("token"));
    folder::write(&dir, &base.document).unwrap();
    folder::note_export(&dir, Some(&ExportedFrom { number: 1, hash: base.hash.clone() })).unwrap();
    let who = hub::people::by_id("board-author").unwrap();
    std::fs::write(&token, hub.stand.ground.signer.person(&who, hub.clock.now()).unwrap()).unwrap();
    let drafts = async || hub.person("board-author").get("/api/procedures/drafts").await.unwrap().body["items"].clone();
    let pool = hub.owner("procedures").await;
    let written = async || -> i64 { sqlx::query_scalar("select position from log.head").fetch_one(&pool).await.unwrap() };
    let before = (drafts().await, written().await);

    let (_, said) = dry_run(&hub, &dir, &token).await;
    assert!(said.contains("nothing differs from edition 1"), "{said}");
    // The program goes by the real time: a review date that is past one day is no fault of this test.
    let parts = std::fs::read_to_string(dir.join("edition.json")).unwrap().replace("2027-03-31", "2099-12-31");
    std::fs::write(dir.join("edition.json"), &parts).unwrap();

    let file = dir.join("procedures/police-protection.md");
    let text = std::fs::read_to_string(&file).unwrap();
    std::fs::write(&file, text.replacen("change = \"First text.\"", "change = \"The time is asked first.\"", 1)).unwrap();
    let (well, said) = dry_run(&hub, &dir, &token).await;
    for part in ["\"Next\" would change edition 1", "police-protection", "The time is asked first."] {
        assert!(well && said.contains(part), "{part}: {said}");
    }

    std::fs::write(&file, text.replacen("title = ", "titel = ", 1)).unwrap();
    std::fs::write(dir.join("edition.json"), parts.replacen("\"edition_notice_minutes\": 60", "\"edition_notice_minutes\": 0", 1)).unwrap();
    let (well, said) = dry_run(&hub, &dir, &token).await;
    for part in ["police-protection.md:", "edition.json:", "edition_notice_minutes", "faults in"] {
        assert!(!well && said.contains(part), "{part}: {said}");
    }
    assert_eq!((drafts().await, written().await), before, "nothing was drafted");
    hub.finish().await;
}
