//! What a form is described by.

use caseload::domain::paperwork::{BadForm, Fill, FormContent, FormKind, Question, QuestionKey, QuestionKind};
use caseload::domain::text::{ChoiceText, FormText, FormTitle, QuestionLabel};
use serde::Deserialize;
use utoipa::ToSchema;

/// What a form says and asks.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct FormBody {
    title: FormTitle,
    kind: FormKind,
    /// What is signed of a consent, which needs it; the introduction of any other.
    text: Option<FormText>,
    /// None for a consent.
    #[serde(default)]
    #[schema(max_items = 100)]
    questions: Vec<QuestionBody>,
}

/// A question.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct QuestionBody {
    /// What answers go by; once for each form.
    key: QuestionKey,
    label: QuestionLabel,
    kind: QuestionKind,
    /// Nothing is submitted without an answer.
    #[serde(default)]
    required: bool,
    /// 2 to 50, for choice and choices.
    #[serde(default)]
    #[schema(max_items = 50)]
    options: Vec<ChoiceText>,
    /// The field of the profile that the answer can fill.
    fills: Option<Fill>,
}

impl From<QuestionBody> for Question {
    fn from(body: QuestionBody) -> Self {
        let QuestionBody { key, label, kind, required, options, fills } = body;
        Self { key, label, kind, required, options, fills }
    }
}

impl FormBody {
    /// The form's content, if it is one.
    pub(crate) fn content(self) -> Result<FormContent, BadForm> {
        let Self { title, kind, text, questions } = self;
        let content = FormContent { title, kind, text, questions: questions.into_iter().map(Question::from).collect() };
        content.check()?;
        Ok(content)
    }
}
