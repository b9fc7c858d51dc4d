//! A client as a file that the importer takes back (X5, IMP-4).

use super::escape::escaped;
use super::target::Target;
use crate::domain::client::{Address, Client, Profile, Status};
use crate::domain::text::{Detail, Passage, PersonName};

/// What stands beside the profile.
#[derive(Clone, Copy)]
pub struct Beside<'a> {
    /// The names of the client's labels.
    pub tags: &'a [String],
    /// The name of its therapist.
    pub therapist: Option<&'a str>,
    /// Whether the reader sees diagnosis and symptoms.
    pub clinical: bool,
}

crate::domain::prints_its_name!(Beside<'_>);

/// A header and one line: UTF-8, commas, a column for each target of the importer. Cells that a spreadsheet would
/// calculate get an apostrophe, which the importer takes off again.
#[must_use]
pub fn client_csv(client: &Client, beside: Beside<'_>) -> String {
    let mut writer = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(Vec::new());
    let (header, cells): (Vec<_>, Vec<_>) = columns(client, beside).into_iter().unzip();
    // Writing to memory cannot fail.
    let _ = writer.write_record(header.into_iter().map(Target::name));
    let _ = writer.write_record(cells.iter().map(|cell| escaped(cell)));
    String::from_utf8(writer.into_inner().unwrap_or_default()).unwrap_or_default()
}

fn columns(client: &Client, Beside { tags, therapist, clinical }: Beside<'_>) -> Vec<(Target, String)> {
    let name = |name: &Option<PersonName>| name.as_ref().map(|name| name.as_str().to_owned());
    let detail = |detail: &Option<Detail>| detail.as_ref().map(|detail| detail.as_str().to_owned());
    let passage = |text: &Option<Passage>| text.as_ref().map(|text| text.as_str().to_owned());
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
        address: Address { street, city, region, postal_code, country },
        occupation,
        employer,
        employment_status,
        relationship_status,
        living_arrangement,
        diagnosis,
        symptoms,
        external_id,
        tags: _,
    } = &client.profile;
    let status = if client.status() == Status::Inactive { "inactive" } else { "active" };
    let mut columns = vec![
        (Target::FirstName, Some(first_name.as_str().to_owned())),
        (Target::MiddleName, name(middle_name)),
        (Target::LastName, Some(last_name.as_str().to_owned())),
        (Target::PreferredName, name(preferred_name)),
        (Target::Pronouns, detail(pronouns)),
        (Target::Email, email.as_ref().map(|email| email.as_str().to_owned())),
        (Target::Phone, phone.as_ref().map(|phone| phone.e164().to_owned())),
        (Target::DateOfBirth, date_of_birth.map(|day| day.to_string())),
        (Target::Gender, detail(gender)),
        (Target::Sex, detail(sex)),
        (Target::Street, passage(street)),
        (Target::City, detail(city)),
        (Target::Region, detail(region)),
        (Target::PostalCode, detail(postal_code)),
        (Target::Country, detail(country)),
        (Target::Occupation, detail(occupation)),
        (Target::Employer, detail(employer)),
        (Target::EmploymentStatus, detail(employment_status)),
        (Target::RelationshipStatus, detail(relationship_status)),
        (Target::LivingArrangement, detail(living_arrangement)),
        (Target::Tags, Some(tags.join("; "))),
        (Target::Status, Some(status.to_owned())),
        (Target::AssignedStaff, therapist.map(str::to_owned)),
        (Target::JoinDate, Some(client.join_date.to_string())),
        (Target::ExternalId, external_id.as_ref().map(|id| id.as_str().to_owned())),
    ];
    if clinical {
        columns.extend([(Target::Diagnosis, passage(diagnosis)), (Target::Symptoms, passage(symptoms))]);
    }
    columns.into_iter().map(|(target, cell)| (target, cell.unwrap_or_default())).collect()
}
