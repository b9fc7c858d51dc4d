//! The item that sums up a client's appointments.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::appointment::times;
use super::item::{Corrupt, Entity, Versioned};
use super::keys::{self, Key};
use crate::domain::appointment::{AppointmentSummary, Held, OpenAppointment, OpenRequest, SeriesPlace, Tally};
use crate::domain::ids::{AppointmentId, ClientId, PracticeId, StaffId};

/// A summary's attributes.
#[derive(Debug, Serialize, Deserialize)]
pub struct SummaryRow {
    pid: String,
    client: ClientId,
    counts: BTreeMap<String, Tally>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    open: Vec<OpenRow>,
    /// Not there in what was written before sessions that were held were dated: these make no walk-in any more.
    #[serde(default)]
    held: BTreeMap<String, Vec<HeldRow>>,
    #[serde(default)]
    late_cancellations: u32,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    requests: Vec<RequestRow>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    look_at: Option<Timestamp>,
}

#[derive(Debug, Serialize, Deserialize)]
struct RequestRow {
    id: AppointmentId,
    staff: StaffId,
    start: Timestamp,
    end: Timestamp,
    expires_at: Timestamp,
}

#[derive(Debug, Serialize, Deserialize)]
struct HeldRow {
    id: AppointmentId,
    start: Timestamp,
    end: Timestamp,
    walk_in: bool,
}

#[derive(Debug, Serialize, Deserialize)]
struct OpenRow {
    id: AppointmentId,
    staff: StaffId,
    start: Timestamp,
    end: Timestamp,
    #[serde(default = "counted")]
    walk_in: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    series: Option<SeriesPlace>,
    /// Not there in what was written before there were reminders.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    since: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    reminded: Option<u16>,
}

/// Before it was written down, every appointment made a walk-in.
const fn counted() -> bool {
    true
}

const fn held_row(held: &Held) -> HeldRow {
    let Held { id, times, walk_in } = *held;
    HeldRow { id, start: times.start(), end: times.end(), walk_in }
}

// Not plain: when to look at it next stands in a registry as well. See `Tx::save_summary`.
impl Versioned for AppointmentSummary {
    fn version_mut(&mut self) -> &mut u64 {
        &mut self.version
    }
}

impl Entity for AppointmentSummary {
    const NAME: &'static str = "appointment_summary";
    const SCHEMA: u32 = 1;
    type Row = SummaryRow;

    fn key(&self) -> Key<Self> {
        keys::appointment_summary(self.practice, self.client)
    }
    fn practice(&self) -> Option<PracticeId> {
        Some(self.practice)
    }
    fn version(&self) -> u64 {
        self.version
    }
    fn to_row(&self) -> SummaryRow {
        let Self { practice, client, version: _, counts, open, held, late_cancellations, requests, look_at } = self;
        let open =
            open.iter().map(|(id, OpenAppointment { staff, times, walk_in, series, since, reminded })| OpenRow {
                id: *id,
                staff: *staff,
                start: times.start(),
                end: times.end(),
                walk_in: *walk_in,
                series: *series,
                since: *since,
                reminded: *reminded,
            });
        SummaryRow {
            pid: practice.key(),
            client: *client,
            counts: counts.iter().map(|(staff, tally)| (staff.key(), *tally)).collect(),
            open: open.collect(),
            held: held.iter().map(|(staff, all)| (staff.key(), all.iter().map(held_row).collect())).collect(),
            late_cancellations: *late_cancellations,
            requests: requests
                .iter()
                .map(|(id, OpenRequest { staff, times, expires_at })| RequestRow {
                    id: *id,
                    staff: *staff,
                    start: times.start(),
                    end: times.end(),
                    expires_at: *expires_at,
                })
                .collect(),
            look_at: *look_at,
        }
    }
    fn from_row(row: SummaryRow, version: u64) -> Result<Self, Corrupt> {
        let corrupt = |_| Corrupt(Self::NAME);
        let SummaryRow { pid, client, counts, open, held, late_cancellations, requests, look_at } = row;
        let count = |(staff, tally): (String, Tally)| Ok((StaffId::from_key(&staff).map_err(corrupt)?, tally));
        let open = open.into_iter().map(|OpenRow { id, staff, start, end, walk_in, series, since, reminded }| {
            let times = times(start, end, Self::NAME)?;
            Ok((id, OpenAppointment { staff, times, walk_in, series, since, reminded }))
        });
        let requests = requests.into_iter().map(|RequestRow { id, staff, start, end, expires_at }| {
            Ok((id, OpenRequest { staff, times: times(start, end, Self::NAME)?, expires_at }))
        });
        let counts: BTreeMap<StaffId, Tally> = counts.into_iter().map(count).collect::<Result<_, Corrupt>>()?;
        let held = held.into_iter().map(|(staff, all)| {
            let all = all.into_iter().map(|HeldRow { id, start, end, walk_in }| {
                Ok(Held { id, times: times(start, end, Self::NAME)?, walk_in })
            });
            Ok((StaffId::from_key(&staff).map_err(corrupt)?, all.collect::<Result<Vec<_>, Corrupt>>()?))
        });
        Ok(Self {
            practice: PracticeId::from_key(&pid).map_err(corrupt)?,
            client,
            version,
            counts,
            open: open.collect::<Result<_, Corrupt>>()?,
            held: held.collect::<Result<_, Corrupt>>()?,
            late_cancellations,
            requests: requests.collect::<Result<_, Corrupt>>()?,
            look_at,
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use uuid::Uuid;

    use super::*;

    // decision 18, decision 27: what was written before walk-ins were dated
    #[test]
    fn an_old_summary_reads_with_whoever_has_a_session_to_hold_as_a_walk_in() {
        let (practice, client) = (PracticeId::from_uuid(Uuid::from_u128(1)), ClientId::from_uuid(Uuid::from_u128(2)));
        let staff = |n| StaffId::from_uuid(Uuid::from_u128(n));
        let id = AppointmentId::new(client, Uuid::from_u128(3));
        let tally = |scheduled, completed, no_show| json!({"scheduled": scheduled, "completed": completed, "cancelled": 1, "no_show": no_show});
        let row = json!({
            "pid": practice.key(), "client": client,
            "counts": {(staff(7).key()): tally(1, 2, 0), (staff(8).key()): tally(0, 0, 3)},
            "open": [{"id": id, "staff": staff(7), "start": "2026-11-23T10:00:00Z", "end": "2026-11-23T11:00:00Z"}],
        });
        let row: SummaryRow = serde_json::from_value(row).expect("an old row");
        let read = AppointmentSummary::from_row(row, 4).expect("a summary");
        assert_eq!(read.seen_by(), BTreeMap::from([(staff(7), jiff::civil::date(2026, 11, 23))]));
        assert!(read.open[&id].walk_in);
        let again = AppointmentSummary::from_row(read.to_row(), 4).expect("a summary");
        assert_eq!(again, read);
    }
}
