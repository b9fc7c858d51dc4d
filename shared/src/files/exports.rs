//! Where the objects of an export stand.

use crate::domain::ids::{ClientId, ExportId, PracticeId};

/// The keys of one export's objects, from typed ids only.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ExportObjects {
    pub practice: PracticeId,
    pub export: ExportId,
}

impl ExportObjects {
    fn key(self, name: &str) -> String {
        let Self { practice, export } = self;
        format!("exports/{}/{}/{}/{name}", practice.key(), export.client().key(), export.key())
    }

    /// What the archive is to hold; its arrival starts the making.
    #[must_use]
    pub fn order(self) -> String {
        self.key("order.json")
    }

    /// The archive.
    #[must_use]
    pub fn archive(self) -> String {
        self.key("archive.zip")
    }

    /// Whose order stands at this key; none for any other object.
    #[must_use]
    pub fn of_order(key: &str) -> Option<Self> {
        let mut parts = key.split('/');
        let (Some("exports"), Some(practice), Some(client), Some(own), Some("order.json"), None) =
            (parts.next(), parts.next(), parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return None;
        };
        let export = ExportId::from_key(ClientId::from_key(client).ok()?, own).ok()?;
        Some(Self { practice: PracticeId::from_key(practice).ok()?, export })
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    // X5
    #[test]
    fn only_an_order_starts_an_export() {
        let [practice, client, own] = [1, 2, 3].map(Uuid::from_u128);
        let export = ExportId::new(ClientId::from_uuid(client), own);
        let objects = ExportObjects { practice: PracticeId::from_uuid(practice), export };
        assert_eq!(ExportObjects::of_order(&objects.order()), Some(objects));
        let order = objects.order();
        for key in [objects.archive(), format!("/{order}"), format!("{order}/"), order.replace("exports/", "imports/")]
        {
            assert_eq!(ExportObjects::of_order(&key), None, "{key}");
        }
    }
}
