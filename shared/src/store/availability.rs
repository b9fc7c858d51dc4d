//! The item of a staff member's hours.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::item::{Corrupt, Entity};
use super::keys::{self, Key};
use crate::domain::availability::{Availability, Exception, Hours, Plan, WeeklyHours};
use crate::domain::date::Day;
use crate::domain::ids::{PracticeId, StaffId};
use crate::domain::notifications::WallTime;
use crate::domain::practice::Zone;

/// The item's attributes.
#[derive(Debug, Serialize, Deserialize)]
pub struct Row {
    pid: String,
    staff: StaffId,
    zone: Zone,
    weekly: Vec<WeeklyRow>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    exceptions: Vec<ExceptionRow>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    daily_max: Option<u16>,
}

#[derive(Debug, Serialize, Deserialize)]
struct WeeklyRow {
    day: Day,
    from: WallTime,
    to: WallTime,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
enum ExceptionRow {
    Closed { first: Date, last: Date },
    Open { date: Date, from: WallTime, to: WallTime },
}

fn hours(from: WallTime, to: WallTime) -> Result<Hours, Corrupt> {
    Hours::new(from, to).map_err(|_| Corrupt(Availability::NAME))
}

impl From<&WeeklyHours> for WeeklyRow {
    fn from(weekly: &WeeklyHours) -> Self {
        let WeeklyHours { day, hours } = *weekly;
        Self { day, from: hours.from(), to: hours.to() }
    }
}

impl WeeklyRow {
    fn read(self) -> Result<WeeklyHours, Corrupt> {
        Ok(WeeklyHours { day: self.day, hours: hours(self.from, self.to)? })
    }
}

impl From<&Exception> for ExceptionRow {
    fn from(exception: &Exception) -> Self {
        match *exception {
            Exception::Closed { first, last } => Self::Closed { first, last },
            Exception::Open { date, hours } => Self::Open { date, from: hours.from(), to: hours.to() },
        }
    }
}

impl ExceptionRow {
    fn read(self) -> Result<Exception, Corrupt> {
        Ok(match self {
            Self::Closed { first, last } => Exception::Closed { first, last },
            Self::Open { date, from, to } => Exception::Open { date, hours: hours(from, to)? },
        })
    }
}

crate::store::item::versioned!(Availability);

impl Entity for Availability {
    const NAME: &'static str = "availability";
    const SCHEMA: u32 = 1;
    type Row = Row;

    fn key(&self) -> Key<Self> {
        keys::availability(self.practice, self.staff)
    }
    fn practice(&self) -> Option<PracticeId> {
        Some(self.practice)
    }
    fn version(&self) -> u64 {
        self.version
    }
    fn to_row(&self) -> Row {
        let Self { practice, staff, version: _, plan } = self;
        Row {
            pid: practice.key(),
            staff: *staff,
            zone: plan.zone().clone(),
            weekly: plan.weekly().iter().map(WeeklyRow::from).collect(),
            exceptions: plan.exceptions().iter().map(ExceptionRow::from).collect(),
            daily_max: plan.daily_max(),
        }
    }
    fn from_row(row: Row, version: u64) -> Result<Self, Corrupt> {
        let Row { pid, staff, zone, weekly, exceptions, daily_max } = row;
        let practice = PracticeId::from_key(&pid).map_err(|_| Corrupt(Self::NAME))?;
        let weekly = weekly.into_iter().map(WeeklyRow::read).collect::<Result<_, _>>()?;
        let exceptions = exceptions.into_iter().map(ExceptionRow::read).collect::<Result<_, _>>()?;
        let plan = Plan::new(zone, weekly, exceptions, daily_max).map_err(|_| Corrupt(Self::NAME))?;
        Ok(Self { practice, staff, version, plan })
    }
}
