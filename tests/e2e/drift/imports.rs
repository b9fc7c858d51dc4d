//! Imports point one way: down the rooms of the common crate, never from function to function, never in a circle of a
//! function's files. What a line does says which room it belongs to only as long as this holds.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use super::modules::{ROOT, sources};

/// The rooms of `shared/src`, lowest first. A room knows those below it, and none beside it.
const ROOMS: &[&[&str]] = &[
    // Rules: no AWS, no HTTP, no clock, no randomness. Beside them the pages for whoever works on the house.
    &["docs", "domain"],
    // What a process is told and given: variables, the time, secrets.
    &["clock", "config", "crypto"],
    // Who may do what; whose token it is; how the SDK's clients are made.
    &["access", "aws", "jwt"],
    // The only homes of DynamoDB, S3, SES and the payment provider.
    &["files", "mail", "payments", "store"],
    // What all of the above refuse, in one language.
    &["refusal"],
    // The parts of a process, put together.
    &["app"],
    // Several steps, several services.
    &["workflows"],
    // HTTP.
    &["web"],
    // How a Lambda starts.
    &["runtime"],
];

fn level(room: &str) -> Option<usize> {
    ROOMS.iter().position(|rooms| rooms.contains(&room))
}

/// The code of a file: without comments, and without the tests at its end.
fn code(text: &str) -> String {
    let text = text.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default();
    let lines = text.lines().filter(|line| !line.trim_start().starts_with("//"));
    lines.map(|line| line.split(" // ").next().unwrap_or_default()).collect::<Vec<_>>().join("\n")
}

/// The name at the start of a text.
fn name(text: &str) -> &str {
    let end = text.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(text.len());
    text.get(..end).unwrap_or_default()
}

/// The paths that a text begins with, each as its names: one, or one for each branch between braces.
fn paths(text: &str) -> Vec<Vec<String>> {
    let text = text.trim_start();
    if let Some(group) = text.strip_prefix('{') {
        let (mut found, mut depth, mut start) = (Vec::new(), 0, 0);
        for (at, c) in group.char_indices() {
            match c {
                '{' => depth += 1,
                '}' if depth > 0 => depth -= 1,
                ',' | '}' if depth == 0 => {
                    found.extend(paths(group.get(start..at).unwrap_or_default()));
                    start = at + 1;
                    if c == '}' {
                        break;
                    }
                }
                _ => {}
            }
        }
        return found;
    }
    let first = name(text);
    if first.is_empty() {
        return Vec::new();
    }
    let rest = text.get(first.len()..).and_then(|rest| rest.strip_prefix("::"));
    let further = rest.map(paths).filter(|further| !further.is_empty()).unwrap_or_else(|| vec![Vec::new()]);
    let whole = |further: Vec<String>| std::iter::once(first.to_owned()).chain(further).collect();
    further.into_iter().map(whole).collect()
}

/// Where a name stands as the first of a path.
fn begins<'a>(text: &'a str, first: &'a str) -> impl Iterator<Item = usize> + 'a {
    let start = format!("{first}::");
    let all: Vec<usize> = text.match_indices(&start).map(|(at, _)| at).collect();
    all.into_iter().filter(move |at| {
        let before = text.get(..*at).unwrap_or_default().chars().next_back();
        before.is_none_or(|c| !c.is_alphanumeric() && c != '_' && c != ':')
    })
}

/// What a file at this place names of its own crate, each as the names of a path from the crate's root.
fn named(module: &[String], text: &str) -> BTreeSet<Vec<String>> {
    let text = code(text);
    let mut found = BTreeSet::new();
    for first in ["crate", "super"] {
        for at in begins(&text, first) {
            for path in paths(text.get(at..).unwrap_or_default()) {
                let up = path.iter().take_while(|name| *name == "super").count();
                let base = if first == "crate" { &[] } else { &module[..module.len().saturating_sub(up)] };
                let rest = path.iter().skip(up.max(1));
                found.insert(base.iter().chain(rest).cloned().collect());
            }
        }
    }
    let child = |line: &str| {
        let line = line.trim_start_matches("pub(crate) ").trim_start_matches("pub ");
        Some(line.strip_prefix("mod ")?.strip_suffix(';')?.to_owned())
    };
    for child in text.lines().filter_map(child) {
        for at in begins(&text, &child) {
            let below = paths(text.get(at..).unwrap_or_default());
            found.extend(below.into_iter().map(|path| module.iter().cloned().chain(path).collect::<Vec<_>>()));
        }
    }
    found
}

