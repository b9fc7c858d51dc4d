//! A request that comes a second time: the first answer again, as long as it is still the caller's to see.

use end_to_end::{Answer, Persona, Practice, World};
use http::Method;
use serde_json::{Value, json};

struct Repeated {
    world: World,
    practice: Practice,
    tess: Persona,
}

impl Repeated {
    async fn new(slug: &str) -> Self {
        let world = World::start().await;
        let practice = world.practice(slug).await;
        let tess = practice.hires("Tess", "Therapist").await;
        Self { world, practice, tess }
    }

    /// Tess adds a client, always by the same request.
    async fn add(&self, key: &str) -> Answer {
        let body = json!({"first_name": "Maya", "last_name": "Lindqvist", "diagnosis": "F41.1", "force": true});
        self.tess.request(Method::POST, "/v1/clients").header("idempotency-key", key).json(&body).send().await
    }
}

// security REL-1, AUD-2
#[tokio::test]
async fn a_repeated_answer_is_told_again_and_stands_in_the_trail() {
    let it = Repeated::new("again").await;
    let first = it.add("k").await.expect(201);
    let again = it.add("k").await.expect(201);
    assert_eq!(again.json(), first.json());
    let trail = it.world.audit(&again).await;
    assert_eq!(trail, [("client.create".to_owned(), "repeated".to_owned(), vec![first.text("/id")])]);
    assert_eq!(it.tess.get("/v1/clients").await.expect(200).at("/total"), 1);
}

// security REL-1, decisions 6 and 10, L10: what it shows may not be the caller's any more
#[tokio::test]
async fn a_repeated_answer_is_withheld_from_whom_its_client_was_taken() {
    let it = Repeated::new("taken").await;
    let owner = &it.practice.owner;
    let client = format!("/v1/clients/{}", it.add("k").await.expect(201).text("/id"));
    owner.post(&format!("{client}/reassign"), json!({"staff_id": null})).await.expect(200);
    it.tess.get(&client).await.expect_problem(404, "not_found");
    it.add("k").await.expect_problem(409, "answer_withheld");
    owner.post(&format!("{client}/reassign"), json!({"staff_id": it.tess.id})).await.expect(200);
    it.add("k").await.expect(201);
    owner.delete(&client).await.expect(204);
    it.add("k").await.expect_problem(409, "answer_withheld");
}

// security REL-1, L3, L5, L8: what a role does not include any more, a repetition does not show either
#[tokio::test]
async fn a_repeated_answer_follows_status_and_role() {
    let it = Repeated::new("role").await;
    it.add("k").await.expect(201);
    it.practice.sets_features(json!({"clinical.diagnosis": "off"})).await;
    it.add("k").await.expect_problem(409, "answer_withheld");
    it.practice.sets_features(json!({"clinical.diagnosis": "inherit", "clients.edit": "off"})).await;
    let refused = it.add("k").await.expect_problem(403, "role");
    let denied = it.world.audit(&refused).await;
    assert!(denied.iter().any(|(action, decided, _)| action == "client.create" && decided == "denied"), "{denied:?}");
    it.practice.sets_features(json!({"clients.edit": "inherit"})).await;
    assert_ne!(it.add("k").await.expect(201).at("/clinical"), Value::Null);
    it.practice.sets_status(&it.tess, "on_hold").await;
    it.add("k").await.expect_problem(403, "on_hold");
}

// security REL-1: twins at the same moment
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn twins_get_one_answer_and_make_one_client() {
    let it = Repeated::new("twins").await;
    let answers = futures_util::future::join_all((0..8).map(|_| it.add("k"))).await;
    let first = answers[0].text("/id");
    assert!(answers.iter().all(|answer| answer.status == 201 && answer.text("/id") == first));
    assert_eq!(it.tess.get("/v1/clients").await.expect(200).at("/total"), 1);
}
