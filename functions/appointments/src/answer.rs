use caseload::access::Actor;
use caseload::domain::appointment::Appointment;
use caseload::domain::catalog::Catalog;
use caseload::domain::client::Client;
use caseload::web::view::appointment::{AppointmentShown, AppointmentView, OwnAppointmentView, client_shown};
use caseload::web::{Authorized, Outcome, Reply};

use crate::found::Found;

/// Answers with an appointment, as its reader may see it.
pub(crate) fn answer(asked: &Authorized<Found>) -> Outcome {
    let Found { appointment, client, catalog, .. } = &asked.subject;
    Reply::ok_at(appointment.version, &shown(asked, appointment, client, catalog))
}

/// An appointment, as its reader may see it.
pub(crate) fn shown<T>(
    asked: &Authorized<T>,
    appointment: &Appointment,
    client: &Client,
    catalog: &Catalog,
) -> AppointmentShown {
    let (practice, now) = (&asked.practice, asked.grant.at());
    let name = || client_shown(&asked.actor, &client.into(), client.into(), appointment.status_at(now), practice);
    match &asked.actor {
        Actor::Staff(_) => AppointmentShown::Staff(AppointmentView::new(appointment, name(), practice, catalog, now)),
        _ => AppointmentShown::Portal(OwnAppointmentView::new(appointment, practice, catalog, now)),
    }
}
