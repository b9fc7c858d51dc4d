//! Short texts a person types: trimmed, bounded, free of control characters, and never printed by `Debug`.

use std::fmt;

use icu_normalizer::DecomposingNormalizerBorrowed;
use icu_properties::props::{EnumeratedProperty as _, GeneralCategory, GeneralCategoryGroup};

/// Why a text is refused. The value itself is never part of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidText {
    /// Nothing but blanks.
    #[error("must not be empty")]
    Empty,
    /// More characters than allowed.
    #[error("must have at most {0} characters")]
    TooLong(usize),
    /// A control or bidirectional-override character.
    #[error("must not contain control characters")]
    Control,
    /// An address of a page or mailbox where only plain words may stand.
    #[error("must not contain links or addresses")]
    Link,
}

impl InvalidText {
    /// The stable code of a problem document.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Empty => "required",
            Self::TooLong(_) => "too_long",
            Self::Control => "control_character",
            Self::Link => "link_not_allowed",
        }
    }
}

const fn is_bidi_override(c: char) -> bool {
    matches!(c, '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
}

/// Whether nobody sees it: blanks, joiners and marks without width, and letters that only fill a place.
fn is_invisible(c: char) -> bool {
    c.is_whitespace()
        || GeneralCategory::for_char(c) == GeneralCategory::Format
        || matches!(c, '\u{34f}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180f}')
        || matches!(c, '\u{2800}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{ffa0}' | '\u{e0000}'..='\u{e0fff}')
}

/// Trims a one-line or many-line text and checks it.
pub(crate) fn clean(text: &str, max: usize, lines: bool) -> Result<String, InvalidText> {
    let text = text.trim().trim_matches('\u{feff}');
    if text.chars().all(is_invisible) {
        return Err(InvalidText::Empty);
    }
    if text.chars().count() > max {
        return Err(InvalidText::TooLong(max));
    }
    if text.chars().any(|c| (c.is_control() && !(lines && matches!(c, '\n' | '\r' | '\t'))) || is_bidi_override(c)) {
        return Err(InvalidText::Control);
    }
    Ok(text.to_owned())
}

/// What stands behind the last separator of a path, of whatever system; nothing if that only points elsewhere.
fn last_part(path: &str) -> &str {
    let name = path.rsplit(['/', '\\']).next().unwrap_or_default();
    let name = name.trim_matches(|c: char| c.is_whitespace() || c == '\u{feff}');
    if name.chars().all(|c| c == '.') { "" } else { name }
}

macro_rules! texts {
    ($($(#[$doc:meta])* $name:ident { max: $max:literal, lines: $lines:literal $(, only: $only:path)? $(, check: $check:path)? })*) => {$(
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
        #[serde(transparent)]
        pub struct $name(String);

        impl $name {
            /// The longest allowed, in characters.
            pub const MAX: usize = $max;

            /// Trims and checks.
            pub fn parse(text: &str) -> Result<Self, InvalidText> {
                $(let text = $only(text);)?
                let text = clean(text, Self::MAX, $lines)?;
                $($check(&text)?;)?
                Ok(Self(text))
            }

            /// The text, for those who may see it.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(stringify!($name))
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
                Self::parse(&text).map_err(|e| serde::de::Error::custom(super::coded(e.code(), e)))
            }
        }

        impl utoipa::PartialSchema for $name {
            fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
                utoipa::openapi::ObjectBuilder::new()
                    .schema_type(utoipa::openapi::schema::Type::String)
                    .max_length(Some($max))
                    .into()
            }
        }

        impl utoipa::ToSchema for $name {}
    )*};
}

texts! {
    /// A first, middle, last or preferred name of a person.
    PersonName { max: 100, lines: false }
    /// A staff member's whole name; no links, because mail may carry it (security 0.12).
    FullName { max: 200, lines: false, check: without_links }
    /// The name of a practice; no links, because its mails carry it (security 0.12).
    PracticeName { max: 120, lines: false, check: without_links }
    /// The name of a tag.
    TagName { max: 50, lines: false }
    /// The name of a role.
    RoleName { max: 60, lines: false }
    /// Why an appointment is called off; both sides read it.
    CancelReason { max: 500, lines: true }
    /// What a role is for.
    RoleDescription { max: 300, lines: true }
    /// A one-line detail of a profile: occupation, city, pronouns.
    Detail { max: 200, lines: false }
    /// A many-line detail of a profile: street address, symptoms.
    Passage { max: 2000, lines: true }
    /// What a task is about.
    TaskTitle { max: 200, lines: false }
    /// What there is to do, in as many words as it takes.
    TaskText { max: 10000, lines: true }
    /// What a template of tasks is called.
    TemplateName { max: 100, lines: false }
    /// What a service is called; clients read it.
    ServiceName { max: 100, lines: false }
    /// What a form is called.
    FormTitle { max: 200, lines: false }
    /// What is to be read: a consent, or the introduction of a form.
    FormText { max: 30_000, lines: true }
    /// What a packet of forms is called.
    PacketName { max: 100, lines: false }
    /// What a form asks.
    QuestionLabel { max: 500, lines: true }
    /// One of the answers a form offers.
    ChoiceText { max: 200, lines: false }
    /// An answer on one line.
    ShortAnswer { max: 500, lines: false }
    /// An answer in as many words as it takes.
    LongAnswer { max: 10_000, lines: true }
    /// The name somebody signs with.
    SignedName { max: 200, lines: false }
    /// The id a client has in another system.
    ExternalId { max: 100, lines: false }
    /// What one side writes to the other.
    MessageBody { max: 10_000, lines: true }
    /// The beginning of a message, on one line.
    Excerpt { max: 140, lines: false }
    /// What an invoice line charges for.
    LineDescription { max: 300, lines: false }
    /// The title of a note.
    NoteTitle { max: 200, lines: false }
    /// What a note says; plain text.
    NoteBody { max: 50_000, lines: true }
    /// What a comment says; plain text.
    CommentBody { max: 5_000, lines: true }
    /// What a supervisor misses in a clinical note.
    ReturnReason { max: 2_000, lines: true }
    /// Why somebody reads what is private to another.
    BreakGlassReason { max: 500, lines: true }
    /// The name of a file as a person sees it, without a path.
    FileName { max: 200, lines: false, only: last_part }
}

