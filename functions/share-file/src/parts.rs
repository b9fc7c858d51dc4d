use std::io::{Cursor, Read as _};

use caseload::domain::file::Parts;
use zip::ZipArchive;

/// The longest list of types that is read: a document's has a line for each part.
const LONGEST: u64 = 1024 * 1024;

/// What an archive says of its parts; none if it cannot be opened, as one that says it twice.
pub(crate) fn of(archive: &[u8]) -> Option<Parts> {
    let mut archive = ZipArchive::new(Cursor::new(archive)).ok()?;
    let names = archive.file_names().map(|name| Some(name.ok()?.into_owned())).collect::<Option<Vec<_>>>()?;
    let mut types = Vec::new();
    if let Ok(listed) = archive.by_name(Parts::TYPES) {
        listed.take(LONGEST).read_to_end(&mut types).ok()?;
    }
    Some(Parts { names, types })
}
