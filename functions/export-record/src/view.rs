use caseload::domain::export::{Export, ExportStage, ExportState};
use caseload::domain::ids::{ClientId, ExportId};
use caseload::web::ETag;
use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

/// An export, as who asked for it sees it.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ExportView {
    id: ExportId,
    client_id: ClientId,
    state: ExportStage,
    requested_at: Timestamp,
    /// Bytes of the archive, once it is there.
    size: Option<u64>,
    /// Until when it can be downloaded, once it is there.
    expires_at: Option<Timestamp>,
    etag: ETag,
}

impl ExportView {
    pub(crate) fn new(export: &Export, now: Timestamp) -> Self {
        let size = match export.state {
            ExportState::Ready { size, .. } => Some(size),
            ExportState::Preparing | ExportState::Outdated => None,
        };
        Self {
            id: export.id,
            client_id: export.id.client(),
            state: export.stage(now),
            requested_at: export.requested_at,
            size,
            expires_at: export.expires_at(),
            etag: ETag::new(export.version),
        }
    }
}
