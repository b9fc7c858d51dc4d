//! The only home of SES: writes a mail from its outbox item and sends it (security 2.6).

mod letter;
mod notice;
mod session;

use askama::Template as _;
use aws_sdk_sesv2::Client;
use aws_sdk_sesv2::primitives::Blob;
use aws_sdk_sesv2::types::{
    Attachment, AttachmentContentDisposition, AttachmentContentTransferEncoding, Body, Content, Destination,
    EmailContent, Message, MessageHeader,
};

use self::letter::{Letter, Page};
use self::notice::Words;
use self::session::{Attached, SessionWords, attached};
use crate::aws::Sdk;
use crate::config::{Config, Origin};
use crate::crypto::{Claim, Keys, Token};
use crate::domain::mail::{CaseloadChange, Outgoing, Template};
use crate::domain::notifications::Topic;
use crate::domain::practice::Zone;

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
    origin: Origin,
    keys: Keys,
}

/// A written mail.
#[derive(Debug)]
struct Written {
    subject: &'static str,
    text: String,
    html: String,
    /// For mail programs that offer to unsubscribe (RFC 8058).
    unsubscribe: Option<String>,
    attached: Option<Attached>,
}

/// A mail as somebody looks at it before it is sent.
#[derive(Debug)]
pub struct MailPreview {
    pub subject: &'static str,
    /// With an ellipsis where the mail has the secret part of a link.
    pub text: String,
}

fn deadline(at: jiff::Timestamp) -> String {
    at.strftime("%-d %B %Y, %H:%M UTC").to_string()
}

/// A file as the mail service takes it.
fn attachment(Attached { name, media_type, text }: Attached) -> Result<Attachment, aws_sdk_sesv2::error::BuildError> {
    Attachment::builder()
        .raw_content(Blob::new(text))
        .file_name(name)
        .content_type(media_type)
        .content_disposition(AttachmentContentDisposition::Attachment)
        .content_transfer_encoding(AttachmentContentTransferEncoding::Base64)
        .build()
}

/// What the clocks of a zone show, with its name.
fn wall_clock(at: jiff::Timestamp, zone: &Zone) -> String {
    let shown = at.to_zoned(zone.time_zone().clone()).strftime("%A, %-d %B %Y at %H:%M").to_string();
    format!("{shown} ({} time)", zone.name())
}

impl Mailer {
    /// As configured.
    #[must_use]
    pub fn from_config(config: &Config, sdk: &Sdk) -> Option<Self> {
        let from = config.mail_from.clone()?;
        let origin = config.origins.as_ref()?.portal().clone();
        let keys = Keys::new(&config.secret.0);
        Some(Self::new(sdk.sesv2(&config.endpoints), from, origin, keys))
    }

    /// From its parts; `origin` is where the links lead.
    #[must_use]
    pub const fn new(client: Client, from: String, origin: Origin, keys: Keys) -> Self {
        Self { client, from, origin, keys }
    }

    /// The subject and the text of a mail, without anything that opens a door.
    pub fn preview(&self, mail: &Outgoing) -> Result<MailPreview, MailError> {
        let Written { subject, text, .. } = self.write(mail, |_| "\u{2026}".to_owned())?;
        Ok(MailPreview { subject, text })
    }

