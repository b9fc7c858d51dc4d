//! Packets that go out with the invitation.

use serde_json::{Value, json};

use super::Cast;

// S4, D2
#[tokio::test]
async fn packets_go_out_with_the_invitation_of_a_new_client() {
    let cast = Cast::meet().await;
    let invite = |packets: Value| json!({"consent": true, "packet_ids": packets});
    let body = |packets: Value| json!({"first_name": "Ana", "last_name": "Okafor", "email": "ana@mail.example", "invite": invite(packets)});
    // All of it, or nothing.
    let nobodys = format!("pkt_{}", "0".repeat(26));
    let refused = cast.theo.post("/v1/clients", body(json!([cast.packet, nobodys]))).await;
    let refused = refused.expect_problem(422, "invalid_field");
    assert_eq!(
        (refused.text("/errors/0/pointer"), refused.text("/errors/0/code")),
        ("/invite/packet_ids/1".into(), "packet_unknown".into())
    );
    for (packets, code) in [(json!([cast.packet, cast.packet]), "named_twice"), (json!(vec![&nobodys; 6]), "too_many")]
    {
        let refused = cast.theo.post("/v1/clients", body(packets)).await.expect_problem(422, "invalid_field");
        assert_eq!(refused.text("/errors/0/code"), code);
    }
    assert_eq!(cast.theo.get("/v1/clients").await.expect(200).at("/total"), 1);
    assert_eq!(cast.theo.mails("ana@mail.example").await.len(), 0);

    let ana = cast.theo.post("/v1/clients", body(json!([cast.packet]))).await.expect(201).text("/id");
    assert_eq!(cast.theo.mails("ana@mail.example").await.len(), 1);
    let portal = cast.world.accept("ana@mail.example").await;
    let waiting = portal.get(&format!("/v1/clients/{ana}/packets")).await.expect(200);
    assert_eq!((waiting.text("/items/0/name"), waiting.at("/counts/open")), ("Intake".into(), json!(1)));
    assert_eq!(waiting.text("/items/0/sent_by/name"), "Theo Berg");
}

// S4, D3
#[tokio::test]
async fn packets_go_out_with_a_later_invitation() {
    let cast = Cast::meet().await;
    let ana = cast.theo.adds_client_with("Ana Okafor", json!({"email": "ana@mail.example"})).await.text("/id");
    let body = json!({"consent": true, "packet_ids": [cast.packet]});
    let path = format!("/v1/clients/{ana}/portal/invitation");
    for open in 1..=2 {
        cast.theo.post(&path, body.clone()).await.expect(201);
        let sent = cast.theo.get(&format!("/v1/clients/{ana}/packets")).await.expect(200);
        assert_eq!(sent.at("/counts/open"), open);
    }
    let nobodys = json!({"consent": true, "packet_ids": [format!("pkt_{}", "0".repeat(26))]});
    cast.theo.post(&path, nobodys).await.expect_problem(422, "invalid_field");
}
