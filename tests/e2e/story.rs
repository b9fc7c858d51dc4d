//! The main job, call by call.

use end_to_end::{World, sample};
use serde_json::{Value, json};

/// The shapes outside clients are written against.
#[tokio::test]
async fn the_whole_story_works_over_http() {
    let world = World::start().await;
    // 1, decisions 8 and 10
    let practice = world.practice("harbor").await;
    let owner = &practice.owner;
    let used = world.token("owner@harbor.example").await;
    world.anonymous.post("/v1/auth/sessions", json!({"token": used})).await.expect_problem(401, "token_used");
    let me = owner.get("/v1/me").await.expect(200);
    assert_eq!(me.text("/principal/kind"), "staff");
    assert_eq!(me.at("/principal/admin"), true);
    assert_eq!(me.text("/practice/id"), practice.id);
    assert_eq!(me.at("/client_id"), Value::Null);

    // 2, B14, D1, D2, D4
    let maya = owner
        .adds_client_with(
            "Maya",
            json!({"email": "maya@mail.example",
        "phone": {"number": "415 555 0134", "country": "US"}, "date_of_birth": "1991-02-28",
        "tags": ["anxiety"], "invite": {"consent": true, "message": "Looking forward to meeting you."}}),
        )
        .await;
    let id = maya.text("/id");
    assert!(id.starts_with("cli_") && !maya.header("etag").is_empty());
    assert_eq!(maya.at("/phone"), json!({"e164": "+14155550134", "display": "(415) 555-0134", "country": "US"}));
    assert_eq!(maya.text("/status"), "pending");
    assert_eq!(maya.text("/ownership"), "practice");
    assert_eq!(maya.text("/tags/0/name"), "anxiety");
    assert_eq!(maya.at("/assigned_staff"), Value::Null);
    assert_eq!(maya.text("/portal/access"), "invited");
    assert_eq!(maya.at("/portal/blocked_by"), json!(["not_registered"]));
    assert_eq!(maya.text("/portal/invitation/state"), "sent");
    assert_eq!(maya.at("/portal/invitation/attempts"), 1);
    assert_eq!(
        maya.at("/stats"),
        json!({"appointments_total": 0, "appointments_upcoming": 0, "sessions_completed": 0,
            "no_shows": 0, "late_cancellations": 0, "last_session_at": null, "next_session_at": null,
            "tasks_done_percent": null})
    );
    for action in ["edit", "invite", "deactivate", "delete"] {
        assert!(maya.at("/allowed_actions").as_array().expect("actions").contains(&json!(action)), "{action}");
    }

    // D14, D22
    let token = json!({"token": world.token("maya@mail.example").await});
    let lookup = world.anonymous.post("/v1/invitations/lookup", token.clone()).await.expect(200);
    assert_eq!(lookup.text("/kind"), "client");
    assert_eq!(lookup.text("/state"), "open");
    assert_eq!(lookup.text("/practice/slug"), "harbor");
    assert!(!String::from_utf8_lossy(&lookup.bytes).contains("Maya"));
    let portal = world.accept("maya@mail.example").await;
    world.anonymous.post("/v1/invitations/accept", token).await.expect_problem(409, "already_accepted");
    assert_eq!(owner.get(&format!("/v1/clients/{id}")).await.text("/status"), "active");
    // D11
    let again = owner.do_post(&format!("/v1/clients/{id}/portal/invitation")).await;
    assert!(again.expect_problem(409, "already_signed_in").text("/portal_url").ends_with("/harbor"));

    // E6, E7, d-35
    assert_eq!(portal.get("/v1/me").await.expect(200).text("/client_id"), id);
    let own = portal.get(&format!("/v1/clients/{id}")).await.expect(200);
    assert_eq!(own.text("/first_name"), "Maya");
    for hidden in ["diagnosis", "symptoms", "clinical", "tags", "risk", "assigned_staff", "stats", "allowed_actions"] {
        assert!(own.json().get(hidden).is_none(), "{hidden} reaches the portal");
    }
    let other = owner.adds_client("Ola Nord").await;
    portal.get(&format!("/v1/clients/{other}")).await.expect_problem(404, "not_found");

    import(&world, &practice).await;
    directory(&practice).await;
    file(&world, &practice, &portal, &id).await;
    payment(&world, &practice, &portal, &id).await;
    resend(&world, &practice).await;
}

