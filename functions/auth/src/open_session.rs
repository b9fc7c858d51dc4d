use axum::extract::State;
use caseload::access::{Action, Actor, Cause, Grant, Resource};
use caseload::app::App;
use caseload::crypto::{Claim, Token};
use caseload::domain::catalog::Catalog;
use caseload::domain::practice::Practice;
use caseload::domain::session::{PrincipalId, SIGN_IN_LINK};
use caseload::domain::staff::StaffStatus;
use caseload::domain::team::Team;
use caseload::refusal::{Refusal, Stop};
use caseload::store::rate::Limit;
use caseload::store::{PrincipalKey, SignInLink, Tx, keys};
use caseload::web::{Afresh, Json, Outcome, Reply, RequestContext, SessionTokens, Visitor};
use caseload::workflows::retrying;
use jiff::SignedDuration;
use serde::Deserialize;
use utoipa::ToSchema;

use crate::outside;
use crate::second_factor::ask;

/// What somebody comes in with: a mailed link, or an identity token.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct OpenSession {
    /// Of a mailed sign-in link.
    #[serde(default)]
    token: Option<String>,
    /// Of an OIDC issuer, for staff.
    #[serde(default)]
    id_token: Option<String>,
    /// Six digits of the authenticator app, or a recovery code, from staff with a second factor.
    #[serde(default)]
    totp: Option<String>,
}

/// Tries from one address (security IDN-13).
const TRIES: Limit = Limit { kind: "redeem", max: 50, window: SignedDuration::from_mins(15) };

// decision 8
/// Opens a session. Redeeming a link takes this POST: mail scanners open links.
///
/// Whoever has a second factor and sends no code gets 401 `totp_required`, and the link stays good.
#[utoipa::path(
    post, path = "/v1/auth/sessions", tag = "auth", request_body = OpenSession,
    responses(
        (status = 201, body = SessionTokens),
        (status = 429), (status = 401))
)]
pub(crate) async fn open_session(
    State(app): State<App>,
    visitor: Visitor,
    _: Afresh,
    Json(body): Json<OpenSession>,
) -> Outcome {
    let context = &visitor.context;
    if let Some(network) = context.network() {
        let source = app.keys.hash("source", &[network.as_bytes()]);
        app.store.raise(TRIES, &source, context.at).await?.map_err(Refusal::too_many)?;
    }
    let totp = body.totp.as_deref();
    match (body.token, body.id_token) {
        (Some(token), None) => {
            let token = Token::parse(&token).map_err(|_| unknown())?;
            let Claim::SignIn(principal) = token.claim else {
                return Err(unknown().into());
            };
            retrying(app.clock(), async || redeem(&app, context, &token, principal, totp).await).await
        }
        (None, Some(token)) => {
            let outsider = app.issuers().verify(&token, context.at).map_err(|_| outside::unknown())?;
            retrying(app.clock(), async || outside::come_in(&app, context, &outsider, totp).await).await
        }
        (None, None) => Err(Refusal::invalid("/token", "required", "is required, or id_token in its place").into()),
        (Some(_), Some(_)) => Err(Refusal::invalid("/id_token", "too_many", "cannot come together with token").into()),
    }
}

fn unknown() -> Refusal {
    Refusal::dead_token("token_invalid", "This sign-in link is not valid. Ask for a new one.")
}

async fn redeem(
    app: &App,
    context: &RequestContext,
    token: &Token,
    principal: PrincipalId,
    totp: Option<&str>,
) -> Outcome {
    let now = context.at;
    let of = token.practice;
    let team = match principal {
        PrincipalId::Staff(id) => Some((keys::team(of), keys::catalog(of), keys::second_factor(of, id))),
        PrincipalId::Client(_) => None,
    };
    let wanted = (keys::sign_in_link(of, principal), PrincipalKey::of(of, principal, now), keys::practice(of), team);
    let (Some(mut link), Some((actor, _)), Some(practice), team) = app.store.load(wanted).await? else {
        return Err(unknown().into());
    };
    let (team, catalog, factor) = team.unwrap_or_default();
    check(app, token, &link, now)?;
    link.used_at = Some(now);
    let cause = Cause { request: context.id, at: now };
    let grant = Grant::decide(&Actor::Holder(principal), Action::SignIn, &Resource::Practice, &practice, cause)?;
    let mut tx = Tx::new(&grant);
    tx.replace(&mut link);
    let (actor, epoch) = come_in(app, &mut tx, actor, team.zip(catalog), &practice)?;
    if link.epoch != epoch {
        return Err(unknown().into());
    }
    let proved_at = ask(app, factor, &mut tx, &actor, totp).await?;
    let (mut session, refresh) = app.new_session(&practice, principal, epoch, now)?;
    session.session.proved_at = proved_at;
    tx.create(&session).touches(session.session.id);
    let reply = Reply::created(&app.session_tokens(&actor, &practice, &session.session, &refresh, now)?)?;
    app.store.commit(tx).await?;
    Ok(reply)
}

fn check(app: &App, token: &Token, link: &SignInLink, now: jiff::Timestamp) -> Result<(), Stop> {
    if !app.keys.token(token.practice, token.claim, link.seed).matches(token) {
        return Err(unknown().into());
    }
    if link.used_at.is_some() {
        return Err(Refusal::dead_token("token_used", "This sign-in link was used already. Ask for a new one.").into());
    }
    if now >= link.created_at + SIGN_IN_LINK {
        return Err(Refusal::dead_token("token_expired", "This sign-in link has expired. Ask for a new one.").into());
    }
    Ok(())
}

/// What signing in changes about the one who does: a first sign-in of staff is an acceptance (decision 7).
fn come_in(
    app: &App,
    tx: &mut Tx,
    actor: Actor,
    team: Option<(Team, Catalog)>,
    practice: &Practice,
) -> Result<(Actor, u32), Stop> {
    let now = tx.grant().at();
    let (actor, epoch) = match actor {
        Actor::Staff(mut staff) => {
            // Whoever signed the practice up comes in by signing in; others accept their invitation.
            if staff.status == StaffStatus::Invited && staff.invitation.is_none() {
                let (mut team, mut catalog) = team.ok_or_else(unknown)?;
                app.join_team(tx, &mut staff, &mut team, &mut catalog)?;
            } else {
                tx.unchanged(&**staff.as_ref());
            }
            let epoch = staff.session_epoch;
            (Actor::Staff(staff), epoch)
        }
        Actor::Client(mut client) => {
            client.portal.last_sign_in_at = Some(now);
            tx.save_client(&mut client);
            let epoch = client.portal.session_epoch;
            (Actor::Client(client), epoch)
        }
        Actor::Holder(_) | Actor::Anonymous | Actor::System(_) => return Err(unknown().into()),
    };
    Grant::decide(&actor, Action::SelfRead, &Resource::Practice, practice, tx.grant().cause())
        .map_err(|_| unknown())?;
    Ok((actor, epoch))
}
