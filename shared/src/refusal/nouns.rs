//! How the refusals of the rules, the policy and the services are told: one `From` each, all of them here.

use super::{BadField, Refusal};
use crate::access::Denied;
use crate::crypto::NoRandomness;
use crate::domain::appointment::{AppointmentRefusal, BadTimes};
use crate::domain::availability::BadPlan;
use crate::domain::calendar_feed::TooManyFeeds;
use crate::domain::client::ClientRefusal;
use crate::domain::clinical::ClinicalRefusal;
use crate::domain::export::ExportRefusal;
use crate::domain::file::{BadNames, FileRefusal, LIMIT, QuotaExceeded, Rejection, Usage};
use crate::domain::import::state::ImportRefusal;
use crate::domain::message::MessageRefusal;
use crate::domain::note::{CommentRefusal, NoteRefusal};
use crate::domain::paperwork::{BadForm, BadPacket, Missing, PaperworkRefusal};
use crate::domain::portal::{AcceptRefusal, InviteRefusal};
use crate::domain::service::{BadService, TooManyServices};
use crate::domain::task::{BadTask, TaskRefusal};
use crate::domain::team::TeamRefusal;
use crate::files::FileError;
use crate::store::{Corrupt, Taken};

impl From<ClientRefusal> for Refusal {
    fn from(refusal: ClientRefusal) -> Self {
        let code = match refusal {
            ClientRefusal::AlreadyInactive => "already_inactive",
            ClientRefusal::NotInactive => "not_inactive",
            ClientRefusal::AlreadyDisabled => "already_disabled",
        };
        Self::conflict(code, refusal.to_string())
    }
}

