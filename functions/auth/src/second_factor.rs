//! Checking a code: counted before it is looked at, and used up by the transaction it opens (security IDN-11, IDN-13).

use caseload::access::Actor;
use caseload::app::App;
use caseload::crypto::TotpSecret;
use caseload::domain::ids::{PracticeId, StaffId};
use caseload::domain::mail::{CredentialChange, Outgoing, Template};
use caseload::domain::practice::Practice;
use caseload::domain::session::{PrincipalId, SecretHash};
use caseload::domain::staff::Staff;
use caseload::domain::totp::{BadCode, Proof, SealedSecret, SecondFactor, steps};
use caseload::refusal::{Refusal, Stop};
use caseload::store::rate::Limit;
use caseload::store::{Tx, keys};
use caseload::web::{Caller, Entered, StaffOnly};
use caseload::workflows::Occasion;
use jiff::{SignedDuration, Timestamp};

/// Tries of one staff member.
const TRIES: [Limit; 2] = [
    Limit { kind: "totp", max: 5, window: SignedDuration::from_mins(5) },
    Limit { kind: "totp-day", max: 20, window: SignedDuration::from_hours(24) },
];

/// Counts a try; 429 when there were too many.
pub(crate) async fn count(app: &App, practice: PracticeId, staff: StaffId, now: Timestamp) -> Result<(), Stop> {
    let hash = app.keys.hash("totp tries", &[practice.key().as_bytes(), staff.key().as_bytes()]);
    for limit in TRIES {
        app.store.raise(limit, &hash, now).await?.map_err(Refusal::too_many)?;
    }
    Ok(())
}

fn context(practice: PracticeId, staff: StaffId) -> String {
    format!("totp {} {}", practice.key(), staff.key())
}

/// Seals a secret for its owner.
pub(crate) fn seal(
    app: &App,
    practice: PracticeId,
    staff: StaffId,
    secret: &TotpSecret,
) -> Result<SealedSecret, Refusal> {
    Ok(SealedSecret(app.keys.seal(&context(practice, staff), secret.expose())?))
}

/// Opens what [`seal`] made.
pub(crate) fn open(app: &App, factor: &SecondFactor, sealed: &SealedSecret) -> Result<TotpSecret, Refusal> {
    let bytes = app.keys.open(&context(factor.practice, factor.staff), &sealed.0);
    let secret = bytes.as_deref().and_then(TotpSecret::from_bytes);
    secret.ok_or_else(|| Refusal::broken("a second factor cannot be opened with the server's key"))
}

/// What is stored of a recovery code: a keyed hash, since 80 bits alone might be guessed from a stolen table.
pub(crate) fn hash_recovery(app: &App, practice: PracticeId, staff: StaffId, plain: &str) -> SecretHash {
    let parts = [practice.key(), staff.key(), plain.to_owned()];
    SecretHash(app.keys.hash("recovery code", &parts.each_ref().map(String::as_bytes)))
}

/// Uses up a code or a recovery code. The caller has counted the try, and stores the factor.
///
/// A code that does not fit is the inner error: each caller tells it in its own way.
fn redeem(app: &App, factor: &mut SecondFactor, code: &str, now: Timestamp) -> Result<Result<(), BadCode>, Refusal> {
    Ok(match Proof::parse(code) {
        Some(Proof::Code(code)) => {
            let sealed = factor.confirmed.as_ref().map(|confirmed| confirmed.secret.clone());
            let secret = open(app, factor, &sealed.ok_or_else(not_on)?)?;
            secret.step_of(&code, steps(now)).ok_or(BadCode).and_then(|step| factor.use_step(step))
        }
        Some(Proof::Recovery(plain)) => factor.use_recovery(&hash_recovery(app, factor.practice, factor.staff, &plain)),
        None => Err(BadCode),
    })
}

const WRONG: &str = "This code is wrong, too old, or was used already. Wait for the next one.";

/// 409: there is no second factor to speak of.
pub(crate) fn not_on() -> Refusal {
    Refusal::conflict("totp_not_enabled", "You have no second factor. Set one up first.")
}

/// Asks a second factor of whoever comes in and has one; when it was shown, if it was (decision 8). `factor` is what was
/// read of it.
pub(crate) async fn ask(
    app: &App,
    factor: Option<SecondFactor>,
    tx: &mut Tx,
    actor: &Actor,
    code: Option<&str>,
) -> Result<Option<Timestamp>, Stop> {
    let Actor::Staff(staff) = actor else {
        return Ok(None);
    };
    let Staff { id, practice, totp: true, .. } = &***staff else {
        return Ok(None);
    };
    let code = code.ok_or_else(|| {
        Refusal::dead_token("totp_required", "Send the code from your authenticator app along, as totp.")
    })?;
    let now = tx.grant().at();
    let mut factor = factor.ok_or_else(|| Refusal::broken("a second factor is gone"))?;
    count(app, *practice, *id, now).await?;
    redeem(app, &mut factor, code, now)?.map_err(|BadCode| Refusal::dead_token("totp_invalid", WRONG))?;
    tx.replace(&mut factor);
    Ok(Some(now))
}

/// A signed-in caller.
pub(crate) struct Owner {
    pub(crate) entered: Entered,
    pub(crate) staff: Staff,
    pub(crate) factor: SecondFactor,
}

/// Loads the caller with its second factor, begun, in force or not there yet.
pub(crate) async fn owner(app: &App, caller: &Caller<StaffOnly>) -> Result<Owner, Stop> {
    let PrincipalId::Staff(id) = caller.identity.principal else {
        return Err(Refusal::broken("staff that is not staff").into());
    };
    let key = keys::second_factor(caller.practice(), id);
    let (entered, factor) = app.enter(caller, key).await?;
    let factor = factor.unwrap_or_else(|| SecondFactor::none(caller.practice(), id));
    let Actor::Staff(staff) = entered.actor.clone() else {
        return Err(Refusal::broken("staff that is not staff").into());
    };
    Ok(Owner { entered, staff: (*staff).into(), factor })
}

impl Owner {
    /// Proves itself with a code of this very request: whatever the request asks for has its fresh proof.
    pub(crate) async fn prove(&mut self, app: &App, code: &str) -> Result<(), Stop> {
        let now = self.entered.cause.at;
        if !self.staff.totp || self.factor.confirmed.is_none() {
            return Err(not_on().into());
        }
        count(app, self.staff.practice, self.staff.id, now).await?;
        redeem(app, &mut self.factor, code, now)?.map_err(|BadCode| Refusal::forbidden("totp_invalid", WRONG))?;
        self.entered.session.session.proved_at = Some(now);
        Ok(())
    }

    /// Ends every session but this one (security IDN-7).
    pub(crate) fn end_other_sessions(&mut self) {
        self.staff.end_sessions();
        self.entered.session.session.epoch = self.staff.session_epoch;
    }
}

/// Tells somebody by mail that how they sign in has changed, in case it was somebody else.
pub(crate) fn notice(
    app: &App,
    tx: &mut Tx,
    practice: &Practice,
    staff: &Staff,
    change: CredentialChange,
) -> Result<Outgoing, Refusal> {
    app.write_mail(tx, Occasion::Notice, practice, staff.email.clone(), Template::CredentialNotice { change })
}
