use super::{ToClient, ToStaff};
use crate::access::Actor;
use crate::domain::file::{ContentType, File, FileState, Opened, Rejection, Stage};
use crate::domain::ids::{ClientId, FileId};
use crate::domain::session::PrincipalId;
use crate::files::{DOWNLOAD, UploadGrant};
use crate::web::ETag;
use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

/// Who uploaded a file.
#[derive(Debug, Serialize, ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Uploader {
    /// A staff member.
    Staff { id: String },
    /// The client.
    Client { id: String },
}

impl Uploader {
    fn new(principal: PrincipalId) -> Self {
        match principal {
            PrincipalId::Staff(id) => Self::Staff { id: id.to_string() },
            PrincipalId::Client(id) => Self::Client { id: id.to_string() },
        }
    }
}

/// A file, as staff sees it.
#[derive(Debug, Serialize, ToSchema)]
pub struct StaffFileView {
    #[schema(inline)]
    shown_to: ToStaff,
    id: FileId,
    client_id: ClientId,
    name: String,
    size: u64,
    content_type: ContentType,
    /// Base64, if it was announced.
    sha256: Option<String>,
    /// Whether the client sees it.
    shared: bool,
    state: Stage,
    /// Why the bytes were not taken, if they were not.
    rejected_because: Option<Rejection>,
    uploaded_by: Uploader,
    created_at: Timestamp,
    completed_at: Option<Timestamp>,
    /// Whether it came from the client, and no staff has opened it yet.
    new: bool,
    opened_by_staff: Option<Opened>,
    opened_by_client: Option<Opened>,
    /// For `If-Match` when it is changed or deleted.
    etag: ETag,
}

/// A file, as the client sees it in the portal.
#[derive(Debug, Serialize, ToSchema)]
pub struct PortalFileView {
    #[schema(inline)]
    shown_to: ToClient,
    id: FileId,
    name: String,
    size: u64,
    content_type: ContentType,
    /// What the client sees is shared with it.
    shared: bool,
    state: Stage,
    /// Why the bytes were not taken, if they were not.
    rejected_because: Option<Rejection>,
    uploaded_by: Uploader,
    created_at: Timestamp,
    completed_at: Option<Timestamp>,
    /// Whether it came from the practice, and the client has not opened it yet.
    new: bool,
    /// Of what the client uploaded: until somebody of the practice opens it, it can be taken back.
    opened_by_staff: Option<Opened>,
    /// For `If-Match` when it is taken back.
    etag: ETag,
}

/// A file, as its reader may see it.
#[derive(Debug, Serialize, ToSchema)]
#[serde(untagged)]
#[schema(discriminator(property_name = "shown_to", mapping(("staff" = "#/components/schemas/StaffFileView"), ("client" = "#/components/schemas/PortalFileView"))))]
pub enum FileView {
    Staff(StaffFileView),
    Portal(PortalFileView),
}

/// A file that waits for its upload, with the grant for it, as whoever uploads it sees it.
#[derive(Debug, Serialize, ToSchema)]
#[serde(untagged)]
#[schema(discriminator(property_name = "shown_to", mapping(("staff" = "#/components/schemas/StaffUploadView"), ("client" = "#/components/schemas/PortalUploadView"))))]
pub enum UploadView {
    Staff(StaffUploadView),
    Portal(PortalUploadView),
}

/// A file that staff uploads.
#[derive(Debug, Serialize, ToSchema)]
pub struct StaffUploadView {
    #[serde(flatten)]
    file: StaffFileView,
    upload: UploadGrant,
}

/// A file that a client uploads.
#[derive(Debug, Serialize, ToSchema)]
pub struct PortalUploadView {
    #[serde(flatten)]
    file: PortalFileView,
    upload: UploadGrant,
}

impl UploadView {
    /// The file that was announced, and where its bytes go.
    #[must_use]
    pub fn new(file: FileView, upload: UploadGrant) -> Self {
        match file {
            FileView::Staff(file) => Self::Staff(StaffUploadView { file, upload }),
            FileView::Portal(file) => Self::Portal(PortalUploadView { file, upload }),
        }
    }
}

/// Where bytes are, for a short while.
#[derive(Serialize, ToSchema)]
pub struct DownloadView {
    url: String,
    expires_at: Timestamp,
}

impl DownloadView {
    /// A link that was signed just now.
    #[must_use]
    pub fn new(url: String, now: Timestamp) -> Self {
        Self { url, expires_at: now + DOWNLOAD }
    }
}

crate::domain::prints_its_name!(DownloadView);

impl FileView {
    /// What this reader sees of it now.
    #[must_use]
    pub fn new(reader: &Actor, file: &File, now: Timestamp) -> Self {
        match reader {
            Actor::Staff(_) => Self::Staff(StaffFileView::new(file, now)),
            Actor::Client(_) | Actor::Holder(_) | Actor::Anonymous | Actor::System(_) => {
                Self::Portal(PortalFileView::new(file, now))
            }
        }
    }
}

impl StaffFileView {
    /// The file at this moment.
    #[must_use]
    pub fn new(file: &File, now: Timestamp) -> Self {
        let stage = file.stage(now);
        let File {
            id,
            practice: _,
            version: _,
            edition,
            name,
            content_type,
            size,
            sha256,
            shared,
            state,
            uploaded_by,
            created_at,
            opened_by_staff,
            opened_by_client,
            deleting: _,
        } = file;
        let (completed_at, rejected_because) = outcome(*state);
        Self {
            shown_to: ToStaff,
            id: *id,
            client_id: id.client(),
            name: name.as_str().to_owned(),
            size: size.bytes(),
            content_type: *content_type,
            sha256: sha256.map(|digest| digest.base64()),
            shared: *shared,
            state: stage,
            rejected_because,
            uploaded_by: Uploader::new(*uploaded_by),
            created_at: *created_at,
            completed_at,
            new: file.is_from_client() && file.is_new(),
            opened_by_staff: *opened_by_staff,
            opened_by_client: *opened_by_client,
            etag: ETag::new(*edition),
        }
    }
}

impl PortalFileView {
    fn new(file: &File, now: Timestamp) -> Self {
        let (completed_at, rejected_because) = outcome(file.state);
        Self {
            shown_to: ToClient,
            id: file.id,
            name: file.name.as_str().to_owned(),
            size: file.size.bytes(),
            content_type: file.content_type,
            shared: file.shared,
            state: file.stage(now),
            rejected_because,
            uploaded_by: Uploader::new(file.uploaded_by),
            created_at: file.created_at,
            completed_at,
            new: !file.is_from_client() && file.is_new(),
            opened_by_staff: file.opened_by_staff.filter(|_| file.is_from_client()),
            etag: ETag::new(file.edition),
        }
    }
}

const fn outcome(state: FileState) -> (Option<Timestamp>, Option<Rejection>) {
    match state {
        FileState::AwaitingUpload { .. } => (None, None),
        FileState::Available { since } => (Some(since), None),
        FileState::Rejected(because) => (None, Some(because)),
    }
}
