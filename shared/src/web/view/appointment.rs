//! What staff and what a client see of an appointment: two types, so that a new field reaches the portal only when
//! somebody puts it there (E7).

use super::series::{SeriesWritten, SessionSeriesView, WrittenSeriesView};
use super::{ClientRef, StaffRef, ToClient, ToStaff};
use crate::access::{Action, Actor, ClientFacts, Resource, decide};
use crate::domain::appointment::{Appointment, AppointmentStatus, AskedTime, Booking, Times};
use crate::domain::catalog::Catalog;
use crate::domain::ids::{AppointmentId, ClientId, ServiceId, StaffId};
use crate::domain::money::Money;
use crate::domain::practice::Practice;
use crate::domain::role::BillingModifier;
use crate::domain::session::PrincipalId;
use crate::domain::text::CancelReason;
use crate::web::ETag;
use crate::workflows::{KeptAppointment, MovedAppointments};
use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

/// An appointment in a list, as staff sees it.
#[derive(Debug, Serialize, ToSchema)]
pub struct AppointmentItem {
    #[schema(inline)]
    shown_to: ToStaff,
    id: AppointmentId,
    /// Left out where the session is over and the client is not its reader's to see any more.
    client: Option<ClientRef>,
    staff: Option<StaffRef>,
    start: Timestamp,
    end: Timestamp,
    status: AppointmentStatus,
}

/// An appointment, as staff sees it.
#[derive(Debug, Serialize, ToSchema)]
pub struct AppointmentView {
    #[serde(flatten)]
    item: AppointmentItem,
    /// What it is a session of.
    #[serde(skip_serializing_if = "Option::is_none")]
    service_id: Option<ServiceId>,
    /// The practice's zone.
    time_zone: String,
    /// Left null where the client booked it or asked for it.
    created_by: Option<StaffRef>,
    created_at: Timestamp,
    /// The time the client asks for, while that can be answered.
    #[serde(skip_serializing_if = "Option::is_none")]
    asked: Option<AskedView>,
    /// When it was completed, cancelled or found to be a no-show, or the request answered.
    settled_at: Option<Timestamp>,
    // L7
    /// What its therapist's role put on claims when it was completed.
    billing_modifier: Option<BillingModifier>,
    /// What it costs: the service's price when it was completed, or the share of it that the practice asks for where the
    /// client cancelled late or did not come.
    #[serde(skip_serializing_if = "Option::is_none")]
    fee: Option<Money>,
    /// Why it was called off, if that was said.
    #[serde(skip_serializing_if = "Option::is_none")]
    cancel_reason: Option<String>,
    /// Whether the client called it off later than the practice wants.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    late_cancel: bool,
    /// Why staff refused what the client asked for, if that was said.
    #[serde(skip_serializing_if = "Option::is_none")]
    decline_reason: Option<String>,
    /// The series it was booked in.
    #[serde(skip_serializing_if = "Option::is_none")]
    series: Option<Box<WrittenSeriesView>>,
    etag: ETag,
}

/// A time that a client asks for.
#[derive(Debug, Serialize, ToSchema)]
pub struct AskedView {
    start: Timestamp,
    end: Timestamp,
    asked_at: Timestamp,
    /// Unanswered until then, it is as if nobody had asked.
    expires_at: Timestamp,
}

impl From<AskedTime> for AskedView {
    fn from(asked: AskedTime) -> Self {
        let AskedTime { times, at, expires_at } = asked;
        Self { start: times.start(), end: times.end(), asked_at: at, expires_at }
    }
}

/// An appointment, as its reader may see it.
#[derive(Debug, Serialize, ToSchema)]
#[serde(untagged)]
#[schema(discriminator(property_name = "shown_to", mapping(("staff" = "#/components/schemas/AppointmentView"), ("client" = "#/components/schemas/OwnAppointmentView"))))]
pub enum AppointmentShown {
    Staff(AppointmentView),
    Portal(OwnAppointmentView),
}

/// An appointment, as its client sees it in the portal.
#[derive(Debug, Serialize, ToSchema)]
pub struct OwnAppointmentView {
    #[schema(inline)]
    shown_to: ToClient,
    id: AppointmentId,
    /// The name of whom it is with.
    with: Option<String>,
    /// What it is a session of.
    #[serde(skip_serializing_if = "Option::is_none")]
    service_id: Option<ServiceId>,
    start: Timestamp,
    end: Timestamp,
    /// The practice's zone.
    time_zone: String,
    status: AppointmentStatus,
    /// The time that is asked for, while that can be answered.
    #[serde(skip_serializing_if = "Option::is_none")]
    asked: Option<AskedView>,
    /// Why it was called off, if that was said.
    #[serde(skip_serializing_if = "Option::is_none")]
    cancel_reason: Option<String>,
    /// Whether it was called off later than the practice wants.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    late_cancel: bool,
    /// Why the practice refused what was asked for, if that was said.
    #[serde(skip_serializing_if = "Option::is_none")]
    decline_reason: Option<String>,
    /// The series it was booked in.
    #[serde(skip_serializing_if = "Option::is_none")]
    series: Option<SessionSeriesView>,
    etag: ETag,
}

/// What became of the appointments that were to move.
#[derive(Debug, Serialize, ToSchema)]
pub struct MovedAppointmentsView {
    /// How many went to the new therapist.
    moved: usize,
    /// Those that stay with the former one, soonest first.
    kept: Vec<KeptAppointmentView>,
}

/// An appointment that stays where it is.
#[derive(Debug, Serialize, ToSchema)]
pub struct KeptAppointmentView {
    id: AppointmentId,
    client_id: ClientId,
    start: Timestamp,
    end: Timestamp,
    /// Why: `slot_taken`, `day_full`, `direct_client`; or `no_heir` when a therapist leaves.
    code: &'static str,
}

