//! What an allowed action still asks of the caller.

use super::Action;

/// Something an allowed caller has to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Obligation {
    /// Who has a second factor has shown it lately (security IDN-14).
    FreshProof,
    /// Say why: it goes into the audit trail (decision 15).
    Reason,
}

/// What binds whoever is allowed this.
#[must_use]
pub const fn obligations(action: Action) -> &'static [Obligation] {
    match action {
        Action::NoteBreakGlass => &[Obligation::FreshProof, Obligation::Reason],
        Action::ClientExport
        | Action::PaymentRefund
        | Action::PaymentsConnect
        | Action::PortalUpdateEmail
        | Action::StaffInvite
        | Action::StaffRevokeInvite
        | Action::StaffSetStatus
        | Action::StaffAssignRole
        | Action::StaffSetSupervision
        | Action::StaffRemove
        | Action::RoleCreate
        | Action::RoleUpdate
        | Action::RoleDelete
        | Action::SelfCredentials
        | Action::AuditExport => &[Obligation::FreshProof],
        _ => &[],
    }
}
