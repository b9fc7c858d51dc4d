//! The proof that an action was decided; every store method that writes, or reads personal data, takes one.

use jiff::Timestamp;

use super::policy::{Denied, decide};
use super::{Action, Actor, Obligation, Resource};
use crate::domain::ids::{ClientId, PracticeId, RequestId};
use crate::domain::practice::Practice;

/// What a decision happens in: for the audit trail.
#[derive(Debug, Clone, Copy)]
pub struct Cause {
    /// The request or event.
    pub request: RequestId,
    /// When it came in.
    pub at: Timestamp,
}

/// An allowed action of an actor on a subject. Made by the policy and by nothing else.
#[derive(Debug, Clone)]
pub struct Grant {
    practice: PracticeId,
    actor: Actor,
    action: Action,
    subject: Option<ClientId>,
    cause: Cause,
}

impl Grant {
    /// Asks the policy.
    pub fn decide(
        actor: &Actor,
        action: Action,
        resource: &Resource,
        practice: &Practice,
        cause: Cause,
    ) -> Result<Self, Denied> {
        decide(actor, action, resource, practice)?;
        Ok(Self { practice: practice.id, actor: actor.clone(), action, subject: resource.client_id(), cause })
    }

    /// For the two steps that come before there is a practice to ask: signing one up, and events of the product itself.
    pub fn system(
        practice: PracticeId,
        actor: Actor,
        action: Action,
        subject: Option<ClientId>,
        cause: Cause,
    ) -> Result<Self, Denied> {
        super::policy::decide_system(&actor, action)?;
        Ok(Self { practice, actor, action, subject, cause })
    }

    /// The tenant: keys take it from here.
    #[must_use]
    pub const fn practice(&self) -> PracticeId {
        self.practice
    }

    #[must_use]
    pub const fn actor(&self) -> &Actor {
        &self.actor
    }

    #[must_use]
    pub const fn action(&self) -> Action {
        self.action
    }

    /// What binds the actor beyond the permission itself.
    #[must_use]
    pub const fn obligations(&self) -> &'static [Obligation] {
        self.action.obligations()
    }

    /// Whose record.
    #[must_use]
    pub const fn subject(&self) -> Option<ClientId> {
        self.subject
    }

    /// Within which request, and when.
    #[must_use]
    pub const fn cause(&self) -> Cause {
        self.cause
    }

    /// When the request came in.
    #[must_use]
    pub const fn at(&self) -> Timestamp {
        self.cause.at
    }
}
