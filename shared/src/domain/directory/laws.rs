//! What must hold for any practice: search against a plain reading of the rules, and the log against its replays.

use proptest::prelude::*;

use super::samples::{self, client, staff, tag};
use super::spelling::{spelled, spelled_out, words};
use super::*;
use crate::domain::client::{Ownership, Status};
use crate::domain::ids::{ClientId, TagId};
use crate::domain::text::fold;

/// Country code and the rest, so that the oracle need not take them apart.
const PHONES: [(&str, &str); 6] = [
    ("1", "4155550134"),
    ("49", "305557634"),
    ("353", "14155501"),
    ("7", "9161234567"),
    ("39", "0612345678"),
    ("1", "3055576340"),
];
const TAGS: [&str; 4] = ["VIP", "Group Ä", "0134", "an.x"];

fn tag_names() -> Vec<(TagId, String)> {
    TAGS.iter().zip(0..).map(|(name, n)| (tag(n), fold(name))).collect()
}

fn name() -> impl Strategy<Value = String> {
    prop::sample::select(vec!["Anna", "Änne", "anna maria", "Søren", "Banan", "Weiß", "O'Neil", "A", "nan", "山田", ""])
        .prop_map(str::to_owned)
}

fn small_entry() -> impl Strategy<Value = Entry> {
    let mail = prop::option::of(prop::sample::select(vec![
        "an@x.example",
        "Anna.0134@mail.example",
        "ÄN@x.example",
        "12-34@x.example",
    ]));
    let ids = (
        0u128..16,
        1u64..5,
        prop::collection::vec(0u128..5, 0..3),
        prop::option::of(0u128..3),
        prop::collection::vec(0u128..3, 0..2),
    );
    let facts = (
        any::<(bool, bool, bool)>(),
        samples::access(),
        prop::option::of(prop::sample::select(PHONES.to_vec())),
        1i8..4,
    );
    (name(), name(), prop::option::of(name()), mail, ids, facts).prop_map(
        |(first, last, preferred_name, mail, ids, facts)| {
            let ((suspended, registered, direct), access, phone, day) = facts;
            let (id, version, tags, assigned, seen) = ids;
            Entry {
                version,
                preferred_name,
                email: mail.map(str::to_owned),
                phone: phone.map(|(code, rest)| format!("+{code}{rest}")),
                join_date: jiff::civil::date(2026, 1, day),
                tags: tags.into_iter().map(tag).collect(),
                ownership: if direct { Ownership::Direct } else { Ownership::Practice },
                assigned_staff: assigned.map(staff),
                seen_by: seen
                    .into_iter()
                    .map(|id| (staff(id), jiff::civil::date(2026, 2, 1 + (id % 3) as i8)))
                    .collect(),
                suspended,
                registered,
                access,
                ..samples::plain(id, &first, &last)
            }
        },
    )
}

fn typed() -> impl Strategy<Value = Option<String>> {
    let part = prop::sample::select(vec![
        "an",
        "ANNA",
        "ä",
        "n",
        "nan ann",
        "x.example",
        "@",
        "group",
        "vip",
        "0134",
        "134",
        "(415) 555",
        "415",
        "0305",
        "030 555",
        "+49 (0)30",
        "0049 30",
        "01",
        "06",
        "555-01",
        "12-34",
        "+",
        "-",
        ".",
        "ss",
        "soren",
        "山",
        "anna maria",
        "example 1",
        "011 49",
        "7",
        "\u{301}",
    ]);
    let parts = prop::collection::vec(part, 0..3).prop_map(|parts| parts.join(" "));
    prop::option::of(prop_oneof![4 => parts, 1 => "\\PC{0,4}"])
}

