use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

use crate::domain::ids::{FormId, PacketId};
use crate::domain::paperwork::{Fill, Form, FormContent, FormKind, Packet, Question, QuestionKind};
use crate::web::ETag;

/// A question of a form.
#[derive(Debug, Serialize, ToSchema)]
pub struct QuestionView {
    /// What answers go by.
    key: String,
    label: String,
    kind: QuestionKind,
    required: bool,
    /// What there is to choose from.
    options: Vec<String>,
    /// The field of the profile that the answer can fill.
    fills: Option<Fill>,
}

impl QuestionView {
    /// The question as it stands in its form.
    #[must_use]
    pub fn new(question: &Question) -> Self {
        let Question { key, label, kind, required, options, fills } = question;
        Self {
            key: key.as_str().to_owned(),
            label: label.as_str().to_owned(),
            kind: *kind,
            required: *required,
            options: options.iter().map(|option| option.as_str().to_owned()).collect(),
            fills: *fills,
        }
    }
}

/// A form, as lists show it.
#[derive(Debug, Serialize, ToSchema)]
pub struct FormCardView {
    id: FormId,
    /// Grows with each change. What was sent keeps the version it was sent with.
    version: u64,
    kind: FormKind,
    title: String,
    /// How many there are.
    question_count: usize,
    created_at: Timestamp,
    changed_at: Timestamp,
    /// For `If-Match` when it is changed or deleted.
    etag: ETag,
}

impl FormCardView {
    /// The form as it is now.
    #[must_use]
    pub fn new(form: &Form) -> Self {
        let Form { id, practice: _, version, content, created_at, changed_at } = form;
        Self {
            id: *id,
            version: *version,
            kind: content.kind,
            title: content.title.as_str().to_owned(),
            question_count: content.questions.len(),
            created_at: *created_at,
            changed_at: *changed_at,
            etag: ETag::new(*version),
        }
    }
}

/// A form of the practice's library.
#[derive(Debug, Serialize, ToSchema)]
pub struct FormView {
    #[serde(flatten)]
    card: FormCardView,
    /// What is signed of a consent; the introduction of any other.
    text: Option<String>,
    questions: Vec<QuestionView>,
}

impl FormView {
    /// The form as it is now.
    #[must_use]
    pub fn new(form: &Form) -> Self {
        let FormContent { title: _, kind: _, text, questions } = &form.content;
        Self {
            card: FormCardView::new(form),
            text: text.as_ref().map(|text| text.as_str().to_owned()),
            questions: questions.iter().map(QuestionView::new).collect(),
        }
    }
}

/// A packet of the practice's library.
#[derive(Debug, Serialize, ToSchema)]
pub struct PacketTemplateView {
    id: PacketId,
    name: String,
    /// In the order in which they are filled in.
    form_ids: Vec<FormId>,
    created_at: Timestamp,
    /// For `If-Match` when it is deleted.
    etag: ETag,
}

impl PacketTemplateView {
    /// The packet as it is now.
    #[must_use]
    pub fn new(packet: &Packet) -> Self {
        let Packet { id, practice: _, version, name, forms, created_at } = packet;
        Self {
            id: *id,
            name: name.as_str().to_owned(),
            form_ids: forms.clone(),
            created_at: *created_at,
            etag: ETag::new(*version),
        }
    }
}
