use axum::extract::State;
use caseload::access::{Action, Resource};
use caseload::app::App;
use caseload::domain::client::Client;
use caseload::domain::file::{File, LIMIT, Quota};
use caseload::domain::ids::ClientId;
use caseload::domain::text::fold;
use caseload::refusal::Refusal;
use caseload::store::keys;
use caseload::web::view::file::FileView;
use caseload::web::{Anyone, Authorized, Caller, Outcome, PageQuery, Path, Query, Reply, Shown};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// Which files.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub(crate) struct ListFiles {
    /// Those whose name has this, whatever the case and accents.
    #[serde(default)]
    #[param(max_length = 200)]
    q: Option<String>,
    /// At most this many items, 50 unless given.
    #[serde(default)]
    #[param(minimum = 1, maximum = 200)]
    limit: Option<u16>,
    /// `next_cursor` of the page before.
    #[serde(default)]
    cursor: Option<String>,
}

/// A page of files, newest first.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct FilePage {
    items: Vec<FileView>,
    next_cursor: Option<String>,
    /// The room that all files of the client take, uploads that are granted included. For staff only: a part of it may be
    /// hidden from the client.
    #[serde(skip_serializing_if = "Option::is_none")]
    usage: Option<UsageView>,
}

/// The room that a client's files take, and how much there is.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct UsageView {
    files: u32,
    bytes: u64,
    max_files: u32,
    max_bytes: u64,
}

impl UsageView {
    fn new(quota: Option<&Quota>, now: jiff::Timestamp) -> Self {
        let used = quota.map(|quota| quota.used(now)).unwrap_or_default();
        Self { files: used.files, bytes: used.bytes, max_files: LIMIT.files, max_bytes: LIMIT.bytes }
    }
}

// E6, E7, H1, H3
/// The files of a client, newest first: what the caller may see and nothing about the rest.
#[utoipa::path(
    get, path = "/v1/clients/{client_id}/files", tag = "share-file",
    params(("client_id" = ClientId, Path), ListFiles),
    responses((status = 200, body = FilePage))
)]
pub(crate) async fn list_files(
    State(app): State<App>,
    caller: Caller<Anyone>,
    Path(client): Path<ClientId>,
    Query(query): Query<ListFiles>,
) -> Outcome {
    let practice = caller.practice();
    let ListFiles { q, limit, cursor } = query;
    if q.as_ref().is_some_and(|q| q.chars().count() > 200) {
        return Err(
            Refusal::malformed("invalid_parameter", "The query parameter q takes at most 200 characters.").into()
        );
    }
    let named = format!("files {client} {} {q:?}", caller.identity.principal);
    let page = app.page(practice, &named, &PageQuery::new(limit, cursor))?;
    let words = q.as_deref().map(str::trim).filter(|q| !q.is_empty()).map(fold);
    let list = keys::files(practice, client);
    let asked = app.client_with(&caller, Action::FileList, client, keys::file_quota(practice, client));
    let sees = |(asked, _): &(Authorized<Client>, _), file: &File| {
        words.as_ref().is_none_or(|words| fold(file.name.as_str()).contains(words))
            && asked.sees(Action::FileRead, &Resource::file(Some((&asked.subject, file))))
    };
    let ((asked, quota), Shown { items, next_cursor }) = app.visible_page(&page, &list, asked, sees).await?;
    let now = asked.grant.at();
    let view = |file: &File| FileView::new(&asked.actor, file, now);
    let usage = caller.identity.principal.is_staff().then(|| UsageView::new(quota.as_ref(), now));
    Reply::ok(&FilePage { items: items.iter().map(view).collect(), next_cursor, usage })
}
