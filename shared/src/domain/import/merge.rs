//! A row applied to a client's profile (C6): blank cells leave values as they are.

use std::collections::BTreeSet;

use super::plan::Duplicates;
use super::row::ImportedClient;
use super::target::Target;
use crate::domain::client::{Address, Profile};
use crate::domain::email::EmailAddress;
use crate::domain::ids::TagId;

/// How a row updates a client that exists.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Update {
    /// Only what the client has no value for.
    Blanks,
    /// Everything the row has a value for but the name; a set of labels as a whole. `__CLEAR__` empties.
    All,
}

impl Duplicates {
    /// How existing clients are updated, if they are.
    #[must_use]
    pub const fn update(self) -> Option<Update> {
        match self {
            Self::UpdateBlanks => Some(Update::Blanks),
            Self::UpdateAll => Some(Update::All),
            Self::Skip | Self::Create => None,
        }
    }
}

/// The profile of a new client. `tags` are the ids of the row's labels.
#[must_use]
pub fn profile(row: &ImportedClient, tags: &BTreeSet<TagId>) -> Profile {
    let row = row.clone();
    Profile {
        first_name: row.first_name,
        middle_name: row.middle_name,
        last_name: row.last_name,
        preferred_name: row.preferred_name,
        pronouns: row.pronouns,
        email: row.email,
        phone: row.phone,
        date_of_birth: row.date_of_birth,
        gender: row.gender,
        sex: row.sex,
        address: row.address,
        occupation: row.occupation,
        employer: row.employer,
        employment_status: row.employment_status,
        relationship_status: row.relationship_status,
        living_arrangement: row.living_arrangement,
        diagnosis: row.diagnosis,
        symptoms: row.symptoms,
        external_id: row.external_id,
        tags: tags.clone(),
    }
}

/// The profile after the row, or `None` where the row changes nothing. `tags` are the ids of the row's labels.
#[must_use]
pub fn merge(existing: &Profile, row: &ImportedClient, tags: &BTreeSet<TagId>, update: Update) -> Option<Profile> {
    // Taken apart by name, so that a new field of the profile cannot be forgotten here.
    let Profile {
        first_name,
        middle_name,
        last_name,
        preferred_name,
        pronouns,
        email,
        phone,
        date_of_birth,
        gender,
        sex,
        address,
        occupation,
        employer,
        employment_status,
        relationship_status,
        living_arrangement,
        diagnosis,
        symptoms,
        external_id,
        tags: labels,
    } = existing;
    let rule = Rule { update, clear: &row.clear };
    let Address { street, city, region, postal_code, country } = address;
    let merged = Profile {
        // Nobody is renamed by a list: who is called otherwise may be somebody else.
        first_name: first_name.clone(),
        middle_name: rule.apply(Target::MiddleName, middle_name, &row.middle_name),
        last_name: last_name.clone(),
        preferred_name: rule.apply(Target::PreferredName, preferred_name, &row.preferred_name),
        pronouns: rule.apply(Target::Pronouns, pronouns, &row.pronouns),
        email: rule.apply(Target::Email, email, &other_mailbox(email.as_ref(), row.email.as_ref())),
        phone: rule.apply(Target::Phone, phone, &row.phone),
        date_of_birth: rule.apply(Target::DateOfBirth, date_of_birth, &row.date_of_birth),
        gender: rule.apply(Target::Gender, gender, &row.gender),
        sex: rule.apply(Target::Sex, sex, &row.sex),
        address: Address {
            street: rule.apply(Target::Street, street, &row.address.street),
            city: rule.apply(Target::City, city, &row.address.city),
            region: rule.apply(Target::Region, region, &row.address.region),
            postal_code: rule.apply(Target::PostalCode, postal_code, &row.address.postal_code),
            country: rule.apply(Target::Country, country, &row.address.country),
        },
        occupation: rule.apply(Target::Occupation, occupation, &row.occupation),
        employer: rule.apply(Target::Employer, employer, &row.employer),
        employment_status: rule.apply(Target::EmploymentStatus, employment_status, &row.employment_status),
        relationship_status: rule.apply(Target::RelationshipStatus, relationship_status, &row.relationship_status),
        living_arrangement: rule.apply(Target::LivingArrangement, living_arrangement, &row.living_arrangement),
        diagnosis: rule.apply(Target::Diagnosis, diagnosis, &row.diagnosis),
        symptoms: rule.apply(Target::Symptoms, symptoms, &row.symptoms),
        external_id: rule.apply(Target::ExternalId, external_id, &row.external_id),
        tags: {
            let filled = |labels: &BTreeSet<TagId>| Some(labels.clone()).filter(|labels| !labels.is_empty());
            rule.apply(Target::Tags, &filled(labels), &filled(tags)).unwrap_or_default()
        },
    };
    (merged != *existing).then_some(merged)
}

