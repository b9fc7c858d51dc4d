//! Whoever has only the repository can look up every id of a rule that the code cites; whoever has only the product never
//! meets one.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use caseload_local::openapi;
use serde_json::Value;

use super::modules::{ROOT, sources};

/// Words that look like ids of rules and are names of something else.
const NOT_OURS: &[&str] = &["AES", "ISO", "RFC", "SHA", "UTF"];

/// Chapters are cited with the word before them.
const CHAPTERS: &[&str] = &["performance", "security"];

fn read(path: impl AsRef<Path>) -> String {
    let path = path.as_ref();
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// Whether a word is an id by itself: `A4`, `S2`, `d-8`, `AZ-2`, `AZ-A6`.
fn is_id(word: &str) -> bool {
    if let Some((family, number)) = word.split_once('-') {
        let of_family =
            family == "d" || (2..=4).contains(&family.len()) && family.bytes().all(|b| b.is_ascii_uppercase());
        return of_family && !NOT_OURS.contains(&family) && digits(number.strip_prefix('A').unwrap_or(number));
    }
    let (Some(letter), Some(number)) = (word.get(..1), word.get(1..)) else { return false };
    let feature = ("A"..="L").contains(&letter) || letter == "X";
    digits(number) && number.len() <= 2 && (feature || (letter == "S" && number.len() == 1))
}

/// Every id in a text. Decisions are cited as `decision 5` or `decisions 4 to 7, 10`, chapters as `security 2.2`.
fn cited(text: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let word = |c: char| !(c.is_alphanumeric() || matches!(c, '-' | '.' | '_' | '/'));
    // A list of decisions goes on over commas, `and` and `to`.
    let (mut before, mut decisions) = ("", false);
    for piece in text.split(word).filter(|piece| !piece.is_empty()) {
        let piece = piece.trim_matches('.');
        let chapter = piece.split_once('.').is_some_and(|(_, section)| digits(section)) && CHAPTERS.contains(&before);
        if is_id(piece) {
            found.insert(piece.to_owned());
        } else if chapter {
            found.insert(format!("{before} {piece}"));
        } else if decisions && digits(piece) {
            found.insert(format!("decision {piece}"));
        }
        decisions = matches!(piece, "decision" | "decisions")
            || (decisions && (digits(piece) || matches!(piece, "and" | "to")));
        before = piece;
    }
    found
}

/// What a source file says to whoever reads it, and what to whoever uses the product.
#[derive(Default)]
struct Said {
    comments: String,
    literals: String,
}

/// Takes a file apart: comments, string literals, and code, which is left out.
fn said(source: &str) -> Said {
    let mut said = Said::default();
    let mut rest = source;
    while let Some(c) = rest.chars().next() {
        let (end, into) = if rest.starts_with("//") {
            (rest.find('\n').unwrap_or(rest.len()), Some(&mut said.comments))
        } else if rest.starts_with("r#\"") {
            (rest.find("\"#").map_or(rest.len(), |end| end + 2), Some(&mut said.literals))
        } else if c == '"' {
            (quoted(rest), Some(&mut said.literals))
        } else if let Some(quote) =
            ["'\"'", "'\\''", "'\\\\'", "'\\\"'"].into_iter().find(|quote| rest.starts_with(quote))
        {
            (quote.len(), None)
        } else {
            (c.len_utf8(), None)
        };
        let (taken, left) = rest.split_at(end);
        if let Some(into) = into {
            into.push_str(taken);
            into.push('\n');
        }
        rest = left;
    }
    said
}

/// Where a string that a text begins with is over.
fn quoted(text: &str) -> usize {
    let mut escaped = false;
    for (at, c) in text.char_indices().skip(1) {
        match c {
            '\\' if !escaped => escaped = true,
            '"' if !escaped => return at + 1,
            _ => escaped = false,
        }
    }
    text.len()
}

fn files(folders: &[&str]) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for folder in folders {
        sources(&Path::new(ROOT).join(folder), &mut found);
    }
    found
}

