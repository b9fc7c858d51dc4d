//! How the rules' refusals are told: each a status, a stable code and the sentence of the rule itself.

use jiff::SignedDuration;

use super::problem::Problem;
use crate::domain::appointment::{AppointmentRefusal, BadTimes};
use crate::domain::client::ClientRefusal;
use crate::domain::export::ExportRefusal;
use crate::domain::file::{FileRefusal, LIMIT, QuotaExceeded, Rejection, Usage};
use crate::domain::import_job::ImportRefusal;
use crate::domain::portal::{AcceptRefusal, InviteRefusal};
use crate::domain::team::TeamRefusal;

impl From<ClientRefusal> for Problem {
    fn from(refusal: ClientRefusal) -> Self {
        let code = match refusal {
            ClientRefusal::AlreadyInactive => "already_inactive",
            ClientRefusal::NotInactive => "not_inactive",
            ClientRefusal::AlreadyDisabled => "already_disabled",
        };
        Self::conflict(code, refusal.to_string())
    }
}

impl From<ImportRefusal> for Problem {
    fn from(refusal: ImportRefusal) -> Self {
        let code = match refusal {
            ImportRefusal::NotAwaitingUpload => "not_awaiting_upload",
            ImportRefusal::NotReady => "not_ready",
            ImportRefusal::MappingIncomplete => "mapping_incomplete",
            ImportRefusal::Committing => "committing",
            ImportRefusal::AlreadyCommitted => "already_committed",
            ImportRefusal::Finished => "finished",
        };
        Self::conflict(code, refusal.to_string())
    }
}

impl From<InviteRefusal> for Problem {
    fn from(refusal: InviteRefusal) -> Self {
        let text = refusal.to_string();
        match refusal {
            InviteRefusal::EmailMissing => Self::refused("email_missing", text),
            InviteRefusal::ConsentMissing => Self::refused("email_consent_missing", text),
            InviteRefusal::AlreadySignedIn => Self::conflict("already_signed_in", text),
            InviteRefusal::Inactive => Self::conflict("client_inactive", text),
            InviteRefusal::PortalOff => Self::conflict("portal_off", text),
            InviteRefusal::TooMany => Self::too_many(SignedDuration::from_hours(24)).saying(text),
        }
    }
}

impl From<AcceptRefusal> for Problem {
    fn from(refusal: AcceptRefusal) -> Self {
        let code = match refusal {
            AcceptRefusal::Revoked => "invitation_revoked",
            AcceptRefusal::Expired => "invitation_expired",
            AcceptRefusal::Accepted => "already_accepted",
            AcceptRefusal::Unavailable => "portal_unavailable",
        };
        Self::conflict(code, refusal.to_string())
    }
}

impl From<FileRefusal> for Problem {
    fn from(refusal: FileRefusal) -> Self {
        let text = refusal.to_string();
        match refusal {
            FileRefusal::NotUploaded => Self::conflict("not_uploaded", text),
            FileRefusal::Rejected(rejection) => Self::refused(rejection.code(), text),
            FileRefusal::AlwaysShared => Self::invalid("/shared", "always_shared", text),
        }
    }
}

impl From<Rejection> for Problem {
    fn from(rejection: Rejection) -> Self {
        FileRefusal::Rejected(rejection).into()
    }
}

impl From<ExportRefusal> for Problem {
    fn from(refusal: ExportRefusal) -> Self {
        let code = match refusal {
            ExportRefusal::NotReady => "export_not_ready",
            ExportRefusal::Failed => "export_failed",
            ExportRefusal::Expired => "export_expired",
        };
        Self::conflict(code, refusal.to_string())
    }
}

impl From<QuotaExceeded> for Problem {
    fn from(exceeded: QuotaExceeded) -> Self {
        let member = |Usage { files, bytes }| serde_json::json!({ "files": files, "bytes": bytes });
        Self::conflict("quota_exceeded", exceeded.to_string())
            .with("used", member(exceeded.used))
            .with("limit", member(LIMIT))
    }
}

impl From<TeamRefusal> for Problem {
    fn from(refusal: TeamRefusal) -> Self {
        match refusal {
            TeamRefusal::Unknown => Self::absent(),
            _ => Self::conflict(refusal.code(), refusal.to_string()),
        }
    }
}

impl From<BadTimes> for Problem {
    fn from(bad: BadTimes) -> Self {
        let (pointer, code) = match bad {
            BadTimes::TooShort => ("/end", "too_short"),
            BadTimes::TooLong => ("/end", "too_long"),
            BadTimes::OutOfRange => ("/start", "out_of_range"),
        };
        Self::invalid(pointer, code, bad).early()
    }
}

impl From<AppointmentRefusal> for Problem {
    fn from(refusal: AppointmentRefusal) -> Self {
        let text = refusal.to_string();
        match refusal {
            AppointmentRefusal::StaffUnavailable | AppointmentRefusal::DirectClient => {
                Self::refused(refusal.code(), text)
            }
            AppointmentRefusal::AlreadyCompleted
            | AppointmentRefusal::AlreadyCancelled
            | AppointmentRefusal::AlreadyNoShow
            | AppointmentRefusal::NotStarted
            | AppointmentRefusal::AlreadyStarted
            | AppointmentRefusal::SlotTaken
            | AppointmentRefusal::DayFull
            | AppointmentRefusal::TooManyScheduled => Self::conflict(refusal.code(), text),
        }
    }
}
