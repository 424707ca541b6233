//! `hub procedures`: an edition as a folder.

use std::path::{Path, PathBuf};

use clap::{ArgGroup, Args, Subcommand};
use hub::{
    people,
    procedures::{Known, Next, Published, Registry, difference_in_words, printable},
};
use kernel::{Borough, Timestamp};
use procedures_registry::{
    difference::Difference,
    document::{self, Document, ProcedureId},
    folder::{self, ExportedFrom},
    print::{self, Numbers, Printed},
};

use super::{Failed, demonstration, now};

#[derive(Subcommand)]
pub(super) enum Procedures {
    /// Write an edition as a folder that a partnership can keep in git.
    Export {
        /// A new or empty folder, or one that holds an edition, which is replaced.
        dir: PathBuf,
        /// Its number; the one in force if none is given.
        #[arg(long)]
        edition: Option<u32>,
        /// The draft that the program carries, without asking a hub.
        #[arg(long, conflicts_with = "edition")]
        carried: bool,
        #[command(flatten)]
        hub: Hub,
    },
    /// List everything that is wrong with a folder, by file and line; fails when there is anything.
    Check {
        /// The folder.
        dir: PathBuf,
    },
    /// Make a draft of a folder, and put it to the boroughs or hand it in for approval.
    #[command(group = ArgGroup::new("next").required(true).args(["dry_run", "consult_until", "unconsulted"]))]
    Publish {
        /// The folder.
        dir: PathBuf,
        /// The title of the draft.
        #[arg(long, required_unless_present = "dry_run")]
        title: Option<String>,
        /// Only show the faults, and what differs from the edition in force.
        #[arg(long)]
        dry_run: bool,
        /// Ask the boroughs until this instant, for instance 2026-12-11T12:00:00Z. Its authors hand it in after that.
        #[arg(long)]
        consult_until: Option<Timestamp>,
        /// Hand it in without asking the boroughs, for this reason; whoever approves reads it.
        #[arg(long)]
        unconsulted: Option<String>,
        /// The number of the edition that the folder builds on, where it is another than the folder was exported from.
        #[arg(long)]
        based_on: Option<u32>,
        #[command(flatten)]
        hub: Hub,
    },
    /// Print a folder as one HTML page, for paper: the whole set, or one procedure's 3 a.m. form.
    Print {
        /// The folder.
        dir: PathBuf,
        /// The procedure whose 3 a.m. form is printed, by its id.
        #[arg(long)]
        night: Option<ProcedureId>,
        /// The borough whose telephones are filled in, by its GSS code, for instance E08000003; a hub is asked for them. Without it
        /// there are lines to write on.
        #[arg(long)]
        borough: Option<Borough>,
        #[command(flatten)]
        hub: Hub,
    },
}

/// Which hub, and as whom.
#[derive(Args)]
pub(super) struct Hub {
    /// The address of the hub.
    #[arg(long, default_value = "http://127.0.0.1:8480")]
    url: String,
    /// A file that holds the token of a procedure author.
    #[arg(long)]
    token_file: Option<PathBuf>,
    /// One of the made-up people of a demonstration, where there is no token file.
    #[arg(long = "as", default_value = "board-author")]
    who: String,
}

impl Hub {
    fn registry(&self) -> Result<Registry, Failed> {
        let token = if let Some(file) = &self.token_file {
            std::fs::read_to_string(file)?.trim().to_owned()
        } else {
            let someone = people::by_id(&self.who);
            let someone =
                someone.ok_or_else(|| Failed::because(format!("there is nobody called {}: `hub people` lists everybody", self.who)))?;
            demonstration()?.person(&someone, now())?
        };
        Ok(Registry::new(&self.url, token))
    }
}

