//! Folders on the disk.

use std::{
    fs::{self, File},
    io::{self, Read as _, Write as _},
    path::{Path, PathBuf},
};

use super::{EDITION, Fault, PROCEDURES, Reading, Texts, parse, texts};
use crate::document::Document;

/// The largest `edition.json`, in bytes.
const LARGEST_EDITION: u64 = 1 << 20;

/// The largest procedure, in bytes.
const LARGEST_PROCEDURE: u64 = 1 << 18;

/// How many procedures a folder has at most.
const MOST: usize = 1_000;

/// A folder could not be read or written.
#[derive(Debug, thiserror::Error)]
pub enum DiskError {
    /// The system says no.
    #[error("{} cannot be read or written", path.display())]
    Io {
        /// What could not be.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// There is something else in it, which would be lost or mistaken for part of an edition.
    #[error("{} is not empty and is no folder of an edition: it holds {entry}. Choose another one", path.display())]
    Foreign {
        /// The folder.
        path: PathBuf,
        /// What is in it.
        entry: String,
    },
    /// An earlier export into this folder did not come to its end.
    #[error("{} is left of an export that did not come to its end: look what is in it, and remove it", path.display())]
    Unfinished {
        /// What is left.
        path: PathBuf,
    },
    /// The path ends in nothing that a folder could be called.
    #[error("{} cannot be the name of a folder", path.display())]
    NoName {
        /// The path.
        path: PathBuf,
    },
}

pub(super) fn io_at(path: &Path) -> impl FnOnce(io::Error) -> DiskError {
    let path = path.to_owned();
    move |source| DiskError::Io { path, source }
}

/// Reads a folder.
///
/// # Errors
/// When the folder itself cannot be read. What is wrong in it is in the answer.
pub fn read(folder: &Path) -> Result<Reading, DiskError> {
    let (texts, mut faults) = files(folder)?;
    let mut reading = parse(&texts);
    if !faults.is_empty() {
        reading.document = None;
        // A file that could not be read is there.
        reading.faults.retain(|fault| !faults.iter().any(|other| other.file == fault.file));
    }
    faults.append(&mut reading.faults);
    faults.sort();
    Ok(Reading { faults, ..reading })
}

/// The files of a folder as texts, and what is wrong with the files as such. `README.md` and names that begin with a dot are
/// left alone.
///
/// # Errors
/// When the folder itself cannot be read.
pub fn files(folder: &Path) -> Result<(Texts, Vec<Fault>), DiskError> {
    let mut found = Found::default();
    for (name, path) in entries(folder)? {
        let kind = fs::symlink_metadata(&path).map_err(io_at(&path))?.file_type();
        match name.as_str() {
            _ if kind.is_symlink() => found.fault(name, "is a link; a folder of an edition holds files"),
            EDITION if kind.is_file() => found.file(name, &path, LARGEST_EDITION)?,
            PROCEDURES if kind.is_dir() => found.procedures(&path)?,
            _ => found.fault(name, "does not belong into a folder of an edition"),
        }
    }
    Ok((found.texts, found.faults))
}

#[derive(Default)]
struct Found {
    texts: Texts,
    faults: Vec<Fault>,
}

impl Found {
    fn fault(&mut self, file: String, what: &str) {
        self.faults.push(Fault { file, line: 1, what: what.to_owned() });
    }

    fn procedures(&mut self, folder: &Path) -> Result<(), DiskError> {
        let all = entries(folder)?;
        if all.len() > MOST {
            self.fault(PROCEDURES.to_owned(), &format!("holds {} files; at most {MOST} may be", all.len()));
            return Ok(());
        }
        for (name, path) in all {
            let kind = fs::symlink_metadata(&path).map_err(io_at(&path))?.file_type();
            let file = format!("{PROCEDURES}/{name}");
            if kind.is_symlink() {
                self.fault(file, "is a link; a folder of an edition holds files");
            } else if kind.is_file() && name.ends_with(".md") {
                self.file(file, &path, LARGEST_PROCEDURE)?;
            } else {
                self.fault(file, "is no procedure: those are files with names that end in .md");
            }
        }
        Ok(())
    }

