//! Erasure.

use std::sync::Arc;

use sqlx::Row;
use vault::{Erasure, NewKey, OpenError, Vault, VaultError};

use crate::support::{PLACE, World, child, noon};

#[tokio::test]
async fn an_erased_child_is_unreadable_everywhere_and_nobody_else_is() {
    let world = World::new("erased").await;
    let vault = world.vault();
    let about: Vec<_> = (0..100).map(|n| [child(n)]).collect();
    let wanted: Vec<_> = about.iter().flat_map(|about| [NewKey { subject: "name", about }, NewKey { subject: "address", about }]).collect();
    let keys = vault.new_keys(&wanted).await.unwrap();
    let sealed: Vec<_> = keys.iter().map(|key| key.seal(PLACE, "Ada").unwrap()).collect();
    let items: Vec<_> = sealed.iter().map(|sealed| (PLACE, sealed)).collect();
    assert!(vault.open_many::<String>(&items).await.unwrap().iter().all(Result::is_ok), "now all keys are in memory");

    assert_eq!(vault.erase(child(7), noon()).await.unwrap(), Erasure { destroyed: 2, waiting: 0 });
    for process in [&vault, &world.vault()] {
        for (n, answer) in process.open_many::<String>(&items).await.unwrap().into_iter().enumerate() {
            match answer {
                Err(OpenError::Erased) => assert_eq!(n / 2, 7),
                other => assert!(n / 2 != 7 && other.is_ok(), "{n}: {other:?}"),
            }
        }
        assert!(matches!(process.open::<String>(PLACE, &sealed[14]).await, Err(OpenError::Erased)));
        assert!(matches!(process.key(keys[14].id()).await, Err(OpenError::Erased)));
    }
    let records = vault.about(child(7)).await.unwrap();
    assert_eq!(records.len(), 2, "that there was a key is kept");
    assert!(records.iter().all(|record| record.destroyed_at == Some(noon())));
    let row = sqlx::query("select count(*) from vault.data_key where wrapped is null").fetch_one(&world.owner).await.unwrap();
    assert_eq!(row.get::<i64, _>(0), 2);
    world.end().await;
}

#[tokio::test]
async fn a_key_about_siblings_is_destroyed_with_the_last_of_them() {
    let world = World::new("siblings").await;
    let vault = world.vault();
    let (ada, ben, cleo) = (child(1), child(2), child(3));
    let all = vault.new_key("all three", &[ada, ben, cleo]).await.unwrap().seal(PLACE, "family").unwrap();
    let own = vault.new_key("ada", &[ada]).await.unwrap().seal(PLACE, "Ada").unwrap();
    let erase = async |child, destroyed, waiting| {
        assert_eq!(vault.erase(child, noon()).await.unwrap(), Erasure { destroyed, waiting });
    };

    erase(ada, 1, 1).await;
    assert!(matches!(vault.open::<String>(PLACE, &own).await, Err(OpenError::Erased)));
    assert_eq!(vault.open::<String>(PLACE, &all).await.unwrap().expose(), "family");
    erase(ada, 0, 1).await;
    erase(ben, 0, 1).await;
    assert!(vault.open::<String>(PLACE, &all).await.is_ok());
    erase(cleo, 1, 0).await;
    assert!(matches!(vault.open::<String>(PLACE, &all).await, Err(OpenError::Erased)));
    for child in [ada, ben, cleo] {
        erase(child, 0, 0).await;
    }
    erase(child(99), 0, 0).await;
    world.end().await;
}

#[tokio::test]
async fn nothing_new_is_sealed_about_an_erased_child() {
    let world = World::new("nothing-new").await;
    let vault = world.vault();
    vault.erase(child(1), noon()).await.unwrap();
    assert!(matches!(vault.new_key("a", &[child(1)]).await, Err(VaultError::Erased)));
    assert!(matches!(vault.new_key("a", &[child(2), child(1)]).await, Err(VaultError::Erased)));
    assert!(vault.about(child(2)).await.unwrap().is_empty());
    vault.new_key("a", &[child(2)]).await.unwrap();
    world.end().await;
}

#[tokio::test]
async fn siblings_erased_at_the_same_time_leave_no_key_behind() {
    let world = World::new("same-time").await;
    let vault = Arc::new(world.vault());
    for family in 0..40 {
        let (one, two) = (child(family * 2), child(family * 2 + 1));
        let sealed = vault.new_key("both", &[one, two]).await.unwrap().seal(PLACE, "family").unwrap();
        let (first, second) = tokio::join!(vault.erase(one, noon()), vault.erase(two, noon()));
        assert_eq!(first.unwrap().destroyed + second.unwrap().destroyed, 1);
        assert!(matches!(vault.open::<String>(PLACE, &sealed).await, Err(OpenError::Erased)));
    }
    world.end().await;
}

#[tokio::test]
async fn a_key_made_while_its_child_is_erased_is_refused_or_destroyed() {
    let world = World::new("while").await;
    let (vault, other) = (world.vault(), world.vault());
    let (mut made, mut refused) = (0, 0);
    for n in 0..60 {
        let keys = async |vault: &Vault| vault.new_key("a", &[child(n)]).await;
        let (one, erased, two) = tokio::join!(keys(&vault), other.erase(child(n), noon()), keys(&other));
        erased.unwrap();
        for key in [one, two] {
            match key {
                Ok(key) => {
                    made += 1;
                    assert!(matches!(world.vault().key(key.id()).await, Err(OpenError::Erased)), "child {n} was erased");
                }
                Err(error) => {
                    refused += 1;
                    assert!(matches!(error, VaultError::Erased), "{error:?}");
                }
            }
        }
    }
    assert_eq!(made + refused, 120);
    world.end().await;
}
