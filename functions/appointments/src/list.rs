use axum::extract::State;
use caseload::access::{Action, ClientFacts, Resource};
use caseload::app::App;
use caseload::domain::appointment::{AppointmentStatus, Booking, Dated};
use caseload::domain::catalog::Catalog;
use caseload::domain::client::Client;
use caseload::domain::ids::{ClientId, SeriesId, StaffId};
use caseload::domain::session::PrincipalId;
use caseload::refusal::Refusal;
use caseload::store::directory::{Held, lock};
use caseload::store::{Decided, keys};
use caseload::web::view::appointment::{AppointmentItem, ItemView, client_shown};
use caseload::web::{Anyone, Authorized, Caller, Outcome, Page, PageQuery, Query, Reply, Span};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// Which appointments.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub(crate) struct ListAppointments {
    /// Those of this client; a portal client's own without it.
    #[serde(default)]
    #[param(value_type = Option<String>)]
    client_id: Option<ClientId>,
    /// Those of this staff member; the caller's own without either.
    #[serde(default)]
    #[param(value_type = Option<String>)]
    staff_id: Option<StaffId>,
    /// Those of this series, of its client.
    #[serde(default)]
    #[param(value_type = Option<String>)]
    series_id: Option<SeriesId>,
    /// Those that begin at this instant or later. Without a client: 30 days ago unless given.
    #[serde(default)]
    from: Option<Timestamp>,
    /// Those that begin before this instant. Without a client: in 60 days unless given, at most 366 days after `from`.
    #[serde(default)]
    to: Option<Timestamp>,
    /// Those that stand there.
    #[serde(default)]
    status: Option<AppointmentStatus>,
    /// The soonest first, `start`, or the latest first, `-start`. Unless given, the soonest first where `from` is.
    #[serde(default)]
    sort: Option<Sort>,
    /// At most this many items, 50 unless given.
    #[serde(default)]
    #[param(minimum = 1, maximum = 200)]
    limit: Option<u16>,
    /// `next_cursor` of the page before.
    #[serde(default)]
    cursor: Option<String>,
}

/// In which order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, ToSchema)]
enum Sort {
    #[serde(rename = "start")]
    SoonestFirst,
    #[serde(rename = "-start")]
    LatestFirst,
}

/// Appointments in the order that was asked for.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct AppointmentList {
    items: Vec<ItemView>,
    next_cursor: Option<String>,
}

/// Without a client: so far back, and so far ahead.
const WINDOW: (SignedDuration, SignedDuration) =
    (SignedDuration::from_hours(30 * 24), SignedDuration::from_hours(60 * 24));

// I1, L16
/// The appointments of a client or of a staff member: what the caller may see and nothing about the rest.
///
/// In a staff member's calendar, what clients ask for stands at the time that is asked for, as `requested`: also where that
/// is another time for a session which stands at its own as well.
#[utoipa::path(
    get, path = "/v1/appointments", tag = "appointments", params(ListAppointments),
    responses((status = 200, body = AppointmentList), (status = 404))
)]
pub(crate) async fn list_appointments(
    State(app): State<App>,
    caller: Caller<Anyone>,
    Query(query): Query<ListAppointments>,
) -> Outcome {
    let ListAppointments { client_id, staff_id, series_id, from, to, status, sort, limit, cursor } = query;
    let soonest = sort.map_or(from.is_some(), |sort| sort == Sort::SoonestFirst);
    let page = PageQuery::new(limit, cursor);
    match (client_id.or(series_id.map(SeriesId::client)), caller.identity.principal) {
        (Some(client), _) | (None, PrincipalId::Client(client)) => {
            let list = format!("appointments {client} {staff_id:?} {series_id:?} {from:?} {to:?} {status:?} {soonest}");
            let page = app.page(caller.practice(), &list, &page)?.soonest_first(soonest);
            of_client(&app, &caller, client, (staff_id, series_id, status), (from, to), &page).await
        }
        (None, PrincipalId::Staff(me)) => {
            let staff = staff_id.unwrap_or(me);
            let list = format!("appointments {staff} {from:?} {to:?} {status:?} {soonest}");
            let page = app.page(caller.practice(), &list, &page)?.soonest_first(soonest);
            let span = Span::asked(from, to, caller.context.at, WINDOW)?;
            of_staff(&app, &caller, (staff, status), span, &page).await
        }
    }
}

type Bounds = (Option<Timestamp>, Option<Timestamp>);

