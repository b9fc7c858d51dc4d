use axum::extract::State;
use caseload::access::{Action, Resource};
use caseload::app::App;
use caseload::domain::mail::CredentialChange;
use caseload::web::{Afresh, Caller, Json, Outcome, Reply, StaffOnly};
use caseload::workflows::retrying;

use crate::second_factor::{not_on, notice, owner};
use crate::totp::{RecoveryCodes, TotpCode, new_codes};

// X9
/// Replaces the recovery codes, used ones and unused ones alike.
#[utoipa::path(
    post, path = "/v1/auth/totp/recovery-codes", tag = "auth", request_body = TotpCode,
    responses(
        (status = 200, body = RecoveryCodes), (status = 409),
        (status = 429)
    )
)]
pub(crate) async fn renew_recovery_codes(
    State(app): State<App>,
    caller: Caller<StaffOnly>,
    _: Afresh,
    Json(body): Json<TotpCode>,
) -> Outcome {
    retrying(app.clock(), async || {
        let mut me = owner(&app, &caller).await?;
        me.prove(&app, &body.code).await?;
        let grant = app.decide(&me.entered, Action::SelfCredentials, &Resource::Practice).await?;
        let (codes, hashes) = new_codes(&app, &me.factor)?;
        me.factor.confirmed.as_mut().ok_or_else(not_on)?.recovery = hashes;
        let mut session = me.entered.session.clone();
        let asked = me.entered.authorized(grant, ());
        let mut tx = asked.tx();
        tx.replace(&mut me.factor).replace(&mut session).fields(["totp.recovery_codes"]).touches(me.staff.id);
        let mail = notice(&app, &mut tx, &asked.practice, &me.staff, CredentialChange::RecoveryCodesRenewed)?;
        let reply = app.finish(&asked, tx, Reply::ok(&codes)?).await?;
        app.send_now(&mail).await?;
        Ok(reply)
    })
    .await
}
