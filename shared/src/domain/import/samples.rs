//! The sample files, read the way the worker reads a file: the whole of import without a store.

use jiff::civil::{Date, date};
use uuid::Uuid;

use super::analysis::{Analysis, Analyzer};
use super::bytes::{Sniffed, Sniffer};
use super::dialect::Dialect;
use super::plan::{Answers, Options, Plan};
use super::reader::{Reader, Record};
use super::refusal::FileRefusal;
use super::row::{ImportedClient, Parsed};
use super::run::Place;
use super::terms::Ids;
use crate::domain::ids::{ClientId, TagId};
use crate::domain::phone::Region;

macro_rules! sample {
    ($name:literal) => {
        include_bytes!(concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/data/", $name))
    };
}

pub(super) const SIMPLE_PRACTICE: &[u8] = sample!("simplepractice-client-details.csv");
pub(super) const JANE: &[u8] = sample!("jane-patient-list.csv");
pub(super) const EXCEL: &[u8] = sample!("excel-europe-semicolon.csv");
pub(super) const TROUBLE: &[u8] = sample!("trouble.csv");

pub(super) fn today() -> Date {
    date(2026, 11, 21)
}

pub(super) fn us() -> Option<Region> {
    Region::parse("US").ok()
}

pub(super) fn sniffed(bytes: &[u8]) -> Result<Sniffed, FileRefusal> {
    let mut sniffer = Sniffer::new();
    for piece in bytes.chunks(1000) {
        sniffer.feed(piece)?;
    }
    sniffer.finish()
}

pub(super) fn dialect(bytes: &[u8]) -> Result<Dialect, FileRefusal> {
    Dialect::detect(&sniffed(bytes)?, bytes.get(..256 * 1024).unwrap_or(bytes))
}

pub(super) fn records(dialect: &Dialect, bytes: &[u8]) -> Vec<Record> {
    let mut reader = Reader::new(dialect, Place::first(dialect));
    let mut records = Vec::new();
    for piece in bytes.get(usize::try_from(dialect.data_offset).expect("small")..).expect("inside").chunks(777) {
        reader.feed(piece);
        records.extend(std::iter::from_fn(|| reader.next_record()));
    }
    reader.finish();
    records.extend(std::iter::from_fn(|| reader.next_record()));
    records.into_iter().collect::<Result<_, _>>().expect("records")
}

pub(super) fn analysis(bytes: &[u8], region: Option<Region>) -> Result<(Dialect, Analysis), FileRefusal> {
    let dialect = dialect(bytes)?;
    let mut analyzer = Analyzer::new(&dialect, region);
    records(&dialect, bytes).iter().for_each(|record| analyzer.record(record));
    Ok((dialect, analyzer.finish()?))
}

pub(super) fn plan(bytes: &[u8]) -> Plan {
    let (dialect, analysis) = analysis(bytes, us()).expect("an analysis");
    Plan::build(&dialect, &analysis, &[], &Answers::default(), Options::default(), us(), today()).expect("a plan")
}

pub(super) fn parsed(bytes: &[u8]) -> Vec<(Record, Parsed)> {
    let plan = plan(bytes);
    records(&plan.dialect, bytes).into_iter().map(|record| (record.clone(), plan.parse(&record))).collect()
}

pub(super) fn clients(bytes: &[u8]) -> Vec<ImportedClient> {
    let client = |(_, parsed)| match parsed {
        Parsed::Row(client) => Some(*client),
        _ => None,
    };
    parsed(bytes).into_iter().filter_map(client).collect()
}

/// Ids that a test can tell by looking: of the line, of the letters.
pub(super) struct Plain;

impl Ids for Plain {
    fn of_client(&self, line: u64) -> ClientId {
        ClientId::from_uuid(Uuid::from_u64_pair(1, line))
    }

    fn of_label(&self, folded: &str) -> TagId {
        let letters = folded.bytes().fold(2, |sum: u128, byte| sum.wrapping_mul(257).wrapping_add(byte.into()));
        TagId::from_uuid(Uuid::from_u128(letters))
    }
}

mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(500))]

        // C7: every record after the header is a row to account for, whatever a file holds
        #[test]
        fn no_file_makes_the_import_panic(
            header in "((name|client|first|last|email|phone|birthday|status|tags|ssn|\\PC{0,3})[,;\n]){1,6}",
            body in "([0-9a-z/.@'=+é\u{feff}-]|[,;\n\r\"\t ]|31/12/1990|a@b\\.example){0,80}",
            western: bool, slip in any::<[u8; 2]>(), header_answer: Option<bool>,
        ) {
            let text = format!("{header}\n{body}");
            let mut bytes = if western { encoding_rs::WINDOWS_1252.encode(&text).0.into_owned() } else { text.into_bytes() };
            bytes.extend(slip);
            let Ok((dialect, analysis)) = analysis(&bytes, us()) else { return Ok(()) };
            let answers = Answers { has_header: header_answer, ..Answers::default() };
            let Ok(plan) = Plan::build(&dialect, &analysis, &[], &answers, Options::default(), us(), today()) else { return Ok(()) };
            let rows = records(&plan.dialect, &bytes);
            let first_row_moved = header_answer.is_some_and(|answer| answer != dialect.has_header);
            prop_assert!(first_row_moved || plan.rows_total == rows.len() as u64);
            prop_assert!(rows.len().abs_diff(usize::try_from(plan.rows_total).expect("few")) <= 1);
            for row in &rows {
                if let Parsed::Row(client) = plan.parse(row) {
                    prop_assert!(!client.identity().keys().is_empty());
                }
            }
        }
    }
}