impl MessageBody {
    /// Its beginning, for a list.
    #[must_use]
    pub fn excerpt(&self) -> Excerpt {
        let line = self.0.split_whitespace().collect::<Vec<_>>().join(" ");
        let mut start: String = line.chars().take(Excerpt::MAX).collect();
        if start.len() < line.len() {
            start.pop();
            start.push('…');
        }
        Excerpt(start)
    }
}

// decision 3
/// A last name; empty for somebody whose only name is the first one.
#[derive(Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, utoipa::ToSchema)]
#[serde(transparent)]
#[schema(value_type = String, max_length = 100)]
pub struct FamilyName(String);

impl FamilyName {
    /// The one that nobody has.
    pub const NONE: Self = Self(String::new());

    /// Trims and checks.
    pub fn parse(text: &str) -> Result<Self, InvalidText> {
        match PersonName::parse(text) {
            Ok(name) => Ok(Self(name.0)),
            Err(InvalidText::Empty) => Ok(Self::NONE),
            Err(error) => Err(error),
        }
    }

    /// The text, for those who may see it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

crate::domain::prints_its_name!(FamilyName);

impl<'de> serde::Deserialize<'de> for FamilyName {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        Self::parse(&text).map_err(|e| serde::de::Error::custom(super::coded(e.code(), e)))
    }
}

impl From<PersonName> for FamilyName {
    fn from(name: PersonName) -> Self {
        Self(name.0)
    }
}

// decision 9
/// A personal line in an invitation: plain words, no links.
#[derive(Clone, PartialEq, Eq, serde::Serialize, utoipa::ToSchema)]
#[serde(transparent)]
#[schema(value_type = String, max_length = 1000)]
pub struct InvitationMessage(String);

impl InvitationMessage {
    /// Refuses anything a mail program would turn into a link.
    pub fn parse(text: &str) -> Result<Self, InvalidText> {
        let text = clean(text, 1000, true)?;
        without_links(&text)?;
        Ok(Self(text))
    }

    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Refuses what a mail program would turn into a link.
fn without_links(text: &str) -> Result<(), InvalidText> {
    let lower = text.to_lowercase();
    let address = |word: &str| word.trim_matches(|c: char| !c.is_alphanumeric()).contains('@');
    let linked = lower.contains("://")
        || lower.contains("www.")
        || lower.split_whitespace().any(address)
        || lower.split(|c: char| !c.is_alphanumeric() && c != '.' && c != '-').any(looks_like_host);
    if linked { Err(InvalidText::Link) } else { Ok(()) }
}

const TOP_DOMAINS: [&str; 29] = [
    "com", "net", "org", "io", "co", "info", "biz", "app", "dev", "me", "us", "uk", "de", "fr", "eu", "ly", "xyz",
    "ru", "cn", "ca", "au", "nl", "ch", "ai", "tv", "site", "online", "shop", "click",
];

fn looks_like_host(word: &str) -> bool {
    let mut labels = word.trim_matches('.').split('.').peekable();
    while let Some(label) = labels.next() {
        if !label.is_empty() && labels.peek().is_some_and(|next| TOP_DOMAINS.contains(next)) {
            return true;
        }
    }
    false
}

crate::domain::prints_its_name!(InvitationMessage);

impl<'de> serde::Deserialize<'de> for InvitationMessage {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        Self::parse(&text).map_err(|e| serde::de::Error::custom(super::coded(e.code(), e)))
    }
}

/// Folds a text for comparison and search: lower case, no accents, so that "Müller" and "muller" meet (A4).
#[must_use]
pub fn fold(text: &str) -> String {
    if text.is_ascii() {
        return text.to_ascii_lowercase();
    }
    let mut out = String::with_capacity(text.len());
    let is_mark = |c: char| GeneralCategoryGroup::Mark.contains(GeneralCategory::for_char(c));
    let decomposed = DecomposingNormalizerBorrowed::new_nfkd().normalize_iter(text.chars());
    for c in decomposed.filter(|c| !is_mark(*c)).flat_map(char::to_lowercase) {
        match c {
            'ß' => out.push_str("ss"),
            'ø' => out.push('o'),
            'æ' => out.push_str("ae"),
            'œ' => out.push_str("oe"),
            'ł' => out.push('l'),
            'đ' | 'ð' => out.push('d'),
            'þ' => out.push_str("th"),
            'ı' => out.push('i'),
            c if is_mark(c) => {}
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests;
