//! Clients are reminded of their sessions (I7, security EML-1).

mod faults;
mod many;

use caseload::store::keys;
use end_to_end::{Persona, Practice, World};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

const SUBJECT: &str = "Your session is coming up";
const MAYA: &str = "maya@mail.example";
const OWN: &str = "/v1/me/notifications";
const DAY: i64 = 1440;

/// Theo with his client Maya, who has come in. Noon in UTC is early morning at theirs.
struct Cast {
    world: World,
    practice: Practice,
    theo: Persona,
    maya: String,
    portal: Persona,
}

impl Cast {
    async fn start() -> Self {
        let world = World::start().await;
        let practice = world.practice("harbor").await;
        let theo = practice.hires("Theo", "Therapist").await;
        let (maya, portal) = practice.portal_client("Maya").await;
        practice.owner.gives(&maya, Some(&theo), json!({})).await.expect(200);
        Self { world, practice, theo, maya, portal }
    }

    /// Books a session of 50 minutes that begins in so many minutes.
    async fn books(&self, minutes: i64) -> String {
        self.theo.books(&self.maya, &self.theo, (minutes, minutes + 50)).await
    }

    /// So many minutes later, and a second: the registry counts whole ones. Whoever is signed in is so no more.
    async fn wait(&self, minutes: i64) {
        self.world.advance(minutes * 60 + 1).await;
    }

    async fn run(&self) -> (u64, u64, u64) {
        let tally = self.world.run("remind-of-sessions").await;
        let count = |name: &str| tally[name].as_u64().expect("a count");
        (count("due"), count("done"), count("skipped"))
    }

    async fn told(&self) -> usize {
        reminders(&self.world, MAYA).await.len()
    }

    /// How many clients the registry has within a month.
    async fn registered(&self) -> usize {
        let mut all = 0;
        for list in keys::reminders(self.world.cloud.clock().now() + SignedDuration::from_hours(30 * 24)) {
            all += self.world.cloud.app().store.all(&list).await.expect("a list").len();
        }
        all
    }

    async fn therapist(&self) -> Persona {
        self.world.sign_in("theo@harbor.example").await
    }

    async fn client(&self) -> Persona {
        self.world.comes_back(MAYA, "harbor").await
    }
}

/// The reminders an address has got, newest first.
async fn reminders(world: &World, address: &str) -> Vec<Value> {
    world.mails(address).await.into_iter().filter(|mail| mail["subject"] == SUBJECT).collect()
}

// I7, EML-1: a day and two hours before, once each, and without a word about what for or with whom
#[tokio::test]
async fn a_client_is_reminded_a_day_and_two_hours_before_and_once_each() {
    let cast = Cast::start().await;
    cast.practice.owner.makes_service(json!({"name": "Trauma therapy"})).await;
    cast.books(3 * DAY).await;
    assert_eq!(cast.run().await, (0, 0, 0));
    cast.wait(2 * DAY - 2).await;
    assert_eq!(cast.run().await, (0, 0, 0), "not before it is time");
    cast.wait(2).await;
    let (one, two) = tokio::join!(cast.run(), cast.run());
    assert_eq!(one.1 + two.1, 1, "{one:?} {two:?}");
    assert_eq!((cast.run().await, cast.told().await), ((0, 0, 0), 1));
    let mail = cast.world.newest_mail(MAYA).await;
    let text = mail["text"].as_str().expect("a text");
    assert!(
        text.contains(
            "Your session at harbor Therapy begins on Saturday, 9 May 2026 at 06:00 (America/New_York time)."
        )
    );
    assert!(text.contains("/harbor\n") && text.contains("/unsubscribe#token="), "{text}");
    let all = mail.to_string();
    assert!(!all.contains("Theo") && !all.contains("Trauma") && !all.contains("Maya "), "{all}");
    cast.wait(22 * 60 - 2).await;
    assert_eq!(cast.run().await, (0, 0, 0));
    cast.wait(2).await;
    assert_eq!(cast.run().await, (1, 1, 0));
    for _ in 0..30 {
        cast.wait(5).await;
        assert_eq!(cast.run().await, (0, 0, 0));
    }
    assert_eq!(cast.told().await, 2);
}

