use axum::extract::State;
use caseload::access::Action;
use caseload::app::App;
use caseload::domain::ids::SentPacketId;
use caseload::domain::session::PrincipalId;
use caseload::store::Tx;
use caseload::web::view::packet::PacketView;
use caseload::web::{Anyone, Caller, Outcome, Path, Reply};
use caseload::workflows::retrying;

use crate::found::Found;

// S4
/// A packet that was sent, with its forms. Staff reads the answers once the client has submitted it; who opens it first
/// then is written down.
#[utoipa::path(
    get, path = "/v1/packets/{packet_id}", tag = "paperwork", params(("packet_id" = SentPacketId, Path)),
    responses((status = 200, body = PacketView))
)]
pub(crate) async fn read_packet(
    State(app): State<App>,
    caller: Caller<Anyone>,
    Path(id): Path<SentPacketId>,
) -> Outcome {
    retrying(app.clock(), async || {
        let mut found = Found::of(&app, &caller, Action::PacketRead, id).await?;
        let Found { asked, tally, .. } = &mut found;
        if let PrincipalId::Staff(me) = caller.identity.principal
            && asked.subject.saw(me, asked.grant.at())
        {
            tally.see();
            let mut tx = Tx::new(&asked.grant);
            tx.replace(&mut asked.subject).replace(tally).touches(id).fields(["seen"]);
            app.store.commit(tx).await?;
        }
        Reply::ok_at(found.asked.subject.version, &found.view())
    })
    .await
}