    fn write(&self, mail: &Outgoing, spelled: impl Fn(&Token) -> String) -> Result<Written, MailError> {
        let practice = mail.practice_name.as_str();
        let link = |page: &str, claim, seed| {
            format!("{}/{page}#token={}", self.origin, spelled(&self.keys.token(mail.practice, claim, seed)))
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
            Template::Invitation { client, serial, seed, first_name, message, expires_at, documents } => {
                let link = link("invitation", Claim::Invitation(*client, *serial), *seed);
                let message = message.as_ref().map(|m| m.as_str());
                let (first_name, deadline) = (first_name.as_str(), &deadline(*expires_at));
                let documents = *documents;
                let text =
                    Letter::Invitation { practice, link: &link, first_name, message, deadline, documents }.render();
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
            Template::CaseloadNotice { change, clients, .. } => {
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
            Template::BreakGlass { what } => {
                let link = format!("{}/sign-in", self.origin);
                let text = Letter::BreakGlass { practice, link: &link, what: what.words() }.render();
                ("Something private was opened", "Sign in", link, text)
            }
            Template::Notice { topic, reader, slug, message } => {
                let words = Words::of(*topic, reader.is_staff(), practice);
                let page = if reader.is_staff() { "sign-in" } else { slug.as_str() };
                let link = format!("{}/{page}", self.origin);
                let text = words.letter(message.as_ref(), &link).render();
                (words.subject, words.button, link, text)
            }
            Template::Session { news, reader, slug } => {
                let words = SessionWords::of(news, reader.is_staff(), practice);
                let page = if reader.is_staff() { "sign-in" } else { slug.as_str() };
                let link = format!("{}/{page}", self.origin);
                let text = words.letter(&link).render();
                (words.subject, words.button, link, text)
            }
            Template::Reminder { slug, start, zone, .. } => {
                let link = format!("{}/{}", self.origin, slug.as_str());
                let when = &wall_clock(*start, zone);
                let text = Letter::Reminder { practice, when, link: &link }.render();
                ("Your session is coming up", "Open the portal", link, text)
            }
            Template::Shared { slug, message } => {
                let words = Words::of(Topic::Files, false, practice);
                let link = format!("{}/{}", self.origin, slug.as_str());
                let text = words.letter(message.as_ref(), &link).render();
                (words.subject, words.button, link, text)
            }
            Template::PortalLink { slug } => {
                let link = format!("{}/{}", self.origin, slug.as_str());
                let text = Letter::PortalLink { practice, link: &link }.render();
                ("Your client portal", "Open the portal", link, text)
            }
            Template::CredentialNotice { change } => {
                let link = format!("{}/sign-in", self.origin);
                let text = Letter::CredentialNotice { practice, link: &link, change: change.sentence() }.render();
                ("How you sign in has changed", "Sign in", link, text)
            }
        };
        let mut text = text?;
        let stop = mail.template.subscription().map(|(reader, topic)| {
            let token = spelled(&self.keys.unsubscribe(mail.practice, reader, topic));
            (format!("{}/unsubscribe#token={token}", self.origin), token)
        });
        let paragraphs =
            text.split("\n\n").map(str::trim).filter(|paragraph| !paragraph.is_empty() && *paragraph != link).collect();
        let page = stop.as_ref().map(|(page, _)| page.as_str());
        let html = Page { practice, link: &link, button, paragraphs, stop: page }.render()?;
        if let Some(page) = page {
            text.push_str(&format!("\n\nTo get no more mails of this kind, open this page:\n\n{page}"));
        }
        let unsubscribe = stop.map(|(_, token)| format!("{}/v1/mail/unsubscribe?token={token}", self.origin));
        let attached = match &mail.template {
            Template::Session { news, reader, .. } => {
                attached(news, reader.is_staff(), practice, (self.origin.host(), &self.from))
            }
            _ => None,
        };
        Ok(Written { subject, text, html, unsubscribe, attached })
    }

    /// Sends one mail, with one try.
    pub async fn send(&self, mail: &Outgoing) -> Result<(), MailError> {
        let Written { subject, text, html, unsubscribe, attached } = self.write(mail, Token::text)?;
        let part = |data: String| Content::builder().data(data).charset("UTF-8").build();
        let service = |e: &dyn std::fmt::Display| MailError::Service(e.to_string());
        let body = Body::builder()
            .text(part(text).map_err(|e| service(&e))?)
            .html(part(html).map_err(|e| service(&e))?)
            .build();
        let header = |name: &str, value: String| {
            MessageHeader::builder().name(name).value(value).build().map_err(|e| service(&e))
        };
        let headers = match unsubscribe {
            None => None,
            Some(url) => Some(vec![
                header("List-Unsubscribe", format!("<{url}>"))?,
                header("List-Unsubscribe-Post", "List-Unsubscribe=One-Click".to_owned())?,
            ]),
        };
        let subject = part(subject.to_owned()).map_err(|e| service(&e))?;
        let attached = attached.map(attachment).transpose().map_err(|e| service(&e))?;
        let message = Message::builder()
            .subject(subject)
            .body(body)
            .set_headers(headers)
            .set_attachments(attached.map(|one| vec![one]))
            .build();
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
