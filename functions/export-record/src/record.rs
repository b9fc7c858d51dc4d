//! What of a record goes into its archive: what its reader's single reads would show at this moment, and nothing else.

use std::collections::BTreeSet;

use caseload::access::decide;
use caseload::domain::catalog::Catalog;
use caseload::domain::client::Client;
use caseload::domain::export::{Document, ExportManifest, Part, Paths};
use caseload::domain::ids::StaffId;
use caseload::domain::import::sheet::{Beside, client_csv};
use caseload::domain::thread::Thread;
use caseload::refusal::{Refusal, Stop};
use caseload::store::Sums;
use caseload::web::view::client::ClientRecord;
use caseload::web::{Authorized, StaffRef, tag_views};
use jiff::Timestamp;
use serde::Serialize;

use crate::contents::{CLINICAL, Contents, Lists, PARTS, about};
use crate::drawing::Drawing;

/// `record.json`.
#[derive(Serialize)]
struct Record {
    exported_at: Timestamp,
    exported_by: Option<StaffRef>,
    practice: String,
    client: ClientRecord,
    #[serde(flatten)]
    lists: Lists,
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
    (catalog, thread): (&Catalog, &Thread),
    sums: &Sums,
    contents: &Contents,
) -> Result<Drawn, Stop> {
    let (client, now) = (&asked.subject, asked.grant.at());
    let may = |action| decide(&asked.actor, action, &about(action, Some(client)), &asked.practice).is_ok();
    let parts = PARTS.iter().filter(|(_, action)| may(*action)).map(|(name, _)| *name).collect();
    let attachable = contents.files_by_id();
    let (paths, pieces, ids) = (Paths::default(), Vec::new(), BTreeSet::new());
    let mut drawing = Drawing { asked, catalog, thread, now, attachable: &attachable, parts, paths, pieces, ids };
    let lists = contents.draw(&mut drawing);
    let record = Record {
        exported_at: now,
        exported_by: StaffRef::of(by, catalog),
        practice: asked.practice.name.as_str().to_owned(),
        client: ClientRecord::new(client, &asked.actor, &asked.practice, catalog, sums, now),
        lists,
    };
    let json = serde_json::to_string_pretty(&record).map_err(Refusal::broken)?;
    let Drawing { parts, pieces, ids, .. } = drawing;
    let documents = vec![
        Document { path: "record.json".to_owned(), text: json },
        Document { path: "client.csv".to_owned(), text: sheet(client, catalog, parts.contains(CLINICAL)) },
    ];
    Ok(Drawn {
        order: ExportManifest { at: now, documents, files: pieces },
        parts: parts.into_iter().map(Part::named).collect(),
        ids: ids.into_iter().collect(),
    })
}

/// `client.csv`.
fn sheet(client: &Client, catalog: &Catalog, clinical: bool) -> String {
    let tags = tag_views(client.profile.tags.iter().copied(), catalog);
    let tags: Vec<String> = tags.into_iter().map(|tag| tag.name).collect();
    let therapist = client.assigned_staff.and_then(|id| StaffRef::of(id, catalog));
    let beside = Beside { tags: &tags, therapist: therapist.as_ref().map(|staff| staff.full_name.as_str()), clinical };
    client_csv(client, beside)
}
