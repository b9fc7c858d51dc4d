//! One row of the list, and one change of it.

use std::fmt;

use jiff::Timestamp;
use jiff::civil::Date;

use super::codec;
use super::wire::{Corrupt, Inline, Reader, put_varint};
use crate::domain::client::{Client, Ownership, Status, status};
use crate::domain::ids::{ClientId, StaffId, TagId};
use crate::domain::phone::Phone;
use crate::domain::portal::{Access, InvitationState};

/// The invitation as the list shows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EntryInvitation {
    /// Where the mail stands; `Expired` is derived by the reader from `expires_at`.
    pub state: InvitationState,
    /// When the mail was queued or taken.
    pub sent_at: Timestamp,
    /// Not accepted from this instant on.
    pub expires_at: Timestamp,
    /// How many were sent in a row without an acceptance.
    pub attempts: u32,
    /// How many of them the schedule sent.
    pub resends: u32,
    /// StatusCounts the invitations of this client.
    pub serial: u32,
}

/// Everything a row of the list needs (A2). `Debug` prints the id only.
#[derive(Clone, PartialEq, Eq)]
pub struct Entry {
    pub id: ClientId,
    /// Grows with each change of the entry, its walk-in therapists included.
    pub version: u64,
    pub first_name: String,
    pub last_name: String,
    /// What the client goes by.
    pub preferred_name: Option<String>,
    /// Contact address.
    pub email: Option<String>,
    /// Phone in E.164.
    pub phone: Option<String>,
    /// The country the phone was typed for.
    pub phone_country: Option<String>,
    pub date_of_birth: Option<Date>,
    /// The id in another system.
    pub external_id: Option<String>,
    /// When they were added to the practice.
    pub join_date: Date,
    /// When the record was made.
    pub created_at: Timestamp,
    pub tags: Vec<TagId>,
    /// Direct or practice client.
    pub ownership: Ownership,
    /// The primary therapist.
    pub assigned_staff: Option<StaffId>,
    /// Therapists who are walk-ins of the client, each with the UTC day on which the last session that makes it one ends
    /// (decisions 5 and 27).
    pub seen_by: Vec<(StaffId, Date)>,
    /// Deactivated.
    pub suspended: bool,
    /// Has come in through the portal at least once.
    pub registered: bool,
    pub access: Access,
    /// Login address.
    pub portal_email: Option<String>,
    pub last_sign_in_at: Option<Timestamp>,
    /// The last invitation.
    pub invitation: Option<EntryInvitation>,
}

impl Entry {
    /// Active, Pending or Inactive (decision 1, A5).
    #[must_use]
    pub const fn status(&self) -> Status {
        status(self.suspended, self.registered)
    }
}

impl fmt::Debug for Entry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Entry").field("id", &self.id).finish_non_exhaustive()
    }
}

/// The entry of a record.
impl From<&Client> for Entry {
    fn from(client: &Client) -> Self {
        let profile = &client.profile;
        let portal = &client.portal;
        Self {
            id: client.id,
            version: client.version,
            first_name: profile.first_name.as_str().to_owned(),
            last_name: profile.last_name.as_str().to_owned(),
            preferred_name: profile.preferred_name.as_ref().map(|n| n.as_str().to_owned()),
            email: profile.email.as_ref().map(|e| e.as_str().to_owned()),
            phone: profile.phone.as_ref().map(Phone::stored),
            phone_country: profile.phone.as_ref().map(|p| p.country().to_owned()),
            date_of_birth: profile.date_of_birth,
            external_id: profile.external_id.as_ref().map(|id| id.as_str().to_owned()),
            join_date: client.join_date,
            created_at: client.created_at,
            tags: profile.tags.iter().copied().collect(),
            ownership: client.ownership,
            assigned_staff: client.assigned_staff,
            seen_by: client.seen_by.iter().map(|(staff, until)| (*staff, *until)).collect(),
            suspended: client.suspended_at.is_some(),
            registered: client.registered_at.is_some(),
            access: portal.access,
            portal_email: portal.email.as_ref().map(|e| e.as_str().to_owned()),
            last_sign_in_at: portal.last_sign_in_at,
            invitation: portal.invitation.as_ref().map(|i| EntryInvitation {
                state: i.state,
                sent_at: i.sent_at,
                expires_at: i.expires_at,
                attempts: i.attempts,
                resends: i.resends,
                serial: i.serial,
            }),
        }
    }
}

/// What a log item says: the client is this now, or is no more.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(
    clippy::large_enum_variant,
    reason = "a change is taken apart where it is read; a box would be one more allocation"
)]
pub enum Change {
    /// Made or changed.
    Put(Entry),
    /// Deleted for good.
    Gone {
        id: ClientId,
        /// The version of the deletion; at the same version it wins over a `Put`.
        version: u64,
    },
}

const FORMAT: u8 = 1;
const PUT: u8 = 1;
const GONE: u8 = 2;

impl Change {
    /// The client it is about.
    #[must_use]
    pub const fn id(&self) -> ClientId {
        match self {
            Self::Put(entry) => entry.id,
            Self::Gone { id, .. } => *id,
        }
    }

