//! Sessions and sign-in links: ids and hashes only.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::item::{Corrupt, Entity};
use super::keys::{self, Key};
use crate::domain::ids::{PracticeId, SessionId};
use crate::domain::session::{PrincipalId, SecretHash, Session};

/// The item's attributes.
#[derive(Debug, Serialize, Deserialize)]
pub struct Row {
    pid: String,
    id: SessionId,
    principal: PrincipalId,
    epoch: u32,
    created_at: Timestamp,
    refreshed_at: Timestamp,
    current: SecretHash,
    #[serde(skip_serializing_if = "Option::is_none")]
    previous: Option<SecretHash>,
    #[serde(skip_serializing_if = "Option::is_none")]
    revoked_at: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    proved_at: Option<Timestamp>,
}

/// A session with the version its item has: rotation is a conditional write.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredSession {
    pub session: Session,
    /// Its item's version.
    pub version: u64,
}

crate::store::item::versioned!(StoredSession);

impl Entity for StoredSession {
    const NAME: &'static str = "session";
    const SCHEMA: u32 = 1;
    type Row = Row;

    fn key(&self) -> Key<Self> {
        keys::session(self.session.practice, self.session.principal, self.session.id)
    }
    fn practice(&self) -> Option<PracticeId> {
        Some(self.session.practice)
    }
    fn version(&self) -> u64 {
        self.version
    }
    fn forget_at(&self) -> Option<i64> {
        Some(self.session.ends_at().as_second() + 24 * 3600)
    }
    fn to_row(&self) -> Row {
        let Session {
            id,
            practice,
            principal,
            epoch,
            created_at,
            refreshed_at,
            current,
            previous,
            revoked_at,
            proved_at,
        } = self.session.clone();
        let pid = practice.key();
        Row { pid, id, principal, epoch, created_at, refreshed_at, current, previous, revoked_at, proved_at }
    }
    fn from_row(row: Row, version: u64) -> Result<Self, Corrupt> {
        let Row { pid, id, principal, epoch, created_at, refreshed_at, current, previous, revoked_at, proved_at } = row;
        let practice = PracticeId::from_key(&pid).map_err(|_| Corrupt(Self::NAME))?;
        let session = Session {
            id,
            practice,
            principal,
            epoch,
            created_at,
            refreshed_at,
            current,
            previous,
            revoked_at,
            proved_at,
        };
        Ok(Self { session, version })
    }
}

/// The newest sign-in link of a principal: asking again replaces it (decision 8).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignInLink {
    pub practice: PracticeId,
    pub principal: PrincipalId,
    /// The epoch of the principal's sessions it was made in: what ends those ends the link, too (IDN-7).
    pub epoch: u32,
    /// Random; the token is computed from it and a server key.
    pub seed: Uuid,
    pub created_at: Timestamp,
    /// Redeemed at.
    pub used_at: Option<Timestamp>,
    /// The item's version.
    pub version: u64,
}

/// The link's attributes.
#[derive(Debug, Serialize, Deserialize)]
pub struct LinkRow {
    pid: String,
    principal: PrincipalId,
    #[serde(default)]
    epoch: u32,
    seed: Uuid,
    created_at: Timestamp,
    #[serde(skip_serializing_if = "Option::is_none")]
    used_at: Option<Timestamp>,
}

impl SignInLink {
    /// A link of this moment, with this seed.
    #[must_use]
    pub const fn new(practice: PracticeId, principal: PrincipalId, epoch: u32, seed: Uuid, now: Timestamp) -> Self {
        Self { practice, principal, epoch, seed, created_at: now, used_at: None, version: 1 }
    }
}

crate::store::item::versioned!(SignInLink);

impl Entity for SignInLink {
    const NAME: &'static str = "sign_in_link";
    const SCHEMA: u32 = 1;
    type Row = LinkRow;

    fn key(&self) -> Key<Self> {
        keys::sign_in_link(self.practice, self.principal)
    }
    fn practice(&self) -> Option<PracticeId> {
        Some(self.practice)
    }
    fn version(&self) -> u64 {
        self.version
    }
    fn forget_at(&self) -> Option<i64> {
        Some(self.created_at.as_second() + 7 * 24 * 3600)
    }
    fn to_row(&self) -> LinkRow {
        let Self { practice, principal, epoch, seed, created_at, used_at, version: _ } = *self;
        LinkRow { pid: practice.key(), principal, epoch, seed, created_at, used_at }
    }
    fn from_row(row: LinkRow, version: u64) -> Result<Self, Corrupt> {
        let LinkRow { pid, principal, epoch, seed, created_at, used_at } = row;
        let practice = PracticeId::from_key(&pid).map_err(|_| Corrupt(Self::NAME))?;
        Ok(Self { practice, principal, epoch, seed, created_at, used_at, version })
    }
}
