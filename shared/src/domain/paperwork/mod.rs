//! Paperwork: a practice's library of forms and packets, and what was sent of it to a client, who fills it in.

mod answer;
mod fill;
mod form;
mod library;
mod question;
mod sent;
mod tally;

pub use answer::{Answer, BadAnswer, Given};
pub use fill::{Fill, Proposal, Unfit};
pub use form::{BadForm, Form, FormContent, FormKind};
pub use library::{BadPacket, Library, Packet};
pub use question::{InvalidKey, Question, QuestionKey, QuestionKind};
pub use sent::{Answers, Missing, NewPacket, PacketStage, SentForm, SentPacket, Signature};
pub use tally::PacketTally;

use super::ids::FormId;

/// Why something cannot be done with paperwork as it is.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PaperworkRefusal {
    /// As many forms as there may be.
    #[error("The practice has 200 forms, which is as many as there can be. Delete one first.")]
    TooManyForms,
    /// As many packets as there may be.
    #[error("The practice has 100 packets, which is as many as there can be. Delete one first.")]
    TooManyPackets,
    /// As many as a client could fill in.
    #[error("The client has 50 open packets, which is as many as there can be. Withdraw one first.")]
    TooManyOpen,
    /// As many as a record holds.
    #[error("The client has 1000 packets, which is as many as there can be.")]
    TooMany,
    /// A packet holds the form.
    #[error("A packet holds this form. Delete the packet first, or change the form.")]
    FormInUse,
    /// More than one packet carries.
    #[error("The forms of this packet are too long for one packet. Send them in two.")]
    TooLarge,
    /// What was submitted stays as it is.
    #[error("The packet has been submitted and stays as it is.")]
    Submitted,
    /// The client still works on it.
    #[error("The client has not submitted the packet yet.")]
    NotSubmitted,
    /// Answers or signatures are missing.
    #[error("Something required is missing; see missing.")]
    Incomplete(Vec<Missing>),
    /// What was signed does not vanish.
    #[error("The client has signed something in this packet, so it stays. Ask the client to submit it.")]
    SignedInPart,
    /// Everything is signed.
    #[error("This has been signed already.")]
    AlreadySigned,
    /// There is nothing to sign.
    #[error("The packet has nothing to sign.")]
    NothingToSign,
    /// The form is not one that is signed, or not in the packet.
    #[error("is not a form of this packet that is signed")]
    NotSignable(FormId),
    /// The profile has something there.
    #[error("The profile has something in this field. Only empty fields are filled; change the profile itself.")]
    FieldNotEmpty(Fill),
    /// No answer of the packet fits the field.
    #[error("No answer of this packet fits this field.")]
    NothingToFill(Fill),
}
