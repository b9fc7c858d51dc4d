//! How a file will be read once the practice has had its say: mapping, answers, options (C2, C6, C7).

use std::collections::BTreeMap;
use std::fmt;

use jiff::civil::Date;

use super::analysis::Analysis;
use super::bytes::Encoding;
use super::choice::choose;
pub use super::choice::{ChosenColumn, Duplicates, Mode, Options, PlanRefusal};
use super::columns::{ColumnMapping, ColumnWarning};
use super::dates::DateOrder;
use super::dialect::Dialect;
use super::names::NameOrder;
pub use super::questions::{AnsweredOrder, Answers};
use super::questions::{Chosen, Question, decide};
use super::record::{Fault, Record};
use super::target::{Target, normalised};
use crate::domain::phone::Region;

/// A column as rows are read by it.
#[derive(Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub(super) struct PlannedColumn {
    pub(super) name: String,
    pub(super) target: Target,
    pub(super) order: Option<DateOrder>,
    /// Among the phones of a row the lowest wins.
    pub(super) rank: u8,
    pub(super) secret: bool,
}

/// How a file is read, row by row. Kept in the import's job record; a restarted worker reads as the first one did.
#[derive(Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Plan {
    /// The layout to read with; it differs from the one found where the practice answered `has_header`.
    pub dialect: Dialect,
    pub options: Options,
    /// What is still to be answered; empty means ready.
    pub questions: Vec<Question>,
    /// The decided order of each column of dates, by column name.
    pub date_orders: BTreeMap<String, DateOrder>,
    /// Records after the header, empty ones included.
    pub rows_total: u64,
    pub(super) columns: Vec<PlannedColumn>,
    pub(super) name_order: NameOrder,
    pub(super) region: Option<Region>,
    pub(super) today: Date,
    /// Whether whoever wrote the file leaves out empty cells at the end of a row.
    #[serde(default)]
    pub(super) cuts: bool,
}

impl fmt::Debug for Plan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Plan")
            .field("dialect", &self.dialect)
            .field("options", &self.options)
            .field("questions", &self.questions.len())
            .finish_non_exhaustive()
    }
}

impl Plan {
    /// The proposed mapping with the practice's choices on top. A choice displaces a proposal for the same target.
    ///
    /// Ages and future dates are judged by `today` for the whole import, however often its worker restarts.
    ///
    /// # Errors
    /// Every choice or answer that names no column, names one twice, claims a target twice or claims a column that is
    /// never stored.
    pub fn build(
        dialect: &Dialect,
        analysis: &Analysis,
        columns: &[ChosenColumn],
        answers: &Answers,
        options: Options,
        default_region: Option<Region>,
        today: Date,
    ) -> Result<Self, Vec<PlanRefusal>> {
        let (dialect, analysis) = answered(dialect, analysis, answers)?;
        let mut mapping = analysis.mapping;
        let refusals = choose(&mut mapping, columns, answers);
        if !refusals.is_empty() {
            return Err(refusals);
        }
        let chosen: Vec<Chosen<'_>> = mapping
            .iter()
            .zip(&analysis.facts)
            .map(|(mapped, facts)| Chosen {
                name: &mapped.column,
                target: mapped.target,
                facts,
                unknown: mapped.is_unknown(),
            })
            .collect();
        let decided = decide(&dialect, &chosen, answers, default_region);
        let columns = mapping.iter().map(|mapped| PlannedColumn {
            name: mapped.column.clone(),
            target: mapped.target,
            order: decided.date_orders.get(&mapped.column).copied(),
            rank: phone_rank(&mapped.column),
            secret: mapped.warning == Some(ColumnWarning::SecretRefused),
        });
        Ok(Self {
            columns: columns.collect(),
            options,
            questions: decided.questions,
            date_orders: decided.date_orders,
            rows_total: analysis.rows_total,
            cuts: analysis.ends_empty == 0,
            name_order: decided.name_order.unwrap_or(NameOrder::FirstLast),
            region: answers.phone_country.or(default_region),
            today,
            dialect,
        })
    }

