//! What becomes of a row: a new client, a change of one, or nothing (C6, C8, C10).

use std::collections::{BTreeSet, HashMap};

use caseload::access::{Action, Actor, Resource, decide, ownership_of_new};
use caseload::domain::catalog::Catalog;
use caseload::domain::client::{Client, ImportStamp, Ownership};
use caseload::domain::date::today;
use caseload::domain::email::EmailAddress;
use caseload::domain::ids::{ClientId, StaffId, TagId};
use caseload::domain::import::merge::{is_stored, merge, profile};
use caseload::domain::import::plan::Options;
use caseload::domain::import::report::{DUPLICATE_EXISTING, DUPLICATE_IN_FILE};
use caseload::domain::import::row::{ImportedClient, RowWarning};
use caseload::domain::text::fold;
use jiff::civil::Date;

use crate::ground::of_client;
use crate::job::Job;
use crate::stretch::Open;
use crate::tags::Tags;

/// What becomes of a row.
#[derive(Debug, Default)]
pub(crate) struct Verdict {
    pub(crate) kind: Kind,
    pub(crate) warnings: BTreeSet<RowWarning>,
}

#[derive(Debug, Default)]
pub(crate) enum Kind {
    #[default]
    Undecided,
    /// Written, or already written by an earlier try of the row.
    Write { client: Box<Client>, created: bool, stored: bool },
    /// The client has it all.
    Unchanged(ClientId),
    /// Left out on purpose.
    Left(&'static str, Option<ClientId>),
}

/// Clients as read from the table.
pub(crate) type Stored = HashMap<ClientId, Client>;

/// The rules of one import.
pub(crate) struct Rules<'a> {
    job: &'a Job,
    pub(crate) options: Options,
    importer: Actor,
    day: Date,
    staff: HashMap<String, Option<StaffId>>,
    pub(crate) tags: Tags,
}

fn spaced(name: &str) -> String {
    fold(name).split_whitespace().collect::<Vec<_>>().join(" ")
}

impl<'a> Rules<'a> {
    pub(crate) fn new(job: &'a Job, options: Options, catalog: Catalog) -> Self {
        let mut staff: HashMap<String, Option<StaffId>> = HashMap::new();
        for (id, card) in catalog.staff.iter().filter(|(_, card)| card.active) {
            // Two of one name: neither can be meant with certainty.
            staff.entry(spaced(card.full_name.as_str())).and_modify(|known| *known = None).or_insert(Some(*id));
        }
        let day = today(job.run.requested_at, job.practice.time_zone.time_zone());
        Self {
            job,
            options,
            importer: Actor::Staff(Box::new(job.importer.clone())),
            day,
            staff,
            tags: Tags::new(catalog, job.may(Action::TagsManage)),
        }
    }

    /// Decides a row. Deciding it again, after it or its client was written, comes to the same.
    pub(crate) fn judge(&mut self, open: &Open, stored: &Stored, taken: &mut HashMap<ClientId, u64>) -> Verdict {
        let found = open.existing.and_then(|id| stored.get(&id)).filter(|client| self.is_same(open, client));
        let mut verdict = match found {
            Some(client) => self.known(&open.row, client, taken),
            None => self.new_client(open, stored),
        };
        verdict
            .warn(open.row.tags.iter().any(|name| self.tags.id(self.job, name).is_none()), RowWarning::TagsNotAllowed);
        verdict
    }

    /// The labels of a row, without new ones that the importer may not make.
    fn labels(&self, row: &ImportedClient) -> BTreeSet<TagId> {
        row.tags.iter().filter_map(|name| self.tags.id(self.job, name)).collect()
    }

    const fn stamp(&self, line: u64, created: bool) -> ImportStamp {
        ImportStamp { import: self.job.import.id, line, created }
    }

    fn may(&self, action: Action, client: &Client) -> bool {
        decide(&self.importer, action, &Resource::client(Some(client)), &self.job.practice).is_ok()
    }

    /// The directory only proposes; the record decides.
    fn is_same(&self, open: &Open, client: &Client) -> bool {
        let mine = client.import == Some(self.stamp(open.row.line, false));
        mine || (self.may(Action::ClientRead, client) && of_client(client).same(&open.identity))
    }

