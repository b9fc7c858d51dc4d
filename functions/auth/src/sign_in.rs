use axum::extract::State;
use caseload::access::{Action, Actor, Cause, Grant, Resource};
use caseload::app::App;
use caseload::crypto::random_id;
use caseload::domain::email::EmailAddress;
use caseload::domain::ids::{ClientId, PracticeId, StaffId};
use caseload::domain::mail::{Outgoing, Template};
use caseload::domain::practice::{Practice, Slug};
use caseload::domain::session::PrincipalId;
use caseload::domain::staff::StaffStatus;
use caseload::domain::text::PracticeName;
use caseload::mail::NOBODY;
use caseload::refusal::{Refusal, Stop};
use caseload::store::rate::Limit;
use caseload::store::{SignInLink, Tx, keys};
use caseload::web::{Afresh, Json, Outcome, Reply, Visitor};
use caseload::workflows::Occasion;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// Who asks for a sign-in link.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SignIn {
    /// The login address.
    email: EmailAddress,
    /// The portal's slug, for a client; without it a staff member signs in.
    #[serde(default)]
    portal: Option<Slug>,
}

/// The same for every address.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SignInAnswer {
    message: &'static str,
}

/// Requests from one network (security IDN-13).
const REQUESTS: Limit = Limit { kind: "sign-in", max: 50, window: SignedDuration::from_mins(15) };

/// Mails to one address at one portal, the shortest window first: whom it stops is not counted further.
const LIMITS: [Limit; 3] = [
    Limit { kind: "sign-in-minute", max: 1, window: SignedDuration::from_mins(1) },
    Limit { kind: "sign-in-hour", max: 5, window: SignedDuration::from_hours(1) },
    Limit { kind: "sign-in-day", max: 10, window: SignedDuration::from_hours(24) },
];

// decision 8
/// Mails a one-time sign-in link, if the address is known; the answer never tells.
#[utoipa::path(
    post, path = "/v1/auth/sign-in", tag = "auth", request_body = SignIn,
    responses((status = 202, body = SignInAnswer), (status = 429))
)]
pub(crate) async fn sign_in(State(app): State<App>, visitor: Visitor, _: Afresh, Json(body): Json<SignIn>) -> Outcome {
    let now = visitor.context.at;
    let portal = body.portal.as_ref().map_or("", Slug::as_str);
    let hash = app.keys.hash("sign-in limit", &[portal.as_bytes(), body.email.folded().as_bytes()]);
    if let Some(network) = visitor.context.network() {
        let source = app.keys.hash("source", &[network.as_bytes()]);
        app.store.raise(REQUESTS, &source, now).await?.map_err(Refusal::too_many)?;
    }
    for limit in LIMITS {
        if app.store.raise(limit, &hash, now).await?.is_err() {
            return answer();
        }
    }
    let found = match &body.portal {
        Some(slug) => portal_client(&app, slug, &body.email).await?,
        None => staff_member(&app, &body.email).await?,
    };
    // Whoever counts or times calls must not learn which addresses are known, so both branches make the same ones: a
    // transaction of three puts, a mail, a delete. The mail of an unknown address goes where the mail service throws it
    // away (IDN-12).
    let cause = Cause { request: visitor.context.id, at: now };
    let mail = match found {
        Some(found) => link(&app, found, cause).await?,
        None => decoy(&app, &hash, now).await?,
    };
    app.send_now(&mail).await?;
    answer()
}

fn answer() -> Outcome {
    Reply::accepted(&SignInAnswer { message: "If the address is known here, a sign-in link is on its way to it." })
}

async fn link(app: &App, found: Known, cause: Cause) -> Result<Outgoing, Stop> {
    let (Known { practice, principal, epoch, address }, now) = (found, cause.at);
    let grant = Grant::decide(&Actor::Anonymous, Action::SignIn, &Resource::Practice, &practice, cause)?;
    let link = SignInLink::new(practice.id, principal, epoch, random_id()?, now);
    let template = Template::SignIn { principal, seed: link.seed };
    let mut tx = Tx::new(&grant);
    tx.put(&link).touches(principal);
    let mail = app.write_mail(&mut tx, Occasion::Requested, &practice, address, template)?;
    app.store.commit(tx).await?;
    Ok(mail)
}

async fn decoy(app: &App, hash: &str, now: Timestamp) -> Result<Outgoing, Stop> {
    app.store.write_decoy(hash, now).await?;
    let principal = PrincipalId::Staff(StaffId::from_uuid(Uuid::nil()));
    let template = Template::SignIn { principal, seed: random_id()? };
    let nobody = EmailAddress::parse(NOBODY).map_err(Refusal::broken)?;
    let practice = PracticeName::parse("Nobody").map_err(Refusal::broken)?;
    Ok(Outgoing::new(app.new_id()?, PracticeId::from_uuid(Uuid::nil()), practice, nobody, template, now))
}

/// Somebody who can sign in.
struct Known {
    practice: Practice,
    principal: PrincipalId,
    epoch: u32,
    address: EmailAddress,
}

/// The client that signs in with this address, if it can. An unknown portal costs as many reads as a known one.
async fn portal_client(app: &App, slug: &Slug, email: &EmailAddress) -> Result<Option<Known>, Stop> {
    let portal = app.store.load(keys::slug_guard(slug)).await?;
    let practice = portal.map_or(PracticeId::from_uuid(Uuid::nil()), |guard| guard.practice);
    let hash = app.login_hash(practice, email);
    let login = app.store.load(keys::login_guard(practice, &hash)).await?;
    let client = login.and_then(|guard| guard.owner.parse().ok()).unwrap_or(ClientId::from_uuid(Uuid::nil()));
    let wanted = (keys::practice(practice), keys::client(practice, client).unless_deleting());
    let (Some(practice), Some(client)) = app.store.load(wanted).await? else {
        return Ok(None);
    };
    let can = client.blocked_by(practice.portal.on).is_empty();
    let (principal, epoch) = (PrincipalId::Client(client.id), client.portal.session_epoch);
    let address = client.portal.email.filter(|_| can);
    Ok(address.map(|address| Known { practice, principal, epoch, address }))
}

/// The staff member with this address, wherever it works.
async fn staff_member(app: &App, email: &EmailAddress) -> Result<Option<Known>, Stop> {
    let place = app.store.staff_with_identity(&app.staff_identity_hash(email)).await?;
    let (practice, staff) = place.unwrap_or((PracticeId::from_uuid(Uuid::nil()), StaffId::from_uuid(Uuid::nil())));
    let wanted = (keys::practice(practice), keys::staff(practice, staff));
    let (Some(practice), Some(staff)) = app.store.load(wanted).await? else {
        return Ok(None);
    };
    let owner_to_be = staff.status == StaffStatus::Invited && staff.invitation.is_none();
    let can = owner_to_be || matches!(staff.status, StaffStatus::Active | StaffStatus::OnHold);
    let (principal, epoch) = (PrincipalId::Staff(staff.id), staff.session_epoch);
    Ok(can.then_some(Known { practice, principal, epoch, address: staff.email }))
}
