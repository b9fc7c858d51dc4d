//! Typed public ids: a prefix and 26 (or 52) characters of Crockford base32.
//!
//! An id is opaque outside. Inside it is a time-ordered UUID, so "newest last" is a key condition.
//! The id of a thing that lives in a client's partition carries the client's id in front of its own:
//! its table key is built from the id alone (architecture, "The table").

use std::fmt;
use std::str::FromStr;

use uuid::Uuid;

const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";
const CHARS: usize = 26;

/// Why a string is not an id of the wanted kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not an id of this kind")]
pub struct InvalidId;

fn encode(id: Uuid, out: &mut String) {
    let mut rest = id.as_u128();
    let mut digits = [b'0'; CHARS];
    for digit in digits.iter_mut().rev() {
        *digit = ALPHABET.get((rest & 31) as usize).copied().unwrap_or(b'0');
        rest >>= 5;
    }
    out.extend(digits.iter().map(|b| char::from(*b)));
}

fn text_of(id: Uuid) -> String {
    let mut out = String::with_capacity(CHARS);
    encode(id, &mut out);
    out
}

fn decode(text: &str) -> Result<Uuid, InvalidId> {
    if text.len() != CHARS {
        return Err(InvalidId);
    }
    let mut value: u128 = 0;
    for (place, byte) in text.bytes().enumerate() {
        let digit = ALPHABET.iter().position(|a| *a == byte).ok_or(InvalidId)?;
        if place == 0 && digit > 7 {
            return Err(InvalidId);
        }
        value = value << 5 | digit as u128;
    }
    Ok(Uuid::from_u128(value))
}

fn split<'a>(text: &'a str, prefix: &str) -> Result<&'a str, InvalidId> {
    text.strip_prefix(prefix).and_then(|rest| rest.strip_prefix('_')).ok_or(InvalidId)
}

/// An id that can fill a part of a table key.
pub trait Id: Copy {
    /// Its own bits in text, without prefix and without the client it may carry.
    fn key(self) -> String;

    /// One with these bits, of this client if it carries one.
    #[cfg(test)]
    fn of_bits(client: ClientId, own: Uuid) -> Self;
}

macro_rules! text_form {
    ($name:ident, $prefix:literal, $characters:literal) => {
        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(self, f)
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
                text.parse().map_err(|_| {
                    serde::de::Error::custom(super::coded(
                        "id_invalid",
                        concat!("is not an id such as ", $prefix, "_…"),
                    ))
                })
            }
        }

        impl utoipa::PartialSchema for $name {
            fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
                utoipa::openapi::ObjectBuilder::new()
                    .schema_type(utoipa::openapi::schema::Type::String)
                    .description(Some(concat!("Opaque id, ", $prefix, "_…")))
                    .pattern(Some(concat!("^", $prefix, "_[0-9a-hjkmnp-tv-z]{", $characters, "}$")))
                    .into()
            }
        }

        impl utoipa::ToSchema for $name {}
    };
}

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident = $prefix:literal;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(Uuid);

        impl $name {
            /// The id with these 128 bits.
            #[must_use]
            pub const fn from_uuid(id: Uuid) -> Self {
                Self(id)
            }

            /// The 128 bits.
            #[must_use]
            pub const fn uuid(self) -> Uuid {
                self.0
            }

            /// The bits in text, without the prefix: what a table key holds.
            #[must_use]
            pub fn key(self) -> String {
                text_of(self.0)
            }

            /// Reads what [`Self::key`] wrote.
            pub fn from_key(text: &str) -> Result<Self, InvalidId> {
                decode(text).map(Self)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}_{}", $prefix, self.key())
            }
        }

        impl FromStr for $name {
            type Err = InvalidId;

            fn from_str(text: &str) -> Result<Self, InvalidId> {
                decode(split(text, $prefix)?).map(Self)
            }
        }

        impl Id for $name {
            fn key(self) -> String {
                text_of(self.0)
            }

            #[cfg(test)]
            fn of_bits(_: ClientId, own: Uuid) -> Self {
                Self(own)
            }
        }

        text_form!($name, $prefix, 26);
    )*};
}

