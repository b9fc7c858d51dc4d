//! What of a record goes into its archive: what its reader's single reads would show at this moment, and nothing else.

use std::collections::BTreeSet;

use caseload::access::{Action, Resource, decide};
use caseload::domain::appointment::{Appointment, AppointmentSummary};
use caseload::domain::catalog::Catalog;
use caseload::domain::client::Client;
use caseload::domain::export::{Document, ExportManifest, Part, Paths, Piece};
use caseload::domain::file::File;
use caseload::domain::ids::StaffId;
use caseload::domain::import::sheet::{Beside, client_csv};
use caseload::refusal::{Refusal, Stop};
use caseload::web::view::appointment::AppointmentView;
use caseload::web::view::billing::{PaymentView, StaffInvoiceView};
use caseload::web::view::client::ClientRecord;
use caseload::web::view::file::StaffFileView;
use caseload::web::{Authorized, StaffRef, tag_views};
use jiff::Timestamp;
use serde::Serialize;

use crate::contents::Contents;
use crate::reading::reading;

/// `record.json`. A part that is not for the reader is left out, as in the reads it is drawn from.
#[derive(Serialize)]
struct Record {
    exported_at: Timestamp,
    exported_by: Option<StaffRef>,
    practice: String,
    client: ClientRecord,
    #[serde(skip_serializing_if = "Option::is_none")]
    files: Option<Vec<FiledAs>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    appointments: Option<Vec<AppointmentView>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    invoices: Option<Vec<StaffInvoiceView>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    payments: Option<Vec<PaymentView>>,
}

/// A file, and where it is in the archive; nowhere if there are no good bytes of it.
#[derive(Serialize)]
struct FiledAs {
    #[serde(flatten)]
    file: StaffFileView,
    path: Option<String>,
}

/// The order for an archive, and the ids of all it holds.
pub(crate) struct Drawn {
    pub(crate) order: ExportManifest,
    pub(crate) parts: BTreeSet<Part>,
    pub(crate) ids: Vec<String>,
}

/// Draws the record out of what the partition holds.
pub(crate) fn draw(
    asked: &Authorized<Client>,
    by: StaffId,
    catalog: &Catalog,
    sessions: Option<&AppointmentSummary>,
    contents: Contents,
) -> Result<Drawn, Stop> {
    let (client, now) = (&asked.subject, asked.grant.at());
    let reader = Reader { asked, whole: Resource::client(Some(client)) };
    let parts: BTreeSet<Part> =
        Part::ALL.into_iter().filter(|part| reader.may(reading(*part), &reader.whole)).collect();
    let has = |part| parts.contains(&part);
    let Contents { files, appointments, invoices, payments } = contents;
    let (filed, pieces) = reader.files(&files);
    let booked = reader.appointments(&appointments);
    let (invoices, payments) = (has(Part::Invoices).then_some(invoices), has(Part::Payments).then_some(payments));

    let mut ids: Vec<String> = filed.iter().map(|(file, _)| file.id.to_string()).collect();
    ids.extend(booked.iter().map(|appointment| appointment.id.to_string()));
    ids.extend(invoices.iter().flatten().map(|invoice| invoice.id.to_string()));
    ids.extend(payments.iter().flatten().map(|payment| payment.id.to_string()));

    let appointment = |one: &Appointment| AppointmentView::new(one, client.into(), &asked.practice, catalog);
    let record = Record {
        exported_at: now,
        exported_by: StaffRef::of(by, catalog),
        practice: asked.practice.name.as_str().to_owned(),
        client: ClientRecord::new(client, &asked.actor, &asked.practice, catalog, sessions, now),
        files: has(Part::Files).then(|| {
            filed.into_iter().map(|(file, path)| FiledAs { file: StaffFileView::new(file, now), path }).collect()
        }),
        appointments: has(Part::Appointments).then(|| booked.into_iter().map(appointment).collect()),
        invoices: invoices.map(|all| all.iter().map(|one| StaffInvoiceView::new(one, now)).collect()),
        payments: payments.map(|all| all.into_iter().map(|one| PaymentView::new(one, &asked.actor)).collect()),
    };
    let json = serde_json::to_string_pretty(&record).map_err(Refusal::broken)?;
    let documents = vec![
        Document { path: "record.json".to_owned(), text: json },
        Document { path: "client.csv".to_owned(), text: reader.sheet(catalog, has(Part::Clinical)) },
    ];
    Ok(Drawn { order: ExportManifest { at: now, documents, files: pieces }, parts, ids })
}

/// Who asked, with the record as a whole.
struct Reader<'a> {
    asked: &'a Authorized<Client>,
    whole: Resource,
}

impl Reader<'_> {
    fn may(&self, action: Action, resource: &Resource) -> bool {
        decide(&self.asked.actor, action, resource, &self.asked.practice).is_ok()
    }

    /// The files the reader sees, with their paths in the archive.
    fn files<'f>(&self, files: &'f [File]) -> (Vec<(&'f File, Option<String>)>, Vec<Piece>) {
        let (mut paths, mut pieces) = (Paths::default(), Vec::new());
        let mut seen = Vec::new();
        for file in files {
            let found = Resource::file(Some((&self.asked.subject, file)));
            if self.may(Action::FileRead, &found) {
                let path = self.may(Action::FileDownload, &found).then(|| paths.give(&file.download_name()));
                pieces.extend(path.clone().map(|path| Piece { file: file.id, path }));
                seen.push((file, path));
            }
        }
        (seen, pieces)
    }

    fn appointments<'b>(&self, appointments: &'b [Appointment]) -> Vec<&'b Appointment> {
        let client = &self.asked.subject;
        let sees = |with| self.may(Action::AppointmentRead, &Resource::Appointment(Some((client.into(), with))));
        appointments.iter().filter(|appointment| sees(appointment.staff)).collect()
    }

    /// `client.csv`.
    fn sheet(&self, catalog: &Catalog, clinical: bool) -> String {
        let client = &self.asked.subject;
        let tags = tag_views(client.profile.tags.iter().copied(), catalog);
        let tags: Vec<String> = tags.into_iter().map(|tag| tag.name).collect();
        let therapist = client.assigned_staff.and_then(|id| StaffRef::of(id, catalog));
        let beside =
            Beside { tags: &tags, therapist: therapist.as_ref().map(|staff| staff.full_name.as_str()), clinical };
        client_csv(client, beside)
    }
}
