//! What an auditor is given, and finds, with a program that has no network.

use hub::export;
use testkit::{Scratch, TestHub};
use transparency::{
    Checkpoint, Frontier, Policy, Signer,
    entry::LABEL,
    export::{Frame, Part, Writer},
    key::Kind,
    tree::leaf,
};

use super::{ask, cosigned, place_of, policy, policy_of, verdict};

#[tokio::test]
async fn an_auditor_finds_a_whole_log_whole_and_each_of_many_doctored_exports_wrong() {
    let hub = TestHub::start("proofs-auditor").await.with_desks().await;
    cosigned(&hub, "transfers").await;
    let dir = place_of(&hub);
    let (file, held, doctored) = (dir.join("transfers.export"), dir.join("held"), dir.join("doctored"));
    std::fs::write(&held, ask(&hub, "/api/transfers/checkpoint").await.1).unwrap();
    let policy = policy(&hub);
    let events = export::whole(&hub.stand.ground.owner, ("transfers", Some(&policy)), &file, |_, _| ()).await.unwrap();
    let (code, said) = verdict(&file, &policy_of(&hub), &[&held]);
    assert_eq!(code, 0, "{said}");
    assert!(said.starts_with(&format!("WHOLE AND UNALTERED: all {events} events")), "{said}");
    assert!(said.contains("of 3 witnesses outside the hub vouch"), "{said}");
    let good = std::fs::read(&file).unwrap();
    for number in 0..25 {
        let mut bad = good.clone();
        let at = good.len() * (number + 1) / 27;
        match number % 3 {
            0 => bad[at] ^= 1,
            1 => bad.truncate(at),
            _ => drop(bad.drain(at..at + 40)),
        }
        std::fs::write(&doctored, &bad).unwrap();
        let (code, said) = verdict(&doctored, &policy_of(&hub), &[&held]);
        // A flipped bit in a cosignature that an earlier checkpoint does not need is no alteration of the record.
        assert!(code == 1 && said.starts_with("NOT WHOLE") || number % 3 == 0 && code == 0, "{number}: {code} {said}");
    }
    let stranger = dir.join("stranger");
    std::fs::write(&stranger, "quorum none\n").unwrap();
    let (code, said) = verdict(&file, &stranger, &[]);
    assert!(code == 2 && said.contains("does not know"), "{said}");
    hub.finish().await;
}

#[tokio::test]
async fn a_childs_part_is_proved_against_the_checkpoint_that_the_auditor_holds() {
    let hub = TestHub::start("proofs-child").await.with_desks().await;
    cosigned(&hub, "transfers").await;
    let dir = place_of(&hub);
    let (file, held) = (dir.join("child.export"), dir.join("held"));
    let note = ask(&hub, "/api/transfers/checkpoint").await.1;
    std::fs::write(&held, &note).unwrap();
    let size: u64 = note.lines().nth(1).unwrap().parse().unwrap();
    let child = hub::night::play(&hub.stand.url(), &hub.stand.ground.signer, hub.clock.now(), |_| ()).await.unwrap();
    hub.settled().await;
    cosigned(&hub, "transfers").await;
    let policy: Policy = policy(&hub);
    let owner = &hub.stand.ground.owner;
    let events = export::child(owner, ("transfers", Some(&policy)), (&child.to_string(), &[size]), &file).await.unwrap();
    assert!(events > 3, "{events} events about the child");
    let (code, said) = verdict(&file, &policy_of(&hub), &[&held]);
    assert_eq!(code, 0, "{said}");
    assert!(said.starts_with(&format!("UNALTERED: the {events} events given about child {child}")), "{said}");

    // The export was a look at the child, and stands on the record of looks, which is signed and exported like every log.
    let signed = cosigned(&hub, "looks").await["cosigned"].as_i64().unwrap();
    let looks = dir.join("looks.export");
    let found = export::child(owner, ("looks", Some(&policy)), (&child.to_string(), &[]), &looks).await.unwrap();
    let (code, said) = verdict(&looks, &policy_of(&hub), &[]);
    assert_eq!(code, 0, "{said}");
    let exported = "select count(*) from log.event where convert_from(data, 'utf8') like '%\"how\":\"exported\"%' and position <= $1";
    let pool = hub.owner("looks").await;
    let exports: i64 = sqlx::query_scalar(exported).bind(signed).fetch_one(&pool).await.unwrap();
    assert!(exports == 1 && found > exports, "{exports} exports among {found} looks");

    let mut bad = std::fs::read(&file).unwrap();
    let at = bad.len() * 3 / 4;
    bad[at] ^= 4;
    std::fs::write(&file, bad).unwrap();
    let (code, said) = verdict(&file, &policy_of(&hub), &[&held]);
    assert_eq!(code, 1, "{said}");
    hub.finish().await;
}

