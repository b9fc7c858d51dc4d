use serde::Serialize;
use utoipa::ToSchema;

use crate::access::permission_blocks;
use crate::domain::client::Client;
use crate::domain::practice::{Permission, PortalFeature, Practice};

// d-40
/// How a part of the portal appears.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct MenuEntryView {
    feature: PortalFeature,
    /// The word for it, unless it is the usual one.
    label: Option<String>,
    /// Its place in the menu: the lowest first.
    order: u8,
    /// A sentence above it.
    intro: Option<String>,
}

impl MenuEntryView {
    /// As the practice has set it.
    fn new(feature: PortalFeature, practice: &Practice) -> Self {
        let set = practice.portal.features.get(&feature);
        Self {
            feature,
            label: set.and_then(|set| set.label.as_ref()).map(|label| label.as_str().to_owned()),
            order: set.map_or(0, |set| set.order),
            intro: set.and_then(|set| set.intro.as_ref()).map(|intro| intro.as_str().to_owned()),
        }
    }

    /// What is open to a client now, in the order of the menu.
    #[must_use]
    pub fn open_to(client: &Client, practice: &Practice) -> Vec<Self> {
        Self::all(practice, |feature| match feature {
            PortalFeature::Messages => permission_blocks(client, practice, Permission::SecureMessaging).is_empty(),
            PortalFeature::Notes | PortalFeature::Tasks | PortalFeature::Files => practice.portal.has(feature),
        })
    }

    /// Which part it is.
    #[must_use]
    pub const fn feature(&self) -> PortalFeature {
        self.feature
    }

    /// The parts that are open, in the order of the menu.
    #[must_use]
    pub fn all(practice: &Practice, is_open: impl Fn(PortalFeature) -> bool) -> Vec<Self> {
        let open = PortalFeature::ALL.into_iter().filter(|feature| is_open(*feature));
        let mut menu: Vec<Self> = open.map(|feature| Self::new(feature, practice)).collect();
        menu.sort_by_key(|entry| (entry.order, entry.feature));
        menu
    }
}
