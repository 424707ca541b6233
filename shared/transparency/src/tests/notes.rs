//! Notes, keys and policies.

use super::{ORIGIN, checkpoint, cosigned, entries, log_key, policy, witness_key};
use crate::{Checkpoint, Note, Policy, Signer, VerifierKey, key::Kind};

#[test]
fn a_key_is_read_as_it_was_written_and_never_prints_its_secret() {
    for signer in [log_key(), witness_key(1)] {
        let secret = signer.to_secret();
        let again = Signer::parse(&secret).unwrap();
        assert_eq!(again.verifier(), signer.verifier());
        assert_eq!(VerifierKey::parse(&signer.verifier().to_string()).unwrap(), signer.verifier());
        let printed = format!("{signer:?}");
        assert!(!printed.contains(secret.rsplit('+').next().unwrap()), "{printed}");
        let (start, id) = secret.rsplit_once('+').map(|(start, _)| start.rsplit_once('+').unwrap()).unwrap();
        let other = format!("{start}+{:08x}+{}", u32::from_str_radix(id, 16).unwrap() ^ 1, secret.rsplit('+').next().unwrap());
        assert!(Signer::parse(&other).is_err(), "an id that is not the key's own");
    }
    assert!(Signer::new("a b", Kind::Log, &[0; 32]).is_err() && Signer::new("a+b", Kind::Log, &[0; 32]).is_err());
}

#[test]
fn what_is_not_exactly_a_note_is_refused() {
    let good = checkpoint(&entries(3), 2).to_string();
    assert_eq!(Note::parse(&good).unwrap().to_string(), good);
    let bad = [
        String::new(),
        "\n\n".to_owned(),
        good.trim_end().to_owned(),
        format!("{good}\n"),
        good.replace("— ", "- "),
        good.replace("\n\n", "\n"),
        good.replace(ORIGIN, "hub\texample"),
        format!("{good}— {ORIGIN} AAAA\n"),
        format!("{good}— {ORIGIN} !!!!\n"),
        format!("{good}{}", "— other.example AAAAAAAA\n".repeat(99)),
        good.replace('\n', "\r\n"),
    ];
    for note in bad {
        assert!(Note::parse(&note).is_err(), "{note:?}");
    }
    assert!(Note::parse(&format!("{good}— other.example AAAAAAAA\n")).is_ok(), "signatures of others are let through");
}

#[test]
fn what_is_not_exactly_a_checkpoint_is_refused() {
    let root = "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=";
    assert!(Checkpoint::parse(&format!("a\n0\n{root}\n")).is_ok());
    assert_eq!(Checkpoint::parse(&format!("a\n7\n{root}\nmore\n")).unwrap().to_string(), format!("a\n7\n{root}\nmore\n"));
    for size in ["00", "07", "-1", "+1", "1 ", "", "18446744073709551616"] {
        assert!(Checkpoint::parse(&format!("a\n{size}\n{root}\n")).is_err(), "{size}");
    }
    for text in
        [format!("a\n7\n{root}"), format!("\n7\n{root}\n"), "a\n7\nAAAA\n".to_owned(), format!("a\n7\n{root}\n\n"), "a\n7\n".to_owned()]
    {
        assert!(Checkpoint::parse(&text).is_err(), "{text:?}");
    }
}

#[test]
fn only_the_logs_own_key_under_its_own_name_signs_its_checkpoints() {
    let plain = Checkpoint::new(ORIGIN, 0, crate::tree::empty());
    let good = plain.signed(&log_key()).to_string();
    assert!(Checkpoint::open(&good, &log_key().verifier()).is_ok());
    let other_key = Signer::new(ORIGIN, Kind::Log, &[2; 32]).unwrap();
    let other_name = Signer::new("hub.example/audit", Kind::Log, &[1; 32]).unwrap();
    for signer in [other_key, other_name] {
        assert!(Checkpoint::open(&plain.signed(&signer).to_string(), &log_key().verifier()).is_err());
    }
    let elsewhere = Checkpoint::new("hub.example/audit", 0, crate::tree::empty());
    assert!(Checkpoint::open(&elsewhere.signed(&log_key()).to_string(), &log_key().verifier()).is_err());
    assert!(Checkpoint::open(&good.replace("\n0\n", "\n1\n"), &log_key().verifier()).is_err());
}

