//! The check before a client is added: is the same person here already (B14)?
//!
//! A duplicate has the same name and the same e-mail, phone or birthday; a shared address alone is a family (C6).

use caseload::access::{Action, Actor, Resource, decide};
use caseload::app::App;
use caseload::domain::client::{Client, Profile};
use caseload::domain::directory::Entry;
use caseload::domain::ids::{ClientId, PracticeId};
use caseload::domain::practice::Practice;
use caseload::domain::text::fold;
use caseload::store::directory::{Head, lock};
use caseload::store::keys::{self, Key};
use caseload::store::{Guard, Items, Tx};
use caseload::web::Problem;
use serde_json::json;

fn name_of(first: &str, last: &str) -> String {
    format!("{} {}", fold(first), fold(last))
}

/// The keyed hashes under which this person would be found.
fn hashes(app: &App, practice: PracticeId, profile: &Profile) -> Vec<String> {
    let name = name_of(profile.first_name.as_str(), profile.last_name.as_str());
    let marks = [
        profile.email.as_ref().map(|email| format!("e{}", email.folded())),
        profile.phone.as_ref().map(|phone| format!("p{}", phone.e164())),
        profile.date_of_birth.map(|born| format!("b{born}")),
    ];
    let hash =
        |mark: String| app.keys.hash("duplicate", &[practice.uuid().as_bytes(), name.as_bytes(), mark.as_bytes()]);
    marks.into_iter().flatten().map(hash).collect()
}

/// What to read beside the session to find duplicates: hints, and whether a snapshot holds more than the hints know.
pub(crate) fn wanted(app: &App, practice: PracticeId, profile: &Profile) -> Vec<Key> {
    let mut keys: Vec<Key> =
        hashes(app, practice, profile).iter().map(|hash| keys::duplicate_hint(practice, hash)).collect();
    keys.push(keys::directory_head(practice));
    keys
}

/// Leaves hints for the next one.
pub(crate) fn leave_hints(app: &App, tx: &mut Tx<'_>, client: &Client) {
    for hash in hashes(app, client.practice, &client.profile) {
        tx.put(&Guard::duplicate_hint(client.practice, &hash, client.id));
    }
}

/// Removes this client's hints.
pub(crate) fn forget_hints(app: &App, tx: &mut Tx<'_>, client: &Client) {
    for hash in hashes(app, client.practice, &client.profile) {
        tx.release(keys::duplicate_hint(client.practice, &hash));
    }
}

fn same(profile: &Profile, entry: &Entry) -> bool {
    let name = name_of(profile.first_name.as_str(), profile.last_name.as_str());
    name == name_of(&entry.first_name, &entry.last_name)
        && (profile
            .email
            .as_ref()
            .is_some_and(|e| entry.email.as_ref().is_some_and(|o| o.to_lowercase() == e.folded()))
            || profile.phone.as_ref().is_some_and(|p| entry.phone.as_deref() == Some(p.e164()))
            || profile.date_of_birth.is_some_and(|b| entry.date_of_birth == Some(b)))
}

/// Refuses with the candidates the caller may see (L16: nobody learns of anybody else's).
pub(crate) async fn refuse(
    app: &App,
    items: &mut Items,
    actor: &Actor,
    practice: &Practice,
    profile: &Profile,
) -> Result<(), Problem> {
    let mut ids: Vec<ClientId> = Vec::new();
    for key in wanted(app, practice.id, profile).iter().filter(|key| **key != keys::directory_head(practice.id)) {
        ids.extend(items.take::<Guard>(key)?.and_then(|hint| hint.owner.parse::<ClientId>().ok()));
    }
    // Imported clients leave no hints; they are in the snapshot.
    let held = match app.directories.warm(practice.id) {
        Some(held) => Some(held),
        None if items.has(&keys::directory_head(practice.id)) => {
            let head = items.take::<Head>(&keys::directory_head(practice.id))?;
            let fresh = app.store.read_directory(practice.id, head.as_ref()).await?;
            Some(app.directories.keep(practice.id, fresh))
        }
        None => None,
    };
    if let Some(held) = held {
        ids.extend(lock(&held).directory.entries().filter(|entry| same(profile, entry)).map(|entry| entry.id));
    }
    ids.sort_unstable();
    ids.dedup();
    if ids.is_empty() {
        return Ok(());
    }
    let wanted: Vec<Key> = ids.iter().take(20).map(|id| keys::client(practice.id, *id)).collect();
    let mut found = app.store.load(&wanted).await?;
    let mut candidates = Vec::new();
    for id in ids.into_iter().take(20) {
        let Some(client) = found.client(practice.id, id)? else {
            continue;
        };
        let visible = decide(actor, Action::ClientRead, &Resource::client(Some(&client)), practice).is_ok();
        if visible && same(profile, &Entry::from(&client)) {
            let (first, last) = (client.profile.first_name.as_str(), client.profile.last_name.as_str());
            candidates.push(json!({"id": id, "first_name": first, "last_name": last, "status": client.status()}));
        }
    }
    if candidates.is_empty() {
        return Ok(());
    }
    let detail =
        "The same person seems to be here already. Open the candidate, or send \"force\": true to add another record.";
    Err(Problem::conflict("possible_duplicate", detail).with("candidates", candidates))
}
