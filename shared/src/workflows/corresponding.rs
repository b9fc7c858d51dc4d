//! One way to write in a thread: from the thread itself, and with the portal's address (K1, K2, D13).

use jiff::SignedDuration;

use crate::app::App;
use crate::domain::client::Client;
use crate::domain::file::File;
use crate::domain::message::{Message, MessageRefusal};
use crate::domain::session::PrincipalId;
use crate::domain::text::MessageBody;
use crate::domain::thread::Thread;
use crate::refusal::{Kind, Refusal, Stop};
use crate::store::rate::Limit;
use crate::store::{Guard, Tx};

/// What one person may send.
const HOURLY: Limit = Limit { kind: "messages", max: 200, window: SignedDuration::from_hours(1) };

impl App {
    /// Writes a message into the transaction, with the files that go along and are shared by that.
    ///
    /// Whether the sender may write, and share these files, is decided by whoever asks for it.
    pub fn write_message(
        &self,
        tx: &mut Tx,
        client: &Client,
        thread: &mut Thread,
        from: PrincipalId,
        body: MessageBody,
        mut files: Vec<File>,
    ) -> Result<Message, Refusal> {
        let now = tx.grant().at();
        let reader = match from {
            PrincipalId::Staff(_) => PrincipalId::Client(client.id),
            PrincipalId::Client(_) => PrincipalId::Staff(client.assigned_staff.ok_or(MessageRefusal::NoTherapist)?),
        };
        let ids = files.iter().map(|file| file.id).collect();
        let message = thread.write(self.new_id()?, from, body, ids, now)?;
        tx.share_files(&mut files);
        if let Some(at) = thread.expect(reader, now) {
            tx.put(&Guard::message_notice(client.practice, client.id, at));
        }
        // A client whose deletion has begun gets nothing new.
        tx.create(&message).replace(thread).unchanged(client).touches(message.id);
        let sender = from.to_string();
        tx.count(HOURLY, &self.keys.hash("messages of", &[client.practice.uuid().as_bytes(), sender.as_bytes()]));
        Ok(message)
    }
}

/// Says that it was too many messages, where nothing but messages was counted.
#[must_use]
pub fn sent_enough(stop: Stop) -> Stop {
    match stop {
        Stop::Refused(refusal) => match refusal.kind() {
            Kind::TooMany(wait) => Refusal::new(
                Kind::TooMany(*wait),
                "too_many_requests",
                "You have sent 200 messages within an hour. Wait and try again.",
            )
            .into(),
            _ => Stop::Refused(refusal),
        },
        other => other,
    }
}
