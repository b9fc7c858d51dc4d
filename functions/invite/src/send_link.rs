use axum::extract::State;
use caseload::access::{Action, Resource, corresponds, decide};
use caseload::app::App;
use caseload::domain::client::Client;
use caseload::domain::email::EmailAddress;
use caseload::domain::ids::ClientId;
use caseload::domain::mail::Template;
use caseload::domain::portal::Block;
use caseload::domain::practice::Practice;
use caseload::domain::text::MessageBody;
use caseload::domain::thread::Thread;
use caseload::refusal::{Kind, Refusal, Stop};
use caseload::store::{Tx, keys};
use caseload::web::{Authorized, Caller, Json, Outcome, Path, Reply, StaffOnly};
use caseload::workflows::{Occasion, reached_at, retrying};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A way to the client.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Channel {
    /// To where it reads its mail.
    Mail,
    /// In its thread, from its therapist.
    Message,
}

/// By which ways to send the portal's address.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SendLink {
    #[schema(min_items = 1)]
    by: Vec<Channel>,
}

/// By which ways it went out.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SentLinkView {
    sent: Vec<Channel>,
    skipped: Vec<SkippedView>,
}

/// A way that was not taken.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SkippedView {
    by: Channel,
    /// Why: `no_address`, `consent_missing`, `client_cannot_sign_in`, or what keeps a message from being sent.
    code: String,
}

// D13
/// Sends the address of the client's portal by mail, by a message, or both; no sign-in link, and nothing that opens it.
///
/// What cannot be taken is skipped, with the reason: a message reaches nobody who cannot sign in.
#[utoipa::path(
    post, path = "/v1/clients/{client_id}/portal/send-link", tag = "invite", params(("client_id" = ClientId, Path)),
    request_body = SendLink,
    responses((status = 200, body = SentLinkView), (status = 429))
)]
pub(crate) async fn send_portal_link(
    State(app): State<App>,
    caller: Caller<StaffOnly>,
    Path(id): Path<ClientId>,
    Json(SendLink { mut by }): Json<SendLink>,
) -> Outcome {
    if by.is_empty() {
        return Err(Refusal::invalid("/by", "required", "name at least one way: mail or message").into());
    }
    by.sort_unstable();
    by.dedup();
    retrying(app.clock(), async || {
        let practice = caller.practice();
        let (asked, thread) = app.client_with(&caller, Action::PortalSendLink, id, keys::thread(practice, id)).await?;
        let mut thread = thread.unwrap_or_else(|| Thread::empty(practice, id));
        let (client, mut tx) = (&asked.subject, asked.tx());
        let (mut view, mut mail) = (SentLinkView { sent: Vec::new(), skipped: Vec::new() }, None);
        for way in by.iter().copied() {
            let taken = match way {
                Channel::Message => by_message(&app, &asked, &mut tx, &mut thread)?,
                Channel::Mail => match mailed_to(client, &asked.practice) {
                    Err(code) => Err(code.to_owned()),
                    Ok(to) => {
                        let template = Template::PortalLink { slug: asked.practice.slug.clone() };
                        let occasion = Occasion::Access(client.id);
                        mail = Some(app.write_mail(&mut tx, occasion, &asked.practice, to.clone(), template)?);
                        Ok(())
                    }
                },
            };
            match taken {
                Ok(()) => view.sent.push(way),
                Err(code) => view.skipped.push(SkippedView { by: way, code }),
            }
        }
        if !view.sent.contains(&Channel::Message) {
            // A client whose deletion has begun is not written to.
            tx.unchanged(client);
        }
        let reply = app.finish(&asked, tx, Reply::ok(&view)?).await?;
        if let Some(mail) = &mail {
            app.send_now(mail).await?;
        }
        Ok(reply)
    })
    .await
}

/// Where a mail goes, or why it does not.
fn mailed_to<'a>(client: &'a Client, practice: &Practice) -> Result<&'a EmailAddress, &'static str> {
    // Whoever has not come in yet has an invitation for that; whoever was cut off is not called back.
    if client.blocked_by(practice.portal.on).iter().any(|block| *block != Block::NotRegistered) {
        return Err("client_cannot_sign_in");
    }
    let to = reached_at(client).ok_or("no_address")?;
    client.portal.consent_at.ok_or("consent_missing").map(|_| to)
}

/// Writes the message, if it would reach somebody and is the caller's to write; else says why not.
fn by_message(
    app: &App,
    asked: &Authorized<Client>,
    tx: &mut Tx,
    thread: &mut Thread,
) -> Result<Result<(), String>, Stop> {
    let client = &asked.subject;
    let code = |refusal: Refusal| refusal.code().to_owned();
    if let Err(refusal) = corresponds(client, &asked.practice) {
        return Ok(Err(code(refusal.into())));
    }
    if let Err(denied) = decide(&asked.actor, Action::MessageSend, &Resource::thread(Some(client)), &asked.practice) {
        return Ok(Err(code(denied.into())));
    }
    let from = asked.actor.principal().ok_or_else(Refusal::absent)?;
    let text = format!("Your client portal is at {}", app.portal_url(&asked.practice.slug));
    let body = MessageBody::parse(&text).map_err(Refusal::broken)?;
    match app.write_message(tx, client, thread, from, body, Vec::new()) {
        Ok(_) => Ok(Ok(())),
        Err(refusal) if matches!(refusal.kind(), Kind::Conflict) => Ok(Err(code(refusal))),
        Err(refusal) => Err(refusal.into()),
    }
}
