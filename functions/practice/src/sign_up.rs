use axum::extract::State;
use caseload::access::{Action, Actor, Cause, Grant};
use caseload::app::App;
use caseload::crypto::random_id;
use caseload::domain::catalog::{Catalog, StaffCard};
use caseload::domain::email::EmailAddress;
use caseload::domain::ids::{PracticeId, RoleId, StaffId};
use caseload::domain::mail::Template;
use caseload::domain::money::Currency;
use caseload::domain::phone::Region;
use caseload::domain::practice::{InvitationSettings, PortalSettings, Practice, Slug, TeamSettings, Zone};
use caseload::domain::role::Role;
use caseload::domain::scheduling::SchedulingSettings;
use caseload::domain::session::PrincipalId;
use caseload::domain::staff::{NewStaff, Staff};
use caseload::domain::team::Team;
use caseload::domain::text::{FullName, PracticeName};
use caseload::refusal::{Refusal, Stop};
use caseload::store::rate::Limit;
use caseload::store::{AnswerPlace, Conflict, Guard, SignInLink, StaffCandidate, StoreError, Taken, Tx, keys};
use caseload::web::{Json, Outcome, Reply, Visitor};
use caseload::workflows::Occasion;
use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;
use utoipa::ToSchema;

use crate::view::PracticeView;

/// What somebody signs a practice up with.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SignUp {
    name: PracticeName,
    slug: Slug,
    #[schema(value_type = String, example = "America/New_York")]
    time_zone: Zone,
    currency: Currency,
    #[schema(value_type = Option<String>, example = "US")]
    default_region: Option<Region>,
    owner: Owner,
}

/// The first staff member, an admin.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Owner {
    full_name: FullName,
    email: EmailAddress,
}

/// Sign-ups from one network (security IDN-13).
const FROM_NETWORK: Limit = Limit { kind: "sign-up", max: 10, window: SignedDuration::from_hours(1) };

/// Sign-ups that mail one address: whoever signs up need not be who is mailed (security IDN-13).
const FOR_ADDRESS: Limit = Limit { kind: "sign-up-address", max: 5, window: SignedDuration::from_hours(24) };

/// Signs a practice up and mails its owner a sign-in link.
///
/// Whoever works for a practice already leaves it first: 409 `already_in_practice`, and nothing is taken.
#[utoipa::path(
    post, path = "/v1/practices", tag = "practice", request_body = SignUp,
    responses((status = 201, body = PracticeView), (status = 409), (status = 429))
)]
pub(crate) async fn sign_up(State(app): State<App>, visitor: Visitor, Json(body): Json<SignUp>) -> Outcome {
    let now = visitor.context.at;
    let place = visitor.context.repeatable.clone().map(|(place, payload)| AnswerPlace {
        key: keys::anonymous_idempotency(&place),
        practice: None,
        payload,
        standing: String::new(),
        keys: app.keys.clone(),
    });
    let record = place.as_ref().map(|place| place.key.clone());
    let hash = app.staff_identity_hash(&body.owner.email);
    let wanted = (record, keys::slug_guard(&body.slug), keys::staff_identity(&hash));
    let (record, name, identity) = app.store.load(wanted).await?;
    if let Some(place) = &place {
        app.check_repeat(place, record.flatten(), now)?;
    }
    if let Some(network) = visitor.context.network() {
        let source = app.keys.hash("source", &[network.as_bytes()]);
        app.store.raise(FROM_NETWORK, &source, now).await?.map_err(Refusal::too_many)?;
    }
    // Before the address is counted: choosing a name that is taken mails nobody.
    if name.is_some() {
        return taken(&app, place.as_ref(), now).await;
    }
    let owner = app.keys.hash("sign-up limit", &[body.owner.email.folded().as_bytes()]);
    app.store.raise(FOR_ADDRESS, &owner, now).await?.map_err(Refusal::too_many)?;
    // Counted by now: nobody asks without end who works where.
    if identity.is_some() {
        return Err(Taken::Identity.into());
    }
    let (practice, staff) = founded(&app, &body, now)?;
    let cause = Cause { request: visitor.context.id, at: now };
    let grant = Grant::system(practice.id, Actor::Anonymous, Action::PracticeSignUp, None, cause)?;
    let principal = PrincipalId::Staff(staff.id);
    let link = SignInLink::new(practice.id, principal, staff.session_epoch, random_id()?, now);
    let template = Template::Welcome { principal, seed: link.seed };
    let mut catalog = Catalog::new(practice.id);
    catalog.staff.insert(staff.id, StaffCard { full_name: staff.full_name.clone(), active: true });
    let reply = Reply::created_at(practice.version, &PracticeView::new(&practice, app.portal_url(&practice.slug)))?;
    let mut tx = Tx::new(&grant);
    tx.claim(&Guard::slug(&practice.slug, practice.id), Conflict::Taken(Taken::Slug))
        .create(&practice)
        .create(&catalog)
        .create(&staff)
        .create(&Team::founded(practice.id, staff.id, staff.role))
        .create(&Guard::staff_address(practice.id, &app.staff_address_hash(practice.id, &staff.email), staff.id))
        .create(&StaffCandidate { hash: hash.clone(), practice: practice.id, staff: staff.id })
        .absent(keys::staff_identity(&hash), Conflict::Taken(Taken::Identity))
        .create(&link)
        .answer(place.as_ref(), reply.answer());
    let mail = app.write_mail(&mut tx, Occasion::Requested, &practice, staff.email.clone(), template)?;
    match app.store.commit(tx).await {
        Err(StoreError::Conflict(conflict)) if place.is_some() && conflict != Conflict::Taken(Taken::Identity) => {
            return taken(&app, place.as_ref(), now).await;
        }
        other => other?,
    }
    app.send_now(&mail).await?;
    Ok(reply)
}

/// Refuses the slug. Of two equal requests at once, the slower one finds it taken by its twin: then the twin's answer.
async fn taken(app: &App, place: Option<&AnswerPlace>, now: Timestamp) -> Outcome {
    if let Some(place) = place {
        app.check_repeat(place, app.store.load(place.key.clone()).await?, now)?;
    }
    Err(Taken::Slug.into())
}

fn founded(app: &App, body: &SignUp, now: Timestamp) -> Result<(Practice, Staff), Stop> {
    let SignUp { name, slug, time_zone, currency, default_region, owner } = body.clone();
    let roles = [app.new_id()?, app.new_id()?, app.new_id()?].map(RoleId::from_uuid);
    let practice = Practice {
        id: PracticeId::from_uuid(app.new_id()?),
        version: 1,
        name,
        slug,
        time_zone,
        currency,
        default_region,
        created_at: now,
        closed_at: None,
        portal: PortalSettings::default(),
        online_payments: false,
        invitations: InvitationSettings::default(),
        scheduling: SchedulingSettings::default(),
        team: TeamSettings::default(),
        roles: Role::standard(roles),
    };
    let [role, ..] = roles;
    let Owner { full_name, email } = owner;
    let new = NewStaff { full_name, email, admin: true, role, invitation: None };
    let staff = Staff::new(StaffId::from_uuid(app.new_id()?), practice.id, new, now);
    Ok((practice, staff))
}
