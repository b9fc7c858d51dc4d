//! Who may do what: one function decides, and only it makes a [`Grant`] (decisions 5, 6, 10, 15; security 2.2).

mod action;
mod facts;
mod grant;
mod need;
mod offers;
mod policy;
mod portal;
mod staff;

pub use action::{Action, Obligation, Shows};
pub use facts::{ClientFacts, ClinicalFacts, FileFacts, InvoiceFacts, NoteFacts, Resource, Writing};
pub use grant::{Cause, Grant};
pub use offers::{
    Offer, allowed_actions, books_for, caseload_scope, feature_blocks, ownership_of_new, standing, thread_scope,
};
pub use policy::{Denied, Whose, decide};
pub use portal::{corresponds, permission_blocks};

use std::ops::{Deref, DerefMut};

use jiff::Timestamp;
use jiff::civil::Date;

use crate::domain::appointment::day_of;
use crate::domain::client::Client;
use crate::domain::ids::StaffId;
use crate::domain::session::PrincipalId;
use crate::domain::staff::Staff;

/// Who asks, as the table says at this moment.
#[derive(Debug, Clone)]
pub enum Actor {
    /// A staff member with a live session.
    Staff(Box<Acting>),
    /// A portal client with a live session.
    Client(Box<Client>),
    /// Somebody who proved to hold a mailed link, and nothing more.
    Holder(PrincipalId),
    /// Anybody.
    Anonymous,
    /// The product itself: a schedule, an upload, a payment event.
    System(System),
}

/// A staff member who acts, and when: whom it sees depends on the day (decision 27).
#[derive(Debug, Clone)]
pub struct Acting {
    staff: Staff,
    today: Date,
}

impl Deref for Acting {
    type Target = Staff;

    fn deref(&self) -> &Staff {
        &self.staff
    }
}

impl DerefMut for Acting {
    fn deref_mut(&mut self) -> &mut Staff {
        &mut self.staff
    }
}

impl From<Acting> for Staff {
    fn from(acting: Acting) -> Self {
        acting.staff
    }
}

/// A part of the product that acts by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum System {
    /// The import of a client list, woken by its upload.
    Import,
    /// The making of an archive, woken by its manifest.
    Export,
    /// An event of the payment provider.
    Payments,
    /// A schedule.
    Schedule,
}

impl System {
    const fn name(self) -> &'static str {
        match self {
            Self::Import => "import",
            Self::Export => "export",
            Self::Payments => "payments",
            Self::Schedule => "schedule",
        }
    }
}

impl Actor {
    /// A staff member who acts at this moment.
    #[must_use]
    pub fn staff(staff: Staff, now: Timestamp) -> Self {
        Self::Staff(Box::new(Acting { staff, today: day_of(now) }))
    }

    /// The principal, if there is one.
    #[must_use]
    pub fn principal(&self) -> Option<PrincipalId> {
        match self {
            Self::Staff(staff) => Some(PrincipalId::Staff(staff.id)),
            Self::Client(client) => Some(PrincipalId::Client(client.id)),
            Self::Holder(id) => Some(*id),
            Self::Anonymous | Self::System(_) => None,
        }
    }

    /// The staff member, if it is one.
    #[must_use]
    pub fn staff_id(&self) -> Option<StaffId> {
        match self {
            Self::Staff(staff) => Some(staff.id),
            Self::Client(_) | Self::Holder(_) | Self::Anonymous | Self::System(_) => None,
        }
    }

    /// What the audit trail calls it.
    #[must_use]
    pub fn name(&self) -> String {
        match self {
            Self::System(part) => format!("system:{}", part.name()),
            Self::Staff(_) | Self::Client(_) | Self::Holder(_) | Self::Anonymous => {
                self.principal().map_or_else(|| "anonymous".to_owned(), |id| id.to_string())
            }
        }
    }
}
