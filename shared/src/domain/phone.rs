//! Phone numbers: stored as E.164 with the country they were typed for.

use rlibphonenumber::{PHONE_NUMBER_UTIL, PhoneNumberFormat};

/// Why a phone is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidPhone {
    /// Not a number of that country.
    #[error("is not a phone number of that country")]
    Number,
    /// Not an ISO 3166 country code.
    #[error("is not a country such as US")]
    Country,
    /// No country given and the practice has no default region (decision 3).
    #[error("needs a country")]
    CountryMissing,
    /// A spreadsheet turned the number into a floating-point value and digits are lost.
    #[error("was turned into a rounded number by a spreadsheet; format the column as text and export again")]
    Scientific,
}

impl InvalidPhone {
    /// The stable code of a problem document.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Number => "phone_invalid",
            Self::Country => "phone_country_invalid",
            Self::CountryMissing => "phone_country_missing",
            Self::Scientific => "phone_scientific",
        }
    }
}

/// A two-letter ISO 3166 country that has phone numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Region(rlibphonenumber::Region);

impl Region {
    /// Reads a code such as `US`, any case.
    pub fn parse(text: &str) -> Result<Self, InvalidPhone> {
        let region = text.trim().parse().map_err(|_| InvalidPhone::Country)?;
        PHONE_NUMBER_UTIL.get_country_code_for_region(region).map(|_| Self(region)).ok_or(InvalidPhone::Country)
    }

    /// The two letters.
    #[must_use]
    pub fn code(&self) -> String {
        self.0.to_string()
    }
}

impl serde::Serialize for Region {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.code())
    }
}

impl<'de> serde::Deserialize<'de> for Region {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        Self::parse(&text).map_err(|e| serde::de::Error::custom(super::coded(e.code(), e)))
    }
}

/// A phone number.
#[derive(Clone, PartialEq, Eq)]
pub struct Phone {
    e164: String,
    country: String,
}

impl Phone {
    /// Reads a number as a person types it.
    ///
    /// `region` is the country it was typed for, used when the number has no `+`.
    pub fn parse(text: &str, region: Option<Region>) -> Result<Self, InvalidPhone> {
        let text = text.trim();
        if text.contains(['e', 'E']) && text.chars().all(|c| c.is_ascii_digit() || ".,eE+-".contains(c)) {
            return Err(InvalidPhone::Scientific);
        }
        if region.is_none() && !text.starts_with('+') {
            return Err(InvalidPhone::CountryMissing);
        }
        let number = PHONE_NUMBER_UTIL.parse(text, region.map(|r| r.0)).map_err(|_| InvalidPhone::Number)?;
        let e164 = number.format_as(PhoneNumberFormat::E164).into_owned();
        // Length, not assignment: numbering plans move faster than the metadata in a release.
        if !(8..=16).contains(&e164.len()) || !e164.bytes().skip(1).all(|b| b.is_ascii_digit()) {
            return Err(InvalidPhone::Number);
        }
        if number.national_number == 0 {
            return Err(InvalidPhone::Number);
        }
        // No area code of North America starts with 0 or 1.
        if number.country_code == 1 && (e164.len() != 12 || e164.starts_with("+10") || e164.starts_with("+11")) {
            return Err(InvalidPhone::Number);
        }
        // A number of no country, such as +800, belongs to the one it was typed for.
        let own = number.get_region_code().filter(|region| *region != rlibphonenumber::Region::World).map(Region);
        let country = own.or(region).map(|r| r.code()).ok_or(InvalidPhone::Number)?;
        Ok(Self { e164, country })
    }

    /// `+14155550134`.
    #[must_use]
    pub fn e164(&self) -> &str {
        &self.e164
    }

    /// The country's two letters.
    #[must_use]
    pub fn country(&self) -> &str {
        &self.country
    }

    /// The number as people of its country write it: `(415) 555-0134`.
    #[must_use]
    pub fn display(&self) -> String {
        display(&self.e164)
    }

