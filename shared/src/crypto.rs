//! Keyed hashes, link tokens, sealed values and random bits: one key, one library, one file.

mod codes;

pub use codes::{TotpSecret, recovery_code};

use std::sync::Arc;

use aws_lc_rs::{aead, constant_time, digest, hmac, rand};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use data_encoding::HEXLOWER;
use uuid::Uuid;

use crate::domain::ids::{ClientId, FeedId, PracticeId, SessionId, StaffId};
use crate::domain::notifications::Topic;
use crate::domain::session::{PrincipalId, SecretHash};

/// The machine has no random bits to give: nothing safe can be made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("no randomness available")]
pub struct NoRandomness;

/// The server's secret: every keyed hash, link token and sealed value comes from it.
#[derive(Clone)]
pub struct Keys {
    mac: hmac::Key,
    seal: Arc<aead::LessSafeKey>,
}

crate::domain::prints_its_name!(Keys);

/// What a mailed or handed-out token stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Claim {
    /// The portal invitation of a client with this serial.
    Invitation(ClientId, u32),
    /// The invitation of a staff member with this serial.
    StaffInvitation(StaffId, u32),
    /// The newest sign-in link of a principal.
    SignIn(PrincipalId),
    /// The refresh token of a principal's session.
    Refresh(PrincipalId, SessionId),
    /// That a principal wants no more notices of a topic. It needs no seed: it never ends.
    Unsubscribe(PrincipalId, Topic),
    /// That a calendar program may read this feed of a principal. Random through and through: only its hash is kept.
    CalendarFeed(PrincipalId, FeedId),
}

/// A token as it stands in a mail or a request: ids, and 256 bits nobody can guess.
#[derive(Clone, PartialEq, Eq)]
pub struct Token {
    /// The practice it belongs to.
    pub practice: PracticeId,
    /// What it stands for.
    pub claim: Claim,
    secret: [u8; 32],
}

crate::domain::prints_its_name!(Token);

/// Not a token of ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a token")]
pub struct InvalidToken;

/// How many times a refresh token can have been replaced and still be known: more than once a minute in a session's
/// twelve hours.
const GENERATIONS: usize = 1_000;

const HEAD: usize = 1 + 16 + 16 + 16;

impl Claim {
    fn head(self, practice: PracticeId) -> [u8; HEAD] {
        let (kind, id, serial) = match self {
            Self::Invitation(client, serial) => (1, client.uuid(), u128::from(serial)),
            Self::StaffInvitation(staff, serial) => (6, staff.uuid(), u128::from(serial)),
            Self::SignIn(PrincipalId::Staff(staff)) => (2, staff.uuid(), 0),
            Self::SignIn(PrincipalId::Client(client)) => (3, client.uuid(), 0),
            Self::Refresh(PrincipalId::Staff(staff), session) => (4, staff.uuid(), session.uuid().as_u128()),
            Self::Refresh(PrincipalId::Client(client), session) => (5, client.uuid(), session.uuid().as_u128()),
            Self::Unsubscribe(PrincipalId::Staff(staff), topic) => (7, staff.uuid(), topic.number().into()),
            Self::Unsubscribe(PrincipalId::Client(client), topic) => (8, client.uuid(), topic.number().into()),
            Self::CalendarFeed(PrincipalId::Staff(staff), feed) => (9, staff.uuid(), feed.uuid().as_u128()),
            Self::CalendarFeed(PrincipalId::Client(client), feed) => (10, client.uuid(), feed.uuid().as_u128()),
        };
        let mut head = [0; HEAD];
        let parts =
            [kind].into_iter().chain(*practice.uuid().as_bytes()).chain(*id.as_bytes()).chain(serial.to_be_bytes());
        for (place, byte) in head.iter_mut().zip(parts) {
            *place = byte;
        }
        head
    }
}

impl Token {
    /// The text that travels: base64url without padding.
    #[must_use]
    pub fn text(&self) -> String {
        let mut bytes = self.claim.head(self.practice).to_vec();
        bytes.extend(self.secret);
        URL_SAFE_NO_PAD.encode(bytes)
    }

