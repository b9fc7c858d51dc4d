use axum::extract::State;
use caseload::access::Action;
use caseload::app::App;
use caseload::domain::ids::NoteId;
use caseload::store::keys;
use caseload::web::view::note::EditionView;
use caseload::web::{Anyone, Caller, Outcome, PageQuery, Path, Query, Reply};
use serde::Serialize;
use utoipa::ToSchema;

/// A page of what a note has said, the last first.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct VersionPage {
    items: Vec<EditionView>,
    next_cursor: Option<String>,
}

// F4
/// What a note says and has said before, the last first: for its author.
#[utoipa::path(
    get, path = "/v1/notes/{note_id}/versions", tag = "notes", params(("note_id" = NoteId, Path), PageQuery),
    responses((status = 200, body = VersionPage))
)]
pub(crate) async fn list_versions(
    State(app): State<App>,
    caller: Caller<Anyone>,
    Path(id): Path<NoteId>,
    Query(query): Query<PageQuery>,
) -> Outcome {
    let practice = caller.practice();
    let page = app.page(practice, &format!("versions {id} {}", caller.identity.principal), &query)?;
    let list = keys::note_editions(practice, id);
    let asked = app.thing(&caller, Action::NoteHistory, id);
    let (asked, shown) = app.visible_page(&page, &list, asked, |_, _| true).await?;
    // What it says now stands in the note itself.
    let now = page.after.is_none().then(|| asked.subject.as_edition());
    let items = now.iter().chain(&shown.items).map(EditionView::from).collect();
    Reply::ok(&VersionPage { items, next_cursor: shown.next_cursor })
}
