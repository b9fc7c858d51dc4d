//! What takes more than one transaction goes on where it was cut off.

use caseload_local::faults::{Fault, Kind};
use end_to_end::patiently;
use futures_util::future::join_all;
use serde_json::json;

use super::{EVENING, books, ids, members, scheduled};
use crate::moving::Cast;
use crate::moving::races::assert_agree;

/// The same evening and a day later, for twenty-eight weeks: more than one transaction holds.
const NEXT_DAY: &str = "2026-11-10T23:45:00Z";

// I8, REL-1: cut off at each call, then repeated
#[tokio::test]
async fn a_move_that_is_cut_off_anywhere_goes_on_when_it_is_repeated() {
    let cast = Cast::start("cut", json!({})).await;
    let (theo, maya) = (&cast.theo, &cast.maya);
    let all = ids(&books(theo, maya, EVENING, json!({"count": 28})).await);
    let reschedule = |to: &'static str, key: String, tag: String| {
        let request = theo.request(http::Method::POST, &format!("/v1/appointments/{}/reschedule", all[0]));
        let body = json!({"start": to, "scope": "following"});
        async move { request.header("idempotency-key", &key).header("if-match", &tag).json(&body).send().await }
    };
    let (mut to, mut cuts, mut mixed) = (NEXT_DAY, 0, 0);
    for lost in [false, true] {
        for call in 1.. {
            let key = format!("move-{lost}-{call}-{}", "k".repeat(16));
            let kind = if lost { Kind::LostResponse } else { Kind::ServerError };
            let tag = cast.read(theo, &all[0]).await.header("etag");
            cast.world.cloud.faults().arm(Fault::at(call, kind).times(1000).service("dynamodb"));
            let cut = reschedule(to, key.clone(), tag.clone()).await;
            cast.world.cloud.faults().clear();
            let minute = &to[14..16];
            let there = scheduled(&cast, maya).await.iter().filter(|start| &start[14..16] == minute).count();
            mixed += usize::from(there > 0 && there < 28);
            assert_agree(&cast, &[&theo.id], &[maya]).await;
            let whole = cut.status == 200;
            if !whole {
                cut.expect_problem(503, "unavailable");
            }
            let done = reschedule(to, key, tag).await.expect(200);
            assert_eq!(members(&done.at("/series/sessions"), "id"), all);
            let now = scheduled(&cast, maya).await;
            assert!(now.len() == 28 && now.iter().all(|start| &start[14..16] == minute), "{call}: {now:?}");
            assert_agree(&cast, &[&theo.id], &[maya]).await;
            to = if to == NEXT_DAY { EVENING } else { NEXT_DAY };
            if whole {
                break;
            }
            cuts += 1;
        }
    }
    assert!(cuts > 8 && mixed > 0, "{cuts} {mixed}");
}

// I8, REL-1
#[tokio::test]
async fn a_cancellation_that_is_cut_off_anywhere_goes_on_when_it_is_repeated() {
    let cast = Cast::start("cut-off", json!({})).await;
    let (theo, maya) = (&cast.theo, &cast.maya);
    let mut mixed = 0;
    for call in 1.. {
        let all = ids(&books(theo, maya, EVENING, json!({"count": 28})).await);
        // Each is written twice from now on.
        let moved = json!({"start": NEXT_DAY, "scope": "following"});
        theo.post(&format!("/v1/appointments/{}/reschedule", all[0]), moved).await.expect(200);
        let path = format!("/v1/appointments/{}/cancel", all[0]);
        let cancel = async || theo.post(&path, json!({"scope": "following"})).await;
        cast.world.cloud.faults().arm(Fault::at(call, Kind::ServerError).times(1000).service("dynamodb"));
        let cut = cancel().await;
        cast.world.cloud.faults().clear();
        let left = scheduled(&cast, maya).await.len();
        mixed += usize::from(left > 0 && left < 28);
        assert_agree(&cast, &[&theo.id], &[maya]).await;
        let whole = cut.status == 200;
        if !whole {
            cut.expect_problem(503, "unavailable");
            assert_eq!(members(&cancel().await.expect(200).at("/series/sessions"), "id").len(), left);
        }
        assert_eq!(scheduled(&cast, maya).await.len(), 0);
        assert_agree(&cast, &[&theo.id], &[maya]).await;
        if whole {
            break;
        }
    }
    assert!(mixed > 0);
}

// I8, security REL-8: whoever is faster
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn moves_of_what_follows_and_single_bookings_at_once_leave_the_records_agreeing() {
    let cast = Cast::start("melee", json!({})).await;
    let (theo, maya) = (&cast.theo, &cast.maya);
    let ola = theo.adds_client("Ola").await;
    let all = ids(&books(theo, maya, EVENING, json!({"count": 12})).await);
    let follow = |which: usize, how: &'static str, body: serde_json::Value| {
        let path = format!("/v1/appointments/{}/{how}", all[which]);
        patiently(move || {
            let (path, body) = (path.clone(), body.clone());
            async move { theo.post(&path, body).await }
        })
    };
    let changes = [
        follow(0, "reschedule", json!({"start": NEXT_DAY, "scope": "following"})),
        follow(4, "reschedule", json!({"start": "2026-12-09T23:30:00Z", "scope": "following"})),
        follow(8, "cancel", json!({"scope": "following"})),
        follow(6, "reschedule", json!({"start": "2026-12-25T12:00:00Z"})),
    ];
    let singles = (0..12).map(|week| {
        let (theo, ola) = (&cast.theo, &ola);
        let start: jiff::Timestamp = NEXT_DAY.parse().expect("an instant");
        let start = start + jiff::SignedDuration::from_hours(week * 7 * 24) - jiff::SignedDuration::from_mins(40);
        let end = start + jiff::SignedDuration::from_mins(50);
        patiently(move || theo.tries_to_book_at(ola, theo, (start, end)))
    });
    let (changes, singles) = tokio::join!(join_all(changes), join_all(singles));
    for answer in changes.iter().chain(&singles) {
        let refused = matches!(answer.code().as_str(), "slot_taken" | "already_cancelled");
        assert!(answer.status.is_success() || refused, "{}", answer.json());
    }
    assert_agree(&cast, &[&theo.id], &[maya, &ola]).await;
}
