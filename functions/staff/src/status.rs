use std::collections::BTreeSet;

use axum::extract::State;
use caseload::access::Action;
use caseload::app::App;
use caseload::domain::appointment::Booking;
use caseload::domain::ids::{AppointmentId, ClientId, PracticeId, StaffId};
use caseload::domain::staff::StaffStatus;
use caseload::refusal::Stop;
use caseload::web::{Caller, ClientRef, ETag, HonourMatch, Json, Outcome, Path, Reply, StaffOnly};
use caseload::workflows::retrying;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::member::{Member, member};
use crate::view::StaffView;

/// A status an admin can set.
#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum NewStatus {
    /// Everything its role allows.
    Active,
    /// Signs in, sees no personal data, takes nothing new.
    OnHold,
    /// The next request is refused.
    Inactive,
}

impl From<NewStatus> for StaffStatus {
    fn from(wanted: NewStatus) -> Self {
        match wanted {
            NewStatus::Active => Self::Active,
            NewStatus::OnHold => Self::OnHold,
            NewStatus::Inactive => Self::Inactive,
        }
    }
}

/// The status to be.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SetStatus {
    #[schema(inline)]
    status: NewStatus,
}

/// A member with another status, and the sessions that still name it.
#[derive(Serialize, ToSchema)]
pub(crate) struct StatusSet {
    #[serde(flatten)]
    staff: StaffView,
    /// Its scheduled sessions from now on, soonest first, at most 200; none for a member that is active. They stay as
    /// they are: give the clients to somebody else, or cancel.
    affected_sessions: Vec<AffectedAppointment>,
    /// How many there are.
    affected_sessions_total: usize,
    etag: ETag,
}

/// A session with somebody who is away.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct AffectedAppointment {
    id: AppointmentId,
    client: ClientRef,
    start: Timestamp,
    end: Timestamp,
}

/// Affected sessions that one answer lists.
const MOST: usize = 200;

// L3, decision 6
/// Sets the status of a member, from the next request on. The last active admin stays one.
///
/// The answer lists the sessions to come of a member that is not active any more.
#[utoipa::path(
    put, path = "/v1/staff/{staff_id}/status", tag = "staff", params(("staff_id" = StaffId, Path)), request_body = SetStatus,
    responses((status = 200, body = StatusSet), (status = 409))
)]
pub(crate) async fn set_staff_status(
    State(app): State<App>,
    caller: Caller<StaffOnly>,
    Path(id): Path<StaffId>,
    tag: HonourMatch,
    Json(body): Json<SetStatus>,
) -> Outcome {
    retrying(app.clock(), async || {
        let (asked, bookings) =
            tokio::join!(member(&app, &caller, Action::StaffSetStatus, id), sessions(&app, &caller, id, body.status));
        let (mut asked, bookings) = (asked?, bookings?);
        tag.check(asked.subject.staff.version)?;
        let Member { staff, team, catalog } = &mut asked.subject;
        team.set_status(id, body.status.into())?;
        staff.status = body.status.into();
        if staff.status == StaffStatus::Inactive {
            staff.end_sessions();
        }
        catalog.show(staff);
        let affected = affected(&app, asked.practice.id, &bookings).await?;
        let mut tx = asked.tx();
        let Member { staff, team, catalog } = &mut asked.subject;
        tx.replace(staff).replace(team).replace(catalog).touches(id).fields(["status"]);
        for client in affected.iter().map(|session| session.client.id).collect::<BTreeSet<_>>() {
            tx.touches(client);
        }
        let set = StatusSet {
            staff: StaffView::new(staff, team, catalog, &asked.practice, asked.grant.at()),
            affected_sessions: affected,
            affected_sessions_total: bookings.len(),
            etag: ETag::new(staff.version),
        };
        let reply = Reply::ok_at(staff.version, &set)?;
        app.finish(&asked, tx, reply).await
    })
    .await
}

/// The sessions to come that this status leaves without their therapist.
async fn sessions(app: &App, caller: &Caller<StaffOnly>, of: StaffId, status: NewStatus) -> Result<Vec<Booking>, Stop> {
    match status {
        NewStatus::Active => Ok(Vec::new()),
        NewStatus::OnHold | NewStatus::Inactive => {
            Ok(app.store.appointments_to_come(caller.practice(), of, caller.context.at).await?)
        }
    }
}

/// The soonest of them by their clients' names; a client on its way out takes its sessions along.
async fn affected(app: &App, practice: PracticeId, bookings: &[Booking]) -> Result<Vec<AffectedAppointment>, Stop> {
    let soonest = bookings.iter().take(MOST);
    let ids: BTreeSet<ClientId> = soonest.clone().map(|booking| booking.id.client()).collect();
    let ids: Vec<ClientId> = ids.into_iter().collect();
    let clients = app.store.clients(practice, &ids).await?;
    let session = |booking: &Booking| {
        let client = clients.iter().find(|client| client.id == booking.id.client())?;
        Some(AffectedAppointment {
            id: booking.id,
            client: client.into(),
            start: booking.times.start(),
            end: booking.times.end(),
        })
    };
    Ok(soonest.filter_map(session).collect())
}
