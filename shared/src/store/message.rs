//! The items of messages.

use aws_sdk_dynamodb::types::AttributeValue;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::condition::Amendment;
use super::item::{Corrupt, Entity};
use super::keys::{self, Key};
use super::{Conflict, Tx};
use crate::domain::ids::{FileId, MessageId, PracticeId};
use crate::domain::message::Message;
use crate::domain::session::PrincipalId;
use crate::domain::side::Sides;
use crate::domain::text::MessageBody;

/// A message's attributes.
#[derive(Debug, Serialize, Deserialize)]
pub struct Row {
    pid: String,
    id: MessageId,
    // Not "from", which the table's expressions reserve.
    by: PrincipalId,
    body: MessageBody,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    files: Vec<FileId>,
    created_at: Timestamp,
    counted: Sides<u32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    read_at: Option<Timestamp>,
}

crate::store::item::versioned!(Message);

impl Entity for Message {
    const NAME: &'static str = "message";
    const SCHEMA: u32 = 1;
    type Row = Row;

    fn key(&self) -> Key<Self> {
        keys::message(self.practice, self.id)
    }
    fn practice(&self) -> Option<PracticeId> {
        Some(self.practice)
    }
    fn version(&self) -> u64 {
        self.version
    }
    fn to_row(&self) -> Row {
        let Self { id, practice, version: _, from, body, files, created_at, counted, read_at } = self.clone();
        Row { pid: practice.key(), id, by: from, body, files, created_at, counted, read_at }
    }
    fn from_row(row: Row, version: u64) -> Result<Self, Corrupt> {
        let Row { pid, id, by: from, body, files, created_at, counted, read_at } = row;
        let practice = PracticeId::from_key(&pid).map_err(|_| Corrupt(Self::NAME))?;
        Ok(Self { id, practice, version, from, body, files, created_at, counted, read_at })
    }
}

impl Tx {
    /// Marks a message as read at this moment, without writing what it says again.
    ///
    /// Who has read how far is in the thread, which is replaced in the same transaction: two readers do not meet here.
    pub fn mark_message_read(&mut self, id: MessageId) -> &mut Self {
        let (practice, at) = (self.grant().practice(), self.grant().at());
        let amendment = Amendment {
            update: "SET read_at = :at ADD version :one",
            condition: "attribute_exists(pk)",
            names: Vec::new(),
            values: vec![(":at", AttributeValue::S(at.to_string())), (":one", AttributeValue::N("1".to_owned()))],
        };
        self.amend(keys::message(practice, id), amendment, Conflict::Stale(Message::NAME))
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::domain::ids::ClientId;
    use crate::domain::thread::Thread;
    use crate::store::item::{from_item, to_item};

    // decision 18
    #[test]
    fn a_message_and_its_thread_read_back() {
        let client = ClientId::from_uuid(Uuid::from_u128(3));
        let mut thread = Thread::empty(PracticeId::from_uuid(Uuid::from_u128(1)), client);
        let body = MessageBody::parse("Größe <b>x</b>\nand more").unwrap();
        let (from, now) = (PrincipalId::Client(client), Timestamp::UNIX_EPOCH);
        let files = vec![FileId::new(client, Uuid::from_u128(4))];
        let message = thread.write(Uuid::from_u128(5), from, body, files, now).unwrap();
        thread.expect(from, now);
        thread.mark_read(message.side().other(), &message, &[], now);
        assert_eq!(from_item::<Message>(to_item(&message).unwrap()), Ok(message));
        assert_eq!(from_item::<Thread>(to_item(&thread).unwrap()), Ok(thread));
    }
}
