//! Mail that something has happened: never what, never whose, only to those who want it and can look (L10, F1, H2, K3,
//! security EML-1).

use jiff::{SignedDuration, Timestamp};

use super::mailing::Occasion;
use crate::access::{Action, Actor, Resource, decide};
use crate::app::App;
use crate::crypto::ordered_id;
use crate::domain::appointment::{Due, SessionNews};
use crate::domain::client::Client;
use crate::domain::email::EmailAddress;
use crate::domain::ids::StaffId;
use crate::domain::mail::{CaseloadChange, Outgoing, Template};
use crate::domain::notifications::{Notifications, Topic};
use crate::domain::practice::Practice;
use crate::domain::session::PrincipalId;
use crate::domain::staff::{Staff, StaffStatus};
use crate::domain::text::InvitationMessage;
use crate::refusal::Refusal;
use crate::store::rate::Limit;
use crate::store::{Held, Tx};

type Matter = (StaffId, CaseloadChange);

/// The notices of one request or run: one mail to each therapist and direction, whatever the number of clients.
///
/// The first transaction that concerns a therapist carries its mail, with the number that is expected then; what is sent
/// in the end tells the number that came of it.
#[derive(Debug, Default)]
pub struct Notices {
    told: Vec<Told>,
}

/// What is told to whom.
#[derive(Debug)]
struct Told {
    matter: Matter,
    expected: u32,
    clients: u32,
    mail: Option<Outgoing>,
}

/// What one transaction says about whom, until it holds.
#[derive(Debug, Default)]
pub struct Carried(Vec<(Matter, Option<Outgoing>)>);

fn matters(from: Option<StaffId>, to: Option<StaffId>) -> impl Iterator<Item = Matter> {
    let from = from.map(|staff| (staff, CaseloadChange::HandedOver));
    from.into_iter().chain(to.map(|staff| (staff, CaseloadChange::Given)))
}

impl Notices {
    /// One more client is going to change hands.
    pub fn expect(&mut self, from: Option<StaffId>, to: Option<StaffId>) {
        for matter in matters(from, to) {
            self.note(matter, |told| told.expected += 1);
        }
    }

    /// Whether one of these has no mail yet that says so.
    #[must_use]
    pub fn lacks(&self, from: Option<StaffId>, to: Option<StaffId>) -> bool {
        matters(from, to).any(|matter| self.is_new(matter))
    }

    fn is_new(&self, matter: Matter) -> bool {
        !self.told.iter().any(|told| told.matter == matter && told.clients > 0)
    }

    fn note(&mut self, matter: Matter, change: impl FnOnce(&mut Told)) {
        match self.told.iter_mut().find(|told| told.matter == matter) {
            Some(told) => change(told),
            None => {
                let mut told = Told { matter, expected: 0, clients: 0, mail: None };
                change(&mut told);
                self.told.push(told);
            }
        }
    }

    /// Puts the mails that are not written yet into the transaction that makes them necessary.
    ///
    /// Who cannot sign in is not written to.
    pub fn write(
        &self,
        app: &App,
        tx: &mut Tx,
        practice: &Practice,
        (from, to): (Option<&Staff>, Option<&Staff>),
    ) -> Result<Carried, Refusal> {
        let mut carried = Carried::default();
        for (staff, change) in matters(from.map(|staff| staff.id), to.map(|staff| staff.id)) {
            let matter = (staff, change);
            let reader = [from, to].into_iter().flatten().find(|one| one.id == staff);
            let reader = reader.filter(|one| matches!(one.status, StaffStatus::Active | StaffStatus::OnHold));
            let reader = reader.filter(|one| one.notifications.wants(Topic::Caseload));
            let mail = match reader.filter(|_| self.is_new(matter)) {
                None => None,
                Some(reader) => {
                    let known = self.told.iter().find(|told| told.matter == matter);
                    let clients = known.map_or(1, |told| told.expected.max(1));
                    let template = Template::CaseloadNotice { change, clients, reader: Some(staff) };
                    let not_before = reader.notifications.not_before(tx.grant().at(), practice.time_zone.time_zone());
                    Some(app.write_notice(tx, practice, Wanted { to: reader.email.clone(), template, not_before })?)
                }
            };
            carried.0.push((matter, mail));
        }
        Ok(carried)
    }

    /// The transaction holds.
    pub fn add(&mut self, carried: Carried) {
        for (matter, mail) in carried.0 {
            self.note(matter, |told| {
                told.clients += 1;
                told.mail = told.mail.take().or(mail);
            });
        }
    }

