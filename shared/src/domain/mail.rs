//! What is written to whom: the mails of the product, before anybody phrases or sends them.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::appointment::SessionNews;
use super::email::EmailAddress;
use super::ids::{AppointmentId, ClientId, PracticeId, StaffId};
use super::notifications::Topic;
use super::practice::{Slug, Zone};
use super::session::PrincipalId;
use super::text::{InvitationMessage, PersonName, PracticeName};

/// What a mail says. Never health data, never more than a first name (security EML-1).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Template {
    /// The first sign-in link of somebody who signed a practice up.
    Welcome {
        /// For whom the link is.
        principal: PrincipalId,
        /// The link's seed.
        seed: Uuid,
    },
    /// A sign-in link.
    SignIn {
        /// For whom the link is.
        principal: PrincipalId,
        /// The link's seed.
        seed: Uuid,
    },
    /// An invitation to the portal.
    Invitation {
        client: ClientId,
        /// Which invitation.
        serial: u32,
        /// The client's seed.
        seed: Uuid,
        /// How the client is addressed.
        first_name: PersonName,
        /// The personal line.
        message: Option<InvitationMessage>,
        /// The deadline the mail states (D21).
        expires_at: Timestamp,
        // D5
        /// Whether documents were shared with it.
        #[serde(default)]
        documents: bool,
    },
    /// An invitation to the team (L2).
    StaffInvitation {
        /// The staff member to be.
        staff: StaffId,
        /// Which invitation.
        serial: u32,
        /// The staff member's seed.
        seed: Uuid,
        /// The deadline the mail states.
        expires_at: Timestamp,
    },
    /// Somebody declined an invitation to the team; who it was stands in the roster only (L2).
    StaffDeclined,
    /// Clients changed hands; whose they are stands behind the sign-in only (L10).
    CaseloadNotice {
        /// Which way.
        change: CaseloadChange,
        /// How many.
        clients: u32,
        /// Who reads it.
        #[serde(default)]
        reader: Option<StaffId>,
    },
    /// The client's therapist has changed (L10).
    TherapistNotice,
    /// What is private to somebody was read by an admin (decision 31).
    BreakGlass {
        /// What sort of thing.
        what: Opened,
    },
    /// Something waits for its reader behind the sign-in; what, and whose, stands there only.
    Notice {
        topic: Topic,
        reader: PrincipalId,
        /// Of which portal.
        slug: Slug,
        /// The personal line.
        #[serde(default)]
        message: Option<InvitationMessage>,
    },
    /// Something happened to a session, and when it is.
    Session {
        news: SessionNews,
        reader: PrincipalId,
        /// Of which portal.
        slug: Slug,
    },
    // I7
    /// A session begins soon; with whom and for what stands behind the sign-in only.
    Reminder {
        appointment: AppointmentId,
        slug: Slug,
        start: Timestamp,
        /// In which its start is told.
        zone: Zone,
    },
    /// Documents were shared with a client that was let in again at the same moment (D5).
    Shared {
        slug: Slug,
        /// The personal line.
        #[serde(default)]
        message: Option<InvitationMessage>,
    },
    /// Where the client's portal is (D13).
    PortalLink { slug: Slug },
    /// A change of how a staff member signs in.
    CredentialNotice { change: CredentialChange },
}

/// What happened to a caseload.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CaseloadChange {
    /// Clients came to it.
    Given,
    /// Clients went to somebody else, or to nobody.
    HandedOver,
}

/// What is private to its author, and was opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Opened {
    /// A hidden note.
    Note,
    /// A clinical note.
    ClinicalNote,
    /// A hidden file.
    File,
}

impl Opened {
    /// As part of the mail's sentence.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::Note => "a note",
            Self::ClinicalNote => "a clinical note",
            Self::File => "a file",
        }
    }
}

/// A change that its owner is told of, in case it was somebody else's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CredentialChange {
    /// Signing in takes a code from now on.
    SecondFactorOn,
    /// It takes none any more.
    SecondFactorOff,
    /// There are new recovery codes.
    RecoveryCodesRenewed,
    /// An account at another service signs in from now on.
    OutsideIdentityBound,
}

impl CredentialChange {
    /// As a sentence of the mail.
    #[must_use]
    pub const fn sentence(self) -> &'static str {
        match self {
            Self::SecondFactorOn => "Signing in now takes a code from an authenticator app.",
            Self::SecondFactorOff => "Signing in no longer takes a code from an authenticator app.",
            Self::RecoveryCodesRenewed => "There are new recovery codes; the earlier ones no longer work.",
            Self::OutsideIdentityBound => "You can now sign in through your organisation's sign-in service.",
        }
    }
}

/// A mail that is written but not sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outgoing {
    pub id: Uuid,
    /// The practice it speaks for.
    pub practice: PracticeId,
    pub practice_name: PracticeName,
    pub to: EmailAddress,
    pub template: Template,
    /// Until when somebody is busy sending it.
    pub claimed_until: Timestamp,
    /// Not sent earlier: its reader's quiet hours last until then.
    pub not_before: Option<Timestamp>,
}

/// How long a sender has before another may try.
pub const CLAIM: SignedDuration = SignedDuration::from_secs(60);

impl Outgoing {
    /// A mail claimed by the request that makes it, which sends it right after its commit.
    #[must_use]
    pub fn new(
        id: Uuid,
        practice: PracticeId,
        name: PracticeName,
        to: EmailAddress,
        template: Template,
        now: Timestamp,
    ) -> Self {
        Self { id, practice, practice_name: name, to, template, claimed_until: now + CLAIM, not_before: None }
    }

    /// The same mail, to be sent no earlier; nobody is busy with it until then.
    #[must_use]
    pub fn delayed(self, until: Timestamp) -> Self {
        Self { claimed_until: until, not_before: Some(until), ..self }
    }

    /// Whether it has to wait.
    #[must_use]
    pub fn waits(&self, now: Timestamp) -> bool {
        self.not_before.is_some_and(|at| now < at)
    }
}

impl Template {
    /// What its reader can turn off with it; none for what keeps access safe.
    #[must_use]
    pub const fn subscription(&self) -> Option<(PrincipalId, Topic)> {
        match self {
            Self::Reminder { appointment, .. } => Some((PrincipalId::Client(appointment.client()), Topic::Reminders)),
            Self::Notice { topic, reader, .. } => Some((*reader, *topic)),
            Self::Session { reader, .. } => Some((*reader, Topic::Appointments)),
            Self::CaseloadNotice { reader: Some(reader), .. } => Some((PrincipalId::Staff(*reader), Topic::Caseload)),
            _ => None,
        }
    }
}
