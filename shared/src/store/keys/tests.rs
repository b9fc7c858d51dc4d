//! Every key fits its own pattern and no other, and no two kinds of item can meet at one key.

use std::collections::BTreeSet;

use jiff::civil::{Date, date};
use uuid::Uuid;

use super::{PATTERNS, Pattern, Place, client_partition};
use crate::domain::ids::{ClientId, Id, PracticeId, StaffId};
use crate::domain::practice::Slug;
use crate::domain::session::PrincipalId;

/// An argument of a key, another one for each `n`.
pub(super) trait Sample {
    fn sample(n: u8, name: &str) -> Self;
}

fn id(n: u8, name: &str) -> Uuid {
    let of = name.bytes().fold(0_u128, |sum, byte| sum * 31 + u128::from(byte));
    Uuid::from_u128(0x0199_0000_0000_7000_8000_0000_0000_0000 + (of & 0xffff_ffff) * 2 + u128::from(n))
}

macro_rules! samples {
    ($($type:ty: |$n:ident, $name:ident| $value:expr;)*) => {$(
        impl Sample for $type {
            fn sample($n: u8, $name: &str) -> Self {
                $value
            }
        }
    )*};
}

impl<I: Id> Sample for I {
    fn sample(n: u8, name: &str) -> Self {
        I::of_bits(ClientId::from_uuid(id(n, "client")), id(n, name))
    }
}

samples! {
    PrincipalId: |n, name| match n {
        0 => Self::Staff(StaffId::from_uuid(id(n, name))),
        _ => Self::Client(ClientId::from_uuid(id(n, name))),
    };
    Uuid: |n, name| id(n, name);
    Date: |n, _name| if n == 0 { date(2026, 11, 22) } else { date(2026, 12, 1) };
    &'static Slug: |n, _name| Box::leak(Box::new(Slug::parse(if n == 0 { "harbor" } else { "quay" }).expect("a slug")));
    &'static str: |n, _name| if n == 0 { "kZ0-_hashOfSomething" } else { "kZ1-_hashOfSomething" };
    i16: |n, _name| 2026 + i16::from(n);
    i64: |n, _name| 29_921_224 + i64::from(n);
    u32: |n, _name| 12 + u32::from(n);
    u8: |n, _name| n;
}

/// One part of a key between two `#`.
#[derive(Debug, Clone, Copy)]
enum Piece<'a> {
    Exactly(&'a str),
    Digits,
    Id,
    /// A hash or a word.
    Text,
}

fn pieces(pattern: &str) -> Vec<Piece<'_>> {
    let piece = |text| match text {
        "<shard>" | "<year>" | "<day>" | "<second>" | "<minute>" | "<window>" | "<number>" => Piece::Digits,
        "<slug>" | "<kind>" => Piece::Text,
        hash if hash.starts_with("<keyed hash") || hash.starts_with("<hash") => Piece::Text,
        hole if hole.starts_with('<') => Piece::Id,
        exact => Piece::Exactly(exact),
    };
    pattern.split('#').map(piece).collect()
}

impl Piece<'_> {
    fn takes(self, text: &str) -> bool {
        match self {
            Self::Exactly(exact) => exact == text,
            Self::Digits => !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit()),
            Self::Id => text.len() == 26 && text.bytes().all(|b| b.is_ascii_digit() || b.is_ascii_lowercase()),
            Self::Text => !text.is_empty(),
        }
    }

    /// Whether some text is taken by both; rather too often than too rarely.
    fn meets(self, other: Self) -> bool {
        match (self, other) {
            (Self::Exactly(text), piece) | (piece, Self::Exactly(text)) => piece.takes(text),
            _ => true,
        }
    }
}

/// A listed pattern once for each kind of principal.
fn spelled_out() -> Vec<(&'static str, String, &'static str)> {
    let kinds = |pattern: &Pattern| ["S#<staff>", "C#<client>"].map(|kind| pattern.pk.replace("<principal>", kind));
    let all = PATTERNS.iter().flat_map(|pattern| {
        let pks: BTreeSet<String> = kinds(pattern).into_iter().collect();
        pks.into_iter().map(|pk| (pattern.entity, pk, pattern.sk))
    });
    all.collect()
}

fn fits(pattern: &str, text: &str) -> bool {
    let (pattern, text): (Vec<_>, Vec<_>) = (pieces(pattern), text.split('#').collect());
    pattern.len() == text.len() && pattern.into_iter().zip(text).all(|(piece, text)| piece.takes(text))
}

