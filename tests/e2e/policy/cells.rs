//! Every cell of the matrix, straight through the policy.

use caseload::access::{Denied, decide};
use end_to_end::matrix::{self, Cell};

use super::cast;

pub(super) fn letter(decided: Result<(), Denied>) -> char {
    match decided {
        Ok(()) => 'A',
        Err(Denied::NotLive) => 'U',
        Err(Denied::Absent) => 'N',
        Err(Denied::Unsigned) => 'B',
        Err(_) => 'F',
    }
}

// E3, E4, E6, E8, L16, decisions 4 to 7, 10, 15
#[test]
fn every_cell_of_the_matrix_is_what_the_policy_decides() {
    let rows = matrix::rows();
    let principals = matrix::principals();
    let mut wrong = Vec::new();
    let mut cells = 0;
    for row in &rows {
        for (principal, Cell { expected, .. }) in principals.iter().zip(&row.cells) {
            let scene = cast::scene(principal);
            let (action, resource) = scene.asked(row);
            let decided = letter(decide(&scene.actor, action, &resource, &scene.practice));
            cells += 1;
            if decided != *expected {
                wrong.push(format!("{} as {principal}: {decided}, not {expected}", row.name()));
            }
        }
    }
    assert!(wrong.is_empty(), "{} of {cells} cells differ:\n{}", wrong.len(), wrong.join("\n"));
    assert_eq!(cells, rows.len() * principals.len());
    assert!(rows.len() >= 120 && principals.len() >= 29, "the table has lost something");
}

// AZ-1: no action of the policy stands outside the table
#[test]
fn every_action_has_a_row() {
    let rows = matrix::rows();
    let of_rows: std::collections::BTreeSet<&str> = rows.iter().map(|row| row.asks().name()).collect();
    let own: std::collections::BTreeSet<&str> = matrix::OWN_ACTIONS.iter().copied().collect();
    for action in caseload::access::Action::ALL {
        let (in_matrix, in_own) = (of_rows.contains(action.name()), own.contains(action.name()));
        assert!(in_matrix != in_own, "{}: in the matrix {in_matrix}, among our own {in_own}", action.name());
    }
}
