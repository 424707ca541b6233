use chacha20::{
    XChaCha20,
    cipher::{KeyIvInit, StreamCipher},
};
use chacha20poly1305::aead::{Aead, Payload};
use num_bigint::BigUint;
use proptest::prelude::*;

use super::*;

const PLACE: &str = "referral.raised/child_name/referral-ref_1";

fn key() -> KeyHandle {
    KeyHandle(Arc::new(DataKey::generate().unwrap()))
}

/// A second key that claims the id of the first: only the commitment and the tag stand between them.
fn namesake(key: &KeyHandle) -> KeyHandle {
    KeyHandle(Arc::new(DataKey::new(key.id().to_owned(), <[u8; 32]>::try_generate().map(Zeroizing::new).unwrap())))
}

proptest! {
    #[test]
    fn what_is_sealed_opens_to_the_same(text in ".*", context in ".*", numbers in prop::collection::vec(any::<i64>(), 0..50)) {
        let key = key();
        let sealed = key.seal(&context, &(&text, &numbers)).unwrap();
        let opened: Private<(String, Vec<i64>)> = key.0.open(&context, &sealed).unwrap();
        prop_assert_eq!(opened.into_exposed(), (text, numbers));
    }
}

#[test]
fn another_place_or_key_or_key_id_is_refused_each_of_a_thousand_times() {
    let mut refused = 0;
    for n in 0..1000 {
        let (key, other) = (key(), key());
        let place = format!("referral.raised/child_name/referral-{n}");
        let sealed = key.seal(&place, "Ada").unwrap();
        assert_eq!(key.0.open::<String>(&place, &sealed).unwrap().expose(), "Ada");
        let moved = Sealed { key: other.id().to_owned(), box_: sealed.box_.clone() };
        let answers = [
            key.0.open::<String>(&format!("referral.raised/child_name/referral-{}", n + 1), &sealed),
            key.0.open::<String>(&format!("referral.raised/address/referral-{n}"), &sealed),
            key.0.open::<String>("", &sealed),
            namesake(&key).0.open::<String>(&place, &sealed),
            other.0.open::<String>(&place, &moved),
            key.0.open::<String>(&place, &moved),
        ];
        refused += usize::from(answers.iter().all(|answer| matches!(answer, Err(OpenError::Wrong))));
    }
    assert_eq!(refused, 1000);
}

#[test]
fn a_change_of_any_one_bit_is_noticed() {
    let key = key();
    let sealed = key.seal(PLACE, "Ada").unwrap();
    let whole = STANDARD.decode(&sealed.box_).unwrap();
    for at in 0..whole.len() * 8 {
        let mut changed = whole.clone();
        changed[at / 8] ^= 1 << (at % 8);
        let changed = Sealed { key: sealed.key.clone(), box_: STANDARD.encode(changed) };
        assert!(matches!(key.0.open::<String>(PLACE, &changed), Err(OpenError::Wrong)), "bit {at}");
    }
    for length in 0..whole.len() {
        let cut = Sealed { key: sealed.key.clone(), box_: STANDARD.encode(&whole[..length]) };
        assert!(matches!(key.0.open::<String>(PLACE, &cut), Err(OpenError::Wrong)), "cut to {length}");
    }
    let rubbish = Sealed { key: sealed.key, box_: "not base64!".to_owned() };
    assert!(matches!(key.0.open::<String>(PLACE, &rubbish), Err(OpenError::Wrong)));
}

#[test]
fn no_nonce_comes_twice() {
    let key = key();
    let boxes = (0..20_000).map(|_| STANDARD.decode(key.seal(PLACE, "").unwrap().box_).unwrap());
    let nonces: std::collections::HashSet<Vec<u8>> = boxes.map(|whole| whole[..NONCE].to_vec()).collect();
    assert_eq!(nonces.len(), 20_000);
}

#[test]
fn short_answers_have_the_same_length() {
    let key = key();
    let lengths = ["yes", "no", "not safe to ask", ""].map(|answer| key.seal(PLACE, answer).unwrap().box_.len());
    assert_eq!(lengths, [lengths[0]; 4]);
}

#[test]
fn data_of_another_shape_is_wrong_and_is_not_quoted() {
    let key = key();
    let sealed = key.seal(PLACE, "Ada Lovelace").unwrap();
    let answer = key.0.open::<u32>(PLACE, &sealed);
    assert!(matches!(answer, Err(OpenError::Wrong)));
    assert!(!format!("{answer:?}").contains("Ada"));
}

#[test]
fn nothing_secret_is_printed() {
    let key = key();
    let sealed = key.seal(PLACE, "Ada").unwrap();
    let opened: Private<String> = key.0.open(PLACE, &sealed).unwrap();
    assert_eq!(format!("{key:?}"), format!("[data key {}]", key.id()));
    assert_eq!(format!("{sealed:?}{opened:?}"), format!("[sealed under {}][private]", key.id()));
}

