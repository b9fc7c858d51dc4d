use axum::extract::State;
use caseload::access::Action;
use caseload::app::App;
use caseload::domain::client::Client;
use caseload::domain::email::EmailAddress;
use caseload::domain::ids::ClientId;
use caseload::refusal::Stop;
use caseload::store::Tx;
use caseload::web::{Authorized, Caller, Outcome, Path, Reply, RequireMatch, StaffOnly};

use crate::duplicates::{self, Hinted};

// decision 11
/// Deletes a client for good: record, files with all their versions, sessions. Invoices and payments stay, without a
/// name.
///
/// `If-Match` binds the deletion to the exact record the caller has seen.
#[utoipa::path(
    delete, path = "/v1/clients/{client_id}", tag = "clients", params(("client_id" = ClientId, Path)),
    responses((status = 204))
)]
pub(crate) async fn delete_client(
    State(app): State<App>,
    caller: Caller<StaffOnly>,
    Path(id): Path<ClientId>,
    tag: RequireMatch,
) -> Outcome {
    let mut asked = app.client(&caller, Action::ClientDelete, id).await?;
    tag.check(asked.subject.version)?;
    let login = asked.subject.portal.email.take();
    match app.finish(&asked, deletion(&app, &asked, login.as_ref(), Hinted::Alone), Reply::empty()).await {
        // Somebody of the same name and mark is here, or the client itself has changed: then this is refused, too.
        Err(Stop::Lost(_)) => {
            app.finish(&asked, deletion(&app, &asked, login.as_ref(), Hinted::WithOthers), Reply::empty()).await
        }
        done => done,
    }
}

fn deletion(app: &App, asked: &Authorized<Client>, login: Option<&EmailAddress>, hinted: Hinted) -> Tx {
    let (mut client, mut tx) = (asked.subject.clone(), asked.tx());
    app.move_login(&mut tx, &client, login, None);
    duplicates::forget_hints(app, &mut tx, &client, hinted);
    // From here on the client reads as absent; the schedule removes what is left of it within a minute.
    tx.begin_deletion(&mut client).touches(client.id);
    tx
}
