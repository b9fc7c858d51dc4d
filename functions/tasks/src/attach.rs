//! The files of tasks, as they are now.

use std::collections::BTreeMap;

use caseload::app::App;
use caseload::domain::file::File;
use caseload::domain::ids::{FileId, PracticeId};
use caseload::refusal::Stop;
use caseload::store::keys;
use futures_util::future::try_join_all;

/// As many as one read brings.
const MOST: usize = 100;

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
