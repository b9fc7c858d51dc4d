//! The analysed file of an import, and what the practice says of how to read it (C2, C6).

use jiff::civil::Date;

use super::analysis::Analysis;
use super::dialect::Dialect;
use super::plan::{Answers, ChosenColumn, Options, Plan, PlanRefusal};
use super::state::{ImportRefusal, State};
use crate::domain::phone::Region;

/// The analysed file, and how it is to be read.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct AnalyzedFile {
    /// Entity tag of the upload: names the copy that was analysed and is imported.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub etag: Option<String>,
    /// The layout as found.
    pub dialect: Dialect,
    /// The columns as found.
    pub analysis: Analysis,
    /// The practice's choices so far.
    pub columns: Vec<ChosenColumn>,
    /// Its answers so far.
    pub answers: Answers,
    /// What follows from all of it.
    pub plan: Plan,
}

/// What is to change in the mapping; absent stays.
#[derive(Debug, Clone, Default)]
pub struct Choices {
    /// All columns that are to differ from the proposal.
    pub columns: Option<Vec<ChosenColumn>>,
    /// Answers, put on top of earlier ones.
    pub answers: Option<Answers>,
    pub options: Option<Options>,
}

/// Why a mapping is refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MappingRefusal {
    /// By the state.
    State(ImportRefusal),
    /// By what the file holds.
    Choices(Vec<PlanRefusal>),
}

impl AnalyzedFile {
    /// The state of an import whose file reads so.
    pub(super) const fn state(&self) -> State {
        if self.plan.is_ready() { State::Ready } else { State::AwaitingMapping }
    }

    /// Makes the plan anew, with these choices on top of the earlier ones. Refused, nothing changes.
    pub(super) fn choose(
        &mut self,
        choices: Choices,
        options: Options,
        region: Option<Region>,
        today: Date,
    ) -> Result<(), Vec<PlanRefusal>> {
        let (mut columns, mut answers) = (self.columns.clone(), self.answers.clone());
        if let Some(given) = choices.answers {
            let moves = given.has_header.is_some_and(|answer| answer != self.plan.dialect.has_header)
                || given.header_row.is_some_and(|line| Some(line) != self.plan.dialect.header_line());
            let rereads = given.encoding.is_some_and(|encoding| encoding != self.plan.dialect.encoding);
            if moves || rereads && self.plan.dialect.columns.iter().any(|column| !column.is_ascii()) {
                // The columns get other names; what was said of the old ones is void.
                columns.clear();
                answers.date_order.clear();
            }
            answers.date_order.extend(given.date_order);
            answers.phone_country = given.phone_country.or(answers.phone_country);
            answers.has_header = given.has_header.or(answers.has_header.filter(|_| given.header_row.is_none()));
            answers.header_row = given.header_row.or(answers.header_row.filter(|_| given.has_header.is_none()));
            answers.encoding = given.encoding.or(answers.encoding);
        }
        columns = choices.columns.unwrap_or(columns);
        let plan = Plan::build(&self.dialect, &self.analysis, &columns, &answers, options, region, today)?;
        (self.columns, self.answers, self.plan) = (columns, answers, plan);
        Ok(())
    }
}