    fn file(&mut self, name: String, path: &Path, largest: u64) -> Result<(), DiskError> {
        let mut bytes = Vec::new();
        File::open(path).and_then(|file| file.take(largest + 1).read_to_end(&mut bytes)).map_err(io_at(path))?;
        if bytes.len() as u64 > largest {
            self.fault(name, &format!("is larger than {largest} bytes"));
            return Ok(());
        }
        match String::from_utf8(bytes) {
            Ok(text) => drop(self.texts.insert(name, text)),
            Err(bad) => {
                let before = &bad.as_bytes()[..bad.utf8_error().valid_up_to()];
                let line = 1 + before.iter().filter(|byte| **byte == b'\n').count();
                self.faults.push(Fault { file: name, line, what: "is not UTF-8 text".to_owned() });
            }
        }
        Ok(())
    }
}

/// What is in a folder, by name, without what is left alone. A name that is no text is shown as well as it can be.
fn entries(folder: &Path) -> Result<Vec<(String, PathBuf)>, DiskError> {
    let mut all = Vec::new();
    for entry in fs::read_dir(folder).map_err(io_at(folder))? {
        let entry = entry.map_err(io_at(folder))?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if !is_left_alone(&name) {
            all.push((name, entry.path()));
        }
    }
    all.sort();
    Ok(all)
}

fn is_left_alone(name: &str) -> bool {
    name == "README.md" || name.starts_with('.')
}

/// The name of a file without folder and ending.
pub(super) fn stem(file: &str) -> &str {
    let name = file.rsplit_once('/').map_or(file, |(_, name)| name);
    name.strip_suffix(".md").unwrap_or(name)
}

/// Writes a document as a folder: a new or empty one, or in the place of the edition that a folder holds. `README.md` and names
/// that begin with a dot stay.
///
/// Everything is written beside the folder first. A new folder appears whole or not at all; in an old one `edition.json` goes
/// first and comes last, so that one which was cut short is refused and never taken for an edition.
///
/// # Errors
/// When the folder holds anything else, or the system says no.
pub fn write(folder: &Path, document: &Document) -> Result<(), DiskError> {
    let name = folder.file_name().ok_or_else(|| DiskError::NoName { path: folder.to_owned() })?;
    let beside = folder.with_file_name(format!(".{}.being-written", name.to_string_lossy()));
    let exists = folder.exists();
    if exists {
        is_free(folder)?;
    }
    if beside.exists() {
        return Err(DiskError::Unfinished { path: beside });
    }
    fs::create_dir(&beside).map_err(io_at(&beside))?;
    if let Err(why) = fill(&beside, document) {
        fs::remove_dir_all(&beside).map_err(io_at(&beside))?;
        return Err(why);
    }
    if !exists {
        return put(&beside, folder);
    }
    // When this fails the old edition is in there: it stays for a person to look at.
    exchange(&beside, folder)?;
    fs::remove_dir_all(&beside).map_err(io_at(&beside))
}

/// Whether nothing is lost when the folder's edition is replaced.
fn is_free(folder: &Path) -> Result<(), DiskError> {
    let foreign = |entry: &str| DiskError::Foreign { path: folder.to_owned(), entry: entry.to_owned() };
    let (texts, faults) = files(folder)?;
    if let Some(fault) = faults.first() {
        return Err(foreign(&fault.file));
    }
    match texts.keys().next() {
        Some(first) if !texts.contains_key(EDITION) => Err(foreign(first)),
        Some(_) | None => Ok(()),
    }
}

fn fill(folder: &Path, document: &Document) -> Result<(), DiskError> {
    let procedures = folder.join(PROCEDURES);
    fs::create_dir(&procedures).map_err(io_at(&procedures))?;
    for (name, text) in texts(document) {
        let path = folder.join(name);
        let write = || {
            let mut file = File::create_new(&path)?;
            file.write_all(text.as_bytes())?;
            file.sync_all()
        };
        write().map_err(io_at(&path))?;
    }
    Ok(())
}

fn put(from: &Path, to: &Path) -> Result<(), DiskError> {
    fs::rename(from, to).map_err(io_at(to))
}

/// Puts what was written into a folder that has an edition, or nothing. What was there is removed with `new` afterwards.
fn exchange(new: &Path, folder: &Path) -> Result<(), DiskError> {
    let (old_edition, old) = (folder.join(EDITION), folder.join(PROCEDURES));
    if old_edition.exists() {
        put(&old_edition, &new.join("edition.json.before"))?;
    }
    if old.exists() {
        for entry in fs::read_dir(&old).map_err(io_at(&old))? {
            let entry = entry.map_err(io_at(&old))?;
            if is_left_alone(&entry.file_name().to_string_lossy()) {
                put(&entry.path(), &new.join(PROCEDURES).join(entry.file_name()))?;
            }
        }
        put(&old, &new.join("procedures.before"))?;
    }
    put(&new.join(PROCEDURES), &old)?;
    put(&new.join(EDITION), &old_edition)
}
