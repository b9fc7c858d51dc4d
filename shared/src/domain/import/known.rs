//! What the rows of a file are compared with: the clients of the practice, and the rows before (C6).

use std::collections::HashMap;

use super::memory::Memory;
use crate::domain::catalog::Catalog;
use crate::domain::client::Client;
use crate::domain::directory::Entry;
use crate::domain::identity::{Identity, People};
use crate::domain::ids::{ClientId, StaffId, TagId};

/// Everything that the outcome of a row depends on beside the row itself and the client it is.
#[derive(Debug)]
pub struct Known {
    /// The tags and staff of the practice, with the labels that rows so far have added.
    pub catalog: Catalog,
    /// Staff by their addresses in small letters, where rows may name them so.
    pub addresses: HashMap<String, StaffId>,
    pub(super) clients: People<ClientId>,
    pub(super) rows: People<()>,
    /// Clients that a row of this file has updated or would update, with its line.
    pub(super) updated: HashMap<ClientId, u64>,
}

/// A client as it stands in the table, and what the importer may do with it.
#[derive(Debug)]
pub struct KnownClient {
    /// The record, which decides where the directory only proposes.
    pub client: Client,
    /// Whether the importer sees it.
    pub visible: bool,
    /// Whether the importer may change it.
    pub changeable: bool,
}

/// Clients as read from the table.
pub type KnownClients = HashMap<ClientId, KnownClient>;

impl Known {
    /// Before the first row: the clients that the importer may see, for nobody learns of anybody else's (decision 5).
    #[must_use]
    pub fn new(visible: impl Iterator<Item = Entry>, catalog: Catalog) -> Self {
        let mut clients = People::default();
        visible.for_each(|entry| clients.insert(&Identity::of_entry(&entry), entry.id));
        Self { catalog, addresses: HashMap::new(), clients, rows: People::default(), updated: HashMap::new() }
    }

    /// Takes in what an earlier batch has left behind.
    pub fn recall(&mut self, memory: Memory) {
        memory.seen.iter().for_each(|identity| self.rows.insert(identity, ()));
        self.updated.extend(memory.taken);
    }

    /// Takes labels out that were not added to the stored catalog after all.
    pub fn forget(&mut self, labels: &[TagId]) {
        self.catalog.tags.retain(|id, _| !labels.contains(id));
    }

    /// Whether this staff member is active, as the catalog says (decision 6).
    #[must_use]
    pub fn is_active(&self, staff: StaffId) -> bool {
        self.catalog.staff.get(&staff).is_some_and(|card| card.active)
    }
}
