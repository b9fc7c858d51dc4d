//! The local cloud's own secrets: made at the first start, kept with the data, so that tokens outlive a restart.

use std::io::{ErrorKind, Write as _};
use std::path::{Path, PathBuf};

use aws_lc_rs::rand;
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use caseload::config::Secret;
use caseload::jwt;
use serde::{Deserialize, Serialize};

const FILE: &str = "secrets.json";

/// Why there are no secrets.
#[derive(Debug, thiserror::Error)]
pub enum SecretsError {
    /// The machine has no randomness.
    #[error("no secrets can be made: the machine gives no random bytes")]
    NoRandomness,
    /// The file cannot be read or written.
    #[error("the secrets in {} cannot be kept: {source}", path.display())]
    File {
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The file holds something else.
    #[error("{} holds no secrets of ours; delete it to start with new ones (everybody has to sign in again)", .0.display())]
    Malformed(PathBuf),
}

/// What a deployment keeps in its secret store.
pub(crate) struct Secrets {
    pub(crate) key: [u8; 32],
    pub(crate) signing_key: Secret,
    pub(crate) jwks: String,
    pub(crate) webhook: String,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Stored {
    secret_key: String,
    token_signing_key: String,
    token_jwks: String,
    payments_webhook_secret: String,
}

impl Secrets {
    /// New ones; with a folder, those kept there, or new ones that are kept from now on.
    pub(crate) fn load(folder: Option<&Path>) -> Result<Self, SecretsError> {
        let Some(path) = folder.map(|folder| folder.join(FILE)) else {
            return Self::generate("local");
        };
        let failed = |source| SecretsError::File { path: path.clone(), source };
        match std::fs::read(&path) {
            Ok(bytes) => Self::parse(&bytes).ok_or(SecretsError::Malformed(path)),
            Err(error) if error.kind() == ErrorKind::NotFound => {
                let secrets = Self::generate("local")?;
                secrets.keep(&path).map_err(failed)?;
                Ok(secrets)
            }
            Err(error) => Err(failed(error)),
        }
    }

    /// New ones; the signing key is called this.
    pub(crate) fn generate(key_id: &str) -> Result<Self, SecretsError> {
        let mut key = [0; 32];
        rand::fill(&mut key).map_err(|_| SecretsError::NoRandomness)?;
        let (signing_key, jwks) = jwt::generate(key_id).map_err(|_| SecretsError::NoRandomness)?;
        Ok(Self { key, signing_key, jwks, webhook: webhook_secret()? })
    }

    fn parse(bytes: &[u8]) -> Option<Self> {
        let stored: Stored = serde_json::from_slice(bytes).ok()?;
        let Stored { secret_key, token_signing_key, token_jwks, payments_webhook_secret } = stored;
        Some(Self {
            key: STANDARD.decode(secret_key).ok()?.try_into().ok()?,
            signing_key: Secret::new(token_signing_key),
            jwks: token_jwks,
            webhook: payments_webhook_secret,
        })
    }

    fn keep(&self, path: &Path) -> std::io::Result<()> {
        let stored = Stored {
            secret_key: STANDARD.encode(self.key),
            token_signing_key: self.signing_key.expose().to_owned(),
            token_jwks: self.jwks.clone(),
            payments_webhook_secret: self.webhook.clone(),
        };
        let mut options = std::fs::OpenOptions::new();
        options.write(true).create_new(true);
        // Theirs alone from the first moment on.
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        options.open(path)?.write_all(&serde_json::to_vec_pretty(&stored)?)
    }
}

/// A secret of the form the payment provider gives out.
fn webhook_secret() -> Result<String, SecretsError> {
    let mut secret = [0; 24];
    rand::fill(&mut secret).map_err(|_| SecretsError::NoRandomness)?;
    Ok(format!("whsec_{}", URL_SAFE_NO_PAD.encode(secret)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn they_are_kept_for_their_owner_only() {
        let folder = std::env::temp_dir().join(format!("caseload-secrets-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let first = Secrets::load(Some(&folder)).unwrap();
        let again = Secrets::load(Some(&folder)).unwrap();
        assert_eq!((first.key, &first.jwks, &first.webhook), (again.key, &again.jwks, &again.webhook));
        assert_eq!(first.signing_key.expose(), again.signing_key.expose());
        assert!(jwt::Signer::new(&again.signing_key).is_ok() && jwt::Verifier::new(&again.jwks).is_ok());
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            let mode = std::fs::metadata(folder.join(FILE)).unwrap().permissions().mode();
            assert_eq!(mode & 0o777, 0o600);
        }
        std::fs::write(folder.join(FILE), "{}").unwrap();
        assert!(matches!(Secrets::load(Some(&folder)), Err(SecretsError::Malformed(_))));
        std::fs::remove_dir_all(folder).unwrap();
        assert_ne!(Secrets::load(None).unwrap().key, first.key);
    }
}
