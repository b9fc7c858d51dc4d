use axum::extract::State;
use caseload::access::Action;
use caseload::app::App;
use caseload::domain::ids::ClientId;
use caseload::web::{Caller, Outcome, Path, Reply, StaffOnly};
use caseload::workflows::retrying;

use crate::portal::PortalAccessView;

// D18, D19
/// Cuts the portal for one client; the status stays. Sending an invitation restores it.
#[utoipa::path(
    post, path = "/v1/clients/{client_id}/portal/disable", tag = "invite", params(("client_id" = ClientId, Path)),
    responses((status = 200, body = PortalAccessView), (status = 409))
)]
pub(crate) async fn disable_access(
    State(app): State<App>,
    caller: Caller<StaffOnly>,
    Path(id): Path<ClientId>,
) -> Outcome {
    retrying(app.clock(), async || {
        let mut asked = app.client(&caller, Action::PortalDisable, id).await?;
        asked.subject.disable_access()?;
        let mut tx = asked.tx();
        tx.save_client(&mut asked.subject).fields(["portal.access"]);
        let client = &asked.subject;
        let view = PortalAccessView::new(&app, &asked.actor, client, &asked.practice, asked.grant.at());
        app.finish(&asked, tx, Reply::ok_at(client.version, &view)?).await
    })
    .await
}