#[test]
fn witnesses_count_once_each_and_strangers_never() {
    let plain = Checkpoint::new(ORIGIN, 0, crate::tree::empty());
    let enough = |note: &Note| policy().is_enough(policy().cosigned(note).keys().map(String::as_str));
    assert!(!enough(&cosigned(&plain, 0)) && !enough(&cosigned(&plain, 1)) && enough(&cosigned(&plain, 2)) && enough(&cosigned(&plain, 3)));
    let mut twice = cosigned(&plain, 1);
    twice.signatures.push(witness_key(0).cosign(&twice.text, 7));
    twice.signatures.push(witness_key(9).cosign(&twice.text, 7));
    assert!(!enough(&twice));
    let mut moved = cosigned(&plain, 2);
    let last = moved.signatures.last_mut().unwrap();
    last.bytes[7] ^= 1;
    assert!(!enough(&moved), "a cosignature with another time is none");
}

#[test]
fn a_policy_of_two_levels_asks_for_both() {
    let witness = |number: u8| format!("witness w{number} {}\n", witness_key(number).verifier());
    let text: String = (0..9).map(witness).collect::<String>()
        + "# two boroughs and the outsider\n  group boroughs\t2 w0 w1 w2 w3 w4 w5 w6 w7\ngroup all-of-it all boroughs w8\n\nquorum all-of-it\n";
    let policy = Policy::parse(&text).unwrap();
    for (there, enough) in [("w0 w1 w8", true), ("w0 w8", false), ("w0 w1 w2 w3 w4 w5 w6 w7", false), ("w8", false), ("w6 w7 w8", true)] {
        assert_eq!(policy.is_enough(there.split(' ')), enough, "{there}");
    }
    assert!(Policy::parse("quorum none\n").unwrap().is_enough([]));
}

#[test]
fn a_policy_file_that_could_be_misread_is_refused_by_its_line() {
    let (log, a, b) = (log_key().verifier(), witness_key(0).verifier(), witness_key(1).verifier());
    let cases = [
        (format!("log {log}\n"), 0),
        ("quorum none\nquorum none\n".to_owned(), 2),
        (format!("log {log}\nlog {log}\nquorum none\n"), 2),
        (format!("log {a}\nquorum none\n"), 1),
        (format!("witness a {log}\nquorum a\n"), 1),
        (format!("witness a {a}\nwitness a {b}\nquorum a\n"), 2),
        (format!("witness a {a}\nwitness b {a}\nquorum a\n"), 2),
        (format!("witness none {a}\nquorum none\n"), 1),
        (format!("witness a {a}\nquorum b\n"), 2),
        (format!("witness a {a}\ngroup g 2 a\nquorum g\n"), 2),
        (format!("witness a {a}\ngroup g 0 a\nquorum g\n"), 2),
        (format!("witness a {a}\ngroup g 01 a\nquorum g\n"), 2),
        (format!("witness a {a}\ngroup g any\nquorum g\n"), 2),
        (format!("witness a {a}\ngroup g any a a\nquorum g\n"), 2),
        (format!("witness a {a}\ngroup g any a h\ngroup h any a\nquorum g\n"), 2),
        (format!("witness a {a}\r\nquorum a\n"), 1),
        ("sometimes a\nquorum none\n".to_owned(), 1),
    ];
    for (text, line) in cases {
        assert_eq!(Policy::parse(&text).map_err(|bad| bad.line), Err(line), "{text}");
    }
}