async fn of_client(
    app: &App,
    caller: &Caller<Anyone>,
    client: ClientId,
    (staff, series, status): (Option<StaffId>, Option<SeriesId>, Option<AppointmentStatus>),
    bounds: Bounds,
    page: &Page,
) -> Outcome {
    let (from, to) = bounds;
    if from.zip(to).is_some_and(|(from, to)| from >= to) {
        return Err(Refusal::malformed("invalid_parameter", "from must lie before to.").into());
    }
    let practice = caller.practice();
    let list = keys::appointments_between(practice, client, from, to);
    let asked = app.client_with(caller, Action::AppointmentRead, client, keys::catalog(practice).required());
    let sees = |(asked, _): &(Authorized<Client>, Catalog), dated: &Dated| {
        let appointment = &dated.appointment;
        let about = Resource::appointment(Some((&asked.subject, appointment)));
        let start = appointment.times.start();
        staff.is_none_or(|staff| staff == appointment.staff)
            && series.is_none_or(|series| appointment.series.is_some_and(|at| at.id == series))
            && status.is_none_or(|status| status == appointment.status_at(asked.grant.at()))
            && from.is_none_or(|from| from <= start)
            && to.is_none_or(|to| start < to)
            && asked.sees(Action::AppointmentRead, &about)
    };
    let ((asked, catalog), shown) = app.visible_page(page, &list, asked, sees).await?;
    let view = |Dated { appointment, .. }: &Dated| {
        let (client, now) = (Some((&asked.subject).into()), asked.grant.at());
        ItemView::new(&asked.actor, appointment, client, &asked.practice, &catalog, now)
    };
    Reply::ok(&AppointmentList { items: shown.items.iter().map(view).collect(), next_cursor: shown.next_cursor })
}

async fn of_staff(
    app: &App,
    caller: &Caller<Anyone>,
    (staff, status): (StaffId, Option<AppointmentStatus>),
    span: Span,
    page: &Page,
) -> Outcome {
    let practice = caller.practice();
    let wanted = keys::catalog(practice).required();
    let (read, days) = tokio::join!(
        app.practice_with_directory(caller, Action::AppointmentRead, wanted),
        app.store.calendar(practice, staff, span.days()),
    );
    let (asked, held, catalog) = read?;
    let after = page.after.as_deref().and_then(Booking::at_place);
    let behind = |booking: &Booking| match after {
        Some(after) if page.is_soonest_first() => booking.order() > after,
        Some(after) => booking.order() < after,
        None => true,
    };
    let mut bookings = span.calendar(&days?, asked.grant.at());
    bookings.retain(|booking| status.is_none_or(|status| status == booking.status) && behind(booking));
    if page.is_soonest_first() {
        bookings.reverse();
    }
    let mut shown: Vec<(Booking, AppointmentItem)> = {
        let held = lock(&held);
        let item = |booking: Booking| {
            visible(&asked, &held, staff, &booking).map(|entry| {
                let facts = ClientFacts::of_entry(&entry, asked.practice.id);
                let client = client_shown(&asked.actor, &facts, (&entry).into(), booking.status, &asked.practice);
                (booking, AppointmentItem::of_booking(&booking, staff, client, &catalog))
            })
        };
        bookings.into_iter().filter_map(item).take(page.limit + 1).collect()
    };
    let more = shown.len() > page.limit;
    shown.truncate(page.limit);
    let last = shown.last().filter(|_| more).map(|(booking, _)| booking);
    let next_cursor =
        last.map(|booking| app.cursor(page, &Booking::place(booking.times.start(), booking.id))).transpose()?;
    // Whom the calendar shows is known only now, and the trail has to name them before they are shown.
    let clients: Vec<String> = shown.iter().map(|(booking, _)| booking.id.client().to_string()).collect();
    app.note_shown(caller, Action::AppointmentRead, Decided::Done, None, &clients).await?;
    Reply::ok(&AppointmentList {
        items: shown.into_iter().map(|(_, item)| ItemView::Staff(item)).collect(),
        next_cursor,
    })
}

/// The client of a session that the caller may see.
fn visible(
    asked: &Authorized<()>,
    held: &Held,
    staff: StaffId,
    booking: &Booking,
) -> Option<caseload::domain::directory::Entry> {
    let entry = held.directory.get(booking.id.client())?;
    let facts = ClientFacts::of_entry(&entry, asked.practice.id).in_session(staff, booking.status);
    let about = Resource::Appointment(Some((facts, staff)));
    asked.sees(Action::AppointmentRead, &about).then_some(entry)
}
