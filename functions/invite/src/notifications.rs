use axum::extract::State;
use caseload::access::Action;
use caseload::app::App;
use caseload::domain::client::Client;
use caseload::domain::ids::ClientId;
use caseload::domain::session::PrincipalId;
use caseload::refusal::Refusal;
use caseload::web::view::notifications::{NotificationsView, PatchClientNotifications, PatchNotifications};
use caseload::web::{Caller, Json, Outcome, Path, Reply, RequireMatch, StaffOnly};

fn reply(client: &Client) -> Outcome {
    let of = PrincipalId::Client(client.id);
    Reply::ok_at(client.version, &NotificationsView::new(&client.portal.notifications, of, client.version))
}

/// Which notices a client gets by mail, and when.
///
/// Invitations, sign-in links and what else keeps access safe are always sent.
#[utoipa::path(
    get, path = "/v1/clients/{client_id}/notifications", tag = "invite", params(("client_id" = ClientId, Path)),
    responses((status = 200, body = NotificationsView))
)]
pub(crate) async fn read_client_notifications(
    State(app): State<App>,
    caller: Caller<StaffOnly>,
    Path(id): Path<ClientId>,
) -> Outcome {
    reply(&app.client(&caller, Action::PortalRead, id).await?.subject)
}

/// Sets which notices a client gets by mail, and when. What the client has turned off, it alone turns on again.
#[utoipa::path(
    patch, path = "/v1/clients/{client_id}/notifications", tag = "invite", params(("client_id" = ClientId, Path)),
    request_body = PatchClientNotifications,
    responses((status = 200, body = NotificationsView))
)]
pub(crate) async fn update_client_notifications(
    State(app): State<App>,
    caller: Caller<StaffOnly>,
    Path(id): Path<ClientId>,
    tag: RequireMatch,
    Json(body): Json<PatchClientNotifications>,
) -> Outcome {
    let mut asked = app.client(&caller, Action::PortalUpdate, id).await?;
    tag.check(asked.subject.version)?;
    let settings = &mut asked.subject.portal.notifications;
    let fields = PatchNotifications::from(body).apply(settings, PrincipalId::Client(id))?;
    if let Some(topic) = settings.overruled() {
        let pointer = format!("/topics/{}", topic.name());
        return Err(Refusal::invalid(
            pointer,
            "client_only",
            "was turned off by the client, who alone turns it on again",
        )
        .into());
    }
    let mut tx = asked.tx();
    tx.save_client(&mut asked.subject).fields(fields);
    let reply = reply(&asked.subject)?;
    app.finish(&asked, tx, reply).await
}