// I7: a cancelled session, and one that has moved, which is reminded of anew
#[tokio::test]
async fn nobody_is_reminded_of_what_was_called_off_or_of_a_time_that_is_not_any_more() {
    let cast = Cast::start().await;
    let off = cast.books(2 * DAY).await;
    let moved = cast.books(2 * DAY + 60).await;
    cast.theo.settles(&off, "cancel").await.expect(200);
    cast.wait(DAY + 60).await;
    assert_eq!(cast.run().await, (1, 1, 0), "of the one that stands");
    // Ten hours from now: the day before has passed, so two hours before alone.
    cast.therapist().await.moves(&moved, 600).await.expect(200);
    assert_eq!(cast.run().await, (0, 0, 0));
    cast.wait(8 * 60).await;
    assert_eq!((cast.run().await, cast.told().await), ((1, 1, 0), 2));
    // Back to a day from now and more: both once more.
    cast.therapist().await.moves(&moved, DAY + 10).await.expect(200);
    cast.wait(10).await;
    assert_eq!(cast.run().await, (1, 1, 0));
    cast.wait(22 * 60).await;
    assert_eq!((cast.run().await, cast.told().await), ((1, 1, 0), 4));
    cast.wait(10 * DAY).await;
    assert_eq!((cast.run().await, cast.told().await), ((0, 0, 0), 4));
}

// I7: what is booked within a lead has no reminder of it
#[tokio::test]
async fn what_is_booked_ten_hours_before_is_reminded_of_two_hours_before_only() {
    let cast = Cast::start().await;
    cast.books(600).await;
    cast.books(100).await;
    assert_eq!(cast.run().await, (0, 0, 0));
    cast.wait(479).await;
    assert_eq!((cast.run().await, cast.told().await), ((0, 0, 0), 0));
    cast.wait(1).await;
    assert_eq!((cast.run().await, cast.told().await), ((1, 1, 0), 1));
}

// I7: two sessions at nearly the same time are two reminders, and a series is one entry in the registry
#[tokio::test]
async fn each_session_is_reminded_of_by_itself() {
    let cast = Cast::start().await;
    let vera = cast.practice.hires("Vera", "Therapist").await;
    cast.books(2 * DAY).await;
    cast.practice.owner.books(&cast.maya, &vera, (2 * DAY + 50, 2 * DAY + 100)).await;
    for week in 1..5 {
        cast.books((2 + week * 7) * DAY).await;
    }
    cast.wait(DAY + 50).await;
    let mut runs = vec![cast.run().await, cast.run().await];
    cast.wait(1).await;
    runs.push(cast.run().await);
    assert_eq!(runs.iter().map(|run| run.1).sum::<u64>(), 2, "{runs:?}");
    let days = |mails: &[Value]| mails.iter().filter(|mail| mail["text"].as_str().unwrap().contains("8 May")).count();
    assert_eq!(days(&reminders(&cast.world, MAYA).await), 2);
    for _ in 0..5 * 7 * 4 {
        cast.wait(6 * 60).await;
        cast.run().await;
    }
    // Two of each; those of six hours come as they are due within a run's reach: the day before, and none too late.
    assert_eq!(cast.told().await, 2 + 4, "{:#?}", reminders(&cast.world, MAYA).await);
}

// I7: by the client, by staff for it, and from the mail itself
#[tokio::test]
async fn who_does_not_want_reminders_gets_none() {
    let cast = Cast::start().await;
    let own = cast.portal.get(OWN).await.expect(200);
    assert_eq!(own.at("/topics/reminders"), json!(true));
    let bad = cast.theo.patch(OWN, json!({"topics": {"reminders": false}})).await.expect_problem(422, "invalid_field");
    assert_eq!(
        (bad.text("/errors/0/pointer"), bad.text("/errors/0/code")),
        ("/topics/reminders".into(), "not_for_staff".into())
    );
    for day in 2..6 {
        cast.books(day * DAY).await;
    }
    cast.run().await;
    cast.wait(DAY).await;
    let maya = cast.client().await;
    maya.patch(OWN, json!({"topics": {"reminders": false}})).await.expect(200);
    assert_eq!((cast.run().await, cast.told().await), ((1, 0, 1), 0));
    // On again: what has passed is not made up for.
    maya.patch(OWN, json!({"topics": {"reminders": true}})).await.expect(200);
    assert_eq!(cast.run().await, (0, 0, 0));
    cast.wait(22 * 60).await;
    assert_eq!((cast.run().await, cast.told().await), ((1, 1, 0), 1));
    // Staff turns it off, and on again.
    let path = format!("/v1/clients/{}/notifications", cast.maya);
    cast.therapist().await.patch(&path, json!({"topics": {"reminders": false}})).await.expect(200);
    cast.wait(2 * 60).await;
    assert_eq!(cast.run().await, (1, 0, 1));
    cast.therapist().await.patch(&path, json!({"topics": {"reminders": null}})).await.expect(200);
    cast.wait(22 * 60).await;
    assert_eq!((cast.run().await, cast.told().await), ((1, 1, 0), 2));
    // The link in the mail: its own topic alone.
    let token = cast.world.token(MAYA).await;
    cast.world.anonymous.do_post(&format!("/v1/mail/unsubscribe?token={token}")).await.expect(204);
    let topics = cast.client().await.get(OWN).await.expect(200).at("/topics");
    assert_eq!((&topics["reminders"], &topics["appointments"]), (&json!(false), &json!(true)));
    cast.wait(2 * 60).await;
    assert_eq!((cast.run().await, cast.told().await), ((1, 0, 1), 2));
}

