//! The check before a client is added: is the same person here already (B14)?
//!
//! A duplicate has the same name and the same e-mail, phone or birthday, and nothing that differs between two people; a
//! shared address alone is a family (C6).

use std::collections::BTreeSet;

use caseload::access::{Action, Resource, decide};
use caseload::app::App;
use caseload::domain::client::{Client, Profile};
use caseload::domain::directory::Entry;
use caseload::domain::identity::Identity;
use caseload::domain::ids::{ClientId, PracticeId};
use caseload::refusal::{Refusal, Stop};
use caseload::store::directory::{Head, lock};
use caseload::store::keys::{self, Key};
use caseload::store::{Decided, DuplicateHint, Tx};
use caseload::web::{Authorized, Caller, StaffOnly};
use serde_json::json;

/// The hints at this person.
pub(crate) fn hints(app: &App, practice: PracticeId, profile: &Profile) -> Vec<Key<DuplicateHint>> {
    app.hint_hashes(practice, profile).iter().map(|hash| keys::duplicate_hint(practice, hash)).collect()
}

/// Whether a client that goes is alone in its hints.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Hinted {
    Alone,
    WithOthers,
}

/// Takes this client, and nobody else, out of its hints. Those it must be alone in are removed.
pub(crate) fn forget_hints(app: &App, tx: &mut Tx, client: &Client, hinted: Hinted) {
    for hash in app.hint_hashes(client.practice, &client.profile) {
        match hinted {
            Hinted::Alone => tx.drop_hint(&hash, client.id),
            Hinted::WithOthers => tx.forget_hint(&hash, client.id),
        };
    }
}

/// The same client as an import would say, and not by a bare name (C6).
fn same(profile: &Profile, entry: &Entry) -> bool {
    let who = Identity::of_profile(profile);
    !who.marks().is_empty() && who.same(&Identity::of_entry(entry))
}

/// As many clients as one read brings; a warm list may know more.
const LOOKED_AT: usize = 100;
/// Candidates that are shown.
const SHOWN: usize = 20;

/// Refuses with the candidates the caller may see (L16: nobody learns of anybody else's), and notes whom it shows (AUD-2).
pub(crate) async fn refuse(
    app: &App,
    caller: &Caller<StaffOnly>,
    asked: &Authorized<()>,
    profile: &Profile,
    (hints, head): (&[DuplicateHint], Option<&Head>),
) -> Result<(), Stop> {
    let practice = asked.practice.id;
    let mut ids: BTreeSet<ClientId> = hints.iter().flat_map(DuplicateHint::clients).collect();
    // Imported clients leave no hints; they are in the snapshot.
    let held = match app.directories.warm(practice, app.clock().unmoved()) {
        Some(held) => Some(held),
        None if head.is_some() => {
            let fresh = app.store.read_directory(practice, head).await?;
            Some(app.directories.keep(practice, fresh))
        }
        None => None,
    };
    if let Some(held) = held {
        ids.extend(lock(&held).directory.entries().filter(|entry| same(profile, entry)).map(|entry| entry.id));
    }
    if ids.is_empty() {
        return Ok(());
    }
    let newest: Vec<ClientId> = ids.into_iter().rev().take(LOOKED_AT).collect();
    let wanted: Vec<_> = newest.iter().map(|id| keys::client(practice, *id).unless_deleting()).collect();
    let (mut shown, mut candidates) = (Vec::new(), Vec::new());
    for client in app.store.load(wanted).await?.into_iter().flatten() {
        let visible =
            decide(&asked.actor, Action::ClientRead, &Resource::client(Some(&client)), &asked.practice).is_ok();
        if visible && same(profile, &Entry::from(&client)) && candidates.len() < SHOWN {
            let (first, last) = (client.profile.first_name.as_str(), client.profile.last_name.as_str());
            candidates
                .push(json!({"id": client.id, "first_name": first, "last_name": last, "status": client.status()}));
            shown.push(client.id.to_string());
        }
    }
    if candidates.is_empty() {
        return Ok(());
    }
    app.note_shown(caller, Action::ClientRead, Decided::Asked, None, &shown).await?;
    let detail =
        "The same person seems to be here already. Open the candidate, or send \"force\": true to add another record.";
    Err(Refusal::conflict("possible_duplicate", detail).with("candidates", candidates).into())
}
