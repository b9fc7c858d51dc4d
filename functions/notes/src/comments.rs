use axum::extract::State;
use caseload::access::Action;
use caseload::app::App;
use caseload::domain::ids::{CommentId, NoteId};
use caseload::domain::note::Comment;
use caseload::domain::text::CommentBody;
use caseload::refusal::Refusal;
use caseload::store::keys;
use caseload::web::view::note::CommentView;
use caseload::web::{Anyone, Caller, Json, Outcome, PageQuery, Path, Query, Reply};
use caseload::workflows::retrying;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::found::{self, Found};

/// A comment.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct WriteComment {
    /// Plain text.
    pub(crate) body: CommentBody,
}

/// A page of comments, newest first.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CommentPage {
    items: Vec<CommentView>,
    next_cursor: Option<String>,
}

// F4
/// The comments on a note, newest first. Who lists them has read them.
#[utoipa::path(
    get, path = "/v1/notes/{note_id}/comments", tag = "notes", params(("note_id" = NoteId, Path), PageQuery),
    responses((status = 200, body = CommentPage))
)]
pub(crate) async fn list_comments(
    State(app): State<App>,
    caller: Caller<Anyone>,
    Path(id): Path<NoteId>,
    Query(query): Query<PageQuery>,
) -> Outcome {
    let practice = caller.practice();
    let page = app.page(practice, &format!("comments {id} {}", caller.identity.principal), &query)?;
    let list = keys::note_comments(practice, id);
    retrying(app.clock(), async || {
        let asked = found::note(&app, &caller, Action::NoteRead, id);
        let (mut asked, shown) = app.visible_page(&page, &list, asked, |_, _| true).await?;
        let mut tx = asked.tx();
        let Found { note, tally, client, catalog } = &mut asked.subject;
        if note.unread_by(caller.identity.principal) > 0 {
            let before = note.clone();
            note.read_comments(caller.identity.principal);
            tx.change_note(&before, note, tally).touches(id).fields(["unread"]);
            app.store.commit(tx).await?;
        }
        let view = |comment: &Comment| CommentView::new(comment, &asked.actor, client, catalog);
        Reply::ok(&CommentPage { items: shown.items.iter().map(view).collect(), next_cursor: shown.next_cursor })
    })
    .await
}

// F4
/// Comments on a note that the other side can read, or on one's own.
#[utoipa::path(
    post, path = "/v1/notes/{note_id}/comments", tag = "notes", params(("note_id" = NoteId, Path)),
    request_body = WriteComment,
    responses((status = 201, body = CommentView), (status = 409))
)]
pub(crate) async fn add_comment(
    State(app): State<App>,
    caller: Caller<Anyone>,
    Path(note): Path<NoteId>,
    Json(body): Json<WriteComment>,
) -> Outcome {
    let (practice, id) = (caller.practice(), CommentId::new(note.client(), app.new_id()?));
    retrying(app.clock(), async || {
        let mut asked = found::note(&app, &caller, Action::NoteComment, note).await?;
        let (mut tx, now) = (asked.tx(), asked.grant.at());
        let author = asked.actor.principal().ok_or_else(Refusal::absent)?;
        let body = body.body.clone();
        let comment = Comment { id, practice, note, version: 1, author, body, created_at: now, edited_at: None };
        let Found { note, tally, client, catalog } = &mut asked.subject;
        let before = note.clone();
        note.take_comment(author)?;
        // Who comments on a note has read it.
        if note.is_news_to(author, now) {
            note.saw(now);
        }
        tx.create(&comment).change_note(&before, note, tally).unchanged(client).touches(note.id).touches(id);
        let view = CommentView::new(&comment, &asked.actor, client, catalog);
        let reply = Reply::created_at(comment.version, &view)?;
        app.finish(&asked, tx, reply).await
    })
    .await
}
