//! Packets of a practice's library, and how much the library holds.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use super::PaperworkRefusal;
use super::form::Form;
use crate::domain::ids::{FormId, PacketId, PracticeId};
use crate::domain::text::PacketName;

/// Forms that are sent together, in their order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Packet {
    pub id: PacketId,
    pub practice: PracticeId,
    /// Grows by one with each change; the `ETag`.
    pub version: u64,
    pub name: PacketName,
    pub forms: Vec<FormId>,
    pub created_at: Timestamp,
}

/// Why there is no such packet; each says which field of the body it is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadPacket {
    /// None, or too many.
    #[error("must be 1 to 20 forms")]
    Forms,
    /// The same form again.
    #[error("is in the list twice")]
    FormTwice(usize),
    /// No such form in the practice.
    #[error("is not a form of your practice")]
    FormUnknown(usize),
}

impl BadPacket {
    /// Which field, in the body that describes a packet.
    #[must_use]
    pub fn pointer(self) -> String {
        match self {
            Self::Forms => "/form_ids".to_owned(),
            Self::FormTwice(place) | Self::FormUnknown(place) => format!("/form_ids/{place}"),
        }
    }

    /// The stable code.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Forms => "out_of_range",
            Self::FormTwice(_) => "named_twice",
            Self::FormUnknown(_) => "form_unknown",
        }
    }
}

impl Packet {
    /// The most forms in one.
    pub const MAX_FORMS: usize = 20;
    /// The most room the forms of one take, in bytes: what the client answers has to fit beside them.
    pub const MAX_BYTES: usize = 180_000;

    /// Refuses a list that no packet has.
    pub fn check_ids(ids: &[FormId]) -> Result<(), BadPacket> {
        if !(1..=Self::MAX_FORMS).contains(&ids.len()) {
            return Err(BadPacket::Forms);
        }
        let mut seen = BTreeSet::new();
        match ids.iter().position(|id| !seen.insert(*id)) {
            Some(place) => Err(BadPacket::FormTwice(place)),
            None => Ok(()),
        }
    }

    /// Refuses forms that do not fit into one packet.
    pub fn check_size<'a>(forms: impl IntoIterator<Item = &'a Form>) -> Result<(), PaperworkRefusal> {
        let bytes: usize = forms.into_iter().map(|form| form.content.bytes()).sum();
        if bytes > Self::MAX_BYTES { Err(PaperworkRefusal::TooLarge) } else { Ok(()) }
    }
}

/// What a practice's library holds, counted. It stands in every transaction that adds or deletes a form or a packet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Library {
    pub practice: PracticeId,
    /// Grows by one with each change; 0 before the first.
    pub version: u64,
    pub forms: u32,
    pub packets: u32,
    /// In how many packets a form is. Nothing stands here with none.
    pub used: BTreeMap<FormId, u32>,
}

impl Library {
    /// The most forms a practice can have.
    pub const MAX_FORMS: u32 = 200;
    /// The most packets.
    pub const MAX_PACKETS: u32 = 100;

    /// Nothing yet.
    #[must_use]
    pub const fn empty(practice: PracticeId) -> Self {
        Self { practice, version: 0, forms: 0, packets: 0, used: BTreeMap::new() }
    }

    /// One form more, if there is room.
    pub const fn add_form(&mut self) -> Result<(), PaperworkRefusal> {
        if self.forms >= Self::MAX_FORMS {
            return Err(PaperworkRefusal::TooManyForms);
        }
        self.forms += 1;
        Ok(())
    }

    /// One form less, if no packet holds it.
    pub fn remove_form(&mut self, form: FormId) -> Result<(), PaperworkRefusal> {
        if self.used.contains_key(&form) {
            return Err(PaperworkRefusal::FormInUse);
        }
        self.forms = self.forms.saturating_sub(1);
        Ok(())
    }

    /// One packet more, if there is room.
    pub fn add_packet(&mut self, packet: &Packet) -> Result<(), PaperworkRefusal> {
        if self.packets >= Self::MAX_PACKETS {
            return Err(PaperworkRefusal::TooManyPackets);
        }
        self.packets += 1;
        for form in &packet.forms {
            let count = self.used.entry(*form).or_default();
            *count = count.saturating_add(1);
        }
        Ok(())
    }

    /// One packet less.
    pub fn remove_packet(&mut self, packet: &Packet) {
        self.packets = self.packets.saturating_sub(1);
        for form in &packet.forms {
            if let Some(count) = self.used.get_mut(form) {
                *count = count.saturating_sub(1);
            }
        }
        self.used.retain(|_, count| *count > 0);
    }
}
