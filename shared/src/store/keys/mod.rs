//! Every key of the one table, built here and nowhere else, from typed ids only (decision 18).
//!
//! The tenant comes first in every partition key. No personal data stands in a key: ids and keyed hashes only.

mod lists;
mod table;
#[cfg(test)]
mod tests;

pub use lists::*;
pub use table::*;

use std::fmt;
use std::marker::PhantomData;

use jiff::civil::Date;
use uuid::Uuid;

use super::patterns::Pattern;
use crate::domain::ids::{Id, RequestId};
use crate::domain::practice::Slug;
use crate::domain::session::PrincipalId;

/// Where an item lives, whatever it is: what the store itself works with.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Place {
    /// Partition key.
    pub pk: String,
    /// Sort key.
    pub sk: String,
}

/// Where an `E` lives.
pub struct Key<E> {
    place: Place,
    of: PhantomData<fn() -> E>,
}

impl<E> Key<E> {
    pub(super) const fn new(pk: String, sk: String) -> Self {
        Self { place: Place { pk, sk }, of: PhantomData }
    }

    /// The same place, for what else an item there is read as.
    pub(super) fn read_as<F>(self) -> Key<F> {
        Key { place: self.place, of: PhantomData }
    }

    /// The place, for the store itself.
    pub(super) fn into_place(self) -> Place {
        self.place
    }

    /// The place, likewise.
    pub(super) const fn place(&self) -> &Place {
        &self.place
    }

    /// The sort key: where in its list it stands.
    #[must_use]
    pub fn sk(&self) -> &str {
        &self.place.sk
    }
}

impl<E> Clone for Key<E> {
    fn clone(&self) -> Self {
        Self { place: self.place.clone(), of: PhantomData }
    }
}

impl<E> PartialEq for Key<E> {
    fn eq(&self, other: &Self) -> bool {
        self.place == other.place
    }
}

impl<E> Eq for Key<E> {}

impl<E> fmt::Debug for Key<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Key({}, {})", self.place.pk, self.place.sk)
    }
}

/// What fills a hole of a key.
trait Part {
    fn part(&self) -> String;
}

macro_rules! parts {
    ($($name:ty: $part:expr;)*) => {$(
        impl Part for $name {
            fn part(&self) -> String {
                let part: fn(&Self) -> String = $part;
                part(self)
            }
        }
    )*};
}

parts! {
    PrincipalId: |id| match id {
        Self::Staff(staff) => format!("S#{}", staff.key()),
        Self::Client(client) => format!("C#{}", client.key()),
    };
    Uuid: |id| RequestId::from_uuid(*id).key();
    Date: |day| day.strftime("%Y%m%d").to_string();
    Slug: |slug| slug.as_str().to_owned();
    i16: |year| year.to_string();
    u8: |number| number.to_string();
    String: |text| text.clone();
    str: |text| text.to_owned();
}

impl<I: Id> Part for I {
    fn part(&self) -> String {
        self.key()
    }
}

/// Spread of the audit trail, the outbox and the registries of due work over partitions.
const SHARDS: u128 = 4;

fn shard(id: Uuid) -> String {
    (id.as_u128() % SHARDS).to_string()
}

/// Half a key with its holes filled.
macro_rules! fill {
    ([$($half:tt)*]) => { fill!($($half)*) };
    ($($text:literal $( { $hole:literal $value:expr } )?)*) => {{
        let mut half = String::new();
        $(
            half.push_str($text);
            $( half.push_str(&($value).part()); )?
        )*
        half
    }};
}
use fill;

/// Half a key with its holes named, for people.
macro_rules! spell {
    ([$($half:tt)*]) => { spell!($($half)*) };
    ($($text:literal $( { $hole:literal $value:expr } )?)*) => {
        concat!($($text $(, "<", $hole, ">")?),*)
    };
}
use spell;

/// What half a key begins with.
macro_rules! begins {
    ([$text:literal $($rest:tt)*]) => {
        $text
    };
}
use begins;

/// Makes a function of each entry and of its list, and one list of patterns of all.
macro_rules! keys {
    ($(
        $(#[$doc:meta])*
        $name:ident($($arg:ident: $type:ty),*) -> $entity:ty {
            $pk:tt $sk:tt
            $access:literal
            $( $list:ident: $listed:literal )?
        }
    )*) => {
        $(
            $(#[$doc])*
            #[must_use]
            pub fn $name($($arg: $type),*) -> Key<$entity> {
                Key::new(fill!($pk), fill!($sk))
            }

            $(
                #[doc = $listed]
                #[must_use]
                pub fn $list(practice: PracticeId, client: ClientId) -> List<$entity> {
                    List::under(client_partition(practice, client), begins!($sk))
                }
            )?
        )*

        /// Every kind of key there is.
        pub const PATTERNS: &[Pattern] = &[$(
            Pattern { entity: stringify!($name), pk: spell!($pk), sk: spell!($sk), access: $access },
        )*];

        /// Two keys of each kind, in the order of the patterns.
        #[cfg(test)]
        pub(super) fn samples() -> Vec<[super::Place; 2]> {
            use super::tests::Sample;
            vec![$( [0, 1].map(|n| $name($(<$type as Sample>::sample(n, stringify!($arg))),*).into_place()), )*]
        }

        /// The lists of a client's things, each with the kind it lists.
        #[cfg(test)]
        pub(super) fn client_lists(practice: PracticeId, client: ClientId) -> Vec<(&'static str, super::tests::Holds)> {
            let mut lists: Vec<(&'static str, super::tests::Holds)> = Vec::new();
            $($(
                let list = $list(practice, client);
                lists.push((stringify!($name), Box::new(move |place| list.holds(place))));
            )?)*
            lists
        }
    };
}
use keys;