// I7, F1: after the quiet hours if that is soon enough, else before them
#[tokio::test]
async fn a_reminder_keeps_out_of_quiet_hours() {
    let cast = Cast::start().await;
    // It is 06:00 there. Sessions at 06:30 in two days and at 08:45 in three.
    let night = json!({"from": "21:00", "to": "07:30"});
    cast.portal.patch(OWN, json!({"quiet_hours": night})).await.expect(200);
    cast.practice.owner.patch("/v1/practice", json!({"scheduling": {"reminders": [2]}})).await.expect(200);
    cast.books(2 * DAY + 30).await;
    cast.books(3 * DAY + 165).await;
    cast.run().await;
    cast.wait(DAY + 14 * 60 + 49).await;
    assert_eq!(cast.run().await, (0, 0, 0));
    // 20:50 of the evening before.
    cast.wait(1).await;
    assert_eq!((cast.run().await, cast.told().await), ((1, 1, 0), 1));
    // 06:45 is quiet, and 07:30 leaves an hour and a quarter.
    cast.wait(DAY + 10 * 60).await;
    assert_eq!((cast.run().await, cast.told().await), ((0, 0, 0), 1));
    cast.wait(39).await;
    assert_eq!(cast.run().await, (0, 0, 0));
    cast.wait(1).await;
    assert_eq!((cast.run().await, cast.told().await), ((1, 1, 0), 2));
}

// I7: hours per practice
#[tokio::test]
async fn a_practice_sets_when_and_sessions_that_are_booked_follow() {
    let cast = Cast::start().await;
    let path = "/v1/practice";
    let read = cast.practice.owner.get(path).await.expect(200);
    assert_eq!(read.at("/scheduling/reminders"), json!([24, 2]));
    for (hours, pointer, code) in [
        (json!([0]), "/scheduling/reminders/0", "out_of_range"),
        (json!([24, 169]), "/scheduling/reminders/1", "out_of_range"),
        (json!([24, 24]), "/scheduling/reminders/1", "duplicate"),
        (json!([1, 2, 3, 4, 5]), "/scheduling/reminders", "too_many"),
        (json!(null), "/scheduling/reminders", "required"),
    ] {
        let bad = cast.practice.owner.patch(path, json!({"scheduling": {"reminders": hours}})).await;
        let bad = bad.expect_problem(422, "invalid_field");
        assert_eq!((bad.text("/errors/0/pointer"), bad.text("/errors/0/code")), (pointer.into(), code.into()));
    }
    cast.books(14 * DAY).await;
    cast.run().await;
    let set = cast.practice.owner.patch(path, json!({"scheduling": {"reminders": [1, 168]}})).await.expect(200);
    assert_eq!(set.at("/scheduling/reminders"), json!([168, 1]));
    cast.wait(7 * DAY).await;
    assert_eq!((cast.run().await, cast.told().await), ((1, 1, 0), 1), "a week before");
    let owner = cast.world.sign_in("owner@harbor.example").await;
    owner.patch(path, json!({"scheduling": {"reminders": []}})).await.expect(200);
    cast.wait(7 * DAY - 60).await;
    assert_eq!((cast.run().await, cast.told().await), ((0, 0, 0), 1));
}

// I7: the schedule was down
#[tokio::test]
async fn a_late_run_reminds_once_and_not_when_the_session_begins() {
    let cast = Cast::start().await;
    cast.books(2 * DAY).await;
    cast.books(3 * DAY).await;
    cast.run().await;
    // An hour before the first: a day and two hours have both passed.
    cast.wait(2 * DAY - 60).await;
    assert_eq!((cast.run().await, cast.told().await), ((1, 1, 0), 1));
    assert_eq!(cast.run().await, (0, 0, 0));
    // Twenty minutes before the second.
    cast.wait(DAY + 40).await;
    assert_eq!((cast.run().await, cast.told().await), ((0, 0, 0), 1));
    cast.wait(DAY).await;
    assert_eq!((cast.run().await, cast.told().await), ((0, 0, 0), 1));
}

