use axum::extract::State;
use caseload::access::Action;
use caseload::app::App;
use caseload::crypto::random_id;
use caseload::domain::email::EmailAddress;
use caseload::domain::ids::{PracticeId, RoleId, StaffId};
use caseload::domain::practice::Practice;
use caseload::domain::staff::{NewStaff, Staff, StaffInvitation};
use caseload::domain::text::FullName;
use caseload::refusal::{Refusal, Stop};
use caseload::store::rate::Limit;
use caseload::store::{Conflict, Guard, Taken};
use caseload::web::{Authorized, Caller, Json, Outcome, Reply, StaffOnly};
use caseload::workflows::retrying;
use jiff::{SignedDuration, Timestamp};
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

/// Invitations to the team that one practice sends in a day, the repeated ones among them (security IDN-13).
const DAILY: Limit = Limit { kind: "staff-invitation", max: 100, window: SignedDuration::from_hours(24) };

/// Counts an invitation before it is sent: 429 beyond [`DAILY`].
pub(crate) async fn count(app: &App, practice: PracticeId, now: Timestamp) -> Result<(), Stop> {
    let hash = app.keys.hash("staff invitations", &[practice.uuid().as_bytes()]);
    Ok(app.store.raise(DAILY, &hash, now).await?.map_err(Refusal::too_many)?)
}

/// Repetitions of one member's invitation in a day (security IDN-13).
const REPEATED: Limit = Limit { kind: "staff-invitation-again", max: 5, window: SignedDuration::from_hours(24) };

/// Counts a repetition before it is sent: 429 beyond [`REPEATED`] for this member, or beyond [`DAILY`].
pub(crate) async fn count_again(app: &App, practice: PracticeId, staff: StaffId, now: Timestamp) -> Result<(), Stop> {
    let hash = app.keys.hash("staff invitation", &[practice.uuid().as_bytes(), staff.uuid().as_bytes()]);
    app.store.raise(REPEATED, &hash, now).await?.map_err(Refusal::too_many)?;
    count(app, practice, now).await
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
        count(&app, asked.practice.id, now).await?;
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
