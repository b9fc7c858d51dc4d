//! The keys that are built are the keys that are listed, and no two kinds of item can meet at one key.

use std::collections::BTreeSet;

use caseload::domain::ids::{
    AppointmentId, ClientId, ExportId, FileId, ImportId, InvoiceId, PaymentId, PracticeId, SessionId, StaffId,
};
use caseload::domain::practice::Slug;
use caseload::domain::session::PrincipalId;
use caseload::store::keys::{self, Key};
use caseload::store::patterns::{PATTERNS, Pattern};
use jiff::civil::date;
use uuid::Uuid;

/// One part of a key between two `#`.
#[derive(Debug, Clone, Copy)]
enum Part<'a> {
    Exactly(&'a str),
    Digits,
    Id,
    /// A hash or a word.
    Text,
}

fn parts(pattern: &str) -> Vec<Part<'_>> {
    let part = |text| match text {
        "<shard>" | "<year>" | "<day>" | "<window>" | "<number>" => Part::Digits,
        "<practice>" | "<client>" | "<staff>" | "<file>" | "<invoice>" | "<payment>" | "<session>" | "<import>"
        | "<appointment>" | "<export>" | "<snapshot>" | "<time-ordered id>" => Part::Id,
        hole if hole.starts_with('<') => Part::Text,
        exact => Part::Exactly(exact),
    };
    pattern.split('#').map(part).collect()
}

impl Part<'_> {
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
            (Self::Exactly(text), part) | (part, Self::Exactly(text)) => part.takes(text),
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
    let (pattern, text): (Vec<_>, Vec<_>) = (parts(pattern), text.split('#').collect());
    pattern.len() == text.len() && pattern.into_iter().zip(text).all(|(part, text)| part.takes(text))
}

fn built() -> Vec<(&'static str, Key)> {
    let id = |n: u128| Uuid::from_u128(0x0199_0000_0000_7000_8000_0000_0000_0000 + n);
    let (practice, client, staff) =
        (PracticeId::from_uuid(id(1)), ClientId::from_uuid(id(2)), StaffId::from_uuid(id(3)));
    let (file, invoice) = (FileId::new(client, id(4)), InvoiceId::new(client, id(5)));
    let (payment, session, import) =
        (PaymentId::new(client, id(6)), SessionId::from_uuid(id(7)), ImportId::from_uuid(id(8)));
    let slug = Slug::parse("harbor").expect("a slug");
    let hash = "kZ0-_hashOfSomething";
    let mut all = vec![
        ("practice", keys::practice(practice)),
        ("catalog", keys::catalog(practice)),
        ("team", keys::team(practice)),
        ("invoice_counter", keys::invoice_counter(practice, 2026)),
        ("staff", keys::staff(practice, staff)),
        ("client", keys::client(practice, client)),
        ("file", keys::file(practice, file)),
        ("file_quota", keys::file_quota(practice, client)),
        ("invoice", keys::invoice(practice, invoice)),
        ("payment", keys::payment(practice, payment)),
        ("checkout", keys::checkout(practice, payment)),
        ("appointment", keys::appointment(practice, AppointmentId::new(client, id(13)))),
        ("export", keys::export(practice, ExportId::new(client, id(14)))),
        ("appointment_summary", keys::appointment_summary(practice, client)),
        ("calendar_day", keys::calendar_day(practice, staff, date(2026, 11, 22))),
        ("login_guard", keys::login_guard(practice, hash)),
        ("staff_address", keys::staff_address(practice, hash)),
        ("duplicate_hint", keys::duplicate_hint(practice, hash)),
        ("deletion", keys::deletion(client, practice)),
        ("handover", keys::handover(date(2026, 12, 1), client, practice)),
        ("compaction", keys::compaction(practice)),
        ("slug", keys::slug(&slug)),
        ("staff_identity", keys::staff_identity(hash)),
        ("staff_candidate", keys::staff_candidate(hash, practice)),
        ("directory_head", keys::directory_head(practice)),
        ("directory_chunk", keys::directory_chunk(practice, id(9), 12)),
        ("directory_log", keys::directory_log(practice, id(10))),
        ("import", keys::import(practice, import)),
        ("import_run", keys::import_run(practice, import)),
        ("anonymous_idempotency", keys::anonymous_idempotency(hash)),
        ("audit", keys::audit(practice, date(2026, 11, 22), id(11))),
        ("outbox", keys::outbox(id(12))),
        ("resend_registry", keys::resend_registry(practice)),
        ("webhook_event", keys::webhook_event(hash)),
        ("decoy", keys::decoy(hash, 2)),
        ("second_factor", keys::second_factor(practice, staff)),
        ("rate", keys::rate("sign-in", hash, 29_921_224)),
    ];
    for principal in [PrincipalId::Staff(staff), PrincipalId::Client(client)] {
        all.push(("session", keys::session(practice, principal, session)));
        all.push(("sign_in_link", keys::sign_in_link(practice, principal)));
        all.push(("idempotency", keys::idempotency(practice, principal, hash)));
    }
    all
}

/// The functions of the key file that build a whole key.
fn builders() -> BTreeSet<&'static str> {
    let source = include_str!("../../../shared/src/store/keys.rs");
    let signatures = source.lines().filter(|line| line.starts_with("pub fn ") && line.ends_with("-> Key {"));
    signatures.filter_map(|line| line.strip_prefix("pub fn ")?.split('(').next()).collect()
}

// decision 18
#[test]
fn every_key_that_is_built_is_listed() {
    let built = built();
    assert_eq!(built.iter().map(|(name, _)| *name).collect::<BTreeSet<_>>(), builders());
    let mut used = BTreeSet::new();
    for (name, key) in &built {
        let entity = match *name {
            "anonymous_idempotency" => "idempotency",
            "slug" => "slug_guard",
            name => name,
        };
        let found: Vec<_> =
            spelled_out().into_iter().filter(|(_, pk, sk)| fits(pk, &key.pk) && fits(sk, &key.sk)).collect();
        let entities: Vec<_> = found.iter().map(|(entity, ..)| *entity).collect();
        assert_eq!(entities, [entity], "{name} builds {key:?}");
        used.extend(found);
    }
    assert_eq!(used, spelled_out().into_iter().collect(), "a listed pattern is built by nobody");
}

// decision 18
#[test]
fn no_two_patterns_can_meet_at_one_key() {
    let meet = |a: &str, b: &str| {
        let (a, b) = (parts(a), parts(b));
        a.len() == b.len() && a.into_iter().zip(b).all(|(a, b)| a.meets(b))
    };
    let all = spelled_out();
    for (place, (one, pk, sk)) in all.iter().enumerate() {
        for (other, other_pk, other_sk) in &all[place + 1..] {
            assert!(!(meet(pk, other_pk) && meet(sk, other_sk)), "{one} {pk} {sk} and {other} {other_pk} {other_sk}");
        }
    }
}
