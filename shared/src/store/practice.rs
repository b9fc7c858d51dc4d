//! The practice's item.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::item::{Corrupt, Entity};
use super::keys::{self, Key};
use crate::domain::ids::PracticeId;
use crate::domain::money::Currency;
use crate::domain::phone::Region;
use crate::domain::practice::{
    FeatureSettings, InvitationSettings, Permissions, PortalFeature, PortalSettings, Practice, Slug, Zone,
};
use crate::domain::text::{Passage, PracticeName};

/// The item's attributes.
#[derive(Debug, Serialize, Deserialize)]
pub struct Row {
    pid: String,
    name: PracticeName,
    slug: Slug,
    time_zone: Zone,
    currency: Currency,
    #[serde(skip_serializing_if = "Option::is_none")]
    default_region: Option<Region>,
    created_at: Timestamp,
    portal_on: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    greeting: Option<Passage>,
    self_registration: bool,
    email_confirmation: bool,
    features: BTreeMap<PortalFeature, FeatureSettings>,
    permissions: Permissions,
    online_payments: bool,
    invitations: InvitationSettings,
}

impl Entity for Practice {
    const NAME: &'static str = "practice";
    const SCHEMA: u32 = 1;
    type Row = Row;

    fn key(&self) -> Key {
        keys::practice(self.id)
    }
    fn practice(&self) -> Option<PracticeId> {
        Some(self.id)
    }
    fn version(&self) -> u64 {
        self.version
    }
    fn to_row(&self) -> Row {
        let Self {
            id,
            version: _,
            name,
            slug,
            time_zone,
            currency,
            default_region,
            created_at,
            portal,
            online_payments,
            invitations,
        } = self.clone();
        let PortalSettings { on, greeting, self_registration, email_confirmation, features, permissions } = portal;
        Row {
            pid: id.key(),
            name,
            slug,
            time_zone,
            currency,
            default_region,
            created_at,
            portal_on: on,
            greeting,
            self_registration,
            email_confirmation,
            features,
            permissions,
            online_payments,
            invitations,
        }
    }
    fn from_row(row: Row, version: u64) -> Result<Self, Corrupt> {
        let Row {
            pid,
            name,
            slug,
            time_zone,
            currency,
            default_region,
            created_at,
            portal_on,
            greeting,
            self_registration,
            email_confirmation,
            features,
            permissions,
            online_payments,
            invitations,
        } = row;
        Ok(Self {
            id: PracticeId::from_key(&pid).map_err(|_| Corrupt(Self::NAME))?,
            version,
            name,
            slug,
            time_zone,
            currency,
            default_region,
            created_at,
            portal: PortalSettings {
                on: portal_on,
                greeting,
                self_registration,
                email_confirmation,
                features,
                permissions,
            },
            online_payments,
            invitations,
        })
    }
}
