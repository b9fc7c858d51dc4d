//! Which notices somebody gets, as they and those who look after them see and set it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::domain::notifications::{Notifications, QuietHours, Topic};
use crate::domain::session::PrincipalId;
use crate::refusal::Refusal;
use crate::web::{ETag, Patch};

/// Which notices somebody gets by mail, and when.
#[derive(Debug, Serialize, ToSchema)]
pub struct NotificationsView {
    /// By topic: whether it is on.
    pub topics: BTreeMap<Topic, bool>,
    /// When none is to come, by the clocks of the practice's zone.
    pub quiet_hours: Option<QuietHours>,
    pub etag: ETag,
}

/// The topics that there are for somebody.
fn topics(of: PrincipalId) -> impl Iterator<Item = Topic> {
    let is_for = if of.is_staff() { Topic::is_for_staff } else { Topic::is_for_clients };
    Topic::ALL.into_iter().filter(move |topic| is_for(*topic))
}

impl NotificationsView {
    /// As set by this principal, in this version of its record.
    #[must_use]
    pub fn new(settings: &Notifications, of: PrincipalId, version: u64) -> Self {
        Self {
            topics: topics(of).map(|topic| (topic, settings.wants(topic))).collect(),
            quiet_hours: settings.quiet,
            etag: ETag::new(version),
        }
    }
}

/// A merge patch of somebody's own notices.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PatchNotifications {
    /// By topic; what is not named stays as it is, null turns it on again. `caseload` is for staff, `reminders` for clients.
    #[serde(default)]
    topics: BTreeMap<Topic, Option<bool>>,
    /// Null: notices come at any time.
    #[serde(default)]
    quiet_hours: Patch<QuietHours>,
}

/// What a client can be told of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ClientTopic {
    Notes,
    Tasks,
    Messages,
    Files,
    Appointments,
    Reminders,
}

impl From<ClientTopic> for Topic {
    fn from(topic: ClientTopic) -> Self {
        match topic {
            ClientTopic::Notes => Self::Notes,
            ClientTopic::Tasks => Self::Tasks,
            ClientTopic::Messages => Self::Messages,
            ClientTopic::Files => Self::Files,
            ClientTopic::Appointments => Self::Appointments,
            ClientTopic::Reminders => Self::Reminders,
        }
    }
}

/// A merge patch of a client's notices.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PatchClientNotifications {
    /// By topic; what is not named stays as it is, null turns it on again.
    #[serde(default)]
    topics: BTreeMap<ClientTopic, Option<bool>>,
    /// Null: notices come at any time.
    #[serde(default)]
    quiet_hours: Patch<QuietHours>,
}

impl From<PatchClientNotifications> for PatchNotifications {
    fn from(patch: PatchClientNotifications) -> Self {
        let PatchClientNotifications { topics, quiet_hours } = patch;
        Self { topics: topics.into_iter().map(|(topic, on)| (topic.into(), on)).collect(), quiet_hours }
    }
}

impl PatchNotifications {
    /// Sets what it names; refuses what is not for this principal.
    pub fn apply(self, settings: &mut Notifications, of: PrincipalId) -> Result<Vec<&'static str>, Refusal> {
        let Self { topics: named, quiet_hours } = self;
        if let Some(foreign) = named.keys().find(|topic| topics(of).all(|known| known != **topic)) {
            let pointer = format!("/topics/{}", foreign.name());
            let (code, detail) = match of.is_staff() {
                true => ("not_for_staff", "is a topic of clients"),
                false => ("not_for_clients", "is a topic of staff"),
            };
            return Err(Refusal::invalid(pointer, code, detail));
        }
        let mut fields = Vec::new();
        if !named.is_empty() {
            fields.push("notifications.topics");
        }
        for (topic, on) in named {
            settings.set(topic, on.unwrap_or(true));
        }
        if let Patch::Set(hours) = &quiet_hours {
            hours.check().map_err(|bad| Refusal::invalid("/quiet_hours/to", "quiet_hours_endless", bad))?;
        }
        if quiet_hours.apply(&mut settings.quiet) {
            fields.push("notifications.quiet_hours");
        }
        Ok(fields)
    }
}
