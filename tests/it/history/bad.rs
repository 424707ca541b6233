//! Histories in which one promise was broken.

use hub_tests::history::Viewed;

use super::{Fact, Plant, moved, opened};

pub(super) fn histories() -> Vec<(&'static str, &'static str, Plant)> {
    let start = || Plant::default().done("ann", "k1", 1, opened("a"));
    let view =
        |name: &str, live: &str| Viewed { name: name.to_owned(), live: live.to_owned(), rebuilt: "00".to_owned(), first: String::new() };
    let mut differs = start();
    differs.record.views = vec![view("transfers.holders", "00"), view("transfers.queue", "01")];
    vec![
        ("acknowledged, and the tail of the log is gone", "lost", start().asks("ann", "k2").acknowledged("k2", 2)),
        (
            "one key took effect twice, under one answer",
            "duplicate",
            start()
                .asks("ann", "k2")
                .row(2, "ann", "k2", Fact::Other)
                .row(3, "bob", "k3", Fact::Other)
                .row(4, "ann", "k2", Fact::Other)
                .receipt("ann", "k2", 4)
                .acknowledged("k2", 4),
        ),
        (
            "refused, although the first attempt was recorded",
            "refused but recorded",
            start()
                .asks("bob", "k2")
                .unknown("k2")
                .row(2, "bob", "k2", Fact::Other)
                .receipt("bob", "k2", 2)
                .asks("bob", "k2")
                .refused("k2"),
        ),
        ("an unknown outcome stayed unknown", "unresolved", start().asks("bob", "k2").unknown("k2")),
        (
            "a later command stands before an earlier one",
            "out of order",
            Plant::default()
                .asks("ann", "k1")
                .row(1, "bob", "k2", Fact::Other)
                .row(2, "ann", "k1", opened("a"))
                .receipt("ann", "k1", 2)
                .acknowledged("k1", 2)
                .asks("bob", "k2")
                .receipt("bob", "k2", 1)
                .acknowledged("k2", 1),
        ),
        ("two boroughs opened the same duty", "two holders", start().done("bob", "k2", 2, opened("b"))),
        ("a child was referred and nobody came to act", "no holder", start().referred("another child")),
        ("the sender moved the duty", "moved by a stranger", start().done("ann", "k2", 2, moved("a", "b"))),
        ("a position is missing", "skipped", start().done("ann", "k2", 3, Fact::Other)),
        ("a position is missing at the end of a copy", "copy skipped", start().done("ann", "k2", 2, Fact::Other).copied(&[1])),
        (
            "a look after the handover saw the giver",
            "stale shown as fresh",
            start().done("bob", "k2", 2, moved("a", "b")).looks(1).saw(1, "a", false),
        ),
        ("a view is not what its log makes of it", "view differs", differs),
    ]
}
