use axum::extract::State;
use caseload::access::{Action, Resource};
use caseload::app::App;
use caseload::domain::client::Client;
use caseload::domain::file::{File, FileRefusal, check_names};
use caseload::domain::ids::{ClientId, FileId};
use caseload::domain::mail::Outgoing;
use caseload::domain::notifications::Topic;
use caseload::domain::practice::PortalFeature;
use caseload::domain::text::InvitationMessage;
use caseload::mail::MailPreview;
use caseload::refusal::{Refusal, Stop};
use caseload::store::{AuditEntry, Decided, Tx, keys};
use caseload::web::view::file::FileView;
use caseload::web::{Authorized, Caller, Json, LoginClaim, Outcome, Path, PortalView, Reply, StaffOnly, file_places};
use caseload::workflows::{Ask, Reader, Wanted, retrying};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// At most this many at once.
const MOST: usize = 20;

/// Which files to share, and what to say with them.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ShareFiles {
    /// 1 to 20 different files of the client.
    #[schema(min_items = 1, max_items = 20)]
    file_ids: Vec<FileId>,
    /// The personal line of the mail.
    #[serde(default)]
    message: Option<InvitationMessage>,
    // D4
    /// Whether the client agreed to mail at its address; needed where it is invited and has not agreed before.
    #[serde(default)]
    consent: bool,
    /// Only tells what would happen; nothing is shared or sent.
    #[serde(default)]
    preview: bool,
}

/// What was shared, or what would happen.
#[derive(Debug, Serialize, ToSchema)]
#[serde(untagged)]
pub(crate) enum ShareAnswer {
    Shared(SharedView),
    Preview(SharePreview),
}

/// What was shared.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SharedView {
    /// In the order asked.
    shared: Vec<FileView>,
    portal: PortalView,
}

/// What sharing would do.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SharePreview {
    /// Whether the client is invited, or let in again, with it.
    will_grant_portal_access: bool,
    /// The one mail; none where the client has turned such mails off, has not agreed to mail, or does not have files in
    /// its portal.
    mail: Option<PreviewedMail>,
}

/// A mail before it is sent.
#[derive(Serialize, ToSchema)]
pub(crate) struct PreviewedMail {
    to: String,
    subject: String,
    /// With an ellipsis where the mail has the secret part of a link.
    text: String,
}

impl std::fmt::Debug for PreviewedMail {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("PreviewedMail")
    }
}

// D5
/// Shares files with a client, and lets it into the portal where it cannot come in yet: all of it or nothing.
///
/// One mail goes out for both. With `preview` it tells what would happen, with the mail, and nothing is done. What an
/// invitation is refused for, this is refused for as well where it takes one.
#[utoipa::path(
    post, path = "/v1/clients/{client_id}/share", tag = "invite", params(("client_id" = ClientId, Path)),
    request_body = ShareFiles,
    responses((status = 200, body = ShareAnswer), (status = 409), (status = 429))
)]
pub(crate) async fn share_files(
    State(app): State<App>,
    caller: Caller<StaffOnly>,
    Path(id): Path<ClientId>,
    Json(body): Json<ShareFiles>,
) -> Outcome {
    check_names(&body.file_ids, 1..=MOST)?;
    retrying(app.clock(), async || {
        let (asked, files) = decided(&app, &caller, id, &body.file_ids).await?;
        let can_sign_in = asked.subject.blocked_by(asked.practice.portal.on).is_empty();
        if !can_sign_in {
            app.decide_also(&asked, Action::PortalInvite, &Resource::client(Some(&asked.subject))).await?;
        }
        if let Some(file) = files.iter().find(|file| file.is_quarantined()) {
            return Err(FileRefusal::NotReady(file.id).into());
        }
        match (can_sign_in, body.preview) {
            (true, true) => preview(&app, &asked, false, notice(&app, &asked, &body)?).await,
            (true, false) => share(&app, asked, files, &body).await,
            (false, true) => {
                let (mut tx, mut client) = (asked.tx(), asked.subject.clone());
                let mail = invite(&app, &asked, &mut tx, &mut client, &body)?;
                preview(&app, &asked, true, Some(mail)).await
            }
            (false, false) => share_and_invite(&app, asked, files, &body).await,
        }
    })
    .await
}

