use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;
use uuid::Uuid;

use super::super::plan::Duplicates;
use super::super::report::{ReportKind, RowReport};
use super::super::samples::{self, Plain};
use super::*;
use crate::domain::catalog::{Catalog, StaffCard};
use crate::domain::client::{ImportStamp, Status};
use crate::domain::ids::{ImportId, PracticeId};
use crate::domain::portal::{Access, InvitationState, InviteTerms};
use crate::domain::text::{FullName, TagName};
use Duplicates::{Create, Skip, UpdateAll, UpdateBlanks};

const NEW: &str = "created";

fn staff(number: u128) -> StaffId {
    StaffId::from_uuid(Uuid::from_u128(number))
}

fn old() -> ClientId {
    ClientId::from_uuid(Uuid::from_u128(7))
}

fn at() -> Timestamp {
    Timestamp::from_second(1_795_000_000).expect("a time")
}

/// The row of the second line.
fn open(csv: &str) -> OpenRow {
    let row = samples::clients(csv.as_bytes()).remove(0);
    let existing = Some(old());
    OpenRow { identity: row.identity(), row: Box::new(row), existing, shared: false }
}

fn again_on(line: u64, csv: &str) -> OpenRow {
    let mut open = open(csv);
    open.row.line = line;
    open
}

/// An import of an admin, and a practice with one client.
struct Desk {
    terms: Terms,
    known: Known,
    clients: KnownClients,
}

impl Desk {
    fn new(duplicates: Duplicates, stored: &str) -> Self {
        let practice = PracticeId::from_uuid(Uuid::nil());
        let import = ImportId::from_uuid(Uuid::from_u128(1));
        let (ownership, importer) = (Ownership::Practice, staff(1));
        let (admin, clinical, labels) = (true, true, true);
        let (at, day) = (at(), samples::today());
        let terms = Terms { import, practice, duplicates, ownership, importer, admin, clinical, labels, at, day };
        let known = Known::new(std::iter::empty(), Catalog::new(practice));
        let profile = profile(&open(stored).row, &BTreeSet::new());
        let client = Client::new(old(), practice, profile, ownership, None, at - SignedDuration::from_hours(9), day);
        let there = KnownClient { client, visible: true, changeable: true };
        Self { terms, known, clients: KnownClients::from([(old(), there)]) }
    }

    fn stored(&mut self) -> &mut KnownClient {
        self.clients.get_mut(&old()).expect("a client")
    }

    fn judge(&mut self, open: &OpenRow) -> Verdict {
        Judge::new(&self.terms, &Plain, &mut self.known, &self.clients).judge(open)
    }

    /// What the report says of the row: its outcome, or the code of why it is left out.
    fn told(&mut self, open: &OpenRow) -> String {
        let RowReport { outcome, code, .. } = self.judge(open).report(&open.row, ReportKind::Commit);
        code.map_or_else(|| format!("{outcome:?}").to_lowercase(), Into::into)
    }

    fn written(&mut self, open: &OpenRow) -> Client {
        self.judge(open).written().expect("a client").0.clone()
    }

    fn warnings(&mut self, open: &OpenRow) -> Vec<RowWarning> {
        self.judge(open).warnings.into_iter().collect()
    }
}

const STORED: &str = "first,last,email,city\nAda,Lovelace,ada@b.example,London\n";
const MOVED: &str = "first,last,email,city\nAda,Lovelace,ada@b.example,Paris\n";
const FULLER: &str = "first,last,email,city,gender\nAda,Lovelace,ada@b.example,London,female\n";

// C6, C10
#[test]
fn a_row_of_a_client_that_is_there_does_what_was_chosen() {
    for (duplicates, csv, wanted) in [
        (Skip, STORED, "unchanged"),
        (Skip, MOVED, DUPLICATE_EXISTING),
        (Skip, FULLER, DUPLICATE_EXISTING),
        (UpdateBlanks, STORED, "unchanged"),
        (UpdateBlanks, MOVED, "unchanged"),
        (UpdateBlanks, FULLER, "updated"),
        (UpdateAll, STORED, "unchanged"),
        (UpdateAll, MOVED, "updated"),
        (UpdateAll, FULLER, "updated"),
    ] {
        assert_eq!(Desk::new(duplicates, STORED).told(&open(csv)), wanted, "{duplicates:?} {csv}");
    }
    let created = OpenRow { existing: None, ..open(STORED) };
    assert_eq!(Desk::new(Create, STORED).told(&created), NEW);
}

