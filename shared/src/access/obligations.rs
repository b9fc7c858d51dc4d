//! What an allowed action still asks of the caller.

use super::{Action, Actor};

/// Something an allowed caller has to do, or to leave.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Obligation {
    /// Who has a second factor has shown it lately (security IDN-14).
    FreshProof,
    /// Say why: it goes into the audit trail.
    Reason,
    /// A new client is the caller's own (decision 5).
    AssignToSelf,
    /// Only the caller's caseload may be looked at.
    WithinCaseload,
}

/// What binds this caller in this action.
#[must_use]
pub const fn obligations(actor: &Actor, action: Action) -> &'static [Obligation] {
    let admin = matches!(actor, Actor::Staff(staff) if staff.admin);
    match action {
        Action::NoteBreakGlass => &[Obligation::FreshProof, Obligation::Reason],
        Action::ClientExport
        | Action::PaymentRefund
        | Action::PaymentsConnect
        | Action::StaffAssignRole
        | Action::RoleCreate
        | Action::RoleUpdate
        | Action::RoleDelete
        | Action::SelfCredentials
        | Action::AuditExport => &[Obligation::FreshProof],
        Action::ClientCreate | Action::ImportCreate if !admin => &[Obligation::AssignToSelf],
        Action::ClientList if !admin => &[Obligation::WithinCaseload],
        _ => &[],
    }
}
