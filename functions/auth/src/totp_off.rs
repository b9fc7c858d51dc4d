use axum::extract::State;
use caseload::access::{Action, Resource};
use caseload::app::App;
use caseload::domain::mail::CredentialChange;
use caseload::refusal::Refusal;
use caseload::web::{Caller, Json, Outcome, Reply, StaffOnly};
use caseload::workflows::retrying;

use crate::second_factor::{notice, owner};
use crate::totp::TotpCode;

// X9, IDN-7
/// Turns the second factor off, with a code or a recovery code; every other session of the caller ends.
#[utoipa::path(
    delete, path = "/v1/auth/totp", tag = "auth", request_body = TotpCode,
    responses(
        (status = 204), (status = 409),
        (status = 429)
    )
)]
pub(crate) async fn turn_totp_off(
    State(app): State<App>,
    caller: Caller<StaffOnly>,
    Json(body): Json<TotpCode>,
) -> Outcome {
    retrying(app.clock(), async || {
        let mut me = owner(&app, &caller).await?;
        if me.entered.practice.team.require_totp {
            return Err(Refusal::conflict(
                "totp_required_by_practice",
                "Your practice asks a second factor of its staff.",
            )
            .into());
        }
        me.prove(&app, &body.code).await?;
        let grant = app.decide(&me.entered, Action::SelfCredentials, &Resource::Practice).await?;
        me.staff.totp = false;
        me.end_other_sessions();
        let mut session = me.entered.session.clone();
        let asked = me.entered.authorized(grant, ());
        let mut tx = asked.tx();
        tx.delete(&me.factor).replace(&mut me.staff).replace(&mut session).fields(["totp"]).touches(me.staff.id);
        let mail = notice(&app, &mut tx, &asked.practice, &me.staff, CredentialChange::SecondFactorOff)?;
        let reply = app.finish(&asked, tx, Reply::empty()).await?;
        app.send_now(&mail).await?;
        Ok(reply)
    })
    .await
}
