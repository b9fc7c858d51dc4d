//! A code that a refusal is made with is in the list that programs go by, also where no test meets it.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use caseload::refusal::{CODES, FIELD_CODES};

use super::modules::{ROOT, sources};

/// What makes a refusal or a bad field, and which of its arguments is the code.
const MAKERS: &[(&str, usize, &[&str])] = &[
    ("Refusal::malformed(", 0, CODES),
    ("Refusal::forbidden(", 0, CODES),
    ("Refusal::conflict(", 0, CODES),
    ("Refusal::unfit(", 0, CODES),
    ("Refusal::dead_token(", 0, CODES),
    ("Refusal::new(", 1, CODES),
    ("Problem::of_http(", 1, CODES),
    ("Self::malformed(", 0, CODES),
    ("Self::forbidden(", 0, CODES),
    ("Self::conflict(", 0, CODES),
    ("Self::unfit(", 0, CODES),
    ("Refusal::invalid(", 1, FIELD_CODES),
    ("Self::invalid(", 1, FIELD_CODES),
    ("BadField::new(", 1, FIELD_CODES),
    ("super::coded(", 0, FIELD_CODES),
    ("PlanRefusal::at(", 1, FIELD_CODES),
];

/// The arguments of a call, from behind its bracket on.
fn arguments(text: &str) -> Vec<&str> {
    let (mut found, mut depth, mut start, mut quoted) = (Vec::new(), 0_usize, 0, false);
    let mut before = ' ';
    for (at, c) in text.char_indices() {
        match c {
            '"' if before != '\\' => quoted = !quoted,
            _ if quoted => {}
            '(' | '[' | '{' => depth += 1,
            ')' | ']' | '}' if depth > 0 => depth -= 1,
            ')' => {
                found.push(text[start..at].trim());
                return found;
            }
            ',' if depth == 0 => {
                found.push(text[start..at].trim());
                start = at + 1;
            }
            _ => {}
        }
        before = c;
    }
    found
}

// decision 26, API-1
#[test]
fn every_code_that_is_written_is_in_the_list() {
    let mut files = Vec::new();
    for folder in ["functions", "shared/src"] {
        sources(&Path::new(ROOT).join(folder), &mut files);
    }
    let (mut seen, mut lost) = (BTreeSet::new(), BTreeSet::new());
    for file in files {
        let text = fs::read_to_string(&file).expect("a file");
        let text = text.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default();
        for (maker, place, codes) in MAKERS {
            for (at, _) in text.match_indices(maker) {
                let arguments = arguments(&text[at + maker.len()..]);
                let code = arguments.get(*place).and_then(|code| code.strip_prefix('"')?.strip_suffix('"'));
                let Some(code) = code else { continue };
                seen.insert(code.to_owned());
                if !codes.contains(&code) {
                    lost.insert(format!("{code} ({})", file.display()));
                }
            }
        }
    }
    assert!(seen.len() > 70, "{} codes were found", seen.len());
    assert!(lost.is_empty(), "not in refusal/codes.rs: {lost:?}");
}
