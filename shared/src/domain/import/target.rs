//! What a column can be imported as, and the header names that say so (C2, b.2).

use super::dates::DateOrder;
use super::words::{FOREIGN, NOT_STORED, among, contact, heart, is_of_others, words};
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
            /// Each that a column may be mapped to.
            pub(super) const ALL: [Self; [$($text),*].len()] = [$(Self::$name),*];

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
    FirstName = "first_name" ["firstname" "first" "fname" "givenname" "forename" "christianname" "inviteefirstname" "legalfirstname" "clientfirstname" "patientfirstname" "clientfirst"];
    MiddleName = "middle_name" ["middlename" "middle" "middleinitial" "mi" "additionalname"];
    LastName = "last_name" ["lastname" "last" "lname" "surname" "familyname" "inviteelastname" "legallastname" "clientlastname" "patientlastname"];
    /// First and last name in one cell.
    FullName = "full_name" ["fullname" "client" "clientname" "name" "patientname" "patient" "lastnamefirstname" "lastfirst" "firstlast" "inviteename"];
    /// What the client goes by.
    PreferredName = "preferred_name" ["preferredname" "preferredfirstname" "nickname" "goesby" "knownas" "whatnamedotheygoby"];
    Pronouns = "pronouns" ["pronouns" "pronoun"];
    /// E-mail address.
    Email = "email" ["email" "emailaddress" "mail" "clientemail" "patientemail" "primaryemail" "loginemail" "inviteeemail"];
    /// Phone; several columns may bear it.
    Phone = "phone" ["phone" "phonenumber" "telephone" "telephonenumber" "tel" "mobile" "mobilephone" "mobilenumber" "cell" "cellphone" "homephone" "workphone" "primaryphone" "clientphone" "patientphone" "textremindernumber"];
    /// The country the phone was written for.
    PhoneCountry = "phone_country" ["phonecountry" "countrycode" "phonecountrycode" "isdcode" "dialcode"];
    DateOfBirth = "date_of_birth" ["dateofbirth" "dob" "birthdate" "birthday" "birth" "born" "bdate" "bday" "patientdob" "patientbirthdate" "clientdob"];
    /// Gender, kept apart from sex.
    Gender = "gender" ["gender" "identifyinggender" "genderidentity"];
    /// Sex as recorded.
    Sex = "sex" ["sex" "patientsex"];
    /// First part of the street address.
    #[serde(alias = "address")]
    Street = "street" ["street" "streetaddress" "streetaddress1" "address1" "addressline1" "homestreet" "address1street"];
    /// Second part of the street address.
    Street2 = "street2" ["street2" "streetaddress2" "address2" "addressline2" "homestreet2" "unit" "unitnumber" "apt" "apartment" "suite" "address1extendedaddress"];
    City = "city" ["city" "suburb" "town" "homecity" "address1city"];
    /// State, province or county.
    Region = "region" ["region" "state" "province" "county" "stateprovince" "homestate" "stateshort" "address1region"];
    PostalCode = "postal_code" ["postalcode" "postal" "postcode" "zip" "zipcode" "zippostalcode" "zippostal" "zippostcode" "postalzip" "postalzipcode" "homepostalcode" "address1postalcode"];
    /// Country of the address.
    Country = "country" ["country" "countryregion" "homecountryregion" "homecountry" "address1country"];
    Occupation = "occupation" ["occupation" "job" "jobtitle" "organizationtitle"];
    Employer = "employer" ["employer" "company" "organizationname" "organization1name" "companyname"];
    EmploymentStatus = "employment_status" ["employmentstatus"];
    RelationshipStatus = "relationship_status" ["relationshipstatus" "maritalstatus"];
    LivingArrangement = "living_arrangement" ["livingarrangement"];
    /// Labels, several in a cell or in several columns.
    Tags = "tags" ["tags" "tag" "labels" "label" "groups" "groupmembership" "category"];
    /// Active or inactive.
    Status = "status" ["status" "clientstatus" "patientstatus" "activeinactive" "active" "isactive"];
    /// A date that makes the client inactive by being there.
    EndedAt = "ended_at" ["endedat" "dischargedat" "archivedat" "deceasedat" "archived" "isarchived" "inactive" "isinactive" "discharged" "deceased" "closed" "dischargedate" "discharge" "enddate" "terminationdate" "dateclosed" "dateofdeath" "formerclient" "deleted"];
    /// The responsible staff member, by the whole name.
    AssignedStaff = "assigned_staff" ["assignedstaff" "primaryclinician" "clinician" "therapist" "provider" "primarytherapist" "practitioner" "practitionername" "clinicianname" "therapistname" "providername" "counselor" "counsellor" "assignedto" "assignedclinician" "assignedtherapist" "therapistemail" "clinicianemail" "provideremail" "casemanager"];
    /// Since when the person is a client.
    JoinDate = "join_date" ["joindate" "dateadded" "membersince" "createdat" "clientsince" "firstseen" "startdate" "datecreated" "created" "createddate" "createdon" "intakedate" "dateofintake" "firstvisit" "firstappointment" "firstsession" "admissiondate" "dateadmitted" "enrolled" "registered" "registrationdate" "datejoined" "joined"];
    /// Clinical diagnosis.
    Diagnosis = "diagnosis" ["diagnosis" "diagnoses" "diagnosiscodes" "icd10" "dxcodes" "dx" "dxcode" "diagnosiscode" "icd"];
    Symptoms = "symptoms" ["symptoms"];
    /// The id in the system the file comes from.
    ExternalId = "external_id" ["externalid" "id" "clientid" "patientid" "patientnumber" "clientnumber" "oldreferenceid" "mrn" "recordnumber" "chartnumber" "fileno" "filenumber" "accountnumber"];
    /// Not imported.
    Ignore = "ignore" [];
}

