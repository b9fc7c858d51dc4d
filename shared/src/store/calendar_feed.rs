//! The item of a person's calendar feeds: hashes of secrets only.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::item::{Corrupt, Entity};
use super::keys::{self, Key};
use crate::domain::calendar_feed::{CalendarFeed, CalendarFeeds, FeedShows};
use crate::domain::ids::{FeedId, PracticeId};
use crate::domain::session::{PrincipalId, SecretHash};

/// The item's attributes.
#[derive(Debug, Serialize, Deserialize)]
pub struct Row {
    pid: String,
    owner: PrincipalId,
    feeds: Vec<FeedRow>,
}

#[derive(Debug, Serialize, Deserialize)]
struct FeedRow {
    id: FeedId,
    shows: FeedShows,
    secret: SecretHash,
    created_at: Timestamp,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    read_at: Option<Timestamp>,
}

crate::store::item::versioned!(CalendarFeeds);

impl Entity for CalendarFeeds {
    const NAME: &'static str = "calendar_feeds";
    const SCHEMA: u32 = 1;
    type Row = Row;

    fn key(&self) -> Key<Self> {
        keys::calendar_feeds(self.practice, self.owner)
    }
    fn practice(&self) -> Option<PracticeId> {
        Some(self.practice)
    }
    fn version(&self) -> u64 {
        self.version
    }
    fn to_row(&self) -> Row {
        let Self { practice, owner, version: _, feeds } = self.clone();
        let feed = |CalendarFeed { id, shows, secret, created_at, read_at }| FeedRow {
            id,
            shows,
            secret,
            created_at,
            read_at,
        };
        Row { pid: practice.key(), owner, feeds: feeds.into_iter().map(feed).collect() }
    }
    fn from_row(row: Row, version: u64) -> Result<Self, Corrupt> {
        let Row { pid, owner, feeds } = row;
        let practice = PracticeId::from_key(&pid).map_err(|_| Corrupt(Self::NAME))?;
        let feed = |FeedRow { id, shows, secret, created_at, read_at }| CalendarFeed {
            id,
            shows,
            secret,
            created_at,
            read_at,
        };
        Ok(Self { practice, owner, version, feeds: feeds.into_iter().map(feed).collect() })
    }
}
