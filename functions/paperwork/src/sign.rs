use axum::extract::State;
use caseload::access::Action;
use caseload::app::App;
use caseload::crypto::sha256;
use caseload::domain::ids::{FormId, SentPacketId};
use caseload::domain::text::SignedName;
use caseload::web::view::packet::PortalPacketView;
use caseload::web::{Caller, Json, Outcome, Path, PortalOnly, Reply};
use caseload::workflows::retrying;
use serde::Deserialize;
use utoipa::ToSchema;

use crate::found::Found;

/// A signature.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SignPacket {
    /// The name, typed out.
    typed_name: SignedName,
    /// Only this consent; all of the packet that are not signed yet without it.
    form_id: Option<FormId>,
}

// S4
/// Signs the consents of a packet: name, time and a digest of exactly the text that was shown are kept.
#[utoipa::path(
    post, path = "/v1/packets/{packet_id}/sign", tag = "paperwork", params(("packet_id" = SentPacketId, Path)),
    request_body = SignPacket,
    responses((status = 200, body = PortalPacketView), (status = 409))
)]
pub(crate) async fn sign_packet(
    State(app): State<App>,
    caller: Caller<PortalOnly>,
    Path(id): Path<SentPacketId>,
    Json(body): Json<SignPacket>,
) -> Outcome {
    retrying(app.clock(), async || {
        let mut found = Found::of(&app, &caller, Action::PacketSign, id).await?;
        let now = found.asked.grant.at();
        found.asked.subject.sign(&body.typed_name, body.form_id, now, sha256)?;
        let mut tx = found.asked.tx();
        tx.replace(&mut found.asked.subject).unchanged(&found.client).touches(id).fields(["signatures"]);
        let reply = Reply::ok_at(found.asked.subject.version, &found.view())?;
        app.finish(&found.asked, tx, reply).await
    })
    .await
}
