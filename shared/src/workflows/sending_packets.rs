//! One way to send a packet: to a client that is there, with the invitation of a new one, with a later invitation.

use std::collections::BTreeMap;

use crate::app::App;
use crate::domain::ids::{ClientId, FormId, PacketId, PracticeId, SentPacketId};
use crate::domain::paperwork::{Form, NewPacket, Packet, PacketTally, SentPacket};
use crate::domain::session::PrincipalId;
use crate::domain::task::Due;
use crate::refusal::{BadField, Lost, Refusal, Stop};
use crate::store::Tx;
use crate::store::keys::{self, Key};

/// The most packets that go out with one request.
pub const MOST_PACKETS: usize = 5;

/// Where packets stand that somebody names; refuses too many, and one that is named twice.
pub fn packet_places(practice: PracticeId, ids: &[PacketId], pointer: &str) -> Result<Vec<Key<Packet>>, Refusal> {
    if ids.len() > MOST_PACKETS {
        return Err(Refusal::invalid(pointer, "too_many", "must be at most 5 packets"));
    }
    if let Some(place) = (0..ids.len()).find(|place| ids.iter().take(*place).any(|id| ids.get(*place) == Some(id))) {
        return Err(Refusal::invalid(format!("{pointer}/{place}"), "named_twice", "is in the list twice"));
    }
    Ok(ids.iter().map(|id| keys::packet(practice, *id)).collect())
}

/// The packets that were found at these places; refuses where there is none.
pub fn found_packets(found: Vec<Option<Packet>>, pointer: impl Fn(usize) -> String) -> Result<Vec<Packet>, Refusal> {
    let unknown = |place| BadField::new(pointer(place), "packet_unknown", "is not a packet of your practice");
    let missing: Vec<BadField> =
        found.iter().enumerate().filter(|(_, one)| one.is_none()).map(|(place, _)| unknown(place)).collect();
    if missing.is_empty() { Ok(found.into_iter().flatten().collect()) } else { Err(Refusal::fields(missing)) }
}

impl App {
    /// The forms of these packets as they are now. No call where there are none.
    pub async fn forms_of(&self, practice: PracticeId, packets: &[Packet]) -> Result<BTreeMap<FormId, Form>, Stop> {
        let mut ids: Vec<FormId> = packets.iter().flat_map(|packet| packet.forms.iter().copied()).collect();
        ids.sort_unstable();
        ids.dedup();
        if ids.is_empty() {
            return Ok(BTreeMap::new());
        }
        let wanted: Vec<_> = ids.iter().map(|id| keys::form(practice, *id)).collect();
        let found: BTreeMap<FormId, Form> =
            self.store.load(wanted).await?.into_iter().flatten().map(|form| (form.id, form)).collect();
        // A form goes only after the packets that hold it.
        if found.len() < ids.len() { Err(Stop::Lost(Lost::Changed)) } else { Ok(found) }
    }

    /// Sends copies of these packets, in the transaction of whatever they are sent with.
    pub fn send_packets(
        &self,
        tx: &mut Tx,
        tally: &mut PacketTally,
        (packets, forms): (&[Packet], &BTreeMap<FormId, Form>),
        (by, due): (PrincipalId, Option<Due>),
    ) -> Result<Vec<SentPacket>, Stop> {
        let (mut sent, client, now): (_, ClientId, _) = (Vec::new(), tally.client, tx.grant().at());
        for packet in packets {
            tally.add(due)?;
            let new = NewPacket { id: SentPacketId::new(client, self.new_id()?), by, due };
            let one = SentPacket::new(new, packet, forms, now)?;
            // Whoever deletes the packet at this moment is first or last.
            tx.unchanged(packet).create(&one).touches(one.id);
            sent.push(one);
        }
        if !sent.is_empty() {
            tx.replace(tally);
        }
        Ok(sent)
    }
}
