use axum::extract::State;
use caseload::access::Action;
use caseload::app::App;
use caseload::domain::ids::{ClientId, PacketId};
use caseload::domain::paperwork::PacketTally;
use caseload::domain::task::Due;
use caseload::refusal::Refusal;
use caseload::store::keys;
use caseload::web::view::packet::{PacketReader, StaffPacketView};
use caseload::web::{Caller, Json, Outcome, Path, Reply, StaffOnly};
use caseload::workflows::{found_packets, packet_places, retrying};
use serde::Deserialize;
use utoipa::ToSchema;

/// A packet to be sent.
#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SendPacket {
    packet_id: PacketId,
    /// Not over yet. A day is over when it has ended in the practice's zone.
    due: Option<Due>,
}

// S4
/// Sends a client a packet of forms, which waits in the portal. What is sent is a copy: it stays as the forms are now.
#[utoipa::path(
    post, path = "/v1/clients/{client_id}/packets", tag = "paperwork", params(("client_id" = ClientId, Path)),
    request_body = SendPacket,
    responses((status = 201, body = StaffPacketView), (status = 409))
)]
pub(crate) async fn send_packet(
    State(app): State<App>,
    caller: Caller<StaffOnly>,
    Path(client): Path<ClientId>,
    Json(SendPacket { packet_id, due }): Json<SendPacket>,
) -> Outcome {
    let practice = caller.practice();
    let places = packet_places(practice, &[packet_id], "/packet_id")?;
    retrying(app.clock(), async || {
        let wanted = (keys::packet_tally(practice, client), keys::catalog(practice).required(), places.clone());
        let (asked, (tally, catalog, found)) = app.client_with(&caller, Action::PacketSend, client, wanted).await?;
        let (now, zone) = (asked.grant.at(), asked.practice.time_zone.time_zone());
        if due.is_some_and(|due| due.is_over(now, zone)) {
            return Err(Refusal::invalid("/due", "due_in_past", "is over; choose a later day").into());
        }
        let found = found_packets(found, |_| "/packet_id".to_owned())?;
        let forms = app.forms_of(practice, &found).await?;
        let by = asked.actor.principal().ok_or_else(Refusal::absent)?;
        let mut tally = tally.unwrap_or_else(|| PacketTally::empty(practice, client));
        let mut tx = asked.tx();
        // A client whose deletion has begun gets nothing new.
        tx.unchanged(&asked.subject);
        let sent = app.send_packets(&mut tx, &mut tally, (&found, &forms), (by, due))?;
        let sent = sent.first().ok_or_else(Refusal::absent)?;
        let (actor, practice, client) = (&asked.actor, &asked.practice, &asked.subject);
        let reader = PacketReader { actor, practice, client, catalog: &catalog, now };
        let reply = Reply::created_at(sent.version, &reader.staff_view(sent))?;
        app.finish(&asked, tx, reply).await
    })
    .await
}
