//! Which rows and stored clients are the same person (C6, C10).

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher as _};

use jiff::civil::Date;

use crate::domain::client::Client;
use crate::domain::directory::Entry;
use crate::domain::email::EmailAddress;
use crate::domain::phone::Phone;
use crate::domain::text::{ExternalId, fold};

/// What is known of a client, from a row or from the directory.
#[derive(Clone, Copy, Default)]
pub struct Parts<'a> {
    /// The id in another system.
    pub external_id: Option<&'a str>,
    /// E-mail address, in any case.
    pub email: Option<&'a str>,
    pub first_name: &'a str,
    pub last_name: &'a str,
    pub date_of_birth: Option<Date>,
    /// Phone as E.164.
    pub phone: Option<&'a str>,
}

crate::domain::prints_its_name!(Parts<'_>);

/// By what a client is recognised: its external id, else its e-mail with its name or birthday, else its name and birthday.
///
/// Serialised, it is what a restarted worker knows of the rows before.
#[derive(Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Identity {
    #[serde(skip_serializing_if = "Option::is_none", default)]
    external_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    email: Option<String>,
    name: String,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    born: Option<Date>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    phone: Option<String>,
}

crate::domain::prints_its_name!(Identity);

impl Identity {
    /// The identity of a client of whom this is people.
    #[must_use]
    pub fn of(parts: &Parts<'_>) -> Self {
        let filled = |text: Option<&str>| text.map(str::trim).filter(|text| !text.is_empty()).map(str::to_owned);
        let whole = fold(&format!("{} {}", parts.first_name, parts.last_name)).replace('’', "'");
        Self {
            external_id: filled(parts.external_id),
            email: filled(parts.email).map(|email| email.to_lowercase()),
            name: whole.split_whitespace().collect::<Vec<_>>().join(" "),
            born: parts.date_of_birth,
            phone: filled(parts.phone),
        }
    }

    /// The identity of a stored client.
    #[must_use]
    pub fn of_client(client: &Client) -> Self {
        let profile = &client.profile;
        Self::of(&Parts {
            external_id: profile.external_id.as_ref().map(ExternalId::as_str),
            email: profile.email.as_ref().map(EmailAddress::as_str),
            first_name: profile.first_name.as_str(),
            last_name: profile.last_name.as_str(),
            date_of_birth: profile.date_of_birth,
            phone: profile.phone.as_ref().map(Phone::e164),
        })
    }

    /// The identity of a client as the directory shows it.
    #[must_use]
    pub fn of_entry(entry: &Entry) -> Self {
        Self::of(&Parts {
            external_id: entry.external_id.as_deref(),
            email: entry.email.as_deref(),
            first_name: &entry.first_name,
            last_name: &entry.last_name,
            date_of_birth: entry.date_of_birth,
            phone: entry.phone.as_deref(),
        })
    }

    /// The keys it is found by. Two identities that share one are the same client, unless [`Self::conflicts`].
    ///
    /// One mailbox with another name and another birthday is a family, so an e-mail alone is no key. A name alone is one
    /// only for a client of whom nothing else is known but perhaps a phone: else its file could not be imported twice.
    #[must_use]
    pub fn keys(&self) -> Vec<String> {
        let name = &self.name;
        let mut keys = Vec::with_capacity(4);
        if let Some(id) = &self.external_id {
            keys.push(format!("x:{id}"));
        }
        if let Some(email) = &self.email {
            keys.push(format!("e:{email}|n:{name}"));
            keys.extend(self.born.map(|born| format!("e:{email}|d:{born}")));
        }
        keys.extend(self.born.map(|born| format!("n:{name}|d:{born}")));
        if keys.is_empty() {
            keys.push(format!("n:{name}|p:{}", self.phone.as_deref().unwrap_or_default()));
        }
        keys
    }

    /// Two clients of the other system, whatever else they share.
    #[must_use]
    pub fn conflicts(&self, other: &Self) -> bool {
        matches!((&self.external_id, &other.external_id), (Some(mine), Some(theirs)) if mine != theirs)
    }

    /// The same client.
    #[must_use]
    pub fn same(&self, other: &Self) -> bool {
        let theirs = other.keys();
        !self.conflicts(other) && self.keys().iter().any(|key| theirs.contains(key))
    }
}

/// Finds the client a row is among those seen before. It holds hashes, no personal data, and some 50 bytes a key.
#[derive(Debug, Clone)]
pub struct People<T> {
    clients: HashMap<u128, T>,
}

impl<T> Default for People<T> {
    fn default() -> Self {
        Self { clients: HashMap::new() }
    }
}

/// Under a key: the client without an external id, the first with one, and each by its own.
#[derive(Hash)]
enum IdKind<'a> {
    Without,
    With,
    Exactly(&'a str),
}

impl<T: Copy> People<T> {
    /// Remembers a client. Of two that are the same the first stays.
    pub fn insert(&mut self, identity: &Identity, client: T) {
        if let Some(place) = mailbox(identity) {
            self.clients.entry(place).or_insert(client);
        }
        for key in identity.keys() {
            let kinds = match &identity.external_id {
                None => [Some(IdKind::Without), None],
                Some(id) => [Some(IdKind::With), Some(IdKind::Exactly(id))],
            };
            for kind in kinds.into_iter().flatten() {
                self.clients.entry(place(&key, &kind)).or_insert(client);
            }
        }
    }

