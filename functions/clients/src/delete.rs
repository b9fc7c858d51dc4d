use axum::extract::State;
use caseload::access::Action;
use caseload::app::App;
use caseload::domain::directory::Change;
use caseload::domain::ids::ClientId;
use caseload::store::Guard;
use caseload::web::{Caller, Outcome, Path, ProblemBody, Reply, StaffOnly};

use crate::duplicates;

/// Deletes a client for good: record, files with all their versions, sessions. Invoices and payments stay, without a
/// name (decision 11).
///
/// `If-Match` binds the deletion to the exact record the caller has seen.
#[utoipa::path(
    delete, path = "/v1/clients/{client_id}", tag = "clients", params(("client_id" = ClientId, Path)),
    responses((status = 204), (status = 404, body = ProblemBody), (status = 412, body = ProblemBody), (status = 428, body = ProblemBody))
)]
pub(crate) async fn delete_client(
    State(app): State<App>,
    caller: Caller<StaffOnly>,
    Path(id): Path<ClientId>,
) -> Outcome {
    let mut asked = app.client(&caller, Action::ClientDelete, id, &[]).await?;
    asked.require_version(asked.subject.version)?;
    let login = asked.subject.portal.email.take();
    let client = &mut asked.subject;
    client.deleting = true;
    client.portal.end_sessions();
    client.version += 1;
    let (client, mut tx) = (&asked.subject, asked.tx());
    app.move_login(&mut tx, client, login.as_ref(), None);
    duplicates::forget_hints(&app, &mut tx, client);
    // From here on the client reads as absent; the schedule removes what is left of it within a minute.
    tx.replace(client)
        .directory(&Change::Gone { id, version: client.version })
        .put(&Guard::deletion(client.practice, id))
        .touches(id);
    app.finish(&asked, tx, Reply::empty()).await
}
