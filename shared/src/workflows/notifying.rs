//! Mail about clients that change hands: that it happened, never whose they are (L10, security EML-1).

use super::mailing::Occasion;
use crate::app::App;
use crate::domain::client::Client;
use crate::domain::email::EmailAddress;
use crate::domain::ids::StaffId;
use crate::domain::mail::{CaseloadChange, Outgoing, Template};
use crate::domain::practice::Practice;
use crate::domain::staff::{Staff, StaffStatus};
use crate::refusal::Refusal;
use crate::store::Tx;

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
            let mail = match reader.filter(|_| self.is_new(matter)) {
                None => None,
                Some(reader) => {
                    let known = self.told.iter().find(|told| told.matter == matter);
                    let clients = known.map_or(1, |told| told.expected.max(1));
                    let template = Template::CaseloadNotice { change, clients };
                    Some(app.notice(tx, practice, reader.email.clone(), template)?)
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
        for Told { matter: (_, change), clients, mail, expected: _ } in self.told {
            if let Some(mut mail) = mail {
                mail.template = Template::CaseloadNotice { change, clients };
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

impl App {
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
