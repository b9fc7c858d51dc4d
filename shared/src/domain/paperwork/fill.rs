//! What of a profile an answer can fill, and only where the profile has nothing.

use jiff::civil::Date;

use super::PaperworkRefusal;
use super::answer::Answer;
use super::question::{QuestionKey, QuestionKind};
use super::sent::SentPacket;
use crate::domain::client::Profile;
use crate::domain::date::check_birthday;
use crate::domain::ids::FormId;
use crate::domain::phone::{Phone, Region};
use crate::domain::text::{Detail, Passage, PersonName};

macro_rules! fills {
    ($($(#[$doc:meta])* $name:ident = $text:literal;)*) => {
        /// A field of a profile that an answer can fill.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize, utoipa::ToSchema)]
        #[serde(rename_all = "snake_case")]
        pub enum Fill { $($(#[$doc])* $name,)* }

        impl Fill {
            /// As the profile calls it.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Self::$name => $text,)* }
            }
        }
    };
}

fills! {
    MiddleName = "middle_name";
    PreferredName = "preferred_name";
    Pronouns = "pronouns";
    Phone = "phone";
    DateOfBirth = "date_of_birth";
    Gender = "gender";
    Sex = "sex";
    /// Street, house, flat.
    Street = "street";
    City = "city";
    /// State, province or county.
    Region = "region";
    PostalCode = "postal_code";
    Country = "country";
    Occupation = "occupation";
    Employer = "employer";
    EmploymentStatus = "employment_status";
    RelationshipStatus = "relationship_status";
    LivingArrangement = "living_arrangement";
}

/// Why an answer does not go into its field, with a stable code and a sentence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unfit {
    pub code: &'static str,
    pub detail: String,
}

/// An answer for a field that is empty.
#[derive(Clone, PartialEq, Eq)]
pub struct Proposal {
    pub field: Fill,
    pub form: FormId,
    pub question: QuestionKey,
    /// As the client wrote it.
    pub value: String,
    /// Why it does not fit.
    pub unfit: Option<Unfit>,
}

crate::domain::prints_its_name!(Proposal);

/// Where a profile is filled: what a number without a country is read as, and the day it is.
pub(super) type Place = (Option<Region>, Date);

impl Fill {
    /// Whether a question of this kind can fill it.
    #[must_use]
    pub const fn takes(self, kind: QuestionKind) -> bool {
        match self {
            Self::DateOfBirth => matches!(kind, QuestionKind::Date),
            Self::Street => matches!(kind, QuestionKind::ShortText | QuestionKind::LongText),
            _ => matches!(kind, QuestionKind::ShortText | QuestionKind::Choice),
        }
    }

    /// Whether the profile has nothing there.
    #[must_use]
    pub const fn is_empty(self, profile: &Profile) -> bool {
        match self {
            Self::MiddleName => profile.middle_name.is_none(),
            Self::PreferredName => profile.preferred_name.is_none(),
            Self::Pronouns => profile.pronouns.is_none(),
            Self::Phone => profile.phone.is_none(),
            Self::DateOfBirth => profile.date_of_birth.is_none(),
            Self::Gender => profile.gender.is_none(),
            Self::Sex => profile.sex.is_none(),
            Self::Street => profile.address.street.is_none(),
            Self::City => profile.address.city.is_none(),
            Self::Region => profile.address.region.is_none(),
            Self::PostalCode => profile.address.postal_code.is_none(),
            Self::Country => profile.address.country.is_none(),
            Self::Occupation => profile.occupation.is_none(),
            Self::Employer => profile.employer.is_none(),
            Self::EmploymentStatus => profile.employment_status.is_none(),
            Self::RelationshipStatus => profile.relationship_status.is_none(),
            Self::LivingArrangement => profile.living_arrangement.is_none(),
        }
    }

    /// Puts an answer into the profile, by the rules of a change of the profile.
    fn put(self, profile: &mut Profile, answer: &Answer, (region, today): Place) -> Result<(), Unfit> {
        let text = answer.text();
        let detail = || Detail::parse(&text).map(Some).map_err(|e| unfit(e.code(), e));
        let name = || PersonName::parse(&text).map(Some).map_err(|e| unfit(e.code(), e));
        match self {
            Self::MiddleName => profile.middle_name = name()?,
            Self::PreferredName => profile.preferred_name = name()?,
            Self::Pronouns => profile.pronouns = detail()?,
            Self::Phone => profile.phone = Some(Phone::parse(&text, region).map_err(|e| unfit(e.code(), e))?),
            Self::DateOfBirth => {
                let Answer::Date(day) = answer else { return Err(unfit("date_invalid", "is not a date")) };
                check_birthday(*day, today).map_err(|e| unfit(e.code(), e))?;
                profile.date_of_birth = Some(*day);
            }
            Self::Gender => profile.gender = detail()?,
            Self::Sex => profile.sex = detail()?,
            Self::Street => {
                profile.address.street = Some(Passage::parse(&text).map_err(|e| unfit(e.code(), e))?);
            }
            Self::City => profile.address.city = detail()?,
            Self::Region => profile.address.region = detail()?,
            Self::PostalCode => profile.address.postal_code = detail()?,
            Self::Country => profile.address.country = detail()?,
            Self::Occupation => profile.occupation = detail()?,
            Self::Employer => profile.employer = detail()?,
            Self::EmploymentStatus => profile.employment_status = detail()?,
            Self::RelationshipStatus => profile.relationship_status = detail()?,
            Self::LivingArrangement => profile.living_arrangement = detail()?,
        }
        Ok(())
    }
}

fn unfit(code: &'static str, detail: impl ToString) -> Unfit {
    Unfit { code, detail: detail.to_string() }
}

impl SentPacket {
    /// The first answer to a question that fills this field.
    fn filling(&self, field: Fill) -> Option<(FormId, &QuestionKey, &Answer)> {
        self.forms.iter().find_map(|form| {
            let question = form.content.questions.iter().find(|question| question.fills == Some(field))?;
            let answer = self.answers.get(&form.id)?.get(&question.key)?;
            Some((form.id, &question.key, answer))
        })
    }

    /// What could be filled of this profile, once the packet is submitted; what is not empty is not among it.
    pub fn proposals(&self, profile: &Profile, place: Place) -> Result<Vec<Proposal>, PaperworkRefusal> {
        if self.submitted_at.is_none() {
            return Err(PaperworkRefusal::NotSubmitted);
        }
        let mut fields: Vec<Fill> =
            self.forms.iter().flat_map(|form| &form.content.questions).filter_map(|q| q.fills).collect();
        fields.sort_unstable();
        fields.dedup();
        let propose = |field: Fill| {
            let (form, question, answer) = self.filling(field).filter(|_| field.is_empty(profile))?;
            let unfit = field.put(&mut profile.clone(), answer, place).err();
            Some(Proposal { field, form, question: question.clone(), value: answer.text(), unfit })
        };
        Ok(fields.into_iter().filter_map(propose).collect())
    }

    /// Fills exactly these fields of the profile: all of them, or none.
    pub fn fill(&self, profile: &Profile, fields: &[Fill], place: Place) -> Result<Profile, PaperworkRefusal> {
        let proposals = self.proposals(profile, place)?;
        let mut filled = profile.clone();
        for field in fields {
            if !field.is_empty(profile) {
                return Err(PaperworkRefusal::FieldNotEmpty(*field));
            }
            let proposed = proposals.iter().any(|proposal| proposal.field == *field && proposal.unfit.is_none());
            let answer = self.filling(*field).filter(|_| proposed).ok_or(PaperworkRefusal::NothingToFill(*field))?;
            field.put(&mut filled, answer.2, place).map_err(|_| PaperworkRefusal::NothingToFill(*field))?;
        }
        Ok(filled)
    }
}
