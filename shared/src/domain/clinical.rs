//! Clinical notes: a therapist's own record of a session, kept apart from what the client sees (F5, L17).
//!
//! A draft is signed, or where its author works under supervision submitted, and approved or returned. What is signed is
//! never changed again; what has to be added stands beside it.

#[cfg(test)]
mod tests;

use jiff::{SignedDuration, Timestamp};

use super::ids::{AppointmentId, ClinicalNoteId, PracticeId, StaffId};
use super::text::{CommentBody, Detail, NoteBody, ReturnReason};

/// Where a clinical note stands, with what is known of it there.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case", tag = "state")]
pub enum ClinicalState {
    /// Its author's alone.
    Draft,
    /// A supervisor of its author has to look at it.
    InReview {
        /// Submitted at.
        since: Timestamp,
    },
    /// A supervisor wants something else said.
    Returned {
        /// Who.
        by: StaffId,
        at: Timestamp,
        /// What is missing.
        reason: ReturnReason,
    },
    /// Said for good.
    Signed {
        /// Signed, or submitted, by its author at.
        at: Timestamp,
        /// Which supervisor approved it, where that was needed.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        approved: Option<Approved>,
    },
}

/// A supervisor's approval.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Approved {
    pub by: StaffId,
    pub at: Timestamp,
}

/// The name of a state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ClinicalStage {
    Draft,
    InReview,
    Returned,
    Signed,
}

impl ClinicalState {
    /// Its name.
    #[must_use]
    pub const fn stage(&self) -> ClinicalStage {
        match self {
            Self::Draft => ClinicalStage::Draft,
            Self::InReview { .. } => ClinicalStage::InReview,
            Self::Returned { .. } => ClinicalStage::Returned,
            Self::Signed { .. } => ClinicalStage::Signed,
        }
    }
}

/// Why something cannot be done with a clinical note.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ClinicalRefusal {
    #[error("This note is signed, so it stays as it is. Add an addendum instead.")]
    AlreadySigned,
    #[error("This note is with a supervisor. It can be changed once it is returned.")]
    InReview,
    #[error("This note is not submitted for review.")]
    NotInReview,
    #[error("Only a signed note takes an addendum. Change the note itself.")]
    NotSigned,
    #[error("This note has as many addenda as fit. Write a new note.")]
    TooManyAddenda,
    #[error("You have no active supervisor who could look at this note. Ask an admin of your practice for one.")]
    NoSupervisor,
}

impl ClinicalRefusal {
    /// The stable code of a problem document.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::AlreadySigned => "already_signed",
            Self::InReview => "in_review",
            Self::NotInReview => "not_in_review",
            Self::NotSigned => "not_signed",
            Self::TooManyAddenda => "too_many_addenda",
            Self::NoSupervisor => "supervisor_missing",
        }
    }
}

/// What is added to a signed note.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Addendum {
    pub body: CommentBody,
    pub at: Timestamp,
}

/// A clinical note of a client.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClinicalNote {
    pub id: ClinicalNoteId,
    pub practice: PracticeId,
    /// Grows by one with each change; the `ETag`.
    pub version: u64,
    pub author: StaffId,
    /// The session it is about.
    pub appointment: Option<AppointmentId>,
    /// The name of the form it follows, such as SOAP.
    pub template: Option<Detail>,
    pub body: NoteBody,
    pub state: ClinicalState,
    pub created_at: Timestamp,
    pub edited_at: Option<Timestamp>,
    /// In the order in which they were added.
    pub addenda: Vec<Addendum>,
}

/// What a draft says.
#[derive(Debug, Clone)]
pub struct Drafted {
    pub appointment: Option<AppointmentId>,
    pub template: Option<Detail>,
    pub body: NoteBody,
}

impl ClinicalNote {
    /// The most addenda to one note.
    pub const MAX_ADDENDA: usize = 50;
    /// The most room that a note takes with its addenda, in bytes: it is one item, and so is an answer that shows it.
    pub const MAX_BYTES: usize = 250_000;

