//! Phone numbers: stored as E.164 with the country they were typed for, and with their extension.

mod written;

use rlibphonenumber::{PHONE_NUMBER_UTIL, PhoneNumber, PhoneNumberFormat, get_national_significant_number_owned};

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
    extension: Option<String>,
    country: String,
}

/// What parts a stored number from its extension (RFC 3966).
const EXTENSION: &str = ";ext=";

impl Phone {
    /// Reads a number as a person types it, and nothing but a number: digits, what parts them, an extension.
    ///
    /// `region` is the country it was typed for, used when the number has no `+`.
    pub fn parse(text: &str, region: Option<Region>) -> Result<Self, InvalidPhone> {
        match Self::read(text, region)? {
            (phone, remark) if remark.is_empty() => Ok(phone),
            _ => Err(InvalidPhone::Number),
        }
    }

    /// Reads a number from a text that may say more, such as whose it is: the number, and what is left of the text.
    ///
    /// No letter ever becomes a digit, so that what is found is the number that was meant, or none is.
    pub fn read(text: &str, region: Option<Region>) -> Result<(Self, String), InvalidPhone> {
        let text = text.trim();
        // The address of a page that dials.
        let scheme = text.get(..4).is_some_and(|scheme| scheme.eq_ignore_ascii_case("tel:"));
        let text = if scheme { text.get(4..).unwrap_or_default().trim() } else { text };
        if text.contains(['e', 'E']) && text.chars().all(|c| c.is_ascii_digit() || ".,eE+-".contains(c)) {
            return Err(InvalidPhone::Scientific);
        }
        // What a spreadsheet makes of a number that it takes for an amount.
        let text = match text.split_once('.') {
            Some((digits, zeros)) if is_digits(zeros) && zeros.bytes().all(|b| b == b'0') && digits.len() > 3 => digits,
            _ => text,
        };
        if region.is_none() && !text.contains('+') {
            return Err(InvalidPhone::CountryMissing);
        }
        let written = written::take_apart(text).filter(|written| !is_date(written.number));
        let written = written.ok_or(InvalidPhone::Number)?;
        let phone = Self::dialled(written.number, written.extension, region)?;
        // "0800 555 CALL" is a remark by its place, and more of the number by its letters.
        let word = written.remark.split_whitespace().next().unwrap_or_default();
        let shouted = word.chars().count() > 2 && word.chars().all(|c| c.is_ascii_uppercase());
        if shouted && Self::dialled(&format!("{}{}", written.number, on_keys(word)), None, region).is_ok() {
            return Err(InvalidPhone::Number);
        }
        Ok((phone, written.remark))
    }

    /// Reads what is dialled.
    fn dialled(number: &str, extension: Option<&str>, region: Option<Region>) -> Result<Self, InvalidPhone> {
        let number = PHONE_NUMBER_UTIL.parse(number, region.map(|r| r.0)).map_err(|_| InvalidPhone::Number)?;
        let e164 = number.format_as(PhoneNumberFormat::E164).into_owned();
        if !(8..=16).contains(&e164.len()) || !e164.bytes().skip(1).all(|b| b.is_ascii_digit()) || !fits(&number) {
            return Err(InvalidPhone::Number);
        }
        // A number of no country, such as +800, belongs to the one it was typed for.
        let own = number.get_region_code().filter(|region| *region != rlibphonenumber::Region::World).map(Region);
        let country = own.or(region).map(|r| r.code()).ok_or(InvalidPhone::Number)?;
        Ok(Self { e164, extension: extension.map(str::to_owned), country })
    }

    /// `+14155550134`, without an extension.
    #[must_use]
    pub fn e164(&self) -> &str {
        &self.e164
    }

    /// What is dialled once somebody has answered.
    #[must_use]
    pub fn extension(&self) -> Option<&str> {
        self.extension.as_deref()
    }

    /// The country's two letters.
    #[must_use]
    pub fn country(&self) -> &str {
        &self.country
    }

    /// The number as people of its country write it: `(415) 555-0134`, `(415) 555-0134 ext. 12`.
    #[must_use]
    pub fn display(&self) -> String {
        let number = display(&self.e164);
        self.extension.as_ref().map_or_else(|| number.clone(), |extension| format!("{number} ext. {extension}"))
    }

    /// The form that is stored: `+14155550134`, `+14155550134;ext=12`.
    #[must_use]
    pub fn stored(&self) -> String {
        let extension = self.extension.iter().flat_map(|extension| [EXTENSION, extension]);
        std::iter::once(self.e164.as_str()).chain(extension).collect()
    }

    /// Takes back what was stored.
    pub fn from_stored(stored: &str, country: &str) -> Result<Self, InvalidPhone> {
        let (e164, extension) = stored.split_once(EXTENSION).map_or((stored, None), |(e164, ext)| (e164, Some(ext)));
        let digits = e164.strip_prefix('+').ok_or(InvalidPhone::Number)?;
        if !is_digits(digits) || extension.is_some_and(|extension| !is_digits(extension)) {
            return Err(InvalidPhone::Number);
        }
        country.parse::<rlibphonenumber::Region>().map_err(|_| InvalidPhone::Country)?;
        Ok(Self { e164: e164.to_owned(), extension: extension.map(str::to_owned), country: country.to_owned() })
    }
}

/// A stored number without its extension.
#[must_use]
pub fn unextended(stored: &str) -> &str {
    stored.split(EXTENSION).next().unwrap_or_default()
}

fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit())
}

/// Whether digits are parted as those of a day are: a column that slipped.
fn is_date(number: &str) -> bool {
    let parts: Vec<&str> = number.split(['-', '.', '/']).collect();
    match parts.as_slice() {
        [first, second, third] if [first, second, third].iter().all(|part| is_digits(part)) => {
            matches!((first.len(), second.len(), third.len()), (4, 1..=2, 1..=2) | (1..=2, 1..=2, 4))
        }
        _ => false,
    }
}

/// The digits under which a keypad has these letters.
fn on_keys(word: &str) -> String {
    let key = |c: char| match c {
        'A'..='C' => '2',
        'D'..='F' => '3',
        'G'..='I' => '4',
        'J'..='L' => '5',
        'M'..='O' => '6',
        'P'..='S' => '7',
        'T'..='V' => '8',
        _ => '9',
    };
    word.chars().map(key).collect()
}

/// Beginnings of national numbers that are nobody's by rule, for films, examples and tests, by dialling code.
const FICTION: &[(i32, &[&str])] = &[
    (33, &["19900", "26191", "35301", "46571", "53649", "63998"]),
    (44, &["1632960", "3069990", "7700900", "8081570", "9098790"]),
];

/// Whether its country has numbers of this length and pattern.
fn fits(number: &PhoneNumber) -> bool {
    let national = get_national_significant_number_owned(number);
    match national.as_bytes() {
        // Areas are opened in North America faster than a release learns of them.
        [area, _, _, exchange, ..] if number.country_code == 1 && national.len() == 10 => {
            *area >= b'2' && *exchange >= b'2'
        }
        _ => {
            let fiction = FICTION.iter().filter(|(code, _)| *code == number.country_code).flat_map(|(_, all)| *all);
            PHONE_NUMBER_UTIL.is_valid_number(number)
                || PHONE_NUMBER_UTIL.is_possible_number(number)
                    && fiction.into_iter().any(|beginning| national.starts_with(beginning))
        }
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
mod tests;
