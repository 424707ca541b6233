use super::*;
use crate::issuer::File;

const GOOD: [(&str, &str); 7] = [
    ("HUB_DATABASE_URL", "postgres://hub_app:hunter2@db:5432?sslmode=verify-full"),
    ("HUB_NATS_URL", "nats://seed@nats:4222"),
    ("HUB_NATS_MONITOR_URL", "http://nats:8222"),
    ("HUB_JWKS_FILE", "/etc/hub/jwks.json"),
    ("HUB_ISSUERS", "https://a.test, https://b.test,"),
    ("HUB_MASTER_KEY_FILE", "/etc/hub/master.key"),
    ("HUB_SERVICE_KEY_FILE", "/etc/hub/service.key"),
];

fn settings(changes: &[(&str, &str)]) -> BTreeMap<String, String> {
    GOOD.iter().chain(changes).map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

#[test]
fn what_is_not_set_has_a_safe_default() {
    let config = Config::from(&settings(&[])).unwrap();
    assert_eq!((config.listen.to_string().as_str(), config.demo, config.log.as_str()), ("127.0.0.1:8480", false, "info"));
    assert_eq!(config.issuers, ["https://a.test", "https://b.test"]);
    assert_eq!(config.editions_file, None);
    assert_eq!((config.pages_idle_ward, config.pages_idle_desk), (30, 480));
}

#[test]
fn how_long_a_screen_is_left_alone_leaves_time_for_the_warning_and_ends_with_the_shift() {
    let set = |minutes| Config::from(&settings(&[("HUB_PAGES_IDLE_WARD", minutes)]));
    assert_eq!(set("20").unwrap().pages_idle_ward, 20);
    for bad in ["4", "721", "0", "-1", "long"] {
        assert!(set(bad).unwrap_err().to_string().starts_with("HUB_PAGES_IDLE_WARD is wrong"), "{bad}");
    }
}

#[test]
fn everything_that_is_missing_or_wrong_is_named_at_once() {
    let BadConfig(wrong) = Config::from(&BTreeMap::new()).unwrap_err();
    let names: Vec<_> = wrong.iter().map(|line| line.split(' ').next().unwrap()).collect();
    let needed: Vec<_> = GOOD.iter().map(|(name, _)| *name).collect();
    assert_eq!(names, needed);
    let bad =
        [("HUB_LISTEN", "here"), ("HUB_DEMO", "perhaps"), ("HUB_NATS_URL", "http://x"), ("HUB_ISSUERS", " , "), ("HUB_JWKS_FILE", " ")];
    let BadConfig(wrong) = Config::from(&settings(&bad)).unwrap_err();
    assert_eq!(wrong.len(), bad.len(), "{wrong:?}");
    for (name, _) in bad {
        assert!(wrong.iter().any(|line| line.starts_with(name)), "{name}");
    }
}

#[test]
fn no_secret_is_printed_neither_by_the_settings_nor_by_an_error() {
    let config = Config::from(&settings(&[])).unwrap();
    let printed = format!("{config:?} {:?}", config.database_url("hub_transfers"));
    assert!(!printed.contains("hunter2") && !printed.contains("seed"), "{printed}");
    let error = Config::from(&settings(&[("HUB_DATABASE_URL", "mysql://hunter2")])).unwrap_err();
    assert!(!error.to_string().contains("hunter2"), "{error}");
}

#[test]
fn a_secret_may_stand_in_a_file_and_not_in_both_places() {
    let file = File::new("postgres://from-file\n");
    let path = file.path().to_str().unwrap();
    let mut only_file = settings(&[("HUB_DATABASE_URL_FILE", path)]);
    assert!(Config::from(&only_file).unwrap_err().to_string().contains("are both set"));
    only_file.remove("HUB_DATABASE_URL");
    assert_eq!(Config::from(&only_file).unwrap().database_url("x").expose(), "postgres://from-file/x");
    only_file.insert("HUB_DATABASE_URL_FILE".to_owned(), "/nowhere/at/all".to_owned());
    assert!(Config::from(&only_file).unwrap_err().to_string().contains("HUB_DATABASE_URL_FILE"));
}

#[test]
fn the_keys_of_the_logs_and_the_policy_come_together_or_not_at_all() {
    for name in ["HUB_LOG_KEYS", "HUB_PROOF_POLICY_FILE"] {
        assert!(Config::from(&settings(&[(name, "/etc/hub/x")])).unwrap_err().to_string().contains("belong together"), "{name}");
    }
    assert!(Config::from(&settings(&[("HUB_LOG_KEYS", "/a"), ("HUB_PROOF_POLICY_FILE", "/b")])).is_ok());
}

#[test]
fn a_services_database_is_named_before_the_options() {
    let url = |base: &str| Config::from(&settings(&[("HUB_DATABASE_URL", base)])).unwrap().database_url("transfers").into_exposed();
    assert_eq!(url("postgres://u:p@h:1"), "postgres://u:p@h:1/transfers");
    assert_eq!(url("postgres://u:p@h:1/"), "postgres://u:p@h:1/transfers");
    assert_eq!(url("postgres://u:p@h:1/hub_"), "postgres://u:p@h:1/hub_transfers");
    assert_eq!(url("postgres://u:p@h:1?sslmode=require"), "postgres://u:p@h:1/transfers?sslmode=require");
}
