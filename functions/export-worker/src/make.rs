//! From an order to an archive.

use caseload::access::{Action, Actor, Cause, Grant, System};
use caseload::app::App;
use caseload::domain::client::Client;
use caseload::domain::export::{Export, ExportManifest, ExportState};
use caseload::domain::ids::RequestId;
use caseload::files::{ExportObjects, FileError, Files, Parts, client_prefix, places};
use caseload::store::{Conflict, Corrupt, StoreError, Tx, keys};
use zip::result::ZipError;

use crate::archive::Archive;

/// How often the end is written while somebody else is at the client.
const TRIES: u32 = 8;

/// Why the worker stops; the platform tries again.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Halt {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    File(#[from] FileError),
    #[error("the archive cannot be written: {0}")]
    Archive(#[from] ZipError),
    #[error("{0}")]
    Broken(String),
}

impl From<Corrupt> for Halt {
    fn from(corrupt: Corrupt) -> Self {
        Self::Store(corrupt.into())
    }
}

/// Makes the archive that an order asks for, unless it was made before or its client is gone.
pub(crate) async fn make(app: &App, objects: ExportObjects) -> Result<&'static str, Halt> {
    let files = app.files().map_err(|refusal| Halt::Broken(refusal.to_string()))?;
    let Some((export, _)) = load(app, objects).await? else {
        return sweep(files, objects).await;
    };
    if export.state != ExportState::Preparing {
        return Ok("made_before");
    }
    let order = match files.get(&objects.order()).await {
        // Another delivery has finished and tidied up.
        Err(FileError::Absent) => return Ok("made_before"),
        other => other?,
    };
    let order: ExportManifest = serde_json::from_slice(&order).map_err(|error| Halt::Broken(error.to_string()))?;
    let state = match write(files, objects, &order).await? {
        Some(size) => ExportState::Ready { at: app.now(), size },
        None => ExportState::Outdated,
    };
    settle(app, files, objects, state).await
}

/// The export with its client; none if the client is gone or on its way out.
async fn load(app: &App, objects: ExportObjects) -> Result<Option<(Export, Client)>, Halt> {
    let ExportObjects { practice, export } = objects;
    let wanted = (keys::export(practice, export), keys::client(practice, export.client()).unless_deleting());
    let (export, client) = app.store.load(wanted).await?;
    Ok(export.zip(client))
}

/// What was made of a client that is gone goes too, with all its versions (decision 11).
async fn sweep(files: &Files, objects: ExportObjects) -> Result<&'static str, Halt> {
    files.delete_all(&client_prefix("exports", objects.practice, objects.export.client())).await?;
    Ok("gone")
}

/// Writes the archive; none if a file of it is gone: an archive that silently lacks something would be a wrong one.
async fn write(files: &Files, objects: ExportObjects, order: &ExportManifest) -> Result<Option<u64>, Halt> {
    let key = objects.archive();
    let mut parts = files.begin(&key, "application/zip").await?;
    match fill(files, objects, order, &mut parts).await {
        Ok(size) => {
            parts.finish().await?;
            Ok(Some(size))
        }
        Err(halt) => {
            parts.abandon().await?;
            if matches!(halt, Halt::File(FileError::Absent)) { Ok(None) } else { Err(halt) }
        }
    }
}

async fn fill(
    files: &Files,
    objects: ExportObjects,
    order: &ExportManifest,
    parts: &mut Parts<'_>,
) -> Result<u64, Halt> {
    let mut archive = Archive::new(order.at);
    for document in &order.documents {
        if let Some(part) = archive.add(&document.path, document.text.as_bytes())? {
            parts.put(part).await?;
        }
    }
    for piece in &order.files {
        let bytes = files.get(&places::checked(objects.practice, piece.file)).await?;
        if let Some(part) = archive.add(&piece.path, &bytes)? {
            parts.put(part).await?;
        }
    }
    let (rest, size) = archive.finish()?;
    parts.put(rest).await?;
    Ok(size)
}

/// Says how it ended.
///
/// The client must not have changed while that is written: a deletion clears the bucket only after it has marked the
/// client, so that it either finds this archive or is found here.
async fn settle(app: &App, files: &Files, objects: ExportObjects, state: ExportState) -> Result<&'static str, Halt> {
    let ExportObjects { practice, export: id } = objects;
    for _ in 0..TRIES {
        let Some((mut export, client)) = load(app, objects).await? else {
            return sweep(files, objects).await;
        };
        if export.state != ExportState::Preparing {
            return Ok("made_before");
        }
        export.settle(state);
        let request = app.keys.derive_id("export", &[id.to_string().as_bytes()], export.requested_at);
        let cause = Cause { request: RequestId::from_uuid(request), at: app.now() };
        let grant =
            Grant::system(practice, Actor::System(System::Export), Action::ExportApply, Some(id.client()), cause)
                .map_err(|_| Halt::Broken("the policy does not know the export".to_owned()))?;
        let mut tx = Tx::new(&grant);
        tx.replace(&mut export).unchanged(&client).touches(id);
        match app.store.commit(tx).await {
            Ok(()) => {
                files.delete(&objects.order()).await?;
                return Ok(if state == ExportState::Outdated { "outdated" } else { "made" });
            }
            Err(StoreError::Conflict(Conflict::Stale(_))) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Err(Halt::Broken("the client keeps changing".to_owned()))
}
