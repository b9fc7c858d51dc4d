//! Calendar feeds: a secret address at which calendar programs read the sessions of one person.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::ids::{FeedId, PracticeId};
use super::session::{PrincipalId, SecretHash};
use super::text::{FamilyName, PersonName};

/// What stands where a session is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum FeedShows {
    /// That the time is taken.
    Busy,
    /// The client's initials; in a client's own feed, where its session is.
    Initials,
}

/// A feed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CalendarFeed {
    pub id: FeedId,
    pub shows: FeedShows,
    /// Of the secret in its address, which is kept nowhere.
    pub secret: SecretHash,
    pub created_at: Timestamp,
    /// When it was last read, give or take an hour.
    pub read_at: Option<Timestamp>,
}

/// Whoever has more feeds than that has lost count of where they are read.
pub const MAX_FEEDS: usize = 5;

/// A person has as many feeds as they can have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("You have {MAX_FEEDS} calendar feeds. Delete one that you do not use any more.")]
pub struct TooManyFeeds;

/// The feeds of one person, the oldest first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CalendarFeeds {
    pub practice: PracticeId,
    /// Whose sessions they show.
    pub owner: PrincipalId,
    /// Grows by one with each change; 0 before the first.
    pub version: u64,
    pub feeds: Vec<CalendarFeed>,
}

/// How exactly it is known when a feed was read.
const NOTED: SignedDuration = SignedDuration::from_hours(1);

impl CalendarFeeds {
    /// Of somebody who has none.
    #[must_use]
    pub const fn none(practice: PracticeId, owner: PrincipalId) -> Self {
        Self { practice, owner, version: 0, feeds: Vec::new() }
    }

    /// One more.
    pub fn add(&mut self, feed: CalendarFeed) -> Result<(), TooManyFeeds> {
        if self.feeds.len() >= MAX_FEEDS {
            return Err(TooManyFeeds);
        }
        self.feeds.push(feed);
        Ok(())
    }

    /// One less, from this moment on; says whether there was one.
    pub fn remove(&mut self, id: FeedId) -> bool {
        let before = self.feeds.len();
        self.feeds.retain(|feed| feed.id != id);
        self.feeds.len() < before
    }

    /// Notes that a feed is read; says whether that is worth writing down.
    pub fn read(&mut self, id: FeedId, now: Timestamp) -> bool {
        let stale = |feed: &&mut CalendarFeed| feed.id == id && feed.read_at.is_none_or(|at| now >= at + NOTED);
        let Some(feed) = self.feeds.iter_mut().find(stale) else { return false };
        feed.read_at = Some(now);
        true
    }
}

/// `M.L.`; of somebody with a single name, its first letter.
#[must_use]
pub fn initials(first: &PersonName, last: &FamilyName) -> String {
    let letter = |name: &str| name.chars().find(|c| c.is_alphanumeric()).map(|c| format!("{}.", c.to_uppercase()));
    [first.as_str(), last.as_str()].into_iter().filter_map(letter).collect()
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::domain::ids::StaffId;

    fn feed(n: u128) -> CalendarFeed {
        CalendarFeed {
            id: FeedId::from_uuid(Uuid::from_u128(n)),
            shows: FeedShows::Busy,
            secret: SecretHash(String::new()),
            created_at: Timestamp::UNIX_EPOCH,
            read_at: None,
        }
    }

    #[test]
    fn a_person_has_a_few_feeds_and_a_read_is_noted_once_an_hour() {
        let owner = PrincipalId::Staff(StaffId::from_uuid(Uuid::nil()));
        let mut feeds = CalendarFeeds::none(PracticeId::from_uuid(Uuid::nil()), owner);
        for n in 0..5 {
            assert_eq!(feeds.add(feed(n)), Ok(()));
        }
        assert_eq!(feeds.add(feed(9)), Err(TooManyFeeds));
        let (id, now) = (feed(3).id, Timestamp::UNIX_EPOCH);
        assert!(feeds.read(id, now) && !feeds.read(id, now + SignedDuration::from_mins(59)));
        assert!(feeds.read(id, now + NOTED) && !feeds.read(feed(9).id, now));
        assert!(feeds.remove(id) && !feeds.remove(id) && feeds.add(feed(9)).is_ok());
    }

    #[test]
    fn initials_are_letters_of_whatever_script() {
        let of = |first: &str, last: &str| {
            initials(&PersonName::parse(first).expect("a name"), &FamilyName::parse(last).expect("a name"))
        };
        assert_eq!(of("maya", "Lindqvist"), "M.L.");
        assert_eq!(of("O'Neill", ""), "O.");
        assert_eq!(of("\u{e9}lise", "\u{141}ukasz"), "\u{c9}.\u{141}.");
        assert_eq!(of("\u{6e58}", "\u{5c71}"), "\u{6e58}.\u{5c71}.");
    }
}
