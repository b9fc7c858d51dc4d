use axum::extract::State;
use caseload::access::Action;
use caseload::app::App;
use caseload::domain::export::Export;
use caseload::domain::ids::{ClientId, ExportId};
use caseload::domain::session::PrincipalId;
use caseload::domain::thread::Thread;
use caseload::files::ExportObjects;
use caseload::refusal::Refusal;
use caseload::store::rate::Limit;
use caseload::store::{Decided, Sums, keys};
use caseload::web::{Caller, Outcome, Path, Reply, StaffOnly};
use jiff::SignedDuration;

use crate::contents::Contents;
use crate::record::{Drawn, draw};
use crate::view::ExportView;

/// Exports a person may ask for in an hour (IDN-13).
const HOURLY: Limit = Limit { kind: "export", max: 10, window: SignedDuration::from_hours(1) };
/// Ids that one entry of the audit trail names: an item of the table holds no more than 400 KB.
const NAMED: usize = 2000;

// X5, IDN-14
/// Asks for a client's whole record as an archive: `record.json`, `client.csv` for the importer, and the files.
///
/// It holds what the caller's own reads would show at this moment; what others hide from the caller is not in it. Made
/// in the background; staff with a second factor shows it first.
#[utoipa::path(
    post, path = "/v1/clients/{client_id}/export", tag = "export-record", params(("client_id" = ClientId, Path)),
    responses((status = 202, body = ExportView), (status = 429))
)]
pub(crate) async fn export_client(
    State(app): State<App>,
    caller: Caller<StaffOnly>,
    Path(id): Path<ClientId>,
) -> Outcome {
    let practice = caller.practice();
    let PrincipalId::Staff(me) = caller.identity.principal else { return Err(Refusal::absent().into()) };
    let wanted = (keys::catalog(practice).required(), Sums::of(practice, id), keys::thread(practice, id));
    let (asked, (catalog, sums, thread)) = app.client_with(&caller, Action::ClientExport, id, wanted).await?;
    let thread = thread.unwrap_or_else(|| Thread::empty(practice, id));
    // Not before the decision: how long it takes would tell how much is there.
    let contents = Contents::of(&app, practice, id).await?;
    let Drawn { order, parts, ids } = draw(&asked, me, (&catalog, &thread), &sums, &contents)?;
    let now = asked.grant.at();
    app.store.raise(HOURLY, &me.key(), now).await?.map_err(Refusal::too_many)?;
    for some in ids.chunks(NAMED) {
        app.note_shown(&caller, Action::ClientExport, Decided::Asked, Some(id), some).await?;
    }
    let export = Export::new(ExportId::new(id, app.new_id()?), practice, me, parts, now);
    let mut tx = asked.tx();
    tx.create(&export).touches(export.id);
    app.store.commit(tx).await?;
    tracing::info!(code = "record_exported", export = %export.id, "export");
    // The state first, then the order that wakes the worker, then the kept answer: a repetition after a crash in between
    // asks anew instead of repeating an answer that nothing followed.
    let key = ExportObjects { practice, export: export.id }.order();
    let order = serde_json::to_vec(&order).map_err(Refusal::broken)?;
    app.files()?.put(&key, "application/json", order).await?;
    let reply = Reply::accepted_at(export.version, &ExportView::new(&export, now))?;
    if asked.answer_place().is_some() { app.finish(&asked, asked.tx(), reply).await } else { Ok(reply) }
}
