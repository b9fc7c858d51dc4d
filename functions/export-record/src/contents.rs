//! Everything a client's partition holds that a record is made of.

use caseload::app::App;
use caseload::domain::appointment::Appointment;
use caseload::domain::file::File;
use caseload::domain::ids::{ClientId, PracticeId};
use caseload::domain::invoice::Invoice;
use caseload::domain::payment::Payment;
use caseload::store::{StoreError, keys};

/// All of it, whoever asks.
pub(crate) struct Contents {
    pub files: Vec<File>,
    pub appointments: Vec<Appointment>,
    pub invoices: Vec<Invoice>,
    pub payments: Vec<Payment>,
}

impl Contents {
    pub(crate) async fn of(app: &App, practice: PracticeId, client: ClientId) -> Result<Self, StoreError> {
        let (files, appointments) = (keys::files(practice, client), keys::appointments(practice, client));
        let (invoices, payments) = (keys::invoices(practice, client), keys::payments(practice, client));
        let (files, appointments, invoices, payments) = tokio::join!(
            app.store.all(&files),
            app.store.all(&appointments),
            app.store.all(&invoices),
            app.store.all(&payments),
        );
        Ok(Self { files: files?, appointments: appointments?, invoices: invoices?, payments: payments? })
    }
}
