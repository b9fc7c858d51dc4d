use axum::extract::State;
use caseload::access::{Action, Actor, Resource};
use caseload::app::App;
use caseload::domain::appointment::{AppointmentRefusal, may_meet};
use caseload::domain::availability::{Window, is_in_range};
use caseload::domain::client::Client;
use caseload::domain::date::today;
use caseload::domain::ids::{ClientId, ServiceId, StaffId};
use caseload::domain::practice::Practice;
use caseload::domain::scheduling::{LateCancel, NoticeHours, SchedulingSettings, SelfService};
use caseload::domain::service::{Service, SessionNeeds};
use caseload::domain::session::PrincipalId;
use caseload::domain::staff::Staff;
use caseload::domain::text::Passage;
use caseload::refusal::Refusal;
use caseload::store::keys;
use caseload::web::{Anyone, Caller, Outcome, Path, Query, Reply};
use caseload::workflows::{Sources, days_around};
use jiff::civil::Date;
use jiff::{Timestamp, ToSpan as _};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::finding::FreeTime;

/// Which free times.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub(crate) struct ListFreeTimes {
    /// For a session of this service.
    #[serde(default)]
    #[param(value_type = Option<String>)]
    service_id: Option<ServiceId>,
    /// For a session of so many minutes, in place of a service. For staff only.
    #[serde(default)]
    #[param(minimum = 5, maximum = 1440)]
    minutes: Option<u16>,
    /// For a session with this client. Staff needs it for the times of others, unless they supervise them.
    #[serde(default)]
    #[param(value_type = Option<String>)]
    client_id: Option<ClientId>,
    /// Those that begin on this date, by the clock of the staff member, or later; today unless given.
    #[serde(default)]
    #[param(value_type = Option<String>, format = Date)]
    from: Option<Date>,
    /// Those that begin on this date or earlier; 14 days in all unless given, at most 62.
    #[serde(default)]
    #[param(value_type = Option<String>, format = Date)]
    to: Option<Date>,
}

/// Free times, soonest first.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct FreeTimeList {
    items: Vec<FreeTime>,
    /// Of the staff member's clock.
    time_zone: String,
    policy: BookingPolicy,
}

// I5
/// What holds for clients who book, move or call off: to be read before they confirm.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct BookingPolicy {
    /// Whether they ask for sessions, or book them.
    requests: SelfService,
    /// Whether they ask for another time, or take it.
    reschedule: SelfService,
    notice_hours: NoticeHours,
    /// Minutes after booking in which a client may take it back, however late.
    grace_minutes: u16,
    late_cancel: LateCancel,
    /// How many percent of the price a session costs that is cancelled late or missed.
    missed_fee_percent: u8,
    /// In the practice's own words.
    #[schema(value_type = Option<String>)]
    policy_text: Option<Passage>,
}

impl From<&SchedulingSettings> for BookingPolicy {
    fn from(set: &SchedulingSettings) -> Self {
        Self {
            requests: set.requests,
            reschedule: set.reschedule,
            notice_hours: set.notice_hours,
            grace_minutes: set.grace_minutes,
            late_cancel: set.late_cancel,
            missed_fee_percent: set.missed_fee_percent,
            policy_text: set.policy_text.clone(),
        }
    }
}

/// Days that are shown unless others are asked for, after the first.
const SHOWN: i32 = 13;
/// The most that are shown, after the first.
const MOST: i32 = 61;

fn bad(detail: &'static str) -> Refusal {
    Refusal::malformed("invalid_parameter", detail)
}

impl ListFreeTimes {
    /// Refuses what is wrong whoever asks and whatever day it is.
    fn check(&self, by_client: bool) -> Result<(), Refusal> {
        match (self.service_id, self.minutes) {
            (Some(_), Some(_)) => Err(bad("Give service_id or minutes, not both.")),
            (None, _) if by_client => Err(bad("Give service_id: the service that is to be booked.")),
            (None, None) => Err(bad("Give service_id, or minutes.")),
            (None, Some(minutes)) if !(5..=1440).contains(&minutes) => Err(bad("minutes must be from 5 to 1440.")),
            _ if ![self.from, self.to].into_iter().flatten().all(is_in_range) => {
                Err(bad("from and to must lie between 2000 and 2099."))
            }
            _ => Ok(()),
        }
    }

    /// First and last date.
    fn dates(&self, today: Date) -> Result<(Date, Date), Refusal> {
        let from = self.from.unwrap_or(today);
        let to = self.to.unwrap_or_else(|| from.saturating_add(SHOWN.days()));
        if to < from {
            Err(bad("to must not lie before from."))
        } else if to > from.saturating_add(MOST.days()) {
            Err(bad("from and to must span at most 62 days."))
        } else {
            Ok((from, to))
        }
    }

    /// The days of the calendar to read, before it is known which day it is where the staff member is.
    fn days(&self, now: Timestamp) -> (Date, Date) {
        let utc = today(now, &jiff::tz::TimeZone::UTC);
        let first = self.from.unwrap_or_else(|| utc.saturating_sub(1.day()));
        let last = self.to.unwrap_or_else(|| first.saturating_add((SHOWN + 2).days()));
        days_around((first, last.min(first.saturating_add((MOST + 2).days()))))
    }
}

