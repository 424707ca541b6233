//! The list of attacks. Every one is a sound token but for one thing.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use reqwest::header::HeaderValue;
use serde_json::{Value, json};

use super::forge::{Forge, b64};

/// One attack: what it is, and the `Authorization` headers that it sends.
pub(super) struct Attack {
    pub(super) name: String,
    pub(super) headers: Vec<HeaderValue>,
}

fn raw(name: impl Into<String>, headers: &[&[u8]]) -> Attack {
    Attack { name: name.into(), headers: headers.iter().map(|bytes| HeaderValue::from_bytes(bytes).unwrap()).collect() }
}

fn bearer(name: impl Into<String>, token: impl AsRef<str>) -> Attack {
    raw(name, &[format!("Bearer {}", token.as_ref()).as_bytes()])
}

/// All of them.
pub(super) fn all(forge: &Forge) -> Vec<Attack> {
    let mut attacks = schemes(forge);
    attacks.extend(shapes(forge));
    attacks.extend(headers(forge));
    attacks.extend(claims(forge));
    attacks.extend(signatures(forge));
    attacks
}

fn schemes(forge: &Forge) -> Vec<Attack> {
    let good = forge.token(&forge.claims());
    let with = |scheme: &str| format!("{scheme}{good}");
    let twice = format!("Bearer {good}");
    vec![
        raw("no header", &[]),
        raw("empty header", &[b""]),
        raw("scheme alone", &[b"Bearer"]),
        raw("scheme and space", &[b"Bearer "]),
        raw("Basic", &[with("Basic ").as_bytes()]),
        raw("Token", &[with("Token ").as_bytes()]),
        raw("no scheme", &[with("").as_bytes()]),
        raw("tab for a space", &[with("Bearer\t").as_bytes()]),
        raw("two spaces", &[with("Bearer  ").as_bytes()]),
        raw("the same token twice", &[twice.as_bytes(), twice.as_bytes()]),
        raw("a good token and nothing", &[twice.as_bytes(), b""]),
        raw("two tokens in one header", &[format!("{twice}, {twice}").as_bytes()]),
        raw("bytes that are not ASCII", &[b"Bearer \xff\xfe\xfd"]),
        raw("a password of the database", &[b"Basic aHViX293bmVyOnBhc3N3b3Jk"]),
    ]
}

fn shapes(forge: &Forge) -> Vec<Attack> {
    let good = forge.token(&forge.claims());
    let (message, signature) = good.rsplit_once('.').unwrap();
    let long = forge.token(&forge.claims_with(&json!({ "padding": "x".repeat(9_000) })));
    let sound = forge.header().to_string();
    vec![
        bearer("dots", ".."),
        bearer("one part", "e30"),
        bearer("two parts", message),
        bearer("no signature", format!("{message}.")),
        bearer("four parts", format!("{good}.{signature}")),
        bearer("five parts, as JWE has", format!("{good}.a2V5.dGFn")),
        bearer("padding", format!("{good}=")),
        bearer("standard base64", standard_base64(forge)),
        bearer("a character between", format!("{message}.~{signature}")),
        bearer("longer than 8 KiB", long),
        bearer("payload is a list", forge.signed(&sound, "[]")),
        bearer("payload is null", forge.signed(&sound, "null")),
        bearer("payload is nothing", forge.signed(&sound, "")),
        bearer("payload nested 2,000 deep", forge.signed(&sound, &"[".repeat(2_000))),
        bearer("two objects in the payload", forge.signed(&sound, &format!("{0}{0}", forge.claims()))),
        bearer("a token in a token", forge.signed(&sound, &good)),
        bearer("header is a list", forge.signed("[]", &forge.claims().to_string())),
        bearer("header is not UTF-8", format!("{}.{}.{signature}", b64([0xff, 0xfe]), b64(forge.claims().to_string()))),
    ]
}

/// A sound token but for the alphabet of its signature. One signature in fifteen is written alike in both alphabets, and believed rightly:
/// claims are changed until it is not.
fn standard_base64(forge: &Forge) -> String {
    let written = |number: u32| {
        let token = forge.token(&forge.claims_with(&json!({ "jti": number.to_string() })));
        let (message, signature) = token.rsplit_once('.').unwrap();
        signature.contains(['-', '_']).then(|| format!("{message}.{}", signature.replace('-', "+").replace('_', "/")))
    };
    (0..1_000).find_map(written).unwrap()
}