fn query() -> impl Strategy<Value = (Query, Scope)> {
    let status = prop::option::of(prop::sample::select(vec![Status::Active, Status::Pending, Status::Inactive]));
    let sort = prop::sample::select(vec![Sort::Name, Sort::NameDescending, Sort::JoinDate, Sort::JoinDateDescending]);
    let by = prop::option::of(prop::option::of(0u128..4))
        .prop_map(|by| by.map(|id| id.map_or(StaffFilter::Unassigned, |id| StaffFilter::Is(staff(id)))));
    let filters = (status, prop::collection::vec(0u128..6, 0..2), by, prop::option::of(samples::access()), sort);
    let scope = (prop::option::of(prop::collection::vec(0u128..4, 0..3)), 1i8..5).prop_map(|(ids, day)| {
        let of = |ids: Vec<u128>| ids.into_iter().map(staff).collect();
        ids.map_or(Scope::All, |ids| Scope::Staff { of: of(ids), since: jiff::civil::date(2026, 2, day) })
    });
    (typed(), filters, scope).prop_map(|(text, (status, tags, staff, portal, sort), scope)| {
        let tags_any = tags.into_iter().map(tag).collect();
        (Query { text, status, tags_any, staff, portal, sort, limit: usize::MAX, after: None }, scope)
    })
}

fn digits(text: &str) -> String {
    text.chars().filter(char::is_ascii_digit).collect()
}

/// The phone rule of A4, read plainly.
fn phone_has(entry: &Entry, typed: &str) -> bool {
    let Some(phone) = entry.phone.as_deref() else {
        return false;
    };
    let wanted = digits(typed);
    if wanted.is_empty() || !typed.chars().all(|c| c.is_ascii_digit() || "+()-./ ".contains(c)) {
        return false;
    }
    let (code, rest) =
        PHONES.into_iter().find(|(code, rest)| phone == format!("+{code}{rest}")).expect("a known phone");
    let mut abroad = Vec::new();
    abroad.extend(typed.trim().starts_with('+').then(|| wanted.clone()));
    abroad.extend(
        ["00", "011"].iter().filter_map(|p| wanted.strip_prefix(p)).filter(|d| !d.is_empty()).map(str::to_owned),
    );
    phone.contains(&wanted)
        || wanted.strip_prefix('0').is_some_and(|national| !national.is_empty() && rest.starts_with(national))
        || abroad.iter().any(|d| {
            digits(phone).starts_with(d) || d.strip_prefix(&format!("{code}0")).is_some_and(|d| rest.starts_with(d))
        })
}

/// Every spelling of a field.
fn spellings(text: &str) -> Vec<String> {
    std::iter::once(spelled(text)).chain(spelled_out(text)).collect()
}

fn fields(entry: &Entry) -> Vec<(Matched, Vec<String>)> {
    let mut out =
        vec![(Matched::FirstName, spellings(&entry.first_name)), (Matched::LastName, spellings(&entry.last_name))];
    out.extend(entry.preferred_name.as_deref().map(|n| (Matched::PreferredName, spellings(n))));
    out.extend(entry.email.as_deref().map(|e| (Matched::Email, spellings(e))));
    let names = tag_names();
    out.extend(
        entry
            .tags
            .iter()
            .filter_map(|t| names.iter().find(|(id, _)| id == t))
            .map(|(_, n)| (Matched::Tag, vec![spelled(n)])),
    );
    out
}

/// Every reason a client is found, or none if it is not.
fn oracle_text(entry: &Entry, text: &str) -> Option<Vec<Matched>> {
    let words = words(text);
    let plain: Vec<&str> = words.iter().map(|word| word.plain.as_str()).collect();
    let whole = words.len() > 1
        && !digits(&plain.concat()).is_empty()
        && plain.concat().chars().all(|c| c.is_ascii_digit() || "+()-./".contains(c));
    let mut reasons = Vec::new();
    let phone = whole && phone_has(entry, &plain.join(" "));
    reasons.extend(phone.then_some(Matched::Phone));
    let mut all = Vec::new();
    let every = words.iter().all(|word| {
        let has = |texts: &[String]| texts.iter().any(|text| word.spellings.iter().any(|one| text.contains(one)));
        let mut hits: Vec<_> =
            fields(entry).into_iter().filter(|(_, texts)| has(texts)).map(|(field, _)| field).collect();
        // What is left of a word without its marks may be digits: `'³`.
        let stands = |one: &String| entry.phone.as_deref().is_some_and(|phone| digits(phone).contains(one.as_str()));
        let phone = phone_has(entry, &word.plain) || word.spellings.iter().any(stands);
        hits.extend((!whole && phone).then_some(Matched::Phone));
        all.extend(hits.clone());
        !hits.is_empty()
    });
    if every {
        reasons.extend(all);
    }
    reasons.sort_unstable();
    reasons.dedup();
    (every || phone).then_some(reasons)
}

