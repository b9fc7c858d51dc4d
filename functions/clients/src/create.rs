use axum::extract::State;
use caseload::access::{Action, Actor, ownership_of_new};
use caseload::app::App;
use caseload::domain::client::{Client, Ownership};
use caseload::domain::date::today;
use caseload::domain::directory::{Change, Entry};
use caseload::domain::ids::ClientId;
use caseload::domain::practice::Practice;
use caseload::mail::Ask;
use caseload::store::{Catalog, keys};
use caseload::web::{Authorized, Caller, Json, Outcome, Problem, ProblemBody, Reply, StaffOnly, retrying};

use crate::body::CreateClient;
use crate::duplicates;
use crate::tags::attach;
use caseload::web::view::client::ClientView;

/// Adds a client, and invites it if asked to (B14, D1, D2).
#[utoipa::path(
    post, path = "/v1/clients", tag = "clients", request_body = CreateClient,
    responses((status = 201, body = ClientView), (status = 409, body = ProblemBody), (status = 422, body = ProblemBody))
)]
pub(crate) async fn create_client(
    State(app): State<App>,
    caller: Caller<StaffOnly>,
    Json(body): Json<CreateClient>,
) -> Outcome {
    retrying(async || attempt(&app, &caller, &body).await).await
}

async fn attempt(app: &App, caller: &Caller<StaffOnly>, body: &CreateClient) -> Outcome {
    let catalog_key = keys::catalog(caller.practice());
    let mut wanted = vec![catalog_key.clone()];
    // The practice's default region is not known yet; hints about a phone without a country are found by its other marks.
    if let Ok(profile) = body.profile(None, jiff::civil::Date::MAX) {
        wanted.extend(duplicates::wanted(app, caller.practice(), &profile));
    } else {
        wanted.push(keys::directory_head(caller.practice()));
    }
    let mut asked = app.practice(caller, Action::ClientCreate, &wanted).await?;
    let mut catalog = asked.items.take::<Catalog>(&catalog_key)?.ok_or_else(|| Problem::internal("no catalog"))?;
    let now = asked.grant.at();
    let day = today(now, asked.practice.time_zone.time_zone());
    let mut profile = body.profile(asked.practice.default_region, day)?;
    if !body.force {
        duplicates::refuse(app, &mut asked.items, &asked.actor, &asked.practice, &profile).await?;
    }
    let (tags, grown) = attach(app, &mut catalog, &body.tags)?;
    profile.tags = tags;
    let (ownership, assigned) = ownership(&asked);
    let id = ClientId::from_uuid(app.new_id()?);
    let mut client = Client::new(id, asked.practice.id, profile, ownership, assigned, now, day);
    let mut tx = asked.tx();
    let mail = match body.invite.clone() {
        Some(invite) => {
            let ask = Ask { email: invite.email, consent: invite.consent, message: invite.message, automatic: false };
            let mail = app.invite(&mut tx, &mut client, &asked.practice, ask)?;
            // Nobody has seen the client before it was invited.
            client.version = 1;
            Some(mail)
        }
        None => None,
    };
    if grown {
        tx.replace(&catalog);
    }
    if let (Some(_), Actor::Staff(therapist)) = (assigned, &asked.actor) {
        // Whoever is being removed at this moment gets no client any more.
        tx.unchanged(&**therapist);
    }
    duplicates::leave_hints(app, &mut tx, &client);
    tx.create(&client).directory(&Change::Put(Entry::from(&client))).touches(client.id);
    let answer = |client: &Client, practice: &Practice| {
        Reply::created_at(client.version, &ClientView::new(client, &asked.actor, practice, &catalog, None, now))
    };
    let reply = app.finish(&asked, tx, answer(&client, &asked.practice)?).await?;
    let Some(mail) = mail else { return Ok(reply) };
    app.send_invitation_now(&asked.grant, &mut client, &mail, |client| {
        Ok(asked.slot().cloned().zip(Some(answer(client, &asked.practice)?)))
    })
    .await?;
    answer(&client, &asked.practice)
}

fn ownership(asked: &Authorized<()>) -> (Ownership, Option<caseload::domain::ids::StaffId>) {
    match &asked.actor {
        Actor::Staff(staff) => ownership_of_new(staff),
        _ => (Ownership::Practice, None),
    }
}
