//! Which rows and stored clients are the same person: one rule for imports and for hints at duplicates (C6, C10, B14).

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher as _};

use jiff::civil::Date;

use icu_normalizer::ComposingNormalizerBorrowed;

use super::client::{Client, Profile};
use super::directory::Entry;
use super::email::EmailAddress;
use super::phone::{Phone, unextended};
use super::text::ExternalId;

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

/// By what a client is recognised: its external id, else its whole name with an address, a phone or a birthday.
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
        Self {
            external_id: filled(parts.external_id),
            email: filled(parts.email).map(|email| email.to_lowercase()),
            name: canonical(&format!("{} {}", parts.first_name, parts.last_name)),
            born: parts.date_of_birth,
            phone: filled(parts.phone),
        }
    }

    /// The identity of a stored client.
    #[must_use]
    pub fn of_client(client: &Client) -> Self {
        Self::of_profile(&client.profile)
    }

    /// The identity of whom a profile describes.
    #[must_use]
    pub fn of_profile(profile: &Profile) -> Self {
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
            phone: entry.phone.as_deref().map(unextended),
        })
    }

    /// What it has in common with every record of the same client: the external id, or the whole name with an address, a
    /// phone or a birthday. A name alone is one only for a client of whom nothing else is known: else its file could not be
    /// imported twice.
    #[must_use]
    pub fn keys(&self) -> Vec<String> {
        let keys: Vec<String> = self.marks().into_iter().map(|(name, mark)| format!("{mark}|{name}")).collect();
        if keys.is_empty() { vec![format!("n|{}", self.name)] } else { keys }
    }

    /// The keys as a name and a mark beside it, without the bare name, which many people have. An external id needs no
    /// name.
    #[must_use]
    pub fn marks(&self) -> Vec<(&str, String)> {
        let named = [
            self.email.as_ref().map(|email| format!("e{email}")),
            self.phone.as_ref().map(|phone| format!("p{phone}")),
            self.born.map(|born| format!("b{born}")),
        ];
        let id = self.external_id.iter().map(|id| ("", format!("x{id}")));
        id.chain(named.into_iter().flatten().map(|mark| (self.name.as_str(), mark))).collect()
    }

    /// Whether the other system says that both are one client.
    fn agrees(&self, other: &Self) -> bool {
        self.external_id.is_some() && self.external_id == other.external_id
    }

    /// Whether facts speak against one client: two ids of the other system, or two birthdays.
    #[must_use]
    pub fn conflicts(&self, other: &Self) -> bool {
        let two = |differ: bool, one: bool, both: bool| one && both && differ;
        two(self.external_id != other.external_id, self.external_id.is_some(), other.external_id.is_some())
            || two(self.born != other.born, self.born.is_some(), other.born.is_some())
    }

    /// The same client: by the other system's id, else by the whole name and one more fact, with nothing against it. What
    /// people share, a mailbox, a phone or a birthday, joins nobody.
    #[must_use]
    pub fn same(&self, other: &Self) -> bool {
        let theirs = other.keys();
        self.agrees(other) || (!self.conflicts(other) && self.keys().iter().any(|key| theirs.contains(key)))
    }

    /// Whether the names are the same.
    #[must_use]
    pub fn same_name(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

/// A text as it is compared: canonically composed, in small letters, with one blank between words and one kind of
/// apostrophe. No letter is lost, and no mark: in many scripts a mark is a vowel.
#[must_use]
pub fn canonical(text: &str) -> String {
    let lower = ComposingNormalizerBorrowed::new_nfc().normalize(text).to_lowercase().replace(['’', 'ʼ'], "'");
    let composed = ComposingNormalizerBorrowed::new_nfc().normalize(&lower).into_owned();
    composed.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Finds the client a row is among those seen before. It holds hashes, no personal data, and some 50 bytes a key.
#[derive(Debug, Clone)]
pub struct People<T> {
    clients: HashMap<u128, Found<T>>,
}

/// Whom a row is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Found<T> {
    /// The client, or the first of several.
    pub client: T,
    /// Whether it could be another one as well.
    pub unclear: bool,
}

impl<T> Default for People<T> {
    fn default() -> Self {
        Self { clients: HashMap::new() }
    }
}

/// Under a key: whether the client has an external id, which is another one than the row's.
#[derive(Hash)]
enum IdKind {
    Without,
    With,
}

/// Under a key: the client without a birthday, those with one, and each by its own.
#[derive(Hash)]
enum BornKind {
    Without,
    With,
    Exactly(Date),
}

impl<T: Copy + PartialEq> People<T> {
    /// Remembers a client. Of two that are the same the first stays.
    pub fn insert(&mut self, identity: &Identity, client: T) {
        if let Some(place) = mailbox(identity) {
            self.clients.entry(place).or_insert(Found { client, unclear: false });
        }
        let id = if identity.external_id.is_some() { IdKind::With } else { IdKind::Without };
        let born = match identity.born {
            None => [Some(BornKind::Without), None],
            Some(born) => [Some(BornKind::With), Some(BornKind::Exactly(born))],
        };
        for key in identity.keys() {
            if key.starts_with('x') {
                self.put(place(&key, &IdKind::With, &BornKind::Without), client);
                continue;
            }
            for born in born.iter().flatten() {
                self.put(place(&key, &id, born), client);
            }
        }
    }

    fn put(&mut self, place: u128, client: T) {
        let known = self.clients.entry(place).or_insert(Found { client, unclear: false });
        known.unclear |= known.client != client;
    }

    /// A client with the same mailbox, be it this one or one of its family: worth a warning, never a match (C6).
    #[must_use]
    pub fn mailbox(&self, identity: &Identity) -> Option<T> {
        self.clients.get(&mailbox(identity)?).map(|found| found.client)
    }

    /// The client this is, by its strongest key.
    #[must_use]
    pub fn find(&self, identity: &Identity) -> Option<Found<T>> {
        let ids = match identity.external_id {
            None => &[IdKind::Without, IdKind::With][..],
            Some(_) => &[IdKind::Without],
        };
        let born = match identity.born {
            None => [BornKind::Without, BornKind::With],
            Some(born) => [BornKind::Exactly(born), BornKind::Without],
        };
        identity.keys().iter().find_map(|key| {
            if key.starts_with('x') {
                return self.clients.get(&place(key, &IdKind::With, &BornKind::Without)).copied();
            }
            let kinds = ids.iter().flat_map(|id| born.iter().map(move |born| (id, born)));
            let mut found = kinds.filter_map(|(id, born)| self.clients.get(&place(key, id, born)).copied());
            let first = found.next()?;
            Some(Found { unclear: first.unclear || found.any(|other| other.client != first.client), ..first })
        })
    }
}

fn mailbox(identity: &Identity) -> Option<u128> {
    identity.email.as_deref().map(|email| place(&format!("m:{email}"), &IdKind::Without, &BornKind::Without))
}

fn place(key: &str, id: &IdKind, born: &BornKind) -> u128 {
    let hash = |half: u8| {
        let mut hasher = DefaultHasher::new();
        (half, key, id, born).hash(&mut hasher);
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

    // C6: two first names or two birthdays are two people, whatever else they share
    #[test]
    fn facts_that_differ_make_two_people_unless_an_external_id_says_otherwise() {
        let born = Some(date(2015, 6, 1));
        let (mail, other) = (Some("home@mail.example"), Some(date(2016, 6, 1)));
        let lena = of(None, mail, "Lena", born);
        assert!(!lena.same(&of(None, mail, "Tom", born)));
        assert!(!lena.same(&of(None, mail, "Lena", other)));
        assert!(lena.same(&of(None, mail, "Lena", None)));
        assert!(of(Some("7"), mail, "Lena", born).same(&of(Some("7"), None, "Magdalena", other)));
        let phone = |first_name, phone| Identity::of(&Parts { first_name, phone: Some(phone), ..Parts::default() });
        assert!(phone("Ada", "+14155550134").same(&phone("ada", "+14155550134")));
        assert!(!phone("Ada", "+14155550134").same(&phone("Bo", "+14155550134")));
    }

    // C6: text is compared canonically, never by what search makes of it
    #[test]
    fn a_mark_is_part_of_a_name_however_it_is_encoded() {
        let named = |first_name| Identity::of(&Parts { first_name, last_name: "शर्मा", ..Parts::default() });
        assert!(!named("रीमा").same(&named("रमा")));
        assert!(!named("が").same(&named("か")));
        assert!(named("Zoe\u{308}").same(&named("ZOË")));
        assert!(!named("Müller").same(&named("Muller")));
        assert_eq!(canonical(" O’Neill \t ΓΙΏΡΓΟΣ"), "o'neill γιώργος");
    }

    // C6: of two whom a row could be nobody is taken for certain
    #[test]
    fn a_row_that_could_be_two_clients_is_unclear() {
        let mut people = People::default();
        for day in [1, 2] {
            people.insert(&of(None, Some("home@mail.example"), "Ada", Some(date(2015, 6, day))), day);
        }
        let ada = |born| people.find(&of(None, Some("home@mail.example"), "Ada", born));
        assert_eq!(ada(None), Some(Found { client: 1, unclear: true }));
        assert_eq!(ada(Some(date(2015, 6, 2))), Some(Found { client: 2, unclear: false }));
        assert_eq!(ada(Some(date(2015, 6, 3))), None);
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
            let found = people.find(&of(Some(id), Some("a@b.example"), "Ada", None));
            assert_eq!(found, Some(Found { client: id, unclear: false }));
        }
        let found = people.find(&of(None, Some("a@b.example"), "Ada", None));
        assert_eq!(found, Some(Found { client: "7", unclear: true }));
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
