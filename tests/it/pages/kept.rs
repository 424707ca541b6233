//! Nothing that was typed is lost: not to a browser that dies, a session that ends, or a form that is half written.

use hub::stand::StandOptions;
use reqwest::StatusCode;
use service_kit::Clock;
use testkit::TestHub;

use super::{Browser, hub, in_a_browser, leads_to, written};

#[tokio::test]
async fn who_kills_the_browser_while_typing_loses_at_most_five_seconds() {
    let hub = hub("pages-killed").await;
    in_a_browser("killed.mjs", &hub.stand.url(), &[]).await;
    hub.finish().await;
}

/// The value of a hidden field.
fn hidden<'a>(page: &'a str, name: &str) -> &'a str {
    let (_, rest) = page.split_once(&format!("name=\"{name}\" value=\"")).unwrap();
    rest.split('"').next().unwrap()
}

#[tokio::test]
async fn what_was_sent_after_the_session_ended_stands_there_after_signing_in_again() {
    let clock = Clock::manual("2026-11-23T02:00:00Z".parse().unwrap());
    let options = StandOptions { pages: true, clock, ..StandOptions::default() };
    let hub = TestHub::with("pages-late", options).await.unwrap().with_desks().await;
    let base = hub.stand.url();
    let nurse = Browser::signed_in(&base, "north-manchester-nurse").await;
    let draft = written(&nurse, "Bruises on both arms").await;
    hub.advance("2026-11-23T02:29:00Z").await;
    let there = nurse.post(&format!("/keep{draft}/worries"), &[("concern", "Bruises on both")]).await;
    assert_eq!((there.status(), there.text().await.unwrap().as_str()), (StatusCode::OK, "1800"), "who types is there");
    hub.advance("2026-11-23T02:59:01Z").await;
    let late = nurse.post(&format!("{draft}/worries"), &[("concern", "Bruises on both arms and a burn")]).await;
    assert_eq!(leads_to(&late), format!("/sign-in?next={}%2Fworries", draft.replace('/', "%2F")));
    let other = Browser::signed_in(&base, "royal-bolton-nurse").await;
    assert_eq!(other.get(&format!("{draft}/worries")).await.status(), StatusCode::NOT_FOUND, "nobody else finds it");
    let nurse = Browser::signed_in(&base, "north-manchester-nurse").await;
    let shown = nurse.get(&format!("{draft}/worries")).await.text().await.unwrap();
    assert!(shown.contains("Bruises on both arms and a burn"), "{shown}");
    let stranger = Browser::new(&base).post(&format!("{draft}/worries"), &[("concern", "Not theirs")]).await;
    assert_eq!(stranger.status(), StatusCode::SEE_OTHER);
    assert!(!nurse.get(&format!("{draft}/worries")).await.text().await.unwrap().contains("Not theirs"));

    let referral = leads_to(&nurse.post(&format!("{draft}/check"), &[]).await).trim_end_matches("/sent").to_owned();
    what_is_added_twice_stands_once(&nurse, &referral).await;
    half_a_decision_is_its_writers_alone_until_it_is_recorded(&hub, &base, &format!("{referral}/decide")).await;
    what_is_typed_about_the_procedures_is_kept(&base).await;
    a_colleague_who_sets_the_desk_meanwhile_is_not_overwritten_unread(&base).await;
    hub.finish().await;
}

/// Pressed twice, sent again after a lost answer, and sent again with other words.
async fn what_is_added_twice_stands_once(nurse: &Browser, referral: &str) {
    let page = async || nurse.get(referral).await.text().await.unwrap();
    let (add, shown) = (format!("{referral}/add"), page().await);
    let (key, version) = (hidden(&shown, "key"), hidden(&shown, "version"));
    let form = [("key", key), ("version", version), ("text", "The father rang.")];
    for _ in 0..2 {
        assert_eq!(leads_to(&nurse.post(&add, &form).await), format!("{referral}?done=added"));
    }
    assert_eq!(page().await.matches("The father rang.").count(), 1);
    // The answer was lost: the form is kept with its key, as the pages do then, and stands there for the same command.
    nurse.post(&format!("/keep{referral}"), &[("key", key), ("text", "The father rang.")]).await;
    let again = page().await;
    assert_eq!((hidden(&again, "key"), again.matches("The father rang.").count()), (key, 2), "in the record and in the form");
    let form = [("key", key), ("version", hidden(&again, "version")), ("text", "The father rang.")];
    assert_eq!(leads_to(&nurse.post(&add, &form).await), format!("{referral}?done=added"));
    assert_eq!(page().await.matches("The father rang.").count(), 1);
    let other = nurse.post(&add, &[("key", key), ("version", version), ("text", "The aunt rang.")]).await;
    assert_eq!(other.status(), StatusCode::UNPROCESSABLE_ENTITY);
    let other = other.text().await.unwrap();
    assert!(
        other.contains("What you sent first was recorded") && other.contains("The aunt rang.") && hidden(&other, "key") != key,
        "{other}"
    );
    let form = [("key", hidden(&other, "key")), ("version", hidden(&other, "version")), ("text", "The aunt rang.")];
    assert_eq!(leads_to(&nurse.post(&add, &form).await), format!("{referral}?done=added"));
}

