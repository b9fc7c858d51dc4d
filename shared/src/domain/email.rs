//! E-mail addresses: kept as typed but for domains of other scripts, which have two spellings; compared folded.

/// Why a text is not an address mail can be sent to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("is not an e-mail address such as name@example.com")]
pub struct InvalidEmail;

/// The longest address mail can be sent to, in bytes.
const LONGEST: usize = 254;

/// An address, at most 254 bytes as it is mailed, one `@`, no blanks or controls, an IDNA domain (security EML-2).
#[derive(Clone, PartialEq, Eq, Hash, serde::Serialize)]
#[serde(transparent)]
pub struct EmailAddress(String);

impl EmailAddress {
    /// Trims and checks; the case is kept as typed.
    ///
    /// A domain of another script has one form, however it was spelled: the letters, not their `xn--` encoding.
    pub fn parse(text: &str) -> Result<Self, InvalidEmail> {
        let text = text.trim();
        // A letter takes up to four bytes here and at least one where it is encoded.
        if text.len() > 4 * LONGEST {
            return Err(InvalidEmail);
        }
        let (local, domain) = text.rsplit_once('@').ok_or(InvalidEmail)?;
        let local_ok = !local.is_empty()
            && local.len() <= 64
            && !local.starts_with('.')
            && !local.ends_with('.')
            && !local.contains("..")
            && local.chars().all(|c| c.is_alphanumeric() || "!#$%&'*+-/=?^_`{|}~.".contains(c));
        let Domain { mailed, shown } = Domain::parse(domain).ok_or(InvalidEmail)?;
        let fits = local.len() + 1 + mailed.len() <= LONGEST;
        if fits && local_ok { Ok(Self(format!("{local}@{shown}"))) } else { Err(InvalidEmail) }
    }

    /// The address for people.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The address for mail services, which take domains in ASCII only.
    #[must_use]
    pub fn mailed(&self) -> String {
        let parts = self.0.rsplit_once('@');
        let ascii = parts.and_then(|(local, domain)| Some(format!("{local}@{}", Domain::parse(domain)?.mailed)));
        ascii.unwrap_or_else(|| self.0.clone())
    }

    /// The form two addresses are compared in.
    #[must_use]
    pub fn folded(&self) -> String {
        self.0.to_lowercase()
    }
}

/// A domain in the form it is mailed to, and the one it is shown and compared in.
struct Domain {
    mailed: String,
    shown: String,
}

impl Domain {
    /// A domain with at least two labels; `None` for what is none, or what IDNA refuses.
    fn parse(typed: &str) -> Option<Self> {
        let encoded = |label: &str| label.get(..4).is_some_and(|head| head.eq_ignore_ascii_case("xn--"));
        if typed.is_ascii() && !typed.split('.').any(encoded) {
            return is_host(typed).then(|| Self { mailed: typed.to_owned(), shown: typed.to_owned() });
        }
        let mailed = idna::domain_to_ascii_strict(typed).ok().filter(|mailed| is_host(mailed))?;
        let (shown, valid) = idna::domain_to_unicode(&mailed);
        valid.is_ok().then_some(Self { mailed, shown })
    }
}

fn is_host(ascii: &str) -> bool {
    ascii.len() <= 253
        && ascii.contains('.')
        && ascii.split('.').all(|label| {
            !label.is_empty()
                && label.len() <= 63
                && !label.starts_with('-')
                && !label.ends_with('-')
                && label.bytes().all(|c| c.is_ascii_alphanumeric() || c == b'-')
        })
}

crate::domain::prints_its_name!(EmailAddress);

impl<'de> serde::Deserialize<'de> for EmailAddress {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        Self::parse(&text).map_err(|e| serde::de::Error::custom(super::coded("email_invalid", e)))
    }
}

impl utoipa::PartialSchema for EmailAddress {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
        utoipa::openapi::ObjectBuilder::new()
            .schema_type(utoipa::openapi::schema::Type::String)
            .format(Some(utoipa::openapi::SchemaFormat::Custom("email".into())))
            .into()
    }
}

impl utoipa::ToSchema for EmailAddress {}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn addresses_a_mailer_could_misread_are_refused() {
        for bad in [
            "",
            "a",
            "a@b",
            "a b@c.example",
            "a@b.example\r\nBcc: x@y.example",
            "<a@b.example>",
            "a@-b.example",
            "a,b@c.example",
            "a@b..example",
        ] {
            assert!(EmailAddress::parse(bad).is_err(), "{bad:?}");
        }
        for good in ["maya@mail.example", "O'Neil+x@sub.mail.example", "İpek@mail.example"] {
            assert!(EmailAddress::parse(good).is_ok(), "{good:?}");
        }
    }

    fn parsed(text: &str) -> EmailAddress {
        EmailAddress::parse(text).expect("an address")
    }

    // EML-2, decision 3
    #[test]
    fn a_domain_of_another_script_is_shown_in_letters_and_mailed_to_in_ascii() {
        for typed in ["Pu@münchen.de", "Pu@xn--mnchen-3ya.de", "Pu@XN--MNCHEN-3YA.DE", "Pu@MÜNCHEN。DE"] {
            let email = parsed(typed);
            assert_eq!((email.as_str(), email.mailed().as_str()), ("Pu@münchen.de", "Pu@xn--mnchen-3ya.de"), "{typed}");
            assert_eq!(email.folded(), "pu@münchen.de");
        }
        let plain = parsed("Maya@Mail.Example");
        assert_eq!((plain.as_str(), plain.mailed().as_str()), ("Maya@Mail.Example", "Maya@Mail.Example"));
        assert_eq!(parsed("a@ｍail.example").as_str(), "a@mail.example");
        for refused in ["a@xn--a.example", "a@xn--mail-.example", "a@ma\u{ad}\u{378}l.example", "a@-ü.example", "a@ü"]
        {
            assert_eq!(EmailAddress::parse(refused), Err(InvalidEmail), "{refused}");
        }
        let long = format!("a@{}.example", "ü".repeat(60));
        assert_eq!(EmailAddress::parse(&long), Err(InvalidEmail), "too long a label as it is mailed");
    }

    proptest! {
        // EML-2, L15, decisions 3 and 7
        #[test]
        fn both_spellings_of_a_domain_are_one_address(
            domain in "[a-z0-9]{1,8}[äöüçéñøλжшあ漢한]{1,6}[A-Za-z]{0,4}\\.[ÄÉжa-z]{2,6}",
        ) {
            if let Ok(letters) = EmailAddress::parse(&format!("Pu@{domain}")) {
                let encoded = parsed(&letters.mailed());
                prop_assert!(letters.mailed().is_ascii());
                prop_assert_eq!(letters.folded(), encoded.folded());
                prop_assert_eq!(letters.folded(), parsed(&format!("pU@{}", domain.to_uppercase())).folded());
                prop_assert_eq!(letters, encoded);
            }
        }

        #[test]
        fn an_address_never_carries_a_line_break(text in any::<String>()) {
            if let Ok(email) = EmailAddress::parse(&text) {
                prop_assert!(!email.as_str().chars().any(|c| c.is_control() || c.is_whitespace()));
                prop_assert_eq!(EmailAddress::parse(email.as_str()), Ok(email));
            }
        }
    }
}