// C6, INV-19
#[test]
fn an_updated_client_has_the_next_version_and_the_trace_of_its_row() {
    let mut desk = Desk::new(UpdateAll, STORED);
    let before = desk.stored().client.clone();
    let after = desk.written(&open(MOVED));
    assert_eq!(after.profile.address.city.as_ref().map(|city| city.as_str()), Some("Paris"));
    let import = Some(ImportStamp { import: desk.terms.import, line: 2, created: false });
    let wanted = Client { profile: after.profile.clone(), version: before.version + 1, import, ..before };
    assert_eq!(after, wanted);
}

// C6: what the importer may not change stays as it is
#[test]
fn a_client_that_the_importer_may_not_change_stays_as_it_is() {
    for duplicates in [UpdateBlanks, UpdateAll] {
        let mut desk = Desk::new(duplicates, STORED);
        desk.stored().changeable = false;
        assert_eq!(desk.told(&open(FULLER)), DUPLICATE_EXISTING);
        assert_eq!(
            Desk { known: Known::new(std::iter::empty(), desk.known.catalog.clone()), ..desk }.told(&open(STORED)),
            "unchanged"
        );
    }
}

// L16, decision 5: nobody learns of a client that is not theirs to see
#[test]
fn a_client_that_the_importer_does_not_see_is_as_good_as_absent() {
    for duplicates in [Skip, UpdateBlanks, UpdateAll] {
        let mut desk = Desk::new(duplicates, STORED);
        desk.stored().visible = false;
        assert_eq!(desk.told(&open(STORED)), NEW);
    }
}

// C6: the directory may be behind
#[test]
fn a_record_that_is_somebody_else_by_now_is_no_match() {
    let mut desk = Desk::new(UpdateAll, STORED);
    assert_eq!(desk.told(&open("first,last,email\nBo,Li,bo@b.example\n")), NEW);
    desk.clients.clear();
    assert_eq!(desk.told(&open(STORED)), NEW);
}

// C6: two rows that are the same client by different marks
#[test]
fn a_client_is_updated_by_one_row_of_a_file() {
    let mut desk = Desk::new(UpdateAll, STORED);
    assert_eq!(desk.told(&open(MOVED)), "updated");
    assert_eq!(desk.told(&again_on(3, FULLER)), DUPLICATE_IN_FILE);
    assert_eq!(desk.told(&open(MOVED)), "updated");
    assert_eq!(desk.known.updated, HashMap::from([(old(), 2)]));
    // Where nothing is updated, nobody is first.
    let mut desk = Desk::new(Skip, STORED);
    assert_eq!([desk.told(&open(STORED)), desk.told(&again_on(3, STORED))], ["unchanged", "unchanged"]);
}

// C8, A2
#[test]
fn a_new_client_is_pending_and_was_never_invited() {
    let mut desk = Desk::new(Skip, STORED);
    let client = desk.written(&open("first,last,status,join date\nBo,Li,active,2019-02-28\n"));
    assert_eq!((client.id, client.status(), client.version), (Plain.of_client(2), Status::Pending, 1));
    assert_eq!(
        (client.portal.access, &client.portal.invitation, client.portal.consent_at),
        (Access::None, &None, None)
    );
    assert_eq!((client.created_at, client.join_date.to_string()), (at(), "2019-02-28".to_owned()));
    assert_eq!(client.import, Some(ImportStamp { import: desk.terms.import, line: 2, created: true }));
    let client = desk.written(&open("first,last,status\nBo,Li,inactive\n"));
    assert_eq!((client.status(), client.suspended_at), (Status::Inactive, Some(at())));
    assert_eq!(client.join_date, desk.terms.day);
}

// C6: a family
#[test]
fn a_new_client_with_a_mailbox_of_somebody_else_is_worth_a_look() {
    let mut desk = Desk::new(Skip, STORED);
    let family = "first,last,email\nBo,Lovelace,ada@b.example\n";
    assert_eq!(desk.warnings(&OpenRow { shared: true, ..open(family) }), [RowWarning::EmailShared]);
    assert_eq!(desk.warnings(&open(family)), []);
    assert_eq!(desk.warnings(&OpenRow { shared: true, ..open(STORED) }), []);
}

