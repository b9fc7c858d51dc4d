use axum::extract::State;
use caseload::access::{Action, Resource};
use caseload::app::App;
use caseload::domain::ids::{CommentId, NoteId};
use caseload::domain::note::{Comment, NoteTally};
use caseload::refusal::{Refusal, Stop};
use caseload::store::keys;
use caseload::web::view::note::CommentView;
use caseload::web::{Anyone, Authorized, Caller, Json, Outcome, Path, Reply, RequireMatch};
use caseload::workflows::retrying;

use crate::comments::WriteComment;
use crate::found::Found;

/// Authorizes a change of a comment: 404 for one that is absent, or under a note that the caller cannot see.
async fn comment(
    app: &App,
    caller: &Caller<Anyone>,
    (note, id): (NoteId, CommentId),
) -> Result<(Authorized<Found>, Comment), Stop> {
    let (practice, of, action) = (caller.practice(), note.client(), Action::NoteCommentChange);
    let wanted = (
        keys::client(practice, of).unless_deleting(),
        keys::note(practice, note),
        keys::note_comment(practice, note, id),
        keys::note_tally(practice, of),
        keys::catalog(practice).required(),
    );
    let about = vec![note.to_string(), id.to_string()];
    let (entered, (client, note, comment, tally, catalog)) =
        app.enter_about(caller, action, Some(of), about, wanted).await?;
    let found = client.as_ref().zip(note.as_ref()).zip(comment.as_ref());
    let about = Resource::comment(found.map(|((client, note), comment)| (client, note, comment)));
    let grant = app.decide(&entered, action, &about).await?;
    let ((client, note), comment) = client.zip(note).zip(comment).ok_or_else(Refusal::absent)?;
    let tally = tally.unwrap_or_else(|| NoteTally::empty(practice, of));
    Ok((entered.authorized(grant, Found { client, note, tally, catalog }), comment))
}

// F4
/// Changes a comment: its author's alone.
#[utoipa::path(
    patch, path = "/v1/notes/{note_id}/comments/{comment_id}", tag = "notes",
    params(("note_id" = NoteId, Path), ("comment_id" = CommentId, Path)), request_body = WriteComment,
    responses((status = 200, body = CommentView))
)]
pub(crate) async fn update_comment(
    State(app): State<App>,
    caller: Caller<Anyone>,
    Path((note, id)): Path<(NoteId, CommentId)>,
    tag: RequireMatch,
    Json(body): Json<WriteComment>,
) -> Outcome {
    let (asked, mut comment) = comment(&app, &caller, (note, id)).await?;
    tag.check(comment.version)?;
    let mut tx = asked.tx();
    if comment.edit(body.body, asked.grant.at()) {
        tx.replace(&mut comment).fields(["body"]);
    }
    tx.touches(note).touches(id);
    let Found { client, catalog, .. } = &asked.subject;
    let view = CommentView::new(&comment, &asked.actor, client, catalog);
    let reply = Reply::ok_at(comment.version, &view)?;
    app.finish(&asked, tx, reply).await
}

// F4
/// Deletes a comment, for good: its author's alone.
#[utoipa::path(
    delete, path = "/v1/notes/{note_id}/comments/{comment_id}", tag = "notes",
    params(("note_id" = NoteId, Path), ("comment_id" = CommentId, Path)),
    responses((status = 204))
)]
pub(crate) async fn delete_comment(
    State(app): State<App>,
    caller: Caller<Anyone>,
    Path((note, id)): Path<(NoteId, CommentId)>,
    tag: RequireMatch,
) -> Outcome {
    retrying(app.clock(), async || {
        let (mut asked, comment) = comment(&app, &caller, (note, id)).await?;
        tag.check(comment.version)?;
        let mut tx = asked.tx();
        let Found { note, tally, .. } = &mut asked.subject;
        let before = note.clone();
        note.lose_comment(comment.author);
        tx.delete(&comment).change_note(&before, note, tally).touches(note.id).touches(id);
        app.finish(&asked, tx, Reply::empty()).await
    })
    .await
}