    /// The version of the client it leads to.
    #[must_use]
    pub const fn version(&self) -> u64 {
        match self {
            Self::Put(entry) => entry.version,
            Self::Gone { version, .. } => *version,
        }
    }

    /// The bytes of a log item (decision 20): about 200 for a typical client.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        match self {
            Self::Put(entry) => {
                let mut out = Inline(vec![FORMAT, PUT]);
                codec::write(entry, &mut out);
                out.0
            }
            Self::Gone { id, version } => {
                let mut out = vec![FORMAT, GONE];
                out.extend_from_slice(id.uuid().as_bytes());
                put_varint(*version, &mut out);
                out
            }
        }
    }

    /// Reads what [`Self::encode`] wrote. Anything else, including bytes left over, is [`Corrupt`].
    pub fn decode(bytes: &[u8]) -> Result<Self, Corrupt> {
        let mut reader = Reader::new(bytes);
        if reader.byte()? != FORMAT {
            return Err(Corrupt);
        }
        let change = match reader.byte()? {
            PUT => Self::Put(codec::read(&mut reader)?.entry(Some)?),
            GONE => Self::Gone { id: ClientId::from_uuid(reader.uuid()?), version: reader.number()? },
            _ => return Err(Corrupt),
        };
        if reader.is_empty() { Ok(change) } else { Err(Corrupt) }
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use proptest::prelude::*;
    use uuid::Uuid;

    use super::super::samples;
    use super::*;
    use crate::domain::email::EmailAddress;
    use crate::domain::identity::Identity;
    use crate::domain::ids::PracticeId;

    // decision 20
    #[test]
    fn a_typical_log_item_stays_small() {
        let bytes = Change::Put(samples::typical()).encode();
        assert!(bytes.len() <= 300, "{}", bytes.len());
    }

    // A2
    #[test]
    fn an_entry_takes_the_record_as_it_is() {
        let name = |text| crate::domain::text::PersonName::parse(text).expect("a name");
        let profile = crate::domain::client::Profile {
            first_name: name("Maya"),
            middle_name: None,
            last_name: name("Ångström").into(),
            preferred_name: None,
            pronouns: None,
            email: EmailAddress::parse("maya@mail.example").ok(),
            phone: Phone::from_stored("+14155550134;ext=12", "US").ok(),
            date_of_birth: None,
            gender: None,
            sex: None,
            address: crate::domain::client::Address::default(),
            occupation: None,
            employer: None,
            employment_status: None,
            relationship_status: None,
            living_arrangement: None,
            diagnosis: None,
            symptoms: None,
            external_id: None,
            tags: [TagId::from_uuid(Uuid::from_u128(3))].into(),
        };
        let client = Client::new(
            ClientId::from_uuid(Uuid::from_u128(1)),
            PracticeId::from_uuid(Uuid::from_u128(2)),
            profile,
            Ownership::Practice,
            None,
            Timestamp::UNIX_EPOCH,
            date(2026, 1, 2),
        );
        let entry = Entry::from(&client);
        assert_eq!((entry.id, entry.version, entry.status()), (client.id, 1, Status::Pending));
        assert_eq!((entry.first_name.as_str(), entry.last_name.as_str()), ("Maya", "Ångström"));
        assert_eq!((entry.phone.as_deref(), entry.phone_country.as_deref()), (Some("+14155550134;ext=12"), Some("US")));
        // Who is looked for in the directory is who the record is.
        assert!(Identity::of_entry(&entry) == Identity::of_client(&client));
        assert_eq!((entry.tags.len(), entry.join_date, entry.seen_by.len()), (1, date(2026, 1, 2), 0));
    }

    #[test]
    fn debug_prints_nothing_personal() {
        let entry = samples::typical();
        assert_eq!(format!("{entry:?}"), format!("Entry {{ id: {:?}, .. }}", entry.id));
    }

    proptest! {
        #[test]
        fn a_change_reads_back(change in samples::change()) {
            prop_assert_eq!(Change::decode(&change.encode()), Ok(change));
        }

        #[test]
        fn a_cut_or_longer_item_is_corrupt(change in samples::change(), cut: prop::sample::Index) {
            let mut bytes = change.encode();
            prop_assert!(Change::decode(bytes.get(..cut.index(bytes.len())).unwrap_or_default()).is_err());
            bytes.push(0);
            prop_assert_eq!(Change::decode(&bytes), Err(Corrupt));
        }

        #[test]
        fn no_bytes_make_the_reader_panic(mut bytes: Vec<u8>, kind in 0u8..4) {
            let _ = Change::decode(&bytes);
            bytes.splice(0..0, [FORMAT, kind]);
            let _ = Change::decode(&bytes);
        }

        #[test]
        fn no_flipped_byte_makes_the_reader_panic(change in samples::change(), at: prop::sample::Index, by: u8) {
            let mut bytes = change.encode();
            let at = at.index(bytes.len());
            bytes[at] ^= by;
            let _ = Change::decode(&bytes);
        }
    }
}
