use axum::extract::State;
use caseload::access::Action;
use caseload::app::App;
use caseload::domain::ids::SentPacketId;
use caseload::web::view::packet::PortalPacketView;
use caseload::web::{Caller, Outcome, Path, PortalOnly, Reply};
use caseload::workflows::retrying;

use crate::found::Found;

// S4
/// Hands a packet in: from then on nothing in it changes, and staff reads it.
///
/// What is missing is told in `missing`, by form and question, or by form alone for a signature.
#[utoipa::path(
    post, path = "/v1/packets/{packet_id}/submit", tag = "paperwork", params(("packet_id" = SentPacketId, Path)),
    responses((status = 200, body = PortalPacketView), (status = 409))
)]
pub(crate) async fn submit_packet(
    State(app): State<App>,
    caller: Caller<PortalOnly>,
    Path(id): Path<SentPacketId>,
) -> Outcome {
    retrying(app.clock(), async || {
        let mut found = Found::of(&app, &caller, Action::PacketSubmit, id).await?;
        let now = found.asked.grant.at();
        found.asked.subject.submit(now)?;
        found.tally.submit(found.asked.subject.due);
        let mut tx = found.asked.tx();
        tx.replace(&mut found.asked.subject).replace(&mut found.tally).unchanged(&found.client);
        tx.touches(id).fields(["state"]);
        let reply = Reply::ok_at(found.asked.subject.version, &found.view())?;
        app.finish(&found.asked, tx, reply).await
    })
    .await
}
