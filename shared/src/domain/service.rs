//! What a practice offers: how long a session is, what it costs, and where it takes place (I2).

use jiff::{SignedDuration, Timestamp};

use super::ids::{PracticeId, ServiceId};
use super::money::{Currency, Money};
use super::text::ServiceName;

/// Where sessions take place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ServicePlace {
    /// At the practice.
    InPerson,
    /// Each from where they are.
    Video,
}

/// Why this is no address of a video room.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidLink {
    /// Another scheme, no host, or characters that no address has.
    #[error("must be an address that begins with https://")]
    Shape,
    /// More than [`VideoLink::MAX`] characters.
    #[error("must have at most {} characters", VideoLink::MAX)]
    TooLong,
}

impl InvalidLink {
    /// The stable code of a problem document.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Shape => "link_invalid",
            Self::TooLong => "too_long",
        }
    }
}

/// The https address of a video room. Whoever has it can come in, so it is never printed.
#[derive(Clone, PartialEq, Eq, serde::Serialize)]
#[serde(transparent)]
pub struct VideoLink(String);

crate::domain::prints_its_name!(VideoLink);

impl VideoLink {
    /// The longest allowed, in characters.
    pub const MAX: usize = 500;

    /// Trims and checks.
    pub fn parse(text: &str) -> Result<Self, InvalidLink> {
        let text = text.trim();
        if text.chars().count() > Self::MAX {
            return Err(InvalidLink::TooLong);
        }
        let (scheme, rest) = text.split_once("://").ok_or(InvalidLink::Shape)?;
        let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
        // A name before the host makes an address look like that of another host.
        let named = host.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '[')
            && host.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".-:[]".contains(&byte));
        let plain = rest.bytes().all(|byte| byte.is_ascii_graphic() && !b"\"<>\\^`{|}".contains(&byte));
        let good = scheme.eq_ignore_ascii_case("https") && named && plain;
        if good { Ok(Self(text.to_owned())) } else { Err(InvalidLink::Shape) }
    }

    /// The address, for those who may see it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl<'de> serde::Deserialize<'de> for VideoLink {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        Self::parse(&text).map_err(|e| serde::de::Error::custom(super::coded(e.code(), e)))
    }
}

impl utoipa::PartialSchema for VideoLink {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
        utoipa::openapi::ObjectBuilder::new()
            .schema_type(utoipa::openapi::schema::Type::String)
            .description(Some("An address that begins with https://"))
            .max_length(Some(Self::MAX))
            .into()
    }
}

impl utoipa::ToSchema for VideoLink {}

/// Why no service can be like this.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadService {
    /// No time for a session, or more than a day.
    #[error("must be from 5 to 1440")]
    Minutes,
    /// More than a quarter of a working day on either side.
    #[error("must be from 0 to {MAX_BUFFER}")]
    Buffer(&'static str),
    /// Less than nothing, or more than anybody pays.
    #[error("must be from 0 to {MAX_PRICE} minor units")]
    Price,
    /// Not what the practice's invoices are in.
    #[error("must be in the currency of the practice")]
    Currency,
    /// A room on the net for those who meet at the practice.
    #[error("goes with the place video; leave it out, or change the place")]
    LinkWithoutVideo,
}

/// The longest time kept free before or after a session, in minutes.
pub const MAX_BUFFER: u16 = 240;
/// The highest price, in minor units.
pub const MAX_PRICE: i64 = 100_000_000;

impl BadService {
    /// The field at fault.
    #[must_use]
    pub const fn pointer(self) -> &'static str {
        match self {
            Self::Minutes => "/minutes",
            Self::Buffer(field) => field,
            Self::Price => "/price/amount",
            Self::Currency => "/price/currency",
            Self::LinkWithoutVideo => "/link",
        }
    }

    /// The stable code of a problem document.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Minutes | Self::Buffer(_) | Self::Price => "out_of_range",
            Self::Currency => "currency_mismatch",
            Self::LinkWithoutVideo => "link_without_video",
        }
    }
}

