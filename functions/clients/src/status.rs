use axum::extract::State;
use caseload::access::Action;
use caseload::app::App;
use caseload::domain::appointment::AppointmentSummary;
use caseload::domain::client::{Client, ClientRefusal};
use caseload::domain::directory::{Change, Entry};
use caseload::domain::ids::ClientId;
use caseload::store::{Catalog, keys};
use caseload::web::view::client::ClientView;
use caseload::web::{Caller, Outcome, Path, Problem, ProblemBody, Reply, StaffOnly};
use caseload::workflows::retrying;
use jiff::Timestamp;

/// Cuts everything: the portal, sessions and open invitations, from the next request on (D23).
#[utoipa::path(
    post, path = "/v1/clients/{client_id}/deactivate", tag = "clients", params(("client_id" = ClientId, Path)),
    responses((status = 200, body = ClientView), (status = 409, body = ProblemBody))
)]
pub(crate) async fn deactivate_client(
    State(app): State<App>,
    caller: Caller<StaffOnly>,
    Path(id): Path<ClientId>,
) -> Outcome {
    change(&app, &caller, id, Action::ClientDeactivate, Client::deactivate).await
}

/// Takes a deactivation back; the client is what the stored facts say (decision 2).
#[utoipa::path(
    post, path = "/v1/clients/{client_id}/reactivate", tag = "clients", params(("client_id" = ClientId, Path)),
    responses((status = 200, body = ClientView), (status = 409, body = ProblemBody))
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
    retrying(async || {
        let (key, summed) = (keys::catalog(caller.practice()), keys::appointment_summary(caller.practice(), id));
        let mut asked = app.client(caller, action, id, &[key.clone(), summed.clone()]).await?;
        let catalog = asked.items.take::<Catalog>(&key)?.ok_or_else(|| Problem::internal("no catalog"))?;
        let sessions = asked.items.take::<AppointmentSummary>(&summed)?;
        let now = asked.grant.at();
        rule(&mut asked.subject, now)?;
        let client = &asked.subject;
        let view = ClientView::new(client, &asked.actor, &asked.practice, &catalog, sessions.as_ref(), now);
        let reply = Reply::ok_at(client.version, &view)?;
        let mut tx = asked.tx();
        tx.replace(client).directory(&Change::Put(Entry::from(client))).fields(["suspended_at"]);
        app.finish(&asked, tx, reply).await
    })
    .await
}
