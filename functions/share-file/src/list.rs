use axum::extract::State;
use caseload::access::{Action, Resource, decide};
use caseload::app::App;
use caseload::domain::client::Client;
use caseload::domain::file::File;
use caseload::domain::ids::ClientId;
use caseload::refusal::Stop;
use caseload::store::{Entity as _, Paging, StoreError, keys};
use caseload::web::view::file::FileView;
use caseload::web::{Anyone, Authorized, Caller, Outcome, PageQuery, Path, ProblemBody, Query, Reply};
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
    responses((status = 200, body = FilePage), (status = 400, body = ProblemBody), (status = 404, body = ProblemBody))
)]
pub(crate) async fn list_files(
    State(app): State<App>,
    caller: Caller<Anyone>,
    Path(client): Path<ClientId>,
    Query(query): Query<PageQuery>,
) -> Outcome {
    let page = app.page(caller.practice(), &format!("files {client} {}", caller.identity.principal), &query)?;
    let limit = page.limit;
    let (asked, first) = tokio::join!(
        app.client(&caller, Action::FileList, client),
        look(&app, &caller, client, page.after.as_deref(), limit),
    );
    let asked = asked?;
    let mut shown = visible(&app, &caller, &asked, first?, limit).await?;
    let more = shown.len() > limit;
    shown.truncate(limit);
    let next_cursor = app.next_cursor(&page, &shown, more)?;
    let items = shown.iter().map(|file| FileView::new(&asked.actor, file, asked.grant.at())).collect();
    Reply::ok(&FilePage { items, next_cursor })
}

type Batch = (Vec<File>, bool);

async fn look(
    app: &App,
    caller: &Caller<Anyone>,
    client: ClientId,
    after: Option<&str>,
    limit: usize,
) -> Result<Batch, StoreError> {
    app.store
        .list(&keys::files(caller.practice(), client), Paging { newest_first: true, limit: limit + 1, after })
        .await
}

/// One more than the page if there are that many; a short page would tell that something is hidden.
async fn visible(
    app: &App,
    caller: &Caller<Anyone>,
    asked: &Authorized<Client>,
    first: Batch,
    limit: usize,
) -> Result<Vec<File>, Stop> {
    let sees = |file: &File| {
        let found = Resource::file(Some((&asked.subject, file)));
        decide(&asked.actor, Action::FileRead, &found, &asked.practice).is_ok()
    };
    let (mut batch, mut more) = first;
    let mut shown = Vec::new();
    loop {
        let last = batch.last().map(|file| file.key().sk().to_owned());
        shown.extend(batch.into_iter().filter(sees));
        if shown.len() > limit || !more || last.is_none() {
            return Ok(shown);
        }
        (batch, more) = look(app, caller, asked.subject.id, last.as_deref(), limit).await?;
    }
}