/// The two parts of the one-time Poly1305 key that a cipher uses under this nonce.
fn poly1305_key(key: &KeyHandle, nonce: &[u8; NONCE]) -> (BigUint, BigUint) {
    let mut block = [0_u8; 32];
    XChaCha20::new((&**key.0.secret()).into(), nonce.into()).apply_keystream(&mut block);
    for (at, byte) in block.iter_mut().enumerate().take(16) {
        *byte &= if at % 4 == 3 {
            0x0f
        } else if at % 4 == 0 && at > 0 {
            0xfc
        } else {
            0xff
        };
    }
    (BigUint::from_bytes_le(&block[..16]), BigUint::from_bytes_le(&block[16..]))
}

/// The tag of a one-block ciphertext before the addition of `s`: associated data and lengths, with 0 for the block itself.
fn polynomial(r: &BigUint, aad: &[u8], p: &BigUint) -> BigUint {
    let high = BigUint::from(1_u8) << 128;
    let lengths = [u64::try_from(aad.len()).unwrap().to_le_bytes(), 16_u64.to_le_bytes()].concat();
    let mut padded = aad.to_vec();
    padded.resize(aad.len().next_multiple_of(16), 0);
    let blocks = padded.chunks(16).map(|block| BigUint::from_bytes_le(block) + &high);
    let before = blocks.fold(BigUint::default(), |sum, block| (sum + block) * r % p);
    // … then the block of the ciphertext (here 0), then the lengths.
    ((before * r % p) + BigUint::from_bytes_le(&lengths) + &high) * r % p
}

/// One ciphertext and tag that both keys accept for the same place under the same nonce, if this nonce allows one.
fn crafted(keys: [&KeyHandle; 2], nonce: &[u8; NONCE], aad: &[u8]) -> Option<Vec<u8>> {
    let one = BigUint::from(1_u8);
    let (high, p) = (&one << 128, (&one << 130) - 5_u8);
    let [(r1, s1), (r2, s2)] = keys.map(|key| poly1305_key(key, nonce));
    let (a1, a2) = (polynomial(&r1, aad, &p), polynomial(&r2, aad, &p));
    // a1 + x·r1² + s1 = a2 + x·r2² + s2 (mod p), solved for the block x, which has its 129th bit set.
    let (q1, q2) = (&r1 * &r1 % &p, &r2 * &r2 % &p);
    let difference = (q1 + &p - q2) % &p;
    let inverse = difference.modpow(&(&p - 2_u8), &p);
    let x = ((a2 + s2 + &p + &p - &a1 - &s1) % &p) * inverse % &p;
    if x < high || x >= &high << 1 {
        return None;
    }
    let tag = ((a1 + &x * &r1 * &r1) % &p + s1) % &high;
    let mut bytes = (x - &high).to_bytes_le();
    bytes.resize(16, 0);
    let mut tag = tag.to_bytes_le();
    tag.resize(16, 0);
    bytes.extend(tag);
    Some(bytes)
}

#[test]
fn a_ciphertext_crafted_to_open_under_two_keys_is_refused_by_the_commitment() {
    let honest = key();
    let second = namesake(&honest);
    let aad = bound(honest.id(), PLACE);
    let accepted =
        |key: &KeyHandle, nonce: &[u8; NONCE], both: &[u8]| key.0.cipher().decrypt(nonce.into(), Payload { msg: both, aad: &aad }).is_ok();
    // The attack is real: without the commitment, both keys accept the same bytes. About one nonce in ten allows it.
    let (nonce, both) = (0..1000)
        .filter_map(|_| {
            let nonce = <[u8; NONCE]>::try_generate().unwrap();
            Some((nonce, crafted([&honest, &second], &nonce, &aad)?))
        })
        .find(|(nonce, both)| accepted(&honest, nonce, both) && accepted(&second, nonce, both))
        .expect("a ciphertext that both keys accept");
    // Whichever commitment the attacker writes, one of the two keys refuses, and the other cannot be made to agree.
    for (claimed, other) in [(&honest, &second), (&second, &honest)] {
        let whole = [nonce.as_slice(), &claimed.0.commit(&nonce, &aad), &both].concat();
        let sealed = Sealed { key: honest.id().to_owned(), box_: STANDARD.encode(whole) };
        assert!(claimed.0.decrypt(PLACE, &sealed).is_some());
        assert!(other.0.decrypt(PLACE, &sealed).is_none());
    }
    assert_ne!(honest.0.commit(&nonce, &aad), second.0.commit(&nonce, &aad));
}
