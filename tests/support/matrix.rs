//! The permission matrix, as the project keeps it in `tests/data`.

use caseload::access::Action;

const MATRIX: &str = include_str!("../data/authz-matrix.tsv");
const PRINCIPALS: &str = include_str!("../data/authz-principals.tsv");

/// Actions of the policy that the matrix does not speak of: they follow from the story, or nobody outside asks for them.
pub const OWN_ACTIONS: &[&str] = &[
    "appointment.remind",
    "calendar_feed.read",
    "client.hand_over",
    "export.apply",
    "file.complete",
    "file.list",
    "file.read",
    "import.apply",
    "invitation.accept",
    "invitation.decline",
    "invitation.renew",
    "payment.apply",
    "practice.close",
    "practice.housekeeping",
    "practice.sign_up",
    "self.leave",
    "self.notifications",
    "self.sign_in",
    "self.unsubscribe",
    "task.repeat",
];

#[derive(Debug, Clone, Copy)]
pub struct Cell {
    /// A allow, F 403, N 404, U 401, B 400.
    pub expected: char,
}

/// One row: a resource and an action, with a cell per principal.
#[derive(Debug, Clone)]
pub struct Row {
    /// What it is about, its state included.
    pub resource: String,
    /// What is done.
    pub action: String,
    /// `collection`, `object` or `public`.
    pub kind: String,
    /// What the allowed still have to keep to, and the feature that gates it.
    pub obligation: String,
    /// In the order of [`principals`].
    pub cells: Vec<Cell>,
}

impl Row {
    /// `resource.action`.
    #[must_use]
    pub fn name(&self) -> String {
        format!("{}.{}", self.resource, self.action)
    }

    /// The policy's action: rows differ by the state of what they are about, actions do not.
    #[must_use]
    pub fn asks(&self) -> Action {
        let resource = match self.resource.as_str() {
            "note_client_shared" | "task_client" | "file_client"
                if matches!(self.action.as_str(), "create" | "upload") =>
            {
                match self.resource.as_str() {
                    "note_client_shared" => "note_client",
                    other => other,
                }
            }
            other if other.starts_with("clinical_note") => "clinical_note",
            other if other.starts_with("note_") => "note",
            "task_template" => "task_template",
            other if other.starts_with("task_") => "task",
            other if other.starts_with("file_") => "file",
            "import_of_T" => "import",
            other => other,
        };
        let verb = match (resource, self.action.as_str()) {
            // Hiding and locking are the same change as sharing, the other way.
            ("file", "hide" | "lock") => "share",
            (_, verb) => verb,
        };
        let name = format!("{resource}.{verb}");
        let found = Action::ALL.iter().find(|action| action.name() == name);
        *found.unwrap_or_else(|| panic!("{name}: the policy has no such action"))
    }
}

#[must_use]
pub fn rows() -> Vec<Row> {
    let count = principals().len();
    let row = |line: &str| {
        let fields: Vec<&str> = line.split('\t').collect();
        let cells = fields[4..4 + count].iter().map(|cell| Cell { expected: cell.chars().next().expect("a letter") });
        Row {
            resource: fields[0].into(),
            action: fields[1].into(),
            kind: fields[2].into(),
            cells: cells.collect(),
            obligation: fields[4 + count].into(),
        }
    };
    MATRIX.lines().skip(1).map(row).collect()
}

/// The names of the principals, in the order of the matrix's columns.
#[must_use]
pub fn principals() -> Vec<String> {
    let names: Vec<String> =
        PRINCIPALS.lines().skip(1).filter_map(|line| line.split('\t').next()).map(str::to_owned).collect();
    let header: Vec<&str> = MATRIX.lines().next().expect("a header").split('\t').skip(4).take(names.len()).collect();
    assert_eq!(names, header, "both files name the principals in one order");
    names
}
