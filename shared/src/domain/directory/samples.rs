//! Entries for tests: arbitrary ones, and ones like a practice has.

use jiff::Timestamp;
use jiff::civil::{Date, date};
use proptest::prelude::*;
use uuid::Uuid;

use super::{Change, Entry, EntryInvitation};
use crate::domain::client::Ownership;
use crate::domain::ids::{ClientId, StaffId, TagId};
use crate::domain::portal::{Access, InvitationState};

/// The same number for the same `n`, without pattern.
pub(super) fn noise(n: u64) -> u64 {
    let mut z = n.wrapping_add(0x9e37_79b9_7f4a_7c15).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

pub(super) fn client(n: u128) -> ClientId {
    ClientId::from_uuid(Uuid::from_u128(n))
}

pub(super) fn staff(n: u128) -> StaffId {
    StaffId::from_uuid(Uuid::from_u128(n))
}

pub(super) fn tag(n: u128) -> TagId {
    TagId::from_uuid(Uuid::from_u128(n))
}

/// A pending practice client with a name and nothing else.
pub(super) fn plain(n: u128, first: &str, last: &str) -> Entry {
    Entry {
        id: client(n),
        version: 1,
        first_name: first.to_owned(),
        last_name: last.to_owned(),
        preferred_name: None,
        email: None,
        phone: None,
        phone_country: None,
        date_of_birth: None,
        external_id: None,
        join_date: date(2026, 1, 1),
        created_at: Timestamp::UNIX_EPOCH,
        tags: Vec::new(),
        ownership: Ownership::Practice,
        assigned_staff: None,
        seen_by: Vec::new(),
        suspended: false,
        registered: false,
        access: Access::None,
        portal_email: None,
        last_sign_in_at: None,
        invitation: None,
    }
}

const FIRST: [&str; 16] = [
    "Maya", "Noah", "Zoë", "Liam", "Jürgen", "Aisha", "Mei", "Olivia", "Søren", "Priya", "Mateo", "Hannah", "Łukasz",
    "Grace", "Ethan", "Renée",
];
const LAST: [&str; 16] = [
    "Ångström",
    "Müller",
    "Garcia",
    "O'Neil",
    "Nguyen",
    "Smith-Jones",
    "Kowalski",
    "van den Berg",
    "Okafor",
    "Patel",
    "Rossi",
    "Dubois",
    "Weiß",
    "Johnson",
    "Silva",
    "Yılmaz",
];
const MAIL: [&str; 3] = ["gmail.com", "outlook.com", "mail.example"];

/// Clients like a practice has, the same ones each time.
pub(super) fn many(count: u64) -> impl Iterator<Item = Entry> + Clone {
    (0..count).map(|n| {
        let roll = |salt: u64, sides: u64| noise(n * 64 + salt) % sides;
        let pick = |list: &[&str], salt| {
            list.iter().cycle().nth(roll(salt, 97) as usize).map_or_else(String::new, |s| (*s).to_owned())
        };
        let at = 1_750_000_000_000 + n as i64 * 60_000 + roll(1, 60_000) as i64;
        let created_at = Timestamp::from_millisecond(at).unwrap_or_default();
        let id = ((at as u128) << 80) | 7 << 76 | u128::from(noise(n)) << 4 & ((1 << 62) - 1) | 2 << 62;
        let (first, last) = (pick(&FIRST, 2), pick(&LAST, 3));
        let email = format!(
            "{}.{}{}@{}",
            first.to_lowercase(),
            last.to_lowercase().replace(' ', ""),
            roll(4, 100),
            pick(&MAIL, 5)
        );
        let registered = roll(6, 3) > 0;
        Entry {
            id: client(id),
            version: 1 + roll(7, 6),
            email: Some(email.clone()),
            phone: Some(format!("+1{}", 2_000_000_000 + roll(8, 7_999_999_999))),
            phone_country: Some("US".into()),
            date_of_birth: Date::new(1950 + roll(9, 60) as i16, 1 + roll(10, 12) as i8, 1 + roll(11, 28) as i8).ok(),
            join_date: created_at.to_zoned(jiff::tz::TimeZone::UTC).date(),
            created_at,
            tags: (0..roll(12, 4)).map(|i| tag(900 + u128::from(roll(13 + i, 20)))).collect(),
            ownership: if roll(20, 2) == 0 { Ownership::Direct } else { Ownership::Practice },
            assigned_staff: (roll(21, 10) > 0).then(|| staff(500 + u128::from(roll(22, 15)))),
            seen_by: (0..roll(23, 30) / 28)
                .map(|_| (staff(500 + u128::from(roll(24, 15))), date(2026, 11, 1 + roll(25, 28) as i8)))
                .collect(),
            suspended: roll(25, 12) == 0,
            registered,
            access: if registered { Access::Enabled } else { Access::Invited },
            portal_email: Some(email),
            last_sign_in_at: registered
                .then(|| Timestamp::from_millisecond(at + roll(26, 9_000_000_000) as i64).unwrap_or_default()),
            invitation: Some(EntryInvitation {
                state: if registered { InvitationState::Accepted } else { InvitationState::Delivered },
                sent_at: Timestamp::from_millisecond(at + 1_500).unwrap_or_default(),
                expires_at: Timestamp::from_millisecond(at + 1_500 + 604_800_000).unwrap_or_default(),
                attempts: 1,
                resends: 0,
                serial: 1,
            }),
            ..plain(0, &first, &last)
        }
    })
}

pub(super) fn typical() -> Entry {
    many(3).last().unwrap_or_else(|| plain(1, "Maya", "Berg"))
}

fn timestamp() -> impl Strategy<Value = Timestamp> {
    let (min, max) = (Timestamp::MIN.as_nanosecond(), Timestamp::MAX.as_nanosecond());
    prop_oneof![
        (min..=max).prop_map(|n| Timestamp::from_nanosecond(n).unwrap_or_default()),
        (0i64..2_000_000_000).prop_map(|n| Timestamp::from_second(n).unwrap_or_default()),
        (0i64..2_000_000_000_000).prop_map(|n| Timestamp::from_millisecond(n).unwrap_or_default()),
        Just(Timestamp::MIN),
        Just(Timestamp::MAX),
    ]
}

fn day() -> impl Strategy<Value = Date> {
    prop_oneof![
        (-9999i16..=9999, 1i8..=12, 1i8..=28).prop_map(|(y, m, d)| Date::new(y, m, d).unwrap_or_default()),
        Just(Date::MIN),
        Just(Date::MAX),
        Just(date(2024, 2, 29)),
    ]
}

fn invitation() -> impl Strategy<Value = EntryInvitation> {
    let state = prop::sample::select(vec![
        InvitationState::NotInvited,
        InvitationState::Queued,
        InvitationState::Sent,
        InvitationState::Delivered,
        InvitationState::Bounced,
        InvitationState::Complained,
        InvitationState::Expired,
        InvitationState::Revoked,
        InvitationState::Accepted,
        InvitationState::Declined,
    ]);
    (state, timestamp(), timestamp(), any::<(u32, u32, u32)>()).prop_map(
        |(state, sent_at, expires_at, (attempts, resends, serial))| EntryInvitation {
            state,
            sent_at,
            expires_at,
            attempts,
            resends,
            serial,
        },
    )
}

pub(super) fn access() -> impl Strategy<Value = Access> {
    prop::sample::select(vec![Access::None, Access::Invited, Access::Enabled, Access::Disabled])
}

fn phone() -> impl Strategy<Value = String> {
    prop_oneof!["\\+[0-9]{0,20}", any::<String>()]
}

/// Anything the type allows.
pub(super) fn entry() -> impl Strategy<Value = Entry> {
    let texts = any::<(String, String, Option<String>, Option<String>, Option<String>, Option<String>)>();
    let ids = (
        any::<u128>(),
        any::<u64>(),
        prop::collection::vec(any::<u128>(), 0..4),
        any::<Option<u128>>(),
        prop::collection::vec((any::<u128>(), day()), 0..3),
    );
    let times =
        (prop::option::of(day()), day(), timestamp(), prop::option::of(timestamp()), prop::option::of(invitation()));
    let facts = (any::<(bool, bool, bool, bool)>(), access(), prop::option::of(phone()));
    (texts, ids, times, facts).prop_map(|(texts, ids, times, facts)| {
        let (first, last, preferred_name, email, other, external_id) = texts;
        let (same, suspended, registered, direct) = facts.0;
        Entry {
            version: ids.1,
            preferred_name,
            portal_email: if same { email.clone() } else { other },
            email,
            phone_country: facts.2.as_ref().map(|_| "US".to_owned()),
            phone: facts.2,
            date_of_birth: times.0,
            external_id,
            join_date: times.1,
            created_at: times.2,
            tags: ids.2.into_iter().map(tag).collect(),
            ownership: if direct { Ownership::Direct } else { Ownership::Practice },
            assigned_staff: ids.3.map(staff),
            seen_by: ids.4.into_iter().map(|(id, until)| (staff(id), until)).collect(),
            suspended,
            registered,
            access: facts.1,
            last_sign_in_at: times.3,
            invitation: times.4,
            ..plain(ids.0, &first, &last)
        }
    })
}

pub(super) fn change() -> impl Strategy<Value = Change> {
    prop_oneof![
        4 => entry().prop_map(Change::Put),
        1 => any::<(u128, u64)>().prop_map(|(id, version)| Change::Gone { id: client(id), version }),
    ]
}