// decision 9
#[test]
fn another_address_ends_the_invitation_to_the_one_before() {
    let invited = || {
        let mut desk = Desk::new(UpdateAll, STORED);
        // The same client under another address is known by its birthday.
        let client = &mut desk.stored().client;
        client.profile.date_of_birth = Some(samples::today());
        let (expires_after, seed) = (SignedDuration::from_hours(24), Uuid::nil());
        let terms = InviteTerms { email: None, consent: true, message: None, automatic: false, expires_after, seed };
        client.invite(true, terms, at()).expect("an invitation");
        desk
    };
    let after = |csv: &str| invited().written(&open(csv)).portal.invitation.map(|invitation| invitation.state);
    assert_eq!(after(MOVED), Some(InvitationState::Queued));
    let same = "first,last,email,city\nAda,Lovelace,ADA@b.example,Paris\n";
    assert_eq!(after(same), Some(InvitationState::Queued));
    let other = "first,last,email,date of birth\nAda,Lovelace,other@b.example,2026-11-21\n";
    assert_eq!(after(other), Some(InvitationState::Revoked));
    let none = "first,last,email,date of birth\nAda,Lovelace,__CLEAR__,2026-11-21\n";
    assert_eq!(after(none), Some(InvitationState::Revoked));
}

// decision 5
#[test]
fn a_new_client_belongs_to_whom_the_row_names_if_the_importer_may_give_it() {
    use Ownership::{Direct, Practice};
    let (me, tess) = (Some(staff(1)), Some(staff(2)));
    for (admin, ownership, named, assigned, unknown) in [
        (true, Direct, "", me, false),
        (true, Direct, "Tess Bérg", tess, false),
        (true, Direct, " tess  BERG ", tess, false),
        (true, Direct, "Nobody Here", me, true),
        (true, Practice, "", None, false),
        (true, Practice, "Tess Berg", tess, false),
        (true, Practice, "Nobody Here", None, true),
        (true, Practice, "Gone Away", None, true),
        // Neither of two people of one name is meant for certain.
        (true, Practice, "Kim Twin", None, true),
        (false, Direct, "", me, false),
        (false, Direct, "Dana Owner", me, false),
        (false, Direct, "Tess Berg", me, true),
        (false, Practice, "Tess Berg", me, true),
        (false, Practice, "Nobody Here", me, true),
    ] {
        let mut desk = Desk::new(Skip, STORED);
        desk.terms = Terms { admin, ownership, ..desk.terms };
        let people = ["Dana Owner", "Tess Berg", "Gone Away", "Kim Twin", "Kim Twin"];
        desk.known.catalog.staff = (1..)
            .zip(people)
            .map(|(number, name)| {
                let full_name = FullName::parse(name).expect("a name");
                (staff(number), StaffCard { full_name, active: name != "Gone Away" })
            })
            .collect();
        let open = open(&format!("first,last,therapist\nBo,Li,{named}\n"));
        let client = desk.written(&open);
        assert_eq!((client.ownership, client.assigned_staff), (ownership, assigned), "{admin} {named}");
        assert_eq!(desk.warnings(&open).contains(&RowWarning::StaffUnknown), unknown, "{admin} {named}");
    }
}

// decision 5: by address, in either order, with title or credentials, where exactly one fits
#[test]
fn a_row_names_staff_in_the_ways_people_write_them() {
    let mut desk = Desk::new(Skip, STORED);
    let full_name = FullName::parse("Ines Berg").expect("a name");
    desk.known.catalog.staff = [(staff(2), StaffCard { full_name, active: true })].into();
    desk.known.addresses = HashMap::from([("ines@clinic.example".to_owned(), staff(2))]);
    for named in
        ["Ines@clinic.example", "Ines Berg, LMFT", "Berg, Ines", "Dr. Ines Berg", "Ines Berg LMFT", "BERG  Ines"]
    {
        let open = open(&format!("first,last,therapist\nBo,Li,\"{named}\"\n"));
        assert_eq!(desk.written(&open).assigned_staff, Some(staff(2)), "{named}");
    }
    for named in ["other@clinic.example", "Ines", "Ines Bergmann"] {
        let open = open(&format!("first,last,therapist\nBo,Li,\"{named}\"\n"));
        assert_eq!(desk.warnings(&open), [RowWarning::StaffUnknown], "{named}");
    }
}

