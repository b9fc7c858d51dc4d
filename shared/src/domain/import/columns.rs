//! The proposed mapping of a file's columns (C2, C3): every column is listed, none is ignored silently.

use std::fmt;

pub use super::target::Target;
use super::target::{HeaderMeaning, meaning};
use super::words::words;

/// What the practice should know about a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ColumnWarning {
    /// Passwords, social security and card numbers are never stored, not even as a sample.
    SecretRefused,
    /// Consent to mail is not consent to portal access and is not imported as such.
    ConsentNotImported,
    /// Another column has the same meaning and this one has no values.
    EmptyColumn,
    /// We know what it is and have no place for it; map it if it should come in as something else.
    NotStored,
}

/// A column and what it is imported as.
#[derive(Clone, PartialEq, serde::Serialize, serde::Deserialize, utoipa::ToSchema)]
pub struct ColumnMapping {
    /// The column's name in the file.
    pub column: String,
    /// What it is imported as.
    pub target: Target,
    /// 1 for a name we know, less for a guess, 0 for a column nobody has mapped.
    pub confidence: f32,
    /// At most three different values, 80 characters each.
    pub samples: Vec<String>,
    /// What to know about it.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub warning: Option<ColumnWarning>,
}

impl ColumnMapping {
    /// Nobody knows what it is.
    pub(super) fn is_unknown(&self) -> bool {
        self.target == Target::Ignore && self.confidence == 0.0 && self.warning.is_none()
    }
}

impl fmt::Debug for ColumnMapping {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ColumnMapping")
            .field("target", &self.target)
            .field("confidence", &self.confidence)
            .finish_non_exhaustive()
    }
}

/// Three different values of a column, to recognise it by.
pub(super) fn add_sample(samples: &mut Vec<String>, value: &str) {
    if samples.len() < 3 && !value.is_empty() {
        let value: String = value.chars().take(80).collect();
        if !samples.contains(&value) {
            samples.push(value);
        }
    }
}

/// What a mapping is proposed from.
pub(super) struct Seen {
    pub(super) name: String,
    pub(super) filled: bool,
    /// Whether its cells are e-mail addresses.
    pub(super) mails: bool,
    pub(super) samples: Vec<String>,
}

/// Proposes a target for every column, by its name.
///
/// Where two columns claim one target, a guess gives way to a known name and an empty column to a filled one; claims that
/// remain are asked about.
pub(super) fn propose(columns: Vec<Seen>, has_header: bool) -> Vec<ColumnMapping> {
    let filled: Vec<bool> = columns.iter().map(|seen| seen.filled).collect();
    let mut mapping: Vec<ColumnMapping> = columns.into_iter().map(|seen| first_thought(seen, has_header)).collect();
    for at in 0..mapping.len() {
        let Some(mine) = mapping.get(at) else { continue };
        if mine.target.repeats() {
            continue;
        }
        let rivals = || {
            mapping.iter().zip(&filled).enumerate().filter(|(other, (m, _))| *other != at && m.target == mine.target)
        };
        let outdone = rivals().any(|(_, (rival, _))| rival.confidence > mine.confidence);
        let empty = !filled.get(at).copied().unwrap_or_default()
            && rivals().any(|(other, (rival, filled))| rival.confidence >= mine.confidence && (*filled || other < at));
        if let (true, Some(mine)) = (outdone || empty, mapping.get_mut(at)) {
            mine.target = Target::Ignore;
            mine.confidence = 0.0;
            mine.warning = Some(if empty { ColumnWarning::EmptyColumn } else { ColumnWarning::NotStored });
        }
    }
    name_beside_first_name(&mut mapping);
    for mapped in mapping.iter_mut().filter(|mapped| mapped.confidence > GUESS && mapped.confidence < WEAK) {
        // It only gives way to a better name, and there was none.
        mapped.confidence = 1.0;
    }
    mapping
}

/// Beside a column of first names, and without one of last names, a column that is only called name holds the last names.
fn name_beside_first_name(mapping: &mut [ColumnMapping]) {
    let has = |target| mapping.iter().any(|column| column.target == target);
    if !has(Target::FirstName) || has(Target::LastName) {
        return;
    }
    let bare = |column: &&mut ColumnMapping| {
        column.target == Target::FullName
            && matches!(&*words(&column.column), [one] if matches!(&**one, "name" | "naam" | "nom"))
    };
    if let Some(column) = mapping.iter_mut().find(bare) {
        column.target = Target::LastName;
    }
}

/// Names that are known and give way to better ones are less than this.
const WEAK: f32 = 0.75;
/// By what the cells are, not by the name.
const GUESS: f32 = 0.5;

