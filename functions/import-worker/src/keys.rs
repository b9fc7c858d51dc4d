//! Which object keys start something. The worker is invoked for everything it writes itself, too.

use caseload::domain::ids::{ImportId, PracticeId};
use caseload::files::key_of_event;

/// What an object's arrival starts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Trigger {
    pub(crate) practice: PracticeId,
    pub(crate) import: ImportId,
    pub(crate) what: What,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum What {
    /// The file has come.
    Source,
    /// A rehearsal or commit was asked for, or is to go on: the table says which.
    Run,
}

impl Trigger {
    /// Reads a key as an event carries it.
    pub(crate) fn parse(encoded: &str) -> Option<Self> {
        let key = key_of_event(encoded)?;
        let mut parts = key.split('/');
        let (Some("imports"), Some(practice), Some(import), Some(name), None) =
            (parts.next(), parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return None;
        };
        let what = match name {
            "source.csv" => What::Source,
            "dry-run.json" | "commit.json" => What::Run,
            _ => {
                let number = name.strip_prefix("continue-")?.strip_suffix(".json")?;
                let plain = !number.is_empty() && number.len() <= 9 && number.bytes().all(|b| b.is_ascii_digit());
                plain.then_some(What::Run)?
            }
        };
        let (practice, import) = (PracticeId::from_key(practice).ok()?, ImportId::from_key(import).ok()?);
        Some(Self { practice, import, what })
    }
}

#[cfg(test)]
mod tests {
    use caseload::domain::import::report::{ReportKind, RunReport};
    use caseload::files::ImportObjects;
    use jiff::Timestamp;
    use proptest::prelude::*;
    use uuid::Uuid;

    use super::*;

    // IMP-2
    #[test]
    fn only_manifests_and_the_source_start_something() {
        let (practice, import) = (PracticeId::from_uuid(Uuid::from_u128(1)), ImportId::from_uuid(Uuid::from_u128(2)));
        let objects = ImportObjects::new(practice, import);
        let starts = |key: &str| Trigger::parse(key).map(|t| (t.practice == practice && t.import == import, t.what));
        assert_eq!(starts(&objects.source()), Some((true, What::Source)));
        for key in [objects.commit(), objects.dry_run(), objects.go_on(0), objects.go_on(17)] {
            assert_eq!(starts(&key), Some((true, What::Run)), "{key}");
        }
        let report = RunReport { kind: ReportKind::Commit, at: Timestamp::UNIX_EPOCH, parts: Vec::new() };
        for key in [objects.rows(&report, 0), objects.memory(&report, 0), objects.errors(&report, 0)] {
            assert_eq!(starts(&key), None, "{key}");
        }
        let source = objects.source();
        for key in [
            source.replace("imports/", "files/"),
            format!("{source}&x"),
            format!("{source}%00"),
            format!("/{source}"),
            source.replace("source.csv", "continue-.json"),
            source.replace("source.csv", "continue--1.json"),
            source.replace("source.csv", "continue-99999999999999999999.json"),
        ] {
            assert_eq!(starts(&key), None, "{key}");
        }
        assert_eq!(starts(&source.replace('.', "%2E")), Some((true, What::Source)));
    }

    proptest! {
        #[test]
        fn no_key_makes_the_parser_panic(key in "(imports|%[0-9a-fA-F%]{0,2}|[/+&=.]|[0-9a-z]{26}|continue-|\\PC){0,12}") {
            let _ = Trigger::parse(&key);
        }
    }
}
