use axum::extract::State;
use caseload::access::{Action, Actor, Cause, Grant};
use caseload::app::App;
use caseload::crypto::random_id;
use caseload::domain::email::EmailAddress;
use caseload::domain::ids::{PracticeId, RoleId, StaffId};
use caseload::domain::money::Currency;
use caseload::domain::phone::Region;
use caseload::domain::practice::{InvitationSettings, PortalSettings, Practice, Slug, TeamSettings, Zone};
use caseload::domain::role::Role;
use caseload::domain::session::PrincipalId;
use caseload::domain::staff::{Staff, StaffStatus};
use caseload::domain::team::Team;
use caseload::domain::text::{FullName, PracticeName};
use caseload::store::{
    Catalog, Conflict, Guard, Outgoing, SignInLink, Slot, StaffCandidate, StaffCard, StoreError, Template, Tx, keys,
};
use caseload::web::{Json, Outcome, Problem, ProblemBody, Reply, Visitor};
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

/// Signs a practice up and mails its owner a sign-in link.
#[utoipa::path(
    post, path = "/v1/practices", tag = "practice", request_body = SignUp, security(()),
    responses((status = 201, body = PracticeView), (status = 409, body = ProblemBody), (status = 422, body = ProblemBody))
)]
pub(crate) async fn sign_up(State(app): State<App>, visitor: Visitor, Json(body): Json<SignUp>) -> Outcome {
    let now = visitor.context.at;
    let slot = visitor.context.repeatable.clone().map(|(place, payload)| Slot {
        key: keys::anonymous_idempotency(&place),
        practice: None,
        payload,
        standing: String::new(),
        keys: app.keys.clone(),
    });
    if let Some(slot) = &slot {
        let mut items = app.store.load(std::slice::from_ref(&slot.key)).await?;
        app.check_repeat(slot, &mut items, now)?;
    }
    let (practice, staff) = founded(&app, &body, now)?;
    let cause = Cause { request: visitor.context.id, at: now };
    let grant = Grant::system(practice.id, Actor::Anonymous, Action::PracticeSignUp, None, cause)?;
    let principal = PrincipalId::Staff(staff.id);
    let link =
        SignInLink { practice: practice.id, principal, seed: random_id()?, created_at: now, used_at: None, version: 1 };
    let template = Template::Welcome { principal, seed: link.seed };
    let mail = Outgoing::new(app.new_id()?, practice.id, practice.name.clone(), staff.email.clone(), template, now);
    let mut catalog = Catalog::new(practice.id);
    catalog.staff.insert(staff.id, StaffCard { full_name: staff.full_name.clone(), active: true });
    let hash = app.staff_identity_hash(&staff.email);
    let reply = Reply::created_at(practice.version, &PracticeView::new(&practice, app.portal_url(&practice.slug)))?;
    let mut tx = Tx::new(&grant);
    tx.claim(&Guard::slug(&practice.slug, practice.id), Conflict::Taken("slug_taken"))
        .create(&practice)
        .create(&catalog)
        .create(&staff)
        .create(&Team::founded(practice.id, staff.id, staff.role))
        .create(&Guard::staff_address(practice.id, &app.staff_address_hash(practice.id, &staff.email), staff.id))
        .create(&StaffCandidate { hash, practice: practice.id, staff: staff.id })
        .create(&link)
        .mail(&mail)
        .answer(slot.as_ref(), reply.answer());
    match app.store.commit(tx).await {
        // Of two equal requests at once, the slower one finds the slug taken by its twin.
        Err(StoreError::Conflict(_)) if slot.is_some() => {
            if let Some(slot) = &slot {
                let mut items = app.store.load(std::slice::from_ref(&slot.key)).await?;
                app.check_repeat(slot, &mut items, now)?;
            }
            return Err(StoreError::Conflict(Conflict::Taken("slug_taken")).into());
        }
        other => other?,
    }
    app.send_now(&mail).await?;
    Ok(reply)
}

fn founded(app: &App, body: &SignUp, now: jiff::Timestamp) -> Result<(Practice, Staff), Problem> {
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
        portal: PortalSettings::default(),
        online_payments: false,
        invitations: InvitationSettings::default(),
        team: TeamSettings::default(),
        roles: Role::standard(roles),
    };
    let [role, ..] = roles;
    let staff = Staff {
        id: StaffId::from_uuid(app.new_id()?),
        practice: practice.id,
        version: 1,
        full_name: owner.full_name,
        email: owner.email,
        admin: true,
        status: StaffStatus::Invited,
        role,
        supervises: Vec::new(),
        billing_modifier: None,
        invitation: None,
        created_at: now,
        joined_at: None,
        outside: None,
        totp: false,
        session_epoch: 0,
    };
    Ok((practice, staff))
}
