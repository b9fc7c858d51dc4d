use axum::extract::State;
use caseload::access::Action;
use caseload::app::App;
use caseload::domain::availability::{Availability, Exception, Hours, Plan, WeeklyHours};
use caseload::domain::date::Day;
use caseload::domain::ids::StaffId;
use caseload::domain::notifications::WallTime;
use caseload::domain::practice::Zone;
use caseload::refusal::{BadField, Refusal};
use caseload::store::keys;
use caseload::web::{Caller, ETag, HonourMatch, Json, Outcome, Path, Reply, StaffOnly};
use caseload::workflows::retrying;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Hours of a day of the week.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct WeekdayHours {
    /// The day they begin on.
    day: Day,
    from: WallTime,
    /// 00:00 is the end of the day; a time before `from` is on the next one. 00:00 to 00:00 is the whole day.
    to: WallTime,
}

/// What is different on some dates: `closed`, or hours from a time to another.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct DateException {
    date: Date,
    /// Of several dates that are closed, the last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    until: Option<Date>,
    /// True takes away the weekly hours that begin on these dates.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    closed: bool,
    /// Hours of this date, besides what is left of the weekly ones.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    from: Option<WallTime>,
    /// 00:00 is the end of the day; a time before `from` is on the next one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    to: Option<WallTime>,
}

/// When somebody works.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SetAvailability {
    /// Of the clock that all times are by.
    #[schema(value_type = String)]
    time_zone: Zone,
    /// Hours of every week; no two may overlap.
    #[schema(max_items = 50)]
    weekly: Vec<WeekdayHours>,
    #[serde(default)]
    #[schema(max_items = 200)]
    exceptions: Vec<DateException>,
    /// The most sessions that begin on one date; as many as fit in unless given.
    #[schema(minimum = 1, maximum = 100)]
    daily_max: Option<u16>,
}

/// When somebody works.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct AvailabilityView {
    staff_id: StaffId,
    time_zone: String,
    weekly: Vec<WeekdayHours>,
    exceptions: Vec<DateException>,
    /// The most sessions that begin on one date.
    daily_max: Option<u16>,
    /// For `If-Match` when it is changed.
    etag: ETag,
}

impl AvailabilityView {
    fn new(availability: &Availability) -> Self {
        let Availability { practice: _, staff, version, plan } = availability;
        let weekly =
            |WeeklyHours { day, hours }: &WeeklyHours| WeekdayHours { day: *day, from: hours.from(), to: hours.to() };
        Self {
            staff_id: *staff,
            time_zone: plan.zone().name().to_owned(),
            weekly: plan.weekly().iter().map(weekly).collect(),
            exceptions: plan.exceptions().iter().map(DateException::of).collect(),
            daily_max: plan.daily_max(),
            etag: ETag::new(*version),
        }
    }
}

/// From a time to another, or why that is no part of a day.
fn hours(from: WallTime, to: WallTime, list: &str, place: usize) -> Result<Hours, BadField> {
    Hours::new(from, to).map_err(|bad| BadField::new(format!("/{list}/{place}/to"), "hours_empty", bad))
}

impl WeekdayHours {
    fn read(&self, place: usize) -> Result<WeeklyHours, BadField> {
        Ok(WeeklyHours { day: self.day, hours: hours(self.from, self.to, "weekly", place)? })
    }
}

impl DateException {
    fn of(exception: &Exception) -> Self {
        match *exception {
            Exception::Closed { first, last } => {
                let until = (last != first).then_some(last);
                Self { date: first, until, closed: true, from: None, to: None }
            }
            Exception::Open { date, hours } => {
                Self { date, until: None, closed: false, from: Some(hours.from()), to: Some(hours.to()) }
            }
        }
    }

