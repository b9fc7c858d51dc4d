//! What is announced of a file before its bytes are there: size and digest.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD};

use super::MAX_SIZE;

/// Why an announced size is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidSize {
    /// Nothing to upload.
    #[error("must be at least 1 byte")]
    Empty,
    /// More than allowed.
    #[error("must be at most 26214400 bytes (25 MiB)")]
    TooLarge,
}

/// The size of a file in bytes: 1 to 25 MiB.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, utoipa::ToSchema)]
#[serde(transparent)]
#[schema(value_type = u64, minimum = 1, maximum = 26_214_400)]
pub struct FileSize(u64);

impl FileSize {
    /// Checks.
    pub const fn new(bytes: u64) -> Result<Self, InvalidSize> {
        match bytes {
            0 => Err(InvalidSize::Empty),
            1..=MAX_SIZE => Ok(Self(bytes)),
            _ => Err(InvalidSize::TooLarge),
        }
    }

    #[must_use]
    pub const fn bytes(self) -> u64 {
        self.0
    }
}

impl<'de> serde::Deserialize<'de> for FileSize {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::new(u64::deserialize(deserializer)?).map_err(|error| {
            let code = match error {
                InvalidSize::Empty => "out_of_range",
                InvalidSize::TooLarge => "file_too_large",
            };
            serde::de::Error::custom(crate::domain::coded(code, error))
        })
    }
}

/// Not a SHA-256 digest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("is not a SHA-256 digest in hex or base64")]
pub struct InvalidDigest;

/// The SHA-256 digest of a file's bytes, as announced: the bucket refuses an upload with another one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, utoipa::ToSchema)]
#[schema(value_type = String)]
pub struct Sha256([u8; 32]);

impl Sha256 {
    /// Reads 64 hexadecimal digits, or base64.
    pub fn parse(text: &str) -> Result<Self, InvalidDigest> {
        let bytes =
            if text.len() == 64 { from_hex(text) } else { STANDARD_NO_PAD.decode(text.trim_end_matches('=')).ok() };
        bytes.and_then(|bytes| bytes.try_into().ok()).map(Self).ok_or(InvalidDigest)
    }

    /// In base64, as the bucket wants it.
    #[must_use]
    pub fn base64(&self) -> String {
        STANDARD.encode(self.0)
    }
}

fn from_hex(text: &str) -> Option<Vec<u8>> {
    let digit = |byte: &u8| char::from(*byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    text.as_bytes()
        .chunks(2)
        .map(|pair| match pair {
            [high, low] => Some(digit(high)? << 4 | digit(low)?),
            _ => None,
        })
        .collect()
}

impl serde::Serialize for Sha256 {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.base64())
    }
}

impl<'de> serde::Deserialize<'de> for Sha256 {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        Self::parse(&text).map_err(|e| serde::de::Error::custom(crate::domain::coded("sha256_invalid", e)))
    }
}
