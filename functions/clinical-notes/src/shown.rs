//! Showing clinical notes, with what the policy lets their reader do.

use caseload::access::{Action, Resource};
use caseload::domain::catalog::Catalog;
use caseload::domain::client::Client;
use caseload::domain::clinical::{ClinicalNote, ClinicalStage};
use caseload::web::view::clinical::{ClinicalNoteView, ClinicalOffer};
use caseload::web::{Authorized, Outcome, Reply};

use crate::found::Found;

/// What the policy lets the caller do with a note in its present state.
fn offers<T>(asked: &Authorized<T>, client: &Client, note: &ClinicalNote) -> Vec<ClinicalOffer> {
    use ClinicalStage::{Draft, InReview, Returned, Signed};
    let open: &[ClinicalStage] = &[Draft, Returned];
    let all: [(ClinicalOffer, Action, &[ClinicalStage]); 7] = [
        (ClinicalOffer::Edit, Action::ClinicalUpdate, open),
        (ClinicalOffer::Sign, Action::ClinicalSign, open),
        (ClinicalOffer::Submit, Action::ClinicalSubmit, open),
        (ClinicalOffer::Approve, Action::ClinicalReview, &[InReview]),
        (ClinicalOffer::Return, Action::ClinicalReview, &[InReview]),
        (ClinicalOffer::Amend, Action::ClinicalAmend, &[Signed]),
        (ClinicalOffer::Delete, Action::ClinicalDelete, open),
    ];
    let (about, stage) = (Resource::clinical(Some((client, note))), note.state.stage());
    let may = |(offer, action, stages): (ClinicalOffer, Action, &[ClinicalStage])| {
        (stages.contains(&stage) && asked.sees(action, &about)).then_some(offer)
    };
    all.into_iter().filter_map(may).collect()
}

/// A note, as the caller sees it.
pub(crate) fn view<T>(
    asked: &Authorized<T>,
    note: &ClinicalNote,
    client: &Client,
    catalog: &Catalog,
) -> ClinicalNoteView {
    let offers = offers(asked, client, note);
    ClinicalNoteView::new(note, catalog, asked.practice.team.review_days, offers, asked.grant.at())
}

/// Answers with a note that was changed or read.
pub(crate) fn reply(asked: &Authorized<Found>) -> Outcome {
    let Found { note, client, catalog } = &asked.subject;
    Reply::ok_at(note.version, &view(asked, note, client, catalog))
}