/// A single name is sorted as a last one.
fn sorted_by(entry: &Entry) -> (String, String, ClientId) {
    let (last, first) = (spelled(&entry.last_name), spelled(&entry.first_name));
    if last.is_empty() { (first, last, entry.id) } else { (last, first, entry.id) }
}

fn oracle(entries: &[Entry], query: &Query, scope: &Scope) -> (Vec<(Entry, Vec<Matched>)>, StatusCounts) {
    let visible = |e: &Entry| match scope {
        Scope::All => true,
        Scope::Staff { of, since } => {
            e.assigned_staff.is_some_and(|s| of.contains(&s))
                || e.ownership == Ownership::Practice
                    && e.seen_by.iter().any(|(s, until)| of.contains(s) && until >= since)
        }
    };
    let kept = |e: &Entry| {
        (query.tags_any.is_empty() || query.tags_any.iter().any(|t| e.tags.contains(t)))
            && query.portal.is_none_or(|access| e.access == access)
            && query.staff.is_none_or(|by| match by {
                StaffFilter::Unassigned => e.assigned_staff.is_none(),
                StaffFilter::Is(staff) => e.assigned_staff == Some(staff),
            })
    };
    let found = |e: &Entry| query.text.as_deref().map_or(Some(Vec::new()), |text| oracle_text(e, text));
    let mut rows: Vec<_> =
        entries.iter().filter(|e| visible(e) && kept(e)).filter_map(|e| Some((e.clone(), found(e)?))).collect();
    let count = |status| rows.iter().filter(|(e, _)| e.status() == status).count();
    let counts = StatusCounts {
        active: count(Status::Active),
        pending: count(Status::Pending),
        inactive: count(Status::Inactive),
    };
    rows.retain(|(e, _)| query.status.is_none_or(|status| e.status() == status));
    match query.sort {
        Sort::Name | Sort::NameDescending => rows.sort_by_key(|(e, _)| sorted_by(e)),
        Sort::JoinDate | Sort::JoinDateDescending => rows.sort_by_key(|(e, _)| (e.join_date, e.id)),
    }
    if matches!(query.sort, Sort::NameDescending | Sort::JoinDateDescending) {
        rows.reverse();
    }
    (rows, counts)
}

/// The entries that remain when each id's newest version counts.
fn newest(changes: &[Change]) -> Vec<Entry> {
    let ids: std::collections::BTreeSet<_> = changes.iter().map(Change::id).collect();
    let last = |id| {
        changes.iter().filter(move |c| c.id() == id).max_by_key(|c| (c.version(), matches!(c, Change::Gone { .. })))
    };
    ids.into_iter()
        .filter_map(|id| if let Some(Change::Put(entry)) = last(id) { Some(entry.clone()) } else { None })
        .collect()
}

/// Changes of a few clients; one content per client and version.
fn history() -> impl Strategy<Value = Vec<Change>> {
    let change = prop_oneof![
        5 => small_entry().prop_map(Change::Put),
        1 => (0u128..16, 1u64..5).prop_map(|(id, version)| Change::Gone { id: client(id), version }),
    ];
    prop::collection::vec(change, 0..40).prop_map(|changes| {
        let mut seen = std::collections::HashSet::new();
        changes.into_iter().filter(|c| seen.insert((c.id(), c.version(), matches!(c, Change::Gone { .. })))).collect()
    })
}

