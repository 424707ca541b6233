//! The document that describes the service is committed, and is what the service says.

use std::path::Path;

#[test]
fn the_committed_document_is_what_the_service_says() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("openapi.json");
    let said = format!("{}\n", serde_json::to_string_pretty(&super::document()).unwrap());
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::write(&path, &said).unwrap();
    }
    let kept = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(kept == said, "openapi.json differs: run the test with UPDATE_GOLDEN=1 and look at the difference");
}
