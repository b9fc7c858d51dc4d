use axum::extract::State;
use caseload::access::{Action, Actor};
use caseload::app::App;
use caseload::domain::ids::ClientId;
use caseload::store::{Catalog, keys};
use caseload::web::{Anyone, Caller, Outcome, Path, Problem, ProblemBody, Reply};

use crate::view::{ClientView, OwnClientView};

/// The whole profile for staff; the client's own, allow-listed record in the portal (B1, E7).
#[utoipa::path(
    get, path = "/v1/clients/{client_id}", tag = "clients", params(("client_id" = ClientId, Path)),
    responses((status = 200, body = ClientView), (status = 404, body = ProblemBody))
)]
pub(crate) async fn read_client(State(app): State<App>, caller: Caller<Anyone>, Path(id): Path<ClientId>) -> Outcome {
    let key = keys::catalog(caller.practice());
    let mut read = app.client(&caller, Action::ClientRead, id, std::slice::from_ref(&key)).await?;
    let catalog = read.items.take::<Catalog>(&key)?.ok_or_else(|| Problem::internal("no catalog"))?;
    let (client, now) = (&read.subject, read.grant.at());
    match read.actor {
        Actor::Client(_) => Reply::ok_at(client.version, &OwnClientView::new(client, &read.practice, now)),
        _ => Reply::ok_at(client.version, &ClientView::new(client, &read.actor, &read.practice, &catalog, now)),
    }
}
