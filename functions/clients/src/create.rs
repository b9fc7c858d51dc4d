use axum::extract::State;
use caseload::access::{Action, Actor, Resource, ownership_of_new};
use caseload::app::App;
use caseload::domain::client::{Client, Ownership};
use caseload::domain::date::today;
use caseload::domain::ids::ClientId;
use caseload::domain::paperwork::PacketTally;
use caseload::domain::practice::Practice;
use caseload::refusal::Stop;
use caseload::store::{DuplicateHint, Sums, keys};
use caseload::web::view::client::ClientView;
use caseload::web::{Authorized, Caller, Json, LoginClaim, Outcome, Reply, StaffOnly};
use caseload::workflows::{Ask, found_packets, packet_places, retrying};

use crate::body::CreateClient;
use crate::duplicates;
use crate::tags::attach;

// B14, D1, D2
/// Adds a client, and invites it if asked to.
#[utoipa::path(
    post, path = "/v1/clients", tag = "clients", request_body = CreateClient,
    responses((status = 201, body = ClientView), (status = 409), (status = 429))
)]
pub(crate) async fn create_client(
    State(app): State<App>,
    caller: Caller<StaffOnly>,
    Json(body): Json<CreateClient>,
) -> Outcome {
    retrying(app.clock(), async || attempt(&app, &caller, &body).await).await
}

async fn attempt(app: &App, caller: &Caller<StaffOnly>, body: &CreateClient) -> Outcome {
    let practice = caller.practice();
    // The practice's default region is not known yet; hints about a phone without a country are found by its other marks.
    let hints = match body.profile(None, jiff::civil::Date::MAX) {
        Ok(profile) => duplicates::hints(app, practice, &profile),
        Err(_) => Vec::new(),
    };
    // Whether a snapshot holds more than the hints know.
    let packets = body.packet_ids();
    let packets = packet_places(practice, packets, "/invite/packet_ids")?;
    let wanted = (keys::catalog(practice).required(), keys::directory_head(practice), hints, packets);
    let (asked, (mut catalog, head, hints, packets)) = app.practice_with(caller, Action::ClientCreate, wanted).await?;
    let now = asked.grant.at();
    let mut client = new_client(app, &asked, body).await?;
    let (tags, grown) = attach(app, &asked, &mut catalog, &body.tags).await?;
    let hints: Vec<DuplicateHint> = hints.into_iter().flatten().collect();
    if !body.force {
        duplicates::refuse(app, caller, &asked, &client.profile, (&hints, head.as_ref())).await?;
    }
    client.profile.tags = tags;
    let packets = found_packets(packets, |place| format!("/invite/packet_ids/{place}"))?;
    let forms = app.forms_of(practice, &packets).await?;
    let mut tx = asked.tx();
    let mail = match body.invite.clone() {
        Some(invite) => {
            let ask = Ask { email: invite.email, consent: invite.consent, message: invite.message, ..Ask::default() };
            Some(app.invite(&mut tx, &mut client, &asked.practice, ask)?)
        }
        None => None,
    };
    if let Some(by) = asked.actor.principal() {
        let mut tally = PacketTally::empty(practice, client.id);
        app.send_packets(&mut tx, &mut tally, (&packets, &forms), (by, None))?;
    }
    if grown {
        tx.replace(&mut catalog);
    }
    if let (Some(_), Actor::Staff(therapist)) = (client.assigned_staff, &asked.actor) {
        // Whoever is being removed at this moment gets no client any more.
        tx.unchanged(&***therapist);
    }
    app.leave_hints(&mut tx, &client, &hints);
    tx.create_client(&client).touches(client.id);
    let answer = |client: &Client, practice: &Practice| {
        Reply::created_at(
            client.version,
            &ClientView::new(client, &asked.actor, practice, &catalog, &Sums::default(), now),
        )
    };
    let claim = LoginClaim {
        email: client.portal.email.as_ref(),
        consent: body.invite.as_ref().is_some_and(|invite| invite.consent),
        client: None,
        action: Action::PortalInvite,
    };
    let reply = app.finish_login(&asked, tx, answer(&client, &asked.practice)?, claim).await?;
    let Some(mail) = mail else { return Ok(reply) };
    app.send_invitation_now(&asked.grant, &mut client, &mail, |client| {
        Ok(asked.answer_place().cloned().zip(Some(answer(client, &asked.practice)?.answer())))
    })
    .await?;
    answer(&client, &asked.practice)
}

/// The client, without tags. What a body says beside the card is decided as if it were said of the client afterwards
/// (security AZ-4).
async fn new_client(app: &App, asked: &Authorized<()>, body: &CreateClient) -> Result<Client, Stop> {
    let now = asked.grant.at();
    let day = today(now, asked.practice.time_zone.time_zone());
    let profile = body.profile(asked.practice.default_region, day)?;
    let (ownership, assigned) = match &asked.actor {
        Actor::Staff(staff) => ownership_of_new(staff),
        _ => (Ownership::Practice, None),
    };
    let id = ClientId::from_uuid(app.new_id()?);
    let client = Client::new(id, asked.practice.id, profile, ownership, assigned, now, day);
    let parts = [
        (Action::ClientUpdateDiagnosis, body.diagnosis.is_some() || body.symptoms.is_some()),
        (Action::PortalInvite, body.invite.is_some()),
        (Action::PacketSend, !body.packet_ids().is_empty()),
    ];
    for (action, _) in parts.into_iter().filter(|(_, said)| *said) {
        app.decide_also(asked, action, &Resource::client(Some(&client))).await?;
    }
    Ok(client)
}
