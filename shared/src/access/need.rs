//! What each action needs of whoever asks. One line an action: this is the policy's table, the rest reads it.
//!
//! Both matches name every action, so an action that nobody has decided about does not compile.

use super::Action;
use crate::domain::practice::{Permission, PortalFeature};
use crate::domain::role::Feature;

/// What an action needs of a staff member.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum StaffNeed {
    /// Not for staff.
    Never,
    /// A live session, on hold too.
    Live,
    /// An active one.
    Active,
    /// A role that includes this.
    Role(Feature),
    /// An admin. No role grants it.
    Admin,
    /// A client that this staff member sees; then the feature, then the position.
    About(Option<Feature>, Position),
    /// Its own import, or any as an admin.
    OwnImport(Feature),
    /// Its own caseload, one it supervises, or any as an admin. Working hours likewise.
    OwnCaseload,
    /// Its own record, or any as an admin.
    OwnRecord,
    /// For a client that this staff member sees; or, for nobody in particular, like a caseload.
    FreeTimes,
}

/// How a staff member must stand to a client, or to something of a client, that it sees.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Position {
    /// Sees it and may read it.
    Reader,
    /// The therapist, or an admin.
    Keeper,
    /// Those, or who holds an appointment.
    Attendant,
    /// The therapist, an admin, or a walk-in: who sees the client, and goes on with it. Not who merely holds an appointment
    /// still (decision 27).
    Carer,
    /// The therapist, or who holds an appointment: content, which an admin as such does not write (AZ-A8).
    Writer,
    /// An admin.
    Admin,
    /// Who wrote it.
    Author,
    /// Who wrote it, or the client's therapist.
    AuthorOrTherapist,
    /// A therapist's own words with the client.
    Correspondent,
    /// Who supervises its author.
    Reviewer,
    /// An admin, with a reason, on the record.
    BreakGlass,
}

/// What an action needs of a portal client.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ClientNeed {
    /// Not for clients.
    Never,
    /// A live session.
    Live,
    /// That the practice has this part of its portal on.
    Part(PortalFeature),
    /// A permission, effective at this moment.
    Permitted(Permission),
    /// The permission; then any client of the practice will do.
    Practice(Permission),
}

