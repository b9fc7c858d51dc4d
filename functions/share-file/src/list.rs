use axum::extract::State;
use caseload::access::{Action, Resource};
use caseload::app::App;
use caseload::domain::client::Client;
use caseload::domain::file::File;
use caseload::domain::ids::ClientId;
use caseload::store::keys;
use caseload::web::view::file::FileView;
use caseload::web::{Anyone, Authorized, Caller, Outcome, PageQuery, Path, Query, Reply, Shown};
use serde::Serialize;
use utoipa::ToSchema;

/// A page of files, newest first.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct FilePage {
    items: Vec<FileView>,
    next_cursor: Option<String>,
}

// E6, E7, H3
/// The files of a client, newest first: what the caller may see and nothing about the rest.
#[utoipa::path(
    get, path = "/v1/clients/{client_id}/files", tag = "share-file",
    params(("client_id" = ClientId, Path), PageQuery),
    responses((status = 200, body = FilePage))
)]
pub(crate) async fn list_files(
    State(app): State<App>,
    caller: Caller<Anyone>,
    Path(client): Path<ClientId>,
    Query(query): Query<PageQuery>,
) -> Outcome {
    let practice = caller.practice();
    let page = app.page(practice, &format!("files {client} {}", caller.identity.principal), &query)?;
    let list = keys::files(practice, client);
    let asked = app.client(&caller, Action::FileList, client);
    let sees = |asked: &Authorized<Client>, file: &File| {
        asked.sees(Action::FileRead, &Resource::file(Some((&asked.subject, file))))
    };
    let (asked, Shown { items, next_cursor }) = app.visible_page(&page, &list, asked, sees).await?;
    let view = |file: &File| FileView::new(&asked.actor, file, asked.grant.at());
    Reply::ok(&FilePage { items: items.iter().map(view).collect(), next_cursor })
}