/// An entry of a log as it is hashed, of some 600 bytes.
fn entry(position: u64) -> Vec<u8> {
    let (place, data) = (position.to_be_bytes(), [7; 520]);
    let fields: [&[u8]; 14] = [LABEL, b"sample", &place, b"stream", &place, b"", b"", b"", b"", b"", b"", b"", b"", &data];
    fields.into_iter().flat_map(|field| [&u32::try_from(field.len()).unwrap().to_be_bytes(), field].concat()).collect()
}

/// T28. `HUB_STORM=full`: a million events.
#[test]
fn a_hundred_thousand_events_are_verified_in_64_mib_of_memory_and_one_flipped_bit_in_them_is_named() {
    let events: u64 = if std::env::var_os("HUB_STORM").is_some_and(|storm| storm == "full") { 1_000_000 } else { 100_000 };
    let scratch = Scratch::new("proofs-large");
    let (file, policy) = (scratch.path().join("export"), scratch.path().join("policy"));
    let log = Signer::new("sample.invalid/sample", Kind::Log, &[9; 32]).unwrap();
    std::fs::write(&policy, format!("log {}\nquorum none\n", log.verifier())).unwrap();
    let write = |spoilt: Option<u64>| {
        let mut writer = Writer::new(std::io::BufWriter::new(std::fs::File::create(&file).unwrap())).unwrap();
        let mut tree = Frontier::new();
        writer.add(&Frame::Head { origin: log.verifier().name().to_owned(), service: "sample".to_owned(), part: Part::Whole }).unwrap();
        for index in 0..events {
            let mut entry = entry(index + 1);
            let kept = leaf(&entry);
            tree.push(kept);
            if spoilt == Some(index + 1) {
                *entry.last_mut().unwrap() ^= 1;
            }
            writer.add(&Frame::Leaf { index, kept, entry }).unwrap();
        }
        let checkpoint = Checkpoint::new(log.verifier().name(), events, tree.root()).signed(&log);
        writer.add(&Frame::Checkpoint(checkpoint.to_string())).unwrap();
        writer.add(&Frame::End(events)).unwrap();
        std::io::Write::flush(&mut writer.into_inner()).unwrap();
    };
    let look = || {
        let program = super::process::program().with_file_name("hub-verify");
        let line = format!("ulimit -v 65536; exec {} export {} --policy {}", program.display(), file.display(), policy.display());
        let began = tokio::time::Instant::now();
        let output = std::process::Command::new("sh").args(["-c", &line]).output().unwrap();
        println!("{events} events verified in {:.2} s and 64 MiB of address space", began.elapsed().as_secs_f64());
        (output.status.code(), String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr))
    };
    write(None);
    let (code, said) = look();
    assert!(code == Some(0) && said.starts_with("WHOLE AND UNALTERED"), "{said}");
    write(Some(events * 3 / 4));
    let (code, said) = look();
    assert!(code == Some(1) && said.contains(&format!("at position {} was ALTERED", events * 3 / 4)), "{said}");
}