pub(super) async fn run(what: Procedures) -> Result<(), Failed> {
    match what {
        Procedures::Export { dir, carried: true, .. } => export(&dir, &document::first(), None, "the draft that the program carries"),
        Procedures::Export { dir, edition, carried: false, hub } => {
            let known = hub.registry()?.edition(edition).await?;
            let exported = ExportedFrom { number: known.number, hash: known.hash };
            export(&dir, &known.document, Some(&exported), &format!("edition {}", known.number))
        }
        Procedures::Check { dir } => {
            let document = fit(&dir)?;
            println!("nothing is wrong: {} procedures, hash {}", document.procedures.len(), document.hash()?.0);
            Ok(())
        }
        Procedures::Publish { dir, title, dry_run: _, consult_until, unconsulted, based_on, hub } => {
            let registry = hub.registry()?;
            let folder = Folder { dir: &dir, title: title.unwrap_or_default(), based_on };
            match (consult_until, unconsulted) {
                (Some(until), _) => publish(&folder, &registry, Next::Consult(until)).await,
                (None, Some(unconsulted)) => publish(&folder, &registry, Next::HandIn { unconsulted }).await,
                (None, None) => dry_run(&folder, &registry).await,
            }
        }
        Procedures::Print { dir, night, borough, hub } => {
            let document = sound(&dir)?;
            let numbers = match borough {
                Some(borough) => hub.registry()?.numbers(&borough).await?,
                None => Numbers::new(),
            };
            let printed = Printed { document: &document, scheduled: None };
            let page = match night {
                Some(id) => print::night(printed, &id, &numbers)?,
                None => print::whole(printed, &numbers)?,
            };
            print!("{page}");
            Ok(())
        }
    }
}

fn export(dir: &Path, document: &Document, exported: Option<&ExportedFrom>, what: &str) -> Result<(), Failed> {
    folder::write(dir, document)?;
    folder::note_export(dir, exported)?;
    println!("{what} is in {}: {} procedures, hash {}", dir.display(), document.procedures.len(), document.hash()?.0);
    Ok(())
}

/// Shows every fault; how many there are.
fn show(faults: &[folder::Fault]) -> usize {
    faults.iter().for_each(|fault| println!("{}", printable(&fault.to_string())));
    faults.len()
}

fn faulty(count: usize, dir: &Path) -> Failed {
    Failed::because(format!("{count} fault{} in {}", if count == 1 { "" } else { "s" }, dir.display()))
}

fn sound(dir: &Path) -> Result<Document, Failed> {
    folder::read(dir)?.sound().map_err(|faults| faulty(show(&faults), dir))
}

/// The same, as it may be handed in now.
fn fit(dir: &Path) -> Result<Document, Failed> {
    folder::read(dir)?.handed_in(now()).sound().map_err(|faults| faulty(show(&faults), dir))
}

/// A folder that becomes a draft.
struct Folder<'a> {
    dir: &'a Path,
    title: String,
    based_on: Option<u32>,
}

impl Folder<'_> {
    /// The edition that it builds on.
    async fn base(&self, registry: &Registry) -> Result<Known, Failed> {
        Ok(registry.base(self.based_on, folder::exported_from(self.dir)?.as_ref()).await?)
    }
}

async fn dry_run(folder: &Folder<'_>, registry: &Registry) -> Result<(), Failed> {
    let dir = folder.dir;
    let reading = folder::read(dir)?.handed_in(now());
    let count = show(&reading.faults);
    let Some(document) = reading.document else {
        println!("a file could not be read, so that nothing is compared");
        return Err(faulty(count, dir));
    };
    let base = folder.base(registry).await;
    // Where it cannot be published as it stands, it is shown against what is in force, and why is said last.
    let (against, refused) = match base {
        Ok(base) => (base, None),
        Err(refused) => (registry.edition(None).await?, Some(refused)),
    };
    let difference = Difference::between(&against.document, &document);
    if difference.is_empty() {
        println!("nothing differs from edition {}", against.number);
    } else {
        let title = &folder.title;
        let draft = if title.is_empty() { "a draft of this folder".to_owned() } else { format!("\"{}\"", printable(title)) };
        println!("{draft} would change edition {}:\n{}", against.number, difference_in_words(&difference));
    }
    if let Some(refused) = refused.filter(|_| !difference.is_empty()) {
        return Err(refused);
    }
    if count > 0 { Err(faulty(count, dir)) } else { Ok(()) }
}

async fn publish(folder: &Folder<'_>, registry: &Registry, next: Next) -> Result<(), Failed> {
    let document = fit(folder.dir)?;
    let base = folder.base(registry).await?;
    let published = registry.publish(&folder.title, &base, &document, &next).await?;
    let Published { draft, hash } = published;
    match next {
        Next::Consult(until) => println!("draft {draft} is before the boroughs until {until}; its authors hand it in after that"),
        Next::HandIn { .. } => println!("draft {draft} waits for approval, with the hash {hash}"),
    }
    Ok(())
}