/// What staff needs.
pub(super) const fn of_staff(action: Action) -> StaffNeed {
    use Action as A;
    use Feature as F;
    use Position as S;
    use StaffNeed as N;
    match action {
        A::SelfRead | A::SelfUpdate | A::SelfCredentials | A::SelfSessions | A::SelfLeave => N::Live,
        A::SelfNotifications => N::Live,
        A::SettingsRead | A::PortalConfigRead | A::TagsRead | A::StaffList | A::KeysRead | A::HealthRead => N::Live,
        A::ClientList => N::Active,
        A::ClientCreate | A::ClientBulkDeactivate => N::Role(F::ClientsEdit),
        A::ClientBulkDelete => N::Role(F::ClientsDelete),
        A::ClientRead | A::ClientReadOverview | A::PortalRead => N::About(None, S::Reader),
        A::AvailabilityRead => N::FreeTimes,
        // decision 29
        A::ClientReadStats => N::About(Some(F::Appointments), S::Reader),
        A::ClientReadDiagnosis => N::About(Some(F::ClinicalDiagnosis), S::Reader),
        A::ClientUpdate
        | A::ClientUpdateEmail
        | A::ClientUpdateOverview
        | A::ClientWritePhoto
        | A::ClientTag
        | A::ClientDeactivate
        | A::ClientReactivate => N::About(Some(F::ClientsEdit), S::Keeper),
        A::ClientUpdateDiagnosis => N::About(Some(F::ClinicalDiagnosis), S::Keeper),
        A::ClientDelete => N::About(Some(F::ClientsDelete), S::Keeper),
        A::ClientReassign => N::About(None, S::Admin),
        A::ClientExport => N::About(Some(F::ClientsExport), S::Keeper),
        A::PortalInvite
        | A::InvitationResend
        | A::PortalUpdateEmail
        | A::PortalSendLink
        | A::PortalDisable
        | A::PortalUpdate => N::About(Some(F::PortalManage), S::Keeper),
        A::NoteRead => N::About(Some(F::Notes), S::Reader),
        A::NoteWrite => N::About(Some(F::Notes), S::Writer),
        A::NoteUpdate | A::NoteHide | A::NoteShare | A::NoteDelete => N::About(Some(F::Notes), S::Author),
        A::NoteHistory | A::NoteRestore | A::NoteCommentChange => N::About(Some(F::Notes), S::Author),
        A::NoteComment => N::About(Some(F::Notes), S::Writer),
        A::NoteBreakGlass | A::FileBreakGlass | A::ClinicalBreakGlass => N::About(None, S::BreakGlass),
        A::ClinicalRead => N::About(Some(F::ClinicalNotes), S::Reader),
        A::ClinicalWrite => N::About(Some(F::ClinicalNotes), S::Writer),
        A::ClinicalUpdate | A::ClinicalSign | A::ClinicalSubmit | A::ClinicalAmend | A::ClinicalDelete => {
            N::About(Some(F::ClinicalNotes), S::Author)
        }
        A::ClinicalReview => N::About(Some(F::ClinicalNotes), S::Reviewer),
        A::TaskRead => N::About(Some(F::Tasks), S::Reader),
        A::TaskAssign => N::About(Some(F::Tasks), S::Writer),
        A::TaskUpdate | A::TaskComplete | A::TaskDelete => N::About(Some(F::Tasks), S::AuthorOrTherapist),
        A::TaskTemplatesRead | A::TaskTemplatesManage => N::Role(F::Tasks),
        A::FormRead => N::Role(F::ClientsEdit),
        A::FormManage | A::ServicesManage => N::Role(F::SettingsManage),
        A::ServicesRead => N::Role(F::Appointments),
        A::CalendarFeedCreate | A::CalendarFeedList | A::CalendarFeedDelete | A::CalendarFeedRead => {
            N::Role(F::Appointments)
        }
        A::PacketRead => N::About(Some(F::ClientsEdit), S::Reader),
        A::PacketSend | A::PacketWithdraw => N::About(Some(F::ClientsEdit), S::Attendant),
        A::PacketFill => N::About(Some(F::ClientsEdit), S::Keeper),
        A::FileList | A::FileRead | A::FileDownload => N::About(Some(F::Files), S::Reader),
        A::FileUpload => N::About(Some(F::Files), S::Attendant),
        A::FileComplete => N::About(Some(F::Files), S::Author),
        A::FileUpdate | A::FileDelete => N::About(Some(F::Files), S::AuthorOrTherapist),
        A::AppointmentRead => N::About(Some(F::Appointments), S::Reader),
        A::AppointmentBook | A::AppointmentUpdate | A::AppointmentCancel => {
            N::About(Some(F::Appointments), S::Attendant)
        }
        A::AppointmentMove => N::About(Some(F::Appointments), S::Carer),
        A::MessageRead => N::About(Some(F::Messages), S::Reader),
        A::MessageSend | A::MessageMarkRead => N::About(Some(F::Messages), S::Correspondent),
        A::InvoiceRead | A::PaymentTimeline => N::About(Some(F::BillingRead), S::Keeper),
        A::InvoiceCreate | A::InvoiceVoid | A::PaymentRecord => N::About(Some(F::BillingManage), S::Keeper),
        A::PaymentRefund => N::About(Some(F::BillingRefund), S::Keeper),
        A::SettingsUpdate | A::PortalToggle => N::Role(F::SettingsManage),
        A::TagsManage => N::Role(F::TagsManage),
        A::PaymentsConnect
        | A::PracticeClose
        | A::StaffRead
        | A::StaffInvite
        | A::StaffRevokeInvite
        | A::StaffSetStatus
        | A::StaffAssignRole
        | A::StaffSetSupervision
        | A::StaffRemove
        | A::RoleList
        | A::RoleCreate
        | A::RoleUpdate
        | A::RoleDelete
        | A::AuditRead
        | A::AuditExport => N::Admin,
        A::CaseloadRead | A::WorkingHoursRead => N::OwnCaseload,
        A::WorkingHoursSet => N::OwnRecord,
        A::ImportCreate => N::Role(F::ClientsImport),
        A::ImportRead | A::ImportChange | A::ImportReport => N::OwnImport(F::ClientsImport),
        A::NoteWriteOwn
        | A::TaskWriteOwn
        | A::PacketAnswer
        | A::PacketSign
        | A::PacketSubmit
        | A::FileUploadOwn
        | A::PortalHome
        | A::FileWithdraw
        | A::AppointmentRequest
        | A::AppointmentRescheduleRequest
        | A::PayOnline
        | A::SelfExport
        | A::SelfErasure
        | A::AuditChange => N::Never,
        A::WebhookReceive
        | A::PracticeSignUp
        | A::SignIn
        | A::InvitationAccept
        | A::InvitationDecline
        | A::Unsubscribe
        | A::InvitationRenew
        | A::PaymentApply
        | A::ImportApply
        | A::ExportApply
        | A::HandoverApply
        | A::TaskRepeat
        | A::AppointmentRemind
        | A::Housekeeping => N::Never,
    }
}