/// What the policy is asked about.
fn about(
    actor: &Actor,
    id: StaffId,
    staff: Option<&Staff>,
    asked_for: Option<ClientId>,
    found: Option<&Client>,
) -> Resource {
    match (actor, asked_for) {
        // A client sees its own therapist's times; one of the practice also those of others who are at work.
        (Actor::Client(own), asked_for) if asked_for.is_none_or(|client| client == own.id) => {
            let sees = |staff: &&Staff| match may_meet(own, staff) {
                Ok(()) => true,
                Err(AppointmentRefusal::DirectClient) => false,
                Err(_) => own.assigned_staff == Some(staff.id),
            };
            Resource::client(staff.filter(sees).map(|_| own.as_ref()))
        }
        (Actor::Staff(_), Some(_)) => Resource::client(staff.and(found)),
        (Actor::Staff(_), None) => Resource::Staff(staff.map(|_| id)),
        _ => Resource::Client(None),
    }
}

/// From when on, and until when, somebody may book, or move what is booked.
fn bounds(actor: &Actor, practice: &Practice, now: Timestamp) -> Option<(Timestamp, Timestamp)> {
    if !matches!(actor, Actor::Client(_)) {
        return Some((now, Timestamp::MAX));
    }
    let rules = &practice.scheduling;
    let any = [rules.requests, rules.reschedule].into_iter().any(|service| service != SelfService::Off);
    any.then(|| rules.bookable(now))
}

// I2, I5
/// The times at which a staff member has room for a session, by hours, exceptions and what is booked.
///
/// Clients see those of services that are bookable online, as far ahead and as long before as the practice lets them
/// book. Staff sees its own times, those of whom it supervises, and those of anybody for a client that it names; admins
/// see all. Who is not at work has none.
#[utoipa::path(
    get, path = "/v1/staff/{staff_id}/slots", tag = "availability", params(("staff_id" = StaffId, Path), ListFreeTimes),
    responses((status = 200, body = FreeTimeList), (status = 404), (status = 422))
)]
pub(crate) async fn list_free_times(
    State(app): State<App>,
    caller: Caller<Anyone>,
    Path(id): Path<StaffId>,
    Query(query): Query<ListFreeTimes>,
) -> Outcome {
    let (practice, principal, now) = (caller.practice(), caller.identity.principal, caller.context.at);
    let of = match principal {
        PrincipalId::Client(own) => Some(own),
        PrincipalId::Staff(_) => query.client_id,
    };
    let wanted = (
        keys::staff(practice, id),
        keys::availability(practice, id),
        query.service_id.map(|service| keys::service(practice, service)),
        of.map(|client| keys::client(practice, client).unless_deleting()),
        of.map(|client| keys::appointment_summary(practice, client)),
    );
    let (read, days) = tokio::join!(
        app.enter_for(&caller, Action::AvailabilityRead, of, wanted),
        app.store.calendar(practice, id, query.days(now)),
    );
    let (entered, (staff, availability, service, client, summary)) = read?;
    let client = client.flatten();
    let about = about(&entered.actor, id, staff.as_ref(), query.client_id, client.as_ref());
    let grant = app.decide(&entered, Action::AvailabilityRead, &about).await?;
    let asked = entered.authorized(grant, staff.ok_or_else(Refusal::absent)?);
    query.check(!principal.is_staff())?;
    let needs = needs(&query, service.flatten(), &asked.actor)?;
    // Who may not know of the client's sessions cannot book any either.
    let knows = asked.sees(Action::AppointmentRead, &Resource::client(client.as_ref()));
    let summary = summary.flatten().filter(|_| knows);
    let sources = Sources { staff: asked.subject.clone(), availability, days: days?, summary };
    let zone = sources.zone(&asked.practice);
    let dates = query.dates(today(now, zone.time_zone()))?;
    let free = match bounds(&asked.actor, &asked.practice, now) {
        Some((earliest, latest)) => {
            sources.free(client.as_ref(), &asked.practice, needs, Window { dates, earliest, latest })?
        }
        None => Vec::new(),
    };
    let items = free.into_iter().map(FreeTime::from).collect();
    let policy = BookingPolicy::from(&asked.practice.scheduling);
    Reply::ok(&FreeTimeList { items, time_zone: zone.name().to_owned(), policy })
}

/// What a session needs: by its service, of which a client sees those that are bookable online, or by its minutes.
fn needs(query: &ListFreeTimes, service: Option<Service>, actor: &Actor) -> Result<SessionNeeds, Refusal> {
    match query.minutes {
        Some(minutes) => Ok(SessionNeeds::bare(minutes)),
        None => {
            let seen = service.filter(|one| one.terms.bookable_online || matches!(actor, Actor::Staff(_)));
            seen.map(|service| service.terms.needs()).ok_or_else(Refusal::absent)
        }
    }
}
