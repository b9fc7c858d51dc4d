use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

use super::StaffRef;
use crate::domain::catalog::Catalog;
use crate::domain::clinical::{Addendum, ClinicalNote, ClinicalStage, ClinicalState};
use crate::domain::ids::{AppointmentId, ClientId, ClinicalNoteId};
use crate::web::ETag;

/// A clinical note. Only staff is ever shown one.
#[derive(Serialize, ToSchema)]
pub struct ClinicalNoteView {
    id: ClinicalNoteId,
    client_id: ClientId,
    author: Option<StaffRef>,
    /// The session it is about.
    appointment_id: Option<AppointmentId>,
    /// The name of the form it follows.
    template: Option<String>,
    /// Plain text.
    body: String,
    state: ClinicalStage,
    created_at: Timestamp,
    edited_at: Option<Timestamp>,
    /// Since when a supervisor has it.
    submitted_at: Option<Timestamp>,
    /// Until when a supervisor should have decided, where the practice says so.
    review_due_at: Option<Timestamp>,
    /// Whether that time is over.
    overdue: bool,
    /// What a supervisor wants said, where it was returned.
    returned: Option<ReturnedView>,
    signed_at: Option<Timestamp>,
    approved_by: Option<StaffRef>,
    approved_at: Option<Timestamp>,
    addenda: Vec<AddendumView>,
    /// What the reader may do with it now.
    allowed_actions: Vec<ClinicalOffer>,
    /// For `If-Match` when it is changed.
    etag: ETag,
}

/// Why a note was returned.
#[derive(Serialize, ToSchema)]
pub struct ReturnedView {
    by: Option<StaffRef>,
    at: Timestamp,
    reason: String,
}

/// What was added to a signed note.
#[derive(Serialize, ToSchema)]
pub struct AddendumView {
    body: String,
    at: Timestamp,
}

/// What can be done with a clinical note.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ClinicalOffer {
    Edit,
    Sign,
    Submit,
    Approve,
    Return,
    Amend,
    Delete,
}

crate::domain::prints_its_name!(ClinicalNoteView);
crate::domain::prints_its_name!(ReturnedView);
crate::domain::prints_its_name!(AddendumView);

impl ClinicalNoteView {
    /// The note at this moment, for a reader with these possibilities.
    #[must_use]
    pub fn new(
        note: &ClinicalNote,
        catalog: &Catalog,
        review_days: Option<u8>,
        offers: Vec<ClinicalOffer>,
        now: Timestamp,
    ) -> Self {
        let ClinicalNote { id, practice: _, version, author, appointment, template, body, state, .. } = note;
        let review_due_at = review_days.and_then(|days| note.review_due(days));
        let mut view = Self {
            id: *id,
            client_id: id.client(),
            author: StaffRef::of(*author, catalog),
            appointment_id: *appointment,
            template: template.as_ref().map(|template| template.as_str().to_owned()),
            body: body.as_str().to_owned(),
            state: state.stage(),
            created_at: note.created_at,
            edited_at: note.edited_at,
            submitted_at: None,
            review_due_at,
            overdue: review_due_at.is_some_and(|due| due <= now),
            returned: None,
            signed_at: None,
            approved_by: None,
            approved_at: None,
            addenda: note.addenda.iter().map(AddendumView::from).collect(),
            allowed_actions: offers,
            etag: ETag::new(*version),
        };
        match state {
            ClinicalState::Draft => {}
            ClinicalState::InReview { since } => view.submitted_at = Some(*since),
            ClinicalState::Returned { by, at, reason } => {
                let by = StaffRef::of(*by, catalog);
                view.returned = Some(ReturnedView { by, at: *at, reason: reason.as_str().to_owned() });
            }
            ClinicalState::Signed { at, approved } => {
                view.signed_at = Some(*at);
                view.approved_by = approved.and_then(|approved| StaffRef::of(approved.by, catalog));
                view.approved_at = approved.map(|approved| approved.at);
            }
        }
        view
    }
}

impl From<&Addendum> for AddendumView {
    fn from(addendum: &Addendum) -> Self {
        let Addendum { body, at } = addendum;
        Self { body: body.as_str().to_owned(), at: *at }
    }
}
