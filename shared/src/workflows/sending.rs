//! Sending a mail that a transaction has put into the outbox, and writing down that it went out.

use jiff::Timestamp;

use crate::access::Grant;
use crate::app::App;
use crate::domain::client::Client;
use crate::domain::mail::{Outgoing, Template};
use crate::domain::portal::InvitationState;
use crate::refusal::{Refusal, Stop};
use crate::store::{Answer, AnswerPlace, StoreError, Tx, keys};

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
    pub async fn send_now(&self, mail: &Outgoing) -> Result<Sent, Refusal> {
        if mail.waits(self.now()) {
            return Ok(Sent::Later);
        }
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
        client: &mut Client,
        mail: &Outgoing,
        answer: impl Fn(&Client) -> Result<Option<(AnswerPlace, Answer)>, Stop>,
    ) -> Result<Sent, Stop> {
        if let Err(error) = self.mailer()?.send(mail).await {
            tracing::warn!(%error, "invitation left to the flush");
            let _ = self.store.unclaim_mail(mail, self.now()).await;
            return Ok(Sent::Later);
        }
        for _ in 0..5 {
            let mut tx = Tx::new(grant);
            tx.release(keys::outbox(mail.id)).touches(client.id);
            if mark_sent(client, mail, grant.at()) {
                tx.save_client(client).fields(["invitation"]);
                if let Some((place, told)) = answer(client)? {
                    tx.answer_again(&place, told);
                }
            }
            match self.store.commit(tx).await {
                Err(StoreError::Conflict(_)) => {
                    match self.store.load(keys::client(client.practice, client.id)).await? {
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
fn mark_sent(client: &mut Client, mail: &Outgoing, now: Timestamp) -> bool {
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
    true
}