    /// Reads what [`Self::text`] wrote. Says nothing about whether it is good.
    pub fn parse(text: &str) -> Result<Self, InvalidToken> {
        if text.len() > 128 {
            return Err(InvalidToken);
        }
        let bytes = URL_SAFE_NO_PAD.decode(text.trim()).map_err(|_| InvalidToken)?;
        let (kind, rest) = bytes.split_first().ok_or(InvalidToken)?;
        let (practice, rest) = rest.split_first_chunk::<16>().ok_or(InvalidToken)?;
        let (id, rest) = rest.split_first_chunk::<16>().ok_or(InvalidToken)?;
        let (serial, secret) = rest.split_first_chunk::<16>().ok_or(InvalidToken)?;
        let (id, serial) = (Uuid::from_bytes(*id), Uuid::from_bytes(*serial));
        let staff = PrincipalId::Staff(StaffId::from_uuid(id));
        let client = PrincipalId::Client(ClientId::from_uuid(id));
        let count = || u32::try_from(serial.as_u128()).map_err(|_| InvalidToken);
        let topic = || Topic::of_number(serial.as_u128()).ok_or(InvalidToken);
        let claim = match kind {
            1 => Claim::Invitation(ClientId::from_uuid(id), count()?),
            2 => Claim::SignIn(staff),
            3 => Claim::SignIn(client),
            4 => Claim::Refresh(staff, SessionId::from_uuid(serial)),
            5 => Claim::Refresh(client, SessionId::from_uuid(serial)),
            6 => Claim::StaffInvitation(StaffId::from_uuid(id), count()?),
            7 => Claim::Unsubscribe(staff, topic()?),
            8 => Claim::Unsubscribe(client, topic()?),
            9 => Claim::CalendarFeed(staff, FeedId::from_uuid(serial)),
            10 => Claim::CalendarFeed(client, FeedId::from_uuid(serial)),
            _ => return Err(InvalidToken),
        };
        let secret = secret.try_into().map_err(|_| InvalidToken)?;
        Ok(Self { practice: PracticeId::from_uuid(Uuid::from_bytes(*practice)), claim, secret })
    }

    /// One that nobody can compute, for a claim.
    pub fn fresh(practice: PracticeId, claim: Claim) -> Result<Self, NoRandomness> {
        Ok(Self { practice, claim, secret: random()? })
    }

    /// Whether this is the hash of the token, without telling how far they agree.
    #[must_use]
    pub fn has_hash(&self, kept: &SecretHash) -> bool {
        same_secret(self.hash().0.as_bytes(), kept.0.as_bytes())
    }

    /// The hash that may be stored.
    #[must_use]
    pub fn hash(&self) -> SecretHash {
        SecretHash(hex(digest::digest(&digest::SHA256, &self.secret).as_ref()))
    }

    /// Whether two tokens are the same, without telling how far they agree.
    #[must_use]
    pub fn matches(&self, other: &Self) -> bool {
        self.practice == other.practice
            && self.claim == other.claim
            && constant_time::verify_slices_are_equal(&self.secret, &other.secret).is_ok()
    }
}

/// Lower-case hex.
#[must_use]
pub fn hex(bytes: &[u8]) -> String {
    HEXLOWER.encode(bytes)
}

/// SHA-256 of some bytes, in hex: for comparing payloads, not for secrets that can be guessed.
#[must_use]
pub fn sha256(bytes: &[u8]) -> String {
    hex(digest::digest(&digest::SHA256, bytes).as_ref())
}

/// HMAC-SHA-256 of the parts put together, in hex: what another system signs its messages with.
#[must_use]
pub fn mac_sha256(secret: &[u8], parts: &[&[u8]]) -> String {
    let mut context = hmac::Context::with_key(&hmac::Key::new(hmac::HMAC_SHA256, secret));
    for part in parts {
        context.update(part);
    }
    hex(context.sign().as_ref())
}

/// Whether two secrets are the same, without telling how far they agree.
#[must_use]
pub fn same_secret(ours: &[u8], theirs: &[u8]) -> bool {
    constant_time::verify_slices_are_equal(ours, theirs).is_ok()
}

fn random<const N: usize>() -> Result<[u8; N], NoRandomness> {
    let mut bytes = [0; N];
    rand::fill(&mut bytes).map_err(|_| NoRandomness)?;
    Ok(bytes)
}

