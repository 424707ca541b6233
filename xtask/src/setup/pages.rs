//! What the pages are made with: GOV.UK Frontend and dart-sass by lock file, and the macros as a hash-pinned wheel. All of it goes
//! under `.tools`, and nothing of it is committed.

use std::{fs, path::Path};

use super::{apt_install, only, python};
use crate::project::Project;

/// Where our part of the front end is.
const OURS: &str = "services/web-front/front-end";

/// Everything that the assets are made from; when one changes they are made again.
const INPUTS: [&str; 7] = [
    "services/web-front/front-end/package-lock.json",
    "services/web-front/front-end/package.json",
    "services/web-front/front-end/build.mjs",
    "services/web-front/front-end/hub.scss",
    "services/web-front/front-end/hub.js",
    "services/web-front/front-end/licences.txt",
    "tools/requirements-pages.txt",
];

/// The assets and macros of the pages, in `.tools/pages`.
///
/// # Errors
/// What could not be installed, and what to do.
pub(crate) fn assets(project: &Project) -> Result<(), String> {
    let wanted = INPUTS.iter().map(|path| read(&project.join(path))).collect::<Result<Vec<_>, _>>()?.join("\n");
    let stamp = project.join(".tools/pages/made-from.txt");
    if fs::read_to_string(&stamp).ok().as_deref() != Some(&wanted) {
        println!("setup: making the assets of the pages in .tools/pages");
        node(project)?;
        packages(project, OURS, ".tools/front")?;
        empty(&project.join(".tools/pages"))?;
        macros(project)?;
        let modules = project.join(".tools/front/node_modules").display().to_string();
        project.run("node", &[&format!("{OURS}/build.mjs"), &modules, ".tools/pages/assets"])?;
        // Written last: what was cut short is done again.
        fs::write(&stamp, wanted).map_err(|e| format!("{} cannot be written: {e}", stamp.display()))?;
    }
    println!("setup: assets of the pages in .tools/pages");
    Ok(())
}

/// A browser, and what drives and judges it, for the tests of the pages.
///
/// # Errors
/// What could not be installed, and what to do.
pub(crate) fn browser(project: &Project) -> Result<(), String> {
    if !project.works("chromium", &["--version"]) {
        println!("setup: installing Chromium from Debian's packages");
        apt_install(project, &["chromium"])?;
    }
    let wanted = read(&project.join("tests/browser/package-lock.json"))?;
    let stamp = project.join(".tools/browser/made-from.txt");
    if fs::read_to_string(&stamp).ok().as_deref() != Some(&wanted) {
        println!("setup: fetching Playwright and axe-core into .tools/browser");
        node(project)?;
        packages(project, "tests/browser", ".tools/browser")?;
        fs::write(&stamp, wanted).map_err(|e| format!("{} cannot be written: {e}", stamp.display()))?;
    }
    println!("setup: Playwright and axe-core in .tools/browser");
    Ok(())
}

/// Node 18 or newer, with npm.
fn node(project: &Project) -> Result<(), String> {
    let there = || {
        project.works("node", &["-e", "process.exit(Number(process.versions.node.split('.')[0]) < 18 ? 1 : 0)"])
            && project.works("npm", &["--version"])
    };
    if !there() {
        println!("setup: installing Node.js from Debian's packages");
        apt_install(project, &["nodejs", "npm"])?;
    }
    if there() { Ok(()) } else { Err("Node.js 18 or newer with npm is needed (Debian 12 or newer has it)".to_owned()) }
}

/// Exactly the packages of a lock file, without running a script of any.
fn packages(project: &Project, from: &str, to: &str) -> Result<(), String> {
    let target = project.join(to);
    fs::create_dir_all(&target).map_err(|e| format!("{} cannot be made: {e}", target.display()))?;
    for name in ["package.json", "package-lock.json"] {
        fs::copy(project.join(from).join(name), target.join(name)).map_err(|e| format!("{name} cannot be copied to {to}: {e}"))?;
    }
    // Where `.tools` is a link, npm wants the place that it leads to.
    let place = target.canonicalize().map_err(|e| format!("{} cannot be found: {e}", target.display()))?.display().to_string();
    project.run("npm", &["ci", "--prefix", &place, "--omit=optional", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"])
}

/// The macros, out of their wheel.
fn macros(project: &Project) -> Result<(), String> {
    python(project)?;
    let download = project.join(".tools/front/download");
    empty(&download)?;
    let words = ["-m", "pip", "download", "--quiet", "--require-hashes", "--no-deps", "--dest", ".tools/front/download", "-r"];
    project.run("python3", &[&words[..], &["tools/requirements-pages.txt"]].concat())?;
    let wheel = only(&download, |name| name.ends_with(".whl"))?;
    project.run("python3", &["-m", "zipfile", "-e", &format!(".tools/front/download/{wheel}"), ".tools/pages"])
}

fn empty(directory: &Path) -> Result<(), String> {
    if directory.exists() {
        fs::remove_dir_all(directory).map_err(|e| format!("{} cannot be emptied: {e}", directory.display()))?;
    }
    fs::create_dir_all(directory).map_err(|e| format!("{} cannot be made: {e}", directory.display()))
}

fn read(path: &Path) -> Result<String, String> {
    fs::read_to_string(path).map_err(|e| format!("{} cannot be read: {e}", path.display()))
}
