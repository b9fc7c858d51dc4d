//! Listing, filtering and searching a directory (A1, A4, A5, decision 5).

use super::bits::Bits;
use super::query::{Counts, Page, Query, Scope, StaffFilter};
use super::snapshot::Directory;
use super::table::Postings;
use super::terms::Wanted;
use crate::domain::client::Status;
use crate::domain::ids::TagId;

impl Directory {
    /// One page of the clients that match the query within the scope, with totals (A1, A4, A5).
    ///
    /// `tag_names` are the practice's tags, their names folded by [`crate::domain::text::fold`]. Counts leave the
    /// query's own status filter out, so that each status tells what choosing it would show.
    #[must_use]
    pub fn search(&self, query: &Query, scope: &Scope, tag_names: &[(TagId, String)]) -> Page {
        let wanted = query.text.as_deref().and_then(|text| Wanted::parse(text, tag_names));
        let mut hits = self.filtered(query, scope);
        if let Some(wanted) = &wanted {
            hits = wanted.narrow(&self.table, &hits);
        }
        let counts = self.tally(&hits);
        if let Some(status) = query.status {
            hits.keep(self.table.with_status(status));
        }
        let mut slots = self.ordered(query.sort, query.after.as_ref(), &hits);
        let page: Vec<u32> = slots.by_ref().take(query.limit).collect();
        let last = page.last().filter(|_| slots.next().is_some());
        let next = last.and_then(|slot| self.position(query.sort, *slot));
        let rows = page.iter().filter_map(|slot| {
            let entry = self.table.entry(*slot)?;
            let matched = wanted.as_ref().map(|wanted| wanted.matched(&self.table, *slot, &entry.tags));
            Some((entry, matched.unwrap_or_default()))
        });
        Page { rows: rows.collect(), total: hits.count(), counts, next }
    }

    /// How many clients within the scope have each status.
    #[must_use]
    pub fn counts(&self, scope: &Scope) -> Counts {
        self.tally(&self.visible(scope))
    }

    fn tally(&self, among: &Bits) -> Counts {
        let count = |status| among.shared(self.table.with_status(status));
        Counts { active: count(Status::Active), pending: count(Status::Pending), inactive: count(Status::Inactive) }
    }

    /// The rows of any of these ids.
    fn naming<'a>(
        &'a self,
        postings: &'a Postings,
        ids: impl Iterator<Item = uuid::Uuid> + 'a,
    ) -> impl Iterator<Item = u32> + 'a {
        let numbers = ids.filter_map(|id| self.table.ids.find(id));
        numbers.flat_map(|number| postings.rows(number)).copied()
    }

    fn visible(&self, scope: &Scope) -> Bits {
        let mut visible = self.table.live.clone();
        if let Scope::Staff(staff) = scope {
            let ids = || staff.iter().map(|staff| staff.uuid());
            let assigned = self.naming(&self.table.assigned, ids());
            visible.keep(&assigned.chain(self.naming(&self.table.seen, ids())).collect());
        }
        visible
    }

    /// Everything but text and status.
    fn filtered(&self, query: &Query, scope: &Scope) -> Bits {
        let mut hits = self.visible(scope);
        if !query.tags_any.is_empty() {
            let tags = query.tags_any.iter().map(|tag| tag.uuid());
            hits.keep(&self.naming(&self.table.tagged, tags).collect());
        }
        match query.staff {
            Some(StaffFilter::Unassigned) => hits.keep(&self.table.unassigned),
            Some(StaffFilter::Is(staff)) => {
                hits.keep(&self.naming(&self.table.assigned, std::iter::once(staff.uuid())).collect());
            }
            None => {}
        }
        if let Some(access) = query.portal {
            hits.keep(self.table.with_access(access));
        }
        hits
    }
}
