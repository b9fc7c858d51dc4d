//! The items of a client's files, and of the room they take.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::item::{Corrupt, Entity};
use super::keys::{self, Key};
use super::{Store, StoreError, Tx};
use crate::access::Grant;
use crate::domain::file::{
    ContentType, File, FileSize, FileState, Opened, Quota, Rejection, Reservation, Sha256, Usage,
};
use crate::domain::ids::{ClientId, FileId, PracticeId};
use crate::domain::session::PrincipalId;
use crate::domain::text::FileName;

/// How long the table remembers an upload that never came or was rejected: it takes no room and cannot become a file.
const UNFINISHED: SignedDuration = SignedDuration::from_hours(7 * 24);

/// The item's attributes.
#[derive(Debug, Serialize, Deserialize)]
pub struct Row {
    pid: String,
    id: FileId,
    name: FileName,
    content_type: ContentType,
    size: FileSize,
    #[serde(skip_serializing_if = "Option::is_none")]
    sha256: Option<Sha256>,
    shared: bool,
    state: StateRow,
    uploaded_by: PrincipalId,
    created_at: Timestamp,
    /// The version, where the item is from before there were both.
    #[serde(default)]
    edition: Option<u64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    opened_by_staff: Option<Opened>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    opened_by_client: Option<Opened>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    deleting: bool,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum StateRow {
    AwaitingUpload { until: Timestamp },
    Available { since: Timestamp },
    Rejected { because: Rejection },
}

crate::store::item::versioned!(File);

impl Entity for File {
    const NAME: &'static str = "file";
    const SCHEMA: u32 = 1;
    type Row = Row;

    fn key(&self) -> Key<Self> {
        keys::file(self.practice, self.id)
    }
    fn practice(&self) -> Option<PracticeId> {
        Some(self.practice)
    }
    fn version(&self) -> u64 {
        self.version
    }
    fn forget_at(&self) -> Option<i64> {
        (self.is_quarantined() && !self.deleting).then(|| (self.created_at + UNFINISHED).as_second())
    }
    fn to_row(&self) -> Row {
        let Self {
            id,
            practice,
            version: _,
            name,
            content_type,
            size,
            sha256,
            shared,
            state,
            uploaded_by,
            created_at,
            edition,
            opened_by_staff,
            opened_by_client,
            deleting,
        } = self.clone();
        let state = match state {
            FileState::AwaitingUpload { until } => StateRow::AwaitingUpload { until },
            FileState::Available { since } => StateRow::Available { since },
            FileState::Rejected(because) => StateRow::Rejected { because },
        };
        Row {
            pid: practice.key(),
            id,
            name,
            content_type,
            size,
            sha256,
            shared,
            state,
            uploaded_by,
            created_at,
            edition: Some(edition),
            opened_by_staff,
            opened_by_client,
            deleting,
        }
    }
    fn from_row(row: Row, version: u64) -> Result<Self, Corrupt> {
        let Row { pid, id, name, content_type, size, sha256, shared, state, uploaded_by, .. } = row;
        let Row { created_at, edition, opened_by_staff, opened_by_client, deleting, .. } = row;
        let state = match state {
            StateRow::AwaitingUpload { until } => FileState::AwaitingUpload { until },
            StateRow::Available { since } => FileState::Available { since },
            StateRow::Rejected { because } => FileState::Rejected(because),
        };
        let practice = PracticeId::from_key(&pid).map_err(|_| Corrupt(Self::NAME))?;
        Ok(Self {
            id,
            practice,
            version,
            name,
            content_type,
            size,
            sha256,
            shared,
            state,
            uploaded_by,
            created_at,
            edition: edition.unwrap_or(version),
            opened_by_staff,
            opened_by_client,
            deleting,
        })
    }
}

/// The quota's attributes.
#[derive(Debug, Serialize, Deserialize)]
pub struct QuotaRow {
    pid: String,
    client: ClientId,
    files: u32,
    bytes: u64,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    reserved: Vec<ReservationRow>,
}

#[derive(Debug, Serialize, Deserialize)]
struct ReservationRow {
    file: FileId,
    size: u64,
    until: Timestamp,
}

crate::store::item::versioned!(Quota);

impl Entity for Quota {
    const NAME: &'static str = "file_quota";
    const SCHEMA: u32 = 1;
    type Row = QuotaRow;

