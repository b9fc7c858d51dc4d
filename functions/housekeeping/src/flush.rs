//! Sends what stayed in the outbox: the mail service was away, or a crash came between commit and mail (decision 22).

use caseload::access::{Action, Actor, Cause, Grant, System};
use caseload::app::App;
use caseload::domain::appointment::{Appointment, SessionNews, is_worth_a_reminder};
use caseload::domain::ids::PracticeId;
use caseload::domain::mail::{Outgoing, Template};
use caseload::domain::notifications::Topic;
use caseload::domain::portal::InvitationState;
use caseload::domain::session::{PrincipalId, SIGN_IN_LINK};
use caseload::domain::staff::{StaffInvitation, StaffInvitationState};
use caseload::refusal::Stop;
use caseload::store::{SignInLink, keys};
use caseload::workflows::{Reader, Sent, Wanted};
use jiff::Timestamp;

use crate::Tally;

/// At most this many per shard and run; the next run takes the rest.
const BATCH: usize = 100;

pub(crate) async fn run(app: &App, cause: Cause) -> Result<Tally, Stop> {
    let mut tally = Tally::default();
    for mut mail in app.store.unsent(cause.at, BATCH).await? {
        tally.due += 1;
        // Somebody else's claim is somebody else's mail.
        let sent = app.store.claim_mail(&mut mail, cause.at).await? && one(app, cause, &mail).await?;
        if sent { tally.done += 1 } else { tally.skipped += 1 }
    }
    Ok(tally)
}

async fn one(app: &App, cause: Cause, mail: &Outgoing) -> Result<bool, Stop> {
    let sent = match &mail.template {
        Template::Welcome { principal, seed } | Template::SignIn { principal, seed } => {
            let link = app.store.load(keys::sign_in_link(mail.practice, *principal)).await?;
            let works = |link: &SignInLink| {
                link.seed == *seed && link.used_at.is_none() && cause.at < link.created_at + SIGN_IN_LINK
            };
            if !link.as_ref().is_some_and(works) {
                app.store.drop_mail(mail).await?;
                return Ok(false);
            }
            app.send_now(mail).await?
        }
        Template::StaffInvitation { staff, serial, .. } => {
            let staff = app.store.load(keys::staff(mail.practice, *staff)).await?;
            let invitation = staff.and_then(|staff| staff.invitation);
            let open =
                |i: &StaffInvitation| i.serial == *serial && i.state_at(cause.at) == StaffInvitationState::Invited;
            if !invitation.as_ref().is_some_and(open) {
                app.store.drop_mail(mail).await?;
                return Ok(false);
            }
            app.send_now(mail).await?
        }
        Template::StaffDeclined
        | Template::BreakGlass { .. }
        | Template::CredentialNotice { .. }
        | Template::CaseloadNotice { .. }
        | Template::TherapistNotice
        | Template::Shared { .. }
        | Template::PortalLink { .. } => app.send_now(mail).await?,
        Template::Session { news, reader, .. } => {
            let is_told = is_news(app, mail.practice, *reader, news, cause.at).await?
                && is_wanted(app, mail, *reader, Topic::Appointments, cause.at).await?;
            if !is_told {
                app.store.drop_mail(mail).await?;
                return Ok(false);
            }
            app.send_now(mail).await?
        }
        Template::Notice { topic, reader, .. } => {
            if !is_wanted(app, mail, *reader, *topic, cause.at).await? {
                app.store.drop_mail(mail).await?;
                return Ok(false);
            }
            app.send_now(mail).await?
        }
        Template::Reminder { appointment, start, .. } => {
            let client = appointment.client();
            let sessions = app.store.load(keys::appointment_summary(mail.practice, client)).await?;
            let stands = sessions.is_some_and(|sessions| sessions.begins(*appointment, *start));
            let reader = PrincipalId::Client(client);
            let useful = stands && is_worth_a_reminder(*start, cause.at);
            if !useful || !is_wanted(app, mail, reader, Topic::Reminders, cause.at).await? {
                app.store.drop_mail(mail).await?;
                return Ok(false);
            }
            app.send_now(mail).await?
        }
        Template::Invitation { client, serial, .. } => {
            let client = app.store.load(keys::client(mail.practice, *client).unless_deleting()).await?;
            let found = client.filter(|client| {
                let invitation = client.portal.invitation.as_ref();
                invitation.is_some_and(|i| i.serial == *serial && i.state == InvitationState::Queued)
            });
            let Some(mut client) = found else {
                app.store.drop_mail(mail).await?;
                return Ok(false);
            };
            let system = Actor::System(System::Schedule);
            let grant = Grant::system(mail.practice, system, Action::InvitationResend, Some(client.id), cause)?;
            app.send_invitation_now(&grant, &mut client, mail, |_| Ok(None)).await?
        }
    };
    Ok(sent == Sent::Yes)
}

/// Whether what waited is still so, of a session of its reader.
async fn is_news(
    app: &App,
    practice: PracticeId,
    reader: PrincipalId,
    news: &SessionNews,
    now: Timestamp,
) -> Result<bool, Stop> {
    let session = app.store.load(keys::appointment(practice, news.session)).await?;
    let is_readers = |session: &Appointment| match reader {
        PrincipalId::Staff(staff) => session.staff == staff,
        PrincipalId::Client(client) => session.client() == client,
    };
    Ok(session.is_some_and(|session| is_readers(&session) && news.holds(&session, now)))
}

/// Whether a notice that waited is still one that its reader wants and can follow.
async fn is_wanted(
    app: &App,
    mail: &Outgoing,
    reader: PrincipalId,
    topic: Topic,
    now: Timestamp,
) -> Result<bool, Stop> {
    let of = mail.practice;
    let (client, staff) = match reader {
        PrincipalId::Client(id) => (Some(keys::client(of, id).unless_deleting()), None),
        PrincipalId::Staff(id) => (None, Some(keys::staff(of, id))),
    };
    let (practice, client, staff) = app.store.load((keys::practice(of), client, staff)).await?;
    let (client, staff) = (client.flatten(), staff.flatten());
    let reader = client.as_ref().map(Reader::Client).or(staff.as_ref().map(Reader::Staff));
    let open = practice.filter(|practice| practice.closed_at.is_none());
    Ok(open.zip(reader).is_some_and(|(practice, reader)| Wanted::new(&practice, reader, topic, now).is_some()))
}
