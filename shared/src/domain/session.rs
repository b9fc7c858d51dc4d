//! Sessions: what a refresh token stands for, and how it rotates (security IDN-6).

use jiff::{SignedDuration, Timestamp};

use super::ids::{ClientId, PracticeId, SessionId, StaffId};

/// Who is signed in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PrincipalId {
    /// A staff member.
    Staff(StaffId),
    /// A portal client.
    Client(ClientId),
}

impl PrincipalId {
    /// Whether it is a staff member.
    #[must_use]
    pub const fn is_staff(self) -> bool {
        matches!(self, Self::Staff(_))
    }
}

impl std::fmt::Display for PrincipalId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Staff(id) => id.fmt(f),
            Self::Client(id) => id.fmt(f),
        }
    }
}

impl std::str::FromStr for PrincipalId {
    type Err = super::ids::InvalidId;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        text.parse().map(Self::Staff).or_else(|_| text.parse().map(Self::Client))
    }
}

impl serde::Serialize for PrincipalId {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> serde::Deserialize<'de> for PrincipalId {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

/// A session ends after this long without a refresh.
pub const IDLE: SignedDuration = SignedDuration::from_mins(30);
/// A session ends after this long in any case.
pub const ABSOLUTE: SignedDuration = SignedDuration::from_hours(12);
/// How long the replaced refresh token still gets the same successor: parallel tabs, lost answers.
pub const GRACE: SignedDuration = SignedDuration::from_secs(10);
/// How long an access token lives (decision 10).
pub const ACCESS_TOKEN: SignedDuration = SignedDuration::from_mins(10);
/// How long a proof of the second factor counts as fresh (security IDN-14).
pub const FRESH: SignedDuration = SignedDuration::from_mins(5);
/// How long a mailed sign-in link lives (decision 8).
pub const SIGN_IN_LINK: SignedDuration = SignedDuration::from_mins(10);

/// A one-way hash of a secret, in lower-case hex: all that is ever stored of it.
#[derive(Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(transparent)]
pub struct SecretHash(pub String);

crate::domain::prints_its_name!(SecretHash);

/// A signed-in session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    /// Its id, the `sid` of its access tokens.
    pub id: SessionId,
    pub practice: PracticeId,
    /// Who signed in.
    pub principal: PrincipalId,
    /// The principal's session number when it was opened.
    pub epoch: u32,
    /// Opened at.
    pub created_at: Timestamp,
    /// Last opened or refreshed at.
    pub refreshed_at: Timestamp,
    /// The live refresh token.
    pub current: SecretHash,
    /// The one it replaced.
    pub previous: Option<SecretHash>,
    /// Ended by a person, or by reuse of an old refresh token.
    pub revoked_at: Option<Timestamp>,
    /// When its holder last showed a second factor of ours.
    pub proved_at: Option<Timestamp>,
}

/// What presenting a refresh token does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refresh {
    /// The live token: rotate.
    Rotate,
    /// The one just replaced, within the grace: the same successor again.
    Again,
    /// An old one: the session ends, somebody holds a copy.
    Reuse,
    /// Never handed out: whoever made it up ends nobody's session.
    Unknown,
    /// Too late or revoked.
    Ended,
}

impl Session {
    /// Whether requests under it are served.
    #[must_use]
    pub fn is_live(&self, now: Timestamp) -> bool {
        self.revoked_at.is_none() && now < self.created_at + ABSOLUTE && now < self.refreshed_at + IDLE + ACCESS_TOKEN
    }

    /// When it ends if nothing refreshes it.
    #[must_use]
    pub fn ends_at(&self) -> Timestamp {
        (self.refreshed_at + IDLE + ACCESS_TOKEN).min(self.created_at + ABSOLUTE)
    }

    /// Whether its holder has shown a second factor lately.
    #[must_use]
    pub fn is_proved(&self, now: Timestamp) -> bool {
        self.proved_at.is_some_and(|at| now < at + FRESH)
    }

    /// Decides what a presented refresh token does; `was_live` tells whether it was handed out at any time before.
    #[must_use]
    pub fn refresh(&self, presented: &SecretHash, was_live: impl FnOnce() -> bool, now: Timestamp) -> Refresh {
        if !self.is_live(now) {
            Refresh::Ended
        } else if *presented == self.current {
            Refresh::Rotate
        } else if self.previous.as_ref() == Some(presented) && now <= self.refreshed_at + GRACE {
            Refresh::Again
        } else if was_live() {
            Refresh::Reuse
        } else {
            Refresh::Unknown
        }
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn session(at: Timestamp) -> Session {
        Session {
            id: SessionId::from_uuid(Uuid::nil()),
            practice: PracticeId::from_uuid(Uuid::nil()),
            principal: PrincipalId::Staff(StaffId::from_uuid(Uuid::nil())),
            epoch: 0,
            created_at: at,
            refreshed_at: at,
            current: SecretHash("b".into()),
            previous: Some(SecretHash("a".into())),
            revoked_at: None,
            proved_at: None,
        }
    }

    // X9, decision 10
    #[test]
    fn an_old_refresh_token_ends_the_session_unless_it_was_just_replaced() {
        let start = Timestamp::UNIX_EPOCH;
        let session = session(start);
        let (old, live) = (SecretHash("a".into()), SecretHash("b".into()));
        assert_eq!(session.refresh(&live, || true, start), Refresh::Rotate);
        assert_eq!(session.refresh(&old, || true, start + GRACE), Refresh::Again);
        assert_eq!(session.refresh(&old, || true, start + GRACE + SignedDuration::from_secs(1)), Refresh::Reuse);
        assert_eq!(session.refresh(&SecretHash("c".into()), || true, start), Refresh::Reuse);
        assert_eq!(session.refresh(&SecretHash("c".into()), || false, start), Refresh::Unknown);
        assert_eq!(session.refresh(&live, || true, start + ABSOLUTE), Refresh::Ended);
    }
}