    fn read(&self, place: usize) -> Result<Exception, BadField> {
        let Self { date, until, closed, from, to } = *self;
        let unclear = |field: &str, detail: &str| {
            Err(BadField::new(format!("/exceptions/{place}{field}"), "exception_unclear", detail))
        };
        match (closed, from, to) {
            (true, None, None) => Ok(Exception::Closed { first: date, last: until.unwrap_or(date) }),
            (false, Some(_), Some(_)) if until.is_some() => {
                unclear("/until", "goes with closed; give the hours of each date by themselves")
            }
            (false, Some(from), Some(to)) => Ok(Exception::Open { date, hours: hours(from, to, "exceptions", place)? }),
            (true, ..) => unclear("", "is closed and has hours; make two of it"),
            (false, ..) => unclear("", "needs closed: true, or from and to"),
        }
    }
}

/// Puts each at its place, or says what is wrong with each of those that are.
fn read_all<T, U>(list: &[T], read: impl Fn(&T, usize) -> Result<U, BadField>, bad: &mut Vec<BadField>) -> Vec<U> {
    let one = |(place, one)| read(one, place).map_err(|fault| bad.push(fault)).ok();
    list.iter().enumerate().filter_map(one).collect()
}

impl SetAvailability {
    fn plan(&self) -> Result<Plan, Refusal> {
        let mut bad = Vec::new();
        let weekly = read_all(&self.weekly, WeekdayHours::read, &mut bad);
        let exceptions = read_all(&self.exceptions, DateException::read, &mut bad);
        // Places are those of the request only if none is left out.
        if !bad.is_empty() {
            return Err(Refusal::fields(bad));
        }
        Ok(Plan::new(self.time_zone.clone(), weekly, exceptions, self.daily_max)?)
    }
}

// I2
/// When a staff member works; nothing until it is set. For themselves, who supervises them, and admins.
#[utoipa::path(
    get, path = "/v1/staff/{staff_id}/availability", tag = "availability", params(("staff_id" = StaffId, Path)),
    responses((status = 200, body = AvailabilityView))
)]
pub(crate) async fn read_availability(
    State(app): State<App>,
    caller: Caller<StaffOnly>,
    Path(id): Path<StaffId>,
) -> Outcome {
    let practice = caller.practice();
    let wanted = keys::availability(practice, id);
    let (asked, found) = app.thing_with(&caller, Action::WorkingHoursRead, id, wanted).await?;
    let zone = asked.practice.time_zone.clone();
    let availability = found.unwrap_or_else(|| Availability::empty(practice, id, zone));
    Reply::ok_at(availability.version, &AvailabilityView::new(&availability))
}

// I2
/// Sets when a staff member works, all of it at once. For themselves, and for admins.
///
/// Times are by the clocks of the zone, also where they are turned: a time that a clock skips is as much later, and of one
/// that it shows twice the first counts. Once there are hours, `If-Match` says which are replaced.
#[utoipa::path(
    put, path = "/v1/staff/{staff_id}/availability", tag = "availability", params(("staff_id" = StaffId, Path)),
    request_body = SetAvailability,
    responses((status = 200, body = AvailabilityView), (status = 428))
)]
pub(crate) async fn set_availability(
    State(app): State<App>,
    caller: Caller<StaffOnly>,
    Path(id): Path<StaffId>,
    tag: HonourMatch,
    Json(body): Json<SetAvailability>,
) -> Outcome {
    let practice = caller.practice();
    let plan = body.plan()?;
    retrying(app.clock(), async || {
        let wanted = keys::availability(practice, id);
        let (asked, found) = app.thing_with(&caller, Action::WorkingHoursSet, id, wanted).await?;
        let zone = plan.zone().clone();
        let mut availability = found.unwrap_or_else(|| Availability::empty(practice, id, zone));
        tag.check_if_made(availability.version)?;
        availability.plan = plan.clone();
        let mut tx = asked.tx();
        tx.replace(&mut availability).touches(id);
        let reply = Reply::ok_at(availability.version, &AvailabilityView::new(&availability))?;
        app.finish(&asked, tx, reply).await
    })
    .await
}
