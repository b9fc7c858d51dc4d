use proptest::prelude::*;
use uuid::Uuid;

use super::*;
use crate::domain::ids::ClientId;

fn staff(n: u128) -> StaffId {
    StaffId::from_uuid(Uuid::from_u128(n))
}

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(second).unwrap()
}

fn said(text: &str) -> Drafted {
    Drafted { appointment: None, template: None, body: NoteBody::parse(text).unwrap() }
}

// F5: a note with its addenda is one item, and so is an answer that shows it, in whatever script
#[test]
fn addenda_end_before_the_note_outgrows_its_item() {
    let id = ClinicalNoteId::new(ClientId::from_uuid(Uuid::from_u128(1)), Uuid::from_u128(2));
    let practice = PracticeId::from_uuid(Uuid::from_u128(3));
    let mut note = ClinicalNote::draft(id, practice, staff(4), said(&"🙂".repeat(50_000)), at(0));
    note.sign(at(1)).unwrap();
    let more = CommentBody::parse(&"🙂".repeat(5_000)).unwrap();
    let added = (0..50).take_while(|_| note.amend(more.clone(), at(2)).is_ok()).count();
    assert_eq!(added, 2);
    assert_eq!(note.amend(more, at(3)), Err(ClinicalRefusal::TooManyAddenda));
    assert_eq!(note.amend(CommentBody::parse("In time.").unwrap(), at(3)), Ok(()));
}

#[derive(Debug, Clone, Copy)]
enum Step {
    Edit,
    Sign,
    Submit,
    Approve,
    Return,
    Amend,
}

proptest! {
    // F5, L17: whatever is tried in whatever order, what is signed says the same for ever, and nothing skips a review
    #[test]
    fn what_is_signed_never_changes(
        steps in proptest::collection::vec(
            prop::sample::select(vec![Step::Edit, Step::Sign, Step::Submit, Step::Approve, Step::Return, Step::Amend]),
            0..30,
        )
    ) {
        let id = ClinicalNoteId::new(ClientId::from_uuid(Uuid::from_u128(1)), Uuid::from_u128(2));
        let practice = PracticeId::from_uuid(Uuid::from_u128(3));
        let mut note = ClinicalNote::draft(id, practice, staff(4), said("first"), at(0));
        for (n, step) in steps.into_iter().enumerate() {
            let (before, now) = (note.clone(), at(i64::try_from(n).unwrap()));
            let done = match step {
                Step::Edit => note.edit(said(&format!("edit {n}")), now),
                Step::Sign => note.sign(now),
                Step::Submit => note.submit(now),
                Step::Approve => note.approve(staff(5), now),
                Step::Return => note.send_back(staff(5), ReturnReason::parse("more").unwrap(), now),
                Step::Amend => note.amend(CommentBody::parse("and").unwrap(), now),
            };
            if done.is_err() {
                prop_assert_eq!(&note, &before, "what is refused changes nothing");
            }
            if let ClinicalState::Signed { .. } = before.state {
                prop_assert_eq!((&note.body, &note.state), (&before.body, &before.state));
                prop_assert!(note.addenda.starts_with(&before.addenda));
            }
            if let ClinicalState::Signed { approved: Some(_), .. } = note.state
                && before.state.stage() != ClinicalStage::Signed
            {
                prop_assert_eq!(before.state.stage(), ClinicalStage::InReview);
            }
        }
    }
}
