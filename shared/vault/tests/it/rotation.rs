//! Exchange of the master key.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use vault::{KeyWrapper, NewKey, OpenError, Vault, VaultError};

use crate::support::{PLACE, World, child, noon};

#[tokio::test]
async fn rotation_keeps_everything_readable_while_it_runs_and_after() {
    let world = World::new("rotation").await;
    let vault = world.vault();
    let about = [child(1)];
    let keys = vault.new_keys(&vec![NewKey { subject: "a", about: &about }; 1200]).await.unwrap();
    let sealed: Vec<_> = keys.iter().map(|key| key.seal(PLACE, "Ada").unwrap()).collect();
    let gone = vault.new_key("gone", &[child(2)]).await.unwrap().seal(PLACE, "Ben").unwrap();
    vault.erase(child(2), noon()).await.unwrap();

    let new = world.another_master("master-1");
    let over = AtomicBool::new(false);
    let read_on = async {
        let mut rounds = 0;
        while !over.load(Ordering::Relaxed) || rounds < 3 {
            // A new process each time: nothing comes from memory.
            let other = world.vault().reading(Arc::clone(&new) as _);
            let items: Vec<_> = sealed.iter().map(|sealed| (PLACE, sealed)).collect();
            assert!(other.open_many::<String>(&items).await.unwrap().iter().all(Result::is_ok));
            rounds += 1;
        }
    };
    let rotate = async {
        let changed = vault.rewrap_all(&world.owner, Arc::clone(&new) as _).await.unwrap();
        over.store(true, Ordering::Relaxed);
        changed
    };
    let ((), changed) = tokio::join!(read_on, rotate);
    assert_eq!(changed, 1200);
    assert_eq!(vault.rewrap_all(&world.owner, Arc::clone(&new) as _).await.unwrap(), 0, "there is nothing left to do");

    // With the new master key alone everything opens; with the former alone nothing does; what was erased stays so.
    let after = Vault::new(world.app.clone(), Arc::clone(&new) as _);
    assert_eq!(after.open::<String>(PLACE, &sealed[0]).await.unwrap().expose(), "Ada");
    assert!(matches!(after.open::<String>(PLACE, &gone).await, Err(OpenError::Erased)));
    match world.vault().open::<String>(PLACE, &sealed[0]).await {
        Err(OpenError::Database(VaultError::NoMaster(id))) => assert_eq!(id, new.id()),
        other => panic!("{other:?}"),
    }
    let later = vault.new_key("later", &[child(1)]).await.unwrap();
    assert!(after.key(later.id()).await.is_ok(), "new keys are wrapped by the new master key");
    world.end().await;
}

#[tokio::test]
async fn the_services_role_cannot_rotate() {
    let world = World::new("rotate-app").await;
    let vault = world.vault();
    let sealed = vault.new_key("a", &[child(1)]).await.unwrap().seal(PLACE, "Ada").unwrap();
    let refused = vault.rewrap_all(&world.app, world.another_master("master-1")).await;
    assert!(matches!(refused, Err(VaultError::Database(_))), "{refused:?}");
    assert!(world.vault().open::<String>(PLACE, &sealed).await.is_ok());
    world.end().await;
}
