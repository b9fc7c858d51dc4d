//! The mail service fails or hangs: nothing is lost, and one mail goes out later (decision 22).

use end_to_end::World;
use serde_json::json;

/// Does what meets the trouble: one that hangs keeps everybody until patience is at an end.
async fn meet<F: Future>(world: &World, mode: &str, work: F) -> F::Output {
    if mode == "hanging" { world.losing_patience(work).await } else { work.await }
}

async fn one_mail_later(mode: &str) {
    let world = World::start().await;
    let practice = world.practice("trouble").await;
    let owner = &practice.owner;
    world.anonymous.post("/dev/mail/trouble", json!({"mode": mode})).await.expect(200);
    let created = meet(&world, mode, owner.adds_and_invites("Maya", "maya@mail.example")).await;
    assert_eq!(created.text("/portal/invitation/state"), "queued");
    assert_eq!(world.mails("maya@mail.example").await.len(), 0);
    let failed = meet(&world, mode, world.run("flush-mail")).await;
    assert_eq!((failed["due"].as_u64(), failed["done"].as_u64()), (Some(1), Some(0)));
    world.anonymous.post("/dev/mail/trouble", json!({"mode": "none"})).await.expect(200);
    assert_eq!(world.run("flush-mail").await["done"], 1);
    assert_eq!(world.run("flush-mail").await, json!({"due": 0, "done": 0, "skipped": 0}));
    assert_eq!(world.mails("maya@mail.example").await.len(), 1);
    let client = owner.get(&format!("/v1/clients/{}", created.text("/id"))).await.expect(200);
    assert_eq!(client.text("/portal/invitation/state"), "sent");
    world.accept("maya@mail.example").await;
}

// D2, decision 22
#[tokio::test]
async fn a_failing_mailer_loses_and_doubles_nothing() {
    one_mail_later("failing").await;
}

// D2, decision 22
#[tokio::test]
async fn a_hanging_mailer_loses_and_doubles_nothing() {
    one_mail_later("hanging").await;
}
