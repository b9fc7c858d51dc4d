//! Why something is not done: a kind, a stable code, a sentence for the person who asked. Transport-free.
//!
//! The rules, the policy, the stores and the services each refuse in their own words; `nouns` turns all of them into a
//! [`Refusal`]. What a refusal looks like over HTTP is `web`'s business alone; a schedule logs its code.

mod billing;
mod codes;
mod nouns;
mod series;
mod stop;

pub use codes::{CODES, FIELD_CODES};
pub use stop::{Lost, Stop};

use std::borrow::Cow;
use std::fmt;

use jiff::SignedDuration;

/// One bad field of what was asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BadField {
    /// JSON pointer to the field.
    pub pointer: String,
    /// Stable code.
    pub code: Cow<'static, str>,
    /// What is wrong and what would be right.
    pub detail: String,
}

impl BadField {
    /// Says what is wrong with the field at this pointer.
    #[must_use]
    pub fn new(pointer: impl Into<String>, code: impl Into<Cow<'static, str>>, detail: impl ToString) -> Self {
        Self { pointer: pointer.into(), code: code.into(), detail: detail.to_string() }
    }
}

/// For the log: the code and, where it is ours, the cause.
impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.kind {
            Kind::Broken(cause) | Kind::Unavailable(cause) => write!(f, "{}: {cause}", self.code),
            _ => f.write_str(&self.code),
        }
    }
}

/// What sort of refusal it is: what whoever asked can do about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kind {
    /// It cannot be read.
    Malformed,
    /// Nobody is signed in, or what was shown in a sign-in's place signs nobody in.
    Unauthenticated,
    /// Not for this caller.
    Forbidden,
    /// Not there, or not the caller's to see: nobody can tell which.
    Absent,
    /// Not as things stand.
    Conflict,
    /// Somebody changed it since the caller read it.
    Outdated,
    /// More than is taken.
    TooLarge,
    /// Readable, but not as it should be; with the fields at fault, if it is about fields.
    Invalid(Vec<BadField>),
    /// It has to say which version it is about.
    PreconditionMissing,
    /// Too often; again after this time.
    TooMany(SignedDuration),
    /// Something is wrong on our side. The cause is for the log only.
    Broken(String),
    /// Busy or out of reach; again in a moment. The cause is for the log only.
    Unavailable(String),
}

/// Further members of a refusal, such as `portal_url`.
pub type Members = serde_json::Map<String, serde_json::Value>;

/// Why something was not done, for a person and for a program.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    kind: Kind,
    code: Cow<'static, str>,
    detail: Cow<'static, str>,
    more: Members,
}

impl Refusal {
    /// A refusal of this kind, with a stable code and a sentence.
    #[must_use]
    pub fn new(kind: Kind, code: impl Into<Cow<'static, str>>, detail: impl Into<Cow<'static, str>>) -> Self {
        Self { kind, code: code.into(), detail: detail.into(), more: Members::new() }
    }

    /// It cannot be read.
    #[must_use]
    pub fn malformed(code: &'static str, detail: impl Into<Cow<'static, str>>) -> Self {
        Self::new(Kind::Malformed, code, detail)
    }

    /// No live sign-in: the same for every reason.
    #[must_use]
    pub fn unauthenticated() -> Self {
        Self::dead_token("unauthenticated", "Sign in: the request carries no live access token.")
    }

    /// A mailed or foreign token that signs nobody in.
    #[must_use]
    pub fn dead_token(code: &'static str, detail: &'static str) -> Self {
        Self::new(Kind::Unauthenticated, code, detail)
    }

    /// Not for this caller.
    #[must_use]
    pub fn forbidden(code: &'static str, detail: impl Into<Cow<'static, str>>) -> Self {
        Self::new(Kind::Forbidden, code, detail)
    }

    /// Absent or not the caller's, letter for letter the same.
    #[must_use]
    pub fn absent() -> Self {
        Self::new(Kind::Absent, "not_found", "There is nothing here, or it is not yours to see.")
    }

    /// Not as things stand.
    #[must_use]
    pub fn conflict(code: impl Into<Cow<'static, str>>, detail: impl Into<Cow<'static, str>>) -> Self {
        Self::new(Kind::Conflict, code, detail)
    }

    /// Changed since it was read.
    #[must_use]
    pub fn outdated() -> Self {
        Self::new(
            Kind::Outdated,
            "stale",
            "Somebody changed this since you read it. Read it again and repeat your change.",
        )
    }

    /// One field is not as it should be.
    #[must_use]
    pub fn invalid(pointer: impl Into<String>, code: impl Into<Cow<'static, str>>, detail: impl ToString) -> Self {
        Self::fields(vec![BadField::new(pointer, code, detail)])
    }

    /// Several fields are not as they should be.
    #[must_use]
    pub fn fields(fields: Vec<BadField>) -> Self {
        let unknown = fields.iter().any(|field| field.code == "unknown_field");
        let code = if unknown { "unknown_field" } else { "invalid_field" };
        Self::new(Kind::Invalid(fields), code, "One or more fields are not as they should be; see errors.")
    }

    /// Not as it should be, with a code of its own, as a whole.
    #[must_use]
    pub fn unfit(code: impl Into<Cow<'static, str>>, detail: impl Into<Cow<'static, str>>) -> Self {
        Self::new(Kind::Invalid(Vec::new()), code, detail)
    }

    /// Too often; again after this time.
    #[must_use]
    pub fn too_many(wait: SignedDuration) -> Self {
        Self::new(Kind::TooMany(wait), "too_many_requests", "Too many tries. Wait and try again.")
    }

    /// Enough was mailed; again after this time.
    #[must_use]
    pub fn mailed_enough(wait: SignedDuration) -> Self {
        Self::new(Kind::TooMany(wait), "too_many_requests", "Enough mail was sent for one day. Try again tomorrow.")
    }

    /// Something is wrong on our side; the cause goes to the log only.
    #[must_use]
    pub fn broken(cause: impl ToString) -> Self {
        Self::new(
            Kind::Broken(cause.to_string()),
            "internal",
            "Something went wrong on our side. Give us the request id if it happens again.",
        )
    }

    /// Busy or out of reach; the cause goes to the log only.
    #[must_use]
    pub fn unavailable(cause: impl ToString) -> Self {
        Self::new(Kind::Unavailable(cause.to_string()), "unavailable", "We are busy right now. Try again in a moment.")
    }

    /// With a further member.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<serde_json::Value>) -> Self {
        self.more.insert(name.to_owned(), value.into());
        self
    }

    /// The stable code, for programs and logs. Whoever has to go on by it matches on the enum it was made from instead.
    #[must_use]
    pub fn code(&self) -> &str {
        &self.code
    }

    /// What sort it is.
    #[must_use]
    pub const fn kind(&self) -> &Kind {
        &self.kind
    }

    /// Its kind, code, sentence and further members, for whoever shows it.
    #[must_use]
    pub fn into_parts(self) -> (Kind, Cow<'static, str>, Cow<'static, str>, Members) {
        let Self { kind, code, detail, more } = self;
        (kind, code, detail, more)
    }
}
