use axum::extract::State;
use caseload::access::{Action, Actor, Resource, decide};
use caseload::app::App;
use caseload::domain::client::Client;
use caseload::domain::file::{Bytes, ContentType, File, FileRefusal, FileState, MAX_SIZE, Quota, Rejection, Uploaded};
use caseload::domain::ids::FileId;
use caseload::domain::notifications::Topic;
use caseload::files::{FileError, places};
use caseload::refusal::{Kind, Lost, Stop};
use caseload::store::{Entity as _, Tx, keys};
use caseload::web::view::file::FileView;
use caseload::web::{Anyone, Authorized, Caller, Outcome, Path, Reply};
use caseload::workflows::{Notice, Reader, retrying};
use tokio::sync::OnceCell;

use crate::parts;

/// What the look at the uploaded bytes has shown; once they are copied it holds for every further try.
type Verdict = Result<ContentType, Rejection>;

// H7
/// Ends an upload: the bytes are compared with what was announced, and only then can the file be downloaded.
///
/// Safe to repeat: an available file answers as it is, a rejected one with the same reason.
#[utoipa::path(
    post, path = "/v1/files/{file_id}/complete", tag = "share-file", params(("file_id" = FileId, Path)),
    responses((status = 200, body = FileView), (status = 409))
)]
pub(crate) async fn complete_upload(State(app): State<App>, caller: Caller<Anyone>, Path(id): Path<FileId>) -> Outcome {
    let verdict = OnceCell::new();
    let outcome = retrying(app.clock(), async || attempt(&app, &caller, id, &verdict).await).await;
    let practice = caller.practice();
    if is_absent(&outcome) && verdict.initialized() {
        // Deleted while it was being checked: the copy must not outlive the deletion.
        let left = app.store.load(keys::file(practice, id)).await?;
        if left.is_none_or(|file| file.deleting) {
            app.files()?.delete_all(&places::checked(practice, id)).await?;
        }
    }
    outcome
}

const fn is_absent(outcome: &Outcome) -> bool {
    matches!(outcome, Err(Stop::Refused(refusal)) if matches!(refusal.kind(), Kind::Absent))
}

async fn attempt(app: &App, caller: &Caller<Anyone>, id: FileId, verdict: &OnceCell<Verdict>) -> Outcome {
    let (practice, client) = (caller.practice(), id.client());
    let (mut asked, quota) =
        app.thing_with(caller, Action::FileComplete, id, keys::file_quota(practice, client)).await?;
    let now = asked.grant.at();
    match asked.subject.state {
        FileState::AwaitingUpload { .. } => {}
        FileState::Rejected(rejection) => return Err(rejection.into()),
        FileState::Available { .. } => {
            let reply = Reply::ok_at(asked.subject.edition, &FileView::new(&asked.actor, &asked.subject, now))?;
            let mut tx = asked.tx();
            tx.touches(id);
            return app.finish(&asked, tx, reply).await;
        }
    }
    let mut quota = quota.unwrap_or_else(|| Quota::empty(practice, client));
    let mut kept = quota.clone();
    kept.keep(&asked.subject, now)?;
    let verdict = *verdict.get_or_try_init(|| check(app, &asked.subject)).await?;
    match verdict {
        Ok(kind) => {
            quota = kept;
            asked.subject.complete(kind, now);
        }
        Err(rejection) => {
            quota.give_back(&asked.subject);
            asked.subject.reject(rejection);
        }
    }
    let mut tx = asked.tx();
    tx.replace(&mut asked.subject).replace(&mut quota).touches(id).fields(["state"]);
    let reply = Reply::ok_at(asked.subject.edition, &FileView::new(&asked.actor, &asked.subject, now))?;
    let told = match (verdict, &asked.actor) {
        (Ok(_), Actor::Client(client)) => tell_therapist(app, &mut tx, &asked, client).await?,
        _ => None,
    };
    let reply = match verdict {
        Ok(_) => app.finish(&asked, tx, reply).await?,
        // A refusal is not kept for a repetition: the stored state answers it.
        Err(_) => app.store.commit(tx).await.map(|()| reply)?,
    };
    app.send_notice(told).await?;
    discard_upload(app, &asked.subject).await;
    verdict.map(|_| reply).map_err(Stop::from)
}

// H2
/// The client's therapist is told that there is a file, if it may read it.
async fn tell_therapist(
    app: &App,
    tx: &mut Tx,
    asked: &Authorized<File>,
    client: &Client,
) -> Result<Option<Notice>, Stop> {
    let Some(therapist) = client.assigned_staff else { return Ok(None) };
    let Some(staff) = app.store.load(keys::staff(client.practice, therapist)).await? else { return Ok(None) };
    let about = Resource::file(Some((client, &asked.subject)));
    let reads =
        decide(&Actor::staff(staff.clone(), asked.grant.at()), Action::FileRead, &about, &asked.practice).is_ok();
    let reader = Some(Reader::Staff(&staff)).filter(|_| reads);
    Ok(reader.map(|reader| app.notify(tx, &asked.practice, reader, Topic::Files)).transpose()?.flatten())
}

/// Looks at the uploaded bytes and copies them to where downloads come from, if they are what was announced.
async fn check(app: &App, file: &File) -> Result<Verdict, Stop> {
    let files = app.files()?;
    let from = places::quarantine(file.practice, file.id);
    let peek = async |length| match files.peek(&from, length).await {
        Ok(seen) => Ok(seen),
        Err(FileError::Absent) => Err(nothing_there(app, file).await),
        Err(error) => Err(error.into()),
    };
    let (mut head, mut start) = peek(Bytes::START).await?;
    let mut parts = None;
    if Bytes::is_archive(&start) {
        // Its directory stands at its end, and both looks have to be at the same object.
        (head, start) = peek(MAX_SIZE).await?;
        parts = parts::of(&start);
    }
    let bytes = Bytes { start: &start, parts: parts.as_ref() };
    let kind = match file.judge(&Uploaded { size: head.size, content_type: head.content_type.as_deref(), bytes }) {
        Ok(kind) => kind,
        Err(rejection) => return Ok(Err(rejection)),
    };
    files.copy(&from, &places::checked(file.practice, file.id), head.etag.as_deref()).await?;
    Ok(Ok(kind))
}

/// Either nothing was uploaded, or another request has just completed the file and cleared up.
async fn nothing_there(app: &App, file: &File) -> Stop {
    match app.store.load(keys::file(file.practice, file.id)).await {
        Ok(Some(now)) if now.version() != file.version => Stop::Lost(Lost::Changed),
        Ok(_) => FileRefusal::NotUploaded.into(),
        Err(error) => error.into(),
    }
}

/// Best effort: what stays behind is served to nobody, and the bucket forgets it within days.
async fn discard_upload(app: &App, file: &File) {
    let Ok(files) = app.files() else { return };
    if let Err(error) = files.delete(&places::quarantine(file.practice, file.id)).await {
        tracing::warn!(file = %file.id, %error, "an upload stays in quarantine");
    }
}