/// The client and the files, each decided about: one that is refused refuses all.
async fn decided(
    app: &App,
    caller: &Caller<StaffOnly>,
    id: ClientId,
    ids: &[FileId],
) -> Result<(Authorized<Client>, Vec<File>), Stop> {
    let practice = caller.practice();
    let wanted = (keys::client(practice, id).unless_deleting(), file_places(practice, id, ids));
    let named = ids.iter().map(ToString::to_string).collect();
    let (entered, (client, found)) = app.enter_about(caller, Action::FileUpdate, Some(id), named, wanted).await?;
    let (mut grant, mut files) = (None, Vec::new());
    for file in found.into_iter().map(Option::flatten) {
        let about = Resource::file(client.as_ref().zip(file.as_ref()));
        grant = Some(app.decide(&entered, Action::FileUpdate, &about).await?);
        files.push(file.ok_or_else(Refusal::absent)?);
    }
    let (grant, client) = grant.zip(client).ok_or_else(Refusal::absent)?;
    Ok((entered.authorized(grant, client), files))
}

/// Invites in the transaction, with the mail that also says that documents wait.
fn invite(
    app: &App,
    asked: &Authorized<Client>,
    tx: &mut Tx,
    client: &mut Client,
    body: &ShareFiles,
) -> Result<Outgoing, Refusal> {
    let documents = asked.practice.portal.has(PortalFeature::Files);
    let (consent, message) = (body.consent, body.message.clone());
    let ask = Ask { consent, message, documents, ..Ask::default() };
    app.invite(tx, client, &asked.practice, ask)
}

fn wanted(asked: &Authorized<Client>, body: &ShareFiles) -> Option<Wanted> {
    let reader = Reader::Client(&asked.subject);
    let wanted = Wanted::new(&asked.practice, reader, Topic::Files, asked.grant.at());
    wanted.map(|wanted| wanted.with(body.message.clone()))
}

fn notice(app: &App, asked: &Authorized<Client>, body: &ShareFiles) -> Result<Option<Outgoing>, Refusal> {
    let wanted = wanted(asked, body);
    wanted.map(|wanted| app.draft(&asked.practice, wanted, asked.grant.at())).transpose()
}

/// Nothing is done, and who asked is in the trail all the same.
async fn preview(app: &App, asked: &Authorized<Client>, grants: bool, mail: Option<Outgoing>) -> Outcome {
    app.append_audit(&AuditEntry::new(&asked.grant, Decided::Asked, app.new_id()?)).await?;
    let mail = match mail {
        None => None,
        Some(mail) => {
            let MailPreview { subject, text } = app.mailer()?.preview(&mail).map_err(Refusal::broken)?;
            Some(PreviewedMail { to: mail.to.as_str().to_owned(), subject: subject.to_owned(), text })
        }
    };
    Reply::ok(&ShareAnswer::Preview(SharePreview { will_grant_portal_access: grants, mail }))
}

fn answer(asked: &Authorized<Client>, client: &Client, files: &[File]) -> Outcome {
    let now = asked.grant.at();
    let shared = files.iter().map(|file| FileView::new(&asked.actor, file, now)).collect();
    let portal = PortalView::of(client, &asked.practice, now);
    Reply::ok(&ShareAnswer::Shared(SharedView { shared, portal }))
}

/// With a client that can sign in, who is told that there is something.
async fn share(app: &App, asked: Authorized<Client>, mut files: Vec<File>, body: &ShareFiles) -> Outcome {
    let mut tx = asked.tx();
    tx.share_files(&mut files);
    let wanted = wanted(&asked, body);
    let notice = wanted.map(|wanted| app.notify_each(&mut tx, &asked.practice, wanted)).transpose()?;
    // A client whose deletion has begun gets nothing new.
    tx.unchanged(&asked.subject);
    let reply = app.finish(&asked, tx, answer(&asked, &asked.subject, &files)?).await?;
    app.send_notice(notice).await?;
    Ok(reply)
}

/// With a client that is invited, or let in again, at the same moment.
async fn share_and_invite(app: &App, asked: Authorized<Client>, mut files: Vec<File>, body: &ShareFiles) -> Outcome {
    let (mut tx, mut client) = (asked.tx(), asked.subject.clone());
    tx.share_files(&mut files);
    let mail = invite(app, &asked, &mut tx, &mut client, body)?;
    tx.save_client(&mut client).fields(["portal"]);
    let email = client.portal.email.as_ref();
    let before = Some(&asked.subject);
    let claim = LoginClaim { email, consent: body.consent, client: before, action: Action::PortalInvite };
    app.finish_login(&asked, tx, answer(&asked, &client, &files)?, claim).await?;
    app.send_invitation_now(&asked.grant, &mut client, &mail, |client| {
        Ok(asked.answer_place().cloned().zip(Some(answer(&asked, client, &files)?.answer())))
    })
    .await?;
    answer(&asked, &client, &files)
}
