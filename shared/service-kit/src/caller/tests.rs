use std::sync::Arc;

use axum::{Router, body::Body, http::Request, response::Response, routing::get};
use kernel::Timestamp;
use serde_json::{Value, json};
use tower::ServiceExt as _;

use super::*;
use crate::{
    clock::Clock,
    issuer::{Issuer, OTHER, access, claims, claims_with, night},
    limit::{Allowance, Limits},
};

async fn kit() -> Kit {
    Kit::new(Clock::manual(night()), Issuer::shared().keys().await, access())
}

fn app(kit: Kit) -> Router {
    Router::new()
        .route("/caller", get(async |caller: Caller| caller.id))
        .route("/desk", get(async |by: As<DutyDesk>| format!("{:?}", by.person())))
        .route("/system", get(async |by: As<DeskOrSystem>| format!("{:?}", by.who)))
        .route("/audit", get(async |by: As<Auditors>| format!("{:?}", by.person())))
        .route("/forgotten", get(async |caller: Caller| caller.id))
        .route("/unheard-of", get(async |caller: Caller| caller.id))
        .with_state(kit)
}

async fn with_headers(path: &str, headers: &[&str]) -> Response {
    let mut request = Request::get(path);
    for value in headers {
        request = request.header("authorization", *value);
    }
    app(kit().await).oneshot(request.body(Body::empty()).unwrap()).await.unwrap()
}

async fn as_(path: &str, changes: &Value) -> (u16, String) {
    let token = format!("Bearer {}", Issuer::shared().token(&claims_with(changes)));
    let response = with_headers(path, &[&token]).await;
    let status = response.status().as_u16();
    let bytes = axum::body::to_bytes(response.into_body(), usize::MAX).await.unwrap();
    (status, String::from_utf8(bytes.to_vec()).unwrap())
}

#[tokio::test]
async fn a_request_carries_exactly_one_bearer_token() {
    let token = Issuer::shared().token(&claims());
    let (good, lower) = (format!("Bearer {token}"), format!("bearer {token}"));
    let bad = [
        vec![],
        vec![good.as_str(), good.as_str()],
        vec!["Bearer"],
        vec!["Bearer "],
        vec!["Basic YTpi"],
        vec![token.as_str()],
        vec!["Bearer x.y.z"],
    ];
    for headers in &bad {
        let response = with_headers("/caller", headers).await;
        assert_eq!(response.status().as_u16(), 401, "{headers:?}");
        assert!(response.headers()["www-authenticate"].to_str().unwrap().starts_with("Bearer realm="));
        assert_eq!(response.headers()["content-type"], "application/problem+json");
    }
    for header in [good, lower] {
        assert_eq!(with_headers("/caller", &[&header]).await.status().as_u16(), 200);
    }
}

#[tokio::test]
async fn only_an_expired_token_is_told_what_is_wrong_with_it() {
    let told = async |claims: &Value| {
        let token = format!("Bearer {}", Issuer::shared().token(claims));
        with_headers("/caller", &[&token]).await.headers()["www-authenticate"].to_str().unwrap().to_owned()
    };
    assert!(told(&claims_with(&json!({"exp": night().as_second() - 60}))).await.contains("expired"));
    let wrong_audience = told(&claims_with(&json!({"aud": "other"}))).await;
    assert_eq!(wrong_audience, told(&claims_with(&json!({"iss": "https://attacker.test"}))).await);
}

#[tokio::test]
async fn a_handler_gets_the_person_in_the_first_role_that_allows_it() {
    let roles = json!({"roles": ["director", "duty_manager", "referrer"]});
    assert_eq!(as_("/desk", &roles).await, (200, "Person(p-117 (DutyManager of E08000003))".to_owned()));
}