// C6: nobody is renamed by a list
#[test]
fn an_external_id_joins_and_renames_nobody() {
    let mut desk = Desk::new(UpdateAll, "first,last,id,city\nAda,Lovelace,7,London\n");
    let married = open("first,last,id,city\nAda,King,7,Paris\n");
    let after = desk.written(&married);
    assert_eq!((after.profile.last_name.as_str(), desk.warnings(&married)), ("Lovelace", vec![RowWarning::NameKept]));
    assert_eq!(after.profile.address.city.as_ref().map(|city| city.as_str()), Some("Paris"));
}

// B7, C10: what there was no room for is told again
#[test]
fn labels_without_room_are_told_again_when_a_row_is_judged_again() {
    let mut desk = Desk::new(UpdateAll, STORED);
    for number in 0..Catalog::MAX_TAGS as u128 {
        let name = TagName::parse(&format!("tag {number}")).expect("a name");
        desk.known.catalog.tag_or_new(&name, TagId::from_uuid(Uuid::from_u128(number)));
    }
    let row = open("first,last,email,city,tags\nAda,Lovelace,ada@b.example,Paris,grief\n");
    assert_eq!(desk.warnings(&row), [RowWarning::TagsFull]);
    let client = desk.written(&row);
    desk.stored().client = client;
    assert_eq!(desk.warnings(&row), [RowWarning::TagsFull]);
}

// B7, L5
#[test]
fn labels_there_is_no_room_or_no_leave_for_are_left_out_with_a_warning() {
    let new = "first,last,tags\nBo,Li,grief\n";
    let there = "first,last,email,tags\nAda,Lovelace,ada@b.example,grief\n";
    for csv in [new, there] {
        let mut desk = Desk::new(UpdateAll, STORED);
        assert_eq!(desk.written(&open(csv)).profile.tags, BTreeSet::from([Plain.of_label("grief")]));
        assert_eq!((desk.known.catalog.tags.len(), desk.warnings(&open(csv))), (1, vec![]));
        for (labels, warning) in [(false, RowWarning::TagsNotAllowed), (true, RowWarning::TagsFull)] {
            let mut desk = Desk::new(UpdateAll, STORED);
            desk.terms.labels = labels;
            for number in (0..Catalog::MAX_TAGS as u128).filter(|_| labels) {
                let name = TagName::parse(&format!("tag {number}")).expect("a name");
                desk.known.catalog.tag_or_new(&name, TagId::from_uuid(Uuid::from_u128(number)));
            }
            assert_eq!(desk.warnings(&open(csv)), [warning], "{csv}");
            let written = desk.judge(&open(csv)).written().map(|(client, _)| client.profile.tags.clone());
            assert_eq!(written, (csv == new).then(BTreeSet::new));
        }
    }
}

fn city() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec!["", "London", "Paris", "__CLEAR__"])
}

proptest! {
    // C10, INV-13
    #[test]
    fn a_row_decided_again_after_it_was_written_comes_to_the_same(
        duplicates in prop::sample::select(vec![Skip, UpdateBlanks, UpdateAll, Create]),
        stored in city().prop_filter("a value", |city| *city != "__CLEAR__"),
        city in city(), gender in "(female)?", tags in "(grief)?(; emdr)?", name in "(Ada|Bo)",
        visible: bool, changeable: bool, labels: bool, restarted: bool,
    ) {
        let stored = format!("first,last,email,city\nAda,Lovelace,ada@b.example,{stored}\n");
        let mut desk = Desk::new(duplicates, &stored);
        desk.terms.labels = labels;
        (desk.stored().visible, desk.stored().changeable) = (visible, changeable);
        let header = "first,last,email,city,gender,tags";
        let mut open = open(&format!("{header}\n{name},Lovelace,ada@b.example,{city},{gender},{tags}\n"));
        open.existing = open.existing.filter(|_| duplicates != Create);
        let first = desk.judge(&open);
        if let Some((client, _)) = first.written() {
            desk.clients.insert(client.id, KnownClient { client: client.clone(), visible, changeable });
        }
        if restarted {
            desk.known = Known::new(std::iter::empty(), desk.known.catalog);
        }
        let second = desk.judge(&open);
        let report = |verdict: &Verdict| verdict.report(&open.row, ReportKind::Commit);
        prop_assert_eq!(report(&second), report(&first));
        prop_assert_eq!(second.written(), first.written());
        let stored = |verdict: &Verdict| matches!(verdict.decision, Decision::Write { stored: true, .. });
        prop_assert_eq!((stored(&first), stored(&second)), (false, first.written().is_some()));
    }
}
