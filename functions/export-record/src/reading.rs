use caseload::access::Action;
use caseload::domain::export::Part;

/// What reading a part takes.
pub(crate) const fn reading(part: Part) -> Action {
    match part {
        Part::Clinical => Action::ClientReadDiagnosis,
        Part::Files => Action::FileList,
        Part::Appointments => Action::AppointmentRead,
        Part::Invoices => Action::InvoiceRead,
        Part::Payments => Action::PaymentTimeline,
    }
}
