use std::collections::BTreeSet;

use axum::extract::State;
use caseload::access::{Action, ClientFacts, Resource, decide};
use caseload::app::App;
use caseload::domain::appointment::{AppointmentStatus, Booking, CalendarDay};
use caseload::domain::ids::{AppointmentId, PracticeId, StaffId};
use caseload::store::directory::lock;
use caseload::store::{Decided, StoreError, keys};
use caseload::web::view::appointment::client_shown;
use caseload::web::{Caller, ClientRef, Outcome, PageQuery, Path, Query, Reply, Span, StaffOnly};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::look;

/// What a report is about unless it says so.
pub(crate) const LATELY: (SignedDuration, SignedDuration) =
    (SignedDuration::from_hours(30 * 24), SignedDuration::from_hours(0));

/// Which sessions.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub(crate) struct ListStaffAppointments {
    /// Those that begin at this instant or later; 30 days before `to`, or before now if that is earlier, unless given.
    #[serde(default)]
    from: Option<Timestamp>,
    /// Those that begin before this instant, now unless given; at most 366 days after `from`.
    #[serde(default)]
    to: Option<Timestamp>,
    /// True for those that were held and have no signed clinical note, and no others.
    #[serde(default)]
    note_pending: bool,
    /// At most this many items, 50 unless given.
    #[serde(default)]
    #[param(minimum = 1, maximum = 200)]
    limit: Option<u16>,
    /// `next_cursor` of the page before.
    #[serde(default)]
    cursor: Option<String>,
}

/// Sessions, newest first.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct StaffAppointmentList {
    items: Vec<StaffAppointment>,
    next_cursor: Option<String>,
}

/// A session of a staff member.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct StaffAppointment {
    appointment_id: AppointmentId,
    /// Left out where the session is over and the client is not its reader's to see any more.
    client: Option<ClientRef>,
    start: Timestamp,
    end: Timestamp,
    status: AppointmentStatus,
    /// Whether it was held and has no signed clinical note of this staff member.
    note_pending: bool,
}

/// A staff member's days in a stretch of time, and the sessions of it about which there is a signed note.
pub(crate) async fn days_and_signed(
    app: &App,
    practice: PracticeId,
    staff: StaffId,
    span: Span,
) -> Result<(Vec<CalendarDay>, BTreeSet<String>), StoreError> {
    let list = keys::noted_sessions(practice, staff, (span.from, span.to));
    let (days, noted) = tokio::join!(app.store.calendar(practice, staff, span.days()), app.store.all(&list));
    let days = days?;
    // They stand in the order in which sessions were booked for: what has moved into the stretch may stand elsewhere.
    let moved = span.sessions(&days).into_iter().filter(|booking| booking.id.is_moved(booking.times.start()));
    let moved: Vec<_> = moved.map(|booking| keys::noted_session(practice, staff, booking.id)).collect();
    let elsewhere = if moved.is_empty() { Vec::new() } else { app.store.load(moved).await? };
    Ok((days, noted?.into_iter().chain(elsewhere.into_iter().flatten()).map(|guard| guard.owner).collect()))
}

// L12
/// Whether a session was held, and there is no signed note about it.
pub(crate) fn lacks_note(booking: &Booking, signed: &BTreeSet<String>) -> bool {
    booking.status == AppointmentStatus::Completed && !signed.contains(&booking.id.to_string())
}

// L12, L14, L16
/// The sessions of a staff member in a stretch of time, newest first: for the staff member, its supervisors and admins.
/// Sessions with clients that are gone, or of others with clients that the reader does not see, are left out.
#[utoipa::path(
    get, path = "/v1/staff/{staff_id}/sessions", operation_id = "list_staff_sessions", tag = "staff", params(("staff_id" = StaffId, Path), ListStaffAppointments),
    responses((status = 200, body = StaffAppointmentList))
)]
pub(crate) async fn list_staff_appointments(
    State(app): State<App>,
    caller: Caller<StaffOnly>,
    Path(staff): Path<StaffId>,
    Query(query): Query<ListStaffAppointments>,
) -> Outcome {
    let ListStaffAppointments { from, to, note_pending, limit, cursor } = query;
    let list = format!("sessions {staff} {from:?} {to:?} {note_pending}");
    let page = app.page(caller.practice(), &list, &PageQuery::new(limit, cursor))?;
    let span = Span::asked(from, to, caller.context.at, LATELY)?;
    let practice = caller.practice();
    let (read, known) = tokio::join!(look::at(&app, &caller, staff), days_and_signed(&app, practice, staff, span));
    let ((asked, held), (days, signed)) = (read?, known?);
    // decision 29
    app.decide_also(&asked, Action::AppointmentRead, &Resource::Practice).await?;
    let after = page.after.as_deref().and_then(Booking::at_place);
    let mut items: Vec<StaffAppointment> = {
        let held = lock(&held);
        let item = |booking: Booking| {
            let (Booking { id, times, status }, lacks) = (booking, lacks_note(&booking, &signed));
            if note_pending && !lacks {
                return None;
            }
            let entry = held.directory.get(id.client())?;
            let facts = ClientFacts::of_entry(&entry, asked.practice.id);
            let about = Resource::Appointment(Some((facts.clone().in_session(staff, status), staff)));
            decide(&asked.actor, Action::AppointmentRead, &about, &asked.practice).ok()?;
            let client = client_shown(&asked.actor, &facts, (&entry).into(), status, &asked.practice);
            let (start, end) = (times.start(), times.end());
            Some(StaffAppointment { appointment_id: id, client, start, end, status, note_pending: lacks })
        };
        let bookings =
            span.sessions(&days).into_iter().filter(|booking| after.is_none_or(|after| booking.order() < after));
        bookings.filter_map(item).take(page.limit + 1).collect()
    };
    let more = items.len() > page.limit;
    items.truncate(page.limit);
    let last = items.last().filter(|_| more).map(|item| Booking::place(item.start, item.appointment_id));
    let next_cursor = last.map(|place| app.cursor(&page, &place)).transpose()?;
    // Whom the calendar shows is known only now, and the trail has to name them before they are shown.
    let shown: Vec<String> = items.iter().map(|item| item.appointment_id.client().to_string()).collect();
    app.note_shown(&caller, Action::CaseloadRead, Decided::Done, None, &shown).await?;
    Reply::ok(&StaffAppointmentList { items, next_cursor })
}
