//! The team of a practice: who is in it, what they may do, who takes over from whom (issue 3).

mod bulk;
mod doors;
mod importers;
mod invitations;
mod members;
mod reassignment;
mod removal;
mod roles;
mod supervision;

use end_to_end::{Answer, Persona};
use serde_json::{Value, json};

/// A route with a body that has to be sent, if any.
type Ask = (&'static str, String, Option<Value>);

async fn send(persona: &Persona, (method, path, body): &Ask) -> Answer {
    let request = persona.request(method.parse().expect("a method"), path);
    match body {
        Some(body) => request.json(body).send().await,
        None => request.send().await,
    }
}

/// One ask of each family of routes about a client; all are open to its therapist.
fn families(client: &str) -> Vec<Ask> {
    let price = json!({"amount": 15000, "currency": "USD"});
    let line = json!({"description": "Session", "quantity": 1, "unit_price": price});
    vec![
        ("GET", "/v1/clients".to_owned(), None),
        ("GET", format!("/v1/clients/{client}"), None),
        ("GET", format!("/v1/clients/{client}/portal"), None),
        ("GET", format!("/v1/clients/{client}/files"), None),
        ("GET", format!("/v1/clients/{client}/invoices"), None),
        ("GET", format!("/v1/clients/{client}/payments"), None),
        ("POST", "/v1/clients/search".to_owned(), Some(json!({"q": "lind"}))),
        ("POST", format!("/v1/clients/{client}/invoices"), Some(json!({"lines": [line], "due_date": "2027-12-01"}))),
        ("POST", format!("/v1/clients/{client}/portal/disable"), None),
        ("POST", "/v1/tags".to_owned(), Some(json!({"name": "Waiting"}))),
        ("POST", "/v1/imports".to_owned(), Some(json!({"file_name": "a.csv", "size": 10}))),
        ("GET", "/v1/imports".to_owned(), None),
        ("GET", "/v1/tags".to_owned(), None),
        ("GET", "/v1/staff".to_owned(), None),
        ("GET", "/v1/practice".to_owned(), None),
    ]
}

/// Adds a client as this staff member: a direct one for a therapist, the practice's for an admin.
async fn add_client(staff: &Persona, first_name: &str) -> String {
    let body = json!({"first_name": first_name, "last_name": "Lindqvist"});
    staff.post("/v1/clients", body).await.expect(201).text("/id")
}

/// Whether a staff member sees a client when it opens it, lists, and searches; all three must agree.
async fn sees(staff: &Persona, client: &str) -> bool {
    let shows = |answer: &Answer| {
        let items = answer.at("/items");
        items.as_array().into_iter().flatten().any(|item| item["id"] == client)
    };
    let read = staff.get(&format!("/v1/clients/{client}")).await;
    let list = staff.get("/v1/clients").await.expect(200);
    let found = staff.post("/v1/clients/search", json!({"q": "lindqvist"})).await.expect(200);
    let all = [read.status == 200, shows(&list), shows(&found)];
    assert!(all.iter().all(|seen| *seen == all[0]), "read, list and search differ: {all:?}");
    if !all[0] {
        read.expect_problem(404, "not_found");
        assert_eq!(found.at("/total").as_u64(), list.at("/total").as_u64());
    }
    all[0]
}
