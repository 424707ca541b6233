//! Who may depend on whom. A service never depends on another service; the language between them depends on nobody.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
    process::Command,
};

use serde_json::Value;

const PURE: [&str; 2] = ["kernel", "proto-events"];
const SHARED: [&str; 8] = ["markdown", "transparency", "event-store", "bus", "vault", "service-kit", "embedded", "testkit"];
const SERVICES: [&str; 5] = ["referral-intake", "case-transfer", "procedures-registry", "board-audit", "web-front"];

/// Dependencies inside the workspace, without those for tests.
fn dependencies() -> BTreeMap<String, BTreeSet<String>> {
    let output = Command::new(env!("CARGO")).args(["metadata", "--no-deps", "--format-version", "1", "--offline"]).output().unwrap();
    let metadata: Value = serde_json::from_slice(&output.stdout).unwrap();
    let packages = metadata["packages"].as_array().unwrap();
    let ours: BTreeSet<&str> = packages.iter().map(|package| package["name"].as_str().unwrap()).collect();
    let of = |package: &Value| {
        let all = package["dependencies"].as_array().unwrap().iter().filter(|dependency| dependency["kind"].is_null());
        all.map(|dependency| dependency["name"].as_str().unwrap()).filter(|name| ours.contains(name)).map(str::to_owned).collect()
    };
    packages.iter().map(|package| (package["name"].as_str().unwrap().to_owned(), of(package))).collect()
}

#[test]
fn nothing_in_the_workspace_is_below_the_kernel_and_the_published_language() {
    let all = dependencies();
    for name in PURE {
        assert_eq!(all[name], BTreeSet::new(), "{name}");
    }
}

#[test]
fn each_shared_crate_depends_only_on_those_below_it() {
    let all = dependencies();
    let allowed: [(&str, &[&str]); 8] = [
        ("markdown", &[]),
        ("transparency", &[]),
        ("hub-verify", &["transparency"]),
        ("event-store", &["kernel", "transparency"]),
        ("vault", &["kernel"]),
        ("embedded", &[]),
        ("bus", &["kernel", "proto-events", "event-store"]),
        ("service-kit", &["kernel", "proto-events", "event-store", "bus", "vault", "transparency"]),
    ];
    for (name, may) in allowed {
        let may: BTreeSet<String> = may.iter().map(|&name| name.to_owned()).collect();
        assert!(all[name].is_subset(&may), "{name} depends on {:?}", all[name].difference(&may));
    }
}

#[test]
fn a_service_never_depends_on_another_service() {
    let all = dependencies();
    let may: BTreeSet<&str> = PURE.into_iter().chain(SHARED).filter(|name| !["embedded", "testkit"].contains(name)).collect();
    for name in SERVICES {
        let other: Vec<&String> = all[name].iter().filter(|dependency| !may.contains(dependency.as_str())).collect();
        assert!(other.is_empty(), "{name} depends on {other:?}");
    }
}

#[test]
fn the_auditors_program_knows_no_network_no_database_and_nothing_that_waits() {
    let tree = ["tree", "--package", "hub-verify", "--edges", "normal", "--prefix", "none", "--offline"];
    let output = Command::new(env!("CARGO")).args(tree).output().unwrap();
    let packages = String::from_utf8(output.stdout).unwrap();
    assert!(packages.contains("transparency"), "{}", String::from_utf8_lossy(&output.stderr));
    for word in ["tokio", "reqwest", "hyper", "mio", "socket2", "sqlx", "async-nats", "rustls"] {
        assert!(!packages.lines().any(|line| line.starts_with(word)), "hub-verify depends on {word}");
    }
}

#[test]
fn the_pages_know_no_record_but_through_the_services() {
    let may: BTreeSet<String> = ["kernel", "markdown", "service-kit", "event-store"].into_iter().map(str::to_owned).collect();
    assert!(dependencies()["web-front"].is_subset(&may), "the pages open neither the vault nor the bus");
}

#[test]
fn every_package_is_in_this_test() {
    let known: BTreeSet<String> =
        PURE.into_iter().chain(SHARED).chain(SERVICES).chain(["hub", "hub-verify", "hub-tests", "xtask"]).map(str::to_owned).collect();
    assert_eq!(dependencies().into_keys().collect::<BTreeSet<_>>(), known);
}

/// Files of rules: pure, so that they can be tested, modelled and read without anything around them.
fn rule_files() -> Vec<std::path::PathBuf> {
    fn walk(dir: &Path, found: &mut Vec<std::path::PathBuf>) {
        for entry in std::fs::read_dir(dir).into_iter().flatten().flatten() {
            let path = entry.path();
            if path.is_dir() {
                walk(&path, found);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                found.push(path);
            }
        }
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../services");
    let mut found = Vec::new();
    for rules in [
        "case-transfer/src/transfer",
        "case-transfer/src/ledger",
        "case-transfer/src/desk",
        "case-transfer/src/rules",
        "referral-intake/src/referral",
        "procedures-registry/src/document",
        "procedures-registry/src/draft",
        "procedures-registry/src/field",
        "procedures-registry/src/form_use",
        "procedures-registry/src/reading",
        "procedures-registry/src/register",
        "procedures-registry/src/rules",
        "procedures-registry/src/search",
        "procedures-registry/src/variation",
    ] {
        walk(&root.join(rules), &mut found);
        found.push(root.join(format!("{rules}.rs")));
    }
    let is_rule = |path: &std::path::PathBuf| {
        let below = path.strip_prefix(&root).map(|below| below.to_string_lossy().into_owned()).unwrap_or_default();
        path.exists() && !below.contains("test") && !below.contains("model")
    };
    found.retain(is_rule);
    found
}

#[test]
fn rules_know_no_clock_no_database_and_no_network() {
    let files = rule_files();
    assert!(files.len() >= 10, "the rules have moved: {files:?}");
    for file in files {
        let text = std::fs::read_to_string(&file).unwrap();
        for word in
            ["sqlx::", "tokio::", "axum::", "async_nats::", "reqwest::", "event_store::", "vault::", "Timestamp::now", "now_v7", "async fn"]
        {
            assert!(!text.contains(word), "{} uses {word}", file.display());
        }
    }
}

#[test]
fn no_source_file_is_over_its_length() {
    let output =
        Command::new("git").args(["ls-files", "*.rs"]).current_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("..")).output().unwrap();
    for file in String::from_utf8(output.stdout).unwrap().lines() {
        let text = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(file)).unwrap_or_default();
        let most = if file.contains("test") { 500 } else { 400 };
        assert!(text.lines().count() <= most, "{file} has {} lines", text.lines().count());
    }
}
