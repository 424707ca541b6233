use super::*;

/// A directory of this test's own, removed at its end.
struct Scratch(std::path::PathBuf);

impl Scratch {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("vault-{name}-{}", std::process::id()));
        fs::create_dir_all(&path).unwrap();
        Self(path)
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        fs::remove_dir_all(&self.0).unwrap();
    }
}

fn write(path: &Path, text: &str, mode: u32) {
    fs::write(path, text).unwrap();
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

fn secret() -> Secret {
    <[u8; 32]>::try_generate().map(Zeroizing::new).unwrap()
}

#[test]
fn a_master_key_read_again_opens_what_it_wrapped() {
    let dir = Scratch::new("again");
    let path = dir.0.join("master");
    let (made, secret) = (MasterKey::create_file(&path).unwrap(), secret());
    let wrapped = made.wrap("key_1", "referral-1", &secret).unwrap();
    let read = MasterKey::from_file(&path).unwrap();
    assert_eq!(read.id(), made.id());
    assert_eq!(read.unwrap("key_1", "referral-1", &wrapped), Ok(secret));
}

#[test]
fn a_wrapped_key_does_not_come_out_in_another_place_or_under_another_master() {
    let dir = Scratch::new("place");
    let master = MasterKey::create_file(&dir.0.join("one")).unwrap();
    let other = MasterKey::create_file(&dir.0.join("two")).unwrap();
    let wrapped = master.wrap("key_1", "referral-1", &secret()).unwrap();
    assert_eq!(master.unwrap("key_2", "referral-1", &wrapped), Err(WrapError::Wrong));
    assert_eq!(master.unwrap("key_1", "referral-2", &wrapped), Err(WrapError::Wrong));
    assert_eq!(master.unwrap("key_1r", "eferral-1", &wrapped), Err(WrapError::Wrong));
    assert_eq!(other.unwrap("key_1", "referral-1", &wrapped), Err(WrapError::Wrong));
    assert_ne!(master.id(), other.id());
    for length in 0..wrapped.len() {
        assert_eq!(master.unwrap("key_1", "referral-1", &wrapped[..length]), Err(WrapError::Wrong));
    }
}

#[test]
fn a_master_key_that_others_may_read_is_refused() {
    let dir = Scratch::new("mode");
    let path = dir.0.join("master");
    let text = STANDARD.encode(secret().as_slice());
    for mode in [0o640, 0o604, 0o660, 0o644, 0o666, 0o610] {
        write(&path, &text, mode);
        assert!(matches!(MasterKey::from_file(&path), Err(MasterKeyError::TooOpen(found)) if found == mode), "{mode:o}");
    }
    write(&path, &text, 0o600);
    assert!(MasterKey::from_file(&path).is_ok());
    write(&path, &text, 0o400);
    assert!(MasterKey::from_file(&path).is_ok());
}

#[test]
fn a_file_that_is_not_a_master_key_is_refused() {
    let dir = Scratch::new("file");
    let path = dir.0.join("master");
    assert!(matches!(MasterKey::from_file(&path), Err(MasterKeyError::File(_))));
    for text in ["", "not base64!", &STANDARD.encode([7; 31]), &STANDARD.encode([7; 33]), &"A".repeat(10_000)] {
        write(&path, text, 0o600);
        assert!(matches!(MasterKey::from_file(&path), Err(MasterKeyError::Malformed)));
    }
}

#[test]
fn making_a_master_key_never_overwrites_one() {
    let dir = Scratch::new("overwrite");
    let path = dir.0.join("master");
    let first = MasterKey::create_file(&path).unwrap();
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o7777, 0o600);
    assert!(matches!(MasterKey::create_file(&path), Err(MasterKeyError::File(_))));
    assert_eq!(MasterKey::from_file(&path).unwrap().id(), first.id());
}

#[test]
fn a_master_key_prints_its_id_alone() {
    let dir = Scratch::new("print");
    let master = MasterKey::create_file(&dir.0.join("master")).unwrap();
    assert_eq!(format!("{master:?}"), format!("[master key {}]", master.id()));
}
