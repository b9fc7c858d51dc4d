use axum::extract::State;
use caseload::access::{Action, Actor};
use caseload::app::App;
use caseload::domain::ids::ClientId;
use caseload::store::{AllSums, keys};
use caseload::web::view::client::{ClientShown, ClientView, OwnClientView};
use caseload::web::view::tabs::{Asking, Things};
use caseload::web::{Anyone, Caller, Outcome, Path, Reply};

// B1, E7
/// The whole profile for staff; the client's own, allow-listed record in the portal.
#[utoipa::path(
    get, path = "/v1/clients/{client_id}", tag = "clients", params(("client_id" = ClientId, Path)),
    responses((status = 200, body = ClientShown))
)]
pub(crate) async fn read_client(State(app): State<App>, caller: Caller<Anyone>, Path(id): Path<ClientId>) -> Outcome {
    let practice = caller.practice();
    let wanted = (keys::catalog(practice).required(), AllSums::of(practice, id));
    let read = app.client_with(&caller, Action::ClientRead, id, wanted);
    let (files, invoices) = (keys::files(practice, id), keys::invoices(practice, id));
    // Side by side, in one round trip; nothing of it is told before the decision.
    let (read, files, invoices) = tokio::join!(read, app.store.all(&files), app.store.all(&invoices));
    let (read, (catalog, sums)) = read?;
    let (files, invoices) = (files?, invoices?);
    let (client, now) = (&read.subject, read.grant.at());
    let shown = match read.actor {
        Actor::Client(_) => ClientShown::Portal(Box::new(OwnClientView::new(client, &read.practice, &sums.few, now))),
        _ => {
            let asking = Asking { reader: &read.actor, client, practice: &read.practice, now };
            let things = Things { sums: &sums, files: &files, invoices: &invoices };
            let view = ClientView::new(client, &read.actor, &read.practice, &catalog, &sums.few, now);
            ClientShown::Staff(Box::new(view.with_things(asking, &things)))
        }
    };
    Reply::ok_at(client.version, &shown)
}
