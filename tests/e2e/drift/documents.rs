//! Generated files are what the code would generate now.

use std::fmt::Write as _;

use caseload::store::patterns::{PATTERNS, Pattern};
use caseload_local::{openapi, template};

/// Run the tests with this variable set to write the files anew.
const REGENERATE: &str = "CASELOAD_REGENERATE";

#[expect(clippy::disallowed_methods, reason = "a switch of this test, not configuration of the product")]
fn regenerates() -> bool {
    std::env::var_os(REGENERATE).is_some()
}

/// Compares a generated file of `infra/` with what it should say.
pub(crate) fn compare(name: &str, wanted: &str) {
    let path = format!("{}/../infra/{name}", env!("CARGO_MANIFEST_DIR"));
    if regenerates() {
        std::fs::write(&path, wanted).unwrap_or_else(|error| panic!("{path}: {error}"));
    }
    let found = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(found == wanted, "infra/{name} is not what the code says; run this test with {REGENERATE}=1 and commit it");
}

// decision 26
#[test]
fn the_api_document_is_the_codes() {
    let mut wanted = openapi::document().to_pretty_json().expect("a document");
    wanted.push('\n');
    compare("openapi.json", &wanted);
}

// decision 26
#[test]
fn every_operation_has_an_example_that_its_schema_allows() {
    let bad = end_to_end::bad_examples();
    let how = "mend infra/examples.json by hand, or draw it anew with .ci/examples";
    assert!(bad.is_empty(), "{}\n{how}", bad.join("\n"));
}

// decision 16
#[test]
fn the_template_is_the_codes_and_what_was_written_by_hand() {
    let base = format!("{}/../infra/template.base.yaml", env!("CARGO_MANIFEST_DIR"));
    let base = std::fs::read_to_string(&base).unwrap_or_else(|error| panic!("{base}: {error}"));
    compare("template.yaml", &template::template(&base).unwrap_or_else(|bad| panic!("{bad}")));
}

// decision 18
#[test]
fn the_list_of_keys_is_the_codes() {
    let mut wanted = format!(
        "# Keys of the table\n\n\
         Generated from `PATTERNS` in `shared/src/store/keys/table.rs`; do not edit.\n\
         To write it anew: `{REGENERATE}=1 cargo test -p end-to-end drift`.\n\n\
         | Entity | Partition key | Sort key | Access |\n| --- | --- | --- | --- |\n"
    );
    for Pattern { entity, pk, sk, access } in PATTERNS {
        writeln!(wanted, "| {entity} | `{pk}` | `{sk}` | {access} |").expect("a line");
    }
    compare("keys.md", &wanted);
}
