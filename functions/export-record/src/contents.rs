//! Everything a client's partition holds that a record is made of.

use caseload::app::App;
use caseload::domain::appointment::Appointment;
use caseload::domain::file::File;
use caseload::domain::ids::{ClientId, PracticeId};
use caseload::domain::invoice::Invoice;
use caseload::domain::payment::Payment;
use caseload::store::{StoreError, keys};

/// What becomes of a kind of item when a record is exported.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum InArchive {
    /// It is in `record.json`, at this pointer.
    At(&'static str),
    /// It is not in the archive, for this reason.
    Not(&'static str),
}

/// Every kind of item that stands in a client's partition, by the name of its key, and what becomes of it.
pub const KINDS: &[(&str, InArchive)] = &[
    ("client", InArchive::At("/client")),
    ("file", InArchive::At("/files")),
    ("file_quota", InArchive::Not("room counted for the files, which are there themselves")),
    ("invoice", InArchive::At("/invoices")),
    ("payment", InArchive::At("/payments")),
    ("checkout", InArchive::Not("a page at the provider; what comes of it is a payment")),
    ("appointment", InArchive::At("/appointments")),
    ("export", InArchive::Not("another archive, for whoever asked for it")),
    ("appointment_summary", InArchive::At("/client/stats")),
];

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

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use caseload::store::patterns::in_client_partition;

    use super::KINDS;

    // X5: a new kind of item is decided about before it can be stored
    #[test]
    fn every_kind_of_item_of_a_client_is_in_the_archive_or_left_out_for_a_reason() {
        let stored: BTreeSet<&str> = in_client_partition().map(|pattern| pattern.entity).collect();
        let decided: BTreeSet<&str> = KINDS.iter().map(|(kind, _)| *kind).collect();
        assert_eq!(stored, decided);
        assert_eq!(decided.len(), KINDS.len(), "one kind twice");
    }
}
