//! A client as a row describes it.

use std::collections::BTreeSet;
use std::fmt;

use jiff::civil::Date;

use super::target::Target;
use crate::domain::client::Address;
use crate::domain::email::EmailAddress;
use crate::domain::identity::{Identity, Parts};
use crate::domain::phone::Phone;
use crate::domain::text::{Detail, ExternalId, FamilyName, Passage, PersonName, TagName};

/// What a person should look at although the row is imported.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize, utoipa::ToSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum RowWarning {
    /// The birthday makes the client older than 120.
    AgeOver120,
    /// The importer's role does not include clinical fields; the row's have no effect.
    ClinicalNotAllowed,
    /// The date is one that some products write for none: 1 January 1900 is kept, one that no calendar has is not.
    DateFiller,
    /// The row held more addresses; the first good one is kept.
    EmailExtraDropped,
    /// Another client has the same address: a family, most often. Set by who knows the other clients.
    EmailShared,
    /// The client that the external id names is called otherwise; its name stays.
    NameKept,
    /// The row held more phones; the first good one is kept.
    PhoneExtraDropped,
    /// The phone had words beside it, which are not kept.
    PhoneRemarkDropped,
    /// No staff member who can be given clients has the name in the row, or two have it.
    StaffUnknown,
    /// The status is a word we do not know; the client is imported as pending.
    StatusUnknown,
    /// A label is longer than labels can be and is left out.
    TagTooLong,
    /// The practice has as many labels as it can have; the row's new ones are left out.
    TagsFull,
    /// The importer's role does not include making labels; the row's new ones are left out.
    TagsNotAllowed,
    /// A title or credentials stood with the name; they are left out.
    TitleLeftOut,
    /// A date says no year and is left out.
    YearMissing,
}

/// A client as a row describes it. `None` is a blank cell and changes nothing.
#[derive(Clone, PartialEq)]
pub struct ImportedClient {
    /// The physical line the row starts on.
    pub line: u64,
    /// The physical line it ends on.
    pub last_line: u64,
    pub first_name: PersonName,
    pub middle_name: Option<PersonName>,
    pub last_name: FamilyName,
    /// What the client goes by.
    pub preferred_name: Option<PersonName>,
    pub pronouns: Option<Detail>,
    /// E-mail address.
    pub email: Option<EmailAddress>,
    pub phone: Option<Phone>,
    pub date_of_birth: Option<Date>,
    pub gender: Option<Detail>,
    /// Sex as recorded.
    pub sex: Option<Detail>,
    /// Address; its parts may be missing one by one.
    pub address: Address,
    pub occupation: Option<Detail>,
    pub employer: Option<Detail>,
    pub employment_status: Option<Detail>,
    pub relationship_status: Option<Detail>,
    pub living_arrangement: Option<Detail>,
    /// Clinical diagnosis.
    pub diagnosis: Option<Passage>,
    pub symptoms: Option<Passage>,
    /// The id in the system the file comes from.
    pub external_id: Option<ExternalId>,
    /// Labels, each once.
    pub tags: Vec<TagName>,
    /// Ended in the other system: a new client of it is created suspended (C8).
    pub inactive: bool,
    /// Since when the person is a client; for a new client only (A2).
    pub join_date: Option<Date>,
    /// The responsible staff member as written; only a whole name is recognised.
    pub assigned_staff: Option<String>,
    /// Optional fields that the row asks to empty, under `update_all` only.
    pub clear: BTreeSet<Target>,
    /// What a person should look at.
    pub warnings: BTreeSet<RowWarning>,
}

impl fmt::Debug for ImportedClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ImportedClient {{ line: {} }}", self.line)
    }
}

impl ImportedClient {
    /// Leaves out its clinical fields, for an importer whose role does not include them (L12): as if the file had no such
    /// columns, but for a warning.
    pub fn leave_out_clinical(&mut self) {
        let told = [self.diagnosis.take(), self.symptoms.take()].iter().any(Option::is_some);
        let cleared = [Target::Diagnosis, Target::Symptoms].map(|target| self.clear.remove(&target)).contains(&true);
        if told || cleared {
            self.warnings.insert(RowWarning::ClinicalNotAllowed);
        }
    }

    /// Whether the row says more than a name that anybody could have.
    #[must_use]
    pub(super) const fn is_told_apart(&self) -> bool {
        self.email.is_some() || self.phone.is_some() || self.date_of_birth.is_some() || self.external_id.is_some()
    }

    /// By what the client is recognised (C6).
    #[must_use]
    pub fn identity(&self) -> Identity {
        Identity::of(&Parts {
            external_id: self.external_id.as_ref().map(ExternalId::as_str),
            email: self.email.as_ref().map(EmailAddress::as_str),
            first_name: self.first_name.as_str(),
            last_name: self.last_name.as_str(),
            date_of_birth: self.date_of_birth,
            phone: self.phone.as_ref().map(Phone::e164),
        })
    }
}