async fn what_is_typed_about_the_procedures_is_kept(base: &str) {
    let (author, head) = (Browser::signed_in(base, "salford-author").await, Browser::signed_in(base, "salford-head").await);
    for (browser, page, field) in [
        (&author, "/learning", "what"),
        (&author, "/procedures/drafts", "title"),
        (&author, "/procedures/fields/done_already", "reason"),
        (&author, "/procedures/unborn-child", "question"),
        (&head, "/procedures/variations", "otherwise"),
    ] {
        assert_eq!(browser.post(&format!("/keep{page}"), &[(field, "Half a word")]).await.status(), StatusCode::OK, "{page}");
        assert!(browser.get(page).await.text().await.unwrap().contains("Half a word"), "{page}");
    }
    let begun = author.post("/procedures/drafts", &[("key", "draft"), ("title", "Kept")]).await;
    assert!(!author.get("/procedures/drafts").await.text().await.unwrap().contains("Half a word"), "what was recorded is not kept");
    let edit = format!("{}/texts/unborn-child/edit", leads_to(&begun).split('?').next().unwrap());
    let saw = hidden(&author.get(&edit).await.text().await.unwrap(), "saw").to_owned();
    author.post(&format!("/keep{edit}"), &[("summary", "Half a summary"), ("saw", &saw)]).await;
    let shown = author.get(&edit).await.text().await.unwrap();
    assert!(shown.contains("Half a summary") && hidden(&shown, "saw") == saw, "{shown}");
}

async fn a_colleague_who_sets_the_desk_meanwhile_is_not_overwritten_unread(base: &str) {
    let desk = "/desk/settings";
    let (manager, head) = (Browser::signed_in(base, "salford-manager").await, Browser::signed_in(base, "salford-head").await);
    let shown = manager.get(desk).await.text().await.unwrap();
    let saw = hidden(&shown, "saw").to_owned();
    let set = async |who: &Browser, key: &str, saw: &str, night: &str| {
        // A crowded machine may say that it cannot now; under its key the form counts once, however often it is sent.
        for _ in 0..5 {
            let answer = who.post(desk, &[("key", key), ("saw", saw), ("turns", "1"), ("day", "0161 496 0001"), ("night", night)]).await;
            if answer.status() != StatusCode::SERVICE_UNAVAILABLE {
                return answer;
            }
        }
        panic!("{key} is not taken at all");
    };
    manager.post(&format!("/keep{desk}"), &[("night", "0161 496 0111"), ("saw", &saw)]).await;
    assert_eq!(leads_to(&set(&head, "head", &saw, "0161 496 0222").await), "/desk/settings?done=set");
    let kept = manager.get(desk).await.text().await.unwrap();
    assert!(kept.contains("0161 496 0111") && hidden(&kept, "saw") == saw, "it was typed over the version that was seen");
    let refused = set(&manager, "manager", &saw, "0161 496 0111").await;
    assert_eq!(refused.status(), StatusCode::UNPROCESSABLE_ENTITY);
    let refused = refused.text().await.unwrap();
    assert!(refused.contains("A colleague has set this desk") && refused.contains("0161 496 0222") && refused.contains("0161 496 0111"));
    let now = hidden(&refused, "saw");
    assert_ne!(now, saw);
    let read = set(&manager, "manager-2", now, "0161 496 0111").await;
    let to = leads_to(&read).to_owned();
    assert_eq!(to, "/desk/settings?done=set", "whoever has read it may: {} {}", read.status(), read.text().await.unwrap());
}

async fn half_a_decision_is_its_writers_alone_until_it_is_recorded(hub: &TestHub, base: &str, decide: &str) {
    let desk = Browser::signed_in(base, "manchester-night").await;
    let kept = desk.post(&format!("/keep{decide}"), &[("reason", "Half a rea"), ("outcome", ""), ("key", "k"), ("version", "7")]).await;
    assert_eq!(kept.status(), StatusCode::OK);
    let page = desk.get(decide).await.text().await.unwrap();
    assert!(page.contains("Half a rea") && page.contains("What you typed here on 23 November 2026 at 2:59am"), "{page}");
    assert_ne!(hidden(&page, "version"), "7", "what the form says of the page is of now");
    assert_eq!(hidden(&page, "key"), "k", "sent again it is the same form");
    let other = Browser::signed_in(base, "manchester-duty").await;
    assert!(!other.get(decide).await.text().await.unwrap().contains("Half a rea"));
    let sealed: Vec<u8> = sqlx::query_scalar("select content from web.kept").fetch_one(&hub.owner("web").await).await.unwrap();
    assert!(!sealed.windows(4).any(|part| part == b"Half"));

    let form = [("key", hidden(&page, "key")), ("version", hidden(&page, "version")), ("outcome", "early_help"), ("reason", "A whole one")];
    let done = desk.post(decide, &form).await;
    assert!(leads_to(&done).ends_with("?done=decided"), "{}", done.text().await.unwrap());
    assert!(!desk.get(decide).await.text().await.unwrap().contains("Half a rea"), "what was recorded is not kept");
    desk.post(&format!("/keep{decide}"), &[("reason", "Second thoughts")]).await;
    assert!(desk.get(decide).await.text().await.unwrap().contains("Second thoughts"));
    assert_eq!(leads_to(&desk.post(&format!("/throw-away{decide}"), &[]).await), decide);
    assert!(!desk.get(decide).await.text().await.unwrap().contains("Second thoughts"));
    assert_eq!(desk.post("/keep/sign-in", &[("reason", "x")]).await.status(), StatusCode::NOT_FOUND, "only pages with forms of work");
    let elsewhere = desk.post_from(&format!("/keep{decide}"), &[("reason", "Planted")], "https://evil.example").await;
    assert_eq!(elsewhere.status(), StatusCode::FORBIDDEN);
}
