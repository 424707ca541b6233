//! An edition between a folder and the registry of a real hub, as `hub procedures` does it.

use hub::procedures::{Known, Next, ProceduresError, Registry};
use procedures_registry::{document, folder};
use testkit::{Scratch, TestHub, until};

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
    let hub = TestHub::start("publishing").await;
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