/// The ids that `shared/docs` defines.
fn defined() -> BTreeSet<String> {
    let docs = Path::new(ROOT).join("shared/docs");
    let rules = read(docs.join("rules.md"));
    let rule = |line: &str| line.strip_prefix("- **")?.split_once("**").map(|(id, _)| id.to_owned());
    let decisions = read(docs.join("decisions.md"));
    let decision =
        |line: &str| line.split_once(". ").filter(|(id, _)| digits(id)).map(|(id, _)| format!("decision {id}"));
    rules.lines().filter_map(rule).chain(decisions.lines().filter_map(decision)).collect()
}

#[test]
fn ids_are_told_from_words() {
    let text =
        "A4, d-35 and AZ-2; (decisions 4 to 7, 10) IMP-4. security 2.2, AZ-A6: S4 SHA-256 A4b 4.2 P3 cli-4 A 404";
    let ids = ["A4", "AZ-2", "AZ-A6", "IMP-4", "S4", "d-35", "decision 10", "decision 4", "decision 7", "security 2.2"];
    assert_eq!(cited(text).iter().map(String::as_str).collect::<Vec<_>>(), ids);
}

// decision 35
#[test]
fn every_cited_id_is_defined() {
    let defined = defined();
    assert!(defined.len() > 200, "{} ids", defined.len());
    let mut unknown: BTreeMap<String, PathBuf> = BTreeMap::new();
    for file in files(&["functions", "shared/src", "infra/local", "tests"]) {
        // This file is about ids, and says some that are none.
        if file.ends_with("drift/rules.rs") {
            continue;
        }
        let undefined = cited(&said(&read(&file)).comments).into_iter().filter(|id| !defined.contains(id));
        unknown.extend(undefined.map(|id| (id, file.clone())));
    }
    let docs = fs::read_dir(Path::new(ROOT).join("shared/docs")).expect("a folder");
    for page in docs.map(|entry| entry.expect("an entry").path()) {
        let undefined = cited(&read(&page)).into_iter().filter(|id| !defined.contains(id));
        unknown.extend(undefined.map(|id| (id, page.clone())));
    }
    assert!(unknown.is_empty(), "cited, and not in shared/docs/rules.md: {unknown:#?}");
}

/// Every text of a document, with where it stands.
fn texts(value: &Value, at: &str, found: &mut Vec<(String, String)>) {
    match value {
        Value::String(text) => found.push((at.to_owned(), text.clone())),
        Value::Array(all) => all.iter().for_each(|one| texts(one, at, found)),
        Value::Object(all) => {
            for (key, value) in all.iter().filter(|(key, _)| !matches!(key.as_str(), "example" | "pattern" | "enum")) {
                texts(value, &format!("{at}/{key}"), found);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

// decision 35
#[test]
fn texts_for_outsiders_carry_no_ids() {
    let mut outward = Vec::new();
    texts(&serde_json::to_value(openapi::document()).expect("a document"), "openapi", &mut outward);
    for file in files(&["functions", "shared/src", "infra/local/src"]) {
        // Problem details, mails, lines of the log: whatever leaves a process was a literal.
        let source = read(&file);
        let code = source.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default();
        if !file.ends_with("tests.rs") && !file.ends_with("laws.rs") && !file.ends_with("samples.rs") {
            outward.push((file.display().to_string(), said(code).literals));
        }
    }
    let pages = ["README.md", "infra/permissions.md", "infra/keys.md", "infra/template.yaml"].map(PathBuf::from);
    let folders = ["shared/templates", "infra/local/src/dev/pages"].map(|folder| Path::new(ROOT).join(folder));
    let in_folders = folders.iter().flat_map(|folder| fs::read_dir(folder).expect("a folder"));
    let in_folders = in_folders.map(|entry| entry.expect("an entry").path()).filter(|path| path.is_file());
    for page in pages.into_iter().map(|page| Path::new(ROOT).join(page)).chain(in_folders) {
        outward.push((page.display().to_string(), read(&page)));
    }
    let carrying: Vec<String> = outward
        .iter()
        .flat_map(|(at, text)| cited(text).into_iter().map(move |id| format!("{at}: {id}")))
        // The bucket's product.
        .filter(|found| !found.ends_with(": S3"))
        .collect();
    assert!(carrying.is_empty(), "ids of rules that outsiders read:\n{}", carrying.join("\n"));
}
