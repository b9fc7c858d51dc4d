//! What only the practice can answer before rows can be read, and its answers (C2, b.3).

use std::collections::{BTreeMap, BTreeSet};

use super::analysis::ColumnFacts;
use super::bytes::{Encoding, EncodingChoice};
use super::dates::{DateOrder, OwnOrder};
use super::dialect::{Dialect, TopRow};
use super::names::NameOrder;
use super::target::{Target, order_hint};
use crate::domain::phone::Region;

/// What is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum QuestionCode {
    /// Which encoding is the file in? Answered by `answers.encoding`.
    Encoding,
    /// Does the first row name the columns? Answered by `answers.has_header`.
    HasHeader,
    /// Which line names the columns? Answered by `answers.header_row`, or `answers.has_header` for none.
    HeaderRow,
    /// Which columns hold the names? Answered by mapping `full_name`, or `first_name` and `last_name`.
    NameMissing,
    /// What is this column, which has values? Answered by mapping it, be it to `ignore`.
    UnknownColumn,
    /// Which of these columns is the target? Answered by mapping the others to something else.
    DuplicateTarget,
    /// Does the column write day or month first? Answered by `answers.date_order`.
    DateOrder,
    /// Which country are the phones without + of? Answered by `answers.phone_country`.
    PhoneCountry,
}

/// What may be answered, in the very form the answer takes.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize, utoipa::ToSchema)]
#[serde(untagged)]
pub enum Choice {
    /// Yes or no.
    Flag(bool),
    /// A line.
    Line(u64),
    /// A name.
    Name(String),
}

impl From<&str> for Choice {
    fn from(name: &str) -> Self {
        Self::Name(name.to_owned())
    }
}

/// How some rows of the file read by one of the choices.
#[derive(Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize, utoipa::ToSchema)]
pub struct ChoiceSample {
    /// The choice.
    pub choice: Choice,
    /// The rows.
    pub rows: Vec<String>,
}

crate::domain::prints_its_name!(ChoiceSample);

/// An open question.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize, utoipa::ToSchema)]
pub struct Question {
    /// What is asked.
    pub code: QuestionCode,
    /// The column it is about.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub column: Option<String>,
    /// The target it is about.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub target: Option<Target>,
    /// What may be answered, where that is a short list.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub choices: Vec<Choice>,
    /// What the choices make of the same rows, where that helps to choose.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub samples: Vec<ChoiceSample>,
}

impl Question {
    fn new(code: QuestionCode, choices: &[&str]) -> Self {
        let choices = choices.iter().copied().map(Choice::from).collect();
        Self { code, column: None, target: None, choices, samples: Vec::new() }
    }

    fn sampled(code: QuestionCode, samples: Vec<ChoiceSample>) -> Self {
        let choices = samples.iter().map(|sample| sample.choice.clone()).collect();
        Self { choices, samples, ..Self::new(code, &[]) }
    }
}

/// Which of two numbers comes first, as answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum AnsweredOrder {
    /// Day, month, year.
    Dmy,
    /// Month, day, year.
    Mdy,
}

/// What the practice answered.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Answers {
    /// The order of a column's dates, by column name.
    pub date_order: BTreeMap<String, AnsweredOrder>,
    /// The country of phones that name none.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, example = "US")]
    pub phone_country: Option<Region>,
    /// Whether the first row names the columns.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub has_header: Option<bool>,
    /// The line whose row names the columns.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub header_row: Option<u64>,
    /// The encoding of the file.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub encoding: Option<Encoding>,
}

/// A column as it is to be read.
pub(super) struct Chosen<'a> {
    pub(super) name: &'a str,
    pub(super) target: Target,
    pub(super) facts: &'a ColumnFacts,
    /// Whether nobody knows what it is: neither its name nor the practice says.
    pub(super) unknown: bool,
}

/// What follows from a mapping, the facts and the answers.
pub(super) struct Decided {
    pub(super) date_orders: BTreeMap<String, DateOrder>,
    pub(super) name_order: Option<NameOrder>,
    pub(super) questions: Vec<Question>,
}