    fn known(&mut self, row: &ImportedClient, client: &Client, taken: &mut HashMap<ClientId, u64>) -> Verdict {
        let job = self.job;
        let tags = self.labels(row);
        let Some(update) = self.options.duplicates.update() else {
            return Verdict::of(if is_stored(&client.profile, row, &tags) {
                Kind::Unchanged(client.id)
            } else {
                Kind::Left(DUPLICATE_EXISTING, Some(client.id))
            });
        };
        if *taken.entry(client.id).or_insert(row.line) != row.line {
            return Verdict::of(Kind::Left(DUPLICATE_IN_FILE, Some(client.id)));
        }
        let stamp = self.stamp(row.line, false);
        if client.import == Some(stamp) {
            return Verdict::of(Kind::Write { client: Box::new(client.clone()), created: false, stored: true });
        }
        let Some(mut merged) = merge(&client.profile, row, &tags, update) else {
            return Verdict::of(Kind::Unchanged(client.id));
        };
        if !self.may(Action::ClientUpdate, client) {
            return Verdict::of(Kind::Left(DUPLICATE_EXISTING, Some(client.id)));
        }
        let room = self.tags.add(job, &row.tags, &mut merged.tags);
        let mut verdict = if merged == client.profile {
            Verdict::of(Kind::Unchanged(client.id))
        } else {
            let mut client = client.clone();
            let contact = |email: Option<&EmailAddress>| email.map(EmailAddress::folded);
            if contact(client.profile.email.as_ref()) != contact(merged.email.as_ref()) {
                // Decision 9: an invitation to the address before ends.
                client.portal.revoke_invitation();
            }
            client.profile = merged;
            client.version += 1;
            client.import = Some(stamp);
            Verdict::of(Kind::Write { client: Box::new(client), created: false, stored: false })
        };
        verdict.warn(!room, RowWarning::TagsFull);
        verdict
    }

    fn new_client(&mut self, open: &Open, stored: &Stored) -> Verdict {
        let (job, row) = (self.job, &open.row);
        let id = ClientId::from_uuid(job.derive("import client", &row.line.to_be_bytes()));
        let stamp = self.stamp(row.line, true);
        let mut tags = self.labels(row);
        let room = self.tags.add(job, &row.tags, &mut tags);
        let (ownership, assigned, unknown) = self.owner(row);
        let written = stored.get(&id).filter(|client| client.import == Some(stamp));
        let client = written.cloned().unwrap_or_else(|| {
            let at = job.run.requested_at;
            let join_date = row.join_date.unwrap_or(self.day);
            let mut client = Client::new(id, job.practice.id, profile(row, &tags), ownership, assigned, at, join_date);
            client.suspended_at = row.inactive.then_some(at);
            client.import = Some(stamp);
            client
        });
        let kind = Kind::Write { client: Box::new(client), created: true, stored: written.is_some() };
        let mut verdict = Verdict::of(kind);
        verdict.warn(open.shared, RowWarning::EmailShared);
        verdict.warn(unknown, RowWarning::StaffUnknown);
        verdict.warn(!room, RowWarning::TagsFull);
        verdict
    }

    /// Whom a new client belongs to (decision 5), and whether the row names somebody it cannot belong to.
    fn owner(&self, row: &ImportedClient) -> (Ownership, Option<StaffId>, bool) {
        let importer = &self.job.importer;
        let named = row.assigned_staff.as_deref().map(|name| self.staff.get(&spaced(name)).copied().flatten());
        let ownership = self.options.ownership.unwrap_or_else(|| ownership_of_new(importer).0);
        if !importer.admin {
            // What a therapist imports it must be able to see, and it cannot give clients to others.
            return (ownership, Some(importer.id), named.is_some_and(|staff| staff != Some(importer.id)));
        }
        let unknown = named == Some(None);
        match ownership {
            Ownership::Direct => (ownership, named.flatten().or(Some(importer.id)), unknown),
            Ownership::Practice => (ownership, named.flatten(), unknown),
        }
    }
}

impl Verdict {
    const fn of(kind: Kind) -> Self {
        Self { kind, warnings: BTreeSet::new() }
    }

    fn warn(&mut self, when: bool, warning: RowWarning) {
        if when {
            self.warnings.insert(warning);
        }
    }

    pub(crate) const fn writes(&self) -> bool {
        matches!(self.kind, Kind::Write { .. })
    }

    /// Leaves the row out unless it was written before.
    pub(crate) fn leave_unwritten(&mut self, code: &'static str) {
        if matches!(self.kind, Kind::Write { stored: false, .. }) {
            *self = Self::of(Kind::Left(code, None));
        }
    }

    /// The client it leads to, where it is written.
    pub(crate) fn written(&self) -> Option<(&Client, bool)> {
        match &self.kind {
            Kind::Write { client, created, .. } => Some((client, *created)),
            _ => None,
        }
    }
}
