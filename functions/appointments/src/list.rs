use axum::extract::State;
use caseload::access::{Action, Resource};
use caseload::app::App;
use caseload::domain::appointment::{AppointmentStatus, Dated};
use caseload::domain::catalog::Catalog;
use caseload::domain::client::Client;
use caseload::domain::ids::{ClientId, SeriesId, StaffId};
use caseload::domain::session::PrincipalId;
use caseload::refusal::Refusal;
use caseload::store::keys;
use caseload::web::view::appointment::ItemView;
use caseload::web::{Anyone, Authorized, Caller, Outcome, Page, PageQuery, Query, Reply};
use jiff::Timestamp;
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};

use crate::listed::AppointmentList;
use crate::staff_calendar::{Whose, of_staff};

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
    /// With `true`, those of everybody who works here: of the week to come, unless `from` and `to` say otherwise, which lie
    /// at most 31 days apart.
    #[serde(default)]
    all_staff: bool,
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

// I1, L16
/// The appointments of a client, of a staff member or of everybody who works here: what the caller may see and nothing about the rest.
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
    let ListAppointments { client_id, staff_id, all_staff, series_id, from, to, status, sort, limit, cursor } = query;
    let named = client_id.is_some() || staff_id.is_some() || series_id.is_some();
    if all_staff && (named || !caller.identity.principal.is_staff()) {
        let detail = "all_staff is for staff, and stands without client_id, staff_id and series_id.";
        return Err(Refusal::malformed("invalid_parameter", detail).into());
    }
    let soonest = sort.map_or(from.is_some(), |sort| sort == Sort::SoonestFirst);
    let page = PageQuery::new(limit, cursor);
    match (client_id.or(series_id.map(SeriesId::client)), caller.identity.principal) {
        (Some(client), _) | (None, PrincipalId::Client(client)) => {
            let list = format!("appointments {client} {staff_id:?} {series_id:?} {from:?} {to:?} {status:?} {soonest}");
            let page = app.page(caller.practice(), &list, &page)?.soonest_first(soonest);
            of_client(&app, &caller, client, (staff_id, series_id, status), (from, to), &page).await
        }
        (None, PrincipalId::Staff(me)) => {
            let whose = if all_staff { Whose::Everybodys } else { Whose::Of(staff_id.unwrap_or(me)) };
            let list = format!("appointments {whose:?} {from:?} {to:?} {status:?} {soonest}");
            let page = app.page(caller.practice(), &list, &page)?.soonest_first(soonest);
            let span = whose.span(from, to, caller.context.at)?;
            of_staff(&app, &caller, (whose, status), span, &page).await
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
