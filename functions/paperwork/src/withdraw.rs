use axum::extract::State;
use caseload::access::Action;
use caseload::app::App;
use caseload::domain::ids::{PacketId, SentPacketId};
use caseload::domain::paperwork::Library;
use caseload::refusal::Refusal;
use caseload::store::keys;
use caseload::web::{Caller, Outcome, Path, Reply, RequireMatch, StaffOnly};
use caseload::workflows::retrying;
use serde::Deserialize;
use utoipa::ToSchema;

use crate::found::Found;

/// A packet of the library, or one that was sent.
#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
#[serde(untagged)]
pub(crate) enum AnyPacket {
    Sent(SentPacketId),
    Library(PacketId),
}

// S4
/// Takes back a packet that was sent and is neither submitted nor signed in part, with what the client has saved of it; or takes one out of the
/// library, by the id it has there. What was sent of that stays.
#[utoipa::path(
    delete, path = "/v1/packets/{packet_id}", tag = "paperwork", params(("packet_id" = inline(AnyPacket), Path)),
    responses((status = 204), (status = 409))
)]
pub(crate) async fn delete_packet(
    State(app): State<App>,
    caller: Caller<StaffOnly>,
    Path(id): Path<AnyPacket>,
    tag: RequireMatch,
) -> Outcome {
    match id {
        AnyPacket::Sent(id) => retrying(app.clock(), async || withdraw(&app, &caller, id, &tag).await).await,
        AnyPacket::Library(id) => retrying(app.clock(), async || discard(&app, &caller, id, &tag).await).await,
    }
}

async fn withdraw(app: &App, caller: &Caller<StaffOnly>, id: SentPacketId, tag: &RequireMatch) -> Outcome {
    let Found { asked, mut tally, .. } = Found::of(app, caller, Action::PacketWithdraw, id).await?;
    asked.subject.check_withdrawable()?;
    tag.check(asked.subject.version)?;
    tally.withdraw(asked.subject.due);
    let mut tx = asked.tx();
    tx.delete(&asked.subject).replace(&mut tally).touches(id);
    app.finish(&asked, tx, Reply::empty()).await
}

async fn discard(app: &App, caller: &Caller<StaffOnly>, id: PacketId, tag: &RequireMatch) -> Outcome {
    let practice = caller.practice();
    let wanted = (keys::packet(practice, id), keys::library(practice));
    let (asked, (found, library)) = app.practice_with(caller, Action::FormManage, wanted).await?;
    let packet = found.ok_or_else(Refusal::absent)?;
    tag.check(packet.version)?;
    let mut library = library.unwrap_or_else(|| Library::empty(practice));
    library.remove_packet(&packet);
    let mut tx = asked.tx();
    tx.delete(&packet).replace(&mut library).touches(id);
    app.finish(&asked, tx, Reply::empty()).await
}