#[tokio::test]
async fn who_lacks_the_role_is_told_which_ones_have_it() {
    let (status, body) = as_("/desk", &json!({"roles": ["referrer"]})).await;
    assert_eq!(status, 403);
    assert!(body.contains("duty_worker, duty_manager, head_of_service, director"), "{body}");
    assert_eq!(as_("/desk", &json!({"roles": []})).await.0, 403);
    assert_eq!(as_("/audit", &json!({})).await.0, 403);
}

#[tokio::test]
async fn a_handler_that_forgets_to_ask_is_shut_by_the_policy_alone() {
    assert_eq!(as_("/forgotten", &json!({"roles": ["duty_worker"]})).await.0, 200);
    assert_eq!(as_("/forgotten", &json!({"roles": ["referrer"]})).await.0, 403);
    assert_eq!(as_("/unheard-of", &json!({"roles": ["duty_worker", "director"]})).await.0, 403, "no policy knows it");
}

#[tokio::test]
async fn a_machine_may_confirm_and_may_not_do_what_a_person_does() {
    let machine = json!({"roles": ["borough_system"]});
    assert_eq!(as_("/desk", &machine).await.0, 403);
    assert_eq!(as_("/system", &machine).await, (200, "p-117 (BoroughSystem of E08000003)".to_owned()));
}

#[tokio::test]
async fn a_role_that_an_organisation_of_this_kind_does_not_have_gives_nothing() {
    assert_eq!(as_("/desk", &json!({"org": "RM301"})).await.0, 403);
    assert_eq!(as_("/audit", &json!({"roles": ["board_auditor"]})).await.0, 403);
    assert_eq!(as_("/audit", &json!({"roles": ["board_auditor"], "org": "board"})).await.0, 200);
}

#[tokio::test]
async fn the_same_subject_at_two_issuers_is_two_people() {
    assert_eq!(as_("/caller", &json!({})).await.1, "p-117");
    assert_eq!(as_("/caller", &json!({"iss": OTHER})).await.1, format!("{OTHER} p-117"));
}

#[tokio::test]
async fn a_caller_who_asks_too_fast_is_told_how_long_to_wait_and_nobody_else_is() {
    let one = Allowance { burst: 1.0, per_second: 0.1 };
    let app = app(Kit { limits: Arc::new(Limits::new(one, one, one)), ..kit().await });
    let ask = async |sub: &str| {
        let token = Issuer::shared().token(&claims_with(&json!({"sub": sub})));
        let request = Request::get("/desk").header("authorization", format!("Bearer {token}")).body(Body::empty()).unwrap();
        app.clone().oneshot(request).await.unwrap()
    };
    assert_eq!(ask("p-1").await.status().as_u16(), 200);
    let limited = ask("p-1").await;
    assert_eq!((limited.status().as_u16(), &limited.headers()["retry-after"]), (429, &HeaderValue::from_static("10")));
    assert_eq!(ask("p-2").await.status().as_u16(), 200);
}

#[tokio::test]
async fn a_token_is_worth_nothing_after_its_time_by_the_clock_of_the_service() {
    let kit = kit().await;
    let (app, token) = (app(kit.clone()), Issuer::shared().token(&claims()));
    let ask = async |at: Timestamp| {
        kit.clock.set(at);
        let request = Request::get("/caller").header("authorization", format!("Bearer {token}")).body(Body::empty()).unwrap();
        app.clone().oneshot(request).await.unwrap().status().as_u16()
    };
    assert_eq!(ask(night()).await, 200);
    assert_eq!(ask("2026-11-23T02:25:00Z".parse().unwrap()).await, 401);
}

#[test]
fn a_caller_prints_without_name_and_telephone() {
    let caller = Caller {
        id: "p-117".to_owned(),
        name: "Ada Marigold".to_owned(),
        org: "E08000003".parse().unwrap(),
        roles: BTreeSet::from([Role::DutyWorker]),
        phone: Some(Private::new("0161 496 0117".to_owned())),
    };
    assert_eq!(format!("{caller:?}"), "p-117 ({DutyWorker} of E08000003)");
}
