use caseload::access::Actor;
use caseload::domain::appointment::Appointment;
use caseload::domain::catalog::Catalog;
use caseload::domain::practice::Practice;
use caseload::web::view::appointment::{AppointmentView, OwnAppointmentView};
use caseload::web::{ClientRef, Outcome, Reply};

/// Answers with an appointment, as its reader may see it.
pub(crate) fn answer(
    reader: &Actor,
    appointment: &Appointment,
    client: ClientRef,
    practice: &Practice,
    catalog: &Catalog,
) -> Outcome {
    match reader {
        Actor::Staff(_) => {
            Reply::ok_at(appointment.version, &AppointmentView::new(appointment, client, practice, catalog))
        }
        _ => Reply::ok_at(appointment.version, &OwnAppointmentView::new(appointment, practice, catalog)),
    }
}
