//! The services die while a page is sent. The page says what became of the answers, and sent again they are one referral.

use std::collections::BTreeSet;

use hub::stand::StandOptions;
use hub_tests::storm::{
    chance::{self, Chance},
    process::{Service, port},
    town::Town,
};
use reqwest::StatusCode;
use testkit::{Scratch, until};

use super::{Browser, leads_to, written};

/// The pages, as a process of their own beside the services.
async fn pages(town: &Town, chance: &mut Chance) -> Service {
    let mut settings = town.ground.settings.clone();
    let peers = town.addresses().iter().map(|(name, url)| format!("{name}={url}")).collect::<Vec<_>>().join(",");
    let port = port(chance);
    let url = format!("http://127.0.0.1:{port}");
    for (name, value) in [("HUB_LISTEN", format!("127.0.0.1:{port}")), ("HUB_PEERS", peers), ("HUB_PUBLIC_URL", url.clone())] {
        settings.insert(name.to_owned(), value);
    }
    let mut web = Service::new("web", url, settings, &town.directory);
    web.start().await;
    web
}

/// When the service dies: before the referral reaches it, or as soon as it is in the record and the answer may be on its way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Dies {
    Before,
    Recorded,
}

#[tokio::test(flavor = "multi_thread")]
async fn services_that_die_while_a_referral_is_sent_leave_its_answers_and_make_one_referral_of_it() {
    let scratch = Scratch::new("pages-away");
    let mut chance = chance::Chance::new(chance::seed());
    let mut town = Town::with(scratch.path(), &mut chance, &StandOptions { pages: true, ..StandOptions::default() }).await;
    let web = pages(&town, &mut chance).await;
    let nurse = Browser::signed_in(&web.url, "north-manchester-nurse").await;
    let owner = hub::setup::owner_pool(&town.ground.owner, "intake").await.unwrap();
    let position = async || sqlx::query_scalar::<_, i64>("select position from log.head").fetch_one(&owner).await.unwrap_or_default();
    let mut referrals = BTreeSet::new();
    for (round, dies) in [Dies::Before, Dies::Recorded, Dies::Recorded, Dies::Before].into_iter().enumerate() {
        let concern = format!("Bruises of round {round}");
        let check = format!("{}/check", written(&nurse, &concern).await);
        let intake = town.services.iter_mut().find(|service| service.name == "intake").unwrap();
        let answer = if dies == Dies::Before {
            intake.kill().await;
            nurse.post(&check, &[]).await
        } else {
            let before = position().await;
            let recorded = async {
                until("the referral is in the record", async || position().await > before).await;
                intake.kill().await
            };
            tokio::join!(nurse.post(&check, &[]), recorded).0
        };
        let answered = answer.status() == StatusCode::SEE_OTHER;
        assert!(dies == Dies::Recorded || !answered);
        if !answered {
            let page = answer.text().await.unwrap().replace("&#x2f;", "/");
            assert!(page.contains("What you typed is kept") && page.contains("ring the duty desk"), "{page}");
            assert!(page.contains(&format!("href=\"{check}\"")), "it leads back: {page}");
        }
        intake.start().await;
        if !answered {
            let shown = nurse.get(&check).await.text().await.unwrap();
            assert!(shown.contains(&concern), "the answers are there: {shown}");
        }
        let again = nurse.post(&check, &[]).await;
        assert!(leads_to(&again).starts_with("/referrals/ref_"), "{}", again.text().await.unwrap());
        assert!(referrals.insert(leads_to(&again).to_owned()), "each round is a referral of its own");
        assert_eq!(leads_to(&nurse.post(&check, &[]).await), leads_to(&again), "and sent again it is that one");
        let list = nurse.get("/referrals").await.text().await.unwrap();
        assert_eq!(list.matches("href=\"/referrals/ref_").count(), round + 1, "{list}");
    }
    half_an_offer_survives(&mut town, &web.url, referrals.first().unwrap().trim_end_matches("/sent")).await;
    owner.close().await;
    drop(web);
    town.stop().await;
}

/// A long form of the desk is kept as well, with its key: sent again it is one offer.
async fn half_an_offer_survives(town: &mut Town, base: &str, referral: &str) {
    let desk = Browser::signed_in(base, "manchester-night").await;
    let page = format!("{referral}/offer");
    let shown = async || desk.get(&page).await.text().await.unwrap();
    until("Manchester holds the duty", async || shown().await.contains("Offer the transfer")).await;
    let form = shown().await;
    let value = |name: &str| form.split_once(&format!("name=\"{name}\"")).unwrap().1.split_once("value=\"").unwrap().1;
    let of = |name: &str| value(name).split('"').next().unwrap().to_owned();
    let (key, items) = (of("key"), of("items"));
    let fields = [("key", key.as_str()), ("items", &items), ("to", "E08000006"), ("priority", "P2"), ("situation", "On ward 3 tonight")];
    let transfers = town.services.iter_mut().find(|service| service.name == "transfers").unwrap();
    transfers.kill().await;
    let away = desk.post(&page, &fields).await;
    assert_eq!(away.status(), StatusCode::SERVICE_UNAVAILABLE);
    assert!(away.text().await.unwrap().contains("What you typed is kept"));
    transfers.start().await;
    let again = desk.get(&page).await.text().await.unwrap();
    assert!(again.contains("On ward 3 tonight") && again.contains(&format!("value=\"{key}\"")), "{again}");
    let (one, other) = (desk.post(&page, &fields).await, desk.post(&page, &fields).await);
    assert!(leads_to(&one).starts_with("/transfers/trf_"), "{}", one.text().await.unwrap());
    assert_eq!(leads_to(&one), leads_to(&other), "one offer");
    assert!(!desk.get(&page).await.text().await.unwrap().contains("On ward 3 tonight"), "what was sent is not kept");
}
