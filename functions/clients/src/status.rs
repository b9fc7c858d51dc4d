use axum::extract::State;
use caseload::access::Action;
use caseload::app::App;
use caseload::domain::client::{Client, ClientRefusal};
use caseload::domain::ids::ClientId;
use caseload::store::{Sums, keys};
use caseload::web::view::client::ClientView;
use caseload::web::{Caller, Outcome, Path, Reply, StaffOnly};
use caseload::workflows::retrying;
use jiff::Timestamp;

// D23
/// Deactivates a client: the portal, sessions and open invitations, from the next request on.
#[utoipa::path(
    post, path = "/v1/clients/{client_id}/deactivate", tag = "clients", params(("client_id" = ClientId, Path)),
    responses((status = 200, body = ClientView), (status = 409))
)]
pub(crate) async fn deactivate_client(
    State(app): State<App>,
    caller: Caller<StaffOnly>,
    Path(id): Path<ClientId>,
) -> Outcome {
    change(&app, &caller, id, Action::ClientDeactivate, Client::deactivate).await
}

// decision 2
/// Takes a deactivation back; the client is what the stored facts say.
#[utoipa::path(
    post, path = "/v1/clients/{client_id}/reactivate", tag = "clients", params(("client_id" = ClientId, Path)),
    responses((status = 200, body = ClientView), (status = 409))
)]
pub(crate) async fn reactivate_client(
    State(app): State<App>,
    caller: Caller<StaffOnly>,
    Path(id): Path<ClientId>,
) -> Outcome {
    change(&app, &caller, id, Action::ClientReactivate, |client, _| client.reactivate()).await
}

async fn change(
    app: &App,
    caller: &Caller<StaffOnly>,
    id: ClientId,
    action: Action,
    rule: impl Fn(&mut Client, Timestamp) -> Result<(), ClientRefusal>,
) -> Outcome {
    retrying(app.clock(), async || {
        let practice = caller.practice();
        let wanted = (keys::catalog(practice).required(), Sums::of(practice, id));
        let (mut asked, (catalog, sums)) = app.client_with(caller, action, id, wanted).await?;
        let now = asked.grant.at();
        rule(&mut asked.subject, now)?;
        let mut tx = asked.tx();
        tx.save_client(&mut asked.subject).fields(["suspended_at"]);
        let client = &asked.subject;
        let view = ClientView::new(client, &asked.actor, &asked.practice, &catalog, &sums, now);
        let reply = Reply::ok_at(client.version, &view)?;
        app.finish(&asked, tx, reply).await
    })
    .await
}
