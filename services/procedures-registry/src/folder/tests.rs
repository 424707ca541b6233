mod doctored;
mod on_disk;
mod round;

use std::path::{Path, PathBuf};

use super::*;
use crate::document;

/// The folder of the first edition.
fn first_folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../data/editions/first")
}

/// The files of a small edition with two procedures, of which one links to the other.
fn small() -> Texts {
    let mut police = document::tests::procedure("police-protection");
    police.full = "Ring, then decide.\n\nSee [unborn](procedure:unborn-child).".to_owned();
    let unborn = document::tests::procedure("unborn-child");
    let procedures = [police, unborn].map(|one| (one.id.clone(), one)).into();
    texts(&document::Document { parts: document::first().parts, procedures })
}