macro_rules! client_scoped_ids {
    ($($(#[$doc:meta])* $name:ident = $prefix:literal;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name {
            client: ClientId,
            own: Uuid,
        }

        impl $name {
            /// The id of a thing that belongs to this client.
            #[must_use]
            pub const fn new(client: ClientId, own: Uuid) -> Self {
                Self { client, own }
            }

            /// The client it belongs to.
            #[must_use]
            pub const fn client(self) -> ClientId {
                self.client
            }

            /// Its own 128 bits.
            #[must_use]
            pub const fn own(self) -> Uuid {
                self.own
            }

            /// Reads what [`Self::key`] wrote.
            pub fn from_key(client: ClientId, own: &str) -> Result<Self, InvalidId> {
                Ok(Self { client, own: decode(own)? })
            }

            /// Its own bits in text: what a sort key inside the client's partition holds.
            #[must_use]
            pub fn key(self) -> String {
                text_of(self.own)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}_{}{}", $prefix, self.client.key(), self.key())
            }
        }

        impl FromStr for $name {
            type Err = InvalidId;

            fn from_str(text: &str) -> Result<Self, InvalidId> {
                let rest = split(text, $prefix)?;
                let (client, own) = rest.split_at_checked(CHARS).ok_or(InvalidId)?;
                Ok(Self { client: ClientId(decode(client)?), own: decode(own)? })
            }
        }

        impl Id for $name {
            fn key(self) -> String {
                text_of(self.own)
            }

            #[cfg(test)]
            fn of_bits(client: ClientId, own: Uuid) -> Self {
                Self::new(client, own)
            }
        }

        text_form!($name, $prefix, 52);
    )*};
}

ids! {
    /// A practice: the tenant.
    PracticeId = "prac";
    /// A staff member of a practice.
    StaffId = "stf";
    /// A client of a practice.
    ClientId = "cli";
    /// A label on clients.
    TagId = "tag";
    /// A role of a practice.
    RoleId = "rol";
    /// A signed-in session of a staff member or a client.
    SessionId = "ses";
    /// A template of tasks.
    TaskTemplateId = "ttpl";
    /// A service of a practice.
    ServiceId = "svc";
    /// A form of a practice's library.
    FormId = "frm";
    /// A packet of a practice's library.
    PacketId = "pkt";
    /// A CSV import.
    ImportId = "imp";
    /// A calendar feed of somebody.
    FeedId = "feed";
    /// One HTTP request or event delivery.
    RequestId = "req";
}

client_scoped_ids! {
    /// A file of a client.
    FileId = "fil";
    /// An invoice of a client.
    InvoiceId = "inv";
    /// A payment or refund of a client.
    PaymentId = "pay";
    /// An appointment with a client.
    AppointmentId = "apt";
    /// Appointments with a client that were booked as one series.
    SeriesId = "ser";
    /// A task of a client.
    TaskId = "task";
    /// A packet as it was sent to a client; longer than the id of the one it was copied from.
    SentPacketId = "pkt";
    /// An export of a client's record.
    ExportId = "exp";
    /// A note that staff or the client has written.
    NoteId = "note";
    /// A clinical note about a client.
    ClinicalNoteId = "cno";
    /// A comment on a note.
    CommentId = "cmt";
    /// A message between a client and its therapist.
    MessageId = "msg";
}

impl ClientId {
    /// The client that an id names or carries, whatever its kind; none for a thing that belongs to no client.
    #[must_use]
    pub fn within(id: &str) -> Option<Self> {
        let (prefix, rest) = id.split_once('_')?;
        match rest.split_at_checked(CHARS)? {
            (client, "") if prefix == "cli" => decode(client).ok().map(Self),
            (client, own) if decode(own).is_ok() => decode(client).ok().map(Self),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn an_id_reads_back_and_sorts_like_its_bits(a: u128, b: u128) {
            let (x, y) = (ClientId(Uuid::from_u128(a)), ClientId(Uuid::from_u128(b)));
            prop_assert_eq!(x.to_string().parse::<ClientId>(), Ok(x));
            prop_assert_eq!(a.cmp(&b), x.key().cmp(&y.key()));
            let file = FileId::new(x, Uuid::from_u128(b));
            prop_assert_eq!(file.to_string().parse::<FileId>(), Ok(file));
            prop_assert_eq!(ClientId::within(&file.to_string()), Some(x));
            prop_assert_eq!(ClientId::within(&x.to_string()), Some(x));
            prop_assert_eq!(ClientId::within(&StaffId(Uuid::from_u128(b)).to_string()), None);
        }

        #[test]
        fn no_text_makes_the_parser_panic(text in "\\PC{0,80}") {
            let _ = text.parse::<ClientId>();
            let _ = text.parse::<FileId>();
        }
    }

    #[test]
    fn another_prefix_is_refused() {
        let staff = StaffId(Uuid::from_u128(7)).to_string();
        assert_eq!(staff.parse::<ClientId>(), Err(InvalidId));
    }
}
