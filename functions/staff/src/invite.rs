use axum::extract::State;
use caseload::access::Action;
use caseload::app::App;
use caseload::crypto::random_id;
use caseload::domain::email::EmailAddress;
use caseload::domain::ids::{RoleId, StaffId};
use caseload::domain::practice::Practice;
use caseload::domain::staff::{NewStaff, Staff, StaffInvitation};
use caseload::domain::text::FullName;
use caseload::refusal::{Refusal, Stop};
use caseload::store::{Conflict, Guard, Taken};
use caseload::web::{Authorized, Caller, Json, Outcome, Reply, StaffOnly};
use caseload::workflows::retrying;
use jiff::Timestamp;
use serde::Deserialize;
use utoipa::ToSchema;

use crate::member::{Roster, roster};
use crate::view::StaffView;

/// Whom to invite, and as what.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct InviteStaff {
    full_name: FullName,
    email: EmailAddress,
    /// One of the practice's roles.
    role_id: RoleId,
    /// Whether they are to run the practice, too.
    #[serde(default)]
    admin: bool,
}

/// 422 unless it is a role of the practice.
pub(crate) fn known_role(practice: &Practice, id: RoleId) -> Result<(), Refusal> {
    let unknown = || Refusal::invalid("/role_id", "role_unknown", "is not a role of your practice; see GET /v1/roles");
    practice.roles.contains_key(&id).then_some(()).ok_or_else(unknown)
}

// L1, L15
/// Invites somebody to the team by mail.
///
/// Whether they work for another practice shows only to them, when they accept.
#[utoipa::path(
    post, path = "/v1/staff", tag = "staff", request_body = InviteStaff,
    responses((status = 201, body = StaffView), (status = 409), (status = 429))
)]
pub(crate) async fn invite_staff(
    State(app): State<App>,
    caller: Caller<StaffOnly>,
    Json(body): Json<InviteStaff>,
) -> Outcome {
    retrying(app.clock(), async || {
        let mut asked = roster(&app, &caller, Action::StaffInvite).await?;
        known_role(&asked.practice, body.role_id)?;
        let now = asked.grant.at();
        let staff = invited(&app, &asked, body.clone(), now)?;
        asked.subject.team.invite(staff.id, staff.admin, staff.role)?;
        asked.subject.catalog.show(&staff);
        let hash = app.staff_address_hash(staff.practice, &staff.email);
        let guard = Guard::staff_address(staff.practice, &hash, staff.id);
        let mut tx = asked.tx();
        let Roster { team, catalog } = &mut asked.subject;
        tx.claim(&guard, Conflict::Taken(Taken::TeamAddress))
            .create(&staff)
            .replace(team)
            .replace(catalog)
            .unchanged(&asked.practice)
            .touches(staff.id);
        let mail = app.invite_staff(&mut tx, &staff, &asked.practice)?;
        let view = StaffView::new(&staff, team, catalog, &asked.practice, now);
        let reply = app.finish(&asked, tx, Reply::created_at(staff.version, &view)?).await?;
        app.send_now(&mail).await?;
        Ok(reply)
    })
    .await
}

fn invited(app: &App, asked: &Authorized<Roster>, body: InviteStaff, now: Timestamp) -> Result<Staff, Stop> {
    let (practice, by) = (&asked.practice, asked.actor.staff_id());
    let InviteStaff { full_name, email, role_id, admin } = body;
    let invitation = StaffInvitation::first(random_id()?, now, practice.invitations.expires_after(), by);
    let new = NewStaff { full_name, email, admin, role: role_id, invitation: Some(invitation) };
    Ok(Staff::new(StaffId::from_uuid(app.new_id()?), practice.id, new, now))
}