fn headers(forge: &Forge) -> Vec<Attack> {
    let payload = forge.claims().to_string();
    let changed = |changes: Value| {
        let mut header = forge.header();
        header.as_object_mut().unwrap().extend(changes.as_object().unwrap().clone());
        let unsigned = format!("{}.{}.", b64(header.to_string()), b64(&payload));
        [
            bearer(format!("{changes}, signed"), forge.signed(&header.to_string(), &payload)),
            bearer(format!("{changes}, unsigned"), unsigned),
        ]
    };
    let algorithms = ["none", "None", "nOnE", "", "eddsa", "Ed25519", "HS256", "RS256", "ES256", "EdDSA "];
    let own = json!({ "kty": "OKP", "crv": "Ed25519", "x": b64(&forge.public) });
    let members = [
        json!({ "kid": "" }),
        json!({ "kid": "another" }),
        json!({ "kid": "../../../../etc/passwd" }),
        json!({ "kid": "hub-demo' or '1'='1" }),
        json!({ "kid": null }),
        json!({ "kid": ["hub-demo"] }),
        json!({ "kid": "k".repeat(300) }),
        json!({ "jku": "http://127.0.0.1:9/jwks.json" }),
        json!({ "x5u": "http://127.0.0.1:9/cert.pem" }),
        json!({ "jwk": own }),
        json!({ "x5c": ["MIIB"] }),
        json!({ "crit": ["exp"], "exp": 1 }),
        json!({ "b64": false, "crit": ["b64"] }),
        json!({ "zip": "DEF" }),
        json!({ "enc": "A256GCM" }),
        json!({ "typ": "JWE" }),
        json!({ "alg": null }),
        json!({ "alg": ["EdDSA"] }),
    ];
    let all = algorithms.into_iter().map(|alg| json!({ "alg": alg })).chain(members);
    let mut attacks: Vec<Attack> = all.flat_map(changed).collect();
    attacks.push(bearer("kid twice", forge.signed(r#"{"alg":"EdDSA","kid":"x","kid":"hub-demo"}"#, &payload)));
    attacks.push(bearer("HS256 with the public key", forge.hmac(&forge.public)));
    attacks.push(bearer("HS256 with the text of the key", forge.hmac(b64(&forge.public).as_bytes())));
    attacks.push(bearer("HS256 with the key file", forge.hmac(forge.jwks.as_bytes())));
    attacks.push(bearer("HS256 with an empty secret", forge.hmac(b"")));
    attacks
}

fn claims(forge: &Forge) -> Vec<Attack> {
    let now = forge.now.as_second();
    let changes = [
        json!({ "aud": "case-management" }),
        json!({ "aud": ["safeguarding-hub", "case-management"] }),
        json!({ "aud": [] }),
        json!({ "iss": "https://attacker.test" }),
        json!({ "iss": format!("{}/", hub::token::ISSUER) }),
        json!({ "exp": now - 60 }),
        json!({ "exp": 0 }),
        json!({ "exp": -1 }),
        json!({ "exp": now + 400 * 24 * 3_600 }),
        json!({ "exp": format!("{}", now + 600) }),
        json!({ "exp": 1e300 }),
        json!({ "nbf": now + 600 }),
        json!({ "iat": now + 600 }),
        json!({ "nbf": null }),
        json!({ "sub": "" }),
        json!({ "sub": "p 117" }),
        json!({ "sub": "p\u{0}117" }),
        json!({ "sub": "p".repeat(500) }),
        json!({ "sub": ["p-117"] }),
        json!({ "name": "" }),
        json!({ "name": "Ada\r\nSet-Cookie: a" }),
        json!({ "org": "" }),
        json!({ "org": "E080000030" }),
        json!({ "org": ["E08000003", "E08000006"] }),
        json!({ "org": null }),
        json!({ "roles": "duty_worker" }),
        json!({ "roles": ["hub"] }),
        json!({ "roles": ["duty_worker", "hub"] }),
        json!({ "roles": ["borough_system", "duty_worker"] }),
        json!({ "roles": vec!["duty_worker"; 100] }),
        json!({ "roles": null }),
        json!({ "phone": null }),
    ];
    let mut attacks: Vec<Attack> =
        changes.iter().map(|changes| bearer(changes.to_string(), forge.token(&forge.claims_with(changes)))).collect();
    attacks.extend(
        ["iss", "aud", "exp", "sub", "name", "org", "roles"]
            .map(|name| bearer(format!("without {name}"), forge.token(&forge.claims_without(name)))),
    );
    let text = forge.claims().to_string();
    for member in [r#""roles":["director"]"#, r#""org":"E08000006""#, r#""exp":1"#, r#""aud":"x""#] {
        let payload = format!("{{{member},{}", &text[1..]);
        attacks.push(bearer(format!("{member} beside the true one"), forge.signed(&forge.header().to_string(), &payload)));
    }
    attacks
}

fn signatures(forge: &Forge) -> Vec<Attack> {
    let good = forge.token(&forge.claims());
    let (message, signature) = good.rsplit_once('.').unwrap();
    let director = forge.token(&forge.claims_with(&json!({ "roles": ["director"] })));
    let (director, _) = director.rsplit_once('.').unwrap();
    let raw = URL_SAFE_NO_PAD.decode(signature).unwrap();
    let mut attacks = vec![
        bearer("another payload under the signature", format!("{director}.{signature}")),
        bearer("signed with another key", forge.stranger(&forge.claims())),
        bearer("the payload signed in plain", format!("{message}.{}", forge.signature(&forge.claims().to_string()))),
        bearer("shortened", format!("{message}.{}", b64(&raw[..63]))),
        bearer("lengthened", format!("{message}.{}", b64([&raw[..], &[0]].concat()))),
        bearer("64 zeros", format!("{message}.{}", b64([0; 64]))),
        bearer("the signature of the header", format!("{message}.{}", forge.signature(message.split('.').next().unwrap()))),
    ];
    for bit in [0, 7, 100, 255, 256, 400, 511] {
        let mut flipped = raw.clone();
        flipped[bit / 8] ^= 1 << (bit % 8);
        attacks.push(bearer(format!("bit {bit} flipped"), format!("{message}.{}", b64(flipped))));
    }
    attacks
}