    fn key(&self) -> Key<Self> {
        keys::file_quota(self.practice, self.client)
    }
    fn practice(&self) -> Option<PracticeId> {
        Some(self.practice)
    }
    fn version(&self) -> u64 {
        self.version
    }
    fn to_row(&self) -> QuotaRow {
        let Self { practice, client, version: _, kept: Usage { files, bytes }, reserved } = self;
        let reserved = reserved.iter().map(|Reservation { file, size, until }| ReservationRow {
            file: *file,
            size: *size,
            until: *until,
        });
        QuotaRow { pid: practice.key(), client: *client, files: *files, bytes: *bytes, reserved: reserved.collect() }
    }
    fn from_row(row: QuotaRow, version: u64) -> Result<Self, Corrupt> {
        let QuotaRow { pid, client, files, bytes, reserved } = row;
        let reserved =
            reserved.into_iter().map(|ReservationRow { file, size, until }| Reservation { file, size, until });
        let practice = PracticeId::from_key(&pid).map_err(|_| Corrupt(Self::NAME))?;
        Ok(Self { practice, client, version, kept: Usage { files, bytes }, reserved: reserved.collect() })
    }
}

impl Tx {
    /// Shares what the client does not see yet; the rest has to stay as it was read.
    pub fn share_files(&mut self, files: &mut [File]) -> &mut Self {
        for file in files {
            if file.shared {
                self.unchanged(file);
            } else {
                let fields = file.change(Some(true), None);
                self.replace(file).fields(fields);
            }
            self.touches(file.id);
        }
        self
    }
}

impl Store {
    /// Removes what is left of a file once its bytes are gone: the last step of its deletion (decision 11).
    pub async fn forget_file(&self, grant: &Grant, id: FileId) -> Result<(), StoreError> {
        self.remove(&[keys::file(grant.practice(), id).into_place()]).await
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::domain::file::NewFile;
    use crate::store::item::{from_item, to_item};

    fn file() -> File {
        let client = ClientId::from_uuid(Uuid::from_u128(3));
        let new = NewFile {
            name: FileName::parse("Größe.pdf").unwrap(),
            size: FileSize::new(5120).unwrap(),
            content_type: ContentType::Pdf,
            sha256: Some(Sha256::parse(&"0a".repeat(32)).unwrap()),
            shared: None,
        };
        let (id, practice) = (FileId::new(client, Uuid::from_u128(4)), PracticeId::from_uuid(Uuid::from_u128(1)));
        File::announced(id, practice, PrincipalId::Client(client), new, Timestamp::UNIX_EPOCH, Timestamp::UNIX_EPOCH)
            .unwrap()
    }

    // decision 18
    #[test]
    fn a_file_reads_back_in_every_state() {
        let waiting = file();
        let (mut complete, mut rejected) = (file(), file());
        complete.complete(complete.content_type, Timestamp::UNIX_EPOCH);
        complete.open(complete.uploaded_by, Timestamp::UNIX_EPOCH);
        complete.begin_deletion();
        rejected.reject(Rejection::TypeMismatch);
        for file in [waiting, complete, rejected] {
            let item = to_item(&file).unwrap();
            assert_eq!(item.contains_key("ttl"), file.is_quarantined());
            assert_eq!(from_item::<File>(item), Ok(file));
        }
    }

    // decision 18, H1
    #[test]
    fn a_quota_reads_back() {
        let (file, now) = (file(), Timestamp::UNIX_EPOCH - SignedDuration::from_secs(1));
        let mut quota = Quota::empty(file.practice, file.id.client());
        quota.reserve(&file, now).unwrap();
        assert_eq!(from_item::<Quota>(to_item(&quota).unwrap()), Ok(quota.clone()));
        quota.keep(&file, now).unwrap();
        assert_eq!(from_item::<Quota>(to_item(&quota).unwrap()), Ok(quota));
    }
}
