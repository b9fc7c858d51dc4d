use axum::extract::State;
use caseload::access::Action;
use caseload::app::App;
use caseload::domain::ids::StaffId;
use caseload::domain::portal::AcceptRefusal;
use caseload::domain::staff::StaffStatus;
use caseload::web::{Caller, Outcome, Path, StaffOnly};
use caseload::workflows::retrying;

use crate::member::{member, reply};
use crate::view::StaffView;

// L2
/// Sends the invitation again, also after it was declined; the earlier link is dead from now on.
#[utoipa::path(
    post, path = "/v1/staff/{staff_id}/invitation", tag = "staff", params(("staff_id" = StaffId, Path)),
    responses((status = 200, body = StaffView), (status = 409), (status = 429))
)]
pub(crate) async fn resend_staff_invitation(
    State(app): State<App>,
    caller: Caller<StaffOnly>,
    Path(id): Path<StaffId>,
) -> Outcome {
    retrying(app.clock(), async || {
        let mut asked = member(&app, &caller, Action::StaffInvite, id).await?;
        let (now, expires_after) = (asked.grant.at(), asked.practice.invitations.expires_after());
        let by = asked.actor.staff_id();
        let staff = &mut asked.subject.staff;
        match staff.invitation.as_mut().filter(|_| staff.status == StaffStatus::Invited) {
            Some(invitation) => {
                invitation.again(now, expires_after);
                invitation.invited_by = by;
            }
            None => return Err(AcceptRefusal::Accepted.into()),
        }
        let mut tx = asked.tx();
        let staff = &mut asked.subject.staff;
        tx.replace(staff).touches(id).fields(["invitation"]);
        let mail = app.invite_staff(&mut tx, staff, &asked.practice)?;
        let reply = app.finish(&asked, tx, reply(&asked)?).await?;
        app.send_now(&mail).await?;
        Ok(reply)
    })
    .await
}
