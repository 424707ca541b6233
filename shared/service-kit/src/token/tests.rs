use serde_json::{Value, json};

use super::*;
use crate::issuer::{HOME, Issuer, OTHER, With, b64, claims, claims_with, hmac_token, night};

type Attack = (String, String);

const GOOD: &str = r#"{"alg":"EdDSA","kid":"ed","typ":"JWT"}"#;

async fn verified(token: &str) -> Result<Claims, Rejected> {
    verify(token, &Issuer::shared().keys().await, night()).await
}

#[tokio::test]
async fn a_sound_token_of_each_kind_is_believed() {
    let issuer = Issuer::shared();
    let payload = claims().to_string();
    for (with, header) in [
        (With::Ed, GOOD),
        (With::Ed, r#"{"kid":"ed","alg":"EdDSA"}"#),
        (With::Ed, r#"{"kid":"ed","alg":"EdDSA","typ":"at+jwt","x5t":"thumbprint"}"#),
        (With::Ed, r#"{"kid":"ed","alg":"EdDSA","typ":"application/at+jwt"}"#),
        (With::Ec, r#"{"alg":"ES256","kid":"ec","typ":"jwt"}"#),
        (With::Rsa, r#"{"alg":"RS256","kid":"rsa","typ":"JWT"}"#),
    ] {
        let claims = verified(&issuer.sign(with, header, &payload)).await.expect(header);
        assert_eq!((claims.sub.as_str(), claims.org.to_string().as_str()), ("p-117", "E08000003"));
    }
}

#[tokio::test]
async fn clocks_may_differ_by_thirty_seconds_and_unknown_claims_and_roles_may_stand_there() {
    let now = night().as_second();
    for changes in [
        json!({"exp": now - 29}),
        json!({"nbf": now + 30, "iat": now + 30}),
        json!({"aud": ["safeguarding-hub"]}),
        json!({"jti": "1", "scope": {"a": [1.5]}, "roles": ["duty_worker", "some_other_systems_role"]}),
        json!({"iss": OTHER}),
    ] {
        let token = Issuer::shared().token(&claims_with(&changes));
        assert!(verified(&token).await.is_ok(), "{changes}");
    }
}

#[tokio::test]
async fn no_attack_on_the_token_is_believed() {
    let keys = Issuer::shared().keys().await;
    let attacks = [shapes(), algorithms(), headers(), missing_and_null(), wrong_kinds(), wrong_values(), repeated(), signatures()].concat();
    assert!(attacks.len() >= 250, "{}", attacks.len());
    for (name, token) in &attacks {
        assert!(verify(token, &keys, night()).await.is_err(), "believed: {name}");
    }
}

fn attack(name: impl Into<String>, token: impl Into<String>) -> Attack {
    (name.into(), token.into())
}

fn with_header(header: &str) -> String {
    Issuer::shared().sign(With::Ed, header, &claims().to_string())
}

fn with_payload(payload: &str) -> String {
    Issuer::shared().sign(With::Ed, GOOD, payload)
}

fn shapes() -> Vec<Attack> {
    let good = Issuer::shared().token(&claims());
    let (message, signature) = good.rsplit_once('.').unwrap();
    let jwe = json!({"alg": "RSA-OAEP", "enc": "A256GCM", "kid": "rsa"}).to_string();
    let long = claims_with(&json!({"padding": "x".repeat(MOST_BYTES)}));
    vec![
        attack("empty", ""),
        attack("dots", ".."),
        attack("one part", "e30"),
        attack("two parts", message),
        attack("no signature", format!("{message}.")),
        attack("four parts", format!("{good}.{signature}")),
        attack("JWE", format!("{}.a2V5.aXY.Y2lwaGVy.dGFn", b64(&jwe))),
        attack("JWE header on three parts", format!("{}.{}.{signature}", b64(&jwe), b64(claims().to_string()))),
        attack("space in front", format!(" {good}")),
        attack("newline behind", format!("{good}\n")),
        attack("NUL behind", format!("{good}\0")),
        attack("padding", format!("{good}=")),
        attack("standard base64", good.replace(['-', '_'], "+")),
        attack("not ASCII", format!("é{good}")),
        attack("longer than 8 KiB", Issuer::shared().token(&long)),
        attack("1 MB of dots", ".".repeat(1_000_000)),
        attack("nested token as payload", with_payload(&good)),
        attack("payload is a list", with_payload("[]")),
        attack("payload is null", with_payload("null")),
        attack("payload is nothing", with_payload("")),
        attack("payload nested 3,000 deep", with_payload(&"[".repeat(3_000))),
        attack("two objects in the payload", with_payload(&format!("{0}{0}", claims()))),
    ]
}

fn algorithms() -> Vec<Attack> {
    let issuer = Issuer::shared();
    let payload = claims().to_string();
    let mut attacks = vec![
        attack(
            "HS256 with the Ed25519 public key",
            hmac_token(aws_lc_rs::signature::KeyPair::public_key(&issuer.ed).as_ref(), "ed", &payload),
        ),
        attack("HS256 with the EC point", hmac_token(aws_lc_rs::signature::KeyPair::public_key(&issuer.ec).as_ref(), "ec", &payload)),
        attack("HS256 with the RSA modulus", hmac_token(&issuer.modulus(), "rsa", &payload)),
        attack("HS256 with the text of the key file", hmac_token(issuer.jwks().to_string().as_bytes(), "rsa", &payload)),
        attack("HS256 with an empty secret", hmac_token(b"", "ed", &payload)),
        attack("PS256, truly signed", issuer.sign(With::RsaPss, r#"{"alg":"PS256","kid":"rsa"}"#, &payload)),
        attack("PSS said to be RS256", issuer.sign(With::RsaPss, r#"{"alg":"RS256","kid":"rsa"}"#, &payload)),
        attack("RS512, truly signed", issuer.sign(With::Rsa512, r#"{"alg":"RS512","kid":"rsa"}"#, &payload)),
        attack("EC key said to be RSA", issuer.sign(With::Ec, r#"{"alg":"ES256","kid":"rsa"}"#, &payload)),
        attack("RSA key under the id of the EC key", issuer.sign(With::Rsa, r#"{"alg":"RS256","kid":"ec"}"#, &payload)),
        attack("Ed key under the id of the RSA key", issuer.sign(With::Ed, r#"{"alg":"RS256","kid":"rsa"}"#, &payload)),
    ];
    for alg in ["none", "None", "NONE", "nOnE", "", "eddsa", "Ed25519", "ES256K", "ES384", "HS256", "RS256", "EdDSA ", "RSA-OAEP", "dir"] {
        let header = json!({"alg": alg, "kid": "ed"}).to_string();
        attacks.push(attack(format!("alg {alg:?}, signed"), with_header(&header)));
        attacks.push(attack(format!("alg {alg:?}, unsigned"), format!("{}.{}.", b64(&header), b64(&payload))));
    }
    for alg in [json!(null), json!(1), json!(["EdDSA"]), json!({"EdDSA": 1}), json!(true)] {
        attacks.push(attack(format!("alg {alg}"), with_header(&json!({"alg": alg, "kid": "ed"}).to_string())));
    }
    attacks
}

fn headers() -> Vec<Attack> {
    let own_key = json!({"kty": "OKP", "crv": "Ed25519", "x": b64([7; 32])});
    let mut attacks = Vec::new();
    for (name, value) in [
        ("jku", json!("https://attacker.test/jwks.json")),
        ("x5u", json!("https://attacker.test/cert.pem")),
        ("jwk", own_key),
        ("x5c", json!(["MIIB"])),
        ("crit", json!(["exp"])),
        ("crit", json!([])),
        ("b64", json!(false)),
        ("zip", json!("DEF")),
        ("enc", json!("A256GCM")),
        ("cty", json!("JWT")),
        ("typ", json!("JWE")),
        ("typ", json!("logout+jwt")),
        ("typ", json!("secevent+jwt")),
        ("typ", json!("")),
        ("typ", json!(null)),
        ("typ", json!(1)),
        ("x5t", json!(null)),
        ("kid", json!("")),
        ("kid", json!(null)),
        ("kid", json!(7)),
        ("kid", json!(["ed"])),
        ("kid", json!("ED")),
        ("kid", json!("../../../../dev/null")),
        ("kid", json!("ed' or '1'='1")),
        ("kid", json!("ed\0")),
        ("kid", json!("k".repeat(5_000))),
        ("kid", json!("k".repeat(1_000_000))),
        ("kid", json!("ec")),
    ] {
        let mut header = json!({"alg": "EdDSA", "kid": "ed"});
        header[name] = value.clone();
        attacks.push(attack(format!("{name}: {:.60}", value.to_string()), with_header(&header.to_string())));
    }
    for header in
        [r#"{"alg":"EdDSA"}"#, r#"{"kid":"ed"}"#, "{}", "[]", "null", "\"EdDSA\"", "", "{", "\u{feff}{\"alg\":\"EdDSA\",\"kid\":\"ed\"}"]
    {
        attacks.push(attack(format!("header {header:?}"), with_header(header)));
    }
    attacks.push(attack("header with bytes behind it", with_header(&format!("{GOOD}x"))));
    attacks
}

const NEEDED: [&str; 7] = ["iss", "aud", "exp", "sub", "name", "org", "roles"];

fn missing_and_null() -> Vec<Attack> {
    let without = |name: &str| {
        let mut claims = claims();
        claims.as_object_mut().unwrap().remove(name);
        attack(format!("without {name}"), Issuer::shared().token(&claims))
    };
    let null = |name: &&str| attack(format!("{name} is null"), Issuer::shared().token(&claims_with(&json!({ *name: null }))));
    let optional = ["nbf", "iat", "phone"];
    NEEDED.into_iter().map(without).chain(NEEDED.iter().chain(&optional).map(null)).collect()
}

/// Times are put into the text as they stand, since a JSON library would not write some of them.
fn wrong_kinds() -> Vec<Attack> {
    let soon = night().as_second() + 60;
    let times = [
        format!("\"{soon}\""),
        format!("{soon}.0"),
        format!("{soon}.5"),
        format!("[{soon}]"),
        format!("{{\"a\":{soon}}}"),
        "-1".to_owned(),
        "-0".to_owned(),
        "1e400".to_owned(),
        "-1e400".to_owned(),
        "1e10".to_owned(),
        "18446744073709551615".to_owned(),
        "18446744073709551616".to_owned(),
        "9223372036854775807".to_owned(),
        "true".to_owned(),
        "NaN".to_owned(),
        "Infinity".to_owned(),
        "\"\"".to_owned(),
    ];
    let mut attacks = Vec::new();
    for time in &times {
        for claim in ["exp", "nbf", "iat"] {
            // A start at 0 is a start long ago, however it is written; only its kind could be wrong.
            let mut payload = claims_with(&json!({"exp": soon}));
            payload.as_object_mut().unwrap().remove(claim);
            let text = format!("{{\"{claim}\":{time},{}", &payload.to_string()[1..]);
            attacks.push(attack(format!("{claim} = {time}"), with_payload(&text)));
        }
    }
    for claim in NEEDED.into_iter().chain(["phone"]) {
        for value in [json!(1), json!({"a": 1}), json!([[1]]), json!(true)] {
            attacks.push(attack(format!("{claim} = {value}"), Issuer::shared().token(&claims_with(&json!({ claim: value })))));
        }
    }
    attacks.retain(|(name, _)| name != "exp = 1");
    attacks
}

fn wrong_values() -> Vec<Attack> {
    let now = night().as_second();
    let cases: Vec<Value> = vec![
        json!({"aud": "safeguarding-hub-test"}),
        json!({"aud": "Safeguarding-Hub"}),
        json!({"aud": "case-management"}),
        json!({"aud": ""}),
        json!({"aud": []}),
        json!({"aud": ["case-management"]}),
        json!({"aud": ["safeguarding-hub", "case-management"]}),
        json!({"iss": "https://attacker.test"}),
        json!({"iss": format!("{HOME}/")}),
        json!({"iss": HOME.to_uppercase()}),
        json!({"iss": ""}),
        json!({"iss": [HOME]}),
        json!({"exp": now - 30}),
        json!({"exp": now - 31}),
        json!({"exp": 0}),
        json!({"exp": 1}),
        json!({"exp": now + LONGEST + 1}),
        json!({"nbf": now + 31}),
        json!({"iat": now + 31}),
        json!({"sub": ""}),
        json!({"sub": "p 117"}),
        json!({"sub": "p-117\u{0}"}),
        json!({"sub": "p".repeat(201)}),
        json!({"name": ""}),
        json!({"name": "Ada\nMarigold"}),
        json!({"phone": ""}),
        json!({"org": ""}),
        json!({"org": "E080000030"}),
        json!({"org": "Manchester"}),
        json!({"org": ["E08000003"]}),
        json!({"org": "e08000003"}),
        json!({"roles": "duty_worker"}),
        json!({"roles": ["hub"]}),
        json!({"roles": ["duty_worker", "hub"]}),
        json!({"roles": ["borough_system", "duty_manager"]}),
        json!({"roles": {"duty_worker": true}}),
    ];
    cases.iter().map(|changes| attack(changes.to_string(), Issuer::shared().token(&claims_with(changes)))).collect()
}

fn repeated() -> Vec<Attack> {
    let text = claims().to_string();
    let of = |member: &str| with_payload(&format!("{{{member},{}", &text[1..]));
    let mut attacks = vec![
        attack("alg twice", with_header(r#"{"alg":"none","alg":"EdDSA","kid":"ed"}"#)),
        attack("kid twice", with_header(r#"{"alg":"EdDSA","kid":"rsa","kid":"ed"}"#)),
    ];
    for member in [r#""exp":1"#, r#""sub":"p-1""#, r#""org":"E08000006""#, r#""roles":["director"]"#, r#""aud":"x""#, r#""iss":"x""#] {
        attacks.push(attack(format!("{member} beside the true one"), of(member)));
    }
    attacks
}

fn signatures() -> Vec<Attack> {
    let issuer = Issuer::shared();
    let good = issuer.token(&claims());
    let (message, signature) = good.rsplit_once('.').unwrap();
    let other = issuer.token(&claims_with(&json!({"roles": ["director"]})));
    let (other_message, _) = other.rsplit_once('.').unwrap();
    let raw = issuer.signature(With::Ed, message.as_bytes());
    let ec = |bytes: &[u8]| format!("{}.{}.{}", b64(r#"{"alg":"ES256","kid":"ec"}"#), b64(claims().to_string()), b64(bytes));
    let mut attacks = vec![
        attack("another payload under the signature", format!("{other_message}.{signature}")),
        attack("signed by another issuer's key", Issuer::new().token(&claims())),
        attack(
            "signed with the payload in plain",
            format!("{message}.{}", b64(issuer.signature(With::Ed, claims().to_string().as_bytes()))),
        ),
        attack("Ed25519 with S + L", format!("{message}.{}", b64(plus_order(&raw)))),
        attack("base64 with bits left over", loose_bits(&good)),
        attack("shortened", format!("{message}.{}", b64(&raw[..63]))),
        attack("lengthened", format!("{message}.{}", b64([&raw[..], &[0]].concat()))),
        attack("64 zeros", format!("{message}.{}", b64([0; 64]))),
        attack("ES256 r = s = 0", ec(&[0; 64])),
        attack("ES256 in DER", ec(&[0x30, 6, 2, 1, 1, 2, 1, 1])),
        attack("ES256 with r = s = n", ec(&[ORDER, ORDER].concat())),
        attack("RS256 of zeros", format!("{}.{}.{}", b64(r#"{"alg":"RS256","kid":"rsa"}"#), b64(claims().to_string()), b64([0; 256]))),
        attack("RSA key of the first issuer for the other", {
            let payload = claims_with(&json!({"iss": OTHER})).to_string();
            issuer.sign(With::Rsa, r#"{"alg":"RS256","kid":"rsa"}"#, &payload)
        }),
    ];
    for bit in [0, 100, 255, 256, 400, 511] {
        let mut flipped = raw.clone();
        flipped[bit / 8] ^= 1 << (bit % 8);
        attacks.push(attack(format!("bit {bit} flipped"), format!("{message}.{}", b64(flipped))));
    }
    attacks
}

/// The order of P-256.
const ORDER: [u8; 32] = [
    0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xbc, 0xe6, 0xfa, 0xad, 0xa7, 0x17, 0x9e, 0x84,
    0xf3, 0xb9, 0xca, 0xc2, 0xfc, 0x63, 0x25, 0x51,
];

/// The same signature with the order of the curve added to S, which a sloppy verifier takes for another good one.
fn plus_order(signature: &[u8]) -> Vec<u8> {
    const L: [u8; 32] = [
        0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde, 0x14, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
        0, 0, 0, 0x10,
    ];
    let mut changed = signature.to_vec();
    let mut carry = 0_u16;
    for (byte, add) in changed[32..].iter_mut().zip(L) {
        let sum = u16::from(*byte) + u16::from(add) + carry;
        *byte = u8::try_from(sum & 0xff).unwrap();
        carry = sum >> 8;
    }
    changed
}

/// 64 bytes leave four bits of the last character unused; setting one must not give a second token.
fn loose_bits(token: &str) -> String {
    const LETTERS: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let (rest, last) = token.split_at(token.len() - 1);
    let index = LETTERS.find(last).unwrap();
    format!("{rest}{}", &LETTERS[index + 1..=index + 1])
}
