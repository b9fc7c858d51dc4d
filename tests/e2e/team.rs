//! The team of a practice: who is in it, what they may do, who takes over from whom (issue 3).

mod bulk;
mod doors;
mod importers;
mod invitations;
mod leaving;
mod members;
mod moving;
mod notices;
mod reassignment;
mod removal;
mod roles;
mod supervision;

use std::collections::BTreeSet;

use caseload::domain::appointment::{Appointment, AppointmentStatus, AppointmentSummary, Tally, day_of};
use caseload::domain::client::Client;
use caseload::domain::ids::StaffId;
use caseload::store::keys;
use end_to_end::{Answer, Persona, Practice, World};
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

/// Whose session it is, and where it stands.
async fn session(admin: &Persona, id: &str) -> (String, String) {
    let shown = admin.get(&format!("/v1/appointments/{id}")).await.expect(200);
    (shown.text("/staff/id"), shown.text("/status"))
}

/// Requires that a client's sessions, their summary, who has seen the client and the calendars say the same.
async fn assert_agree(world: &World, practice: &Practice, client: &str, staff: &[&Persona]) {
    let (id, of) = (practice.id.parse().expect("an id"), client.parse().expect("an id"));
    let stored: Client = world.stored(&keys::client(id, of)).await;
    let summary: AppointmentSummary = world.stored(&keys::appointment_summary(id, of)).await;
    let store = &world.cloud.app().store;
    let all = store.all(&keys::appointments(id, of)).await.expect("a list");
    let all: Vec<Appointment> = all.into_iter().map(|one| one.appointment).collect();
    // Of these, who is no walk-in held its sessions as the client's own therapist.
    let makes = |status| matches!(status, AppointmentStatus::Scheduled | AppointmentStatus::Completed);
    let held: BTreeSet<StaffId> = all.iter().filter(|one| makes(one.status)).map(|one| one.staff).collect();
    assert_eq!(stored.seen_by, summary.seen_by());
    assert!(stored.seen_by.keys().all(|staff| held.contains(staff)));
    let span = (day_of(all[0].times.start()), day_of(all[all.len() - 1].times.end()));
    for persona in staff {
        let whose: StaffId = persona.id.parse().expect("an id");
        let mut tally = Tally::default();
        let mut wanted = Vec::new();
        for one in all.iter().filter(|one| one.staff == whose) {
            tally.add(one.status);
            wanted.push((one.id, one.status));
        }
        assert_eq!(summary.counts.get(&whose).copied().unwrap_or_default(), tally);
        let days = store.calendar(id, whose, span).await.expect("a calendar");
        let slots = days.iter().flat_map(|day| day.beginning()).filter(|slot| slot.id.client() == of);
        let mut held: Vec<_> = slots.map(|slot| (slot.id, slot.status)).collect();
        held.sort_unstable();
        assert_eq!(held, wanted);
    }
    let open: Vec<_> = summary.open.iter().map(|(id, open)| (*id, open.staff)).collect();
    let scheduled = all.iter().filter(|one| one.status == AppointmentStatus::Scheduled);
    assert_eq!(open, scheduled.map(|one| (one.id, one.staff)).collect::<Vec<_>>());
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
