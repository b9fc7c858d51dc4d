//! What every endpoint shares, said of it in the description of the API: refusals, headers, credentials.
//!
//! Each is defined once, as a component, and named by the operations that take part in it.

use http::Method;
use utoipa::openapi::header::{Header, HeaderBuilder};
use utoipa::openapi::path::{Operation, Parameter, ParameterBuilder, ParameterIn, Paths};
use utoipa::openapi::schema::{ObjectBuilder, Schema, Type};
use utoipa::openapi::security::SecurityRequirement;
use utoipa::openapi::{Content, Ref, RefOr, Required, Response};

/// The media type of a refusal.
pub const PROBLEM: &str = "application/problem+json";

/// A refusal that several endpoints share: its status, its name, when it is given.
const REFUSALS: &[(&str, &str, &str)] = &[
    ("400", "Malformed", "The request can't be read: broken JSON, an unknown parameter, a header that is empty."),
    ("401", "Unauthenticated", "No live credential: sign in, or refresh the session."),
    (
        "403",
        "Forbidden",
        "Not for this caller: the wrong kind, a role that doesn't include it, or a proof that is missing.",
    ),
    ("404", "NotFound", "It isn't there, or it isn't the caller's to see."),
    ("409", "Conflict", "It can't be done as things stand; `code` says why."),
    ("412", "Outdated", "It has changed since it was read. Read it again."),
    ("413", "TooLarge", "The body is too large."),
    ("415", "MediaType", "The body isn't declared as JSON."),
    ("422", "Invalid", "The request is understood, and something in it isn't right; `errors` says where."),
    ("428", "VersionRequired", "`If-Match` is missing."),
    ("429", "TooMany", "Too often. `Retry-After` says when it works again."),
    ("500", "Broken", "Something went wrong on our side. It is logged under the request's id."),
    ("503", "Unavailable", "Not now. Ask again after `Retry-After`."),
];

/// What a success says where the endpoint says nothing of it.
const SUCCESSES: &[(&str, &str)] =
    &[("200", "Done."), ("201", "Made."), ("202", "Taken on; it goes on in the background."), ("204", "Done.")];

fn text(description: &str, pattern: Option<&str>) -> Header {
    let schema = ObjectBuilder::new().schema_type(Type::String).pattern(pattern).build();
    HeaderBuilder::new().schema(Some(schema)).description(Some(description)).build()
}

fn number(description: &str) -> Header {
    let schema = ObjectBuilder::new().schema_type(Type::Integer).minimum(Some(1)).build();
    HeaderBuilder::new().schema(Some(schema)).description(Some(description)).build()
}

fn request_id() -> Header {
    text("The request's id. Tell it when you ask for help.", Some("^req_[0-9a-hjkmnp-tv-z]{26}$"))
}

fn etag() -> Header {
    text(
        "The version of what is shown, as in its member `etag`, and a digest of what is shown: for `If-Match` and \
         `If-None-Match`.",
        Some("^\"v[0-9]+-[0-9a-f]{16}\"$"),
    )
}

/// The shared refusals, by the names that operations give them.
pub fn refusals() -> impl Iterator<Item = (&'static str, Response)> {
    REFUSALS.iter().map(|(status, name, when)| {
        let mut response = Response::new(*when);
        let problem = Content::new(Some(Ref::from_schema_name("ProblemBody")));
        response.content.insert(PROBLEM.to_owned(), problem.into());
        response.headers.insert("x-request-id".to_owned(), request_id().into());
        match *status {
            "401" => {
                response.headers.insert("www-authenticate".to_owned(), text("`Bearer`.", None).into());
            }
            "429" | "503" => {
                response.headers.insert("retry-after".to_owned(), number("Seconds until it works.").into());
            }
            _ => {}
        }
        (*name, response)
    })
}

/// Every operation of some paths, with its method.
pub fn operations(paths: &mut Paths) -> impl Iterator<Item = (Method, &mut Operation)> {
    paths.paths.values_mut().flat_map(|path| {
        let operations = [
            (Method::GET, &mut path.get),
            (Method::POST, &mut path.post),
            (Method::PUT, &mut path.put),
            (Method::PATCH, &mut path.patch),
            (Method::DELETE, &mut path.delete),
        ];
        operations.into_iter().filter_map(|(method, operation)| Some((method, operation.as_mut()?)))
    })
}

fn refuses(operation: &mut Operation, statuses: &[&str]) {
    for status in statuses {
        if let Some((_, name, _)) = REFUSALS.iter().find(|(known, ..)| known == status) {
            let shared = RefOr::Ref(Ref::from_response_name(*name));
            operation.responses.responses.insert((*status).to_owned(), shared);
        }
    }
}

