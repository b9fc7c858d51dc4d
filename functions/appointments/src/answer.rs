use caseload::access::Actor;
use caseload::domain::appointment::Appointment;
use caseload::domain::catalog::Catalog;
use caseload::domain::client::Client;
use caseload::domain::practice::Practice;
use caseload::web::view::appointment::{AppointmentShown, AppointmentView, OwnAppointmentView, client_shown};
use caseload::web::{Outcome, Reply};

/// Answers with an appointment, as its reader may see it.
pub(crate) fn answer(
    reader: &Actor,
    appointment: &Appointment,
    client: &Client,
    practice: &Practice,
    catalog: &Catalog,
) -> Outcome {
    let name = || client_shown(reader, &client.into(), client.into(), appointment.status, practice);
    let shown = match reader {
        Actor::Staff(_) => AppointmentShown::Staff(AppointmentView::new(appointment, name(), practice, catalog)),
        _ => AppointmentShown::Portal(OwnAppointmentView::new(appointment, practice, catalog)),
    };
    Reply::ok_at(appointment.version, &shown)
}
