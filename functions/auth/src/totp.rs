use axum::extract::State;
use caseload::access::{Action, Resource};
use caseload::app::App;
use caseload::crypto::{TotpSecret, recovery_code};
use caseload::domain::mail::CredentialChange;
use caseload::domain::session::SecretHash;
use caseload::domain::totp::{Proof, RECOVERY_CODES, SecondFactor, steps};
use caseload::refusal::{Refusal, Stop};
use caseload::web::{Afresh, Caller, Json, Outcome, Reply, StaffOnly};
use caseload::workflows::retrying;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::second_factor::{count, hash_recovery, notice, open, owner, seal};

/// What an authenticator app is given.
#[derive(Serialize, ToSchema)]
pub(crate) struct TotpSetup {
    /// To be typed in, base32.
    secret: String,
    /// To be scanned.
    otpauth_url: String,
}

/// A code of the app.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct TotpCode {
    pub(crate) code: String,
}

/// Recovery codes, shown this once. Each opens one door.
#[derive(Serialize, ToSchema)]
pub(crate) struct RecoveryCodes {
    recovery_codes: Vec<String>,
}

// X9
/// Begins to set up a second factor; it counts once it is confirmed. Asking again replaces what was begun.
#[utoipa::path(
    post, path = "/v1/auth/totp", tag = "auth",
    responses((status = 201, body = TotpSetup))
)]
pub(crate) async fn begin_totp(State(app): State<App>, caller: Caller<StaffOnly>, _: Afresh) -> Outcome {
    retrying(app.clock(), async || {
        let mut me = owner(&app, &caller).await?;
        let grant = app.decide(&me.entered, Action::SelfCredentials, &Resource::Practice).await?;
        let secret = TotpSecret::generate()?;
        me.factor.begin(seal(&app, me.staff.practice, me.staff.id, &secret)?);
        let otpauth_url = secret.url(me.entered.practice.name.as_str(), me.staff.email.as_str());
        let reply = Reply::created(&TotpSetup { secret: secret.base32(), otpauth_url })?;
        let asked = me.entered.authorized(grant, ());
        let mut tx = asked.tx();
        tx.replace(&mut me.factor).fields(["totp.pending"]).touches(me.staff.id);
        app.finish(&asked, tx, reply).await
    })
    .await
}

// X9, IDN-7
/// Puts the second factor in force with a first code; every other session of the caller ends.
#[utoipa::path(
    post, path = "/v1/auth/totp/confirm", tag = "auth", request_body = TotpCode,
    responses(
        (status = 200, body = RecoveryCodes), (status = 409),
        (status = 429)
    )
)]
pub(crate) async fn confirm_totp(
    State(app): State<App>,
    caller: Caller<StaffOnly>,
    _: Afresh,
    Json(body): Json<TotpCode>,
) -> Outcome {
    retrying(app.clock(), async || {
        let mut me = owner(&app, &caller).await?;
        let grant = app.decide(&me.entered, Action::SelfCredentials, &Resource::Practice).await?;
        let pending = me.factor.pending.clone().ok_or_else(|| {
            Refusal::conflict("totp_not_begun", "There is no second factor to confirm. Begin to set one up.")
        })?;
        count(&app, me.staff.practice, me.staff.id, grant.at()).await?;
        let secret = open(&app, &me.factor, &pending)?;
        let step = match Proof::parse(&body.code) {
            Some(Proof::Code(code)) => secret.step_of(&code, steps(grant.at())),
            _ => None,
        };
        let wrong =
            || Refusal::forbidden("totp_invalid", "This code is wrong. Check the phone's clock and try the next.");
        let (codes, hashes) = new_codes(&app, &me.factor)?;
        me.factor.confirm(step.ok_or_else(wrong)?, hashes).map_err(|_| wrong())?;
        me.staff.totp = true;
        me.end_other_sessions();
        let mut session = me.entered.session.clone();
        session.session.proved_at = Some(grant.at());
        let asked = me.entered.authorized(grant, ());
        let mut tx = asked.tx();
        tx.replace(&mut me.factor).replace(&mut me.staff).replace(&mut session).fields(["totp"]).touches(me.staff.id);
        let mail = notice(&app, &mut tx, &asked.practice, &me.staff, CredentialChange::SecondFactorOn)?;
        let reply = app.finish(&asked, tx, Reply::ok(&codes)?).await?;
        app.send_now(&mail).await?;
        Ok(reply)
    })
    .await
}

/// New recovery codes, for the answer and for the table.
pub(crate) fn new_codes(app: &App, factor: &SecondFactor) -> Result<(RecoveryCodes, Vec<SecretHash>), Stop> {
    let codes = (0..RECOVERY_CODES).map(|_| recovery_code()).collect::<Result<Vec<_>, _>>()?;
    let plain = |code: &String| code.replace('-', "");
    let hashes = codes.iter().map(|code| hash_recovery(app, factor.practice, factor.staff, &plain(code))).collect();
    Ok((RecoveryCodes { recovery_codes: codes }, hashes))
}