fn takes(operation: &mut Operation, name: &str, required: Required, description: &str, pattern: Option<&str>) {
    let schema = ObjectBuilder::new().schema_type(Type::String).pattern(pattern).build();
    let parameter: Parameter = ParameterBuilder::new()
        .name(name)
        .parameter_in(ParameterIn::Header)
        .required(required)
        .description(Some(description))
        .schema(Some(Schema::from(schema)))
        .build();
    operation.parameters.get_or_insert_default().push(parameter.into());
}

pub(super) fn caller(operation: &mut Operation, tells_apart: bool) {
    refuses(operation, &["401"]);
    if tells_apart {
        refuses(operation, &["403"]);
    }
}

pub(super) const fn visitor(_: &mut Operation) {}

pub(super) fn path(operation: &mut Operation) {
    refuses(operation, &["404"]);
}

pub(super) fn query(operation: &mut Operation) {
    refuses(operation, &["400"]);
}

pub(super) fn body(operation: &mut Operation) {
    refuses(operation, &["400", "413", "415", "422"]);
}

pub(super) fn raw_body(operation: &mut Operation) {
    refuses(operation, &["400", "413"]);
}

const TAG: &str = "^(W/)?\".*\"$";

pub(super) fn require_match(operation: &mut Operation) {
    takes(
        operation,
        "if-match",
        Required::True,
        "The `ETag` that was read: nobody's change is overwritten.",
        Some(TAG),
    );
    refuses(operation, &["412", "428"]);
}

pub(super) fn honour_match(operation: &mut Operation) {
    let description = "The `ETag` that was read, if the change is to be made to that version alone.";
    takes(operation, "if-match", Required::False, description, Some(TAG));
    refuses(operation, &["412"]);
}

/// What a handler's comment says: all of it as the description, and how it begins as the title.
fn titled(operation: &mut Operation) {
    let said = operation.summary.take().unwrap_or_default().replace('\n', " ");
    let end = [": ", "; ", ". "].iter().filter_map(|mark| said.find(mark)).min().unwrap_or(said.len());
    operation.summary = said.get(..end).map(|title| title.trim_end_matches('.').to_owned());
    let paragraphs = std::iter::once(said).chain(operation.description.take());
    operation.description = Some(paragraphs.collect::<Vec<_>>().join("\n\n"));
}

/// What is said of an operation as a whole, after its arguments have been.
pub(super) fn whole(operation: &mut Operation, schemes: &[&str]) {
    titled(operation);
    operation.security = Some(match schemes {
        [] => vec![SecurityRequirement::default()],
        _ => schemes.iter().map(|scheme| SecurityRequirement::new(*scheme, [""; 0])).collect(),
    });
    let own: Vec<String> =
        operation.responses.responses.keys().filter(|status| *status >= &"4".to_owned()).cloned().collect();
    refuses(operation, &own.iter().map(String::as_str).collect::<Vec<_>>());
    // Whatever is sent and not wanted is refused, not dropped.
    refuses(operation, &["400", "500", "503"]);
    if operation.request_body.is_none() {
        refuses(operation, &["413", "415", "422"]);
    }
    for (status, response) in &mut operation.responses.responses {
        if let RefOr::T(response) = response {
            response.headers.insert("x-request-id".to_owned(), request_id().into());
            if let Some((_, said)) = SUCCESSES.iter().find(|(known, _)| known == status)
                && response.description.is_empty()
            {
                (*said).clone_into(&mut response.description);
            }
        }
    }
}

/// A change that may be asked for again under the same key.
pub(super) fn repeatable(operation: &mut Operation) {
    let description = "Any text of your own. What was made or changed under it within 24 hours is not made or changed \
                       again: the same request is told the first answer.";
    takes(operation, "idempotency-key", Required::False, description, None);
    refuses(operation, &["409", "422"]);
    for (status, response) in &mut operation.responses.responses {
        if let RefOr::T(response) = response
            && status.starts_with('2')
        {
            let replay = text("`true` if this is the answer that was given before.", Some("^true$"));
            response.headers.insert("idempotent-replay".to_owned(), replay.into());
        }
    }
}

/// What an operation says whose answer shows a version, by the method that asks.
pub fn versioned(operation: &mut Operation, method: &Method, status: &str) {
    if let Some(RefOr::T(response)) = operation.responses.responses.get_mut(status) {
        response.headers.insert("etag".to_owned(), etag().into());
    }
    if *method == Method::GET {
        let description = "The `ETag` that was read: the answer is 304 if it is still that.";
        takes(operation, "if-none-match", Required::False, description, None);
        let mut unchanged = Response::new("Unchanged.");
        unchanged.headers.insert("x-request-id".to_owned(), request_id().into());
        unchanged.headers.insert("etag".to_owned(), etag().into());
        operation.responses.responses.insert("304".to_owned(), unchanged.into());
    }
}
