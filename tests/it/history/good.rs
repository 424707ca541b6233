//! Histories in which every promise was kept, among them those that only look wrong.

use super::{Plant, ended, moved, opened};

pub(super) fn histories() -> Vec<(&'static str, Plant)> {
    let start = || Plant::default().done("ann", "k1", 1, opened("a"));
    vec![
        ("nothing happened", Plant::default()),
        ("one command", start()),
        (
            "an unknown outcome was recorded, and the same key says so",
            Plant::default()
                .asks("ann", "k1")
                .unknown("k1")
                .row(1, "ann", "k1", opened("a"))
                .receipt("ann", "k1", 1)
                .asks("ann", "k1")
                .acknowledged("k1", 1),
        ),
        (
            "an unknown outcome was not recorded, and is refused when asked again",
            start().asks("bob", "k2").unknown("k2").asks("bob", "k2").refused("k2"),
        ),
        (
            "the same answer is given again and again",
            start().asks("ann", "k1").acknowledged("k1", 1).asks("ann", "k1").acknowledged("k1", 1),
        ),
        ("a duty moves by the acceptance of the borough that gets it", start().done("bob", "k2", 2, moved("a", "b"))),
        ("a command that adds nothing", start().asks("ann", "k2").receipt("ann", "k2", 1).no_news("k2", 1)),
        ("a duty ends and opens again elsewhere", start().done("ann", "k2", 2, ended("a")).done("bob", "k3", 3, opened("b"))),
        (
            "a look during a handover sees the giver although the taker has been told",
            start().looks(1).done("bob", "k2", 2, moved("a", "b")).saw(1, "a", false),
        ),
        (
            "a look during a handover sees the taker before the taker has been told",
            start()
                .asks("bob", "k2")
                .looks(1)
                .row(2, "bob", "k2", moved("a", "b"))
                .saw(1, "b", false)
                .receipt("bob", "k2", 2)
                .acknowledged("k2", 2),
        ),
        ("an old state that says that it is old", start().done("bob", "k2", 2, moved("a", "b")).looks(1).saw(1, "a", true)),
        (
            "two commands at the same time, recorded in the other order, and copied",
            Plant::default()
                .referred("c")
                .asks("ann", "k1")
                .asks("bob", "k2")
                .row(1, "bob", "k2", opened("b"))
                .row(2, "ann", "k1", super::Fact::Other)
                .receipt("ann", "k1", 2)
                .receipt("bob", "k2", 1)
                .acknowledged("k1", 2)
                .acknowledged("k2", 1)
                .copied(&[1, 2]),
        ),
    ]
}
