use axum::extract::State;
use caseload::access::{Action, Resource};
use caseload::app::App;
use caseload::domain::client::Client;
use caseload::domain::clinical::{ClinicalNote, ClinicalStage};
use caseload::domain::ids::ClientId;
use caseload::store::keys;
use caseload::web::view::clinical::ClinicalNoteView;
use caseload::web::{Authorized, Caller, Outcome, PageQuery, Path, Query, Reply, Shown, StaffOnly};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::shown::view;

/// Which clinical notes.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub(crate) struct ListClinicalNotes {
    #[serde(default)]
    state: Option<ClinicalStage>,
    /// At most this many items, 50 unless given.
    #[serde(default)]
    #[param(minimum = 1, maximum = 200)]
    limit: Option<u16>,
    /// `next_cursor` of the page before.
    #[serde(default)]
    cursor: Option<String>,
}

/// A page of clinical notes, newest first.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ClinicalNotePage {
    items: Vec<ClinicalNoteView>,
    next_cursor: Option<String>,
}

// F5
/// The clinical notes about a client, newest first: what the caller may see and nothing about the rest.
#[utoipa::path(
    get, path = "/v1/clients/{client_id}/clinical-notes", tag = "clinical-notes",
    params(("client_id" = ClientId, Path), ListClinicalNotes),
    responses((status = 200, body = ClinicalNotePage))
)]
pub(crate) async fn list_clinical_notes(
    State(app): State<App>,
    caller: Caller<StaffOnly>,
    Path(client): Path<ClientId>,
    Query(query): Query<ListClinicalNotes>,
) -> Outcome {
    let practice = caller.practice();
    let ListClinicalNotes { state, limit, cursor } = query;
    let named = format!("clinical {client} {} {state:?}", caller.identity.principal);
    let page = app.page(practice, &named, &PageQuery::new(limit, cursor))?;
    let list = keys::clinical_notes(practice, client);
    let asked = app.client_with(&caller, Action::ClinicalRead, client, keys::catalog(practice).required());
    let sees = |(asked, _): &(Authorized<Client>, _), note: &ClinicalNote| {
        state.is_none_or(|state| state == note.state.stage())
            && asked.sees(Action::ClinicalRead, &Resource::clinical(Some((&asked.subject, note))))
    };
    let ((asked, catalog), Shown { items, next_cursor }) = app.visible_page(&page, &list, asked, sees).await?;
    let items = items.iter().map(|note| view(&asked, note, &asked.subject, &catalog)).collect();
    Reply::ok(&ClinicalNotePage { items, next_cursor })
}
