//! What a column can be imported as, and the header names that say so (C2, b.2).

use crate::domain::text::fold;

macro_rules! targets {
    ($($(#[$doc:meta])* $name:ident = $text:literal [$($alias:literal)*];)*) => {
        /// What a column is imported as.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize, utoipa::ToSchema)]
        #[serde(rename_all = "snake_case")]
        pub enum Target {
            $($(#[$doc])* $name,)*
        }

        impl Target {
            /// The name it has in the API.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$name => $text,)*
                }
            }
        }

        /// Header names, normalised, as exports of other products write them.
        const ALIASES: &[(Target, &[&str])] = &[$((Target::$name, &[$($alias),*]),)*];
    };
}

targets! {
    FirstName = "first_name" ["firstname" "first" "fname" "givenname" "forename" "legalfirstname" "clientfirstname" "patientfirstname" "clientfirst"];
    MiddleName = "middle_name" ["middlename" "middle" "middleinitial" "mi"];
    LastName = "last_name" ["lastname" "last" "lname" "surname" "familyname" "legallastname" "clientlastname" "patientlastname"];
    /// First and last name in one cell.
    FullName = "full_name" ["fullname" "client" "clientname" "name" "patientname" "patient"];
    /// What the client goes by.
    PreferredName = "preferred_name" ["preferredname" "preferredfirstname" "nickname" "goesby" "whatnamedotheygoby"];
    Pronouns = "pronouns" ["pronouns" "pronoun"];
    /// E-mail address.
    Email = "email" ["email" "emailaddress" "mail" "clientemail" "patientemail" "primaryemail" "loginemail"];
    /// Phone; several columns may bear it.
    Phone = "phone" ["phone" "phonenumber" "telephone" "telephonenumber" "tel" "mobile" "mobilephone" "mobilenumber" "cell" "cellphone" "homephone" "workphone" "primaryphone" "clientphone" "patientphone"];
    /// The country the phone was written for.
    PhoneCountry = "phone_country" ["phonecountry" "countrycode" "phonecountrycode" "isdcode" "dialcode"];
    DateOfBirth = "date_of_birth" ["dateofbirth" "dob" "birthdate" "birthday" "birth" "patientdob" "patientbirthdate" "clientdob"];
    /// Gender, kept apart from sex.
    Gender = "gender" ["gender" "identifyinggender" "genderidentity"];
    /// Sex as recorded.
    Sex = "sex" ["sex" "patientsex"];
    /// First part of the street address.
    #[serde(alias = "address")]
    Street = "street" ["street" "address" "streetaddress" "streetaddress1" "address1" "addressline1" "homeaddress"];
    /// Second part of the street address.
    Street2 = "street2" ["street2" "streetaddress2" "address2" "addressline2"];
    City = "city" ["city" "suburb" "town"];
    /// State, province or county.
    Region = "region" ["region" "state" "province" "county"];
    PostalCode = "postal_code" ["postalcode" "postal" "postcode" "zip" "zipcode"];
    /// Country of the address.
    Country = "country" ["country"];
    Occupation = "occupation" ["occupation" "job"];
    Employer = "employer" ["employer"];
    EmploymentStatus = "employment_status" ["employmentstatus"];
    RelationshipStatus = "relationship_status" ["relationshipstatus" "maritalstatus"];
    LivingArrangement = "living_arrangement" ["livingarrangement"];
    /// Labels, several in a cell or in several columns.
    Tags = "tags" ["tags" "tag" "labels" "label" "groups"];
    /// Active or inactive.
    Status = "status" ["status" "clientstatus" "patientstatus" "activeinactive" "active"];
    /// A date that makes the client inactive by being there.
    EndedAt = "ended_at" ["endedat" "dischargedat" "archivedat" "deceasedat"];
    /// The responsible staff member, by the whole name.
    AssignedStaff = "assigned_staff" ["assignedstaff" "primaryclinician" "clinician" "therapist" "provider" "primarytherapist" "practitioner"];
    /// Since when the person is a client.
    JoinDate = "join_date" ["joindate" "dateadded" "membersince" "createdat" "clientsince" "firstseen"];
    /// Clinical diagnosis.
    Diagnosis = "diagnosis" ["diagnosis" "diagnoses" "diagnosiscodes" "icd10" "dxcodes"];
    Symptoms = "symptoms" ["symptoms"];
    /// The id in the system the file comes from.
    ExternalId = "external_id" ["externalid" "id" "clientid" "patientid" "patientnumber" "clientnumber" "oldreferenceid" "mrn"];
    /// Not imported.
    Ignore = "ignore" [];
}

impl Target {
    /// Several columns may bear it; any other target belongs to one column.
    #[must_use]
    pub const fn repeats(self) -> bool {
        matches!(self, Self::Phone | Self::Tags | Self::EndedAt | Self::Ignore)
    }

    /// Its cells are dates whose order of day and month matters.
    #[must_use]
    pub const fn is_date(self) -> bool {
        matches!(self, Self::DateOfBirth | Self::JoinDate)
    }
}

/// What a header name says.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum HeaderMeaning {
    /// This target, with this confidence.
    Target(Target, f32),
    /// The column that [`super::error_sheet`] adds to a file of failed rows.
    ErrorColumn,
    /// Something that is never stored: a password, a card number.
    Secret,
    /// Consent to mail, which is not the consent to portal access it might pass for.
    Consent,
    /// Nothing we know.
    Nothing,
}

impl HeaderMeaning {
    pub(super) const fn target(self) -> Target {
        match self {
            Self::Target(target, _) => target,
            Self::ErrorColumn | Self::Secret | Self::Consent | Self::Nothing => Target::Ignore,
        }
    }
}

/// A header name without case, accents and punctuation.
pub(super) fn normalised(name: &str) -> String {
    fold(name).chars().filter(char::is_ascii_alphanumeric).collect()
}

/// Reads a header name.
pub(super) fn meaning(name: &str) -> HeaderMeaning {
    const SECRETS: [&str; 8] =
        ["password", "passwd", "passcode", "socialsecurity", "creditcard", "cardnumber", "cvv", "cvc"];
    const CONSENTS: [&str; 5] =
        ["emailok", "receivesconfirmationemails", "acceptedemailmarketing", "marketingemailoptin", "emailconsent"];
    let name = normalised(name);
    if name.starts_with("ssn") || name.ends_with("ssn") || SECRETS.iter().any(|secret| name.contains(secret)) {
        return HeaderMeaning::Secret;
    }
    if name == "error" {
        return HeaderMeaning::ErrorColumn;
    }
    if CONSENTS.contains(&name.as_str()) {
        return HeaderMeaning::Consent;
    }
    if let Some(target) = alias(&name) {
        return HeaderMeaning::Target(target, 1.0);
    }
    let unnumbered = name.trim_end_matches(|c: char| c.is_ascii_digit());
    if let Some(target @ (Target::Phone | Target::Tags)) = alias(unnumbered) {
        return HeaderMeaning::Target(target, 0.9);
    }
    let owners = ["client", "patient", "legal", "primary"];
    match owners.into_iter().find_map(|owner| alias(name.strip_prefix(owner)?)) {
        Some(target) => HeaderMeaning::Target(target, 0.8),
        None => HeaderMeaning::Nothing,
    }
}

fn alias(name: &str) -> Option<Target> {
    ALIASES.iter().find(|(_, aliases)| aliases.contains(&name)).map(|(target, _)| *target)
}

#[cfg(test)]
mod tests {
    use super::*;

    // b.2
    #[test]
    fn header_names_of_known_exports_are_understood() {
        let cases = [
            ("First Name", Target::FirstName),
            ("Client", Target::FullName),
            ("patient", Target::FullName),
            ("E-mail", Target::Email),
            ("Mobile Phone", Target::Phone),
            ("Phone 2", Target::Phone),
            ("Date of Birth", Target::DateOfBirth),
            ("Sex", Target::Sex),
            ("Identifying Gender", Target::Gender),
            ("Street Address 2", Target::Street2),
            ("Province", Target::Region),
            ("Zip", Target::PostalCode),
            ("Active/Inactive", Target::Status),
            ("Discharged At", Target::EndedAt),
            ("Primary Clinician", Target::AssignedStaff),
            ("Member Since", Target::JoinDate),
            ("Patient Number", Target::ExternalId),
            ("\u{feff}Prénom First", Target::Ignore),
            ("Guardian Name", Target::Ignore),
            ("Emergency Contact Phone", Target::Ignore),
            ("Member ID", Target::Ignore),
        ];
        for (header, target) in cases {
            assert_eq!(meaning(header).target(), target, "{header}");
        }
        assert_eq!(meaning("Patient Birthday"), HeaderMeaning::Target(Target::DateOfBirth, 0.8));
    }

    // b.2: refused, never stored
    #[test]
    fn secrets_and_consents_are_no_targets() {
        for header in [
            "initial_password",
            "SSN",
            "Patient SSN",
            "SSN last 4",
            "Social Security Number",
            "Credit Card #",
            "Card number",
        ] {
            assert_eq!(meaning(header), HeaderMeaning::Secret, "{header}");
        }
        assert_eq!(meaning("Accepted Email Marketing"), HeaderMeaning::Consent);
        assert_eq!(meaning("error"), HeaderMeaning::ErrorColumn);
    }

    #[test]
    fn a_target_has_one_name_everywhere() {
        for (target, aliases) in ALIASES {
            assert_eq!(serde_json::to_value(target).ok().as_ref().and_then(|v| v.as_str()), Some(target.name()));
            assert!(*target == Target::Ignore || meaning(target.name()).target() == *target);
            assert!(aliases.iter().all(|name| *name == normalised(name) && alias(name) == Some(*target)), "{target:?}");
        }
        assert_eq!(serde_json::from_str::<Target>("\"address\"").ok(), Some(Target::Street));
    }
}