/// A random id that tells nothing about when it was made.
pub fn random_id() -> Result<Uuid, NoRandomness> {
    Ok(uuid::Builder::from_random_bytes(random()?).into_uuid())
}

/// A time-ordered id: sorts by the instant given, random below that.
pub fn ordered_id(at: jiff::Timestamp) -> Result<Uuid, NoRandomness> {
    let millis = u64::try_from(at.as_millisecond()).unwrap_or(0);
    Ok(uuid::Builder::from_unix_timestamp_millis(millis, &random()?).into_uuid())
}

impl Keys {
    /// Derives the working keys from 32 secret bytes.
    #[must_use]
    pub fn new(secret: &[u8; 32]) -> Self {
        let root = hmac::Key::new(hmac::HMAC_SHA256, secret);
        let derive = |label: &[u8]| hmac::sign(&root, label);
        let mac = hmac::Key::new(hmac::HMAC_SHA256, derive(b"caseload mac").as_ref());
        let mut sealing = [0; 32];
        for (place, byte) in sealing.iter_mut().zip(derive(b"caseload seal").as_ref()) {
            *place = *byte;
        }
        let seal = Arc::new(aead::LessSafeKey::new(
            #[expect(clippy::expect_used, reason = "32 bytes are an AES-256 key, whatever they hold")]
            aead::UnboundKey::new(&aead::AES_256_GCM, &sealing).expect("32 bytes"),
        ));
        Self { mac, seal }
    }

    /// A keyed hash of 128 bits in hex: what a table key holds instead of personal data.
    ///
    /// `label` keeps hashes for different purposes apart.
    #[must_use]
    pub fn hash(&self, label: &str, parts: &[&[u8]]) -> String {
        self.mac(label, parts).get(..16).map(hex).unwrap_or_default()
    }

    /// 128 bits that look random and are always the same for the same input (import ids).
    #[must_use]
    pub fn derive_id(&self, label: &str, parts: &[&[u8]], at: jiff::Timestamp) -> Uuid {
        let mac = self.mac(label, parts);
        let mut bits = [0; 10];
        for (place, byte) in bits.iter_mut().zip(mac) {
            *place = byte;
        }
        let millis = u64::try_from(at.as_millisecond()).unwrap_or(0);
        uuid::Builder::from_unix_timestamp_millis(millis, &bits).into_uuid()
    }

    fn mac(&self, label: &str, parts: &[&[u8]]) -> [u8; 32] {
        let mut context = hmac::Context::with_key(&self.mac);
        context.update(label.as_bytes());
        for part in parts {
            context.update(&(part.len() as u64).to_be_bytes());
            context.update(part);
        }
        let tag = context.sign();
        let mut out = [0; 32];
        for (place, byte) in out.iter_mut().zip(tag.as_ref()) {
            *place = *byte;
        }
        out
    }

    /// The token for a claim. `seed` is random and stored; without it the token cannot be computed.
    #[must_use]
    pub fn token(&self, practice: PracticeId, claim: Claim, seed: Uuid) -> Token {
        let secret = self.mac("token", &[&claim.head(practice), seed.as_bytes()]);
        Token { practice, claim, secret }
    }

    /// The token that ends a principal's notices of a topic: from the server's key and nothing that is stored.
    #[must_use]
    pub fn unsubscribe(&self, practice: PracticeId, reader: PrincipalId, topic: Topic) -> Token {
        self.token(practice, Claim::Unsubscribe(reader, topic), Uuid::nil())
    }

    /// The refresh token that follows this one: always the same, so that a lost answer can be asked for again.
    #[must_use]
    pub fn successor(&self, token: &Token) -> Token {
        Token { secret: self.mac("successor", &[&token.secret]), ..token.clone() }
    }

    /// Whether a refresh token was handed out before the one with this hash: whether its successors lead there.
    ///
    /// Looks a thousand successors ahead, so that what is made up costs little.
    #[must_use]
    pub fn led_to(&self, token: &Token, live: &SecretHash) -> bool {
        let Ok(live) = HEXLOWER.decode(live.0.as_bytes()) else {
            return false;
        };
        let later = std::iter::successors(Some(self.successor(token)), |token| Some(self.successor(token)));
        let mut hashes = later.take(GENERATIONS).map(|token| digest::digest(&digest::SHA256, &token.secret));
        hashes.any(|hash| same_secret(hash.as_ref(), &live))
    }

