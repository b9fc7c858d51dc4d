//! The policy: pure, total, default deny (security 2.2).
//!
//! The order is that of decision 24: a live credential, the right kind of caller, what the practice has opened, whether
//! the thing is there for this caller, and only then what may be done with it. A refusal tells nothing about what the
//! caller cannot see.

use super::facts::Resource;
use super::{Action, Actor, System, portal, staff};
use crate::domain::practice::Practice;
use crate::domain::role::Feature;
use crate::domain::session::PrincipalId;

/// Why not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Denied {
    /// No live credential: 401.
    NotLive,
    /// A live credential of the wrong kind: 403.
    WrongCaller,
    /// The staff member is on hold: 403.
    OnHold,
    /// The practice asks a second factor of its staff, and this one has none: 403.
    SecondFactor,
    /// Only for admins, or the role does not include this: 403.
    Role(Option<Feature>),
    /// The practice has the feature off, or the client lacks a permission: 403.
    Feature(&'static str),
    /// Absent, or not the caller's: 404.
    Absent,
    /// Known and visible, but not for this caller: 403.
    NotYours(Whose),
    /// Hidden content, open to an admin only with a reason and on the record: 403.
    BreakGlass,
    /// A supervisor has to look at it first: 403.
    Review,
    /// A file whose bytes have not been found good: 403.
    NotAvailable,
    /// Only a genuine signature counts, whoever signs the request otherwise: 400.
    Unsigned,
}

/// For whom it is instead.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Whose {
    /// Who wrote it.
    Author,
    /// Who wrote it, or the client's therapist.
    AuthorOrTherapist,
    /// The client's therapist.
    Therapist,
    /// The client's therapist, or an admin.
    Keeper,
    /// Those, or who holds the session.
    Attendant,
    /// The client's therapist, or who holds a session with it.
    Writer,
    /// Those it was written between.
    Private,
    /// Who supervises its author.
    Reviewer,
    /// Another calendar.
    Calendar,
}

impl Whose {
    /// Told to whoever is refused.
    #[must_use]
    pub const fn sentence(self) -> &'static str {
        match self {
            Self::Author => "This is for its author.",
            Self::AuthorOrTherapist => "This is for its author or the client's therapist.",
            Self::Therapist => "This is for the client's therapist.",
            Self::Keeper => "This is for the client's therapist and for admins.",
            Self::Attendant => "This is for the client's therapist, for who holds the session, and for admins.",
            Self::Writer => {
                "This is for the client's therapist and for who holds a session with the client. Who runs the practice can make themselves the client's therapist."
            }
            Self::Reviewer => "This is for who supervises its author.",
            Self::Private => "This is between the client and its therapist.",
            Self::Calendar => {
                "You book sessions of your own. The client's therapist and admins book for others of the team."
            }
        }
    }
}

pub(super) type Decision = Result<(), Denied>;

/// Decides. `Ok` allows; what then binds the caller is [`Action::obligations`].
pub fn decide(actor: &Actor, action: Action, resource: &Resource, practice: &Practice) -> Decision {
    match (actor, action) {
        (Actor::System(_), _) => decide_system(actor, action),
        (_, Action::KeysRead | Action::HealthRead) => Ok(()),
        (_, Action::WebhookReceive) => Err(Denied::Unsigned),
        (Actor::Staff(staff), _) => staff::decide(staff, action, resource, practice),
        (Actor::Client(client), _) => portal::decide(client, action, resource, practice),
        (Actor::Holder(principal), _) => holder(*principal, action, resource),
        (Actor::Anonymous, Action::SignIn) => Ok(()),
        (Actor::Anonymous, _) => Err(Denied::NotLive),
    }
}

/// What the product does by itself, and what anybody may start.
pub(super) fn decide_system(actor: &Actor, action: Action) -> Decision {
    match (actor, action) {
        (Actor::Anonymous, Action::PracticeSignUp)
        | (Actor::System(System::Import), Action::ImportApply)
        | (Actor::System(System::Export), Action::ExportApply)
        | (Actor::System(System::Payments), Action::PaymentApply)
        | (Actor::System(System::Schedule), Action::InvitationResend | Action::HandoverApply | Action::Housekeeping)
        | (Actor::System(System::Schedule), Action::TaskRepeat | Action::AppointmentRemind) => Ok(()),
        _ => Err(Denied::NotLive),
    }
}

/// The holder of a mailed link may do what the link is for, to the record it names.
fn holder(principal: PrincipalId, action: Action, resource: &Resource) -> Decision {
    let own = match (resource, principal) {
        (Resource::Client(Some(client)), PrincipalId::Client(id)) => client.id == id,
        (Resource::Staff(Some(staff)), PrincipalId::Staff(id)) => *staff == id,
        _ => false,
    };
    match action {
        Action::SignIn => Ok(()),
        Action::InvitationAccept | Action::InvitationDecline | Action::InvitationRenew if own => Ok(()),
        Action::Unsubscribe if own => Ok(()),
        _ => Err(Denied::Absent),
    }
}
