use axum::extract::State;
use caseload::access::{Action, Actor, Cause, Grant, Resource};
use caseload::app::App;
use caseload::crypto::{Claim, Token};
use caseload::domain::notifications::Topic;
use caseload::domain::session::PrincipalId;
use caseload::refusal::{Kind, Refusal, Stop};
use caseload::store::{Tx, keys};
use caseload::web::{Afresh, Outcome, Query, RawBody, Reply, Visitor};
use caseload::workflows::retrying;
use serde::Deserialize;
use utoipa::IntoParams;

/// Out of a notice.
#[derive(Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub(crate) struct Unsubscribe {
    /// What stands in the mail's link.
    #[serde(default)]
    #[param(required = true)]
    token: String,
}

// RFC 8058
/// Turns a topic of notices off for whoever was sent one, without signing in.
///
/// For the link of a notice and for mail programs that offer it with one click; a body is not looked at. Says the same
/// whether or not the topic was on.
#[utoipa::path(
    post, path = "/v1/mail/unsubscribe", tag = "auth", params(Unsubscribe),
    request_body(content = Object, content_type = "application/x-www-form-urlencoded"),
    responses((status = 204), (status = 404))
)]
pub(crate) async fn unsubscribe(
    State(app): State<App>,
    visitor: Visitor,
    _: Afresh,
    Query(query): Query<Unsubscribe>,
    _: RawBody,
) -> Outcome {
    let token = Token::parse(&query.token).map_err(|_| unknown())?;
    let Claim::Unsubscribe(reader, topic) = token.claim else { return Err(unknown().into()) };
    // Whether it is ours is seen by itself, so what is made up learns nothing of who is there.
    if !app.keys.unsubscribe(token.practice, reader, topic).matches(&token) {
        return Err(unknown().into());
    }
    let cause = Cause { request: visitor.context.id, at: visitor.context.at };
    retrying(app.clock(), async || turn_off(&app, &token, reader, topic, cause).await).await?;
    Ok(Reply::empty())
}

fn unknown() -> Refusal {
    Refusal::new(
        Kind::Absent,
        "unsubscribe_link_unknown",
        "This link is not one of a mail of ours. Open it from the mail again, or change your notifications once signed in.",
    )
}

async fn turn_off(app: &App, token: &Token, reader: PrincipalId, topic: Topic, cause: Cause) -> Result<(), Stop> {
    let (of, actor) = (token.practice, Actor::Holder(reader));
    let (client, staff) = match reader {
        PrincipalId::Client(id) => (Some(keys::client(of, id).unless_deleting()), None),
        PrincipalId::Staff(id) => (None, Some(keys::staff(of, id))),
    };
    let (practice, client, staff) = app.store.load((keys::practice(of), client, staff)).await?;
    let Some(practice) = practice else { return Ok(()) };
    let decide = |about: &Resource| Grant::decide(&actor, Action::Unsubscribe, about, &practice, cause);
    let mut tx = match (client.flatten(), staff.flatten()) {
        (Some(mut client), _) if client.portal.notifications.wants(topic) => {
            let before = client.portal.notifications.clone();
            client.portal.notifications.set(topic, false);
            client.portal.notifications.own(&before);
            let mut tx = Tx::new(&decide(&Resource::client(Some(&client)))?);
            tx.save_client(&mut client);
            tx
        }
        (None, Some(mut staff)) if staff.notifications.wants(topic) => {
            staff.notifications.set(topic, false);
            let mut tx = Tx::new(&decide(&Resource::Staff(Some(staff.id)))?);
            tx.replace(&mut staff);
            tx
        }
        // Gone, or off already.
        _ => return Ok(()),
    };
    tx.touches(reader).fields(["notifications.topics"]);
    Ok(app.store.commit(tx).await?)
}
