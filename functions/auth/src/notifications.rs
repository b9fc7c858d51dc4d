use axum::extract::State;
use caseload::access::{Action, Actor, Resource};
use caseload::app::App;
use caseload::domain::notifications::Notifications;
use caseload::domain::session::PrincipalId;
use caseload::refusal::Refusal;
use caseload::web::view::notifications::{NotificationsView, PatchNotifications};
use caseload::web::{Caller, Json, Oneself, Outcome, Reply, RequireMatch};

/// What the caller has set, and the version of its record.
fn set(actor: &Actor) -> Result<(&Notifications, PrincipalId, u64), Refusal> {
    match actor {
        Actor::Staff(staff) => Ok((&staff.notifications, PrincipalId::Staff(staff.id), staff.version)),
        Actor::Client(client) => Ok((&client.portal.notifications, PrincipalId::Client(client.id), client.version)),
        Actor::Holder(_) | Actor::Anonymous | Actor::System(_) => Err(Refusal::broken("a caller without a record")),
    }
}

fn reply(actor: &Actor) -> Outcome {
    let (settings, of, version) = set(actor)?;
    Reply::ok_at(version, &NotificationsView::new(settings, of, version))
}

/// Which notices the caller gets by mail, and when.
///
/// Invitations, sign-in links and what else keeps access safe are always sent.
#[utoipa::path(
    get, path = "/v1/me/notifications", tag = "auth", responses((status = 200, body = NotificationsView))
)]
pub(crate) async fn read_own_notifications(State(app): State<App>, caller: Caller<Oneself>) -> Outcome {
    reply(&app.practice(&caller, Action::SelfRead).await?.actor)
}

/// Sets which notices the caller gets by mail, and when.
#[utoipa::path(
    patch, path = "/v1/me/notifications", tag = "auth", request_body = PatchNotifications,
    responses((status = 200, body = NotificationsView))
)]
pub(crate) async fn update_own_notifications(
    State(app): State<App>,
    caller: Caller<Oneself>,
    tag: RequireMatch,
    Json(body): Json<PatchNotifications>,
) -> Outcome {
    let (entered, ()) = app.enter(&caller, ()).await?;
    let own = match &entered.actor {
        Actor::Client(client) => Resource::client(Some(client)),
        _ => Resource::Practice,
    };
    let grant = app.decide(&entered, Action::SelfNotifications, &own).await?;
    let mut asked = entered.authorized(grant, ());
    let (settings, of, version) = set(&asked.actor)?;
    tag.check(version)?;
    let before = settings.clone();
    let mut settings = before.clone();
    let fields = body.apply(&mut settings, of)?;
    settings.own(&before);
    let mut tx = asked.tx();
    tx.fields(fields).touches(of);
    match &mut asked.actor {
        Actor::Staff(staff) => {
            staff.notifications = settings;
            tx.replace(&mut **staff.as_mut());
        }
        Actor::Client(client) => {
            client.portal.notifications = settings;
            tx.save_client(client);
        }
        Actor::Holder(_) | Actor::Anonymous | Actor::System(_) => {}
    }
    let reply = reply(&asked.actor)?;
    app.finish(&asked, tx, reply).await
}
