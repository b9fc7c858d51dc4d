//! Listing, filtering and searching a directory (A1, A4, A5, decision 5).

use super::bits::Bits;
use super::query::{Page, Query, Scope, StaffFilter, StatusCounts};
use super::snapshot::Directory;
use super::table::Postings;
use super::terms::SearchTerms;
use crate::domain::client::Status;
use crate::domain::ids::TagId;

impl Directory {
    /// One page of the clients that match the query within the scope, with totals (A1, A4, A5).
    ///
    /// `tag_names` are the practice's tags, their names folded by [`crate::domain::text::fold`]. StatusCounts leave the
    /// query's own status filter out, so that each status tells what choosing it would show.
    #[must_use]
    pub fn search(&self, query: &Query, scope: &Scope, tag_names: &[(TagId, String)]) -> Page {
        let wanted = query.text.as_deref().and_then(|text| SearchTerms::parse(text, tag_names));
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
    pub fn counts(&self, scope: &Scope) -> StatusCounts {
        self.tally(&self.visible(scope))
    }

    /// How many clients within the scope have each of these tags, in their order (B8, decision 5).
    #[must_use]
    pub fn with_tags(&self, scope: &Scope, tags: impl Iterator<Item = TagId>) -> Vec<usize> {
        let visible = self.visible(scope);
        let having = |tag: TagId| self.naming(&self.table.tagged, std::iter::once(tag.uuid())).collect();
        tags.map(|tag| visible.shared(&having(tag))).collect()
    }

    fn tally(&self, among: &Bits) -> StatusCounts {
        let count = |status| among.shared(self.table.with_status(status));
        StatusCounts {
            active: count(Status::Active),
            pending: count(Status::Pending),
            inactive: count(Status::Inactive),
        }
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
        if let Scope::Staff { of, since } = scope {
            let ids = || of.iter().map(|staff| staff.uuid());
            let assigned = self.naming(&self.table.assigned, ids());
            let numbers = ids().filter_map(|id| self.table.ids.find(id));
            let seen = numbers.flat_map(|staff| {
                let rows = self.table.seen.rows(staff).iter().copied();
                rows.filter(move |slot| self.table.is_seen_since(*slot, staff, *since))
            });
            visible.keep(&assigned.chain(seen).collect());
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

#[cfg(test)]
mod tests {
    use super::super::samples::{self, client, staff, tag};
    use super::super::{Change, Entry, Matched};
    use super::*;
    use crate::domain::client::Ownership;

    fn directory(changes: &[Change]) -> Directory {
        let mut directory = Directory::default();
        for change in changes {
            directory.apply(change.clone());
        }
        directory
    }

    fn names() -> Vec<(TagId, String)> {
        vec![(tag(1), "group a".to_owned())]
    }

    fn found(directory: &Directory, text: &str) -> Vec<(String, Vec<Matched>)> {
        let page = directory.search(&Query { text: Some(text.into()), ..Query::default() }, &Scope::All, &names());
        page.rows.into_iter().map(|(e, m)| (e.last_name, m)).collect()
    }

    // A4
    #[test]
    fn any_part_of_a_name_finds_it_whatever_the_accents_and_case() {
        let directory = directory(&[
            Change::Put(samples::plain(1, "Maya", "Ångström")),
            Change::Put(samples::plain(2, "Jürgen", "Müller")),
        ]);
        assert_eq!(found(&directory, "NGSTR"), [("Ångström".into(), vec![Matched::LastName])]);
        assert_eq!(
            found(&directory, "jürgen muller"),
            [("Müller".into(), vec![Matched::FirstName, Matched::LastName])]
        );
        assert!(found(&directory, "maya muller").is_empty());
        assert_eq!(found(&directory, " \t").len(), 2);
    }

    // A4
    #[test]
    fn nothing_matches_across_the_border_of_two_fields() {
        let entry = Entry {
            email: Some("b@x.example".into()),
            phone: Some("+14155550134".into()),
            ..samples::plain(1, "Ann", "Lee")
        };
        let directory = directory(&[Change::Put(entry), Change::Put(samples::plain(2, "Lee", "Zoe"))]);
        for text in ["leeann", "annlee", "annb", "example1", "0134zoe", "zoelee", "\u{ff}", "\u{0}"] {
            assert!(found(&directory, text).is_empty(), "{text}");
        }
    }

    // A4
    #[test]
    fn a_tag_is_found_by_its_present_name() {
        let directory = directory(&[Change::Put(Entry { tags: vec![tag(1)], ..samples::plain(1, "Maya", "Berg") })]);
        assert_eq!(found(&directory, "gro"), [("Berg".into(), vec![Matched::Tag])]);
        let renamed = [(tag(1), "waiting".to_owned())];
        let page = directory.search(&Query { text: Some("gro".into()), ..Query::default() }, &Scope::All, &renamed);
        assert_eq!(page.total, 0);
    }

    // A1
    #[test]
    fn a_page_goes_on_where_it_ended_though_rows_came_and_went() {
        let mut directory =
            directory(&(0..6).map(|n| Change::Put(samples::plain(n, "A", &format!("n{n}")))).collect::<Vec<_>>());
        let query = Query { limit: 2, ..Query::default() };
        let first = directory.search(&query, &Scope::All, &[]);
        directory.apply(Change::Put(samples::plain(50, "A", "n0a")));
        directory.apply(Change::Put(samples::plain(51, "A", "n1a")));
        directory.apply(Change::Gone { id: client(1), version: 2 });
        let page = directory.search(&Query { after: first.next, ..query }, &Scope::All, &[]);
        let names: Vec<_> = page.rows.iter().map(|(e, _)| e.last_name.as_str()).collect();
        assert_eq!((names, page.total), (vec!["n1a", "n2"], 7));
    }

    // decisions 5 and 27
    #[test]
    fn a_walk_in_therapist_sees_practice_clients_only_and_for_a_while() {
        let day = |day| jiff::civil::date(2026, 11, day);
        let seen = |n, ownership| Entry {
            ownership,
            seen_by: vec![(staff(8), day(30)), (staff(7), day(20))],
            ..samples::plain(n, "Maya", "Berg")
        };
        let directory = directory(&[
            Change::Put(seen(1, Ownership::Practice)),
            Change::Put(seen(2, Ownership::Direct)),
            Change::Put(Entry { assigned_staff: Some(staff(7)), ..samples::plain(3, "Maya", "Berg") }),
        ]);
        let scope = |day| Scope::Staff { of: vec![staff(7)], since: day };
        let page = directory.search(&Query::default(), &scope(day(20)), &[]);
        let ids: Vec<_> = page.rows.iter().map(|(entry, _)| entry.id).collect();
        assert_eq!((ids, page.total, page.counts.pending), (vec![client(1), client(3)], 2, 2));
        assert_eq!(directory.counts(&scope(day(21))).pending, 1);
        assert_eq!(directory.counts(&Scope::Staff { of: Vec::new(), since: day(1) }), StatusCounts::default());
    }

    // A5
    #[test]
    fn counts_tell_what_choosing_another_status_would_show() {
        let active = Entry { registered: true, ..samples::plain(1, "Maya", "Berg") };
        let inactive = Entry { suspended: true, ..samples::plain(2, "Maya", "Lind") };
        let directory =
            directory(&[Change::Put(active), Change::Put(inactive), Change::Put(samples::plain(3, "Ann", "Lee"))]);
        let query = Query { text: Some("maya".into()), status: Some(Status::Active), ..Query::default() };
        let page = directory.search(&query, &Scope::All, &[]);
        assert_eq!((page.total, page.counts), (1, StatusCounts { active: 1, pending: 0, inactive: 1 }));
    }
}