fn replay(changes: &[Change]) -> Directory {
    let mut directory = Directory::default();
    for change in changes {
        directory.apply(change.clone());
    }
    directory
}

/// Some entries in the snapshot, the rest of the history on top.
fn split(changes: &[Change], at: usize) -> Directory {
    let (before, after) = changes.split_at(at);
    let mut directory = Directory::from_chunks(encode_chunks(newest(before))).expect("chunks");
    // Deletions are not in a snapshot: the log is read from before them.
    for change in before.iter().chain(after) {
        directory.apply(change.clone());
    }
    directory
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    // A1, A4, A5, decision 5
    #[test]
    fn a_search_finds_what_a_plain_reading_of_the_rules_finds(changes in history(), at: prop::sample::Index, asked in prop::collection::vec(query(), 1..6)) {
        let directory = split(&changes, at.index(changes.len() + 1));
        let entries = newest(&changes);
        for (query, scope) in asked {
            let (rows, counts) = oracle(&entries, &query, &scope);
            let page = directory.search(&query, &scope, &tag_names());
            prop_assert_eq!(&page.rows, &rows, "{:?} {:?}", query.text, scope);
            prop_assert_eq!((page.total, page.counts, page.next), (rows.len(), counts, None));
            let visible = oracle(&entries, &Query::default(), &scope).1;
            prop_assert_eq!(directory.counts(&scope), visible);
        }
    }

    // A1
    #[test]
    fn pages_join_to_the_whole_list(changes in history(), (query, scope) in query(), limit in 1usize..5, at: prop::sample::Index) {
        let directory = split(&changes, at.index(changes.len() + 1));
        let whole = directory.search(&query, &scope, &tag_names());
        let mut paged = Vec::new();
        let mut after = None;
        loop {
            let page = directory.search(&Query { limit, after, ..query.clone() }, &scope, &tag_names());
            prop_assert_eq!((page.total, page.counts), (whole.total, whole.counts));
            paged.extend(page.rows);
            let Some(next) = page.next else { break };
            let text = serde_json::to_string(&next).expect("a position");
            after = Some(serde_json::from_str(&text).expect("a position"));
        }
        prop_assert_eq!(paged, whole.rows);
    }

    // decision 20
    #[test]
    fn the_order_of_changes_and_replays_do_not_matter(changes in history(), seed: u64) {
        let mut shuffled = [changes.as_slice(), &changes].concat();
        shuffled.sort_by_key(|c| samples::noise(seed ^ c.version() ^ (c.id().uuid().as_u128() as u64) << 8 ^ u64::from(matches!(c, Change::Put(_))) << 16));
        let (one, other) = (replay(&changes), replay(&shuffled));
        prop_assert_eq!(&one, &other);
        prop_assert_eq!(one.encode_chunks(), other.encode_chunks());
        let mut entries = newest(&changes);
        prop_assert_eq!(one.len(), entries.len());
        for entry in &entries {
            let held = one.get(entry.id);
            prop_assert_eq!(held.as_ref(), Some(entry));
        }
        entries.sort_by_key(sorted_by);
        prop_assert_eq!(one.entries().collect::<Vec<_>>(), entries);
    }

    // decision 20
    #[test]
    fn a_directory_reads_back_from_its_chunks(entries in prop::collection::vec(samples::entry(), 0..12)) {
        let directory = replay(&entries.into_iter().map(Change::Put).collect::<Vec<_>>());
        let chunks = directory.encode_chunks();
        let read = Directory::from_chunks(&chunks).expect("chunks");
        prop_assert_eq!(&read, &directory);
        prop_assert_eq!(read.encode_chunks(), chunks);
    }

    #[test]
    fn no_text_makes_the_search_panic(entries in prop::collection::vec(samples::entry(), 0..4), text: String) {
        let directory = replay(&entries.into_iter().map(Change::Put).collect::<Vec<_>>());
        let _ = directory.search(&Query { text: Some(text), ..Query::default() }, &Scope::All, &tag_names());
    }
}
