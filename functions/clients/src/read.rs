use axum::extract::State;
use caseload::access::{Action, Actor};
use caseload::app::App;
use caseload::domain::ids::ClientId;
use caseload::store::{Sums, keys};
use caseload::web::view::client::{ClientShown, ClientView, OwnClientView};
use caseload::web::{Anyone, Caller, Outcome, Path, Reply};

// B1, E7
/// The whole profile for staff; the client's own, allow-listed record in the portal.
#[utoipa::path(
    get, path = "/v1/clients/{client_id}", tag = "clients", params(("client_id" = ClientId, Path)),
    responses((status = 200, body = ClientShown))
)]
pub(crate) async fn read_client(State(app): State<App>, caller: Caller<Anyone>, Path(id): Path<ClientId>) -> Outcome {
    let practice = caller.practice();
    let wanted = (keys::catalog(practice).required(), Sums::of(practice, id));
    let (read, (catalog, sums)) = app.client_with(&caller, Action::ClientRead, id, wanted).await?;
    let (client, now) = (&read.subject, read.grant.at());
    let shown = match read.actor {
        Actor::Client(_) => ClientShown::Portal(Box::new(OwnClientView::new(client, &read.practice, &sums, now))),
        _ => {
            let view = ClientView::new(client, &read.actor, &read.practice, &catalog, &sums, now);
            ClientShown::Staff(Box::new(view))
        }
    };
    Reply::ok_at(client.version, &shown)
}