/// The module of a file, from its place in `src`.
fn module(place: &str) -> Vec<String> {
    let place = place.trim_end_matches(".rs").trim_end_matches("/mod");
    place.split('/').filter(|name| !["lib", "main"].contains(name)).map(str::to_owned).collect()
}

/// The arrows of a file of the common crate that do not point down.
fn upward(place: &str, text: &str) -> Vec<String> {
    let module = module(place);
    let Some(room) = module.first() else { return Vec::new() };
    let here = level(room).unwrap_or_else(|| panic!("{room} ({place}) has no level: give it one in ROOMS"));
    let rooms: BTreeSet<String> = named(&module, text).into_iter().filter_map(|path| path.first().cloned()).collect();
    let up = |other: &String| other != room && level(other).is_some_and(|there| there >= here);
    rooms.into_iter().filter(up).map(|other| format!("{room} -> {other} in shared/src/{place}")).collect()
}

/// A circle among the files of a crate, if there is one: the files on the way round.
///
/// `lib.rs` is in none: it names every file, and what little it holds itself is there for all of them.
fn circle(files: &BTreeMap<String, String>) -> Option<Vec<String>> {
    let by_module: BTreeMap<Vec<String>, &String> = files.keys().map(|place| (module(place), place)).collect();
    let mut arrows: BTreeMap<&String, BTreeSet<&String>> = BTreeMap::new();
    for (place, text) in files {
        let targets = named(&module(place), text).into_iter().filter_map(|path| {
            // The file of the longest part of the path that is one; what lies in no module lies in `lib.rs`.
            (1..=path.len()).rev().find_map(|length| by_module.get(&path[..length]).copied())
        });
        arrows.insert(place, targets.filter(|target| *target != place).collect());
    }
    // Whoever points at nothing that is left is in no circle.
    loop {
        let left: BTreeSet<&String> = arrows.keys().copied().collect();
        let before = arrows.len();
        arrows.retain(|_, targets| targets.iter().any(|target| left.contains(target)));
        if arrows.len() == before {
            break;
        }
    }
    let mut way = vec![*arrows.keys().next()?];
    loop {
        let next = arrows.get(way.last()?)?.iter().find(|target| arrows.contains_key(*target))?;
        if let Some(at) = way.iter().position(|place| place == next) {
            return Some(way.drain(at..).chain([*next]).cloned().collect());
        }
        way.push(next);
    }
}

/// The files below a folder, by their place in it.
fn texts(folder: &Path) -> BTreeMap<String, String> {
    let mut files = Vec::new();
    sources(folder, &mut files);
    let place = |file: &Path| file.strip_prefix(folder).expect("below").to_string_lossy().replace('\\', "/");
    // Test modules in files of their own are no part of the product; what `main.rs` names is a crate of its own.
    let files = files.iter().filter(|file| !file.ends_with("tests.rs") && !file.ends_with("main.rs"));
    files.map(|file| (place(file), fs::read_to_string(file).expect("a text"))).collect()
}

/// Functions whose circles are still to be mended; the test says when one of them is.
const LATER: &[&str] = &["import-worker"];

