//! What a handler's arguments parse: path, query, JSON body. A refusal names the field and what to do.

use axum::extract::{FromRequest, FromRequestParts, Request};
use bytes::Bytes;
use http::request::Parts;
use http::{StatusCode, header};
use serde::de::DeserializeOwned;
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{ObjectBuilder, OneOfBuilder, Schema, Type};
use utoipa::{PartialSchema, ToSchema};

use super::Buffered;
use super::problem::Problem;
use crate::refusal::{BadField, Kind, Refusal};

/// The longest body a route takes, in bytes.
pub const MAX_BODY: usize = 1024 * 1024;

/// A JSON body without unknown fields.
#[derive(Debug, Clone, Copy)]
pub struct Json<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Json<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, _: &S) -> Result<Self, Problem> {
        parse(&request).map(Self)
    }
}

/// A JSON body that may be left out altogether.
#[derive(Debug, Clone, Copy)]
pub struct OptionalJson<T>(pub T);

impl<T: DeserializeOwned + Default, S: Send + Sync> FromRequest<S> for OptionalJson<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, _: &S) -> Result<Self, Problem> {
        optional(&request).map(Self)
    }
}

/// The body if there is one.
pub(super) fn optional<T: DeserializeOwned + Default>(request: &Request) -> Result<T, Problem> {
    let empty = matches!(request.extensions().get::<Buffered>(), Some(Buffered::Whole(bytes)) if bytes.is_empty());
    if empty { Ok(T::default()) } else { parse(request) }
}

fn parse<T: DeserializeOwned>(request: &Request) -> Result<T, Problem> {
    let bytes = match request.extensions().get::<Buffered>() {
        Some(Buffered::Whole(bytes)) => bytes,
        Some(Buffered::TooLarge) => {
            return Err(Refusal::new(Kind::TooLarge, "body_too_large", "The body is larger than 1 MiB.").into());
        }
        Some(Buffered::Broken) | None => {
            return Err(Refusal::malformed("body_broken", "The body ended early. Send it again.").into());
        }
    };
    let media = request.headers().get(header::CONTENT_TYPE).and_then(|v| v.to_str().ok()).unwrap_or_default();
    let media = media.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    let json = media == "application/json" || (media.starts_with("application/") && media.ends_with("+json"));
    if !json {
        return Err(Problem::of_http(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "media_type",
            "Send the body as application/json.",
        ));
    }
    // Broken JSON is broken whatever its first field is called.
    serde_json::from_slice::<serde::de::IgnoredAny>(bytes)
        .map_err(|e| Refusal::malformed("malformed_json", format!("The body is not JSON: {e}")))?;
    // A list would be read as an object whose fields have no names.
    if bytes.trim_ascii_start().first() != Some(&b'{') {
        return Err(Refusal::invalid("", "invalid", "must be a JSON object").into());
    }
    let mut reader = serde_json::Deserializer::from_slice(bytes);
    let value =
        serde_path_to_error::deserialize(&mut reader).map_err(|error| refusal(&error, choices::<T>(bytes, &error)))?;
    reader.end().map_err(|e| Refusal::malformed("malformed_json", format!("The body is not JSON: {e}")))?;
    Ok(value)
}

/// Turns a path and a message into a field problem. Messages of our own types carry their code before a separator.
fn refusal(error: &serde_path_to_error::Error<serde_json::Error>, choices: Option<String>) -> Refusal {
    let mut pointer = pointer(error.path());
    let message = choices.unwrap_or_else(|| error.inner().to_string());
    let message = message.rsplit_once(" at line ").map_or(message.as_str(), |(text, _)| text);
    let (code, detail) = if let Some((code, detail)) = message.split_once(crate::domain::CODE_SEPARATOR) {
        (code.to_owned(), detail.to_owned())
    } else if let Some(rest) = message.strip_prefix("unknown field `") {
        let name = rest.split_once("`, ").map_or(rest, |(name, _)| name);
        if !pointer.ends_with(&step(name)) {
            pointer.push_str(&step(name));
        }
        ("unknown_field".to_owned(), "is not a field of this request".to_owned())
    } else if message.starts_with("missing field") {
        pointer.push_str(&step(message.split('`').nth(1).unwrap_or_default()));
        ("required".to_owned(), "is required".to_owned())
    } else {
        ("invalid".to_owned(), shape(message))
    };
    Refusal::fields(vec![BadField::new(pointer, code, detail)])
}

fn pointer(path: &serde_path_to_error::Path) -> String {
    use serde_path_to_error::Segment;
    let step = |segment: &Segment| match segment {
        Segment::Seq { index } => format!("/{index}"),
        Segment::Map { key } => step(key),
        Segment::Enum { .. } | Segment::Unknown => String::new(),
    };
    path.iter().map(step).collect()
}

/// What could have stood where something else than a text stands for one of several names: the parser finds no fault
/// with the value then but with the syntax, which is known to be right.
fn choices<T: DeserializeOwned>(bytes: &[u8], error: &serde_path_to_error::Error<serde_json::Error>) -> Option<String> {
    if error.inner().is_data() {
        return None;
    }
    let mut body: serde_json::Value = serde_json::from_slice(bytes).ok()?;
    *body.pointer_mut(&pointer(error.path()))? = serde_json::Value::String(String::new());
    let again = serde_path_to_error::deserialize::<_, T>(body).err()?;
    Some(again.into_inner().to_string())
}

/// One step of a JSON pointer (RFC 6901).
fn step(name: &str) -> String {
    format!("/{}", name.replace('~', "~0").replace('/', "~1"))
}

