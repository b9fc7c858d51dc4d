use caseload::access::Actor;
use caseload::domain::appointment::Appointment;
use caseload::domain::catalog::Catalog;
use caseload::domain::practice::Practice;
use caseload::web::view::appointment::{AppointmentShown, AppointmentView, OwnAppointmentView};
use caseload::web::{ClientRef, Outcome, Reply};

/// Answers with an appointment, as its reader may see it.
pub(crate) fn answer(
    reader: &Actor,
    appointment: &Appointment,
    client: ClientRef,
    practice: &Practice,
    catalog: &Catalog,
) -> Outcome {
    let shown = match reader {
        Actor::Staff(_) => AppointmentShown::Staff(AppointmentView::new(appointment, client, practice, catalog)),
        _ => AppointmentShown::Portal(OwnAppointmentView::new(appointment, practice, catalog)),
    };
    Reply::ok_at(appointment.version, &shown)
}
