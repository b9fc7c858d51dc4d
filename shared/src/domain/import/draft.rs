//! A row under construction: cells in, in the order of the columns, and a client or the first problem out.

use std::collections::BTreeSet;

use jiff::civil::{Date, date};

use super::cells::{self, Beside, PhoneCountry};
use super::dates::{self, DateOrder};
use super::names;
use super::plan::{Plan, PlannedColumn};
use super::problem::Problem;
use super::record::Record;
use super::row::{ImportedClient, RowWarning};
use super::status;
use super::target::Target;
use crate::domain::client::Address;
use crate::domain::date::age;
use crate::domain::email::EmailAddress;
use crate::domain::phone::Phone;
use crate::domain::text::{Detail, ExternalId, FamilyName, InvalidText, Passage, PersonName, TagName, clean, fold};

/// A cell that empties an optional field, where existing clients are updated from every cell.
const CLEAR: &str = "__CLEAR__";

/// The cells of a row, as far as they have been read.
#[derive(Default)]
pub(super) struct Draft<'a> {
    problem: Option<(usize, Problem)>,
    names_at: [Option<usize>; 3],
    first: Option<PersonName>,
    last: Option<FamilyName>,
    full: Option<&'a str>,
    middle: Option<PersonName>,
    preferred: Option<PersonName>,
    pronouns: Option<Detail>,
    emails: Vec<(usize, &'a str)>,
    phones: Vec<(u8, usize, &'a str)>,
    phone_country: Option<PhoneCountry>,
    born: Option<Date>,
    joined: Option<Date>,
    gender: Option<Detail>,
    sex: Option<Detail>,
    street: [Option<&'a str>; 2],
    address: Address,
    occupation: Option<Detail>,
    employer: Option<Detail>,
    employment: Option<Detail>,
    relationship: Option<Detail>,
    living: Option<Detail>,
    diagnosis: Option<Passage>,
    symptoms: Option<Passage>,
    external_id: Option<ExternalId>,
    tags: Vec<TagName>,
    inactive: bool,
    staff: Option<String>,
    clear: BTreeSet<Target>,
    warnings: BTreeSet<RowWarning>,
}

impl<'a> Draft<'a> {
    /// Keeps the first problem in the order of the columns.
    pub(super) fn fail(&mut self, at: usize, problem: Problem) {
        if self.problem.is_none_or(|(first, _)| at < first) {
            self.problem = Some((at, problem));
        }
    }

    pub(super) fn take(
        &mut self,
        plan: &Plan,
        at: usize,
        column: &PlannedColumn,
        cell: &'a str,
    ) -> Result<(), Problem> {
        let name_slot = match column.target {
            Target::FirstName => self.names_at.first_mut(),
            Target::LastName => self.names_at.get_mut(1),
            Target::FullName => self.names_at.get_mut(2),
            _ => None,
        };
        let is_name = name_slot.is_some();
        if let Some(slot) = name_slot {
            *slot = Some(at);
        }
        if cell.is_empty() || !is_name && cells::is_filler(cell) {
            return Ok(());
        }
        if cell == CLEAR {
            if !is_name {
                self.clear.insert(column.target);
            }
            return Ok(());
        }
        match column.target {
            Target::FirstName => self.first = person(cell)?,
            Target::LastName => self.last = person(cell)?.map(FamilyName::from),
            Target::FullName => self.full = Some(cell),
            Target::MiddleName => self.middle = Some(PersonName::parse(cell)?),
            Target::PreferredName => self.preferred = Some(PersonName::parse(cell)?),
            Target::Pronouns => self.pronouns = Some(Detail::parse(cell)?),
            Target::Email => self.emails.push((at, cell)),
            Target::Phone if cells::says_no_phone(cell) => {}
            Target::Phone => self.phones.push((column.rank, at, cell)),
            Target::PhoneCountry => self.phone_country = Some(PhoneCountry::parse(cell)?),
            Target::DateOfBirth => self.born = self.day(plan, column, cell)?,
            Target::JoinDate => self.joined = self.day(plan, column, cell)?,
            Target::Gender => self.gender = Some(Detail::parse(cell)?),
            Target::Sex => self.sex = Some(Detail::parse(cell)?),
            Target::Street | Target::Street2 => {
                Passage::parse(cell)?;
                let [first, second] = &mut self.street;
                *(if column.target == Target::Street { first } else { second }) = Some(cell);
            }
            Target::City => self.address.city = Some(Detail::parse(cell)?),
            Target::Region => self.address.region = Some(Detail::parse(cell)?),
            Target::PostalCode => self.address.postal_code = Some(Detail::parse(cell)?),
            Target::Country => self.address.country = Some(Detail::parse(cell)?),
            Target::Occupation => self.occupation = Some(Detail::parse(cell)?),
            Target::Employer => self.employer = Some(Detail::parse(cell)?),
            Target::EmploymentStatus => self.employment = Some(Detail::parse(cell)?),
            Target::RelationshipStatus => self.relationship = Some(Detail::parse(cell)?),
            Target::LivingArrangement => self.living = Some(Detail::parse(cell)?),
            Target::Tags => {
                let (tags, long) = cells::tags(cell)?;
                self.warn(long, RowWarning::TagTooLong);
                for tag in tags {
                    if self.tags.iter().all(|other| fold(other.as_str()) != fold(tag.as_str())) {
                        self.tags.push(tag);
                    }
                }
            }
            Target::Status => {
                let inactive = status::inactive(cell);
                self.warn(inactive.is_none(), RowWarning::StatusUnknown);
                self.inactive |= inactive.unwrap_or_default();
            }
            Target::EndedAt => self.inactive |= !dates::is_filler(cell) && status::ended(cell),
            Target::AssignedStaff => self.staff = Some(clean(cell, 254, false)?),
            Target::Diagnosis => self.diagnosis = Some(Passage::parse(cell)?),
            Target::Symptoms => self.symptoms = Some(Passage::parse(cell)?),
            Target::ExternalId => self.external_id = Some(ExternalId::parse(cell)?),
            Target::Ignore => {}
        }
        Ok(())
    }

    fn warn(&mut self, really: bool, warning: RowWarning) {
        if really {
            self.warnings.insert(warning);
        }
    }

    /// A date; none for what stands for none, or for one without a year.
    fn day(&mut self, plan: &Plan, column: &PlannedColumn, cell: &str) -> Result<Option<Date>, Problem> {
        if dates::is_filler(cell) {
            self.warn(true, RowWarning::DateFiller);
            return Ok(None);
        }
        if dates::is_yearless(cell) {
            self.warn(true, RowWarning::YearMissing);
            return Ok(None);
        }
        let order = column.order.unwrap_or(DateOrder::Iso);
        dates::parse(cell, order, plan.today).map(Some).map_err(|problem| Problem::Date(problem, order))
    }

    /// The first address that is one; what is wrong with the first, if none is.
    fn email(&mut self) -> Option<EmailAddress> {
        let mut read: Vec<_> = self.emails.iter().map(|(at, cell)| (*at, cells::email(cell))).collect();
        let found = read.iter().position(|(_, email)| email.is_ok()).unwrap_or_default();
        let others = read.len() > 1;
        if read.is_empty() {
            return None;
        }
        match read.swap_remove(found) {
            (_, Ok((email, more))) => {
                self.warn(more || others, RowWarning::EmailExtraDropped);
                Some(email)
            }
            (at, Err(problem)) => {
                self.fail(at, problem);
                None
            }
        }
    }

    /// The first phone in the order of use that is one; what is wrong with the first, if none is.
    fn phone(&mut self, plan: &Plan) -> Option<Phone> {
        self.phones.sort_unstable_by_key(|(rank, at, _)| (*rank, *at));
        let country = self.phone_country.take();
        let read = |(_, at, cell): &(u8, usize, &str)| (*at, cells::phone(cell, country.as_ref(), plan.region));
        let mut read: Vec<_> = self.phones.iter().map(read).collect();
        let found = read.iter().position(|(_, phone)| phone.is_ok()).unwrap_or_default();
        let others = read.len() > 1;
        if read.is_empty() {
            return None;
        }
        match read.swap_remove(found) {
            (_, Ok((phone, beside))) => {
                self.warn(beside == Beside::Words, RowWarning::PhoneRemarkDropped);
                self.warn(others || beside == Beside::Phone, RowWarning::PhoneExtraDropped);
                Some(phone)
            }
            (at, Err(problem)) => {
                self.fail(at, problem);
                None
            }
        }
    }

    pub(super) fn finish(mut self, plan: &Plan, record: &Record) -> Result<ImportedClient, (usize, Problem)> {
        self.whole_name(plan);
        let (email, phone) = (self.email(), self.phone(plan));
        let street = self.street.into_iter().flatten().collect::<Vec<_>>().join("\n");
        match Passage::parse(&street) {
            Ok(street) => self.address.street = Some(street),
            Err(InvalidText::Empty) => {}
            Err(problem) => self.fail(plan.columns.len(), Problem::Text(problem)),
        }
        if let Some(problem) = self.problem {
            return Err(problem);
        }
        let (Some(first_name), Some(last_name)) = (self.first, self.last) else {
            return Err((0, Problem::NameMissing));
        };
        let mut warnings = self.warnings;
        if self.born.and_then(|born| age(born, plan.today)).is_some_and(|age| age > 120) {
            warnings.insert(RowWarning::AgeOver120);
        }
        let alone = email.is_none() && phone.is_none() && self.born.is_none() && self.external_id.is_none();
        if alone && last_name == FamilyName::NONE && first_name.as_str().contains(|c: char| c.is_ascii_digit()) {
            // "Generated 11/20/2026" is nobody's name.
            return Err((0, Problem::NameInvalid));
        }
        if self.born == Some(date(1900, 1, 1)) {
            warnings.insert(RowWarning::DateFiller);
        }
        Ok(ImportedClient {
            line: record.line,
            last_line: record.last_line,
            first_name,
            middle_name: self.middle,
            last_name,
            preferred_name: self.preferred,
            pronouns: self.pronouns,
            email,
            phone,
            date_of_birth: self.born,
            gender: self.gender,
            sex: self.sex,
            address: self.address,
            occupation: self.occupation,
            employer: self.employer,
            employment_status: self.employment,
            relationship_status: self.relationship,
            living_arrangement: self.living,
            diagnosis: self.diagnosis,
            symptoms: self.symptoms,
            external_id: self.external_id,
            tags: self.tags,
            inactive: self.inactive,
            join_date: self.joined,
            assigned_staff: self.staff,
            clear: self.clear,
            warnings,
        })
    }

    /// First and last name of their own columns, else out of the column of whole names.
    fn whole_name(&mut self, plan: &Plan) {
        let [first_at, last_at, full_at] = self.names_at;
        if let (Some(at), Some(full), true) = (full_at, self.full, self.first.is_none() || self.last.is_none()) {
            let parts = names::split(full, plan.name_order).and_then(|parts| {
                let middle = parts.middle.as_deref().map(PersonName::parse).transpose()?;
                let last = parts.last.as_deref().map(person).transpose()?.flatten().map(FamilyName::from);
                Ok((person(&parts.first)?, middle, last, parts.titled))
            });
            match parts {
                Ok((first, middle, last, titled)) => {
                    self.warn(titled, RowWarning::TitleLeftOut);
                    self.first = self.first.take().or(first);
                    self.middle = self.middle.take().or(middle);
                    self.last = self.last.take().or(last);
                }
                Err(problem) => self.fail(at, problem),
            }
        }
        // A single name is a whole name; a last name alone may be half of one.
        if self.first.is_some() {
            self.last.get_or_insert(FamilyName::NONE);
        }
        let missing = [(self.first.is_none(), first_at), (self.last.is_none(), last_at)];
        for at in missing.into_iter().filter(|(missing, _)| *missing).filter_map(|(_, at)| at.or(full_at)) {
            self.fail(at, Problem::NameMissing);
        }
    }
}

/// A name; `None` for what people type where they know none (b.3).
fn person(cell: &str) -> Result<Option<PersonName>, Problem> {
    // "Na" and "Nan" are names.
    if cells::is_filler(cell) && !matches!(cell, "Na" | "Nan" | "Nil") {
        return Ok(None);
    }
    let name = PersonName::parse(cell)?;
    if name.as_str().chars().any(char::is_alphabetic) { Ok(Some(name)) } else { Err(Problem::NameInvalid) }
}