impl From<MovedAppointments> for MovedAppointmentsView {
    fn from(report: MovedAppointments) -> Self {
        let MovedAppointments { moved, kept } = report;
        Self { moved, kept: kept.into_iter().map(KeptAppointmentView::from).collect() }
    }
}

impl From<KeptAppointment> for KeptAppointmentView {
    fn from(kept: KeptAppointment) -> Self {
        let KeptAppointment { id, times, why } = kept;
        Self { id, client_id: id.client(), start: times.start(), end: times.end(), code: why.code() }
    }
}

// decision 27
/// The client's name for this reader of an appointment: whoever still has to hold the session knows with whom, and of one
/// that is over only who still sees the client.
#[must_use]
pub fn client_shown(
    reader: &Actor,
    client: &ClientFacts,
    name: ClientRef,
    status: AppointmentStatus,
    practice: &Practice,
) -> Option<ClientRef> {
    let sees = || decide(reader, Action::ClientRead, &Resource::Client(Some(client.clone())), practice).is_ok();
    (status.is_open() || sees()).then_some(name)
}

/// An appointment in a list, as its reader may see it.
#[derive(Debug, Serialize, ToSchema)]
#[serde(untagged)]
#[schema(discriminator(property_name = "shown_to", mapping(("staff" = "#/components/schemas/AppointmentItem"), ("client" = "#/components/schemas/OwnAppointmentView"))))]
pub enum ItemView {
    Staff(AppointmentItem),
    Own(OwnAppointmentView),
}

impl AppointmentItem {
    /// A day's entry in a calendar.
    #[must_use]
    pub fn of_booking(booking: &Booking, staff: StaffId, client: Option<ClientRef>, catalog: &Catalog) -> Self {
        let Booking { id, times, status } = *booking;
        Self::new(id, client, staff, times, status, catalog)
    }

    fn new(
        id: AppointmentId,
        client: Option<ClientRef>,
        staff: StaffId,
        times: Times,
        status: AppointmentStatus,
        catalog: &Catalog,
    ) -> Self {
        let staff = StaffRef::of(staff, catalog);
        Self { shown_to: ToStaff, id, client, staff, start: times.start(), end: times.end(), status }
    }
}

impl AppointmentView {
    /// The appointment with its client's name.
    #[must_use]
    pub fn new(
        appointment: &Appointment,
        client: Option<ClientRef>,
        practice: &Practice,
        catalog: &Catalog,
        now: Timestamp,
    ) -> Self {
        let (status, asked) = (appointment.status_at(now), appointment.asked_at(now));
        let Appointment {
            id,
            practice: _,
            version,
            staff,
            service,
            times,
            status: _,
            created_by,
            created_at,
            asked: _,
            settled,
            billing_modifier,
            fee,
            cancel_reason,
            late_cancel,
            decline_reason,
            series,
        } = appointment.clone();
        let booker = match created_by {
            PrincipalId::Staff(staff) => StaffRef::of(staff, catalog),
            PrincipalId::Client(_) => None,
        };
        Self {
            item: AppointmentItem::new(id, client, staff, times, status, catalog),
            service_id: service,
            time_zone: practice.time_zone.name().to_owned(),
            created_by: booker,
            created_at,
            asked: asked.map(AskedView::from),
            settled_at: settled.map(|settled| settled.at),
            billing_modifier,
            fee,
            cancel_reason: cancel_reason.map(|reason| reason.as_str().to_owned()),
            late_cancel,
            decline_reason: decline_reason.map(|reason| reason.as_str().to_owned()),
            series: series.map(|series| Box::new(series.into())),
            etag: ETag::new(version),
        }
    }
}

impl AppointmentShown {
    /// With what else of its series the request wrote. Only staff does so.
    #[must_use]
    pub fn with_written(mut self, written: SeriesWritten) -> Self {
        if let Self::Staff(AppointmentView { series: Some(series), .. }) = &mut self {
            series.having(written);
        }
        self
    }
}

impl OwnAppointmentView {
    /// What the portal shows.
    #[must_use]
    pub fn new(appointment: &Appointment, practice: &Practice, catalog: &Catalog, now: Timestamp) -> Self {
        let Appointment { id, version, staff, service, times, late_cancel, .. } = *appointment;
        let reason = |reason: &Option<CancelReason>| reason.as_ref().map(|reason| reason.as_str().to_owned());
        Self {
            shown_to: ToClient,
            id,
            with: StaffRef::of(staff, catalog).map(|staff| staff.full_name),
            service_id: service,
            start: times.start(),
            end: times.end(),
            time_zone: practice.time_zone.name().to_owned(),
            status: appointment.status_at(now),
            asked: appointment.asked_at(now).map(AskedView::from),
            cancel_reason: reason(&appointment.cancel_reason),
            late_cancel,
            decline_reason: reason(&appointment.decline_reason),
            series: appointment.series.map(SessionSeriesView::from),
            etag: ETag::new(version),
        }
    }
}

impl ItemView {
    /// What this reader sees of it in a list.
    #[must_use]
    pub fn new(
        reader: &Actor,
        appointment: &Appointment,
        client: Option<ClientRef>,
        practice: &Practice,
        catalog: &Catalog,
        now: Timestamp,
    ) -> Self {
        match reader {
            Actor::Staff(_) => {
                let Appointment { id, staff, times, .. } = *appointment;
                Self::Staff(AppointmentItem::new(id, client, staff, times, appointment.status_at(now), catalog))
            }
            _ => Self::Own(OwnAppointmentView::new(appointment, practice, catalog, now)),
        }
    }
}
