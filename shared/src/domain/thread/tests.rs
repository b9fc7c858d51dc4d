use proptest::prelude::*;

use super::*;
use crate::domain::ids::StaffId;

fn client() -> ClientId {
    ClientId::from_uuid(Uuid::from_u128(1))
}

fn principal(side: Side) -> PrincipalId {
    match side {
        Side::Staff => PrincipalId::Staff(StaffId::from_uuid(Uuid::from_u128(2))),
        Side::Client => PrincipalId::Client(client()),
    }
}

fn thread() -> Thread {
    Thread::empty(PracticeId::from_uuid(Uuid::nil()), client())
}

fn at(second: usize) -> Timestamp {
    Timestamp::UNIX_EPOCH + SignedDuration::from_secs(i64::try_from(second).unwrap())
}

fn write(thread: &mut Thread, side: Side, n: u128, now: Timestamp) -> Message {
    let body = MessageBody::parse("How was it?").unwrap();
    thread.write(Uuid::from_u128(n), principal(side), body, Vec::new(), now).unwrap()
}

/// Reads up to a message as the handler does: with what the table has up to there, newest first.
fn read(thread: &mut Thread, all: &mut [Message], side: Side, up_to: usize, now: Timestamp) {
    let recent: Vec<Message> = all[..=up_to].iter().rev().take(MARKED).cloned().collect();
    let reading = thread.mark_read(side, &all[up_to].clone(), &recent, now);
    for message in all.iter_mut().filter(|message| reading.marked.contains(&message.id)) {
        message.read_at = Some(now);
    }
}

// K1: ids follow the order in which messages were taken, whatever the clocks say
#[test]
fn a_message_comes_after_the_one_before_although_its_clock_is_slow() {
    let mut thread = thread();
    let first = write(&mut thread, Side::Staff, 500, at(0));
    let second = write(&mut thread, Side::Client, 100, at(0));
    assert!(second.id > first.id);
}

// K1
#[test]
fn a_thread_has_an_end() {
    let mut thread = thread();
    thread.sent = Sides { staff: MAX_MESSAGES - 1, client: 0 };
    write(&mut thread, Side::Staff, 1, at(0));
    let body = MessageBody::parse("One more").unwrap();
    let refused = thread.write(Uuid::from_u128(2), principal(Side::Client), body, Vec::new(), at(0));
    assert_eq!(refused, Err(MessageRefusal::Full));
}

// K3: one mail for many messages, until they are read
#[test]
fn a_reader_is_expected_once_until_they_have_read() {
    let mut thread = thread();
    let reader = principal(Side::Client);
    let mut all = vec![write(&mut thread, Side::Staff, 1, at(0))];
    let due = thread.expect(reader, at(0));
    assert_eq!(due, Some(at(0) + PATIENCE));
    all.push(write(&mut thread, Side::Staff, 2, at(60)));
    assert_eq!(thread.expect(reader, at(60)), None, "it is on its way");
    assert_eq!(thread.due(at(60)), []);
    assert_eq!(thread.due(at(900)), [Side::Client]);
    thread.notices.client = Some(Notice::Told { reader });
    all.push(write(&mut thread, Side::Staff, 3, at(1000)));
    assert_eq!(thread.expect(reader, at(1000)), None, "they were told");
    read(&mut thread, &mut all, Side::Client, 2, at(1100));
    assert!(thread.expect(reader, at(1200)).is_some());
}

// K3: who takes a client over is told of what comes, although the one before was told
#[test]
fn another_reader_has_not_been_told() {
    let mut thread = thread();
    thread.notices.staff = Some(Notice::Told { reader: principal(Side::Staff) });
    assert_eq!(thread.expect(principal(Side::Staff), at(0)), None);
    let other = PrincipalId::Staff(StaffId::from_uuid(Uuid::from_u128(9)));
    assert!(thread.expect(other, at(0)).is_some());
}

proptest! {
    // K1, K3: whatever is written and read in whichever order
    #[test]
    fn what_is_unread_and_when_it_was_read_is_what_happened(
        steps in proptest::collection::vec((any::<bool>(), 0_u8..4, 0_usize..400, 1_usize..120), 1..40)
    ) {
        let mut thread = thread();
        let mut all: Vec<Message> = Vec::new();
        // When the other side has read each.
        let mut truth: Vec<Option<Timestamp>> = Vec::new();
        for (second, (staff, what, which, many)) in steps.into_iter().enumerate() {
            let side = if staff { Side::Staff } else { Side::Client };
            if what == 0 && !all.is_empty() {
                let up_to = which.min(all.len() - 1);
                read(&mut thread, &mut all, side, up_to, at(second));
                for (message, seen) in all.iter().zip(&mut truth).take(up_to + 1) {
                    if message.side() != side && seen.is_none() {
                        *seen = Some(at(second));
                    }
                }
            } else {
                for _ in 0..many {
                    all.push(write(&mut thread, side, u128::try_from(second).unwrap(), at(second)));
                    truth.push(None);
                }
            }
            for side in [Side::Staff, Side::Client] {
                let unread = all.iter().zip(&truth).filter(|(one, seen)| one.side() != side && seen.is_none()).count();
                prop_assert_eq!(usize::try_from(thread.unread(side)).unwrap(), unread);
            }
        }
        for (message, seen) in all.iter().zip(truth) {
            prop_assert_eq!(thread.read_at(message), seen);
        }
    }
}