// I7, B7: who cannot come in is not written to, and nothing stays behind of who is gone
#[tokio::test]
async fn nobody_is_reminded_who_cannot_come_in() {
    let cast = Cast::start().await;
    for day in 2..5 {
        cast.books(day * DAY).await;
    }
    cast.run().await;
    let sign_in = async || cast.world.sign_in("owner@harbor.example").await;
    cast.wait(DAY).await;
    let owner = sign_in().await;
    owner.patch("/v1/practice", json!({"portal": {"on": false}})).await.expect(200);
    assert_eq!((cast.run().await, cast.told().await), ((1, 0, 1), 0));
    owner.patch("/v1/practice", json!({"portal": {"on": true}})).await.expect(200);
    let client = format!("/v1/clients/{}", cast.maya);
    cast.wait(22 * 60).await;
    let owner = sign_in().await;
    owner.do_post(&format!("{client}/deactivate")).await.expect(200);
    assert_eq!((cast.run().await, cast.told().await), ((1, 0, 1), 0));
    owner.do_post(&format!("{client}/reactivate")).await.expect(200);
    cast.wait(2 * 60).await;
    assert_eq!((cast.run().await, cast.told().await), ((1, 1, 0), 1));
    sign_in().await.delete(&client).await.expect(204);
    assert_eq!(cast.registered().await, 1);
    cast.world.run("finish-deletions").await;
    assert_eq!(cast.registered().await, 0);
    cast.wait(DAY).await;
    assert_eq!((cast.run().await, cast.told().await), ((0, 0, 0), 1));
}

// I7, decision 22: what waits in the outbox is looked at again before it goes
#[tokio::test]
async fn a_reminder_that_did_not_go_out_goes_later_unless_the_session_is_off() {
    let cast = Cast::start().await;
    let session = cast.books(2 * DAY).await;
    let trouble = async |mode: &str| {
        cast.world.anonymous.post("/dev/mail/trouble", json!({"mode": mode})).await.expect(200);
    };
    cast.run().await;
    cast.wait(DAY).await;
    trouble("failing").await;
    assert_eq!((cast.run().await, cast.told().await), ((1, 1, 0), 0));
    trouble("none").await;
    assert_eq!(cast.world.run("flush-mail").await["done"], 1);
    assert_eq!((cast.run().await, cast.told().await), ((0, 0, 0), 1));
    cast.wait(22 * 60).await;
    trouble("failing").await;
    assert_eq!(cast.run().await, (1, 1, 0));
    trouble("none").await;
    cast.therapist().await.moves(&session, 300).await.expect(200);
    let tally = cast.world.run("flush-mail").await;
    assert_eq!((&tally["due"], &tally["done"]), (&json!(1), &json!(0)));
    assert_eq!(cast.told().await, 1);
    cast.wait(180).await;
    assert_eq!((cast.run().await, cast.told().await), ((1, 1, 0), 2), "of the new time");
}

// I7: the same time on the clock, though New York's goes back on 1 November and forward on 14 March
#[tokio::test]
async fn a_day_before_is_a_day_of_the_clock() {
    for (now, start, before) in [
        ("2026-10-30T12:00:00Z", "2026-11-01T19:00:00Z", "2026-10-31T18:00:00Z"),
        ("2027-03-12T12:00:00Z", "2027-03-14T18:00:00Z", "2027-03-13T19:00:00Z"),
    ] {
        let cast = Cast::start().await;
        let at = |text: &str| text.parse::<Timestamp>().expect("an instant");
        cast.world.cloud.clock().set(at(now));
        let theo = cast.therapist().await;
        let end = at(start) + SignedDuration::from_mins(50);
        theo.tries_to_book_at(&cast.maya, &theo, (at(start), end)).await.expect(201);
        cast.run().await;
        cast.world.cloud.clock().set(at(before) - SignedDuration::from_secs(60));
        assert_eq!(cast.run().await, (0, 0, 0));
        cast.world.cloud.clock().set(at(before));
        assert_eq!(cast.run().await, (1, 1, 0), "{start}");
        let text = cast.world.newest_mail(MAYA).await["text"].as_str().expect("a text").to_owned();
        assert!(text.contains("at 14:00 (America/New_York time)"), "{text}");
    }
}
