//! From which edition a folder was exported. What came after that one is not in the folder, and publishing it would take it back.

use std::{
    fs::{self, File},
    io::{ErrorKind, Read as _},
    path::Path,
};

use super::disk::{DiskError, io_at};
use crate::document::ContentHash;

/// The file, which goes with the folder into git and is no part of the edition.
const FILE: &str = ".exported-from";

/// The most bytes of it that are read.
const LARGEST: u64 = 1 << 10;

/// The edition that a folder was exported from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExportedFrom {
    /// Its number.
    pub number: u32,
    /// The hash of its content: another hub has other editions of the same number.
    pub hash: ContentHash,
}

/// What a folder says; none when it says nothing that can be read.
///
/// # Errors
/// When the system says no.
pub fn exported_from(folder: &Path) -> Result<Option<ExportedFrom>, DiskError> {
    let path = folder.join(FILE);
    let mut text = String::new();
    match File::open(&path).and_then(|file| file.take(LARGEST).read_to_string(&mut text)) {
        Ok(_) => Ok(parse(&text)),
        Err(why) if matches!(why.kind(), ErrorKind::NotFound | ErrorKind::InvalidData) => Ok(None),
        Err(why) => Err(io_at(&path)(why)),
    }
}

/// Writes down which edition a folder holds, or that it holds none that a registry has.
///
/// # Errors
/// When the system says no.
pub fn note_export(folder: &Path, exported: Option<&ExportedFrom>) -> Result<(), DiskError> {
    let path = folder.join(FILE);
    let done = match exported {
        Some(ExportedFrom { number, hash: ContentHash(hash) }) => fs::write(&path, format!("edition {number}\n{hash}\n")),
        None => fs::remove_file(&path).or_else(|why| if why.kind() == ErrorKind::NotFound { Ok(()) } else { Err(why) }),
    };
    done.map_err(io_at(&path))
}

fn parse(text: &str) -> Option<ExportedFrom> {
    let (first, hash) = text.trim().split_once('\n')?;
    let number = first.trim().strip_prefix("edition ")?.parse().ok()?;
    let hash = hash.trim();
    let good = hash.len() == 64 && hash.bytes().all(|byte| byte.is_ascii_hexdigit());
    good.then(|| ExportedFrom { number, hash: ContentHash(hash.to_owned()) })
}
