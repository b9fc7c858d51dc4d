//! What a client is created from and changed by.

use std::collections::BTreeSet;

use caseload::domain::client::{Address, Profile};
use caseload::domain::date::check_birthday;
use caseload::domain::email::EmailAddress;
use caseload::domain::ids::{PacketId, TagId};
use caseload::domain::phone::{Phone, Region};
use caseload::domain::text::{Detail, ExternalId, FamilyName, InvitationMessage, Passage, PersonName};
use caseload::refusal::{BadField, Refusal, Stop};
use jiff::civil::Date;
use serde::Deserialize;
use utoipa::ToSchema;

/// A phone number as a person types it.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PhoneBody {
    number: String,
    /// The country it was typed for; the practice's default region without it.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    country: Option<Region>,
}

impl PhoneBody {
    pub(crate) fn parse(&self, default: Option<Region>) -> Result<Phone, BadField> {
        Phone::parse(&self.number, self.country.or(default)).map_err(|e| BadField::new("/phone", e.code(), e))
    }
}

// D2
/// Invite the new client in the same step.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct InviteBody {
    /// Whether the client agreed to mail at the address.
    #[serde(default)]
    pub consent: bool,
    #[serde(default)]
    pub message: Option<InvitationMessage>,
    /// Another address than the contact address.
    #[serde(default)]
    pub email: Option<EmailAddress>,
    // S4
    /// Packets of forms to be filled in, which wait in the portal.
    #[serde(default)]
    #[schema(max_items = 5)]
    pub packet_ids: Vec<PacketId>,
}

// decision 3
/// A new client. Only the names are required.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct CreateClient {
    pub first_name: PersonName,
    pub last_name: FamilyName,
    #[serde(default)]
    pub middle_name: Option<PersonName>,
    #[serde(default)]
    pub preferred_name: Option<PersonName>,
    #[serde(default)]
    pub pronouns: Option<Detail>,
    #[serde(default)]
    pub email: Option<EmailAddress>,
    #[serde(default)]
    pub phone: Option<PhoneBody>,
    #[serde(default)]
    pub date_of_birth: Option<Date>,
    #[serde(default)]
    pub gender: Option<Detail>,
    #[serde(default)]
    pub sex: Option<Detail>,
    #[serde(default)]
    pub address: Option<AddressBody>,
    #[serde(default)]
    pub occupation: Option<Detail>,
    #[serde(default)]
    pub employer: Option<Detail>,
    #[serde(default)]
    pub employment_status: Option<Detail>,
    #[serde(default)]
    pub relationship_status: Option<Detail>,
    #[serde(default)]
    pub living_arrangement: Option<Detail>,
    #[serde(default)]
    pub diagnosis: Option<Passage>,
    #[serde(default)]
    pub symptoms: Option<Passage>,
    #[serde(default)]
    pub external_id: Option<ExternalId>,
    /// Names or ids; a name without a tag makes one, for roles that may make tags.
    #[serde(default)]
    pub tags: Vec<String>,
    #[serde(default)]
    pub invite: Option<InviteBody>,
    /// Create although the same person seems to be here already.
    #[serde(default)]
    pub force: bool,
}

/// Where a client lives. Every part is optional.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct AddressBody {
    /// Street, house, flat; may have several lines.
    #[serde(default)]
    street: Option<Passage>,
    /// City or town.
    #[serde(default)]
    city: Option<Detail>,
    /// State, province or county.
    #[serde(default)]
    region: Option<Detail>,
    /// Postal or zip code.
    #[serde(default)]
    postal_code: Option<Detail>,
    /// Country, as written.
    #[serde(default)]
    country: Option<Detail>,
}

impl From<AddressBody> for Address {
    fn from(body: AddressBody) -> Self {
        let AddressBody { street, city, region, postal_code, country } = body;
        Self { street, city, region, postal_code, country }
    }
}

impl CreateClient {
    /// The packets that go out with the invitation.
    pub(crate) fn packet_ids(&self) -> &[PacketId] {
        self.invite.as_ref().map_or(&[], |invite| &invite.packet_ids)
    }

    /// The profile, without tags.
    pub(crate) fn profile(&self, default: Option<Region>, today: Date) -> Result<Profile, Stop> {
        let body = self.clone();
        let mut problems = Vec::new();
        let phone = body.phone.map(|phone| phone.parse(default)).transpose().unwrap_or_else(|problem| {
            problems.push(problem);
            None
        });
        problems.extend(born(body.date_of_birth, today));
        if !problems.is_empty() {
            return Err(Refusal::fields(problems).into());
        }
        Ok(Profile {
            first_name: body.first_name,
            middle_name: body.middle_name,
            last_name: body.last_name,
            preferred_name: body.preferred_name,
            pronouns: body.pronouns,
            email: body.email,
            phone,
            date_of_birth: body.date_of_birth,
            gender: body.gender,
            sex: body.sex,
            address: body.address.map(Address::from).unwrap_or_default(),
            occupation: body.occupation,
            employer: body.employer,
            employment_status: body.employment_status,
            relationship_status: body.relationship_status,
            living_arrangement: body.living_arrangement,
            diagnosis: body.diagnosis,
            symptoms: body.symptoms,
            external_id: body.external_id,
            tags: BTreeSet::<TagId>::new(),
        })
    }
}

/// A birthday lies in the past (b.3).
pub(crate) fn born(date: Option<Date>, today: Date) -> Option<BadField> {
    let bad = check_birthday(date?, today).err()?;
    Some(BadField::new("/date_of_birth", bad.code(), bad))
}
