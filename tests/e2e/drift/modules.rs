//! No file of the source is left out of the build: a module that nobody names is never compiled, and its tests never run.

use std::fs;
use std::path::{Path, PathBuf};

pub(super) const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/..");

pub(super) fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display())) {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            found.push(path);
        }
    }
}

/// Whether one of the files that can hold a folder's modules names this one.
fn is_named(file: &Path) -> bool {
    let (folder, name) = (file.parent().expect("a folder"), file.file_stem().expect("a name").to_string_lossy());
    let (folder, name) = match name.as_ref() {
        "main" | "lib" => return true,
        "mod" => {
            let name = folder.file_name().expect("a name").to_string_lossy();
            (folder.parent().expect("a folder"), name)
        }
        _ => (folder, name),
    };
    let holders = ["mod.rs", "lib.rs", "main.rs"].map(|holder| folder.join(holder));
    let named = format!("mod {name};");
    holders.iter().chain([&folder.with_extension("rs")]).any(|holder| {
        let text = fs::read_to_string(holder).unwrap_or_default();
        text.lines().any(|line| line.trim_start_matches("pub ").trim_start_matches("pub(crate) ") == named)
    })
}

// decision 16
#[test]
fn every_file_is_a_module_that_somebody_names() {
    let mut files = Vec::new();
    for folder in ["functions", "shared/src", "infra/local", "tests"] {
        sources(&Path::new(ROOT).join(folder), &mut files);
    }
    assert!(files.len() > 300, "{} files", files.len());
    let build = |file: &PathBuf| file.ends_with("build.rs");
    let lost: Vec<_> = files.iter().filter(|file| !build(file) && !is_named(file)).collect();
    assert!(lost.is_empty(), "no module: {lost:?}");
}
