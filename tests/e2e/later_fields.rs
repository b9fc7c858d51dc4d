//! Items written by a later version, which has more to say, still read.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;
use caseload_local::cloud::TABLE;
use end_to_end::World;
use serde_json::json;

/// Attributes that are lists by id or by name and no records: a further entry there is a further thing.
const BY_NAME: &[&str] = &["tags", "staff", "members", "features", "permissions", "overrides", "bookings", "counts"];

fn later() -> AttributeValue {
    AttributeValue::S("of a later version".to_owned())
}

/// Gives every record inside a value one more attribute.
fn grow(name: &str, value: &mut AttributeValue) {
    match value {
        AttributeValue::M(members) => {
            members.iter_mut().for_each(|(name, value)| grow(name, value));
            // A single member is the name of a case with what belongs to it.
            if !BY_NAME.contains(&name) && members.len() > 1 {
                members.insert("later".to_owned(), later());
            }
        }
        AttributeValue::L(items) => items.iter_mut().for_each(|value| grow("", value)),
        _ => {}
    }
}

async fn grow_everything(world: &World) -> usize {
    let table = world.cloud.table();
    let items = table.scan().table_name(TABLE).send().await.expect("a scan").items.unwrap_or_default();
    let count = items.len();
    for item in items {
        let mut grown: HashMap<String, AttributeValue> = item;
        grown.iter_mut().for_each(|(name, value)| grow(name, value));
        grown.insert("later".to_owned(), later());
        table.put_item().table_name(TABLE).set_item(Some(grown)).send().await.expect("put");
    }
    count
}

// decision 18: old items still read after a field is added or removed
#[tokio::test]
async fn what_a_later_version_wrote_still_reads() {
    let world = World::start().await;
    let practice = world.practice("later").await;
    let owner = &practice.owner;
    let (id, maya) = practice.portal_client("Maya").await;
    let address = json!({"address": {"street": "1 Quay", "city": "Oslo"}, "tags": ["anxiety"]});
    owner.patch(&format!("/v1/clients/{id}"), address).await.expect(200);
    let line = json!({"description": "50 min", "quantity": 1, "unit_price": {"amount": 15_000, "currency": "USD"}});
    let invoice = owner.post(&format!("/v1/clients/{id}/invoices"), json!({"lines": [line]})).await.expect(201);
    owner.do_post(&format!("/v1/invoices/{}/issue", invoice.text("/id"))).await.expect(200);
    let body = json!({"name": "a.txt", "size": 5, "content_type": "text/plain", "shared": true});
    let file = owner.post(&format!("/v1/clients/{id}/files"), body).await.expect(201).text("/id");
    let held = json!({"client_id": id, "start": world.in_minutes(60), "end": world.in_minutes(110)});
    let held = owner.post("/v1/appointments", held).await.expect(201).text("/id");
    let weekly = json!({"title": "Breathe", "due": "2090-01-02", "repeat": {"every": "week"}});
    let task = owner.post(&format!("/v1/clients/{id}/tasks"), weekly).await.expect(201).text("/id");
    let template = json!({"name": "Breathing", "title": "Breathe", "due_in_days": 1, "repeat": {"every": "day"}});
    owner.post("/v1/task-templates", template).await.expect(201);
    let price = json!({"amount": 12_000, "currency": "USD"});
    let service =
        owner.makes_service(json!({"price": price, "place": "video", "link": "https://meet.example/a"})).await;
    let hours = format!("/v1/staff/{}/availability", owner.id);
    let weekly = json!([{"day": "mon", "from": "09:00", "to": "17:00"}]);
    let exceptions =
        json!([{"date": "2090-01-02", "closed": true}, {"date": "2090-01-02", "from": "10:00", "to": "12:00"}]);
    let body = json!({"time_zone": "UTC", "weekly": weekly, "exceptions": exceptions, "daily_max": 5});
    owner.put(&hours, body).await.expect(200);
    owner.gives(&id, Some(owner), json!({})).await.expect(200);
    let message = maya.writes(&id, "Hello").await.expect(201).text("/id");
    let packet = owner.makes_packet(&[owner.writes_form(json!({})).await, owner.writes_consent().await]).await;
    let packet = owner.sends_packet(&id, &packet, json!({"due": "2090-01-02"})).await.expect(201).text("/id");
    let packet = format!("/v1/packets/{packet}");
    let name = json!({"typed_name": "Maya Lindqvist"});
    maya.post(&format!("{packet}/sign"), name).await.expect(200);
    assert!(grow_everything(&world).await > 10, "the world has little in it");
    for path in [
        "/v1/me".to_owned(),
        "/v1/practice".to_owned(),
        "/v1/tags".to_owned(),
        "/v1/roles".to_owned(),
        "/v1/staff".to_owned(),
        "/v1/clients".to_owned(),
        format!("/v1/clients/{id}"),
        format!("/v1/clients/{id}/portal"),
        format!("/v1/clients/{id}/files"),
        format!("/v1/files/{file}"),
        format!("/v1/clients/{id}/messages"),
        "/v1/inbox".to_owned(),
        format!("/v1/clients/{id}/invoices"),
        format!("/v1/invoices/{}", invoice.text("/id")),
        format!("/v1/appointments/{held}"),
        "/v1/appointments".to_owned(),
        format!("/v1/clients/{id}/tasks"),
        format!("/v1/tasks/{task}"),
        "/v1/task-templates".to_owned(),
        "/v1/services".to_owned(),
        hours.clone(),
        format!("/v1/staff/{}/slots?service_id={service}", owner.id),
        format!("/v1/clients/{id}/booking-defaults"),
        "/v1/forms".to_owned(),
        "/v1/packets".to_owned(),
        format!("/v1/clients/{id}/packets"),
        packet.clone(),
        "/v1/auth/sessions".to_owned(),
    ] {
        owner.get(&path).await.expect(200);
    }
    for path in [format!("/v1/clients/{id}"), format!("/v1/clients/{id}/files"), format!("/v1/appointments/{held}")] {
        maya.get(&path).await.expect(200);
    }
    // What stands there can also be changed.
    owner.has_read(&id, &message).await.expect(200);
    maya.do_post(&format!("{packet}/submit")).await.expect(200);
    owner.patch(&format!("/v1/clients/{id}"), json!({"first_name": "Maja"})).await.expect(200);
    maya.post(&format!("/v1/tasks/{task}/state"), json!({"state": "done"})).await.expect(200);
    owner.post(&format!("/v1/appointments/{held}/cancel"), json!({})).await.expect(200);
}
