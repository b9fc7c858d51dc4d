use axum::extract::State;
use caseload::access::Action;
use caseload::app::App;
use caseload::domain::file::{File, Quota};
use caseload::domain::ids::FileId;
use caseload::files::places;
use caseload::refusal::Stop;
use caseload::store::keys;
use caseload::web::{Authorized, Caller, Outcome, Path, Reply, RequireMatch, StaffOnly};
use caseload::workflows::retrying;

// H5, decision 11
/// Deletes a file for good, every version of its bytes included.
///
/// From the commit on it is absent for everybody. If the bytes cannot be removed right then, the same request again
/// finishes the work.
#[utoipa::path(
    delete, path = "/v1/files/{file_id}", tag = "share-file", params(("file_id" = FileId, Path)),
    responses((status = 204))
)]
pub(crate) async fn delete_file(
    State(app): State<App>,
    caller: Caller<StaffOnly>,
    Path(id): Path<FileId>,
    tag: RequireMatch,
) -> Outcome {
    let asked = retrying(app.clock(), async || begin(&app, &caller, (id, &tag)).await).await?;
    let (files, practice) = (app.files()?, caller.practice());
    let (unchecked, checked) = (places::quarantine(practice, id), places::checked(practice, id));
    tokio::try_join!(files.delete_all(&unchecked), files.delete_all(&checked))?;
    app.store.forget_file(&asked.grant, id).await?;
    Ok(Reply::empty())
}

/// Marks it and gives its room back, unless an earlier request has.
async fn begin(
    app: &App,
    caller: &Caller<StaffOnly>,
    (id, tag): (FileId, &RequireMatch),
) -> Result<Authorized<File>, Stop> {
    let (practice, client) = (caller.practice(), id.client());
    let (mut asked, quota) = app.thing_with(caller, Action::FileDelete, id, keys::file_quota(practice, client)).await?;
    if asked.subject.deleting {
        return Ok(asked);
    }
    tag.check(asked.subject.version)?;
    let mut quota = quota.unwrap_or_else(|| Quota::empty(practice, client));
    quota.give_back(&asked.subject);
    asked.subject.begin_deletion();
    let mut tx = asked.tx();
    tx.replace(&mut asked.subject).replace(&mut quota).touches(id);
    app.store.commit(tx).await?;
    Ok(asked)
}
