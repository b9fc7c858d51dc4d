//! Supervision: who may, of whom, and that its end is the end.

use end_to_end::{Persona, Practice, World};
use serde_json::{Value, json};

use super::sees;

async fn supervise(practice: &Practice, of: &Persona, by: &[&Persona]) -> end_to_end::Answer {
    let ids: Vec<&str> = by.iter().map(|persona| persona.id.as_str()).collect();
    practice.owner.put(&format!("/v1/staff/{}/supervisors", of.id), json!({"supervisor_ids": ids})).await
}

// L6, L13
#[tokio::test]
async fn a_supervisor_sees_the_clients_of_those_supervised_while_it_lasts() {
    let world = World::start().await;
    let practice = world.practice("harbor").await;
    let ines = practice.hires("Ines", "Intern").await;
    let sara = practice.hires("Sara", "Supervisor").await;
    let client = ines.adds_client("Maya").await;
    assert!(!sees(&sara, &client).await);
    let set = supervise(&practice, &ines, &[&sara]).await.expect(200);
    assert_eq!(set.at("/supervisors"), json!([{"id": sara.id, "full_name": "Sara Berg"}]));
    // decision 29
    assert_eq!(sara.get("/v1/me").await.expect(200).text("/supervises/0/full_name"), set.text("/full_name"));
    assert!(sees(&sara, &client).await);
    // Switched off for the practice: the next request.
    practice.owner.patch("/v1/practice", json!({"team": {"supervision": false}})).await.expect(200);
    assert!(!sees(&sara, &client).await);
    let on = practice.owner.patch("/v1/practice", json!({"team": {"supervision": true}})).await.expect(200);
    assert_eq!(
        on.at("/team"),
        json!({"supervision": true, "require_totp": false, "review_days": null, "walk_in_days": 30})
    );
    assert!(sees(&sara, &client).await);
    // A role that may not supervise any more.
    let role = practice.role("Therapist").await;
    let own = format!("/v1/staff/{}/role", sara.id);
    practice.owner.put(&own, json!({"role_id": role})).await.expect(200);
    assert!(!sees(&sara, &client).await);
    let role = practice.role("Supervisor").await;
    practice.owner.put(&own, json!({"role_id": role})).await.expect(200);
    assert!(sees(&sara, &client).await);
    // Ended.
    supervise(&practice, &ines, &[]).await.expect(200);
    assert!(!sees(&sara, &client).await);
}

// L6, d-31
#[tokio::test]
async fn several_supervisors_the_first_is_the_primary_one() {
    let world = World::start().await;
    let practice = world.practice("harbor").await;
    let ines = practice.hires("Ines", "Intern").await;
    let sara = practice.hires("Sara", "Supervisor").await;
    let sven = practice.hires("Sven", "Supervisor").await;
    let client = ines.adds_client("Maya").await;
    supervise(&practice, &ines, &[&sara, &sven]).await.expect(200);
    let turned = supervise(&practice, &ines, &[&sven, &sara]).await.expect(200);
    assert_eq!(turned.text("/supervisors/0/id"), sven.id);
    assert!(sees(&sara, &client).await && sees(&sven, &client).await);
    supervise(&practice, &ines, &[&sven]).await.expect(200);
    assert!(!sees(&sara, &client).await && sees(&sven, &client).await);
    let shown = practice.owner.get(&format!("/v1/staff/{}", sven.id)).await.expect(200);
    assert_eq!(shown.at("/supervises"), json!([{"id": ines.id, "full_name": "Ines Berg"}]));
    // Whoever leaves supervises nobody and is supervised by nobody.
    practice.owner.delete(&format!("/v1/staff/{}", sven.id)).await.expect(204);
    let shown = practice.owner.get(&format!("/v1/staff/{}", ines.id)).await.expect(200);
    assert_eq!(shown.at("/supervisors"), json!([]));
}

// L6
#[tokio::test]
async fn supervisors_at_fault_are_pointed_at() {
    let world = World::start().await;
    let practice = world.practice("harbor").await;
    let (sara, sven) = (practice.hires("Sara", "Supervisor").await, practice.hires("Sven", "Supervisor").await);
    let theo = practice.hires("Theo", "Therapist").await;
    let mut nobody = theo.clone();
    nobody.id = format!("stf_{}", "0".repeat(26));
    supervise(&practice, &sven, &[&sara]).await.expect(200);
    let cases: &[(&Persona, &[&Persona], &str, &str)] = &[
        (&theo, &[&theo], "/supervisor_ids/0", "self_supervision"),
        (&sara, &[&sven], "/supervisor_ids/0", "supervision_cycle"),
        (&sven, &[&sara, &theo], "/supervisor_ids/1", "cannot_supervise"),
        (&theo, &[&sara, &sara], "/supervisor_ids/1", "named_twice"),
        (&theo, &[&sara, &nobody], "/supervisor_ids/1", "staff_unknown"),
    ];
    for &(of, by, pointer, code) in cases {
        let refused = supervise(&practice, of, by).await.expect_problem(422, "invalid_field");
        assert_eq!((refused.text("/errors/0/pointer"), refused.text("/errors/0/code")), (pointer.into(), code.into()));
    }
    let sven = practice.owner.get(&format!("/v1/staff/{}", sven.id)).await.expect(200);
    assert_eq!(sven.at("/supervisors/0/id"), json!(sara.id), "a refusal changes nothing");
    assert_eq!(sven.at("/supervisors/1"), Value::Null);
}

// L6, INV-12
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_requests_at_once_do_not_close_a_circle() {
    let world = World::start().await;
    let practice = world.practice("harbor").await;
    let (sara, sven) = (practice.hires("Sara", "Supervisor").await, practice.hires("Sven", "Supervisor").await);
    for _ in 0..5 {
        let (above, below) = ([&sven], [&sara]);
        let (one, two) = tokio::join!(supervise(&practice, &sara, &above), supervise(&practice, &sven, &below));
        assert_ne!(one.status == 200, two.status == 200, "{} {}", one.json(), two.json());
        supervise(&practice, &sara, &[]).await.expect(200);
        supervise(&practice, &sven, &[]).await.expect(200);
    }
}
