//! The only home of SES: writes a mail from its outbox item and sends it (security 2.6).

mod invitation;
mod letter;
mod notice;

pub use invitation::Ask;
pub use notice::{Carried, Notices};

use askama::Template as _;
use aws_sdk_sesv2::Client;
use aws_sdk_sesv2::types::{Body, Content, Destination, EmailContent, Message};

use self::letter::{Letter, Page};
use crate::access::Grant;
use crate::app::App;
use crate::aws::Sdk;
use crate::config::Config;
use crate::crypto::{Claim, Keys};
use crate::domain::client::Client as ClientRecord;
use crate::domain::directory::{Change, Entry};
use crate::domain::portal::InvitationState;
use crate::store::{CaseloadChange, Outgoing, StoreError, Template, Tx, keys};
use crate::web::{Problem, Reply};

/// Why a mail did not go out. It stays in the outbox.
#[derive(Debug, thiserror::Error)]
pub enum MailError {
    /// The mail service refused, failed or did not answer.
    #[error("the mail service did not take the mail: {0}")]
    Service(String),
    /// A template is broken.
    #[error("a mail template is broken: {0}")]
    Template(#[from] askama::Error),
}

/// Takes mail like any other address and throws it away: the mailbox simulator of SES, which asks for no quota.
pub const NOBODY: &str = "success@simulator.amazonses.com";

/// Writes and sends.
#[derive(Debug, Clone)]
pub struct Mailer {
    client: Client,
    from: String,
    origin: String,
    keys: Keys,
}

/// A written mail.
#[derive(Debug)]
struct Written {
    subject: &'static str,
    text: String,
    html: String,
}

fn deadline(at: jiff::Timestamp) -> String {
    at.strftime("%-d %B %Y, %H:%M UTC").to_string()
}

impl Mailer {
    /// As configured.
    #[must_use]
    pub fn from_config(config: &Config, sdk: &Sdk) -> Option<Self> {
        let from = config.mail_from.clone()?;
        let keys = Keys::new(&config.secret.0);
        Some(Self::new(sdk.sesv2(&config.endpoints), from, config.portal_origin.clone(), keys))
    }

    /// From its parts; `origin` is where the links lead.
    #[must_use]
    pub const fn new(client: Client, from: String, origin: String, keys: Keys) -> Self {
        Self { client, from, origin, keys }
    }

    fn write(&self, mail: &Outgoing) -> Result<Written, MailError> {
        let practice = mail.practice_name.as_str();
        let link = |page: &str, claim, seed| {
            format!("{}/{page}#token={}", self.origin, self.keys.token(mail.practice, claim, seed).text())
        };
        let (subject, button, link, text) = match &mail.template {
            Template::Welcome { principal, seed } => {
                let link = link("sign-in", Claim::SignIn(*principal), *seed);
                let text = Letter::Welcome { practice, link: &link }.render();
                ("Your practice is ready", "Sign in", link, text)
            }
            Template::SignIn { principal, seed } => {
                let link = link("sign-in", Claim::SignIn(*principal), *seed);
                let text = Letter::SignIn { practice, link: &link }.render();
                ("Your sign-in link", "Sign in", link, text)
            }
            Template::Invitation { client, serial, seed, first_name, message, expires_at } => {
                let link = link("invitation", Claim::Invitation(*client, *serial), *seed);
                let message = message.as_ref().map(|m| m.as_str());
                let (first_name, deadline) = (first_name.as_str(), &deadline(*expires_at));
                let text = Letter::Invitation { practice, link: &link, first_name, message, deadline }.render();
                ("You are invited to your client portal", "Open the portal", link, text)
            }
            Template::StaffInvitation { staff, serial, seed, expires_at } => {
                let link = link("invitation", Claim::StaffInvitation(*staff, *serial), *seed);
                let deadline = &deadline(*expires_at);
                let text = Letter::StaffInvitation { practice, link: &link, deadline }.render();
                ("You are invited to join a practice", "See the invitation", link, text)
            }
            Template::StaffDeclined => {
                let link = format!("{}/staff", self.origin);
                let text = Letter::StaffDeclined { practice, link: &link }.render();
                ("An invitation to your team was declined", "Open the roster", link, text)
            }
            Template::CaseloadNotice { change, clients } => {
                let (given, subject) = match change {
                    CaseloadChange::Given => (true, "Clients have been given to you"),
                    CaseloadChange::HandedOver => (false, "Clients of yours have been handed over"),
                };
                let link = format!("{}/sign-in", self.origin);
                let text = Letter::CaseloadNotice { practice, link: &link, given, clients: *clients }.render();
                (subject, "Sign in", link, text)
            }
            Template::TherapistNotice => {
                let link = format!("{}/sign-in", self.origin);
                let text = Letter::TherapistNotice { practice, link: &link }.render();
                ("A change at your practice", "Sign in", link, text)
            }
            Template::CredentialNotice { change } => {
                let link = format!("{}/sign-in", self.origin);
                let text = Letter::CredentialNotice { practice, link: &link, change: change.sentence() }.render();
                ("How you sign in has changed", "Sign in", link, text)
            }
        };
        let text = text?;
        let paragraphs =
            text.split("\n\n").map(str::trim).filter(|paragraph| !paragraph.is_empty() && *paragraph != link).collect();
        let html = Page { practice, link: &link, button, paragraphs }.render()?;
        Ok(Written { subject, text, html })
    }

