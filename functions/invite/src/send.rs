use axum::extract::State;
use caseload::access::{Action, Resource};
use caseload::app::App;
use caseload::domain::client::Client;
use caseload::domain::email::EmailAddress;
use caseload::domain::ids::{ClientId, PacketId};
use caseload::domain::paperwork::PacketTally;
use caseload::domain::portal::Access;
use caseload::domain::text::InvitationMessage;
use caseload::refusal::Refusal;
use caseload::store::keys;
use caseload::web::{Caller, InvitationView, LoginClaim, OptionalJson, Outcome, Path, Reply, StaffOnly};
use caseload::workflows::{Ask, found_packets, packet_places, retrying};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// How to invite. Everything can be left out.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SendInvitation {
    #[serde(default)]
    message: Option<InvitationMessage>,
    /// Another address than the one on record.
    #[serde(default)]
    email: Option<EmailAddress>,
    // D4
    /// Whether the client agreed to mail at the address.
    #[serde(default)]
    consent: bool,
    // S4
    /// Packets of forms to be filled in, which wait in the portal.
    #[serde(default)]
    #[schema(max_items = 5)]
    packet_ids: Vec<PacketId>,
}

/// The invitation that went out, or the access that was restored.
#[derive(Serialize, ToSchema)]
pub(crate) struct SentInvitationView {
    #[serde(flatten)]
    invitation: InvitationView,
    email: Option<String>,
    access: Access,
}

impl SentInvitationView {
    fn new(client: &Client, now: Timestamp) -> Result<Self, Refusal> {
        let invitation = client.portal.invitation.as_ref();
        Ok(Self {
            invitation: InvitationView::new(invitation.ok_or_else(|| Refusal::broken("nothing was sent"))?, now),
            email: client.portal.email.as_ref().map(|e| e.as_str().to_owned()),
            access: client.portal.access,
        })
    }
}

// D3, D10, D11, D19
/// Sends, resends or restores a client's portal access.
#[utoipa::path(
    post, path = "/v1/clients/{client_id}/portal/invitation", tag = "invite", params(("client_id" = ClientId, Path)), request_body = SendInvitation,
    responses((status = 201, body = SentInvitationView), (status = 409), (status = 429))
)]
pub(crate) async fn send_invitation(
    State(app): State<App>,
    caller: Caller<StaffOnly>,
    Path(id): Path<ClientId>,
    OptionalJson(body): OptionalJson<SendInvitation>,
) -> Outcome {
    let practice = caller.practice();
    let packets = packet_places(practice, &body.packet_ids, "/packet_ids")?;
    retrying(app.clock(), async || {
        let wanted = (packets.clone(), (!packets.is_empty()).then(|| keys::packet_tally(practice, id)));
        let (asked, (found, tally)) = app.client_with(&caller, Action::PortalInvite, id, wanted).await?;
        let now = asked.grant.at();
        let SendInvitation { message, email, consent, packet_ids } = body.clone();
        if !packet_ids.is_empty() {
            app.decide_also(&asked, Action::PacketSend, &Resource::client(Some(&asked.subject))).await?;
        }
        if email.as_ref().is_some_and(|email| asked.subject.portal.is_moved_by(email)) {
            app.decide_also(&asked, Action::PortalUpdateEmail, &Resource::client(Some(&asked.subject))).await?;
        }
        let found = found_packets(found, |place| format!("/packet_ids/{place}"))?;
        let forms = app.forms_of(practice, &found).await?;
        let mut client = asked.subject.clone();
        let mut tx = asked.tx();
        let mail =
            app.invite(&mut tx, &mut client, &asked.practice, Ask { email, consent, message, ..Ask::default() })?;
        if let Some(by) = asked.actor.principal() {
            let mut tally = tally.flatten().unwrap_or_else(|| PacketTally::empty(practice, id));
            app.send_packets(&mut tx, &mut tally, (&found, &forms), (by, None))?;
        }
        tx.save_client(&mut client).fields(["portal"]);
        let answer = |client: &Client| Reply::created(&SentInvitationView::new(client, now)?);
        let before = Some(&asked.subject);
        let email = client.portal.email.as_ref();
        let claim = LoginClaim { email, consent, client: before, action: Action::PortalInvite };
        app.finish_login(&asked, tx, answer(&client)?, claim).await?;
        app.send_invitation_now(&asked.grant, &mut client, &mail, |client| {
            Ok(asked.answer_place().cloned().zip(Some(answer(client)?.answer())))
        })
        .await?;
        answer(&client)
    })
    .await
}