fn first_thought(seen: Seen, has_header: bool) -> ColumnMapping {
    let meaning = match if has_header { meaning(&seen.name) } else { HeaderMeaning::Nothing } {
        HeaderMeaning::Nothing if seen.mails => HeaderMeaning::Target(Target::Email, GUESS),
        meaning => meaning,
    };
    let (confidence, warning) = match meaning {
        HeaderMeaning::Target(_, confidence) => (confidence, None),
        HeaderMeaning::ErrorColumn => (1.0, None),
        HeaderMeaning::Secret => (1.0, Some(ColumnWarning::SecretRefused)),
        HeaderMeaning::Consent => (1.0, Some(ColumnWarning::ConsentNotImported)),
        HeaderMeaning::NotStored => (1.0, Some(ColumnWarning::NotStored)),
        HeaderMeaning::Nothing => (0.0, None),
    };
    let samples = if meaning == HeaderMeaning::Secret { Vec::new() } else { seen.samples };
    ColumnMapping { column: seen.name, target: meaning.target(), confidence, samples, warning }
}

#[cfg(test)]
mod tests {
    use super::*;

    // b.2: "Name;Vorname" is how German lists part names
    #[test]
    fn a_column_called_name_beside_one_of_first_names_holds_last_names() {
        let targets = |names: &[&str]| {
            let columns: Vec<(&str, bool)> = names.iter().map(|name| (*name, true)).collect();
            mapping(&columns).into_iter().map(|(target, _)| target).collect::<Vec<_>>()
        };
        assert_eq!(targets(&["Name", "Vorname"]), [Target::LastName, Target::FirstName]);
        assert_eq!(targets(&["First Name", "Name"]), [Target::FirstName, Target::LastName]);
        assert_eq!(targets(&["Name", "Email"]), [Target::FullName, Target::Email]);
        let [full, first, last] = *targets(&["Name", "First Name", "Last Name"]) else { panic!("three") };
        assert_eq!((first, last), (Target::FirstName, Target::LastName));
        assert_ne!(full, Target::LastName);
    }

    fn mapping(columns: &[(&str, bool)]) -> Vec<(Target, Option<ColumnWarning>)> {
        let seen = |(name, filled): &(&str, bool)| Seen {
            name: (*name).to_owned(),
            filled: *filled,
            mails: false,
            samples: vec!["x".into()],
        };
        propose(columns.iter().map(seen).collect(), true).into_iter().map(|m| (m.target, m.warning)).collect()
    }

    // C2, b.2: two columns may not claim one target
    #[test]
    fn claims_that_settle_themselves_are_not_asked_about() {
        let empty = Some(ColumnWarning::EmptyColumn);
        assert_eq!(
            mapping(&[("Nickname", false), ("Preferred Name", true)]),
            [(Target::Ignore, empty), (Target::PreferredName, None)]
        );
        assert_eq!(
            mapping(&[("Nickname", false), ("Preferred Name", false)]),
            [(Target::PreferredName, None), (Target::Ignore, empty)]
        );
        assert_eq!(
            mapping(&[("Primary Status", true), ("Status", true)]),
            [(Target::Ignore, Some(ColumnWarning::NotStored)), (Target::Status, None)]
        );
        assert_eq!(mapping(&[("Email", true), ("Client Email", true)]), [(Target::Email, None); 2]);
        assert_eq!(
            mapping(&[("Home Phone", true), ("Mobile", false), ("Work phone", true)]),
            [(Target::Phone, None); 3]
        );
    }

    // b.2: never stored, not even as a sample
    #[test]
    fn a_secret_column_leaves_no_samples() {
        let seen = Seen { name: "SSN".into(), filled: true, mails: false, samples: vec!["078-05-1120".into()] };
        let mapping = propose(vec![seen], true);
        assert!(mapping.iter().all(|m| m.samples.is_empty() && m.warning == Some(ColumnWarning::SecretRefused)));
        assert!(!format!("{mapping:?}").contains("SSN"));
    }

    // C3
    #[test]
    fn an_unknown_column_is_listed_as_ignored() {
        assert_eq!(mapping(&[("Shoe size", true)]), [(Target::Ignore, None)]);
        assert_eq!(mapping(&[("error", true)]), [(Target::Ignore, None)]);
    }

    #[test]
    fn samples_are_few_different_and_short() {
        let mut samples = Vec::new();
        for value in ["a", "", "a", &"é".repeat(90), "c", "d"] {
            add_sample(&mut samples, value);
        }
        assert_eq!(samples, ["a".to_owned(), "é".repeat(80), "c".to_owned()]);
    }
}
