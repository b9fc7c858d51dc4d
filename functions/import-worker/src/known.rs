//! What rows are compared with, as the table has it: the list and the catalog once, then the clients that rows seem to be.

use caseload::access::{Action, ClientFacts, Resource, decide};
use caseload::domain::catalog::Catalog;
use caseload::domain::client::Client;
use caseload::domain::directory::Entry;
use caseload::domain::ids::{ClientId, TagId};
use caseload::domain::import::batch::Batch;
use caseload::domain::import::known::{Known, KnownClient, KnownClients};
use caseload::domain::import::outcomes::{Judged, Outcomes, judge_again};
use caseload::store::keys;

use crate::halt::Halt;
use crate::job::Job;

/// What is known before the first row. The list does not show what this import has written so far, so a worker that takes
/// over sees what the first one saw.
pub(crate) async fn load(job: &Job) -> Result<Known, Halt> {
    let practice = job.practice.id;
    let held = job.app.store.load_directory(practice).await?;
    let catalog = catalog(job).await?;
    let visible = |entry: &Entry| {
        let found = Resource::Client(Some(ClientFacts::of_entry(entry, practice)));
        decide(&job.importer, Action::ClientRead, &found, &job.practice).is_ok()
    };
    let mut known = Known::new(held.directory.entries().filter(visible), catalog);
    if job.plan.names_staff() {
        let wanted: Vec<_> = known.catalog.staff.keys().map(|id| keys::staff(practice, *id)).collect();
        for some in wanted.chunks(100) {
            let staff = job.app.store.load(some.to_vec()).await?.into_iter().flatten();
            known.addresses.extend(staff.map(|staff| (staff.email.folded(), staff.id)));
        }
    }
    Ok(known)
}

/// Judges the rows of a batch.
pub(crate) async fn judge(job: &Job, known: &mut Known, batch: Batch) -> Result<Outcomes, Halt> {
    let clients = clients(job, &batch.candidates()).await?;
    Ok(Outcomes::of(batch, &job.terms, job, known, &clients))
}

/// Judges rows anew, by what stands in the table now; the labels that the catalog must have first. `None` if the importer
/// works here no more, or did not before: what no earlier worker has written is left out.
pub(crate) async fn judge_anew(
    job: &Job,
    known: &mut Known,
    rows: &mut [&mut Judged],
    works: bool,
) -> Result<Option<Vec<TagId>>, Halt> {
    known.catalog = catalog(job).await?;
    let ids: Vec<ClientId> = rows.iter().flat_map(|judged| judged.clients()).collect();
    let clients = clients(job, &ids).await?;
    let labels = judge_again(rows, &job.terms, job, known, &clients);
    if works && known.is_active(job.terms.importer) {
        return Ok(Some(labels));
    }
    rows.iter_mut().for_each(|judged| judged.leave_unwritten());
    Ok(None)
}

async fn catalog(job: &Job) -> Result<Catalog, Halt> {
    let found = job.app.store.load(keys::catalog(job.practice.id)).await?;
    found.ok_or_else(|| Halt::Broken("a practice without a catalog".to_owned()))
}

/// Clients by id, as many as there are.
async fn clients(job: &Job, ids: &[ClientId]) -> Result<KnownClients, Halt> {
    let may =
        |action, client: &Client| decide(&job.importer, action, &Resource::client(Some(client)), &job.practice).is_ok();
    let mut found = KnownClients::new();
    for ids in ids.chunks(100) {
        let wanted: Vec<_> = ids.iter().map(|id| keys::client(job.practice.id, *id).unless_deleting()).collect();
        for client in job.app.store.load(wanted).await?.into_iter().flatten() {
            let (visible, changeable) = (may(Action::ClientRead, &client), may(Action::ClientUpdate, &client));
            found.insert(client.id, KnownClient { client, visible, changeable });
        }
    }
    Ok(found)
}
