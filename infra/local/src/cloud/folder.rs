//! The folder a cloud keeps its data in.

use std::path::PathBuf;

use aws_lc_rs::rand;

use super::StartError;

/// A folder that stays, or one that goes with this value.
#[derive(Debug)]
pub(super) struct Folder {
    pub(super) path: PathBuf,
    temporary: bool,
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
        match builder.create(&path) {
            Ok(()) => Ok(Self { path, temporary }),
            Err(source) => Err(StartError::Folder { path, source }),
        }
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        if self.temporary {
            let _ = std::fs::remove_dir_all(&self.path);
        }
    }
}
