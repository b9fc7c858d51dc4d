//! Two spellings of a mailbox are one address, for every guard and every limit.

use end_to_end::World;
use serde_json::json;

const LETTERS: &str = "pu@münchen.example";
const ENCODED: &str = "PU@xn--mnchen-3ya.example";
/// As the mail service is told: it takes no letters in domains.
const MAILED: &str = "pu@xn--mnchen-3ya.example";

// EML-2, L1, L15, decision 7
#[tokio::test]
async fn two_spellings_of_a_members_domain_are_one_member() {
    let world = World::start().await;
    let (one, two) = (world.practice("one").await, world.practice("two").await);
    let mut tokens = Vec::new();
    for (practice, email, other) in [(&one, LETTERS, ENCODED), (&two, ENCODED, LETTERS)] {
        let role = practice.role("Therapist").await;
        let body = |email: &str| json!({"full_name": "Pu Berg", "email": email, "role_id": role});
        practice.owner.post("/v1/staff", body(email)).await.expect(201);
        practice.owner.post("/v1/staff", body(other)).await.expect_problem(409, "already_in_team");
        let to = if email == LETTERS { MAILED } else { ENCODED };
        tokens.push(json!({"token": world.token(to).await}));
    }
    let [first, second] = &tokens[..] else { panic!("two invitations") };
    world.anonymous.post("/v1/invitations/accept", first.clone()).await.expect(201);
    let refused = world.anonymous.post("/v1/invitations/accept", second.clone()).await;
    refused.expect_problem(409, "already_in_practice");
    // Either spelling signs in, and they share one limit.
    let before = world.mails(MAILED).await.len();
    for email in [ENCODED, LETTERS] {
        world.anonymous.post("/v1/auth/sign-in", json!({"email": email})).await.expect(202);
    }
    assert_eq!(world.mails(MAILED).await.len(), before + 1);
    let link = json!({"token": world.token(MAILED).await});
    let session = world.anonymous.post("/v1/auth/sessions", link).await.expect(201);
    let shown = one.owner.get(&format!("/v1/staff/{}", session.text("/principal/id"))).await.expect(200);
    assert_eq!(shown.text("/email"), LETTERS);
}

// EML-2, B14, decision 3
#[tokio::test]
async fn two_spellings_of_a_clients_domain_are_one_login() {
    let world = World::start().await;
    let practice = world.practice("harbor").await;
    let owner = &practice.owner;
    let body = |name: &str, email: &str| json!({"first_name": name, "last_name": "Berg", "email": email});
    let mut invited = body("Pu", LETTERS);
    invited["invite"] = json!({"consent": true});
    let created = owner.post("/v1/clients", invited).await.expect(201);
    assert_eq!((created.text("/email"), world.mails(MAILED).await.len()), (LETTERS.into(), 1));
    owner.post("/v1/clients", body("Pu", ENCODED)).await.expect_problem(409, "possible_duplicate");
    let mut twin = body("Ana", ENCODED);
    twin["force"] = json!(true);
    let twin = owner.post("/v1/clients", twin).await.expect(201).text("/id");
    let invite = owner.post(&format!("/v1/clients/{twin}/portal/invitation"), json!({"consent": true})).await;
    invite.expect_problem(409, "email_in_use_for_login");
    for refused in ["a@xn--a.example", "a@-ü.example", "a@mün chen.example", "a@ü"] {
        let refused = owner.post("/v1/clients", body("Ida", refused)).await.expect_problem(422, "invalid_field");
        assert_eq!(refused.text("/errors/0/code"), "email_invalid");
    }
}