    /// A draft.
    #[must_use]
    pub fn draft(id: ClinicalNoteId, practice: PracticeId, author: StaffId, said: Drafted, now: Timestamp) -> Self {
        let Drafted { appointment, template, body } = said;
        let (state, addenda) = (ClinicalState::Draft, Vec::new());
        Self {
            id,
            practice,
            version: 1,
            author,
            appointment,
            template,
            body,
            state,
            created_at: now,
            edited_at: None,
            addenda,
        }
    }

    /// Refuses what its author has let go of.
    pub const fn check_open(&self) -> Result<(), ClinicalRefusal> {
        match self.state {
            ClinicalState::Draft | ClinicalState::Returned { .. } => Ok(()),
            ClinicalState::InReview { .. } => Err(ClinicalRefusal::InReview),
            ClinicalState::Signed { .. } => Err(ClinicalRefusal::AlreadySigned),
        }
    }

    /// Says something else.
    pub fn edit(&mut self, said: Drafted, now: Timestamp) -> Result<(), ClinicalRefusal> {
        self.check_open()?;
        let Drafted { appointment, template, body } = said;
        (self.appointment, self.template, self.body) = (appointment, template, body);
        self.edited_at = Some(now);
        Ok(())
    }

    /// Its author says that this is it.
    pub fn sign(&mut self, now: Timestamp) -> Result<(), ClinicalRefusal> {
        self.check_open()?;
        self.state = ClinicalState::Signed { at: now, approved: None };
        Ok(())
    }

    /// Its author hands it to a supervisor.
    pub fn submit(&mut self, now: Timestamp) -> Result<(), ClinicalRefusal> {
        self.check_open()?;
        self.state = ClinicalState::InReview { since: now };
        Ok(())
    }

    /// A supervisor signs it off. The first decision stands.
    pub fn approve(&mut self, by: StaffId, now: Timestamp) -> Result<(), ClinicalRefusal> {
        let since = self.in_review()?;
        self.state = ClinicalState::Signed { at: since, approved: Some(Approved { by, at: now }) };
        Ok(())
    }

    /// A supervisor wants something else said.
    pub fn send_back(&mut self, by: StaffId, reason: ReturnReason, now: Timestamp) -> Result<(), ClinicalRefusal> {
        self.in_review()?;
        self.state = ClinicalState::Returned { by, at: now, reason };
        Ok(())
    }

    /// Something is added to what was signed.
    pub fn amend(&mut self, body: CommentBody, now: Timestamp) -> Result<(), ClinicalRefusal> {
        if !matches!(self.state, ClinicalState::Signed { .. }) {
            return Err(ClinicalRefusal::NotSigned);
        }
        let said = self.body.as_str().len() + self.addenda.iter().map(|one| one.body.as_str().len()).sum::<usize>();
        if self.addenda.len() >= Self::MAX_ADDENDA || said + body.as_str().len() > Self::MAX_BYTES {
            return Err(ClinicalRefusal::TooManyAddenda);
        }
        self.addenda.push(Addendum { body, at: now });
        Ok(())
    }

    /// Until when a supervisor should have decided.
    #[must_use]
    pub fn review_due(&self, days: u8) -> Option<Timestamp> {
        match self.state {
            ClinicalState::InReview { since } => Some(since + SignedDuration::from_hours(24 * i64::from(days))),
            _ => None,
        }
    }

    const fn in_review(&self) -> Result<Timestamp, ClinicalRefusal> {
        match self.state {
            ClinicalState::InReview { since } => Ok(since),
            ClinicalState::Signed { .. } => Err(ClinicalRefusal::AlreadySigned),
            ClinicalState::Draft | ClinicalState::Returned { .. } => Err(ClinicalRefusal::NotInReview),
        }
    }
}