    /// A client with the same mailbox, be it this one or one of its family: worth a warning, never a match (C6).
    #[must_use]
    pub fn mailbox(&self, identity: &Identity) -> Option<T> {
        self.clients.get(&mailbox(identity)?).copied()
    }

    /// The client this is, by its strongest key.
    #[must_use]
    pub fn find(&self, identity: &Identity) -> Option<T> {
        let kinds = match &identity.external_id {
            None => [IdKind::Without, IdKind::With],
            Some(id) => [IdKind::Exactly(id), IdKind::Without],
        };
        let keys = identity.keys();
        keys.iter().find_map(|key| kinds.iter().find_map(|kind| self.clients.get(&place(key, kind)).copied()))
    }
}

fn mailbox(identity: &Identity) -> Option<u128> {
    identity.email.as_deref().map(|email| place(&format!("m:{email}"), &IdKind::Without))
}

fn place(key: &str, kind: &IdKind<'_>) -> u128 {
    let hash = |half: u8| {
        let mut hasher = DefaultHasher::new();
        (half, key, kind).hash(&mut hasher);
        hasher.finish()
    };
    u128::from(hash(0)) << 64 | u128::from(hash(1))
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use proptest::prelude::*;

    use super::*;

    fn of(external_id: Option<&str>, email: Option<&str>, first_name: &str, born: Option<Date>) -> Identity {
        Identity::of(&Parts { external_id, email, first_name, last_name: "Müller", date_of_birth: born, phone: None })
    }

    // C6, C10
    #[test]
    fn the_same_client_is_recognised() {
        let born = Some(date(1990, 1, 5));
        let ada = of(None, Some("Ada@mail.example"), "Ada", born);
        assert!(ada.same(&of(Some("7"), Some("ada@MAIL.example"), " ADA ", None)));
        assert!(ada.same(&of(None, Some("ada@mail.example"), "Adelaide", born)));
        assert!(ada.same(&of(None, Some("other@mail.example"), "Ada", born)));
        assert!(of(Some("7"), None, "Ada", None).same(&of(Some("7"), Some("x@y.example"), "Bo", born)));
        assert!(of(None, None, "Ada", None).same(&of(None, None, "ada", None)));
    }

    // C6: same e-mail with another name and birthday is a family
    #[test]
    fn a_family_shares_a_mailbox_without_being_one_client() {
        let ada = of(None, Some("home@mail.example"), "Ada", Some(date(1990, 1, 5)));
        assert!(!ada.same(&of(None, Some("home@mail.example"), "Bo", Some(date(2015, 6, 1)))));
        assert!(!ada.same(&of(None, Some("home@mail.example"), "Bo", None)));
        assert!(!of(Some("7"), Some("a@b.example"), "Ada", None).same(&of(
            Some("8"),
            Some("a@b.example"),
            "Ada",
            None
        )));
        assert!(!of(None, None, "Ada", None).same(&ada));
    }

    // C6: a shared mailbox is worth a warning
    #[test]
    fn a_shared_mailbox_is_noticed() {
        let mut people = People::default();
        people.insert(&of(None, Some("home@mail.example"), "Ada", None), 1);
        let bo = of(None, Some("HOME@mail.example"), "Bo", None);
        assert_eq!((people.find(&bo), people.mailbox(&bo)), (None, Some(1)));
        assert_eq!(people.mailbox(&of(None, None, "Bo", None)), None);
    }

    #[test]
    fn two_clients_who_differ_by_external_id_alone_are_both_found() {
        let mut people = People::default();
        for id in ["7", "8", "9"] {
            people.insert(&of(Some(id), Some("a@b.example"), "Ada", None), id);
        }
        for id in ["7", "8", "9"] {
            assert_eq!(people.find(&of(Some(id), Some("a@b.example"), "Ada", None)), Some(id));
        }
        assert_eq!(people.find(&of(None, Some("a@b.example"), "Ada", None)), Some("7"));
        assert_eq!(people.find(&of(Some("1"), Some("a@b.example"), "Ada", None)), None);
    }

    #[test]
    fn debug_prints_nothing_personal() {
        assert_eq!(format!("{:?}", of(None, None, "Ada", None)), "Identity");
    }

    proptest! {
        #[test]
        fn the_index_finds_exactly_the_same(rows in proptest::collection::vec(("[12]?", "[ab]?", "[xy]", 0i8..3), 1..12)) {
            let identities: Vec<Identity> = rows.iter().map(|(id, email, first, day)| {
                Identity::of(&Parts {
                    external_id: Some(id), email: Some(email), first_name: first, last_name: "z",
                    date_of_birth: (*day > 0).then(|| date(2000, 1, *day)), phone: None,
                })
            }).collect();
            let mut people = People::default();
            for (at, identity) in identities.iter().enumerate() {
                let before = identities.iter().take(at).any(|other| other.same(identity));
                prop_assert_eq!(people.find(identity).is_some(), before);
                people.insert(identity, at);
            }
        }
    }
}