/// What a portal client needs.
pub(super) const fn of_client(action: Action) -> ClientNeed {
    use Action as A;
    use ClientNeed as N;
    match action {
        A::SelfRead
        | A::SelfUpdate
        | A::SelfNotifications
        | A::SelfCredentials
        | A::SelfSessions
        | A::SelfExport
        | A::SelfErasure
        | A::PortalConfigRead
        | A::KeysRead
        | A::HealthRead
        | A::ClientRead
        | A::PortalHome
        | A::ClientWritePhoto
        | A::AppointmentRead
        | A::AppointmentCancel
        | A::CalendarFeedCreate
        | A::CalendarFeedList
        | A::CalendarFeedDelete
        | A::CalendarFeedRead
        | A::PacketRead
        | A::PacketAnswer
        | A::PacketSign
        | A::PacketSubmit => N::Live,
        A::NoteRead | A::NoteWriteOwn | A::NoteUpdate | A::NoteHide | A::NoteShare | A::NoteDelete => {
            N::Part(PortalFeature::Notes)
        }
        A::NoteHistory | A::NoteRestore | A::NoteComment | A::NoteCommentChange => N::Part(PortalFeature::Notes),
        A::TaskRead | A::TaskWriteOwn | A::TaskUpdate | A::TaskComplete | A::TaskDelete => {
            N::Part(PortalFeature::Tasks)
        }
        A::FileList | A::FileRead | A::FileDownload | A::FileUploadOwn | A::FileComplete | A::FileWithdraw => {
            N::Part(PortalFeature::Files)
        }
        A::AppointmentRequest | A::AppointmentRescheduleRequest => N::Permitted(Permission::AppointmentRequests),
        A::AvailabilityRead | A::ServicesRead => N::Practice(Permission::AppointmentRequests),
        A::MessageRead | A::MessageSend | A::MessageMarkRead => N::Permitted(Permission::SecureMessaging),
        A::InvoiceRead | A::PaymentTimeline => N::Permitted(Permission::BillingDocuments),
        A::PayOnline => N::Permitted(Permission::PayOutstanding),
        A::ClientList
        | A::ClientCreate
        | A::ClientBulkDeactivate
        | A::ClientBulkDelete
        | A::ClientReadOverview
        | A::ClientReadDiagnosis
        | A::ClientReadStats
        | A::ClientUpdate
        | A::ClientUpdateEmail
        | A::ClientUpdateOverview
        | A::ClientUpdateDiagnosis
        | A::ClientTag
        | A::ClientDeactivate
        | A::ClientReactivate
        | A::ClientDelete
        | A::ClientReassign
        | A::ClientExport => N::Never,
        A::PortalRead
        | A::PortalInvite
        | A::InvitationResend
        | A::PortalUpdateEmail
        | A::PortalSendLink
        | A::PortalDisable
        | A::PortalUpdate => N::Never,
        A::ClinicalRead
        | A::ClinicalWrite
        | A::ClinicalUpdate
        | A::ClinicalSign
        | A::ClinicalSubmit
        | A::ClinicalReview
        | A::ClinicalAmend
        | A::ClinicalDelete
        | A::ClinicalBreakGlass => N::Never,
        A::NoteWrite
        | A::NoteBreakGlass
        | A::TaskAssign
        | A::TaskTemplatesRead
        | A::TaskTemplatesManage
        | A::FormRead
        | A::FormManage
        | A::PacketSend
        | A::PacketWithdraw
        | A::PacketFill
        | A::FileUpload
        | A::FileUpdate
        | A::FileDelete
        | A::FileBreakGlass
        | A::AppointmentBook
        | A::AppointmentUpdate
        | A::AppointmentMove
        | A::InvoiceCreate
        | A::InvoiceVoid
        | A::PaymentRecord
        | A::PaymentRefund => N::Never,
        A::SettingsRead
        | A::SettingsUpdate
        | A::PortalToggle
        | A::PaymentsConnect
        | A::PracticeClose
        | A::SelfLeave
        | A::TagsRead
        | A::TagsManage
        | A::StaffList
        | A::StaffRead
        | A::StaffInvite
        | A::StaffRevokeInvite
        | A::StaffSetStatus
        | A::StaffAssignRole
        | A::StaffSetSupervision
        | A::StaffRemove
        | A::CaseloadRead
        | A::WorkingHoursRead
        | A::WorkingHoursSet
        | A::ServicesManage
        | A::RoleList
        | A::RoleCreate
        | A::RoleUpdate
        | A::RoleDelete
        | A::ImportCreate
        | A::ImportRead
        | A::ImportChange
        | A::ImportReport
        | A::AuditRead
        | A::AuditExport
        | A::AuditChange => N::Never,
        A::WebhookReceive
        | A::PracticeSignUp
        | A::SignIn
        | A::InvitationAccept
        | A::InvitationDecline
        | A::Unsubscribe
        | A::InvitationRenew
        | A::PaymentApply
        | A::ImportApply
        | A::ExportApply
        | A::HandoverApply
        | A::TaskRepeat
        | A::AppointmentRemind
        | A::Housekeeping => N::Never,
    }
}