impl Target {
    /// Several columns may bear it; any other target belongs to one column.
    #[must_use]
    pub const fn repeats(self) -> bool {
        matches!(self, Self::Phone | Self::Email | Self::Tags | Self::EndedAt | Self::Ignore)
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
    /// Something we know and have no place for.
    NotStored,
    /// Nothing we know.
    Nothing,
}

impl HeaderMeaning {
    pub(super) const fn target(self) -> Target {
        match self {
            Self::Target(target, _) => target,
            Self::ErrorColumn | Self::Secret | Self::Consent | Self::NotStored | Self::Nothing => Target::Ignore,
        }
    }
}

/// A header name without case, accents and punctuation.
pub(super) fn normalised(name: &str) -> String {
    fold(name).chars().filter(char::is_ascii_alphanumeric).collect()
}

/// Reads a header name.
pub(super) fn meaning(written: &str) -> HeaderMeaning {
    const SECRETS: [&str; 8] =
        ["password", "passwd", "passcode", "socialsecurity", "creditcard", "cardnumber", "cvv", "cvc"];
    const CONSENTS: [&str; 6] = [
        "emailok",
        "receivesconfirmationemails",
        "acceptedemailmarketing",
        "marketingemailoptin",
        "emailconsent",
        "inviteeacceptedmarketingemails",
    ];
    let name = normalised(written);
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
    let (bare, _) = order_hint(written);
    let bare = without_brackets(&bare);
    let all = words(&bare);
    let (short, heart) = (normalised(&bare), heart(&all));
    let unnumbered: String = short.chars().filter(|c| !c.is_ascii_digit()).collect();
    if let Some(target) = alias(&short).or_else(|| foreign(&short)) {
        return HeaderMeaning::Target(target, 0.95);
    }
    if WEAKER.iter().any(|(weaker, _)| *weaker == short) {
        let target = WEAKER.iter().find(|(weaker, _)| *weaker == short).map_or(Target::Ignore, |(_, target)| *target);
        return HeaderMeaning::Target(target, 0.7);
    }
    if among(&name, &[NOT_STORED]) || among(&short, &[NOT_STORED]) || among(&unnumbered, &[NOT_STORED]) {
        return HeaderMeaning::NotStored;
    }
    let is_kind = all.last().is_some_and(|word| matches!(word.as_str(), "type" | "label" | "formatted"));
    if is_of_others(&all) || is_kind || matches!(all.first().map(String::as_str), Some("question" | "response")) {
        return HeaderMeaning::NotStored;
    }
    if let Some(target) = contact(&all) {
        return HeaderMeaning::Target(target, 0.9);
    }
    if let Some(target @ (Target::Tags | Target::EndedAt)) = alias(&unnumbered) {
        return HeaderMeaning::Target(target, 0.9);
    }
    match alias(&heart).or_else(|| foreign(&heart)) {
        Some(target) => HeaderMeaning::Target(target, 0.8),
        None => HeaderMeaning::Nothing,
    }
}

/// Names that give way to a better one of the same file.
const WEAKER: &[(&str, Target)] = &[
    ("address", Target::Street),
    ("homeaddress", Target::Street),
    ("mailingaddress", Target::Street),
    ("businessstreet", Target::Street),
    ("businesscity", Target::City),
    ("businessstate", Target::Region),
    ("businesspostalcode", Target::PostalCode),
    ("businesscountryregion", Target::Country),
    ("otherstreet", Target::Street),
    ("othercity", Target::City),
    ("otherstate", Target::Region),
    ("otherpostalcode", Target::PostalCode),
    ("othercountryregion", Target::Country),
    ("nom", Target::LastName),
];

fn alias(name: &str) -> Option<Target> {
    ALIASES.iter().find(|(_, aliases)| aliases.contains(&name)).map(|(target, _)| *target)
}

fn foreign(name: &str) -> Option<Target> {
    FOREIGN.iter().find(|(_, names)| among(name, &[names])).map(|(target, _)| *target)
}

/// A name without what stands in brackets, unless that is all of it.
fn without_brackets(name: &str) -> String {
    let mut depth = 0_usize;
    let mut bare = String::with_capacity(name.len());
    for c in name.chars() {
        match c {
            '(' | '[' => depth += 1,
            ')' | ']' => depth = depth.saturating_sub(1),
            c if depth == 0 => bare.push(c),
            _ => {}
        }
    }
    if bare.trim().is_empty() { name.to_owned() } else { bare }
}

/// The name without the order of dates that it tells, and that order: `DOB (MM/DD/YYYY)`, `Geburtsdatum TT.MM.JJJJ`.
pub(super) fn order_hint(name: &str) -> (String, Option<DateOrder>) {
    let order = |word: &str| {
        let word = word.trim_matches(['(', ')', '[', ']', ',', ':']);
        let parts: Vec<&str> = word.split(['/', '.', '-']).collect();
        let kind = |part: &&str| {
            let mut letters = part.chars().map(|c| c.to_ascii_lowercase());
            let first = letters.next()?;
            (part.len() <= 4 && letters.all(|c| c == first)).then_some(first)
        };
        match parts.iter().map(kind).collect::<Option<Vec<char>>>()?.as_slice() {
            ['d' | 't' | 'j' | 'g', 'm', 'y' | 'j' | 'a'] => Some(DateOrder::Dmy),
            ['m', 'd' | 't' | 'j', 'y' | 'j' | 'a'] => Some(DateOrder::Mdy),
            ['y' | 'j' | 'a', 'm', 'd' | 't' | 'j'] => Some(DateOrder::Ymd),
            _ => None,
        }
    };
    let hint = name.split_whitespace().find_map(order);
    let bare: Vec<&str> = name.split_whitespace().filter(|word| order(word).is_none()).collect();
    (bare.join(" "), hint)
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
            ("Fecha de alta", Target::JoinDate),
            ("Fecha de baja", Target::EndedAt),
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
            ("Zip/Postal Code", Target::PostalCode),
            ("Email 1", Target::Email),
            ("E-mail 1 - Value", Target::Email),
            ("E-mail 2 Address", Target::Email),
            ("Phone 1 - Value", Target::Phone),
            ("Phone numbers", Target::Phone),
            ("Cell #", Target::Phone),
            ("Mobile Phone Number", Target::Phone),
            ("Telefon privat", Target::Phone),
            ("Start Date", Target::JoinDate),
            ("Dx", Target::Diagnosis),
            ("Date of Birth (DD/MM/YYYY)", Target::DateOfBirth),
            ("DOB (MM/DD/YYYY)", Target::DateOfBirth),
            ("Client Name (Last, First)", Target::FullName),
            ("Straße", Target::Street),
            ("Date de naissance", Target::DateOfBirth),
            ("Correo electrónico", Target::Email),
            ("Geboortedatum", Target::DateOfBirth),
            ("MobilePhone", Target::Phone),
            ("Home Postal Code", Target::PostalCode),
            ("Group Membership", Target::Tags),
            ("Company Main Phone", Target::Ignore),
            ("Shoe size", Target::Ignore),
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
