//! What a witness keeps: the last checkpoint of each log, in a file that is written whole or not at all.

use std::{
    fs::{self, File},
    io::{self, Write},
    path::{Path, PathBuf},
};

use transparency::{Checkpoint, Note, tree};

pub(super) struct Store {
    directory: PathBuf,
    /// Locked while the witness runs, so that there is one in this directory.
    _lock: File,
}

impl Store {
    pub(super) fn open(directory: &Path) -> io::Result<Self> {
        fs::create_dir_all(directory)?;
        let lock = File::create(directory.join("lock"))?;
        lock.try_lock().map_err(|error| match error {
            fs::TryLockError::Error(error) => error,
            fs::TryLockError::WouldBlock => io::Error::new(io::ErrorKind::ResourceBusy, "another witness works in this directory"),
        })?;
        Ok(Self { directory: directory.to_owned(), _lock: lock })
    }

    /// A name that no origin can choose.
    fn file(&self, origin: &str) -> PathBuf {
        let name: String = tree::leaf(origin.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect();
        self.directory.join(name)
    }

    /// The checkpoint that was cosigned last. One that cannot be read is a fault, not a beginning.
    pub(super) fn latest(&self, origin: &str) -> io::Result<Option<(Checkpoint, String)>> {
        let text = match fs::read_to_string(self.file(origin)) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error),
        };
        let read = Note::parse(&text).ok().and_then(|note| Checkpoint::parse(&note.text).ok());
        let known = read.filter(|checkpoint| checkpoint.origin == origin);
        known.map(|checkpoint| Some((checkpoint, text))).ok_or_else(|| io::Error::other("the kept checkpoint cannot be read"))
    }

    /// On disk when it returns: the file is written beside, forced out, renamed, and the directory forced out.
    pub(super) fn keep(&self, origin: &str, note: &str) -> io::Result<()> {
        self.write(&self.file(origin), note)
    }

    pub(super) fn evidence(&self, origin: &str, size: u64, text: &str) -> io::Result<()> {
        let path = self.file(origin).with_extension(format!("{size}.evidence"));
        if path.exists() { Ok(()) } else { self.write(&path, text) }
    }

    fn write(&self, path: &Path, text: &str) -> io::Result<()> {
        let beside = path.with_extension("new");
        let mut file = File::create(&beside)?;
        file.write_all(text.as_bytes())?;
        file.sync_all()?;
        fs::rename(&beside, path)?;
        File::open(&self.directory)?.sync_all()
    }
}