    /// Encrypts a small value for somebody to bring back: cursors, confirmations, stored answers.
    ///
    /// `context` must be the same to open it: bind it to the practice, the principal and the use.
    pub fn seal(&self, context: &str, value: &[u8]) -> Result<String, NoRandomness> {
        let nonce = random::<12>()?;
        let mut sealed = value.to_vec();
        self.seal
            .seal_in_place_append_tag(aead::Nonce::assume_unique_for_key(nonce), aead::Aad::from(context), &mut sealed)
            .map_err(|_| NoRandomness)?;
        let mut out = nonce.to_vec();
        out.append(&mut sealed);
        Ok(URL_SAFE_NO_PAD.encode(out))
    }

    /// Opens what [`Self::seal`] made under the same context.
    #[must_use]
    pub fn open(&self, context: &str, sealed: &str) -> Option<Vec<u8>> {
        let bytes = URL_SAFE_NO_PAD.decode(sealed).ok()?;
        let (nonce, rest) = bytes.split_first_chunk::<12>()?;
        let mut rest = rest.to_vec();
        let plain = self
            .seal
            .open_in_place(aead::Nonce::assume_unique_for_key(*nonce), aead::Aad::from(context), &mut rest)
            .ok()?;
        Some(plain.to_vec())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn keys() -> Keys {
        Keys::new(&[7; 32])
    }

    // D22
    #[test]
    fn a_token_reads_back_and_is_good_for_its_own_claim_only() {
        let (practice, client) = (PracticeId::from_uuid(Uuid::from_u128(1)), ClientId::from_uuid(Uuid::from_u128(2)));
        let seed = Uuid::from_u128(3);
        let token = keys().token(practice, Claim::Invitation(client, 1), seed);
        let read = Token::parse(&token.text()).expect("a token");
        assert!(read.matches(&token));
        assert!(!read.matches(&keys().token(practice, Claim::Invitation(client, 2), seed)));
        assert!(!read.matches(&keys().token(practice, Claim::Invitation(client, 1), Uuid::from_u128(4))));
        // The same bits as another kind of claim are another token.
        let staff = keys().token(practice, Claim::StaffInvitation(StaffId::from_uuid(client.uuid()), 1), seed);
        assert!(Token::parse(&staff.text()).expect("a token").matches(&staff));
        assert!(!read.matches(&staff) && staff.hash() != token.hash());
    }

    // IDN-6
    #[test]
    fn a_refresh_token_is_known_by_what_it_led_to() {
        let practice = PracticeId::from_uuid(Uuid::from_u128(1));
        let principal = PrincipalId::Staff(StaffId::from_uuid(Uuid::from_u128(2)));
        let claim = Claim::Refresh(principal, SessionId::from_uuid(Uuid::from_u128(3)));
        let first = keys().token(practice, claim, Uuid::from_u128(4));
        let mut live = first.clone();
        for _ in 0..GENERATIONS {
            live = keys().successor(&live);
            assert!(live.hash() != first.hash());
        }
        assert!(keys().led_to(&first, &live.hash()));
        assert!(!keys().led_to(&first, &keys().successor(&live).hash()), "too long ago");
        assert!(!keys().led_to(&live, &live.hash()) && !keys().led_to(&live, &first.hash()));
        let made_up = Token { secret: [0; 32], ..first };
        assert!(!keys().led_to(&made_up, &live.hash()));
    }

    #[test]
    fn a_sealed_value_opens_in_its_own_context_only() {
        let sealed = keys().seal("cursor P1", b"position").expect("sealed");
        assert_eq!(keys().open("cursor P1", &sealed).as_deref(), Some(&b"position"[..]));
        assert_eq!(keys().open("cursor P2", &sealed), None);
        assert_eq!(Keys::new(&[8; 32]).open("cursor P1", &sealed), None);
    }

    proptest! {
        #[test]
        fn no_text_makes_the_token_parser_panic(text in "[A-Za-z0-9_-]{0,140}") {
            let _ = Token::parse(&text);
            let _ = keys().open("x", &text);
        }
    }
}
