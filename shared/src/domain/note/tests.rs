use proptest::prelude::*;
use uuid::Uuid;

use super::*;
use crate::domain::ids::{ClientId, StaffId};

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(second).unwrap()
}

fn content(text: &str, shared: bool) -> Content {
    Content { title: None, body: NoteBody::parse(text).unwrap(), shared, appointment: None }
}

fn note(author: PrincipalId, shared: bool) -> Note {
    let client = ClientId::from_uuid(Uuid::from_u128(2));
    let id = NoteId::new(client, Uuid::from_u128(3));
    Note::new(id, PracticeId::from_uuid(Uuid::from_u128(1)), author, content("first", shared), at(0))
}

fn staff(n: u128) -> PrincipalId {
    PrincipalId::Staff(StaffId::from_uuid(Uuid::from_u128(n)))
}

fn client() -> PrincipalId {
    PrincipalId::Client(ClientId::from_uuid(Uuid::from_u128(2)))
}

// F4
#[test]
fn a_change_keeps_what_the_note_said_before() {
    let mut note = note(staff(4), true);
    assert_eq!(note.edit(content("first", true), at(5)), Ok(None), "nothing else is nothing");
    let before = note.edit(content("second", true), at(5)).unwrap().unwrap();
    assert_eq!((before.number, before.content.body.as_str(), before.at), (1, "first", at(0)));
    assert_eq!((note.edition, note.edited_at), (2, Some(at(5))));
    let now = note.as_edition();
    assert_eq!((now.number, now.content.body.as_str(), now.at), (2, "second", at(5)));
}

// F4
#[test]
fn a_deletion_can_be_taken_back_for_thirty_days() {
    let mut note = note(staff(4), true);
    assert_eq!(note.restore(), Err(NoteRefusal::NotDeleted));
    note.delete(at(0));
    assert!(!note.is_past(at(30 * 86400 - 1)) && note.is_past(at(30 * 86400)));
    assert_eq!((note.restore(), note.deleted_at), (Ok(()), None));
}

// F2
#[test]
fn the_first_look_of_the_other_side_stays_and_the_last_moves_on() {
    let mut note = note(staff(4), true);
    assert!(note.is_news_to(client(), at(0)) && !note.is_news_to(staff(9), at(0)), "colleagues are no other side");
    note.saw(at(10));
    assert!(!note.is_news_to(client(), at(60)), "within the hour nothing is written down");
    assert!(note.is_news_to(client(), at(4000)));
    note.saw(at(4000));
    assert_eq!(note.seen, Some(Seen { first: at(10), last: at(4000) }));
}

/// One step of a history.
#[derive(Debug, Clone, Copy)]
enum Step {
    Write(u8, bool),
    Show(usize),
    Turn(usize, bool),
    Comment(usize, bool),
    Read(usize, bool),
    Delete(usize),
    Restore(usize),
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        (0..4u8, any::<bool>()).prop_map(|(by, shared)| Step::Write(by, shared)),
        (0..8usize).prop_map(Step::Show),
        (0..8usize, any::<bool>()).prop_map(|(n, shared)| Step::Turn(n, shared)),
        (0..8usize, any::<bool>()).prop_map(|(n, client)| Step::Comment(n, client)),
        (0..8usize, any::<bool>()).prop_map(|(n, client)| Step::Read(n, client)),
        (0..8usize).prop_map(Step::Delete),
        (0..8usize).prop_map(Step::Restore),
    ];
    proptest::collection::vec(step, 0..40)
}

fn reader(is_client: bool) -> PrincipalId {
    if is_client { client() } else { staff(1) }
}

fn play(note: &mut Note, step: Step) {
    match step {
        Step::Show(_) => note.saw(at(7)),
        Step::Turn(_, shared) => drop(note.edit(content("first", shared), at(8))),
        Step::Comment(_, is_client) => note.take_comment(reader(is_client)).unwrap(),
        Step::Read(_, is_client) => note.read_comments(reader(is_client)),
        Step::Delete(_) if note.deleted_at.is_none() => note.delete(at(9)),
        Step::Restore(_) => drop(note.restore()),
        Step::Write(..) | Step::Delete(_) => {}
    }
}

proptest! {
    // F1, F2, F3: after any history the tally is what a count of the notes would give
    #[test]
    fn the_tally_is_the_sum_of_the_notes(steps in steps()) {
        let practice = PracticeId::from_uuid(Uuid::from_u128(1));
        let of = ClientId::from_uuid(Uuid::from_u128(2));
        let (mut tally, mut notes) = (NoteTally::empty(practice, of), Vec::<Note>::new());
        for step in steps {
            match step {
                Step::Write(by, shared) => {
                    let author = if by == 3 { client() } else { staff(u128::from(by)) };
                    let note = note(author, shared);
                    tally.admit(&note).unwrap();
                    notes.push(note);
                }
                Step::Show(n) | Step::Turn(n, _) | Step::Comment(n, _) | Step::Read(n, _)
                | Step::Delete(n) | Step::Restore(n) => {
                    let Some(note) = notes.get_mut(n) else { continue };
                    let before = note.clone();
                    play(note, step);
                    tally.change(&before, note);
                }
            }
        }
        let mut counted = NoteTally::empty(practice, of);
        notes.iter().for_each(|note| counted.admit(note).unwrap());
        counted.written.retain(|_, written| *written != Written::default());
        prop_assert_eq!(&tally, &counted);
        // A note that the client hides stands in no number that staff is told.
        let shown = notes.iter().filter(|n| n.deleted_at.is_none() && (n.content.shared || !n.is_from_client()));
        let total = tally.total(|author| matches!(author, PrincipalId::Staff(_)));
        prop_assert_eq!(usize::try_from(total).unwrap(), shown.count());
    }
}
