//! What of a record goes into its archive: what its reader's single reads would show at this moment, and nothing else.

use std::collections::BTreeSet;

use caseload::access::{Action, Actor, Resource, decide};
use caseload::domain::appointment::SessionSummary;
use caseload::domain::client::Client;
use caseload::domain::export::{Document, Order, Paths, Piece};
use caseload::domain::import::sheet::{Beside, client_csv};
use caseload::store::Catalog;
use caseload::web::view::appointment::AppointmentView;
use caseload::web::view::billing::{PaymentView, StaffInvoiceView};
use caseload::web::view::client::ClientRecord;
use caseload::web::view::file::StaffFileView;
use caseload::web::{Authorized, ClientRef, Problem, StaffRef, tag_views};
use jiff::Timestamp;
use serde::Serialize;

use crate::contents::Contents;

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
    pub(crate) order: Order,
    pub(crate) ids: Vec<String>,
}

/// Draws the record out of what the partition holds.
pub(crate) fn draw(
    asked: &Authorized<Client>,
    catalog: &Catalog,
    sessions: Option<&SessionSummary>,
    contents: Contents,
) -> Result<Drawn, Problem> {
    let (client, practice, now) = (&asked.subject, &asked.practice, asked.grant.at());
    let may = |action, resource: &Resource| decide(&asked.actor, action, resource, practice).is_ok();
    let whole = Resource::client(Some(client));
    let (mut ids, mut pieces, mut paths) = (BTreeSet::new(), Vec::new(), Paths::default());
    let Contents { files, appointments, invoices, payments } = contents;

    let mut filed = Vec::new();
    for file in &files {
        let found = Resource::file(Some((client, file)));
        if may(Action::FileRead, &found) {
            ids.insert(file.id.to_string());
            let path = may(Action::FileDownload, &found).then(|| paths.give(&file.download_name()));
            pieces.extend(path.clone().map(|path| Piece { file: file.id, path }));
            filed.push(FiledAs { file: StaffFileView::new(file, now), path });
        }
    }
    let mut booked = Vec::new();
    for appointment in &appointments {
        if may(Action::AppointmentRead, &Resource::Appointment(Some((client.into(), appointment.staff)))) {
            ids.insert(appointment.id.to_string());
            booked.push(AppointmentView::new(appointment, ClientRef::from(client), practice, catalog));
        }
    }
    let invoices = may(Action::InvoiceRead, &whole).then_some(invoices);
    let payments = may(Action::PaymentTimeline, &whole).then_some(payments);
    ids.extend(invoices.iter().flatten().map(|invoice| invoice.id.to_string()));
    ids.extend(payments.iter().flatten().map(|payment| payment.id.to_string()));

    let tags: Vec<String> =
        tag_views(client.profile.tags.iter().copied(), catalog).into_iter().map(|tag| tag.name).collect();
    let therapist = client.assigned_staff.and_then(|id| StaffRef::of(id, catalog));
    let clinical = may(Action::ClientReadDiagnosis, &whole);
    let beside = Beside { tags: &tags, therapist: therapist.as_ref().map(|staff| staff.full_name.as_str()), clinical };
    let sheet = client_csv(client, beside);
    let reader = match &asked.actor {
        Actor::Staff(staff) => StaffRef::of(staff.id, catalog),
        _ => None,
    };
    let record = Record {
        exported_at: now,
        exported_by: reader,
        practice: practice.name.as_str().to_owned(),
        client: ClientRecord::new(client, &asked.actor, practice, catalog, sessions, now),
        files: may(Action::FileList, &whole).then_some(filed),
        appointments: may(Action::AppointmentRead, &whole).then_some(booked),
        invoices: invoices.map(|all| all.iter().map(|invoice| StaffInvoiceView::new(invoice, now)).collect()),
        payments: payments.map(|all| all.into_iter().map(|payment| PaymentView::new(payment, &asked.actor)).collect()),
    };
    let json = serde_json::to_string_pretty(&record).map_err(Problem::internal)?;
    let documents = vec![
        Document { path: "record.json".to_owned(), text: json },
        Document { path: "client.csv".to_owned(), text: sheet },
    ];
    Ok(Drawn { order: Order { at: now, documents, files: pieces }, ids: ids.into_iter().collect() })
}
