//! What clients may do to their appointments by themselves, and until when (I3 to I5).

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::reminders::Leads;
use super::text::Passage;

/// How far a client gets without staff.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum SelfService {
    /// Not at all.
    Off,
    /// It asks, and staff answers.
    Approve,
    /// What it asks for holds at once.
    Instant,
}

/// What becomes of a cancellation that comes too late.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum LateCancel {
    /// It is refused.
    Block,
    /// It holds, and is marked as late.
    Mark,
}

/// Hours before the start of an appointment until which a client may do something; 0 = until it begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NoticeHours {
    /// To book it, or to ask for it.
    #[schema(maximum = 720)]
    pub book: u16,
    /// To move it.
    #[schema(maximum = 720)]
    pub reschedule: u16,
    /// To call it off.
    #[schema(maximum = 720)]
    pub cancel: u16,
}

/// The practice's rules for what clients do to their appointments. Staff is bound by none of them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SchedulingSettings {
    /// Whether clients ask for appointments, or book them.
    pub requests: SelfService,
    /// Whether they move them.
    pub reschedule: SelfService,
    pub notice_hours: NoticeHours,
    /// Minutes after booking in which a client may take it back, however late.
    #[schema(maximum = 1440)]
    pub grace_minutes: u16,
    pub late_cancel: LateCancel,
    /// How many percent of the service's price a session costs that the client cancels late or does not come to.
    #[schema(maximum = 100)]
    pub missed_fee_percent: u8,
    /// How many days ahead a client sees free times.
    #[schema(minimum = 1, maximum = 365)]
    pub horizon_days: u16,
    /// Hours until a request that nobody has answered expires.
    #[schema(minimum = 1, maximum = 720)]
    pub request_expires_hours: u16,
    /// Minutes from one time that is offered to the next.
    #[schema(minimum = 5, maximum = 120)]
    pub slot_minutes: u16,
    /// What a client reads before it confirms.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub policy_text: Option<Passage>,
    /// How many hours before a session its client is reminded by mail, each from 1 to 168, the longest first. Whole days
    /// are counted by the calendar of the practice's zone. None at all if empty.
    #[serde(default)]
    #[schema(value_type = Vec<u16>, max_items = 4)]
    pub reminders: Leads,
}

impl Default for SchedulingSettings {
    fn default() -> Self {
        Self {
            requests: SelfService::Approve,
            reschedule: SelfService::Approve,
            notice_hours: NoticeHours { book: 24, reschedule: 24, cancel: 24 },
            grace_minutes: 15,
            late_cancel: LateCancel::Mark,
            missed_fee_percent: 0,
            horizon_days: 60,
            request_expires_hours: 72,
            slot_minutes: 15,
            policy_text: None,
            reminders: Leads::default(),
        }
    }
}

fn hours(count: u16) -> SignedDuration {
    SignedDuration::from_hours(i64::from(count))
}

impl SchedulingSettings {
    /// What is outside its range, by its pointer below the settings, with the range.
    #[must_use]
    pub fn out_of_range(&self) -> Vec<(&'static str, u16, u16)> {
        let NoticeHours { book, reschedule, cancel } = self.notice_hours;
        let all = [
            ("notice_hours/book", book, 0, 720),
            ("notice_hours/reschedule", reschedule, 0, 720),
            ("notice_hours/cancel", cancel, 0, 720),
            ("grace_minutes", self.grace_minutes, 0, 1440),
            ("missed_fee_percent", self.missed_fee_percent.into(), 0, 100),
            ("horizon_days", self.horizon_days, 1, 365),
            ("request_expires_hours", self.request_expires_hours, 1, 720),
            ("slot_minutes", self.slot_minutes, 5, 120),
        ];
        let outside = |(_, value, least, most): &(_, u16, u16, u16)| !(*least..=*most).contains(value);
        all.into_iter().filter(outside).map(|(name, _, least, most)| (name, least, most)).collect()
    }

    /// Whether now is within so many hours before an appointment begins, or later.
    #[must_use]
    pub fn is_late(start: Timestamp, notice: u16, now: Timestamp) -> bool {
        now >= start || start.duration_since(now) < hours(notice)
    }

    /// From when to when appointments begin that a client books or asks for at this moment, both included.
    #[must_use]
    pub fn bookable(&self, now: Timestamp) -> (Timestamp, Timestamp) {
        // What begins at this very moment is too late with no notice at all.
        let notice = hours(self.notice_hours.book).max(SignedDuration::from_nanos(1));
        let later = |by| now.checked_add(by).unwrap_or(Timestamp::MAX);
        (later(notice), later(SignedDuration::from_hours(24 * i64::from(self.horizon_days))))
    }

    /// Whether somebody who booked it at `booked` may still take that back.
    #[must_use]
    pub fn in_grace(&self, booked: Timestamp, now: Timestamp) -> bool {
        now.duration_since(booked) < SignedDuration::from_mins(i64::from(self.grace_minutes))
    }

    /// When a request of now expires: it cannot outlive what it asks for.
    #[must_use]
    pub fn expiry(&self, start: Timestamp, now: Timestamp) -> Timestamp {
        now.saturating_add(hours(self.request_expires_hours)).map_or(start, |end| end.min(start))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // I5
    #[test]
    fn notice_counts_to_the_start_and_grace_from_the_booking() {
        let at = |text: &str| text.parse::<Timestamp>().expect("an instant");
        let start = at("2026-12-02T10:00:00Z");
        assert!(!SchedulingSettings::is_late(start, 24, at("2026-12-01T10:00:00Z")));
        assert!(SchedulingSettings::is_late(start, 24, at("2026-12-01T10:00:01Z")));
        assert!(SchedulingSettings::is_late(start, 0, start));
        let rules = SchedulingSettings::default();
        assert!(rules.in_grace(at("2026-12-01T10:00:00Z"), at("2026-12-01T10:14:59Z")));
        assert!(!rules.in_grace(at("2026-12-01T10:00:00Z"), at("2026-12-01T10:15:00Z")));
        assert_eq!(rules.expiry(start, at("2026-12-01T10:00:00Z")), start);
        assert_eq!(rules.out_of_range(), []);
    }
}
