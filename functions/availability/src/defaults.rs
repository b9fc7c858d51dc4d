use axum::extract::State;
use caseload::access::{Action, Resource};
use caseload::app::App;
use caseload::domain::appointment::{AppointmentSummary, Dated, Times};
use caseload::domain::availability::Window;
use caseload::domain::client::Client;
use caseload::domain::date::today;
use caseload::domain::ids::{ClientId, ServiceId, StaffId};
use caseload::domain::service::SessionNeeds;
use caseload::refusal::Stop;
use caseload::store::keys;
use caseload::web::{Authorized, Caller, Outcome, PageQuery, Path, Reply, StaffOnly};
use caseload::workflows::{Sources, days_around};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, ToSpan as _};
use serde::Serialize;
use utoipa::ToSchema;

use crate::finding::FreeTime;

/// With what a new appointment of a client begins.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct BookingDefaults {
    /// The client's therapist.
    staff_id: Option<StaffId>,
    /// Of the last session.
    service_id: Option<ServiceId>,
    /// As many as the last session had; 50 if there was none.
    minutes: i64,
    /// The next times at which the therapist has room for it, five at most.
    next_slots: Vec<FreeTime>,
}

/// How long a session is with somebody who had none.
const MINUTES: i64 = 50;
/// How many free times are shown.
const NEXT: usize = 5;

// B9, I6
/// With what a new appointment of a client begins: therapist, length, and the next free times.
#[utoipa::path(
    get, path = "/v1/clients/{client_id}/booking-defaults", tag = "availability",
    params(("client_id" = ClientId, Path)),
    responses((status = 200, body = BookingDefaults))
)]
pub(crate) async fn read_booking_defaults(
    State(app): State<App>,
    caller: Caller<StaffOnly>,
    Path(client): Path<ClientId>,
) -> Outcome {
    let practice = caller.practice();
    let page = app.page(practice, &format!("last appointment {client}"), &PageQuery::new(Some(1), None))?;
    let list = keys::appointments(practice, client);
    let asked = app.client_with(&caller, Action::AppointmentRead, client, keys::appointment_summary(practice, client));
    let sees = |(asked, _): &(Authorized<Client>, _), one: &Dated| {
        let about = Resource::appointment(Some((&asked.subject, &one.appointment)));
        one.appointment.status.counts() && asked.sees(Action::AppointmentRead, &about)
    };
    let ((asked, summary), shown) = app.visible_page(&page, &list, asked, sees).await?;
    let length = |times: Times| times.end().duration_since(times.start()).as_mins();
    let last = shown.items.first().map(|last| &last.appointment);
    let minutes = last.map_or(MINUTES, |last| length(last.times));
    let next_slots = match asked.subject.assigned_staff {
        Some(staff) => next_free(&app, &asked, staff, minutes, summary).await?,
        None => Vec::new(),
    };
    let staff_id = asked.subject.assigned_staff;
    let service_id = last.and_then(|last| last.service);
    Reply::ok(&BookingDefaults { staff_id, service_id, minutes, next_slots })
}

/// The next free times of the client's therapist, as far ahead as clients see them.
async fn next_free(
    app: &App,
    asked: &Authorized<Client>,
    id: StaffId,
    minutes: i64,
    summary: Option<AppointmentSummary>,
) -> Result<Vec<FreeTime>, Stop> {
    let (practice, now) = (&asked.practice, asked.grant.at());
    let ahead = i32::from(practice.scheduling.horizon_days);
    let utc = today(now, &TimeZone::UTC);
    let days = days_around((utc, utc.saturating_add((ahead + 1).days())));
    let (read, days) = tokio::join!(
        app.store.load((keys::staff(practice.id, id), keys::availability(practice.id, id))),
        app.store.calendar(practice.id, id, days),
    );
    let ((Some(staff), availability), days) = (read?, days?) else { return Ok(Vec::new()) };
    let sources = Sources { staff, availability, days, summary };
    let first = today(now, sources.zone(practice).time_zone());
    let (_, latest) = practice.scheduling.bookable(now);
    let window = Window { dates: (first, first.saturating_add(ahead.days())), earliest: now, latest };
    let length = SignedDuration::from_mins(minutes);
    let needs = SessionNeeds { length, ..SessionNeeds::bare(0) };
    let free = sources.free(Some(&asked.subject), practice, needs, window)?;
    Ok(free.into_iter().take(NEXT).map(FreeTime::from).collect())
}
