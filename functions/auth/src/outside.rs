//! Staff who come in through an OIDC issuer: bound by a verified address once, known by issuer and subject ever after
//! (decision 8, security IDN-3).

use caseload::access::{Action, Actor, Cause, Grant, Resource};
use caseload::app::App;
use caseload::domain::ids::StaffId;
use caseload::domain::mail::CredentialChange;
use caseload::domain::practice::Practice;
use caseload::domain::session::PrincipalId;
use caseload::domain::staff::{Staff, StaffStatus};
use caseload::domain::totp::SecondFactor;
use caseload::jwt::oidc::Outsider;
use caseload::refusal::{Refusal, Stop};
use caseload::store::{Conflict, Guard, Tx, keys};
use caseload::web::{Outcome, Reply, RequestContext};

use crate::second_factor::{ask, notice};

/// The same for a token that is not good and for a person nobody here knows.
pub(crate) fn unknown() -> Refusal {
    Refusal::dead_token("token_invalid", "This identity token signs nobody in here.")
}

/// Opens a session for whom the token vouches.
pub(crate) async fn come_in(app: &App, context: &RequestContext, outsider: &Outsider, totp: Option<&str>) -> Outcome {
    let now = context.at;
    let Recognised { practice, mut staff, first, factor } = find(app, outsider).await?;
    let principal = PrincipalId::Staff(staff.id);
    let cause = Cause { request: context.id, at: now };
    let grant = Grant::decide(&Actor::Holder(principal), Action::SignIn, &Resource::Practice, &practice, cause)?;
    let mut tx = Tx::new(&grant);
    let mut mail = None;
    if first {
        staff.outside = Some(outsider.identity.clone());
        let guard = Guard::staff_identity(&app.outside_identity_hash(&outsider.identity), practice.id, staff.id);
        tx.put_if_absent_or_same(&guard, "held_by", &staff.id.to_string(), Conflict::Stale("guard"));
        tx.replace(&mut staff).fields(["outside"]);
        mail = Some(notice(app, &mut tx, &practice, &staff, CredentialChange::OutsideIdentityBound)?);
    } else {
        tx.unchanged(&staff);
    }
    let epoch = staff.session_epoch;
    let actor = Actor::staff(staff, cause.at);
    Grant::decide(&actor, Action::SelfRead, &Resource::Practice, &practice, cause).map_err(|_| unknown())?;
    // Where the issuer has asked for a second factor, ours is not asked as well; it still is for what is sensitive.
    let proved_at = if outsider.second_factor { None } else { ask(app, factor, &mut tx, &actor, totp).await? };
    let (mut session, refresh) = app.new_session(&practice, principal, epoch, now)?;
    session.session.proved_at = proved_at;
    tx.create(&session).touches(session.session.id);
    let reply = Reply::created(&app.session_tokens(&actor, &practice, &session.session, &refresh, now)?)?;
    app.store.commit(tx).await?;
    if let Some(mail) = &mail {
        app.send_now(mail).await?;
    }
    Ok(reply)
}

struct Recognised {
    practice: Practice,
    staff: Staff,
    /// To be bound now.
    first: bool,
    factor: Option<SecondFactor>,
}

async fn find(app: &App, outsider: &Outsider) -> Result<Recognised, Stop> {
    let bound = keys::staff_identity(&app.outside_identity_hash(&outsider.identity));
    let address = outsider.email.as_ref().map(|email| email.folded());
    // Only who has accepted an invitation holds the guard of an address, and in one practice only.
    let by_address = outsider.email.as_ref().map(|email| keys::staff_identity(&app.staff_identity_hash(email)));
    let (known, by_address) = app.store.load((bound, by_address)).await?;
    let by_subject = known.is_some();
    let guard = known.or(by_address.flatten()).ok_or_else(unknown)?;
    let id: StaffId = guard.owner.parse().map_err(|_| unknown())?;
    let of = guard.practice;
    let wanted = (keys::practice(of), keys::staff(of, id), keys::second_factor(of, id));
    let (practice, staff, factor) = app.store.load(wanted).await?;
    let (practice, staff) = practice.zip(staff).ok_or_else(unknown)?;
    // The record decides, not the guard that led to it: between the two reads a twin of this request may have bound it.
    let first = staff.outside.is_none();
    let fits = match &staff.outside {
        Some(outside) => *outside == outsider.identity,
        None => !by_subject && staff.status == StaffStatus::Active && Some(staff.email.folded()) == address,
    };
    if fits { Ok(Recognised { practice, staff, first, factor }) } else { Err(unknown().into()) }
}
