//! The one way for a mail to be written: into the transaction that makes it necessary, and counted there against what its
//! address and its practice may be sent (security IDN-13). What the transaction does not write does not count.

use jiff::{SignedDuration, Timestamp};

use crate::access::Actor;
use crate::app::App;
use crate::domain::email::EmailAddress;
use crate::domain::ids::{ClientId, PracticeId};
use crate::domain::mail::{Outgoing, Template};
use crate::domain::practice::Practice;
use crate::refusal::Refusal;
use crate::store::rate::Limit;
use crate::store::{StoreError, Tx};

/// Why somebody is written to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Occasion {
    /// This client is invited to the portal, or let in again.
    Access(ClientId),
    /// Somebody is invited to the team.
    Team,
    /// Something was done that concerns its reader.
    Notice,
    /// A session of its reader begins soon. As many as it has sessions: the practice's number is no limit.
    Reminder,
    /// Whoever reads the mailbox asked for it, or says so. Counted before it was known whether the address is (IDN-12).
    Requested,
}

const DAY: SignedDuration = SignedDuration::from_hours(24);

const fn daily(kind: &'static str, max: u32) -> Limit {
    Limit { kind, max, window: DAY }
}

// D10
/// To one client, whatever its addresses.
const ACCESS_CLIENT: Limit = daily("access-client", 5);
/// To one address, from one practice.
const ACCESS_ADDRESS: Limit = daily("access-address", 5);
const ACCESS_PRACTICE: Limit = daily("access-practice", 500);
/// The first and five repetitions.
const TEAM_ADDRESS: Limit = daily("team-address", 6);
const TEAM_PRACTICE: Limit = daily("team-practice", 100);
const NOTICE_ADDRESS: Limit = daily("notice-address", 200);
const NOTICE_PRACTICE: Limit = daily("notice-practice", 2_000);
const REMINDER_ADDRESS: Limit = daily("reminder-address", 50);
/// Addresses of others that one staff member comes upon.
const TAKEN_LOGIN: Limit = daily("taken-login", 10);
/// To one address, from all practices together: what nobody has asked for.
const ANYWHERE: Limit = daily("mail-address", 20);

impl App {
    /// Writes a mail into the transaction; 429 from its commit if enough was sent.
    pub fn write_mail(
        &self,
        tx: &mut Tx,
        occasion: Occasion,
        practice: &Practice,
        to: EmailAddress,
        template: Template,
    ) -> Result<Outgoing, Refusal> {
        for (limit, hash) in self.mail_limits(occasion, practice.id, &to) {
            tx.count(limit, &hash);
        }
        let mail = Outgoing::new(self.new_id()?, practice.id, practice.name.clone(), to, template, tx.grant().at());
        tx.mail(&mail);
        Ok(mail)
    }

    /// What a mail counts against, and under which name.
    pub(super) fn mail_limits(
        &self,
        occasion: Occasion,
        practice: PracticeId,
        to: &EmailAddress,
    ) -> Vec<(Limit, String)> {
        let practice = practice.uuid();
        let folded = to.folded();
        let address = self.keys.hash("mail to", &[practice.as_bytes(), folded.as_bytes()]);
        let anywhere = self.keys.hash("mail to anybody", &[folded.as_bytes()]);
        let all = self.keys.hash("mail of practice", &[practice.as_bytes()]);
        match occasion {
            Occasion::Access(client) => {
                let of = self.keys.hash("mail of client", &[practice.as_bytes(), client.uuid().as_bytes()]);
                vec![(ACCESS_CLIENT, of), (ACCESS_ADDRESS, address), (ANYWHERE, anywhere), (ACCESS_PRACTICE, all)]
            }
            Occasion::Team => vec![(TEAM_ADDRESS, address), (ANYWHERE, anywhere), (TEAM_PRACTICE, all)],
            Occasion::Notice => vec![(NOTICE_ADDRESS, address), (NOTICE_PRACTICE, all)],
            Occasion::Reminder => vec![(REMINDER_ADDRESS, address)],
            Occasion::Requested => Vec::new(),
        }
    }

    /// Counts a try to sign a client in with an address that is another's, as if a mail had gone there, and of whoever is
    /// no admin by itself (decision 32). The inner `Err` is the time to wait.
    pub async fn tried_login(
        &self,
        by: &Actor,
        practice: PracticeId,
        client: Option<ClientId>,
        now: Timestamp,
    ) -> Result<Result<(), SignedDuration>, StoreError> {
        let mut counted = Vec::new();
        if let Some(client) = client {
            let of = self.keys.hash("mail of client", &[practice.uuid().as_bytes(), client.uuid().as_bytes()]);
            counted.push((ACCESS_CLIENT, of));
        }
        // Admins see every client anyway: they learn nothing by trying.
        if let Actor::Staff(staff) = by
            && !staff.admin
        {
            let of = self.keys.hash("taken login", &[practice.uuid().as_bytes(), staff.id.uuid().as_bytes()]);
            counted.push((TAKEN_LOGIN, of));
        }
        for (limit, hash) in counted {
            if let Err(wait) = self.store.raise(limit, &hash, now).await? {
                // Whom it stops is not counted further.
                return Ok(Err(wait));
            }
        }
        Ok(Ok(()))
    }
}