/// 3, C1, C8, C10
async fn import(world: &World, practice: &end_to_end::Practice) {
    let owner = &practice.owner;
    let bytes = sample("simplepractice-client-details.csv");
    let mails = world.mail_count().await;
    for (round, wanted) in [(1, "created"), (2, "unchanged")] {
        let body = json!({"file_name": "clients.csv", "size": bytes.len()});
        let import = owner.post("/v1/imports", body).await.expect(201);
        assert_eq!(import.text("/state"), "awaiting_upload");
        let path = format!("/v1/imports/{}", import.text("/id"));
        owner.upload(&import.at("/upload"), bytes.clone()).await.expect(200);
        world.cloud.settled().await;
        let ready = owner.get(&path).await.expect(200);
        assert_eq!(ready.text("/state"), "ready", "{}", ready.json());
        assert_eq!(ready.text("/encoding"), "utf-8");
        assert_eq!(ready.text("/delimiter"), ",");
        assert_eq!(ready.at("/has_header"), true);
        assert_eq!(ready.at("/questions"), json!([]));
        assert_eq!(ready.text("/mapping/0/column"), "Client");
        assert_eq!(ready.text("/mapping/0/target"), "full_name");
        assert_eq!(ready.at("/counts/read"), 240);
        assert_eq!(ready.at("/progress/rows_total"), 240);
        owner.do_post(&format!("{path}/commit")).await.expect(202);
        world.cloud.settled().await;
        let done = owner.get(&path).await.expect(200);
        assert_eq!(done.text("/state"), "done", "round {round}: {}", done.json());
        assert_eq!(done.at(&format!("/counts/{wanted}")), 240, "{}", done.at("/counts"));
    }
    assert_eq!(world.mail_count().await, mails, "an import sends no mail");
}

/// 4, A1, A2, A4, A5
async fn directory(practice: &end_to_end::Practice) {
    let owner = &practice.owner;
    let page = owner.get("/v1/clients?status=pending&sort=name&limit=50").await.expect(200);
    assert_eq!(page.at("/items").as_array().map(Vec::len), Some(50));
    assert!(page.at("/next_cursor").is_string());
    let second =
        owner.get(&format!("/v1/clients?status=pending&sort=name&limit=50&cursor={}", page.text("/next_cursor"))).await;
    assert_ne!(second.expect(200).text("/items/0/id"), page.text("/items/0/id"));
    for member in [
        "id",
        "first_name",
        "last_name",
        "email",
        "phone",
        "join_date",
        "tags",
        "status",
        "assigned_staff",
        "portal",
        "allowed_actions",
    ] {
        assert!(page.at("/items/0").get(member).is_some(), "{member}");
    }
    let counts = page.at("/counts");
    assert_eq!(counts["active"], 1);
    assert_eq!(counts["pending"], page.at("/total"));
    assert!(counts["inactive"].as_u64() > Some(0));
    let found = owner.post("/v1/clients/search", json!({"q": "ngstr", "status": "pending"})).await.expect(200);
    assert!(found.at("/total").as_u64() > Some(0));
    assert_eq!(found.at("/items/0/matched"), json!(["last_name"]));
    assert_eq!(found.text("/items/0/last_name"), "Ångström");
    for (q, matched) in [
        ("4155550134", "phone"),
        ("(415) 555", "phone"),
        ("maya@", "email"),
        ("ANXI", "tag"),
        ("lindqvíst", "last_name"),
    ] {
        let found = owner.post("/v1/clients/search", json!({"q": q})).await.expect(200);
        assert!(
            found.at("/items").as_array().is_some_and(|items| items.iter().any(|i| i["first_name"] == "Maya")),
            "{q}"
        );
        assert!(found.json().to_string().contains(matched), "{q}");
    }
}

/// 5, H1, E7
async fn file(world: &World, practice: &end_to_end::Practice, portal: &end_to_end::Persona, id: &str) {
    let owner = &practice.owner;
    let mut bytes = b"%PDF-1.7\n".to_vec();
    bytes.resize(5120, b'x');
    let body = json!({"name": "worksheet.pdf", "size": 5120, "content_type": "application/pdf", "shared": true});
    let file = owner.post(&format!("/v1/clients/{id}/files"), body).await.expect(201);
    assert_eq!(file.text("/state"), "awaiting_upload");
    let path = format!("/v1/files/{}", file.text("/id"));
    owner.upload(&file.at("/upload"), bytes.clone()).await.expect(200);
    let done = owner.do_post(&format!("{path}/complete")).await.expect(200);
    assert_eq!((done.text("/state"), done.at("/shared")), ("available".to_owned(), json!(true)));
    let listed = portal.get(&format!("/v1/clients/{id}/files")).await.expect(200);
    assert_eq!(listed.text("/items/0/name"), "worksheet.pdf");
    let link = portal.do_post(&format!("{path}/download")).await.expect(200);
    let fetched = world.anonymous.fetch(&link.text("/url")).await.expect(200);
    assert_eq!(fetched.bytes, bytes);
    assert!(fetched.header("content-disposition").starts_with("attachment"));
    owner.patch(&path, json!({"shared": false})).await.expect(200);
    portal.get(&path).await.expect_problem(404, "not_found");
    portal.do_post(&format!("{path}/download")).await.expect_problem(404, "not_found");
    assert_eq!(portal.get(&format!("/v1/clients/{id}/files")).await.expect(200).at("/items"), json!([]));
}

