//! The part of the settings that says what clients may do to their appointments.

use caseload::domain::reminders::{BadLeads, Leads};
use caseload::domain::scheduling::{LateCancel, SchedulingSettings, SelfService};
use caseload::domain::text::Passage;
use caseload::refusal::BadField;
use caseload::web::Patch;
use serde::Deserialize;
use utoipa::ToSchema;

use crate::changes::Changes;

/// A merge patch of what clients may do to their appointments.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PatchScheduling {
    /// Whether clients ask for appointments, or book them.
    #[serde(default)]
    requests: Patch<SelfService>,
    /// Whether they move them.
    #[serde(default)]
    reschedule: Patch<SelfService>,
    #[serde(default)]
    notice_hours: PatchNotice,
    /// Minutes after booking in which a client may take it back, however late.
    #[serde(default)]
    #[schema(maximum = 1440)]
    grace_minutes: Patch<u16>,
    #[serde(default)]
    late_cancel: Patch<LateCancel>,
    /// How many percent of the service's price a session costs that the client cancels late or does not come to.
    #[serde(default)]
    #[schema(maximum = 100)]
    missed_fee_percent: Patch<u8>,
    /// How many days ahead a client sees free times.
    #[serde(default)]
    #[schema(minimum = 1, maximum = 365)]
    horizon_days: Patch<u16>,
    /// Hours until a request that nobody has answered expires.
    #[serde(default)]
    #[schema(minimum = 1, maximum = 720)]
    request_expires_hours: Patch<u16>,
    /// Minutes from one time that is offered to the next.
    #[serde(default)]
    #[schema(minimum = 5, maximum = 120)]
    slot_minutes: Patch<u16>,
    /// What a client reads before it confirms.
    #[serde(default)]
    policy_text: Patch<Passage>,
    /// How many hours before a session its client is reminded by mail, each from 1 to 168. Takes the place of what was set;
    /// empty: no reminders.
    #[serde(default)]
    #[schema(max_items = 4)]
    reminders: Patch<Vec<u16>>,
}

/// Hours before the start until which a client may do something; 0 = until it begins.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PatchNotice {
    #[serde(default)]
    #[schema(maximum = 720)]
    book: Patch<u16>,
    #[serde(default)]
    #[schema(maximum = 720)]
    reschedule: Patch<u16>,
    #[serde(default)]
    #[schema(maximum = 720)]
    cancel: Patch<u16>,
}

/// Applies it; names what changed, or all fields at fault.
pub(crate) fn apply_scheduling(set: &mut SchedulingSettings, patch: PatchScheduling, changes: &mut Changes) {
    let PatchScheduling {
        requests,
        reschedule,
        notice_hours: PatchNotice { book, reschedule: moving, cancel },
        grace_minutes,
        late_cancel,
        missed_fee_percent,
        horizon_days,
        request_expires_hours,
        slot_minutes,
        policy_text,
        reminders,
    } = patch;
    let mut leads = set.reminders.hours().to_vec();
    let notice = &mut set.notice_hours;
    for named in [
        requests.require(&mut set.requests, "/scheduling/requests"),
        reschedule.require(&mut set.reschedule, "/scheduling/reschedule"),
        book.require(&mut notice.book, "/scheduling/notice_hours/book"),
        moving.require(&mut notice.reschedule, "/scheduling/notice_hours/reschedule"),
        cancel.require(&mut notice.cancel, "/scheduling/notice_hours/cancel"),
        grace_minutes.require(&mut set.grace_minutes, "/scheduling/grace_minutes"),
        late_cancel.require(&mut set.late_cancel, "/scheduling/late_cancel"),
        missed_fee_percent.require(&mut set.missed_fee_percent, "/scheduling/missed_fee_percent"),
        horizon_days.require(&mut set.horizon_days, "/scheduling/horizon_days"),
        request_expires_hours.require(&mut set.request_expires_hours, "/scheduling/request_expires_hours"),
        slot_minutes.require(&mut set.slot_minutes, "/scheduling/slot_minutes"),
        Ok(policy_text.apply(&mut set.policy_text)),
        reminders.require(&mut leads, "/scheduling/reminders"),
    ] {
        changes.note(named, "scheduling");
    }
    for (name, least, most) in set.out_of_range() {
        let detail = format!("must be from {least} to {most}");
        changes.bad.push(BadField::new(format!("/scheduling/{name}"), "out_of_range", detail));
    }
    match Leads::new(leads) {
        Ok(leads) => set.reminders = leads,
        Err(bad) => {
            let (place, code) = match bad {
                BadLeads::TooMany => (String::new(), "too_many"),
                BadLeads::OutOfRange(at) => (format!("/{at}"), "out_of_range"),
                BadLeads::Twice(at) => (format!("/{at}"), "duplicate"),
            };
            changes.bad.push(BadField::new(format!("/scheduling/reminders{place}"), code, bad));
        }
    }
}
