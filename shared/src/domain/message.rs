//! A message between a client and its therapist: written once, never changed, never taken back (K1).

use jiff::Timestamp;

use super::ids::{FileId, MessageId, PracticeId};
use super::portal::Block;
use super::session::PrincipalId;
use super::side::{Side, Sides};
use super::text::MessageBody;

/// A message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    pub id: MessageId,
    pub practice: PracticeId,
    /// Grows when the other side has read it.
    pub version: u64,
    /// Who wrote it.
    pub from: PrincipalId,
    /// Plain text.
    pub body: MessageBody,
    /// Files of the same client that came with it.
    pub files: Vec<FileId>,
    pub created_at: Timestamp,
    /// How many each side had written with this one.
    pub counted: Sides<u32>,
    /// When the other side read it; what was read with very many others stands in the thread instead.
    pub read_at: Option<Timestamp>,
}

impl Message {
    /// Which side wrote it.
    #[must_use]
    pub const fn side(&self) -> Side {
        Side::of(self.from)
    }

    /// The how manieth of its side it is.
    #[must_use]
    pub const fn place(&self) -> u32 {
        *self.counted.of(self.side())
    }
}

/// Why a message is not sent.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MessageRefusal {
    /// The practice has switched messages off (E3).
    #[error("The practice has switched messages off. An admin can switch them on in the portal's settings.")]
    FeatureOff,
    /// Nobody would read it (D13).
    #[error(
        "The client cannot sign in to the portal and would not see a message. See blocked_by for what stands in the way."
    )]
    CannotSignIn(Vec<Block>),
    /// The client's own permission is off (E4).
    #[error("This client may not use secure messaging. Who manages the client's portal access can permit it.")]
    NotPermitted,
    /// The client has no therapist.
    #[error("No therapist is assigned yet who would read it. Ask the practice who looks after you.")]
    NoTherapist,
    /// A thread has an end.
    #[error("This conversation has reached its limit of 20000 messages. Ask the practice how to go on.")]
    Full,
}