    /// Sends what was written.
    pub async fn send(self, app: &App) -> Result<(), Refusal> {
        for Told { matter: (reader, change), clients, mail, expected: _ } in self.told {
            if let Some(mut mail) = mail {
                mail.template = Template::CaseloadNotice { change, clients, reader: Some(reader) };
                app.send_now(&mail).await?;
            }
        }
        Ok(())
    }
}

/// Where a client that can sign in reads its mail: not where it was reached before somebody corrected that.
#[must_use]
pub fn reached_at(client: &Client) -> Option<&EmailAddress> {
    let login = client.portal.email.as_ref().filter(|_| !client.portal.outdated);
    login.or(client.profile.email.as_ref())
}

/// Who is told.
#[derive(Debug, Clone, Copy)]
pub enum Reader<'a> {
    Client(&'a Client),
    Staff(&'a Staff),
}

/// A notice that its reader wants and can follow.
#[derive(Debug, Clone)]
pub struct Wanted {
    pub to: EmailAddress,
    pub template: Template,
    /// When the reader's quiet hours end, if they last.
    pub not_before: Option<Timestamp>,
}

impl Wanted {
    /// A notice of a topic, unless its reader has turned that off, could not come in to see, or did not agree to mail.
    #[must_use]
    pub fn new(practice: &Practice, reader: Reader<'_>, topic: Topic, now: Timestamp) -> Option<Self> {
        let (to, settings, principal) = match reader {
            Reader::Client(client) => {
                let comes_in = client.blocked_by(practice.portal.on).is_empty() && !client.deleting;
                let finds = topic.is_for_clients() && topic.feature().is_none_or(|part| practice.portal.has(part));
                client.portal.consent_at.filter(|_| comes_in && finds)?;
                (reached_at(client)?, &client.portal.notifications, PrincipalId::Client(client.id))
            }
            Reader::Staff(staff) => {
                // decision 29
                let actor = Actor::staff(staff.clone(), now);
                let finds = topic != Topic::Appointments
                    || decide(&actor, Action::AppointmentRead, &Resource::Practice, practice).is_ok();
                let active = staff.status == StaffStatus::Active && finds;
                (active.then_some(&staff.email)?, &staff.notifications, PrincipalId::Staff(staff.id))
            }
        };
        let not_before = Notifications::not_before(settings, now, practice.time_zone.time_zone());
        let (slug, message) = (practice.slug.clone(), None);
        let template = Template::Notice { topic, reader: principal, slug, message };
        settings.wants(topic).then(|| Self { to: to.clone(), template, not_before })
    }

    /// The same as news of a session, which say more.
    #[must_use]
    pub fn of_session(self, news: SessionNews) -> Self {
        let template = match self.template {
            Template::Notice { reader, slug, .. } => Template::Session { news, reader, slug },
            other => other,
        };
        Self { template, ..self }
    }

    /// The same with a personal line.
    #[must_use]
    pub fn with(mut self, said: Option<InvitationMessage>) -> Self {
        if let Template::Notice { message, .. } = &mut self.template {
            *message = said;
        }
        self
    }
}

/// A notice in a transaction that can do without it.
#[derive(Debug)]
pub struct Notice {
    mail: Outgoing,
    held: Held,
}

impl Notice {
    /// Whether there was room for it. Known once the transaction holds.
    #[must_use]
    pub fn is_written(&self) -> bool {
        self.held.is_true()
    }

    /// Whether nobody else can have taken it for sending before this is done with it.
    #[must_use]
    pub fn is_ours(&self, now: Timestamp) -> bool {
        now + SENDING < self.mail.claimed_until
    }
}

/// More than sending one mail takes.
const SENDING: SignedDuration = SignedDuration::from_secs(15);

/// How often a reader is told of one topic.
const HOURLY: Limit = Limit { kind: "notice-topic", max: 1, window: SignedDuration::from_hours(1) };

impl App {
    /// Tells somebody that there is something new, at most once within an hour for each topic; part of the transaction that
    /// makes it so, and no reason for that to fail.
    pub fn notify(
        &self,
        tx: &mut Tx,
        practice: &Practice,
        reader: Reader<'_>,
        topic: Topic,
    ) -> Result<Option<Notice>, Refusal> {
        let wanted = Wanted::new(practice, reader, topic, tx.grant().at());
        wanted.map(|wanted| self.write_if_room(tx, practice, wanted, true)).transpose()
    }

    /// Likewise, however often: somebody looked at this very mail and had it sent.
    pub fn notify_each(&self, tx: &mut Tx, practice: &Practice, wanted: Wanted) -> Result<Notice, Refusal> {
        self.write_if_room(tx, practice, wanted, false)
    }

    fn write_if_room(
        &self,
        tx: &mut Tx,
        practice: &Practice,
        wanted: Wanted,
        collapsed: bool,
    ) -> Result<Notice, Refusal> {
        let mut limits = self.mail_limits(Occasion::Notice, practice.id, &wanted.to);
        limits.extend(self.hourly(practice, &wanted).filter(|_| collapsed));
        self.write_within(tx, practice, wanted, limits)
    }

    // I7
    /// Likewise, of a session that begins soon: part of the transaction that says that its client was reminded.
    pub fn remind(&self, tx: &mut Tx, practice: &Practice, wanted: Wanted, due: Due) -> Result<Notice, Refusal> {
        let (slug, zone) = (practice.slug.clone(), practice.time_zone.clone());
        let template = Template::Reminder { appointment: due.id, slug, start: due.times.start(), zone };
        let limits = self.mail_limits(Occasion::Reminder, practice.id, &wanted.to);
        self.write_within(tx, practice, Wanted { template, ..wanted }, limits)
    }

    fn write_within(
        &self,
        tx: &mut Tx,
        practice: &Practice,
        wanted: Wanted,
        limits: Vec<(Limit, String)>,
    ) -> Result<Notice, Refusal> {
        let mail = self.draft(practice, wanted, tx.grant().at())?;
        let held = tx.mail_if_room(&mail, limits);
        Ok(Notice { mail, held })
    }

    /// Writes a notice that the transaction is about: 429 from its commit where its reader was told within the hour.
    pub fn write_hourly(&self, tx: &mut Tx, practice: &Practice, wanted: Wanted) -> Result<Outgoing, Refusal> {
        if let Some((limit, hash)) = self.hourly(practice, &wanted) {
            tx.count(limit, &hash);
        }
        self.write_notice(tx, practice, wanted)
    }

    fn write_notice(&self, tx: &mut Tx, practice: &Practice, wanted: Wanted) -> Result<Outgoing, Refusal> {
        for (limit, hash) in self.mail_limits(Occasion::Notice, practice.id, &wanted.to) {
            tx.count(limit, &hash);
        }
        let mail = self.draft(practice, wanted, tx.grant().at())?;
        tx.mail(&mail);
        Ok(mail)
    }

    fn hourly(&self, practice: &Practice, wanted: &Wanted) -> Option<(Limit, String)> {
        let (reader, topic) = wanted.template.subscription()?;
        let (practice, reader) = (practice.id.uuid(), reader.to_string());
        Some((HOURLY, self.keys.hash("told of", &[practice.as_bytes(), reader.as_bytes(), &[topic.number()]])))
    }

    /// The mail of a notice, before it is written anywhere. One that waits sorts behind all that is due before.
    pub fn draft(&self, practice: &Practice, wanted: Wanted, now: Timestamp) -> Result<Outgoing, Refusal> {
        let Wanted { to, template, not_before } = wanted;
        let id = ordered_id(not_before.unwrap_or(now))?;
        let mail = Outgoing::new(id, practice.id, practice.name.clone(), to, template, now);
        Ok(not_before.map_or_else(|| mail.clone(), |at| mail.clone().delayed(at)))
    }

    /// Sends a notice right after its transaction, if it was written.
    pub async fn send_notice(&self, notice: Option<Notice>) -> Result<(), Refusal> {
        if let Some(Notice { mail, .. }) = notice.filter(|notice| notice.held.is_true()) {
            self.send_now(&mail).await?;
        }
        Ok(())
    }

    /// Sends several at once, likewise.
    pub async fn send_notices(&self, notices: Vec<Notice>) -> Result<(), Refusal> {
        let send = |notice| self.send_notice(Some(notice));
        futures_util::future::try_join_all(notices.into_iter().map(send)).await.map(|_| ())
    }

    /// Tells a client that can sign in that its therapist has changed; part of the transaction that changes it.
    pub fn notify_client(
        &self,
        tx: &mut Tx,
        client: &Client,
        practice: &Practice,
    ) -> Result<Option<Outgoing>, Refusal> {
        let email = reached_at(client).cloned().filter(|_| client.blocked_by(practice.portal.on).is_empty());
        email.map(|to| self.notice(tx, practice, to, Template::TherapistNotice)).transpose()
    }

    /// Writes a notice into the transaction that makes it necessary.
    pub fn notice(
        &self,
        tx: &mut Tx,
        practice: &Practice,
        to: EmailAddress,
        template: Template,
    ) -> Result<Outgoing, Refusal> {
        self.write_mail(tx, Occasion::Notice, practice, to, template)
    }
}
