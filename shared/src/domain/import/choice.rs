//! What the practice may choose: a target for each column, and what holds for the import as a whole (C2, C6, C7).

use std::fmt;

use super::columns::{ColumnMapping, ColumnWarning};
use super::questions::Answers;
use super::target::Target;
use crate::domain::client::Ownership;

// C7
/// What happens to the good rows of a file with bad ones.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// They are imported.
    #[default]
    ValidRows,
    /// Nothing is written unless every row is good.
    AllOrNothing,
}

// C6
/// What happens to a row whose client exists already.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Duplicates {
    /// It is left out.
    #[default]
    Skip,
    /// It fills in what the client has not.
    UpdateBlanks,
    /// It replaces what it has a value for.
    UpdateAll,
    /// It becomes a client of its own.
    Create,
}

/// What the practice chose for the import as a whole.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Options {
    /// What happens to the good rows of a file with bad ones.
    pub mode: Mode,
    /// What happens to a row whose client exists already.
    pub duplicates: Duplicates,
    // d-8
    /// Who the new clients belong to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ownership: Option<Ownership>,
}

/// The practice's choice for a column.
#[derive(Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ChosenColumn {
    /// The column's name in the file.
    pub column: String,
    /// What to import it as.
    pub target: Target,
}

impl fmt::Debug for ChosenColumn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ChosenColumn").field("target", &self.target).finish_non_exhaustive()
    }
}

/// One thing that is wrong with a choice or an answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{detail}")]
pub struct PlanRefusal {
    /// A JSON pointer into the request.
    pub pointer: String,
    pub code: &'static str,
    /// What to do about it.
    pub detail: &'static str,
}

impl PlanRefusal {
    pub(super) const fn at(pointer: String, code: &'static str, detail: &'static str) -> Self {
        Self { pointer, code, detail }
    }
}

/// Puts the choices on top of the proposals.
pub(super) fn choose(mapping: &mut [ColumnMapping], columns: &[ChosenColumn], answers: &Answers) -> Vec<PlanRefusal> {
    let mut refusals = Vec::new();
    let mut refuse = |refusal| refusals.push(refusal);
    let mut chosen: Vec<usize> = Vec::new();
    for (at, choice) in columns.iter().enumerate() {
        let pointer = |member| format!("/columns/{at}/{member}");
        let Some(place) = mapping.iter().position(|mapped| mapped.column == choice.column) else {
            refuse(PlanRefusal::at(pointer("column"), "column_unknown", "The file has no column of this name."));
            continue;
        };
        if chosen.contains(&place) {
            refuse(PlanRefusal::at(pointer("column"), "column_repeated", "This column is named twice."));
            continue;
        }
        let claimed = |other: &usize| mapping.get(*other).is_some_and(|mapped| mapped.target == choice.target);
        if !choice.target.repeats() && chosen.iter().any(claimed) {
            refuse(PlanRefusal::at(
                pointer("target"),
                "duplicate_target",
                "Another column is chosen for this target; it takes one.",
            ));
            continue;
        }
        let Some(mapped) = mapping.get_mut(place) else { continue };
        if mapped.warning == Some(ColumnWarning::SecretRefused) && choice.target != Target::Ignore {
            refuse(PlanRefusal::at(
                pointer("target"),
                "column_refused",
                "This column is never stored; leave it ignored.",
            ));
            continue;
        }
        mapped.target = choice.target;
        // Whatever its name was taken for: the practice knows.
        mapped.confidence = 1.0;
        chosen.push(place);
    }
    let taken: Vec<Target> =
        chosen.iter().filter_map(|place| mapping.get(*place)).map(|mapped| mapped.target).collect();
    for (place, mapped) in mapping.iter_mut().enumerate() {
        if !chosen.contains(&place) && !mapped.target.repeats() && taken.contains(&mapped.target) {
            mapped.target = Target::Ignore;
        }
    }
    for column in answers.date_order.keys() {
        if !mapping.iter().any(|mapped| mapped.column == *column) {
            let pointer = format!("/answers/date_order/{}", column.replace('~', "~0").replace('/', "~1"));
            refuse(PlanRefusal::at(pointer, "column_unknown", "The file has no column of this name."));
        }
    }
    refusals
}
