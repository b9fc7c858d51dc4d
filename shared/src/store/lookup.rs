//! What a read asks for, and what it brings: each key comes back as the noun that it is the key of.

use std::collections::HashMap;

use jiff::Timestamp;

use super::item::{self, Corrupt, Entity, Item};
use super::keys::{self, Key, Place};
use crate::access::Actor;
use crate::domain::client::Client;
use crate::domain::ids::PracticeId;
use crate::domain::session::PrincipalId;
use crate::domain::staff::Staff;

/// One key, several, or none: a key brings an item or none, a tuple a tuple, a list a list in the same order.
pub trait Lookup {
    /// What it brings.
    type Found;
    /// Names the places to read.
    fn places(&self, into: &mut Vec<Place>);
    /// Takes what it asked for out of what was read.
    fn find(self, items: &mut Items) -> Result<Self::Found, Corrupt>;
}

/// What was read, each item with how many have asked for it.
#[derive(Debug, Default)]
pub struct Items(HashMap<Place, (Item, usize)>);

impl Items {
    pub(super) fn new(items: HashMap<Place, Item>, asked: &[Place]) -> Self {
        let mut all: HashMap<Place, (Item, usize)> =
            items.into_iter().map(|(place, item)| (place, (item, 0))).collect();
        for place in asked {
            if let Some((_, count)) = all.get_mut(place) {
                *count += 1;
            }
        }
        Self(all)
    }

    /// The item, copied only where somebody else asked for it, too.
    fn take(&mut self, place: &Place) -> Option<Item> {
        match self.0.get_mut(place) {
            Some((item, count)) if *count > 1 => {
                *count -= 1;
                Some(item.clone())
            }
            _ => self.0.remove(place).map(|(item, _)| item),
        }
    }
}

impl<E: Entity> Lookup for Key<E> {
    type Found = Option<E>;

    fn places(&self, into: &mut Vec<Place>) {
        into.push(self.place().clone());
    }

    fn find(self, items: &mut Items) -> Result<Option<E>, Corrupt> {
        items.take(self.place()).map(item::from_item).transpose()
    }
}

/// Something that cannot be missing: where it is, the table is broken.
#[derive(Debug, Clone)]
pub struct Required<E>(Key<E>);

impl<E> Key<E> {
    /// For what every practice has: its catalog, its team.
    #[must_use]
    pub const fn required(self) -> Required<E> {
        Required(self)
    }
}

impl<E: Entity> Lookup for Required<E> {
    type Found = E;

    fn places(&self, into: &mut Vec<Place>) {
        self.0.places(into);
    }

    fn find(self, items: &mut Items) -> Result<E, Corrupt> {
        self.0.find(items)?.ok_or(Corrupt(E::NAME))
    }
}

/// A client that is there for people.
#[derive(Debug, Clone)]
pub struct Present(Key<Client>);

impl Key<Client> {
    /// Finds none for a client that is on its way out.
    #[must_use]
    pub const fn unless_deleting(self) -> Present {
        Present(self)
    }
}

impl Lookup for Present {
    type Found = Option<Client>;

    fn places(&self, into: &mut Vec<Place>) {
        self.0.places(into);
    }

    fn find(self, items: &mut Items) -> Result<Option<Client>, Corrupt> {
        Ok(self.0.find(items)?.filter(|client| !client.deleting))
    }
}

/// Whoever signs in, or has: with the epoch that its sessions have to be of.
#[derive(Debug, Clone)]
pub enum PrincipalKey {
    /// At this moment.
    Staff(Key<Staff>, Timestamp),
    Client(Present),
}

impl PrincipalKey {
    /// Where this principal, who acts now, stands.
    #[must_use]
    pub fn of(practice: PracticeId, principal: PrincipalId, now: Timestamp) -> Self {
        match principal {
            PrincipalId::Staff(id) => Self::Staff(keys::staff(practice, id), now),
            PrincipalId::Client(id) => Self::Client(keys::client(practice, id).unless_deleting()),
        }
    }
}

impl Lookup for PrincipalKey {
    type Found = Option<(Actor, u32)>;

    fn places(&self, into: &mut Vec<Place>) {
        match self {
            Self::Staff(key, _) => key.places(into),
            Self::Client(key) => key.places(into),
        }
    }

    fn find(self, items: &mut Items) -> Result<Option<(Actor, u32)>, Corrupt> {
        Ok(match self {
            Self::Staff(key, now) => key.find(items)?.map(|staff| {
                let epoch = staff.session_epoch;
                (Actor::staff(staff, now), epoch)
            }),
            Self::Client(key) => key.find(items)?.map(|client| {
                let epoch = client.portal.session_epoch;
                (Actor::Client(Box::new(client)), epoch)
            }),
        })
    }
}

impl<L: Lookup> Lookup for Option<L> {
    type Found = Option<L::Found>;

    fn places(&self, into: &mut Vec<Place>) {
        self.iter().for_each(|lookup| lookup.places(into));
    }

    fn find(self, items: &mut Items) -> Result<Option<L::Found>, Corrupt> {
        self.map(|lookup| lookup.find(items)).transpose()
    }
}

impl<L: Lookup> Lookup for Vec<L> {
    type Found = Vec<L::Found>;

    fn places(&self, into: &mut Vec<Place>) {
        self.iter().for_each(|lookup| lookup.places(into));
    }

    fn find(self, items: &mut Items) -> Result<Vec<L::Found>, Corrupt> {
        self.into_iter().map(|lookup| lookup.find(items)).collect()
    }
}

macro_rules! tuples {
    ($(($($part:ident $place:tt),*);)*) => {$(
        impl<$($part: Lookup),*> Lookup for ($($part,)*) {
            type Found = ($($part::Found,)*);

            fn places(&self, _into: &mut Vec<Place>) {
                $(self.$place.places(_into);)*
            }

            fn find(self, _items: &mut Items) -> Result<Self::Found, Corrupt> {
                Ok(($(self.$place.find(_items)?,)*))
            }
        }
    )*};
}

tuples! {
    ();
    (A 0, B 1);
    (A 0, B 1, C 2);
    (A 0, B 1, C 2, D 3);
    (A 0, B 1, C 2, D 3, E 4);
    (A 0, B 1, C 2, D 3, E 4, F 5);
}
