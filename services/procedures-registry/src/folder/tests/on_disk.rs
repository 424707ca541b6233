use std::{fs, os::unix::fs::symlink};

use super::*;

/// A folder of this test's own, which goes with it.
struct Place(PathBuf);

impl Place {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("hub-folder-{name}-{}", std::process::id()));
        fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    fn edition(&self) -> PathBuf {
        self.0.join("edition")
    }

    /// Whatever is in it, hidden or not.
    fn names(&self) -> Vec<String> {
        let mut names: Vec<String> =
            fs::read_dir(&self.0).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        drop(fs::remove_dir_all(&self.0));
    }
}

fn bytes(folder: &Path) -> Texts {
    let (texts, faults) = files(folder).unwrap();
    assert_eq!(faults, []);
    texts
}

#[test]
fn export_import_export_gives_the_same_bytes_on_the_disk() {
    let place = Place::new("round");
    let document = document::first();
    write(&place.edition(), &document).unwrap();
    let once = bytes(&place.edition());
    let read = read(&place.edition()).unwrap().sound().unwrap();
    assert!(read == document);
    assert_eq!(read.hash().unwrap(), document.hash().unwrap());
    write(&place.edition(), &read).unwrap();
    assert!(bytes(&place.edition()) == once && once == bytes(&first_folder()));
    assert_eq!(place.names(), ["edition"], "nothing is left beside it");
}

#[test]
fn a_folder_says_which_edition_it_was_until_another_is_written_into_it() {
    let place = Place::new("exported");
    let folder = place.edition();
    let document = document::first();
    write(&folder, &document).unwrap();
    assert_eq!(exported_from(&folder).unwrap(), None);
    let told = ExportedFrom { number: 7, hash: document.hash().unwrap() };
    note_export(&folder, Some(&told)).unwrap();
    assert_eq!(exported_from(&folder).unwrap(), Some(told.clone()));
    assert!(read(&folder).unwrap().sound().unwrap() == document, "it is no part of the edition");
    write(&folder, &document).unwrap();
    assert_eq!(exported_from(&folder).unwrap(), Some(told), "what begins with a dot stays");
    for unreadable in ["", "edition 7", "edition x\n00\n", "edition 7\nno hash\n"] {
        fs::write(folder.join(".exported-from"), unreadable).unwrap();
        assert_eq!(exported_from(&folder).unwrap(), None, "{unreadable}");
    }
    note_export(&folder, None).unwrap();
    note_export(&folder, None).unwrap();
    assert!(!folder.join(".exported-from").exists());
}

#[test]
fn what_is_in_the_old_folder_and_not_in_the_new_edition_goes_and_what_is_left_alone_stays() {
    let place = Place::new("replace");
    let folder = place.edition();
    fs::create_dir_all(folder.join(".git")).unwrap();
    fs::write(folder.join("README.md"), "Ours.").unwrap();
    write(&folder, &document::first()).unwrap();
    fs::write(folder.join("procedures/.gitkeep"), "").unwrap();
    let mut fewer = document::first();
    fewer.procedures.retain(|id, _| id.as_str() == "police-protection");
    write(&folder, &fewer).unwrap();
    assert_eq!(bytes(&folder).into_keys().collect::<Vec<_>>(), [EDITION, "procedures/police-protection.md"]);
    assert!(folder.join(".git").is_dir() && folder.join("README.md").is_file() && folder.join("procedures/.gitkeep").is_file());
    assert_eq!(place.names(), ["edition"]);
}

#[test]
fn a_folder_with_anything_else_in_it_is_not_written_to() {
    let place = Place::new("foreign");
    let folder = place.edition();
    for (file, entry) in
        [("notes.txt", "notes.txt"), ("procedures/mine.md", "procedures/mine.md"), ("procedures/deep/x.md", "procedures/deep")]
    {
        fs::create_dir_all(folder.join(file).parent().unwrap()).unwrap();
        fs::write(folder.join(file), "mine").unwrap();
        let refused = write(&folder, &document::first());
        assert!(matches!(&refused, Err(DiskError::Foreign { entry: found, .. }) if found == entry), "{file}: {refused:?}");
        assert_eq!(fs::read_to_string(folder.join(file)).unwrap(), "mine");
        fs::remove_dir_all(&folder).unwrap();
    }
    assert!(matches!(write(Path::new("/"), &document::first()), Err(DiskError::NoName { .. })));
}

#[test]
fn an_export_that_was_cut_short_is_never_taken_for_an_edition() {
    let place = Place::new("cut");
    let folder = place.edition();
    write(&folder, &document::first()).unwrap();
    // As it stands when the program is killed between the old edition and the new one.
    fs::create_dir(place.0.join(".edition.being-written")).unwrap();
    fs::rename(folder.join(EDITION), place.0.join(".edition.being-written/edition.json.before")).unwrap();
    let reading = read(&folder).unwrap();
    assert_eq!(reading.document, None);
    assert!(reading.faults.iter().any(|fault| fault.file == EDITION && fault.what == "is missing"));
    assert!(matches!(write(&folder, &document::first()), Err(DiskError::Foreign { .. } | DiskError::Unfinished { .. })));
    assert!(place.0.join(".edition.being-written/edition.json.before").is_file(), "the old edition is still there");
}

#[test]
fn a_half_written_new_folder_is_not_seen_at_all() {
    let place = Place::new("half");
    fs::create_dir(place.0.join(".edition.being-written")).unwrap();
    assert!(matches!(write(&place.edition(), &document::first()), Err(DiskError::Unfinished { .. })));
    assert!(!place.edition().exists());
}

#[test]
fn links_and_foreign_and_huge_and_unreadable_files_are_refused_by_name() {
    let place = Place::new("files");
    let folder = place.edition();
    write(&folder, &document::first()).unwrap();
    fs::write(place.0.join("secret.md"), "not yours").unwrap();
    symlink(place.0.join("secret.md"), folder.join("procedures/linked.md")).unwrap();
    symlink(&place.0, folder.join("elsewhere")).unwrap();
    fs::create_dir(folder.join("procedures/deep")).unwrap();
    fs::write(folder.join("procedures/notes.txt"), "").unwrap();
    fs::write(folder.join("LICENCE"), "").unwrap();
    fs::write(folder.join("procedures/unborn-child.md"), "x".repeat((1 << 18) + 1)).unwrap();
    fs::write(folder.join("procedures/police-protection.md"), b"+++\nid = \"\xff\"\n").unwrap();
    let reading = read(&folder).unwrap();
    assert_eq!(reading.document, None);
    let found: Vec<(&str, usize)> = reading.faults.iter().map(|fault| (fault.file.as_str(), fault.line)).collect();
    for expected in [
        ("LICENCE", 1),
        ("elsewhere", 1),
        ("procedures/deep", 1),
        ("procedures/linked.md", 1),
        ("procedures/notes.txt", 1),
        ("procedures/police-protection.md", 2),
        ("procedures/unborn-child.md", 1),
    ] {
        assert!(found.contains(&expected), "{expected:?} in {found:?}");
    }
    assert!(reading.faults.iter().all(|fault| !fault.what.contains("not yours")), "nothing outside was read");
}
