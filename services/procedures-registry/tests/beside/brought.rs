//! What a file of editions may bring.

use kernel::edition::{Edition, Editions};

use crate::support::World;

fn file(number: u32, from: &str) -> Editions {
    let mut parts = Editions::first().iter().next().unwrap().written().clone();
    parts["limits"]["edition_notice_minutes"] = 61.into();
    Editions::new(vec![Edition::numbered(parts, number, from.parse().unwrap()).unwrap()]).unwrap()
}

#[tokio::test]
async fn once_an_edition_is_recorded_a_file_with_another_one_is_refused_and_told_to_be_handed_in() {
    let world = World::new("brought").await;
    let said = async |editions: &Editions| {
        let checked = procedures_registry::check_brought(&world.owner, editions, world.clock.now()).await;
        checked.err().map(|error| error.to_string()).unwrap_or_default()
    };
    assert_eq!(said(&Editions::first()).await, "");
    for (number, from, named) in [(1, "2026-01-01T00:00:00Z", "edition 1"), (2, "2027-01-01T00:00:00Z", "edition 2")] {
        let refused = said(&file(number, from)).await;
        assert!(refused.contains(named) && refused.contains("hub procedures publish"), "{refused}");
    }
    world.end().await;
}
