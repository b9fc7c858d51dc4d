//! What rows are compared with: the clients of the practice, and the rows before (C6).

use std::collections::HashMap;

use caseload::access::{Action, Actor, ClientFacts, Resource, decide};
use caseload::domain::catalog::Catalog;
use caseload::domain::client::Client;
use caseload::domain::directory::Entry;
use caseload::domain::email::EmailAddress;
use caseload::domain::ids::ClientId;
use caseload::domain::import::identity::{Identity, Parts, People};
use caseload::domain::phone::Phone;
use caseload::domain::text::ExternalId;
use caseload::store::keys;

use crate::halt::Halt;
use crate::job::Job;
use crate::part;

/// Everything a row's fate depends on beside the row itself.
#[derive(Debug)]
pub(crate) struct Ground {
    /// Clients that the importer may see (decision 5: nobody learns of anybody else's).
    pub(crate) existing: People<ClientId>,
    /// Rows of this file so far.
    pub(crate) file: People<()>,
    /// Clients that a row of this file has updated or would update, with its line.
    pub(crate) taken: HashMap<ClientId, u64>,
    /// Tags and staff.
    pub(crate) catalog: Catalog,
    /// Whether the importer's role includes clinical fields: without it, those of a row have no effect (L12).
    pub(crate) clinical: bool,
}

impl Ground {
    /// From the directory, the catalog and the parts before the checkpoint. The directory does not show what this import
    /// has written so far, so a worker that takes over sees what the first one saw.
    pub(crate) async fn load(job: &mut Job) -> Result<Self, Halt> {
        let practice = job.practice.id;
        let mut existing = People::default();
        {
            let held = job.app.store.load_directory(practice).await?;
            let importer = Actor::Staff(Box::new(job.importer.clone()));
            let visible = |entry: &Entry| {
                let found = Resource::Client(Some(ClientFacts::of_entry(entry, practice)));
                decide(&importer, Action::ClientRead, &found, &job.practice).is_ok()
            };
            for entry in held.directory.entries().filter(visible) {
                existing.insert(&of_entry(&entry), entry.id);
            }
        }
        let mut ground = Self {
            existing,
            file: People::default(),
            taken: HashMap::new(),
            catalog: Self::catalog(job).await?,
            clinical: job.may(Action::ClientReadDiagnosis),
        };
        for number in 0..job.run.report.parts.len() {
            part::recall(job, number, &mut ground).await?;
            if number % 20 == 19 {
                job.save().await?;
            }
        }
        Ok(ground)
    }

    /// Whether the importer still is an active member of the team, as the catalog says (decision 6).
    pub(crate) fn importer_works(&self, job: &Job) -> bool {
        self.catalog.staff.get(&job.importer.id).is_some_and(|card| card.active)
    }

    /// The catalog as it stands now.
    pub(crate) async fn catalog(job: &Job) -> Result<Catalog, Halt> {
        let found = job.app.store.load(keys::catalog(job.practice.id)).await?;
        found.ok_or_else(|| Halt::Broken("a practice without a catalog".to_owned()))
    }
}

fn of_entry(entry: &Entry) -> Identity {
    Identity::of(&Parts {
        external_id: entry.external_id.as_deref(),
        email: entry.email.as_deref(),
        first_name: &entry.first_name,
        last_name: &entry.last_name,
        date_of_birth: entry.date_of_birth,
        phone: entry.phone.as_deref(),
    })
}

/// By what a stored client is recognised.
pub(crate) fn of_client(client: &Client) -> Identity {
    let profile = &client.profile;
    Identity::of(&Parts {
        external_id: profile.external_id.as_ref().map(ExternalId::as_str),
        email: profile.email.as_ref().map(EmailAddress::as_str),
        first_name: profile.first_name.as_str(),
        last_name: profile.last_name.as_str(),
        date_of_birth: profile.date_of_birth,
        phone: profile.phone.as_ref().map(Phone::e164),
    })
}