    /// Sends one mail, with one try.
    pub async fn send(&self, mail: &Outgoing) -> Result<(), MailError> {
        let Written { subject, text, html } = self.write(mail)?;
        let part = |data: String| Content::builder().data(data).charset("UTF-8").build();
        let service = |e: &dyn std::fmt::Display| MailError::Service(e.to_string());
        let body = Body::builder()
            .text(part(text).map_err(|e| service(&e))?)
            .html(part(html).map_err(|e| service(&e))?)
            .build();
        let message = Message::builder().subject(part(subject.to_owned()).map_err(|e| service(&e))?).body(body).build();
        self.client
            .send_email()
            .from_email_address(&self.from)
            .destination(Destination::builder().to_addresses(mail.to.mailed()).build())
            .content(EmailContent::builder().simple(message).build())
            .send()
            .await
            .map(|_| ())
            .map_err(|e| match e.as_service_error() {
                Some(error) => service(&error.meta().code().unwrap_or("refused")),
                None => service(&"no answer"),
            })
    }
}

/// What became of a mail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sent {
    /// Gone, and forgotten by the outbox.
    Yes,
    /// Still in the outbox; the flush takes it.
    Later,
}

impl App {
    /// Sends a mail right after the commit that made it. A failure leaves it to the flush and is nobody's error.
    pub async fn send_now(&self, mail: &Outgoing) -> Result<Sent, Problem> {
        match self.mailer()?.send(mail).await {
            Ok(()) => {
                if let Err(error) = self.store.drop_mail(mail).await {
                    tracing::warn!(%error, "a sent mail stays in the outbox");
                }
                Ok(Sent::Yes)
            }
            Err(error) => {
                tracing::warn!(%error, "mail left to the flush");
                let _ = self.store.unclaim_mail(mail, self.now()).await;
                Ok(Sent::Later)
            }
        }
    }

    /// Sends an invitation and writes down that it went out; `client` then shows it.
    ///
    /// `answer` is what a repetition of the request is to get, once the client shows the mail as sent.
    pub async fn send_invitation_now(
        &self,
        grant: &Grant,
        client: &mut ClientRecord,
        mail: &Outgoing,
        answer: impl Fn(&ClientRecord) -> Result<Option<(crate::store::AnswerPlace, Reply)>, Problem>,
    ) -> Result<Sent, Problem> {
        if let Err(error) = self.mailer()?.send(mail).await {
            tracing::warn!(%error, "invitation left to the flush");
            let _ = self.store.unclaim_mail(mail, self.now()).await;
            return Ok(Sent::Later);
        }
        for _ in 0..5 {
            let mut tx = Tx::new(grant);
            tx.release(keys::outbox(mail.id)).touches(client.id);
            if mark_sent(client, mail, grant.at()) {
                tx.replace(client).directory(&Change::Put(Entry::from(&*client))).fields(["invitation"]);
                if let Some((place, reply)) = answer(client)? {
                    tx.answer_again(&place, reply.answer());
                }
            }
            match self.store.commit(tx).await {
                Err(StoreError::Conflict(_)) => {
                    match self.store.get::<ClientRecord>(&keys::client(client.practice, client.id)).await? {
                        Some(now) => *client = now,
                        None => return Ok(Sent::Yes),
                    }
                }
                Err(error) => {
                    tracing::warn!(%error, "a sent invitation stays in the outbox");
                    return Ok(Sent::Yes);
                }
                Ok(()) => return Ok(Sent::Yes),
            }
        }
        Ok(Sent::Yes)
    }
}

/// Moves the invitation this mail is about from queued to sent; `false` if it is another one by now.
fn mark_sent(client: &mut ClientRecord, mail: &Outgoing, now: jiff::Timestamp) -> bool {
    let Template::Invitation { serial, .. } = &mail.template else {
        return false;
    };
    let queued = client
        .portal
        .invitation
        .as_mut()
        .filter(|invitation| invitation.serial == *serial && invitation.state == InvitationState::Queued);
    let Some(invitation) = queued else { return false };
    invitation.state = InvitationState::Sent;
    invitation.sent_at = now;
    client.version += 1;
    true
}
