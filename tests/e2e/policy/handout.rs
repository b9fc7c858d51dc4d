//! The permissions, written for the owner of a practice: `infra/permissions.md`.

use std::fmt::Write as _;

use caseload::access::{Denied, decide};
use caseload::domain::role::{Feature, Role};
use end_to_end::matrix;

use crate::drift::documents::compare;
use crate::matrix::asks::NOT_SERVED;

use super::cast::{self, INTERN, SUPERVISOR, THERAPIST, role_id};

const WORDS: &str = include_str!("../../data/permission-words.tsv");

/// Columns: what they are called, and the principal of the matrix that stands for them.
const COLUMNS: &[(&str, &str)] = &[
    ("Admin", "admin"),
    ("Therapist, own client", "therapist_assigned"),
    ("Therapist, walk-in", "therapist_walkin"),
    ("Therapist, others' client", "therapist_unassigned"),
    ("Supervisor of the therapist", "supervisor"),
    ("Intern, own client", "supervisee_assigned"),
    ("Client, own record", "client_self"),
];

fn head(text: &mut String, columns: &[&str]) {
    let dashes = vec!["---"; columns.len()].join(" | ");
    let _ = writeln!(text, "\n| {} |\n| {dashes} |", columns.join(" | "));
}

fn handout() -> String {
    let mut text = String::from(
        "# Who may do what\n\nMade from the code that decides: every line is what the policy answers for the roles a practice \
         starts with.\n**yes** allowed · **no** refused · **–** does not even learn that it is there \
         · * decided, and not built yet.\n\nA therapist's \
         *own* clients are those it is the primary therapist of; a *walk-in* is a client of the practice it holds a session \
         with.\nSupervisors see the clients of those they supervise while supervision is on; portal clients need the portal \
         and the part of it to be on.\nPeople on hold sign in and see settings, tags, the roster and themselves; inactive \
         and removed people are signed out.\n",
    );
    let rows = matrix::rows();
    for line in WORDS.lines() {
        let Some((name, words)) = line.split_once('\t') else {
            let _ = writeln!(text, "\n## {line}");
            let columns: Vec<&str> = std::iter::once("").chain(COLUMNS.iter().map(|(title, _)| *title)).collect();
            head(&mut text, &columns);
            continue;
        };
        let row = rows.iter().find(|row| row.name() == name).unwrap_or_else(|| panic!("{name}: no such row"));
        let cell = |(_, principal): &(&str, &str)| {
            let scene = cast::scene(principal);
            let (action, resource) = scene.asked(row);
            match decide(&scene.actor, action, &resource, &scene.practice) {
                Ok(()) => "yes",
                Err(Denied::Absent) => "–",
                Err(_) => "no",
            }
        };
        let cells: Vec<&str> = COLUMNS.iter().map(cell).collect();
        let coming = if NOT_SERVED.contains(&name) { " *" } else { "" };
        let _ = writeln!(text, "| {words}{coming} | {} |", cells.join(" | "));
    }
    text.push_str("\n## What a role can include\n\nA role says on, off or nothing for each of these; nothing means:\n");
    let roles = Role::standard([THERAPIST, SUPERVISOR, INTERN].map(role_id));
    head(&mut text, &["Feature", "What it lets people do", "Therapist, Supervisor", "Intern"]);
    for feature in Feature::ALL {
        let by = |role: u128| if roles[&role_id(role)].has(*feature) { "on" } else { "off" };
        let _ = writeln!(text, "| `{}` | {} | {} | {} |", feature.name(), feature.what(), by(THERAPIST), by(INTERN));
    }
    text.push_str(
        "\nAdmins have every feature. Staff, roles, the record of access, reassigning clients and the payments \
                   account are for admins only; no role includes them.\n",
    );
    text
}

// L5, E8
#[test]
fn the_handout_says_what_the_policy_decides() {
    compare("permissions.md", &handout());
}

#[test]
fn every_row_has_words() {
    let worded: Vec<&str> = WORDS.lines().filter_map(|line| line.split_once('\t')).map(|(name, _)| name).collect();
    for row in matrix::rows().iter().filter(|row| row.kind != "public") {
        assert_eq!(worded.iter().filter(|name| **name == row.name()).count(), 1, "{}", row.name());
    }
}
