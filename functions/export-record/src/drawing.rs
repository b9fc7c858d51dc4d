//! How what a partition holds is drawn for its reader: what their single reads would show at this moment.

use std::collections::{BTreeMap, BTreeSet};

use caseload::access::{Action, Resource, decide};
use caseload::domain::catalog::Catalog;
use caseload::domain::client::Client;
use caseload::domain::export::{Paths, Piece};
use caseload::domain::file::File;
use caseload::domain::ids::{ClientId, FileId, PracticeId};
use caseload::domain::thread::Thread;
use caseload::store::Entity;
use caseload::store::keys::List;
use caseload::web::Authorized;
use jiff::Timestamp;
use serde::Serialize;

/// A kind of thing of which a client has many, and of which the archive has a list.
pub(crate) trait Archived: Entity {
    /// What reading the list takes.
    const READ: Action;
    /// How staff sees one.
    type View: Serialize;
    /// Where they stand.
    fn list(practice: PracticeId, client: ClientId) -> List<Self>;
    /// Its id, for the trail.
    fn id(&self) -> String;
    /// Whether the reader sees this one, where a part is not read as a whole.
    fn is_for(&self, _reader: &Drawing<'_>) -> bool {
        true
    }
    /// This one, as the reader sees it.
    fn view(&self, drawing: &mut Drawing<'_>) -> Self::View;
}

/// Who asked, what the views need, and what has been drawn so far.
pub(crate) struct Drawing<'a> {
    pub(crate) asked: &'a Authorized<Client>,
    pub(crate) catalog: &'a Catalog,
    /// Who has read the messages how far.
    pub(crate) thread: &'a Thread,
    pub(crate) now: Timestamp,
    /// The client's files, whoever may see them: for what they are attached to.
    pub(crate) attachable: &'a BTreeMap<FileId, File>,
    /// What the reader may read.
    pub(crate) parts: BTreeSet<&'static str>,
    pub(crate) paths: Paths,
    /// Files that go into the archive.
    pub(crate) pieces: Vec<Piece>,
    /// Everything that is shown, for the trail.
    pub(crate) ids: BTreeSet<String>,
}

impl Drawing<'_> {
    pub(crate) fn may(&self, action: Action, resource: &Resource) -> bool {
        decide(&self.asked.actor, action, resource, &self.asked.practice).is_ok()
    }

    /// The things of a kind; none where the part is not for the reader, as in the reads it is drawn from.
    pub(crate) fn list<A: Archived>(&mut self, name: &str, all: &[A]) -> Option<Vec<A::View>> {
        if !self.parts.contains(name) {
            return None;
        }
        let mut views = Vec::new();
        for one in all.iter().filter(|one| one.is_for(self)).collect::<Vec<_>>() {
            self.ids.insert(one.id());
            views.push(one.view(self));
        }
        Some(views)
    }
}