impl From<ImportRefusal> for Refusal {
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

impl From<InviteRefusal> for Refusal {
    fn from(refusal: InviteRefusal) -> Self {
        let text = refusal.to_string();
        match refusal {
            InviteRefusal::EmailMissing => Self::unfit("email_missing", text),
            InviteRefusal::ConsentMissing => Self::unfit("email_consent_missing", text),
            InviteRefusal::AlreadySignedIn => Self::conflict("already_signed_in", text),
            InviteRefusal::Undecided => Self::conflict("email_change_undecided", text),
            InviteRefusal::Inactive => Self::conflict("client_inactive", text),
            InviteRefusal::PortalOff => Self::conflict("portal_off", text),
        }
    }
}

impl From<AcceptRefusal> for Refusal {
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

impl From<FileRefusal> for Refusal {
    fn from(refusal: FileRefusal) -> Self {
        let text = refusal.to_string();
        match refusal {
            FileRefusal::NotUploaded => Self::conflict("not_uploaded", text),
            FileRefusal::Rejected(rejection) => Self::unfit(rejection.code(), text),
            FileRefusal::NotReady(file) => Self::conflict("file_not_ready", text).with("file_id", file.to_string()),
            FileRefusal::AlreadyOpened => Self::conflict("already_opened", text),
            FileRefusal::AlwaysShared => Self::invalid("/shared", "always_shared", text),
        }
    }
}

impl From<MessageRefusal> for Refusal {
    fn from(refusal: MessageRefusal) -> Self {
        let text = refusal.to_string();
        match refusal {
            MessageRefusal::FeatureOff => Self::forbidden("feature_off", text),
            MessageRefusal::CannotSignIn(blocked) => {
                Self::forbidden("client_cannot_sign_in", text).with("blocked_by", serde_json::json!(blocked))
            }
            MessageRefusal::NotPermitted => Self::forbidden("secure_messaging_off", text),
            MessageRefusal::NoTherapist => Self::conflict("no_therapist", text),
            MessageRefusal::Full => Self::conflict("thread_full", text),
        }
    }
}

impl From<BadNames> for Refusal {
    fn from(bad: BadNames) -> Self {
        let (pointer, code) = match bad {
            BadNames::TooFew(_) => ("/file_ids".to_owned(), "out_of_range"),
            BadNames::TooMany(_) => ("/file_ids".to_owned(), "too_many"),
            BadNames::Twice(place) => (format!("/file_ids/{place}"), "named_twice"),
        };
        Self::invalid(pointer, code, bad)
    }
}

impl From<Rejection> for Refusal {
    fn from(rejection: Rejection) -> Self {
        FileRefusal::Rejected(rejection).into()
    }
}

impl From<ExportRefusal> for Refusal {
    fn from(refusal: ExportRefusal) -> Self {
        let code = match refusal {
            ExportRefusal::NotReady => "export_not_ready",
            ExportRefusal::Failed => "export_failed",
            ExportRefusal::Expired => "export_expired",
        };
        Self::conflict(code, refusal.to_string())
    }
}

impl From<QuotaExceeded> for Refusal {
    fn from(exceeded: QuotaExceeded) -> Self {
        let member = |Usage { files, bytes }| serde_json::json!({ "files": files, "bytes": bytes });
        Self::conflict("quota_exceeded", exceeded.to_string())
            .with("used", member(exceeded.used))
            .with("limit", member(LIMIT))
    }
}

impl From<BadTask> for Refusal {
    fn from(bad: BadTask) -> Self {
        Self::invalid(bad.pointer(), bad.code(), bad)
    }
}

impl From<TaskRefusal> for Refusal {
    fn from(refusal: TaskRefusal) -> Self {
        let code = match refusal {
            TaskRefusal::TooMany => "too_many_tasks",
            TaskRefusal::TooManyOpen => "too_many_open_tasks",
            TaskRefusal::NextIsThere => "next_task_exists",
            TaskRefusal::TooManyTemplates => "too_many_task_templates",
        };
        Self::conflict(code, refusal.to_string())
    }
}

impl From<BadForm> for Refusal {
    fn from(bad: BadForm) -> Self {
        Self::invalid(bad.pointer(), bad.code(), bad)
    }
}

impl From<BadPacket> for Refusal {
    fn from(bad: BadPacket) -> Self {
        Self::invalid(bad.pointer(), bad.code(), bad)
    }
}

impl From<PaperworkRefusal> for Refusal {
    fn from(refusal: PaperworkRefusal) -> Self {
        let text = refusal.to_string();
        let code = match refusal {
            PaperworkRefusal::NotSignable(_) => return Self::invalid("/form_id", "form_unknown", text),
            PaperworkRefusal::Incomplete(missing) => {
                let one =
                    |Missing { form, question }: Missing| serde_json::json!({ "form_id": form, "question": question });
                let missing: Vec<_> = missing.into_iter().map(one).collect();
                return Self::conflict("packet_incomplete", text).with("missing", missing);
            }
            PaperworkRefusal::FieldNotEmpty(field) => {
                return Self::conflict("field_not_empty", text).with("field", field.name());
            }
            PaperworkRefusal::NothingToFill(field) => {
                return Self::conflict("nothing_to_fill", text).with("field", field.name());
            }
            PaperworkRefusal::TooManyForms => "too_many_forms",
            PaperworkRefusal::TooManyPackets => "too_many_packets",
            PaperworkRefusal::TooManyOpen => "too_many_open_packets",
            PaperworkRefusal::TooMany => "too_many_sent_packets",
            PaperworkRefusal::FormInUse => "form_in_use",
            PaperworkRefusal::TooLarge => "packet_too_large",
            PaperworkRefusal::Submitted => "already_submitted",
            PaperworkRefusal::NotSubmitted => "not_submitted",
            PaperworkRefusal::SignedInPart => "signed_in_part",
            PaperworkRefusal::AlreadySigned => "already_signed",
            PaperworkRefusal::NothingToSign => "nothing_to_sign",
        };
        Self::conflict(code, text)
    }
}

impl From<TeamRefusal> for Refusal {
    fn from(refusal: TeamRefusal) -> Self {
        match refusal {
            TeamRefusal::Unknown => Self::absent(),
            TeamRefusal::LastAdmin
            | TeamRefusal::SelfSupervision
            | TeamRefusal::SupervisionCycle
            | TeamRefusal::CannotSupervise
            | TeamRefusal::NamedTwice
            | TeamRefusal::NotAccepted
            | TeamRefusal::Full => Self::conflict(refusal.code(), refusal.to_string()),
        }
    }
}

impl From<BadTimes> for Refusal {
    fn from(bad: BadTimes) -> Self {
        let (pointer, code) = match bad {
            BadTimes::TooShort => ("/end", "too_short"),
            BadTimes::TooLong => ("/end", "too_long"),
            BadTimes::OutOfRange => ("/start", "out_of_range"),
        };
        Self::invalid(pointer, code, bad)
    }
}

impl From<AppointmentRefusal> for Refusal {
    fn from(refusal: AppointmentRefusal) -> Self {
        let text = refusal.to_string();
        match refusal {
            AppointmentRefusal::OnlineOff => Self::forbidden(refusal.code(), text),
            AppointmentRefusal::StaffUnavailable | AppointmentRefusal::DirectClient => {
                Self::unfit(refusal.code(), text)
            }
            AppointmentRefusal::AlreadyCompleted
            | AppointmentRefusal::AlreadyCancelled
            | AppointmentRefusal::AlreadyNoShow
            | AppointmentRefusal::NotSettled
            | AppointmentRefusal::SettledForGood
            | AppointmentRefusal::NotStarted
            | AppointmentRefusal::AlreadyStarted
            | AppointmentRefusal::SlotTaken
            | AppointmentRefusal::ClientTaken
            | AppointmentRefusal::ClientInactive
            | AppointmentRefusal::DayFull
            | AppointmentRefusal::TooManyScheduled
            | AppointmentRefusal::TooManyRequests
            | AppointmentRefusal::AlreadyDeclined
            | AppointmentRefusal::AlreadyWithdrawn
            | AppointmentRefusal::RequestExpired
            | AppointmentRefusal::OnlyRequested
            | AppointmentRefusal::NothingAsked
            | AppointmentRefusal::TooLate { .. }
            | AppointmentRefusal::Past
            | AppointmentRefusal::OutsideHours
            | AppointmentRefusal::NotOffered
            | AppointmentRefusal::TooFar { .. }
            | AppointmentRefusal::NotInSeries
            | AppointmentRefusal::NoTherapist => Self::conflict(refusal.code(), text),
        }
    }
}

impl From<BadService> for Refusal {
    fn from(bad: BadService) -> Self {
        Self::invalid(bad.pointer(), bad.code(), bad)
    }
}

impl From<TooManyFeeds> for Refusal {
    fn from(refusal: TooManyFeeds) -> Self {
        Self::conflict("too_many_calendar_feeds", refusal.to_string())
    }
}

impl From<TooManyServices> for Refusal {
    fn from(refusal: TooManyServices) -> Self {
        Self::conflict("too_many_services", refusal.to_string())
    }
}

impl From<Vec<BadPlan>> for Refusal {
    fn from(bad: Vec<BadPlan>) -> Self {
        Self::fields(bad.into_iter().map(|bad| BadField::new(bad.pointer(), bad.code(), bad)).collect())
    }
}

impl From<ClinicalRefusal> for Refusal {
    fn from(refusal: ClinicalRefusal) -> Self {
        Self::conflict(refusal.code(), refusal.to_string())
    }
}

impl From<NoteRefusal> for Refusal {
    fn from(refusal: NoteRefusal) -> Self {
        let code = match refusal {
            NoteRefusal::TooMany => "too_many_notes",
            NoteRefusal::TooManyEditions => "too_many_versions",
            NoteRefusal::NotDeleted => "not_deleted",
        };
        Self::conflict(code, refusal.to_string())
    }
}

impl From<CommentRefusal> for Refusal {
    fn from(refusal: CommentRefusal) -> Self {
        let CommentRefusal::TooMany = refusal;
        Self::conflict("too_many_comments", refusal.to_string())
    }
}

impl From<Denied> for Refusal {
    fn from(denied: Denied) -> Self {
        match denied {
            Denied::NotLive => Self::unauthenticated(),
            Denied::WrongCaller => Self::forbidden("wrong_caller", "This is not open to callers of your kind."),
            Denied::OnHold => Self::forbidden("on_hold", "Your access is on hold. Ask an admin of your practice."),
            Denied::SecondFactor => Self::forbidden(
                "second_factor_required",
                "Your practice asks for a second factor. Set one up, then go on.",
            ),
            Denied::Role(None) => Self::forbidden("role", "Only an admin of your practice does this."),
            Denied::Role(Some(feature)) => {
                Self::forbidden("role", "Your role does not include this. Ask an admin of your practice.")
                    .with("feature", feature.name())
            }
            Denied::Feature(code) => Self::forbidden(code, "Your practice has not opened this for you."),
            Denied::Absent => Self::absent(),
            Denied::NotYours(whose) => Self::forbidden("not_yours", whose.sentence()),
            Denied::BreakGlass => Self::forbidden(
                "break_glass_required",
                "This is private to its author. Admins read it only in an emergency, with a reason, on the record.",
            ),
            Denied::Review => Self::forbidden(
                "review_required",
                "Your role works under supervision. Submit the note, and a supervisor of yours signs it off.",
            ),
            Denied::NotAvailable => {
                Self::forbidden("file_not_available", "The file has not been found safe, so nobody can download it.")
            }
            Denied::Unsigned => {
                Self::malformed("signature_invalid", "The event is not signed by the payment provider.")
            }
        }
    }
}

impl From<Taken> for Refusal {
    fn from(taken: Taken) -> Self {
        let (code, detail) = match taken {
            Taken::Slug => ("slug_taken", "Another practice uses this slug. Choose another one."),
            Taken::LoginAddress => (
                "email_in_use_for_login",
                "This address cannot be used here. Use another one, or ask an admin of your practice for help.",
            ),
            Taken::TeamAddress => ("already_in_team", "Somebody of your team, or invited to it, has this address."),
            Taken::Identity => {
                ("already_in_practice", "You work for another practice already. Leave it first, then come back.")
            }
            Taken::Event => ("duplicate", "This event has taken effect before."),
        };
        Self::conflict(code, detail)
    }
}

impl From<Corrupt> for Refusal {
    fn from(corrupt: Corrupt) -> Self {
        Self::broken(corrupt)
    }
}

impl From<NoRandomness> for Refusal {
    fn from(none: NoRandomness) -> Self {
        Self::unavailable(none)
    }
}

impl From<FileError> for Refusal {
    /// Bytes that are gone do not come back in a moment.
    fn from(error: FileError) -> Self {
        match error {
            FileError::Absent => Self::broken(error),
            FileError::Unavailable(_) => Self::unavailable(error),
        }
    }
}
