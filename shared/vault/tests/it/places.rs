//! Sealing and opening through the database.

use kernel::Sealed;
use vault::{NewKey, OpenError, VaultError};

use crate::support::{PLACE, World, child};

#[tokio::test]
async fn what_one_process_seals_another_opens_and_only_in_its_place() {
    let world = World::new("places").await;
    let (here, there) = (world.vault(), world.vault());
    let key = here.new_key("referral-ref_1", &[child(1)]).await.unwrap();
    let sealed = key.seal(PLACE, "Ada").unwrap();
    for vault in [&here, &there] {
        assert_eq!(vault.open::<String>(PLACE, &sealed).await.unwrap().expose(), "Ada");
        assert!(matches!(vault.open::<String>("referral.raised/child_name/referral-ref_2", &sealed).await, Err(OpenError::Wrong)));
    }

    // Another child's key does not open it, and nobody knows a key that was never made.
    let other = here.new_key("referral-ref_1", &[child(2)]).await.unwrap();
    let moved = Sealed { key: other.id().to_owned(), box_: sealed.box_.clone() };
    assert!(matches!(there.open::<String>(PLACE, &moved).await, Err(OpenError::Wrong)));
    let unknown = Sealed { key: "key_0".to_owned(), box_: sealed.box_.clone() };
    assert!(matches!(there.open::<String>(PLACE, &unknown).await, Err(OpenError::Unknown)));

    // More is sealed under an earlier key.
    let more = there.key(key.id()).await.unwrap().seal(PLACE, "Lovelace").unwrap();
    assert_eq!(here.open::<String>(PLACE, &more).await.unwrap().expose(), "Lovelace");
    assert!(matches!(there.key("key_0").await, Err(OpenError::Unknown)));
    world.end().await;
}

#[tokio::test]
async fn a_key_is_about_somebody_and_none_of_a_batch_is_made_when_one_is_not() {
    let world = World::new("somebody").await;
    let vault = world.vault();
    let wanted = [NewKey { subject: "a", about: &[child(1)] }, NewKey { subject: "b", about: &[] }];
    assert!(matches!(vault.new_keys(&wanted).await, Err(VaultError::AboutNobody)));
    assert!(vault.about(child(1)).await.unwrap().is_empty());
    let twice = vault.new_key("c", &[child(2), child(1), child(2)]).await.unwrap();
    let records = vault.about(child(1)).await.unwrap();
    assert_eq!(records.len(), 1);
    assert_eq!((records[0].id.as_str(), records[0].subject.as_str()), (twice.id(), "c"));
    assert_eq!((records[0].about.as_slice(), records[0].destroyed_at), ([child(1), child(2)].as_slice(), None));
    world.end().await;
}

#[tokio::test]
async fn a_page_of_200_is_opened_with_one_query_and_the_next_time_with_none() {
    let world = World::new("page").await;
    let about: Vec<_> = (0..200).map(|n| [child(n)]).collect();
    let wanted: Vec<_> = about.iter().map(|about| NewKey { subject: "referral", about }).collect();
    let keys = world.vault().new_keys(&wanted).await.unwrap();
    let sealed: Vec<_> = keys.iter().enumerate().map(|(n, key)| key.seal(PLACE, &n).unwrap()).collect();
    let items: Vec<_> = sealed.iter().map(|sealed| (PLACE, sealed)).collect();

    let fresh = world.vault();
    let fetches = || world.statements("from vault.data_key where id = any");
    let before = fetches();
    let opened: Vec<_> = fresh.open_many::<usize>(&items).await.unwrap().into_iter().map(|one| *one.unwrap().expose()).collect();
    assert_eq!(opened, (0..200).collect::<Vec<_>>());
    assert_eq!(fetches() - before, 1);
    assert!(fresh.open_many::<usize>(&items).await.unwrap().iter().all(Result::is_ok));
    assert_eq!(fetches() - before, 1, "the second time they are in memory");
    world.end().await;
}
