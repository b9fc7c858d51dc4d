//! The whole API: every HTTP function's routes, and the one document that describes them.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use axum::Router;
use caseload::app::{App, FunctionSpec};
use caseload::web::{CLIENT, STAFF, operations, refusals, versioned};
use utoipa::openapi::path::Operation;
use utoipa::openapi::schema::Schema;
use utoipa::openapi::security::{Http, HttpAuthScheme, SecurityScheme};
use utoipa::openapi::server::{Server, ServerBuilder, ServerVariableBuilder};
use utoipa::openapi::tag::{Tag, TagBuilder};
use utoipa::openapi::{Components, Info, License, OpenApi, RefOr, Response};
use utoipa_axum::router::OpenApiRouter;

use crate::examples::Examples;
use crate::functions::routers;

/// The routes of every function as one.
fn merged() -> OpenApiRouter<App> {
    routers().fold(OpenApiRouter::new(), |all, (_, routes)| all.merge(routes))
}

/// The same to serve. Made once in a process: drawing up its descriptions is most of what it costs.
pub(crate) fn routes() -> Router<App> {
    static ROUTES: LazyLock<Router<App>> = LazyLock::new(|| merged().into());
    ROUTES.clone()
}

/// The description of the API, drawn from the routes and types themselves.
#[must_use]
pub fn document() -> OpenApi {
    let mut document = merged().into_openapi();
    let mut license = License::new("Apache-2.0");
    license.identifier = Some("Apache-2.0".to_owned());
    document.info = Info::builder()
        .title("Caseload")
        .version(env!("CARGO_PKG_VERSION"))
        .description(Some(include_str!("introduction.md")))
        .license(Some(license))
        .build();
    document.servers = Some(servers());
    document.tags = Some(routers().map(|(spec, _)| tag(spec)).collect());
    let components = document.components.get_or_insert_with(Components::new);
    for (name, of) in [(STAFF, "a staff member's session"), (CLIENT, "a client's session")] {
        let mut scheme = Http::new(HttpAuthScheme::Bearer);
        scheme.bearer_format = Some("JWT".to_owned());
        scheme.description = Some(format!("The access token of {of}; it lives for ten minutes."));
        components.add_security_scheme(name, SecurityScheme::Http(scheme));
    }
    components.responses.extend(refusals().map(|(name, response)| (name.to_owned(), response.into())));
    let shows_version = |schema: &RefOr<Schema>| has_member(&components.schemas, schema, "etag");
    let examples = Examples::read();
    for (method, operation) in operations(&mut document.paths) {
        examples.put(operation);
        for status in statuses(operation, shows_version) {
            versioned(operation, &method, &status);
        }
    }
    document
}

/// Where it answers: on this machine, and wherever it was deployed.
fn servers() -> Vec<Server> {
    let host = ServerVariableBuilder::new()
        .default_value("api.example.com")
        .description(Some("The domain of the API, an output of the stack."))
        .build();
    let deployed = ServerBuilder::new().url("https://{host}").description(Some("A deployment")).parameter("host", host);
    let local = ServerBuilder::new().url("http://127.0.0.1:9000").description(Some("`cargo run`"));
    vec![deployed.build(), local.build()]
}

fn tag(spec: FunctionSpec) -> Tag {
    TagBuilder::new().name(spec.name).description(Some(format!("{}.", spec.about))).build()
}

/// The statuses of an operation whose answer has a schema of this kind, or says by itself that it has a version.
fn statuses(operation: &Operation, is: impl Fn(&RefOr<Schema>) -> bool) -> Vec<String> {
    let shows = |response: &RefOr<Response>| match response {
        RefOr::T(response) if response.headers.contains_key("etag") => true,
        RefOr::T(response) => response.content.values().any(|content| match content {
            RefOr::T(content) => content.schema.as_ref().is_some_and(&is),
            RefOr::Ref(_) => false,
        }),
        RefOr::Ref(_) => false,
    };
    let all = operation.responses.responses.iter();
    all.filter(|(_, response)| shows(response)).map(|(status, _)| status.clone()).collect()
}

/// Whether every form of what a schema describes has this member.
fn has_member(schemas: &BTreeMap<String, RefOr<Schema>>, schema: &RefOr<Schema>, name: &str) -> bool {
    let has = |schema: &RefOr<Schema>| has_member(schemas, schema, name);
    match schema {
        RefOr::Ref(to) => {
            to.ref_location.strip_prefix("#/components/schemas/").and_then(|named| schemas.get(named)).is_some_and(has)
        }
        RefOr::T(Schema::Object(object)) => object.properties.contains_key(name),
        RefOr::T(Schema::OneOf(forms)) => forms.items.iter().all(has),
        RefOr::T(Schema::AllOf(parts)) => parts.items.iter().any(has),
        RefOr::T(_) => false,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    // Two types of one name would overwrite each other, and every answer of one be described as the other.
    #[test]
    fn no_two_schemas_share_a_name() {
        let mut known: BTreeMap<String, Value> = BTreeMap::new();
        for (name, schema) in crate::functions::schemas() {
            let schema = serde_json::to_value(schema).unwrap();
            let first = known.entry(name.clone()).or_insert_with(|| schema.clone());
            assert_eq!(*first, schema, "two schemas are called {name}");
        }
    }

    #[test]
    fn whatever_the_document_points_at_is_in_it() {
        fn pointers(value: &Value, into: &mut Vec<String>) {
            match value {
                Value::Object(members) => {
                    into.extend(members.get("$ref").and_then(Value::as_str).map(str::to_owned));
                    members.values().for_each(|member| pointers(member, into));
                }
                Value::Array(items) => items.iter().for_each(|item| pointers(item, into)),
                _ => {}
            }
        }
        let document = serde_json::to_value(document()).unwrap();
        let mut all = Vec::new();
        pointers(&document, &mut all);
        for pointer in all {
            let place = pointer.trim_start_matches('#');
            assert!(document.pointer(place).is_some(), "{pointer} is nowhere");
        }
    }

    #[test]
    fn every_route_is_described_and_needs_a_token_unless_it_says_otherwise() {
        let document = serde_json::to_value(document()).unwrap();
        assert_eq!(document["info"]["title"], "Caseload");
        assert_eq!(document["components"]["securitySchemes"]["staff"]["scheme"], "bearer");
        let sign_up = &document["paths"]["/v1/practices"]["post"];
        assert_eq!(sign_up["security"], serde_json::json!([{}]));
        assert_eq!(document["paths"]["/v1/practice"]["get"]["security"], serde_json::json!([{"staff": []}]));
    }
}
