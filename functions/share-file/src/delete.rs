use axum::extract::State;
use caseload::access::Action;
use caseload::app::App;
use caseload::domain::file::{File, Quota};
use caseload::domain::ids::FileId;
use caseload::domain::session::PrincipalId;
use caseload::files::places;
use caseload::refusal::Stop;
use caseload::store::keys;
use caseload::web::{Anyone, Authorized, Caller, Outcome, Path, Reply, RequireMatch};
use caseload::workflows::retrying;

// H2, H5, decisions 11 and 30
/// Deletes a file for good, every version of its bytes included. A client takes back what it uploaded, as long as nobody
/// of the practice has opened it.
///
/// From the commit on it is absent for everybody. If the bytes cannot be removed right then, the same request again
/// finishes the work.
#[utoipa::path(
    delete, path = "/v1/files/{file_id}", tag = "share-file", params(("file_id" = FileId, Path)),
    responses((status = 204), (status = 409))
)]
pub(crate) async fn delete_file(
    State(app): State<App>,
    caller: Caller<Anyone>,
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
    caller: &Caller<Anyone>,
    (id, tag): (FileId, &RequireMatch),
) -> Result<Authorized<File>, Stop> {
    let (practice, client) = (caller.practice(), id.client());
    let action = match caller.identity.principal {
        PrincipalId::Staff(_) => Action::FileDelete,
        PrincipalId::Client(_) => Action::FileWithdraw,
    };
    let (mut asked, quota) = app.thing_with(caller, action, id, keys::file_quota(practice, client)).await?;
    if asked.subject.deleting {
        return Ok(asked);
    }
    tag.check(asked.subject.edition)?;
    if action == Action::FileWithdraw {
        asked.subject.check_withdrawal()?;
    }
    let mut quota = quota.unwrap_or_else(|| Quota::empty(practice, client));
    quota.give_back(&asked.subject);
    asked.subject.begin_deletion();
    let mut tx = asked.tx();
    tx.replace(&mut asked.subject).replace(&mut quota).touches(id);
    app.store.commit(tx).await?;
    Ok(asked)
}
