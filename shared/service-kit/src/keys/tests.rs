use serde_json::{Value, json};

use super::*;
use crate::issuer::{File, HOME, Issuer};

fn set(ids: &[&str]) -> String {
    let key = Issuer::shared().jwks()["keys"][0].clone();
    let with = |id: &&str| {
        let mut key = key.clone();
        key["kid"] = json!(id);
        key
    };
    json!({ "keys": ids.iter().map(with).collect::<Vec<_>>() }).to_string()
}

async fn keys(file: &File) -> Keys {
    Keys::load(file.path(), vec![HOME.to_owned()]).await.unwrap()
}

async fn after(seconds: u64) {
    tokio::time::advance(Duration::from_secs(seconds)).await;
}

#[tokio::test(start_paused = true)]
async fn a_new_key_is_found_by_reading_the_file_again_but_not_more_than_once_in_thirty_seconds() {
    let file = File::new(&set(&["a"]));
    let keys = keys(&file).await;
    after(31).await;
    assert!(keys.find("b").await.is_none());
    file.write(&set(&["a", "b"]));
    for guess in 0..1_000 {
        assert!(keys.find(&guess.to_string()).await.is_none());
    }
    assert!(keys.find("b").await.is_none(), "a flood of unknown keys must not make the file be read");
    after(31).await;
    assert!(keys.find("b").await.is_some());
}

#[tokio::test(start_paused = true)]
async fn those_who_ask_for_the_same_new_key_at_once_all_get_it() {
    let file = File::new(&set(&["a"]));
    let keys = keys(&file).await;
    file.write(&set(&["a", "b"]));
    after(31).await;
    let found = futures_util::future::join_all((0..100).map(|_| keys.find("b"))).await;
    assert!(found.iter().all(Option::is_some));
}

#[tokio::test(start_paused = true)]
async fn a_file_that_cannot_be_used_leaves_the_keys_known_before_in_use() {
    let file = File::new(&set(&["a"]));
    let keys = keys(&file).await;
    let large = " ".repeat(64 * 1024) + &set(&["a"]);
    for broken in ["", "{}", "{\"keys\": []}", "[1]", &large] {
        file.write(broken);
        after(600).await;
        assert!(keys.find("b").await.is_none());
        assert!(keys.find("a").await.is_some(), "{broken:.20}");
    }
    file.write(&set(&["b"]));
    after(31).await;
    assert!(keys.find("b").await.is_some());
}

#[tokio::test(start_paused = true)]
async fn a_key_that_was_taken_out_is_not_believed_for_long() {
    let file = File::new(&set(&["a", "b"]));
    let keys = keys(&file).await;
    file.write(&set(&["b"]));
    assert!(keys.find("a").await.is_some());
    after(301).await;
    assert!(keys.find("a").await.is_none());
}

#[test]
fn a_key_that_could_weaken_the_others_refuses_the_whole_file() {
    let jwks = Issuer::shared().jwks();
    let with = |index: usize, changes: Value| {
        let mut jwks = jwks.clone();
        for (name, value) in changes.as_object().unwrap() {
            jwks["keys"][index][name] = value.clone();
        }
        jwks::parse(jwks.to_string().as_bytes())
    };
    assert_eq!(with(0, json!({})).unwrap().len(), 3);
    for (index, changes) in [
        (0, json!({"d": "c2VjcmV0"})),
        (0, json!({"kty": "oct", "alg": "HS256", "k": "c2VjcmV0"})),
        (0, json!({"alg": "HS256"})),
        (0, json!({"alg": "none"})),
        (0, json!({"alg": "RS256"})),
        (0, json!({"crv": "Ed448"})),
        (0, json!({"use": "enc"})),
        (0, json!({"kid": ""})),
        (0, json!({"kid": "ec"})),
        (0, json!({"x": "AAAA"})),
        (1, json!({"crv": "P-384"})),
        (1, json!({"y": null})),
        (2, json!({"n": "AQAB"})),
        (2, json!({"alg": "PS256"})),
        (2, json!({"alg": null})),
    ] {
        assert!(with(index, changes.clone()).is_err(), "{changes}");
    }
}

#[tokio::test]
async fn a_service_does_not_start_without_keys_or_issuers() {
    let file = File::new("{\"keys\": []}");
    assert!(matches!(Keys::load(file.path(), vec![HOME.to_owned()]).await, Err(BadKeys::Empty)));
    file.write(&set(&["a"]));
    for issuers in [vec![], vec![String::new()], vec!["a b".to_owned()]] {
        assert!(matches!(Keys::load(file.path(), issuers).await, Err(BadKeys::Issuers)));
    }
    assert!(matches!(Keys::load("/nowhere/at/all", vec![HOME.to_owned()]).await, Err(BadKeys::Unreadable(_))));
}
