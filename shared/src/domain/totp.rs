//! The second factor of a staff member: codes of an authenticator app, and recovery codes (decision 8, IDN-11).
//!
//! It lives in an item of its own whose version grows with each use, so that a code which two requests bring at the same
//! moment opens one door only.

use jiff::Timestamp;

use super::ids::{PracticeId, StaffId};
use super::session::SecretHash;

/// Seconds a code stands for.
const STEP: i64 = 30;
/// How many recovery codes there are.
pub const RECOVERY_CODES: usize = 10;
const RECOVERY_LENGTH: usize = 16;

/// A secret, sealed with the server's key: nothing else of it is stored.
#[derive(Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(transparent)]
pub struct SealedSecret(pub String);

crate::domain::prints_its_name!(SealedSecret);

/// What somebody types in to prove that the second factor is theirs.
#[derive(Clone, PartialEq, Eq)]
pub enum Proof {
    /// Six digits from the app.
    Code(String),
    /// A recovery code, without its hyphens.
    Recovery(String),
}

crate::domain::prints_its_name!(Proof);

impl Proof {
    /// Reads it as people write it: with blanks, hyphens and small letters. `None` is a wrong code like any other.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let plain: String =
            text.chars().filter(|c| *c != '-' && !c.is_whitespace()).take(RECOVERY_LENGTH + 1).collect();
        if plain.len() == 6 && plain.bytes().all(|b| b.is_ascii_digit()) {
            Some(Self::Code(plain))
        } else if plain.len() == RECOVERY_LENGTH && plain.bytes().all(|b| b.is_ascii_alphanumeric()) {
            Some(Self::Recovery(plain.to_ascii_uppercase()))
        } else {
            None
        }
    }
}

/// A factor in force.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Confirmed {
    /// What the app holds.
    pub secret: SealedSecret,
    /// The latest step whose code was used: neither it nor an earlier one is taken again.
    pub last_step: u64,
    /// Recovery codes not used yet.
    pub recovery: Vec<SecretHash>,
}

/// A staff member's second factor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SecondFactor {
    pub practice: PracticeId,
    pub staff: StaffId,
    /// Grows by one with each change and each use.
    pub version: u64,
    /// In force.
    pub confirmed: Option<Confirmed>,
    /// Begun, and waiting for a first code.
    pub pending: Option<SealedSecret>,
}

/// The code is not, or no longer, a good one. Why is nobody's business.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a good code")]
pub struct BadCode;

/// The steps whose codes count now: clocks differ by one either way.
#[must_use]
pub fn steps(now: Timestamp) -> [u64; 3] {
    let step = u64::try_from(now.as_second().div_euclid(STEP)).unwrap_or(0);
    [step.saturating_sub(1), step, step + 1]
}

impl SecondFactor {
    /// Nothing yet.
    #[must_use]
    pub const fn none(practice: PracticeId, staff: StaffId) -> Self {
        Self { practice, staff, version: 0, confirmed: None, pending: None }
    }

    /// Begins, or begins again. What is in force stays so until the new one is confirmed.
    pub fn begin(&mut self, secret: SealedSecret) {
        self.pending = Some(secret);
    }

    /// Puts the pending secret in force; `step` is the one whose code showed that the app has it.
    pub fn confirm(&mut self, step: u64, recovery: Vec<SecretHash>) -> Result<(), BadCode> {
        let secret = self.pending.take().ok_or(BadCode)?;
        self.confirmed = Some(Confirmed { secret, last_step: step, recovery });
        Ok(())
    }

    /// Uses up a step: once, and none before it any more.
    pub fn use_step(&mut self, step: u64) -> Result<(), BadCode> {
        let confirmed = self.confirmed.as_mut().filter(|confirmed| step > confirmed.last_step).ok_or(BadCode)?;
        confirmed.last_step = step;
        Ok(())
    }

    /// Uses up a recovery code.
    pub fn use_recovery(&mut self, code: &SecretHash) -> Result<(), BadCode> {
        let confirmed = self.confirmed.as_mut().ok_or(BadCode)?;
        let place = confirmed.recovery.iter().position(|known| known == code).ok_or(BadCode)?;
        confirmed.recovery.remove(place);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn factor() -> SecondFactor {
        let mut factor =
            SecondFactor::none(PracticeId::from_uuid(Uuid::from_u128(1)), StaffId::from_uuid(Uuid::from_u128(2)));
        factor.begin(SealedSecret("one".into()));
        factor.confirm(100, vec![SecretHash("a".into()), SecretHash("b".into())]).expect("confirmed");
        factor
    }

    // IDN-11
    #[test]
    fn a_step_and_a_recovery_code_are_good_once() {
        let mut factor = factor();
        assert_eq!(factor.use_step(100), Err(BadCode), "the step that confirmed it");
        assert_eq!(factor.use_step(102), Ok(()));
        assert_eq!(factor.use_step(102), Err(BadCode));
        assert_eq!(factor.use_step(101), Err(BadCode), "an earlier step");
        assert_eq!(factor.use_recovery(&SecretHash("b".into())), Ok(()));
        assert_eq!(factor.use_recovery(&SecretHash("b".into())), Err(BadCode));
    }

    // IDN-11
    #[test]
    fn what_is_in_force_stays_so_until_the_next_one_is_confirmed() {
        let mut factor = factor();
        factor.begin(SealedSecret("two".into()));
        assert_eq!(factor.confirmed.as_ref().map(|c| c.secret.0.as_str()), Some("one"));
        assert_eq!(factor.use_step(101), Ok(()));
        factor.confirm(90, Vec::new()).expect("confirmed");
        assert_eq!(factor.confirmed.as_ref().map(|c| (c.secret.0.as_str(), c.last_step)), Some(("two", 90)));
        assert_eq!(factor.confirm(91, Vec::new()), Err(BadCode));
    }

    // IDN-11
    #[test]
    fn a_proof_is_read_as_people_write_it() {
        assert_eq!(Proof::parse(" 123 456 "), Some(Proof::Code("123456".into())));
        let recovery = Proof::Recovery("ABCDEFGH234567AB".into());
        assert_eq!(Proof::parse("abcd-efgh-2345-67ab"), Some(recovery));
        for wrong in ["", "12345", "1234567", "12345a", "abcd-efgh-2345-67a", "abcd-efgh-2345-67ab-c", "１２３４５６"]
        {
            assert_eq!(Proof::parse(wrong), None, "{wrong}");
        }
    }

    // IDN-11
    #[test]
    fn clocks_may_differ_by_one_step() {
        let now = Timestamp::from_second(3_000).expect("an instant");
        assert_eq!(steps(now), [99, 100, 101]);
        assert_eq!(steps(Timestamp::UNIX_EPOCH), [0, 0, 1]);
    }
}
