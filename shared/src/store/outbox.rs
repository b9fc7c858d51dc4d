//! The outbox: a mail is part of the transaction that makes it necessary (decision 22).
//!
//! An item stands here only until its mail is sent. It holds no token: the link is computed when the mail is written.

use aws_sdk_dynamodb::types::AttributeValue;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::item::{Corrupt, Entity, key_item};
use super::keys::{self, Key};
use super::{Paging, Store, StoreError, sdk_error};
use crate::domain::email::EmailAddress;
use crate::domain::ids::{ClientId, PracticeId, StaffId};
use crate::domain::session::PrincipalId;
use crate::domain::text::{InvitationMessage, PersonName, PracticeName};

/// What a mail says. Never health data, never more than a first name (security EML-1).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Template {
    /// The first sign-in link of somebody who signed a practice up.
    Welcome {
        /// For whom the link is.
        principal: PrincipalId,
        /// The link's seed.
        seed: Uuid,
    },
    /// A sign-in link.
    SignIn {
        /// For whom the link is.
        principal: PrincipalId,
        /// The link's seed.
        seed: Uuid,
    },
    /// An invitation to the portal.
    Invitation {
        /// The client.
        client: ClientId,
        /// Which invitation.
        serial: u32,
        /// The client's seed.
        seed: Uuid,
        /// How the client is addressed.
        first_name: PersonName,
        /// The personal line.
        message: Option<InvitationMessage>,
        /// The deadline the mail states (D21).
        expires_at: Timestamp,
    },
    /// An invitation to the team (L2).
    StaffInvitation {
        /// The staff member to be.
        staff: StaffId,
        /// Which invitation.
        serial: u32,
        /// The staff member's seed.
        seed: Uuid,
        /// The deadline the mail states.
        expires_at: Timestamp,
    },
    /// Somebody declined an invitation to the team; who it was stands in the roster only (L2).
    StaffDeclined,
    /// Clients changed hands; whose they are stands behind the sign-in only (L10).
    CaseloadNotice {
        /// Which way.
        change: CaseloadChange,
        /// How many.
        clients: u32,
    },
    /// The client's therapist has changed (L10).
    TherapistNotice,
    /// A change of how a staff member signs in.
    CredentialNotice {
        /// Which.
        change: CredentialChange,
    },
}

/// What happened to a caseload.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CaseloadChange {
    /// Clients came to it.
    Given,
    /// Clients went to somebody else, or to nobody.
    HandedOver,
}

/// A change that its owner is told of, in case it was somebody else's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CredentialChange {
    /// Signing in takes a code from now on.
    SecondFactorOn,
    /// It takes none any more.
    SecondFactorOff,
    /// There are new recovery codes.
    RecoveryCodesRenewed,
    /// An account at another service signs in from now on.
    OutsideIdentityBound,
}

impl CredentialChange {
    /// As a sentence of the mail.
    #[must_use]
    pub const fn sentence(self) -> &'static str {
        match self {
            Self::SecondFactorOn => "Signing in now takes a code from an authenticator app.",
            Self::SecondFactorOff => "Signing in no longer takes a code from an authenticator app.",
            Self::RecoveryCodesRenewed => "There are new recovery codes; the earlier ones no longer work.",
            Self::OutsideIdentityBound => "You can now sign in through your organisation's sign-in service.",
        }
    }
}

/// A mail that is written but not sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outgoing {
    /// Its id.
    pub id: Uuid,
    /// The practice it speaks for.
    pub practice: PracticeId,
    /// That practice's name.
    pub practice_name: PracticeName,
    /// To whom.
    pub to: EmailAddress,
    /// What.
    pub template: Template,
    /// Until when somebody is busy sending it.
    pub claimed_until: Timestamp,
}

/// How long a sender has before another may try.
const CLAIM: SignedDuration = SignedDuration::from_secs(60);

impl Outgoing {
    /// A mail claimed by the request that makes it, which sends it right after its commit.
    #[must_use]
    pub fn new(
        id: Uuid,
        practice: PracticeId,
        name: PracticeName,
        to: EmailAddress,
        template: Template,
        now: Timestamp,
    ) -> Self {
        Self { id, practice, practice_name: name, to, template, claimed_until: now + CLAIM }
    }
}

/// The item's attributes.
#[derive(Debug, Serialize, Deserialize)]
pub struct Row {
    pid: String,
    id: Uuid,
    practice_name: PracticeName,
    recipient: EmailAddress,
    template: Template,
    claimed_until: Timestamp,
}

impl Entity for Outgoing {
    const NAME: &'static str = "outbox";
    const SCHEMA: u32 = 1;
    type Row = Row;

    fn key(&self) -> Key {
        keys::outbox(self.id)
    }
    fn practice(&self) -> Option<PracticeId> {
        Some(self.practice)
    }
    fn version(&self) -> u64 {
        1
    }
    fn to_row(&self) -> Row {
        let Self { id, practice, practice_name, to, template, claimed_until } = self.clone();
        Row { pid: practice.key(), id, practice_name, recipient: to, template, claimed_until }
    }
    fn from_row(row: Row, _: u64) -> Result<Self, Corrupt> {
        let Row { pid, id, practice_name, recipient, template, claimed_until } = row;
        let practice = PracticeId::from_key(&pid).map_err(|_| Corrupt(Self::NAME))?;
        Ok(Self { id, practice, practice_name, to: recipient, template, claimed_until })
    }
}

impl Store {
    /// The oldest mails nobody is busy with, at most `limit` per shard.
    pub async fn unsent(&self, now: Timestamp, limit: usize) -> Result<Vec<Outgoing>, StoreError> {
        let mut all = Vec::new();
        for shard in keys::outbox_partitions() {
            let page = Paging { newest_first: false, limit, after: None };
            let (mails, _) = self.list::<Outgoing>(&shard, keys::MAILS, page).await?;
            all.extend(mails.into_iter().filter(|mail| mail.claimed_until <= now));
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
            .set_key(Some(key_item(&mail.key())))
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
            .set_key(Some(key_item(&mail.key())))
            .return_consumed_capacity(self.capacity())
            .send()
            .await
            .map_err(|e| sdk_error("DeleteItem", &e))?;
        Ok(())
    }
}
