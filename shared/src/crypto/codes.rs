//! The secrets of a second factor: time-based one-time codes (RFC 6238) and recovery codes.

use aws_lc_rs::{constant_time, hmac};
use data_encoding::BASE32_NOPAD;

use super::{NoRandomness, random};

/// The secret an authenticator app is given: 160 bits, as RFC 4226 recommends.
#[derive(Clone)]
pub struct TotpSecret([u8; 20]);

crate::domain::prints_its_name!(TotpSecret);

impl TotpSecret {
    /// A new one.
    pub fn generate() -> Result<Self, NoRandomness> {
        Ok(Self(random()?))
    }

    /// From the bytes of [`Self::expose`].
    #[must_use]
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok().map(Self)
    }

    /// Its bytes, to be sealed.
    #[must_use]
    pub const fn expose(&self) -> &[u8; 20] {
        &self.0
    }

    /// As a person types it into an app.
    #[must_use]
    pub fn base32(&self) -> String {
        BASE32_NOPAD.encode(&self.0)
    }

    /// As an app reads it from a picture: whose account it is, and where.
    #[must_use]
    pub fn url(&self, issuer: &str, account: &str) -> String {
        let encode =
            |text: &str| form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>().replace('+', "%20");
        let (issuer, account) = (encode(issuer), encode(account));
        let secret = self.base32();
        format!("otpauth://totp/{issuer}:{account}?secret={secret}&issuer={issuer}&algorithm=SHA1&digits=6&period=30")
    }

    /// The six digits of a step.
    #[must_use]
    pub fn code(&self, step: u64) -> String {
        // SHA-1 is what every authenticator app speaks; in an HMAC it is not broken.
        let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, &self.0);
        let tag = hmac::sign(&key, &step.to_be_bytes());
        let offset = usize::from(tag.as_ref().last().copied().unwrap_or(0) & 15);
        let bytes = tag.as_ref().iter().skip(offset).take(4);
        let number = bytes.fold(0_u32, |number, byte| number << 8 | u32::from(*byte));
        format!("{:06}", (number & 0x7fff_ffff) % 1_000_000)
    }

    /// Which of these steps a code belongs to. Looks at all of them, however early one fits.
    #[must_use]
    pub fn step_of(&self, code: &str, steps: impl IntoIterator<Item = u64>) -> Option<u64> {
        let fits =
            |step: &u64| constant_time::verify_slices_are_equal(self.code(*step).as_bytes(), code.as_bytes()).is_ok();
        steps.into_iter().filter(fits).last()
    }
}

/// A code for the day the phone is gone: 80 random bits in four groups of four.
pub fn recovery_code() -> Result<String, NoRandomness> {
    let text = BASE32_NOPAD.encode(&random::<10>()?);
    let letters: Vec<char> = text.chars().collect();
    Ok(letters.chunks(4).map(|group| group.iter().collect::<String>()).collect::<Vec<_>>().join("-"))
}

#[cfg(test)]
mod tests {
    use super::*;

    // IDN-11, RFC 6238 appendix B: the last six of its eight digits
    #[test]
    fn codes_are_those_of_the_standard() {
        let secret = TotpSecret::from_bytes(b"12345678901234567890").expect("twenty bytes");
        for (second, code) in [
            (59, "287082"),
            (1_111_111_109, "081804"),
            (1_111_111_111, "050471"),
            (1_234_567_890, "005924"),
            (2_000_000_000, "279037"),
            (20_000_000_000, "353130"),
        ] {
            assert_eq!(secret.code(second / 30), code, "{second}");
        }
        assert_eq!(secret.base32(), "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ");
        assert_eq!(secret.step_of("287082", [0, 1, 2]), Some(1));
        assert_eq!(secret.step_of("287082", [2, 3, 4]), None);
        assert_eq!(secret.step_of("", [1]), None);
    }

    // IDN-11
    #[test]
    fn the_address_of_a_secret_keeps_odd_names_apart_from_its_own_signs() {
        let secret = TotpSecret::from_bytes(&[0; 20]).expect("twenty bytes");
        let url = secret.url("Smith & Sons: Therapy", "a+b@c.example");
        assert!(
            url.starts_with("otpauth://totp/Smith%20%26%20Sons%3A%20Therapy:a%2Bb%40c.example?secret=AAAA"),
            "{url}"
        );
    }

    // IDN-11
    #[test]
    fn recovery_codes_are_sixteen_letters_in_groups() {
        let code = recovery_code().expect("a code");
        assert_eq!((code.len(), code.matches('-').count()), (19, 3));
        assert_ne!(recovery_code().expect("a code"), code);
    }
}