    /// Nothing left to ask.
    #[must_use]
    pub const fn is_ready(&self) -> bool {
        self.questions.is_empty()
    }

    /// Whether rows name staff.
    #[must_use]
    pub fn names_staff(&self) -> bool {
        self.columns.iter().any(|column| column.target == Target::AssignedStaff)
    }

    /// What is never stored stands in this column.
    pub(super) fn first_secret(&self) -> Option<usize> {
        self.columns.iter().position(|column| column.secret)
    }

    /// The mapping as it now stands, with the samples of the analysis.
    #[must_use]
    pub fn mapping(&self, analysis: &Analysis, analyzed: Encoding) -> Vec<ColumnMapping> {
        let proposed = analysis.mapping.iter();
        let columns = self.columns.iter().zip(proposed);
        columns
            .map(|(column, proposed)| {
                let kept = column.target == proposed.target && column.name == proposed.column;
                let warning = if column.secret { Some(ColumnWarning::SecretRefused) } else { proposed.warning };
                let read = |sample: &String| analyzed.reread(sample, self.dialect.encoding);
                ColumnMapping {
                    column: column.name.clone(),
                    target: column.target,
                    confidence: if kept { proposed.confidence } else { 1.0 },
                    samples: if column.secret { Vec::new() } else { proposed.samples.iter().map(read).collect() },
                    warning: warning.filter(|_| column.target == Target::Ignore),
                }
            })
            .collect()
    }

    /// The fields of a failed row as they may stand in the file of failed rows: what is never stored is left out.
    #[must_use]
    pub fn without_secrets(&self, record: &Record) -> Vec<String> {
        let mut fields = record.fields.clone();
        if let (Some(Fault::Quotes), Some(secret)) = (record.fault, self.first_secret()) {
            // Which cell is whose is not certain behind the first one that could be it.
            fields.truncate(secret);
        }
        for (field, column) in fields.iter_mut().zip(&self.columns) {
            if column.secret {
                field.clear();
            }
        }
        fields
    }

    /// The header of the file of failed rows: the file's own, or the targets' names where it has none.
    #[must_use]
    pub fn error_header(&self) -> Vec<String> {
        let mut header: Vec<String> = Vec::with_capacity(self.columns.len());
        for (at, column) in self.columns.iter().enumerate() {
            let target = column.target.name();
            header.push(if self.dialect.has_header || column.target == Target::Ignore {
                column.name.clone()
            } else if header.iter().any(|other| other == target) {
                format!("{target}_{}", at + 1)
            } else {
                target.to_owned()
            });
        }
        header
    }
}

/// Layout and facts as the practice's answers about the file as a whole make them.
fn answered(
    dialect: &Dialect,
    analysis: &Analysis,
    answers: &Answers,
) -> Result<(Dialect, Analysis), Vec<PlanRefusal>> {
    let mut laid = dialect.clone();
    match answers.encoding {
        Some(encoding) if encoding.unit() != dialect.encoding.unit() => {
            let detail = "The bytes of the file cannot be in this encoding.";
            return Err(vec![PlanRefusal::at("/answers/encoding".to_owned(), "encoding_impossible", detail)]);
        }
        Some(encoding) => laid = laid.with_encoding(encoding),
        None => {}
    }
    laid = match (answers.has_header, answers.header_row) {
        (Some(false), _) => laid.with_header(false),
        (_, Some(line)) => laid.with_header_row(line).ok_or_else(|| {
            let detail = "None of the first rows begins in this line.";
            vec![PlanRefusal::at("/answers/header_row".to_owned(), "header_row_unknown", detail)]
        })?,
        (Some(true), None) => laid.with_header(true),
        (None, None) => laid,
    };
    let analysis = if laid.columns == dialect.columns
        && laid.encoding == dialect.encoding
        && laid.data_offset == dialect.data_offset
    {
        analysis.clone()
    } else {
        analysis.renamed(dialect, &laid)
    };
    Ok((laid, analysis))
}

