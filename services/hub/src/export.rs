//! `hub export`: what an auditor is given, while the hub runs. What is personal in it is sealed, as in the log.

use std::{
    collections::VecDeque,
    fs::{self, File},
    io::{self, BufWriter, Write},
    path::{Path, PathBuf},
};

use event_store::{Heads, Log, SignedHead, StoreError, leaf_bytes, leaf_hash};
use kernel::Private;
use transparency::{
    Checkpoint, Frontier, Note, Policy,
    export::{Frame, Part, Writer},
    proof::Recorder,
};

use service_kit::{Clock, Ids, look};

use crate::setup::owner_pool;

/// Rows and checkpoints read at once.
const PAGE: i64 = 2_000;

/// No export.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    /// The database does not answer.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The file cannot be written.
    #[error("the export cannot be written: check that the directory is yours and the disk is not full")]
    File(#[from] io::Error),
    /// Nothing was cosigned yet.
    #[error("the log of {0} has no checkpoint that enough witnesses cosigned: see docs/runbook/witness.md")]
    NoCheckpoint(String),
    /// The log does not come to its own checkpoint.
    #[error("the log of {0} is not the one that its checkpoints speak of: run `hub verify`")]
    Broken(String),
}

impl From<sqlx::Error> for ExportError {
    fn from(error: sqlx::Error) -> Self {
        Self::Store(error.into())
    }
}

/// A log that is exported up to a checkpoint.
struct Source {
    log: Log,
    heads: Heads,
    last: SignedHead,
    origin: String,
}

impl Source {
    /// The newest checkpoint that the policy is content with; the newest of all where there is no policy.
    async fn open(owner: &Private<String>, service: &str, policy: Option<&Policy>) -> Result<Self, ExportError> {
        let log = Log::new(owner_pool(owner, service).await?, service);
        let heads = log.heads();
        let mut below = i64::MAX;
        loop {
            let page = heads.before(below, PAGE).await?;
            let Some(end) = page.last() else { return Err(ExportError::NoCheckpoint(service.to_owned())) };
            below = end.size;
            for last in page {
                let Ok(note) = Note::parse(&last.cosigned_note()) else { continue };
                let enough = policy.is_none_or(|policy| policy.is_enough(policy.cosigned(&note).keys().map(String::as_str)));
                if let Some(checkpoint) = Checkpoint::parse(&note.text).ok().filter(|_| enough) {
                    return Ok(Self { log, heads, last, origin: checkpoint.origin });
                }
            }
        }
    }

    fn head(&self, part: Part) -> Frame {
        Frame::Head { origin: self.origin.clone(), service: self.log.service().to_owned(), part }
    }

    fn broken(&self) -> ExportError {
        ExportError::Broken(self.log.service().to_owned())
    }
}

/// A file beside, which takes its name when it is whole.
struct Target {
    beside: PathBuf,
    path: PathBuf,
    writer: Writer<BufWriter<File>>,
}

impl Target {
    fn open(path: &Path) -> io::Result<Self> {
        use std::os::unix::fs::OpenOptionsExt;
        let beside = path.with_extension("part");
        let file = fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&beside)?;
        Ok(Self { writer: Writer::new(BufWriter::with_capacity(1 << 20, file))?, path: path.to_owned(), beside })
    }

    fn close(self) -> io::Result<()> {
        let mut file = self.writer.into_inner();
        file.flush()?;
        file.get_ref().sync_all()?;
        fs::rename(&self.beside, &self.path)
    }
}

/// Exports a whole log. `progress` is told each position reached and the last. Gives the number of events.
///
/// # Errors
/// When nothing is cosigned, the database does not answer, or the file cannot be written.
pub async fn whole(
    owner: &Private<String>,
    (service, policy): (&str, Option<&Policy>),
    path: &Path,
    mut progress: impl FnMut(i64, i64),
) -> Result<i64, ExportError> {
    let source = Source::open(owner, service, policy).await?;
    noted(owner, service, None).await?;
    let mut to = Target::open(path)?;
    to.writer.add(&source.head(Part::Whole))?;
    let (mut position, size, mut ahead) = (0, source.last.size, VecDeque::from(source.heads.after(-1, PAGE).await?));
    let mut joins = Joins { before: None, recorder: Recorder::for_consistency(Frontier::new(), 0) };
    joins.pass(&mut ahead, &mut to.writer)?;
    while position < size {
        for row in source.log.after(position, PAGE.min(size - position)).await? {
            if ahead.is_empty() {
                ahead = source.heads.after(position, PAGE).await?.into();
                joins.aim(ahead.front());
            }
            let entry = leaf_bytes(service, &row);
            let kept = row.leaf_hash.clone().try_into().map_err(|_| source.broken())?;
            to.writer.add(&Frame::Leaf { index: u64::try_from(position).unwrap_or_default(), kept, entry })?;
            joins.recorder.push(leaf_hash(service, &row));
            position += 1;
            joins.pass(&mut ahead, &mut to.writer)?;
        }
        progress(position, size);
        if source.log.head().await? < size {
            return Err(source.broken());
        }
    }
    to.writer.add(&Frame::End(u64::try_from(position).unwrap_or_default()))?;
    to.close()?;
    Ok(position)
}