/// True where every cell the row fills in is stored already: the row is `unchanged` under any policy (C10).
#[must_use]
pub fn is_stored(existing: &Profile, row: &ImportedClient, tags: &BTreeSet<TagId>) -> bool {
    let mut row = row.clone();
    row.clear.clear();
    merge(existing, &row, tags, Update::All).is_none()
}

struct Rule<'a> {
    update: Update,
    clear: &'a BTreeSet<Target>,
}

impl Rule<'_> {
    fn apply<T: Clone>(&self, target: Target, stored: &Option<T>, cell: &Option<T>) -> Option<T> {
        match self.update {
            Update::Blanks => stored.clone().or_else(|| cell.clone()),
            Update::All if cell.is_none() && self.clear.contains(&target) => None,
            Update::All => cell.clone().or_else(|| stored.clone()),
        }
    }
}

/// The row's address unless it is the stored mailbox in another case: that is no change worth a new sign-in address.
fn other_mailbox(stored: Option<&EmailAddress>, cell: Option<&EmailAddress>) -> Option<EmailAddress> {
    cell.filter(|cell| stored.is_none_or(|stored| stored.folded() != cell.folded())).cloned()
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::super::samples;
    use super::*;

    fn tags(ids: &[u128]) -> BTreeSet<TagId> {
        ids.iter().map(|id| TagId::from_uuid(Uuid::from_u128(*id))).collect()
    }

    fn row(csv: &str) -> ImportedClient {
        samples::clients(csv.as_bytes()).remove(0)
    }

    // C6: blank = unchanged; b.3: `__CLEAR__`
    #[test]
    fn a_row_updates_as_far_as_the_policy_allows() {
        let stored = profile(&row("first,last,email,city,gender\nAda,Lovelace,Ada@b.example,London,\n"), &tags(&[1]));
        let newer = row("first,last,email,city,gender,occupation\nAda,King,ada@b.example,,female,__CLEAR__\n");
        let blanks = merge(&stored, &newer, &tags(&[2]), Update::Blanks).expect("a change");
        assert_eq!(
            (blanks.last_name.as_str(), blanks.gender.as_ref().map(|g| g.as_str()), &blanks.tags),
            ("Lovelace", Some("female"), &tags(&[1]))
        );
        let all = merge(&stored, &newer, &tags(&[2]), Update::All).expect("a change");
        assert_eq!(
            (all.last_name.as_str(), &all.tags, &all.address, &all.email),
            ("Lovelace", &tags(&[2]), &stored.address, &stored.email)
        );
        let clearing = row("first,last,city,tags\nAda,Lovelace,__CLEAR__,__CLEAR__\n");
        assert_eq!(merge(&stored, &clearing, &tags(&[]), Update::Blanks), None);
        let cleared = merge(&stored, &clearing, &tags(&[]), Update::All).expect("a change");
        assert!(cleared.address.city.is_none() && cleared.tags.is_empty());
        assert!(is_stored(&stored, &clearing, &tags(&[])));
    }

    // C10: the same file again changes nothing
    #[test]
    fn the_same_row_again_is_unchanged() {
        for row in [samples::JANE, samples::SIMPLE_PRACTICE, samples::TROUBLE].into_iter().flat_map(samples::clients) {
            let stored = profile(&row, &tags(&[1]));
            assert!(is_stored(&stored, &row, &tags(&[1])) && is_stored(&stored, &row, &tags(&[])));
            assert_eq!(merge(&stored, &row, &tags(&[1]), Update::Blanks), None);
            assert!(!is_stored(&stored, &row, &tags(&[2])));
        }
    }
}