/// What is said of a service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServiceTerms {
    pub name: ServiceName,
    /// How long a session is.
    pub minutes: u16,
    pub price: Option<Money>,
    /// Minutes that stay free before a session.
    pub buffer_before: u16,
    /// Minutes that stay free after it.
    pub buffer_after: u16,
    /// Whether clients see it and its free times.
    pub bookable_online: bool,
    pub place: ServicePlace,
    pub link: Option<VideoLink>,
}

impl ServiceTerms {
    /// Refuses what no service can be like.
    pub fn check(&self, currency: Currency) -> Result<(), BadService> {
        if !(5..=1440).contains(&self.minutes) {
            return Err(BadService::Minutes);
        }
        if self.buffer_before > MAX_BUFFER {
            return Err(BadService::Buffer("/buffer_before"));
        }
        if self.buffer_after > MAX_BUFFER {
            return Err(BadService::Buffer("/buffer_after"));
        }
        if self.price.is_some_and(|price| !(0..=MAX_PRICE).contains(&price.amount)) {
            return Err(BadService::Price);
        }
        if self.price.is_some_and(|price| price.currency != currency) {
            return Err(BadService::Currency);
        }
        match self.place {
            ServicePlace::InPerson if self.link.is_some() => Err(BadService::LinkWithoutVideo),
            ServicePlace::InPerson | ServicePlace::Video => Ok(()),
        }
    }

    /// How much time one session needs.
    #[must_use]
    pub fn needs(&self) -> SessionNeeds {
        let minutes = |count: u16| SignedDuration::from_mins(i64::from(count));
        SessionNeeds {
            length: minutes(self.minutes),
            before: minutes(self.buffer_before),
            after: minutes(self.buffer_after),
        }
    }
}

/// How much time one session needs: itself, and what stays free around it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SessionNeeds {
    pub length: SignedDuration,
    pub before: SignedDuration,
    pub after: SignedDuration,
}

impl SessionNeeds {
    /// A session of so many minutes, and nothing around it.
    #[must_use]
    pub fn bare(minutes: u16) -> Self {
        let length = SignedDuration::from_mins(i64::from(minutes));
        Self { length, before: SignedDuration::ZERO, after: SignedDuration::ZERO }
    }
}

/// A service of a practice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Service {
    pub id: ServiceId,
    pub practice: PracticeId,
    /// Grows by one with each change; the `ETag`.
    pub version: u64,
    pub terms: ServiceTerms,
    pub created_at: Timestamp,
}

/// Why a service is not added.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("The practice has as many services as it can have. Delete one first.")]
pub struct TooManyServices;

/// How many services a practice has. It stands in every transaction that adds or deletes one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ServicesTally {
    pub practice: PracticeId,
    /// Grows by one with each change; 0 before the first.
    pub version: u64,
    pub count: u32,
}

impl ServicesTally {
    /// The most a practice can have.
    pub const MAX: u32 = 100;

    /// None yet.
    #[must_use]
    pub const fn empty(practice: PracticeId) -> Self {
        Self { practice, version: 0, count: 0 }
    }

    /// One more, if there is room.
    pub const fn add(&mut self) -> Result<(), TooManyServices> {
        if self.count >= Self::MAX {
            return Err(TooManyServices);
        }
        self.count += 1;
        Ok(())
    }

    /// One less.
    pub const fn remove(&mut self) {
        self.count = self.count.saturating_sub(1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // I2
    #[test]
    fn a_video_room_has_an_https_address() {
        for good in ["https://meet.example/abc", " https://meet.example:8443/a?b=c ", "HTTPS://meet.example"] {
            assert!(VideoLink::parse(good).is_ok(), "{good}");
        }
        for bad in [
            "",
            "http://meet.example",
            "meet.example/abc",
            "https://",
            "https:///abc",
            "https://bank.example@meet.example/",
            "https://meet.example/a b",
            "javascript:alert(1)",
            "/abc",
        ] {
            assert_eq!(VideoLink::parse(bad), Err(InvalidLink::Shape), "{bad}");
        }
        let long = format!("https://meet.example/{}", "a".repeat(480));
        assert_eq!(VideoLink::parse(&long), Err(InvalidLink::TooLong));
    }

    proptest::proptest! {
        #[test]
        fn no_text_makes_the_link_s_parser_panic(text in "\\PC{0,80}") {
            let _ = VideoLink::parse(&text);
        }
    }
}