/// Mobile, phone, home, work: the first of them that is filled is the client's phone (b.2).
fn phone_rank(column: &str) -> u8 {
    const MOBILE: [&str; 7] = ["mobi", "cell", "handy", "movil", "portable", "gsm", "celular"];
    const WORK: [&str; 10] =
        ["work", "office", "business", "geschaft", "dienst", "arbeit", "buro", "bureau", "travail", "trabajo"];
    const HOME: [&str; 8] = ["home", "privat", "domicile", "casa", "thuis", "festnetz", "fixe", "fijo"];
    let name = normalised(column);
    let says = |words: &[&str]| words.iter().any(|word| name.contains(word));
    if says(&MOBILE) {
        0
    } else if says(&WORK) {
        3
    } else if says(&HOME) {
        2
    } else {
        1
    }
}

#[cfg(test)]
mod tests {
    use super::super::questions::QuestionCode;
    use super::super::row::Parsed;
    use super::super::samples::{self, analysis, today};
    use super::*;

    fn built(csv: &str, columns: &[(&str, Target)], answers: &str) -> Result<Plan, Vec<(String, &'static str)>> {
        let (dialect, analysis) = analysis(csv.as_bytes(), None).expect("an analysis");
        let columns: Vec<_> =
            columns.iter().map(|(c, target)| ChosenColumn { column: (*c).to_owned(), target: *target }).collect();
        let answers = serde_json::from_str(answers).expect("answers");
        let plan = Plan::build(&dialect, &analysis, &columns, &answers, Options::default(), None, today());
        plan.map_err(|refusals| refusals.into_iter().map(|refusal| (refusal.pointer, refusal.code)).collect())
    }

    fn codes(plan: &Plan) -> Vec<QuestionCode> {
        plan.questions.iter().map(|question| question.code).collect()
    }

    // C2
    #[test]
    fn missing_names_are_answered_by_a_mapping() {
        let csv = "Who,Family,Mail\nAda,Lovelace,ada@b.example\n";
        assert_eq!(built(csv, &[], "{}").map(|plan| codes(&plan)), Ok(vec![QuestionCode::NameMissing]));
        let plan = built(csv, &[("Who", Target::FirstName), ("Family", Target::LastName)], "{}").expect("a plan");
        assert!(plan.is_ready());
        assert_eq!(serde_json::from_str::<Plan>(&serde_json::to_string(&plan).expect("json")).ok(), Some(plan));
    }

    // C2: two columns may not claim one target
    #[test]
    fn a_choice_displaces_a_proposal_for_the_same_target() {
        let csv = "Name,City,Town,Other\nAda L,a,b,c\n";
        assert_eq!(
            built(csv, &[], "{}").map(|plan| codes(&plan)),
            Ok(vec![QuestionCode::DuplicateTarget, QuestionCode::UnknownColumn])
        );
        let plan = built(csv, &[("Other", Target::City)], "{}").expect("a plan");
        assert_eq!(
            plan.columns.iter().map(|c| c.target).collect::<Vec<_>>(),
            [Target::FullName, Target::Ignore, Target::Ignore, Target::City]
        );
        assert!(plan.is_ready());
    }

