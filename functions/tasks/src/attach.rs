//! Files that are attached to a task: the client sees them from then on (G1).

use std::collections::BTreeMap;

use caseload::access::{Action, Actor, Resource, decide};
use caseload::app::App;
use caseload::domain::client::Client;
use caseload::domain::file::File;
use caseload::domain::ids::{ClientId, FileId, PracticeId};
use caseload::domain::practice::Practice;
use caseload::domain::task::TaskRefusal;
use caseload::refusal::{Refusal, Stop};
use caseload::store::Tx;
use caseload::store::keys::{self, Key};
use caseload::web::Authorized;
use futures_util::future::try_join_all;

/// As many as one read brings.
const MOST: usize = 100;

/// Where the files stand that are to be attached to a task of this client; nowhere if they are another client's.
pub(crate) fn places(practice: PracticeId, client: ClientId, ids: &[FileId]) -> Vec<Option<Key<File>>> {
    ids.iter().map(|id| (id.client() == client).then(|| keys::file(practice, *id))).collect()
}

/// Why files are not attached.
pub(crate) enum Refused {
    /// The policy does not allow this.
    Denied(Action, Resource),
    /// Nobody has checked the bytes yet.
    NotReady,
}

/// The files that are to be attached, each decided about: read by the caller, and shared by the caller where the client
/// does not see them yet. A denial is for whoever asks the policy about it on the record.
pub(crate) fn judged(
    actor: &Actor,
    practice: &Practice,
    client: &Client,
    found: Vec<Option<Option<File>>>,
) -> Result<Vec<File>, Refused> {
    let mut files = Vec::with_capacity(found.len());
    for file in found.into_iter().map(Option::flatten) {
        let needs = [Some(Action::FileRead), file.as_ref().filter(|file| !file.shared).map(|_| Action::FileUpdate)];
        let about = Resource::file(file.as_ref().map(|file| (client, file)));
        let denied = needs.into_iter().flatten().find(|action| decide(actor, *action, &about, practice).is_err());
        match (denied, file) {
            (Some(action), _) => return Err(Refused::Denied(action, about)),
            (None, None) => return Err(Refused::Denied(Action::FileRead, Resource::File(None))),
            (None, Some(file)) => files.push(file),
        }
    }
    if files.iter().any(File::is_quarantined) { Err(Refused::NotReady) } else { Ok(files) }
}

/// The same for a request that is about one client.
pub(crate) async fn decided<T>(
    app: &App,
    asked: &Authorized<T>,
    client: &Client,
    found: Vec<Option<Option<File>>>,
) -> Result<Vec<File>, Stop> {
    match judged(&asked.actor, &asked.practice, client, found) {
        Ok(files) => Ok(files),
        Err(Refused::NotReady) => Err(TaskRefusal::FileNotReady.into()),
        Err(Refused::Denied(action, about)) => {
            app.decide_also(asked, action, &about).await?;
            Err(Refusal::absent().into())
        }
    }
}

/// Shares in the transaction what the client does not see yet; the rest has to stay as it was read.
pub(crate) fn share(tx: &mut Tx, files: &mut [File]) {
    for file in files {
        if file.shared {
            tx.unchanged(file);
        } else {
            file.change(Some(true), None);
            tx.replace(file).touches(file.id);
        }
    }
}

/// The files of some tasks, by id. No call where there are none.
pub(crate) async fn of(
    app: &App,
    practice: PracticeId,
    ids: impl IntoIterator<Item = FileId>,
) -> Result<BTreeMap<FileId, File>, Stop> {
    let mut ids: Vec<FileId> = ids.into_iter().collect();
    ids.sort_unstable();
    ids.dedup();
    let read = |some: &[FileId]| {
        let some: Vec<_> = some.iter().map(|id| keys::file(practice, *id)).collect();
        app.store.load(some)
    };
    let found = try_join_all(ids.chunks(MOST).map(read)).await?;
    Ok(found.into_iter().flatten().flatten().map(|file| (file.id, file)).collect())
}

/// The same of files at hand.
pub(crate) fn by_id(files: Vec<File>) -> BTreeMap<FileId, File> {
    files.into_iter().map(|file| (file.id, file)).collect()
}