/// What was expected, without the value that came: it may be personal.
fn shape(message: &str) -> String {
    match message.split_once(", expected ") {
        // How our types are called is nobody's business.
        Some((_, expected)) if expected.starts_with("struct ") => "must be a JSON object".to_owned(),
        Some((_, expected)) if expected.starts_with(['u', 'i']) && expected[1..].parse::<u8>().is_ok() => {
            "must be a whole number".to_owned()
        }
        Some((_, expected)) => format!("expected {expected}"),
        None => "is not a valid value".to_owned(),
    }
}

/// The body byte for byte, up to [`MAX_RAW`]: what a signature was made over (J7).
#[derive(Debug, Clone)]
pub struct RawBody(pub Bytes);

/// The longest raw body, in bytes.
pub const MAX_RAW: usize = 256 * 1024;

impl<S: Send + Sync> FromRequest<S> for RawBody {
    type Rejection = Refusal;

    async fn from_request(request: Request, _: &S) -> Result<Self, Refusal> {
        let refused = match request.extensions().get::<Buffered>() {
            Some(Buffered::Whole(bytes)) if bytes.len() <= MAX_RAW => return Ok(Self(bytes.clone())),
            Some(Buffered::Whole(_) | Buffered::TooLarge) => {
                Refusal::new(Kind::TooLarge, "body_too_large", "The body is larger than 256 KiB.")
            }
            Some(Buffered::Broken) | None => Refusal::malformed("body_broken", "The body ended early. Send it again."),
        };
        Err(refused)
    }
}

/// Path parameters. One that cannot be read names nothing: 404, as if it were absent.
#[derive(Debug, Clone, Copy)]
pub struct Path<T>(pub T);

impl<T: DeserializeOwned + Send, S: Send + Sync> FromRequestParts<S> for Path<T> {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Refusal> {
        let path = axum::extract::Path::<T>::from_request_parts(parts, state).await;
        path.map(|axum::extract::Path(value)| Self(value)).map_err(|_| Refusal::absent())
    }
}

/// Query parameters without unknown ones.
#[derive(Debug, Clone, Copy)]
pub struct Query<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequestParts<S> for Query<T> {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Refusal> {
        match axum::extract::Query::<T>::from_request_parts(parts, state).await {
            Ok(axum::extract::Query(value)) => Ok(Self(value)),
            Err(rejection) => {
                let text = rejection.body_text();
                let text = text.split_once(": ").map_or(text.as_str(), |(_, rest)| rest);
                // A name stands before the first colon, or is what is unknown; a value is never told again.
                let unknown = text.split_once("unknown field `").and_then(|(_, rest)| rest.split('`').next());
                if let Some(name) = unknown {
                    return Err(unknown_parameter(name));
                }
                let name = text.split(':').next().filter(|name| !name.contains(['`', ' ', '+']));
                let which =
                    name.map_or_else(|| "A query parameter".to_owned(), |name| format!("The query parameter {name}"));
                let detail = shape(text.rsplit_once(crate::domain::CODE_SEPARATOR).map_or(text, |(_, detail)| detail));
                Err(Refusal::malformed("invalid_parameter", format!("{which} is not as it should be: {detail}.")))
            }
        }
    }
}

/// The refusal of a query where none is taken.
pub(super) fn unknown_parameter(query: &str) -> Refusal {
    let name = query.split(['=', '&']).next().unwrap_or_default();
    Refusal::malformed("unknown_parameter", format!("The query parameter {name} is not one of this address."))
}

/// A field of a merge patch (RFC 7396): absent, null or a value. Give such a field `#[serde(default)]`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Patch<T> {
    /// Not named: unchanged.
    #[default]
    Absent,
    /// `null`: cleared.
    Null,
    /// Set.
    Set(T),
}

impl<'de, T: serde::Deserialize<'de>> serde::Deserialize<'de> for Patch<T> {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Option::<T>::deserialize(deserializer)?.map_or(Self::Null, Self::Set))
    }
}

/// As an optional value. The derive asks a generic type for this trait, which the library keeps out of its documentation.
impl<T: PartialSchema> utoipa::__dev::ComposeSchema for Patch<T> {
    fn compose(of: Vec<RefOr<Schema>>) -> RefOr<Schema> {
        let null = ObjectBuilder::new().schema_type(Type::Null);
        OneOfBuilder::new().item(null).item(of.into_iter().next().unwrap_or_else(T::schema)).into()
    }
}

impl<T: ToSchema> ToSchema for Patch<T> {
    fn schemas(schemas: &mut Vec<(String, RefOr<Schema>)>) {
        T::schemas(schemas);
    }
}

impl<T> Patch<T> {
    /// Whether the patch names it.
    pub const fn is_named(&self) -> bool {
        !matches!(self, Self::Absent)
    }

    /// The same patch of what a value stands for.
    pub fn map<U>(self, into: impl FnOnce(T) -> U) -> Patch<U> {
        match self {
            Self::Absent => Patch::Absent,
            Self::Null => Patch::Null,
            Self::Set(value) => Patch::Set(into(value)),
        }
    }

    /// Applies it to an optional field; says whether it was named.
    pub fn apply(self, field: &mut Option<T>) -> bool {
        match self {
            Self::Absent => return false,
            Self::Null => *field = None,
            Self::Set(value) => *field = Some(value),
        }
        true
    }

    /// Applies it to a field that cannot be cleared; clearing it is the error.
    pub fn require(self, field: &mut T, pointer: impl Into<String>) -> Result<bool, BadField> {
        match self {
            Self::Absent => Ok(false),
            Self::Null => Err(BadField::new(pointer, "required", "cannot be cleared")),
            Self::Set(value) => {
                *field = value;
                Ok(true)
            }
        }
    }
}
