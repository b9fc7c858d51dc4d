//! The catalog of a practice: its tags, and what lists show of its staff.

use std::collections::BTreeMap;

use super::ids::{PracticeId, StaffId, TagId};
use super::staff::Staff;
use super::text::{FullName, TagName, fold};

/// A label on clients.
// B7
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tag {
    /// Unique in the practice, ignoring case and accents.
    pub name: TagName,
    pub color: TagColor,
}

/// The colour of a tag, as `#rrggbb`.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(try_from = "String")]
pub struct TagColor(String);

/// Not of the form `#rrggbb`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("is not a color such as #2f6fde")]
pub struct InvalidColor;

impl TagColor {
    /// Reads `#rrggbb` in either case; kept in lower case.
    pub fn parse(text: &str) -> Result<Self, InvalidColor> {
        let digits = text.strip_prefix('#').filter(|rest| rest.len() == 6).ok_or(InvalidColor)?;
        if digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            Ok(Self(text.to_ascii_lowercase()))
        } else {
            Err(InvalidColor)
        }
    }

    /// What a new tag gets: the colours are taken in turn.
    fn nth(number: usize) -> Self {
        Self(COLORS.iter().cycle().nth(number % COLORS.len()).copied().unwrap_or_default().to_owned())
    }

    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for TagColor {
    type Error = InvalidColor;

    fn try_from(text: String) -> Result<Self, InvalidColor> {
        Self::parse(&text)
    }
}

/// What lists show of a staff member.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StaffCard {
    pub full_name: FullName,
    /// Whether it can be given clients.
    pub active: bool,
}

/// The tags and staff names of a practice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Catalog {
    pub practice: PracticeId,
    /// Grows by one with each change.
    pub version: u64,
    pub tags: BTreeMap<TagId, Tag>,
    pub staff: BTreeMap<StaffId, StaffCard>,
}

const COLORS: [&str; 8] = ["#2f6fde", "#1b9e77", "#d95f02", "#7570b3", "#e7298a", "#66a61e", "#a6761d", "#5f6b7a"];

impl Catalog {
    /// The most tags a practice can have.
    pub const MAX_TAGS: usize = 500;

    /// The catalog of a new practice.
    #[must_use]
    pub const fn new(practice: PracticeId) -> Self {
        Self { practice, version: 1, tags: BTreeMap::new(), staff: BTreeMap::new() }
    }

    /// Shows a staff member as it is now.
    pub fn show(&mut self, staff: &Staff) {
        let card = StaffCard { full_name: staff.full_name.clone(), active: staff.takes_clients() };
        self.staff.insert(staff.id, card);
    }

    /// The tag of this name, ignoring case and accents.
    #[must_use]
    pub fn tag_named(&self, name: &TagName) -> Option<TagId> {
        let wanted = fold(name.as_str());
        self.tags.iter().find(|(_, tag)| fold(tag.name.as_str()) == wanted).map(|(id, _)| *id)
    }

    /// The tag of this name, added with the next colour if there is none. `None` when there is no room for more.
    pub fn tag_or_new(&mut self, name: &TagName, id: TagId) -> Option<TagId> {
        if let Some(known) = self.tag_named(name) {
            return Some(known);
        }
        if self.tags.len() >= Self::MAX_TAGS {
            return None;
        }
        let color = TagColor::nth(self.tags.len());
        self.tags.insert(id, Tag { name: name.clone(), color });
        Some(id)
    }

    /// Tag names folded for search.
    #[must_use]
    pub fn folded_tags(&self) -> Vec<(TagId, String)> {
        self.tags.iter().map(|(id, tag)| (*id, fold(tag.name.as_str()))).collect()
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    // B7
    #[test]
    fn new_tags_take_the_colours_in_turn_until_there_is_no_room() {
        let mut catalog = Catalog::new(PracticeId::from_uuid(Uuid::nil()));
        for number in 0..Catalog::MAX_TAGS {
            let name = TagName::parse(&format!("tag {number}")).unwrap();
            let id = TagId::from_uuid(Uuid::from_u128(number as u128));
            assert_eq!(catalog.tag_or_new(&name, id), Some(id));
            assert_eq!(catalog.tags[&id].color.as_str(), COLORS[number % COLORS.len()]);
        }
        let one_more = TagId::from_uuid(Uuid::from_u128(9_999));
        assert_eq!(catalog.tag_or_new(&TagName::parse("one more").unwrap(), one_more), None);
        let known = TagId::from_uuid(Uuid::from_u128(7));
        assert_eq!(catalog.tag_or_new(&TagName::parse("TAG 7").unwrap(), one_more), Some(known));
    }

    // B7
    #[test]
    fn a_color_is_a_hash_and_six_hex_digits() {
        assert_eq!(TagColor::parse("#2F6FDE").unwrap().as_str(), "#2f6fde");
        for bad in ["", "#", "2f6fde", "#2f6fd", "#2f6fdeg", "#2f6fdg", "#ééé", "red"] {
            assert_eq!(TagColor::parse(bad), Err(InvalidColor), "{bad}");
        }
    }
}