/// Decides per column and per file what can be decided and asks the rest.
pub(super) fn decide(
    dialect: &Dialect,
    columns: &[Chosen<'_>],
    answers: &Answers,
    default_region: Option<Region>,
) -> Decided {
    let mut questions = Vec::new();
    questions.extend(layout(dialect));
    let has = |target| columns.iter().any(|column| column.target == target);
    let named = has(Target::FullName) || (has(Target::FirstName) && has(Target::LastName));
    if !named {
        questions.push(Question::new(QuestionCode::NameMissing, &[]));
    }
    questions.extend(duplicates(columns));
    let unknown = columns.iter().filter(|column| column.unknown && column.facts.filled > 0 && named);
    questions.extend(unknown.map(|column| Question {
        column: Some(column.name.to_owned()),
        ..Question::new(QuestionCode::UnknownColumn, &Target::ALL.map(Target::name))
    }));
    let date_orders = date_orders(columns, answers, &mut questions);
    let bare_phones = columns.iter().any(|column| column.target == Target::Phone && column.facts.bare_phones > 0);
    if bare_phones && !has(Target::PhoneCountry) && default_region.is_none() && answers.phone_country.is_none() {
        questions.push(Question::new(QuestionCode::PhoneCountry, &[]));
    }
    let full = columns.iter().find(|column| column.target == Target::FullName);
    let name_order = full.map(|column| {
        if column.facts.commas * 2 > column.facts.filled { NameOrder::LastFirst } else { NameOrder::FirstLast }
    });
    Decided { date_orders, name_order, questions }
}

/// What is asked of the file as a whole.
fn layout(dialect: &Dialect) -> Vec<Question> {
    let mut questions = Vec::new();
    if !dialect.encodings.is_empty() {
        let sample = |EncodingChoice { encoding, rows }: &EncodingChoice| ChoiceSample {
            choice: encoding.name().into(),
            rows: rows.clone(),
        };
        questions.push(Question::sampled(QuestionCode::Encoding, dialect.encodings.iter().map(sample).collect()));
    }
    if !dialect.header_certain {
        questions.push(if dialect.below_titles() {
            let sample =
                |top: &TopRow| ChoiceSample { choice: Choice::Line(top.line), rows: vec![top.fields.join(" | ")] };
            Question::sampled(QuestionCode::HeaderRow, dialect.tops.iter().map(sample).collect())
        } else {
            let choices = vec![Choice::Flag(true), Choice::Flag(false)];
            Question { choices, ..Question::new(QuestionCode::HasHeader, &[]) }
        });
    }
    questions
}

fn duplicates(columns: &[Chosen<'_>]) -> Vec<Question> {
    let claimed: BTreeSet<Target> =
        columns.iter().map(|column| column.target).filter(|target| !target.repeats()).collect();
    let claims = claimed.into_iter().map(|target| {
        (target, columns.iter().filter(|column| column.target == target).map(|column| column.name).collect::<Vec<_>>())
    });
    claims
        .filter(|(_, names)| names.len() > 1)
        .map(|(target, names)| Question {
            target: Some(target),
            ..Question::new(QuestionCode::DuplicateTarget, &names)
        })
        .collect()
}

/// A column's own cells and the practice's answer come first; a column that is still open follows the others of its file.
fn date_orders(
    columns: &[Chosen<'_>],
    answers: &Answers,
    questions: &mut Vec<Question>,
) -> BTreeMap<String, DateOrder> {
    let own = |column: &Chosen<'_>| match (answers.date_order.get(column.name), order_hint(column.name).1) {
        (Some(AnsweredOrder::Dmy), _) => OwnOrder::Fixed(DateOrder::Dmy),
        (Some(AnsweredOrder::Mdy), _) => OwnOrder::Fixed(DateOrder::Mdy),
        (None, hint) => match (column.facts.dates.own_order(), hint) {
            // The name of the column says what its cells leave open.
            (OwnOrder::Open, Some(hint)) => OwnOrder::Fixed(hint),
            (OwnOrder::Fixed(own @ (DateOrder::Dmy | DateOrder::Mdy)), Some(hint)) if own != hint => OwnOrder::Open,
            (own, _) => own,
        },
    };
    let fixed = |order| {
        let is_date = |c: &&Chosen<'_>| c.target.is_date() || c.facts.dates.dates() * 10 > c.facts.filled * 8;
        columns.iter().filter(is_date).any(|column| own(column) == OwnOrder::Fixed(order))
    };
    let of_file = match (fixed(DateOrder::Dmy), fixed(DateOrder::Mdy)) {
        (true, false) => Some(DateOrder::Dmy),
        (false, true) => Some(DateOrder::Mdy),
        _ => None,
    };
    let mut orders = BTreeMap::new();
    for column in columns.iter().filter(|column| column.target.is_date()) {
        let order = match own(column) {
            OwnOrder::Fixed(order) => Some(order),
            OwnOrder::Open => of_file,
        };
        match order {
            Some(order) => {
                orders.insert(column.name.to_owned(), order);
            }
            None => questions.push(Question {
                column: Some(column.name.to_owned()),
                ..Question::new(QuestionCode::DateOrder, &["dmy", "mdy"])
            }),
        }
    }
    orders
}

#[cfg(test)]
mod tests {
    use super::super::bytes::Sniffer;
    use super::*;

    fn facts(values: &[&str]) -> ColumnFacts {
        let mut facts = ColumnFacts::default();
        values.iter().for_each(|value| facts.add(value));
        facts
    }

    fn decided(columns: &[(&str, Target, &[&str])], answers: &Answers, region: Option<Region>) -> Decided {
        let mut sniffer = Sniffer::new();
        let bytes = b"a,b\nc,d\n";
        sniffer.feed(bytes).expect("text");
        let dialect = Dialect::detect(&sniffer.finish().expect("text"), bytes).expect("a dialect");
        let facts: Vec<ColumnFacts> = columns.iter().map(|(_, _, values)| facts(values)).collect();
        let chosen: Vec<Chosen<'_>> = columns
            .iter()
            .zip(&facts)
            .map(|((name, target, _), facts)| Chosen { name, target: *target, facts, unknown: false })
            .collect();
        decide(&dialect, &chosen, answers, region)
    }

    fn codes(decided: &Decided) -> Vec<QuestionCode> {
        decided.questions.iter().map(|question| question.code).collect()
    }

    const NAME: (&str, Target, &[&str]) = ("Client", Target::FullName, &["Ada Lovelace"]);

    // b.3: decide per column, not per row; if still ambiguous, ask
    #[test]
    fn an_open_date_column_follows_its_file_or_is_asked_about() {
        let born = ("Born", Target::DateOfBirth, &["01/02/1990", "03/04/1991"][..]);
        let alone = decided(&[NAME, born], &Answers::default(), None);
        let json = serde_json::to_value(&alone.questions).expect("json");
        assert_eq!(json, serde_json::json!([{"code": "date_order", "column": "Born", "choices": ["dmy", "mdy"]}]));

        let seen = ("Last seen", Target::Ignore, &["31/12/2020", "01/02/2021"][..]);
        let following = decided(&[NAME, born, seen], &Answers::default(), None);
        assert_eq!((codes(&following), following.date_orders.get("Born")), (vec![], Some(&DateOrder::Dmy)));

        let other = ("Paid", Target::Ignore, &["12/31/2020"][..]);
        assert_eq!(codes(&decided(&[NAME, born, seen, other], &Answers::default(), None)), [QuestionCode::DateOrder]);

        let answers = Answers { date_order: [("Born".to_owned(), AnsweredOrder::Mdy)].into(), ..Answers::default() };
        let since = ("Since", Target::JoinDate, &["05/06/2020"][..]);
        let answered = decided(&[NAME, born, since], &answers, None);
        assert_eq!((codes(&answered), answered.date_orders.get("Since")), (vec![], Some(&DateOrder::Mdy)));
    }

    // C2: names, claims, phones
    #[test]
    fn what_the_file_cannot_tell_is_asked_once() {
        let first = ("First", Target::FirstName, &["Ada"][..]);
        assert_eq!(codes(&decided(&[first], &Answers::default(), None)), [QuestionCode::NameMissing]);

        let (one, two) = (("Sex", Target::Sex, &["f"][..]), ("M/F", Target::Sex, &["m"][..]));
        let claims = decided(&[NAME, one, two], &Answers::default(), None);
        let json = serde_json::to_value(&claims.questions).expect("json");
        assert_eq!(json, serde_json::json!([{"code": "duplicate_target", "target": "sex", "choices": ["Sex", "M/F"]}]));

        let phone = ("Phone", Target::Phone, &["(415) 555-0134"][..]);
        let us = Region::parse("US").ok();
        let answers = Answers { phone_country: us, ..Answers::default() };
        assert_eq!(codes(&decided(&[NAME, phone], &Answers::default(), None)), [QuestionCode::PhoneCountry]);
        assert_eq!(codes(&decided(&[NAME, phone], &Answers::default(), us)), []);
        assert_eq!(codes(&decided(&[NAME, phone], &answers, None)), []);
        assert_eq!(codes(&decided(&[NAME, phone, ("CC", Target::PhoneCountry, &[])], &Answers::default(), None)), []);
        assert_eq!(
            codes(&decided(&[NAME, ("Phone", Target::Phone, &["+1 415 555 0134"])], &Answers::default(), None)),
            []
        );
    }

    // C2: per column by comma share
    #[test]
    fn the_order_of_names_is_that_of_most_cells() {
        let order = |names| decided(&[("Client", Target::FullName, names)], &Answers::default(), None).name_order;
        assert_eq!(order(&["Ada Lovelace", "Bob Smith, Jr.", "Smith, Al"]), Some(NameOrder::FirstLast));
        assert_eq!(order(&["Lovelace, Ada", "Smith, Bob", "Cher"]), Some(NameOrder::LastFirst));
    }
}
