//! The folder a cloud keeps its data in.

use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};

use aws_lc_rs::rand;

use super::StartError;

/// A folder that stays, or one that goes with this value.
#[derive(Debug)]
pub(super) struct Folder {
    pub(super) path: PathBuf,
    temporary: bool,
    // Held as long as it is open: two clouds in one folder would each invoke workers for what the other keeps there.
    _lock: Option<File>,
}

impl Folder {
    /// Makes it where it is missing.
    pub(super) fn open(kept: Option<PathBuf>) -> Result<Self, StartError> {
        let temporary = kept.is_none();
        let path = match kept {
            Some(path) => path,
            None => {
                let mut name = [0; 8];
                rand::fill(&mut name).map_err(|_| crate::secrets::SecretsError::NoRandomness)?;
                std::env::temp_dir().join(format!("caseload-{:016x}", u64::from_ne_bytes(name)))
            }
        };
        let mut builder = std::fs::DirBuilder::new();
        builder.recursive(true);
        // What people upload is nobody else's on this machine.
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        if let Err(source) = builder.create(&path) {
            return Err(StartError::Folder { path, source });
        }
        let lock = if temporary { None } else { Some(lock(&path)?) };
        Ok(Self { path, temporary, _lock: lock })
    }
}

fn lock(folder: &Path) -> Result<File, StartError> {
    let file = File::create(folder.join("lock")).map_err(TryLockError::Error);
    let locked = file.and_then(|file| file.try_lock().map(|()| file));
    locked.map_err(|error| match error {
        TryLockError::WouldBlock => StartError::InUse(folder.to_owned()),
        TryLockError::Error(source) => StartError::Folder { path: folder.to_owned(), source },
    })
}

impl Drop for Folder {
    fn drop(&mut self) {
        if self.temporary {
            let _ = std::fs::remove_dir_all(&self.path);
        }
    }
}
