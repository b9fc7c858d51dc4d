//! The items of a practice's services, and of how many there are.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::item::{Corrupt, Entity, MoneyRow};
use super::keys::{self, Key};
use crate::domain::ids::{PracticeId, ServiceId};
use crate::domain::money::Money;
use crate::domain::service::{Service, ServicePlace, ServiceTerms, ServicesTally, VideoLink};
use crate::domain::text::ServiceName;

/// The item's attributes.
#[derive(Debug, Serialize, Deserialize)]
pub struct Row {
    pid: String,
    id: ServiceId,
    name: ServiceName,
    minutes: u16,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    price: Option<PriceRow>,
    buffer_before: u16,
    buffer_after: u16,
    bookable_online: bool,
    place: ServicePlace,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    link: Option<VideoLink>,
    created_at: Timestamp,
}

/// A price, which may have more to it one day.
#[derive(Debug, Serialize, Deserialize)]
#[serde(transparent)]
struct PriceRow(#[serde(with = "MoneyRow")] Money);

crate::store::item::versioned!(Service);

impl Entity for Service {
    const NAME: &'static str = "service";
    const SCHEMA: u32 = 1;
    type Row = Row;

    fn key(&self) -> Key<Self> {
        keys::service(self.practice, self.id)
    }
    fn practice(&self) -> Option<PracticeId> {
        Some(self.practice)
    }
    fn version(&self) -> u64 {
        self.version
    }
    fn to_row(&self) -> Row {
        let Self { id, practice, version: _, terms, created_at } = self.clone();
        let ServiceTerms { name, minutes, price, buffer_before, buffer_after, bookable_online, place, link } = terms;
        Row {
            pid: practice.key(),
            id,
            name,
            minutes,
            price: price.map(PriceRow),
            buffer_before,
            buffer_after,
            bookable_online,
            place,
            link,
            created_at,
        }
    }
    fn from_row(row: Row, version: u64) -> Result<Self, Corrupt> {
        let Row {
            pid,
            id,
            name,
            minutes,
            price,
            buffer_before,
            buffer_after,
            bookable_online,
            place,
            link,
            created_at,
        } = row;
        let practice = PracticeId::from_key(&pid).map_err(|_| Corrupt(Self::NAME))?;
        let price = price.map(|PriceRow(price)| price);
        let terms = ServiceTerms { name, minutes, price, buffer_before, buffer_after, bookable_online, place, link };
        Ok(Self { id, practice, version, terms, created_at })
    }
}

/// A tally's attributes.
#[derive(Debug, Serialize, Deserialize)]
pub struct TallyRow {
    pid: String,
    count: u32,
}

crate::store::item::versioned!(ServicesTally);

impl Entity for ServicesTally {
    const NAME: &'static str = "services_tally";
    const SCHEMA: u32 = 1;
    type Row = TallyRow;

    fn key(&self) -> Key<Self> {
        keys::services_tally(self.practice)
    }
    fn practice(&self) -> Option<PracticeId> {
        Some(self.practice)
    }
    fn version(&self) -> u64 {
        self.version
    }
    fn to_row(&self) -> TallyRow {
        TallyRow { pid: self.practice.key(), count: self.count }
    }
    fn from_row(row: TallyRow, version: u64) -> Result<Self, Corrupt> {
        let practice = PracticeId::from_key(&row.pid).map_err(|_| Corrupt(Self::NAME))?;
        Ok(Self { practice, version, count: row.count })
    }
}