// decision 18
#[test]
fn every_key_fits_its_own_pattern_and_no_other() {
    let mut used = BTreeSet::new();
    for (pattern, keys) in PATTERNS.iter().zip(super::table::samples()) {
        assert_ne!(keys[0], keys[1], "{} hangs on its arguments", pattern.entity);
        for key in &keys {
            let found: Vec<_> =
                spelled_out().into_iter().filter(|(_, pk, sk)| fits(pk, &key.pk) && fits(sk, &key.sk)).collect();
            let entities: Vec<_> = found.iter().map(|(entity, ..)| *entity).collect();
            assert_eq!(entities, [pattern.entity], "{key:?}");
            used.extend(found);
        }
    }
    assert_eq!(used, spelled_out().into_iter().collect(), "every form of a key is tried");
}

// decision 18
#[test]
fn no_two_patterns_can_meet_at_one_key() {
    let meet = |a: &str, b: &str| {
        let (a, b) = (pieces(a), pieces(b));
        a.len() == b.len() && a.into_iter().zip(b).all(|(a, b)| a.meets(b))
    };
    let all = spelled_out();
    for (place, (one, pk, sk)) in all.iter().enumerate() {
        for (other, other_pk, other_sk) in &all[place + 1..] {
            assert!(!(meet(pk, other_pk) && meet(sk, other_sk)), "{one} {pk} {sk} and {other} {other_pk} {other_sk}");
        }
    }
}

#[test]
fn what_stands_in_a_client_s_partition_says_so() {
    let partition = client_partition(PracticeId::sample(0, "practice"), ClientId::sample(0, "client"));
    for (pattern, [key, _]) in PATTERNS.iter().zip(super::table::samples()) {
        let Place { pk, .. } = key;
        assert_eq!(pattern.is_in_client_partition(), pk == partition, "{}", pattern.entity);
    }
}

/// Whether something stands in a list.
pub(super) type Holds = Box<dyn Fn(&Place) -> bool>;

/// Every list there is, with the kind of item it lists.
fn lists() -> Vec<(&'static str, Holds)> {
    let (practice, client) = (PracticeId::sample(0, "practice"), ClientId::sample(0, "client"));
    let (staff, hash) = (StaffId::sample(0, "staff"), <&str>::sample(0, "hash"));
    let any = |lists: Vec<super::List<crate::store::Guard>>| -> Holds {
        Box::new(move |place| lists.iter().any(|list| list.holds(place)))
    };
    macro_rules! list {
        ($list:expr) => {{
            let list = $list;
            Box::new(move |place: &Place| list.holds(place)) as Holds
        }};
    }
    let mails = super::mails();
    let mut lists = super::table::client_lists(practice, client);
    lists.extend([
        ("staff", list!(super::roster(practice))),
        ("calendar_day", list!(super::calendar(practice, staff, (date(2026, 11, 1), date(2026, 11, 30))))),
        ("session", list!(super::sessions(practice, PrincipalId::sample(0, "principal")))),
        ("deletion", any(super::deletions())),
        ("handover", any(super::handovers(date(2026, 12, 31)))),
        ("task_watch", any(super::task_watches("2027-01-01T00:00:00Z".parse().expect("an instant")))),
        ("task_template", list!(super::task_templates(practice))),
        ("service", list!(super::services(practice))),
        ("form", list!(super::forms(practice))),
        ("packet", list!(super::packets(practice))),
        ("message_notice", any(super::message_notices(29_999_999))),
        ("compaction", list!(super::compactions())),
        ("staff_identity", list!(super::staff_identities(hash))),
        ("staff_candidate", list!(super::staff_candidates(hash))),
        ("import", list!(super::imports(practice))),
        ("outbox", Box::new(move |place| mails.iter().any(|list| list.holds(place)))),
        ("resend_registry", any(super::resends())),
    ]);
    lists
}

// decision 18
#[test]
fn a_list_holds_the_items_of_its_kind_and_no_others() {
    for (kind, holds) in lists() {
        for (pattern, keys) in PATTERNS.iter().zip(super::table::samples()) {
            assert_eq!(keys.iter().any(&holds), pattern.entity == kind, "the list of {kind} and a {}", pattern.entity);
        }
    }
}