/// The checkpoints on the way, each with the proof that it begins with the one before.
struct Joins {
    before: Option<u64>,
    recorder: Recorder,
}

impl Joins {
    /// Collects what the proof of the next checkpoint needs.
    fn aim(&mut self, next: Option<&SignedHead>) {
        let size = next.and_then(|next| u64::try_from(next.size).ok()).unwrap_or_default();
        self.recorder = Recorder::for_consistency(self.recorder.tree().clone(), size);
    }

    /// Writes the checkpoint that ends here, if one does.
    fn pass(&mut self, ahead: &mut VecDeque<SignedHead>, writer: &mut Writer<impl Write>) -> io::Result<()> {
        let here = self.recorder.tree().size();
        while let Some(head) = ahead.pop_front_if(|head| u64::try_from(head.size).is_ok_and(|size| size == here)) {
            writer.add(&Frame::Checkpoint(head.cosigned_note()))?;
            if let Some((older, proof)) = self.before.and_then(|older| Some((older, self.recorder.consistency(older)?))) {
                writer.add(&Frame::Consistency { older, proof })?;
            }
            self.before = Some(here);
            self.aim(ahead.front());
        }
        Ok(())
    }
}

/// An export is on the record of looks before anything is in its file.
async fn noted(owner: &Private<String>, log: &str, child: Option<&str>) -> Result<(), ExportError> {
    let pool = owner_pool(owner, look::NAME).await?;
    Ok(look::exported(pool, &Ids::new(), Clock::system().now(), (log, child)).await?)
}

/// Where a log tells about a child, up to a position: looks by their own index, all else by the audit's.
async fn positions(owner: &Private<String>, log: &str, child: &str, last: i64) -> Result<Vec<i64>, ExportError> {
    if log == look::NAME {
        let sql = "select position from view.look_by where about @> array[$1] and position <= $2 order by position";
        return Ok(sqlx::query_scalar(sql).bind(child).bind(last).fetch_all(&owner_pool(owner, log).await?).await?);
    }
    let sql = "select position from audit.record_child where child = $1 and service = $2 and position <= $3 order by position";
    Ok(sqlx::query_scalar(sql).bind(child).bind(log).bind(last).fetch_all(&owner_pool(owner, "audit").await?).await?)
}

/// Exports what the log of a service holds about one child, with proofs, and with proofs from the sizes that the auditor holds. Gives
/// the number of events.
///
/// # Errors
/// As for [`whole`].
pub async fn child(
    owner: &Private<String>,
    (service, policy): (&str, Option<&Policy>),
    (child, held): (&str, &[u64]),
    path: &Path,
) -> Result<i64, ExportError> {
    let source = Source::open(owner, service, policy).await?;
    noted(owner, service, Some(child)).await?;
    let size = u64::try_from(source.last.size).unwrap_or_default();
    let positions = positions(owner, service, child, source.last.size).await?;
    let indexes: Vec<u64> = positions.iter().filter_map(|position| u64::try_from(position - 1).ok()).collect();
    let mut recorders: Vec<(u64, Recorder)> = Vec::new();
    let mut paths = Recorder::for_inclusion(&indexes, size);
    let mut from = 0;
    while from < source.last.size {
        let page = source.log.leaf_hashes(from, (source.last.size - from).min(PAGE * 10)).await?;
        if page.is_empty() {
            return Err(source.broken());
        }
        from += i64::try_from(page.len()).unwrap_or_default();
        for hash in page {
            recorders.iter_mut().for_each(|(_, recorder)| recorder.push(hash));
            paths.push(hash);
            let here = paths.tree().size();
            if held.contains(&here) && here < size && recorders.iter().all(|(known, _)| *known != here) {
                recorders.push((here, Recorder::for_consistency(paths.tree().clone(), size)));
            }
        }
    }
    if paths.tree().root() != source.last.root {
        return Err(source.broken());
    }
    let mut to = Target::open(path)?;
    to.writer.add(&source.head(Part::Child(child.to_owned())))?;
    to.writer.add(&Frame::Checkpoint(source.last.cosigned_note()))?;
    for (older, recorder) in recorders {
        to.writer.add(&Frame::Consistency { older, proof: recorder.consistency(older).unwrap_or_default() })?;
    }
    for (position, index) in positions.iter().zip(&indexes) {
        let rows = source.log.after(position - 1, 1).await?;
        let row = rows.first().filter(|row| row.position == *position).ok_or_else(|| source.broken())?;
        let kept = row.leaf_hash.clone().try_into().map_err(|_| source.broken())?;
        to.writer.add(&Frame::Leaf { index: *index, kept, entry: leaf_bytes(service, row) })?;
        to.writer.add(&Frame::Inclusion(paths.inclusion(*index).ok_or_else(|| source.broken())?))?;
    }
    to.writer.add(&Frame::End(indexes.len() as u64))?;
    to.close()?;
    Ok(i64::try_from(indexes.len()).unwrap_or_default())
}
