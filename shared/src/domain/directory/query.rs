//! What is asked of the list, and what comes back.

use std::fmt;

use jiff::civil::Date;

use super::entry::Entry;
use crate::domain::client::Status;
use crate::domain::ids::{ClientId, StaffId, TagId};
use crate::domain::portal::Access;

/// Which therapist a client must have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StaffFilter {
    Unassigned,
    /// This one.
    Is(StaffId),
}

/// The order of the list. A `-` turns the whole order round, ties included.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize, utoipa::ToSchema)]
pub enum Sort {
    /// Last name, first name, both folded, then id.
    #[default]
    #[serde(rename = "name")]
    Name,
    /// The same backwards.
    #[serde(rename = "-name")]
    NameDescending,
    /// Join date, then id; ids are time-ordered.
    #[serde(rename = "join_date")]
    JoinDate,
    /// The newest first.
    #[serde(rename = "-join_date")]
    JoinDateDescending,
}

impl Sort {
    pub(super) const fn by_name(self) -> bool {
        matches!(self, Self::Name | Self::NameDescending)
    }

    pub(super) const fn descending(self) -> bool {
        matches!(self, Self::NameDescending | Self::JoinDateDescending)
    }
}

/// The sort key and id of the last row of a page: the next page starts after it, whatever came or went in between (A1).
///
/// It holds a name when the list is sorted by name: a cursor made of it must be sealed. `Debug` prints the id only.
#[derive(Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Position {
    pub(super) key: PositionKey,
    pub(super) id: ClientId,
}

#[derive(Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum PositionKey {
    /// Folded last and first name.
    Name(String, String),
    JoinDate(Date),
}

impl Position {
    /// Whether the position belongs to a list sorted like this; one that does not is ignored by a search.
    #[must_use]
    pub const fn fits(&self, sort: Sort) -> bool {
        matches!(self.key, PositionKey::Name(..)) == sort.by_name()
    }
}

impl fmt::Debug for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Position").field("id", &self.id).finish_non_exhaustive()
    }
}

/// A list or search request (A1, A4, A5). `Debug` leaves the text out.
#[derive(Clone)]
pub struct Query {
    /// What was typed; blank or none finds everybody.
    pub text: Option<String>,
    /// Only clients with this status.
    pub status: Option<Status>,
    /// Only clients with at least one of these tags; empty for no such filter.
    pub tags_any: Vec<TagId>,
    /// Only clients of this therapist, or of none.
    pub staff: Option<StaffFilter>,
    /// Only clients with this portal access.
    pub portal: Option<Access>,
    pub sort: Sort,
    /// The most rows to give back; with 0 there are only the totals.
    pub limit: usize,
    /// Where the page before ended.
    pub after: Option<Position>,
}

impl Default for Query {
    /// The first fifty of everybody, by name.
    fn default() -> Self {
        Self {
            text: None,
            status: None,
            tags_any: Vec::new(),
            staff: None,
            portal: None,
            sort: Sort::Name,
            limit: 50,
            after: None,
        }
    }
}

impl fmt::Debug for Query {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Query")
            .field("text", &self.text.is_some())
            .field("status", &self.status)
            .field("tags_any", &self.tags_any)
            .field("staff", &self.staff)
            .field("portal", &self.portal)
            .field("sort", &self.sort)
            .field("limit", &self.limit)
            .field("after", &self.after)
            .finish()
    }
}

/// Whom the caller may see (decision 5); everybody else is neither listed nor counted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Scope {
    /// The whole practice.
    All,
    /// Clients assigned to one of these, and practice clients of whom one of these is a walk-in.
    Staff {
        of: Vec<StaffId>,
        /// The last session that makes a walk-in ended on this UTC day or later, or is still to come (decision 27).
        since: Date,
    },
}

// A4
/// Why a row was found.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize, utoipa::ToSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Matched {
    FirstName,
    LastName,
    PreferredName,
    /// In the contact address.
    Email,
    /// In the phone's digits.
    Phone,
    /// In the name of a tag.
    Tag,
}

// A1
/// How many clients have each status.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize, utoipa::ToSchema)]
pub struct StatusCounts {
    pub active: usize,
    pub pending: usize,
    pub inactive: usize,
}

/// One page of the list.
#[derive(Debug, Clone)]
pub struct Page {
    /// The rows in order, each with the fields the text was found in.
    pub rows: Vec<(Entry, Vec<Matched>)>,
    /// How many clients in scope match the whole query.
    pub total: usize,
    /// How many in scope match the query without its status filter, by status.
    pub counts: StatusCounts,
    /// Where the next page starts; none after the last row.
    pub next: Option<Position>,
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    // A1
    #[test]
    fn sorts_and_positions_have_stable_names() {
        let names: Vec<String> = [Sort::Name, Sort::NameDescending, Sort::JoinDate, Sort::JoinDateDescending]
            .iter()
            .map(|sort| serde_json::to_string(sort).expect("a name"))
            .collect();
        assert_eq!(names, [r#""name""#, r#""-name""#, r#""join_date""#, r#""-join_date""#]);
        let id = ClientId::from_uuid(Uuid::from_u128(7));
        let position = Position { key: PositionKey::Name("angstrom".into(), "maya".into()), id };
        let text = serde_json::to_string(&position).expect("a position");
        assert_eq!(serde_json::from_str::<Position>(&text).expect("a position"), position);
        assert!(position.fits(Sort::NameDescending) && !position.fits(Sort::JoinDate));
    }

    // A4
    #[test]
    fn hits_are_named_as_the_api_names_fields() {
        let all = [
            Matched::FirstName,
            Matched::LastName,
            Matched::PreferredName,
            Matched::Email,
            Matched::Phone,
            Matched::Tag,
        ];
        let names = serde_json::to_value(all).expect("names");
        assert_eq!(names, serde_json::json!(["first_name", "last_name", "preferred_name", "email", "phone", "tag"]));
    }

    #[test]
    fn debug_prints_nothing_typed() {
        let query = Query { text: Some("maya".into()), ..Query::default() };
        assert!(!format!("{query:?}").contains("maya"));
        let id = ClientId::from_uuid(Uuid::from_u128(7));
        let position = Position { key: PositionKey::Name("angstrom".into(), "maya".into()), id };
        assert!(!format!("{position:?}").contains("maya"));
    }
}