    /// Takes back what was stored.
    pub fn from_stored(e164: &str, country: &str) -> Result<Self, InvalidPhone> {
        let digits = e164.strip_prefix('+').ok_or(InvalidPhone::Number)?;
        if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
            return Err(InvalidPhone::Number);
        }
        country.parse::<rlibphonenumber::Region>().map_err(|_| InvalidPhone::Country)?;
        Ok(Self { e164: e164.to_owned(), country: country.to_owned() })
    }
}

/// The national form of an E.164 number, or the number itself where it has none.
#[must_use]
pub fn display(e164: &str) -> String {
    PHONE_NUMBER_UTIL
        .parse(e164, None)
        .map_or_else(|_| e164.to_owned(), |number| number.format_as(PhoneNumberFormat::National).into_owned())
}

crate::domain::prints_its_name!(Phone);

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn us() -> Option<Region> {
        Region::parse("us").ok()
    }

    // B4
    #[test]
    fn a_number_is_stored_as_e164_and_shown_as_its_country_writes_it() {
        let phone = Phone::parse("415 555 0134", us()).expect("a phone");
        assert_eq!((phone.e164(), phone.country(), phone.display().as_str()), ("+14155550134", "US", "(415) 555-0134"));
        let german = Phone::parse("+49 30 5557634", us()).expect("a phone");
        assert_eq!((german.e164(), german.country()), ("+49305557634", "DE"));
    }

    #[test]
    fn a_number_of_another_country_keeps_all_its_digits() {
        for (typed, e164, country) in [
            ("+33 1 23 45 67 89", "+33123456789", "FR"),
            ("+43 1 5550123", "+4315550123", "AT"),
            ("+44 (0)20 7183 8750", "+442071838750", "GB"),
            ("+39 06 5555 1234", "+390655551234", "IT"),
            ("+1 416 555 0134", "+14165550134", "CA"),
            ("011 49 30 5557634", "+49305557634", "DE"),
        ] {
            let phone = Phone::parse(typed, us()).expect("a phone");
            assert_eq!((phone.e164(), phone.country()), (e164, country), "{typed}");
        }
    }

    #[test]
    fn a_number_of_no_country_belongs_to_the_one_it_was_typed_for() {
        let phone = Phone::parse("+800 1234 5678", us()).expect("a phone");
        assert_eq!((phone.e164(), phone.country()), ("+80012345678", "US"));
        assert_eq!(Phone::parse("+800 1234 5678", None), Err(InvalidPhone::Number));
    }

    #[test]
    fn what_cannot_be_dialled_is_refused() {
        for typed in ["1 415 555 013", "415 555 01345", "015 555 0134", "000 000 0000", "911", "n/a", "1991-02-28"] {
            assert_eq!(Phone::parse(typed, us()), Err(InvalidPhone::Number), "{typed}");
        }
        assert_eq!(Phone::parse("00000 000000", Region::parse("GB").ok()), Err(InvalidPhone::Number));
    }

    #[test]
    fn only_a_country_with_phones_is_a_region() {
        assert_eq!(Region::parse(" xk ").map(|region| region.code()), Ok("XK".to_owned()));
        for code in ["XX", "001", "U1", "USA", ""] {
            assert_eq!(Region::parse(code), Err(InvalidPhone::Country), "{code}");
        }
    }

    // decision 3
    #[test]
    fn a_number_without_a_country_is_refused() {
        assert_eq!(Phone::parse("415 555 0134", None), Err(InvalidPhone::CountryMissing));
    }

    #[test]
    fn a_spreadsheets_rounded_number_is_named_as_such() {
        assert_eq!(Phone::parse("1.55556E+10", us()), Err(InvalidPhone::Scientific));
    }

    proptest! {
        #[test]
        fn no_text_makes_the_parser_panic(text in "\\PC{0,40}") {
            let _ = Phone::parse(&text, us());
        }
    }
}
