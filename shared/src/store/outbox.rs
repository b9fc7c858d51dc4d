//! The outbox: a mail is part of the transaction that makes it necessary (decision 22).
//!
//! An item stands here only until its mail is sent. It holds no token: the link is computed when the mail is written.

use aws_sdk_dynamodb::types::AttributeValue;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::item::{Corrupt, Entity, key_item};
use super::keys::{self, Key};
use super::{Paging, Store, StoreError, sdk_error};
use crate::domain::email::EmailAddress;
use crate::domain::ids::PracticeId;
use crate::domain::mail::{CLAIM, Outgoing, Template};
use crate::domain::text::PracticeName;

/// The item's attributes.
#[derive(Debug, Serialize, Deserialize)]
pub struct Row {
    pid: String,
    id: Uuid,
    practice_name: PracticeName,
    recipient: EmailAddress,
    template: Template,
    claimed_until: Timestamp,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    not_before: Option<Timestamp>,
}

crate::store::item::plain!(Outgoing);

impl Entity for Outgoing {
    const NAME: &'static str = "outbox";
    const SCHEMA: u32 = 1;
    type Row = Row;

    fn key(&self) -> Key<Self> {
        keys::outbox(self.id)
    }
    fn practice(&self) -> Option<PracticeId> {
        Some(self.practice)
    }
    fn version(&self) -> u64 {
        1
    }
    fn to_row(&self) -> Row {
        let Self { id, practice, practice_name, to, template, claimed_until, not_before } = self.clone();
        Row { pid: practice.key(), id, practice_name, recipient: to, template, claimed_until, not_before }
    }
    fn from_row(row: Row, _: u64) -> Result<Self, Corrupt> {
        let Row { pid, id, practice_name, recipient, template, claimed_until, not_before } = row;
        let practice = PracticeId::from_key(&pid).map_err(|_| Corrupt(Self::NAME))?;
        Ok(Self { id, practice, practice_name, to: recipient, template, claimed_until, not_before })
    }
}

impl Store {
    /// The oldest mails nobody is busy with and that need not wait, at most `limit` per shard. What waits has an id of the
    /// time it waits for, and keeps nothing back that is due.
    pub async fn unsent(&self, now: Timestamp, limit: usize) -> Result<Vec<Outgoing>, StoreError> {
        let mut all = Vec::new();
        for shard in keys::mails() {
            let page = Paging { newest_first: false, limit, after: None };
            let (mails, _) = self.list(&shard, page).await?;
            all.extend(mails.into_iter().filter(|mail| mail.claimed_until <= now && !mail.waits(now)));
        }
        Ok(all)
    }

    /// Takes a mail for sending, unless somebody else took it first.
    pub async fn claim_mail(&self, mail: &mut Outgoing, now: Timestamp) -> Result<bool, StoreError> {
        let taken = self.set_claim(mail, mail.claimed_until, now + CLAIM).await?;
        mail.claimed_until = now + CLAIM;
        Ok(taken)
    }

    /// Gives a mail back after a failed try, so that the next flush takes it.
    pub async fn unclaim_mail(&self, mail: &Outgoing, now: Timestamp) -> Result<bool, StoreError> {
        self.set_claim(mail, mail.claimed_until, now).await
    }

    async fn set_claim(&self, mail: &Outgoing, from: Timestamp, to: Timestamp) -> Result<bool, StoreError> {
        let done = self
            .client()
            .update_item()
            .table_name(self.table())
            .set_key(Some(key_item(mail.key().place())))
            .update_expression("SET claimed_until = :to")
            .condition_expression("claimed_until = :from")
            .expression_attribute_values(":to", AttributeValue::S(to.to_string()))
            .expression_attribute_values(":from", AttributeValue::S(from.to_string()))
            .return_consumed_capacity(self.capacity())
            .send()
            .await;
        match done {
            Ok(_) => Ok(true),
            Err(e) if e.as_service_error().is_some_and(|e| e.is_conditional_check_failed_exception()) => Ok(false),
            Err(e) => Err(sdk_error("UpdateItem", &e)),
        }
    }

    /// Forgets a mail that is sent, or that has become pointless.
    pub async fn drop_mail(&self, mail: &Outgoing) -> Result<(), StoreError> {
        self.client()
            .delete_item()
            .table_name(self.table())
            .set_key(Some(key_item(mail.key().place())))
            .return_consumed_capacity(self.capacity())
            .send()
            .await
            .map_err(|e| sdk_error("DeleteItem", &e))?;
        Ok(())
    }
}