/// 6, J3, J7, E5
async fn payment(world: &World, practice: &end_to_end::Practice, portal: &end_to_end::Persona, id: &str) {
    let owner = &practice.owner;
    let body = json!({
        "lines": [{"description": "Session 50 min", "quantity": 1, "unit_price": {"amount": 15000, "currency": "USD"}}],
        "due_date": "2026-12-01",
    });
    let invoice = owner.post(&format!("/v1/clients/{id}/invoices"), body).await.expect(201);
    assert_eq!((invoice.text("/state"), invoice.at("/number")), ("draft".to_owned(), Value::Null));
    let path = format!("/v1/invoices/{}", invoice.text("/id"));
    let issued = owner.do_post(&format!("{path}/issue")).await.expect(200);
    assert_eq!(issued.text("/state"), "open");
    assert!(issued.text("/number").ends_with("-0001"), "{}", issued.text("/number"));
    let checkout = format!("/v1/clients/{id}/checkout");
    let ask = json!({"invoice_ids": [invoice.text("/id")]});
    portal.post(&checkout, ask.clone()).await.expect(403);
    owner.patch("/v1/practice", json!({"payments": {"online": true}})).await.expect(200);
    let started = portal.post(&checkout, ask).await.expect(201);
    let url = started.text("/checkout_url");
    let pay = world.anonymous.fetch(&url).await.expect(200);
    assert!(String::from_utf8_lossy(&pay.bytes).contains("Pay"));
    world.anonymous.elsewhere().request(http::Method::POST, &url).send().await.expect(200);
    let paid = owner.get(&path).await.expect(200);
    assert_eq!((paid.text("/state"), paid.at("/balance/amount")), ("paid".to_owned(), json!(0)));
    let timeline = portal.get(&format!("/v1/clients/{id}/payments")).await.expect(200);
    assert_eq!(timeline.text("/items/0/kind"), "payment");
    assert_eq!(timeline.at("/items/0/amount"), json!({"amount": 15000, "currency": "USD"}));
    assert_eq!(timeline.at("/balance/amount"), 0);
    let event = world.cloud.payments().expect("payments").events().pop().expect("an event").to_string();
    let signature = world.sign_webhook(&event);
    let hook = world.anonymous.request(http::Method::POST, "/v1/webhooks/payments");
    let twice = hook.header("content-type", "application/json").header("stripe-signature", &signature).body(event);
    twice.send().await.expect(200);
    let after = portal.get(&format!("/v1/clients/{id}/payments")).await.expect(200);
    assert_eq!(after.at("/items"), timeline.at("/items"));
}

/// 7, D10, decision 9
async fn resend(world: &World, practice: &end_to_end::Practice) {
    let owner = &practice.owner;
    let settings = json!({"invitations": {"resend_after_days": 3, "max_resends": 2, "expires_after_days": 7}});
    owner.patch("/v1/practice", settings).await.expect(200);
    owner.adds_and_invites("Noor Haddad", "noor@mail.example").await;
    let first = world.token("noor@mail.example").await;
    world.advance(259_300).await;
    let mails = world.mail_count().await;
    let report = world.run("resend-invitations").await;
    assert_eq!(report, json!({"due": 1, "sent": 1, "skipped": 0}));
    assert_eq!(world.mail_count().await, mails + 1);
    let second = world.token("noor@mail.example").await;
    assert_ne!(first, second);
    world
        .anonymous
        .post("/v1/invitations/accept", json!({"token": first}))
        .await
        .expect_problem(409, "invitation_revoked");
    assert_eq!(world.run("resend-invitations").await["sent"], 0);
    world.anonymous.post("/v1/invitations/accept", json!({"token": second})).await.expect(201);
}
