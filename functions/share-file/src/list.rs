use axum::extract::State;
use caseload::access::{Action, Resource, decide};
use caseload::app::App;
use caseload::domain::client::Client;
use caseload::domain::file::File;
use caseload::domain::ids::{ClientId, FileId};
use caseload::store::keys::{self, FILES};
use caseload::store::{Entity as _, Paging, StoreError};
use caseload::web::{Anyone, Authorized, Caller, Outcome, Path, Problem, ProblemBody, Query, Reply};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::view::FileView;

/// Which page.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub(crate) struct ListFiles {
    /// 1 to 200; 50 without it.
    #[serde(default)]
    #[param(minimum = 1, maximum = 200)]
    limit: Option<usize>,
    #[serde(default)]
    cursor: Option<String>,
}

/// A page of files, newest first.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct FilePage {
    items: Vec<FileView>,
    next_cursor: Option<String>,
}

/// The files of a client, newest first: what the caller may see and nothing about the rest (E6, E7, H3).
#[utoipa::path(
    get, path = "/v1/clients/{client_id}/files", tag = "share-file",
    params(("client_id" = ClientId, Path), ListFiles),
    responses((status = 200, body = FilePage), (status = 400, body = ProblemBody), (status = 404, body = ProblemBody))
)]
pub(crate) async fn list_files(
    State(app): State<App>,
    caller: Caller<Anyone>,
    Path(client): Path<ClientId>,
    Query(page): Query<ListFiles>,
) -> Outcome {
    let (practice, principal) = (caller.practice(), caller.identity.principal);
    let context = format!("files {practice} {principal} {client}");
    let (limit, after) = match start(&app, &context, page, client) {
        Ok(start) => start,
        Err(problem) => {
            // Whether the caller is signed in at all comes before the shape of the request (decision 24).
            app.enter(&caller, &[]).await?;
            return Err(problem);
        }
    };
    let place = after.map(|id| keys::file(practice, id).sk);
    let (asked, first) = tokio::join!(
        app.client(&caller, Action::FileList, client, &[]),
        look(&app, &caller, client, place.as_deref(), limit),
    );
    let asked = asked?;
    let mut shown = visible(&app, &caller, &asked, first?, limit).await?;
    let more = shown.len() > limit;
    shown.truncate(limit);
    let last = shown.last().filter(|_| more);
    let next_cursor = last.map(|file| app.keys.seal(&context, file.id.to_string().as_bytes())).transpose()?;
    let items = shown.iter().map(|file| FileView::new(&asked.actor, file, asked.grant.at())).collect();
    Reply::ok(&FilePage { items, next_cursor })
}

/// How many, and behind which file.
fn start(app: &App, context: &str, page: ListFiles, client: ClientId) -> Result<(usize, Option<FileId>), Problem> {
    let limit = page.limit.unwrap_or(50);
    if !(1..=200).contains(&limit) {
        return Err(Problem::malformed("invalid_parameter", "limit must be between 1 and 200."));
    }
    let open = |cursor: String| {
        let opened =
            app.keys.open(context, &cursor).and_then(|bytes| String::from_utf8(bytes).ok()?.parse::<FileId>().ok());
        opened.filter(|id| id.client() == client).ok_or_else(|| {
            Problem::malformed("cursor_invalid", "This cursor belongs to another list. Start from the first page.")
        })
    };
    Ok((limit, page.cursor.map(open).transpose()?))
}

type Batch = (Vec<File>, bool);

async fn look(
    app: &App,
    caller: &Caller<Anyone>,
    client: ClientId,
    after: Option<&str>,
    limit: usize,
) -> Result<Batch, StoreError> {
    let partition = keys::client_partition(caller.practice(), client);
    app.store.list(&partition, FILES, Paging { newest_first: true, limit: limit + 1, after }).await
}

/// One more than the page if there are that many; a short page would tell that something is hidden.
async fn visible(
    app: &App,
    caller: &Caller<Anyone>,
    asked: &Authorized<Client>,
    first: Batch,
    limit: usize,
) -> Result<Vec<File>, Problem> {
    let sees = |file: &File| {
        let found = Resource::file(Some((&asked.subject, file)));
        decide(&asked.actor, Action::FileRead, &found, &asked.practice).is_ok()
    };
    let (mut batch, mut more) = first;
    let mut shown = Vec::new();
    loop {
        let last = batch.last().map(|file| file.key().sk);
        shown.extend(batch.into_iter().filter(sees));
        if shown.len() > limit || !more || last.is_none() {
            return Ok(shown);
        }
        (batch, more) = look(app, caller, asked.subject.id, last.as_deref(), limit).await?;
    }
}