/// The packages of the functions, by folder.
fn functions() -> Vec<String> {
    let folders = fs::read_dir(Path::new(ROOT).join("functions")).expect("functions");
    let mut names: Vec<_> =
        folders.map(|folder| folder.expect("a folder").file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

#[test]
fn the_rooms_of_the_common_crate_only_know_those_below() {
    let files = texts(&Path::new(ROOT).join("shared/src"));
    assert!(files.len() > 100, "{} files", files.len());
    let found: Vec<String> = files.iter().flat_map(|(place, text)| upward(place, text)).collect();
    assert!(found.is_empty(), "imports that do not point down:\n{}", found.join("\n"));
}

#[test]
fn nobody_below_the_web_speaks_http() {
    let (http, shown) = (&["axum", "http", "lambda_http", "tower_http"][..], &["utoipa", "utoipa_axum"][..]);
    for (place, text) in texts(&Path::new(ROOT).join("shared/src")) {
        let room = module(&place).first().cloned().unwrap_or_default();
        let barred = match room.as_str() {
            "web" | "runtime" => Vec::new(),
            // A workflow says what became of something; how that is shown is a view's matter.
            "workflows" | "app" | "refusal" => [http, shown].concat(),
            _ => http.to_vec(),
        };
        let text = code(&text);
        let found: Vec<&str> = barred.into_iter().filter(|name| begins(&text, name).next().is_some()).collect();
        assert!(found.is_empty(), "shared/src/{place} speaks {found:?}");
    }
}

#[test]
fn no_function_imports_another_one() {
    let names = functions();
    for function in &names {
        let manifest = fs::read_to_string(format!("{ROOT}/functions/{function}/Cargo.toml")).expect("a manifest");
        let keys = manifest.lines().map(|line| line.split(['=', '.']).next().unwrap_or_default().trim().to_owned());
        let others: Vec<String> = keys.filter(|key| key != function && names.contains(key)).collect();
        assert!(others.is_empty(), "functions/{function} imports {others:?}: what two functions share is in `shared`");
    }
}

#[test]
fn the_files_of_a_function_import_each_other_in_no_circle() {
    let mut found = Vec::new();
    for function in functions() {
        let way = circle(&texts(&Path::new(ROOT).join("functions").join(&function).join("src")));
        if LATER.contains(&function.as_str()) {
            assert!(way.is_some(), "{function} has no circle any more: take it off LATER");
        } else {
            found.extend(way.map(|way| format!("functions/{function}/src: {}", way.join(" -> "))));
        }
    }
    assert!(found.is_empty(), "circles of files:\n{}", found.join("\n"));
}

#[test]
fn a_line_that_points_up_is_found_however_it_is_written() {
    for line in [
        "use crate::web::Reply;",
        "use crate::{domain::ids::ClientId, web::{self, Reply}};",
        "fn a() -> crate::workflows::Sent {}",
        "use super::super::super::app::App;",
        "    use crate::files::Files;",
        "pub use crate::refusal::Stop;",
    ] {
        assert_eq!(upward("store/client/item.rs", line).len(), 1, "{line}");
    }
    for line in [
        "use crate::domain::ids::ClientId;",
        "use super::keys;",
        "use crate::access::{Action, Grant};",
        "//! See [`crate::web`].",
        "let web = storecrate::web::Reply;",
        "#[cfg(test)]\nmod tests {\n    use crate::web::Reply;\n}",
    ] {
        assert_eq!(upward("store/client/item.rs", line), Vec::<String>::new(), "{line}");
    }
    assert_eq!(upward("mail/mod.rs", "use crate::web::Reply;"), ["mail -> web in shared/src/mail/mod.rs"]);
    // Rooms side by side do not know each other either.
    assert_eq!(upward("mail/mod.rs", "use crate::store::Store;"), ["mail -> store in shared/src/mail/mod.rs"]);
}

#[test]
fn a_circle_is_found_whichever_way_it_goes() {
    let files = |all: &[(&str, &str)]| all.iter().map(|(place, text)| ((*place).into(), (*text).into())).collect();
    let lib = ("lib.rs", "mod a;\nmod b;\nmod c;\nendpoints! { a::run }");
    let two = files(&[lib, ("a.rs", "use crate::b::B;"), ("b.rs", "use super::a::A;"), ("c.rs", "use crate::a;")]);
    assert_eq!(circle(&two).map(|way| way.join(" ")).as_deref(), Some("a.rs b.rs a.rs"));
    let three = [("a.rs", "crate::b::b()"), ("b.rs", "use crate::{c::C, d};"), ("c.rs", "use crate::a::A;")];
    assert!(circle(&files(&three)).is_some_and(|way| way.len() == 4));
    let none =
        [lib, ("a.rs", "use crate::{Report, b::B};"), ("b.rs", "use crate::c::C;"), ("c.rs", "// use crate::a;")];
    assert_eq!(circle(&files(&none)), None);
}
