//! Pages of a list: `limit` and an opaque `cursor`, bound to the list it came from (API-2).

use jiff::SignedDuration;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use utoipa::IntoParams;

use crate::app::App;
use crate::crypto::NoRandomness;
use crate::domain::ids::PracticeId;
use crate::refusal::Refusal;
use crate::store::Entity;

/// How long a cursor leads on (security TEN-5).
const CURSOR: SignedDuration = SignedDuration::from_mins(15);

/// The query of a list.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct PageQuery {
    /// At most this many items, 50 unless given.
    #[serde(default)]
    #[param(minimum = 1, maximum = 200)]
    limit: Option<u16>,
    /// `next_cursor` of the page before.
    #[serde(default)]
    cursor: Option<String>,
}

impl PageQuery {
    /// For a list whose query has more to it than a page.
    #[must_use]
    pub const fn new(limit: Option<u16>, cursor: Option<String>) -> Self {
        Self { limit, cursor }
    }
}

/// The page that was asked for; `P` says where in the list one is, a sort key for lists that the table keeps in order.
#[derive(Debug, Clone)]
pub struct Page<P = String> {
    /// At most this many.
    pub limit: usize,
    /// Behind this place; from the start without one.
    pub after: Option<P>,
    list: String,
    soonest_first: bool,
}

impl<P> Page<P> {
    /// The same page of a list that is read from its start.
    #[must_use]
    pub fn soonest_first(self, soonest_first: bool) -> Self {
        Self { soonest_first, ..self }
    }

    /// Whether the list is read from its start.
    #[must_use]
    pub const fn is_soonest_first(&self) -> bool {
        self.soonest_first
    }
}

/// Why there is no such page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PageRefusal {
    /// No page has that many items.
    Limit,
    /// Of another list, too old, or not ours at all.
    Cursor,
}

impl From<PageRefusal> for Refusal {
    fn from(refusal: PageRefusal) -> Self {
        let (code, detail) = match refusal {
            PageRefusal::Limit => ("invalid_parameter", "The query parameter limit must be from 1 to 200."),
            PageRefusal::Cursor => {
                ("cursor_invalid", "This cursor is too old or belongs to another list. Start from the first page.")
            }
        };
        Self::malformed(code, detail)
    }
}

impl App {
    /// Reads the query of a list. `list` names the list within the practice: a cursor of another one is refused.
    pub fn page(&self, practice: PracticeId, list: &str, query: &PageQuery) -> Result<Page, PageRefusal> {
        self.page_of(practice, list, query)
    }

    /// The same for a list with places of its own.
    pub fn page_of<P: DeserializeOwned>(
        &self,
        practice: PracticeId,
        list: &str,
        query: &PageQuery,
    ) -> Result<Page<P>, PageRefusal> {
        let limit = query.limit.unwrap_or(50);
        if !(1..=200).contains(&limit) {
            return Err(PageRefusal::Limit);
        }
        let list = format!("cursor {practice} {list}");
        let after = match &query.cursor {
            Some(cursor) => {
                let opened = self.keys.open(&list, cursor).ok_or(PageRefusal::Cursor)?;
                let (until, place): (i64, P) = serde_json::from_slice(&opened).map_err(|_| PageRefusal::Cursor)?;
                if self.now().as_second() >= until {
                    return Err(PageRefusal::Cursor);
                }
                Some(place)
            }
            None => None,
        };
        Ok(Page { limit: usize::from(limit), list, after, soonest_first: false })
    }

    /// The cursor after these items, if there are more.
    pub fn next_cursor<E: Entity>(&self, page: &Page, items: &[E], more: bool) -> Result<Option<String>, NoRandomness> {
        let last = items.last().filter(|_| more);
        last.map(|last| self.cursor(page, &last.key().sk().to_owned())).transpose()
    }

    /// The cursor behind a place; it leads on for a quarter of an hour.
    pub fn cursor<P: Serialize>(&self, page: &Page<P>, place: &P) -> Result<String, NoRandomness> {
        let until = (self.now() + CURSOR).as_second();
        let place = serde_json::to_vec(&(until, place)).unwrap_or_default();
        self.keys.seal(&page.list, &place)
    }
}