    // C2, b.2
    #[test]
    fn a_choice_that_cannot_be_is_refused_where_it_stands() {
        let csv = "Name,Born,SSN\nAda L,01/02/1990,078-05-1120\n";
        let refused = |columns: &[(&str, Target)], answers: &str| built(csv, columns, answers).map(|_| ()).unwrap_err();
        assert_eq!(refused(&[("Shoe", Target::Sex)], "{}"), [("/columns/0/column".to_owned(), "column_unknown")]);
        assert_eq!(
            refused(&[("Born", Target::Sex), ("Born", Target::City)], "{}"),
            [("/columns/1/column".to_owned(), "column_repeated")]
        );
        assert_eq!(
            refused(&[("Born", Target::Sex), ("Name", Target::Sex)], "{}"),
            [("/columns/1/target".to_owned(), "duplicate_target")]
        );
        assert_eq!(refused(&[("SSN", Target::ExternalId)], "{}"), [("/columns/0/target".to_owned(), "column_refused")]);
        assert_eq!(
            refused(&[], r#"{"date_order": {"a/b": "dmy"}}"#),
            [("/answers/date_order/a~1b".to_owned(), "column_unknown")]
        );
        assert!(
            serde_json::from_str::<Answers>(r#"{"colour": 1}"#).is_err()
                && serde_json::from_str::<Options>(r#"{"mode": "x"}"#).is_err()
        );
    }

    // b.3: still ambiguous means ask
    #[test]
    fn a_date_order_is_answered_by_column() {
        let csv = "Name,Birth date\nAda L,01/02/1990\n";
        assert_eq!(built(csv, &[], "{}").map(|plan| codes(&plan)), Ok(vec![QuestionCode::DateOrder]));
        let plan = built(csv, &[], r#"{"date_order": {"Birth date": "mdy"}}"#).expect("a plan");
        assert_eq!((plan.is_ready(), plan.date_orders.get("Birth date")), (true, Some(&DateOrder::Mdy)));
    }

    // C2: a header row that looks like data
    #[test]
    fn a_file_without_header_is_asked_about_and_loses_no_row() {
        let csv = "Ada,Lovelace,ada@b.example\nBo,Li,bo@b.example\n";
        assert_eq!(
            built(csv, &[], "{}").map(|plan| codes(&plan)),
            Ok(vec![QuestionCode::HasHeader, QuestionCode::NameMissing])
        );
        let names = [("column_1", Target::FirstName), ("column_2", Target::LastName), ("column_3", Target::Email)];
        let plan = built(csv, &names, r#"{"has_header": false}"#).expect("a plan");
        assert!(plan.is_ready());
        let rows = samples::records(&plan.dialect, csv.as_bytes());
        assert!(rows.len() == 2 && rows.iter().all(|row| matches!(plan.parse(row), Parsed::Row(_))));
        assert_eq!(
            (plan.rows_total, plan.error_header()),
            (2, ["first_name", "last_name", "email"].map(str::to_owned).to_vec())
        );
        let headed = built(csv, &[], r#"{"has_header": true}"#).expect("a plan");
        assert_eq!((headed.rows_total, codes(&headed)), (1, vec![QuestionCode::NameMissing]));

        let csv = "First name,Last name,2024-01-05\nAda,Lovelace,x\n";
        assert_eq!(
            built(csv, &[], "{}").map(|plan| codes(&plan)),
            Ok(vec![QuestionCode::HasHeader, QuestionCode::UnknownColumn])
        );
        let ignored = [("2024-01-05", Target::Ignore)];
        assert!(
            built(csv, &ignored, r#"{"has_header": true}"#).is_ok_and(|plan| plan.is_ready() && plan.rows_total == 1)
        );
        assert!(built(csv, &[], r#"{"has_header": false}"#).is_ok_and(|plan| plan.rows_total == 2));
    }

    #[test]
    fn the_mapping_in_force_keeps_the_samples() {
        let csv = "Who,Password\nAda L,secret\n";
        let (_, analysis) = analysis(csv.as_bytes(), None).expect("an analysis");
        let mapping =
            built(csv, &[("Who", Target::FullName)], "{}").expect("a plan").mapping(&analysis, Encoding::Utf8);
        let shown: Vec<_> = mapping.iter().map(|m| (m.target, m.confidence, m.samples.len())).collect();
        assert_eq!(shown, [(Target::FullName, 1.0, 1), (Target::Ignore, 1.0, 0)]);
    }
}
