//! The whole API: every HTTP function's routes, and the one document that describes them.

use std::sync::LazyLock;

use axum::Router;
use caseload::app::App;
use caseload::web::{CLIENT, STAFF};
use utoipa::openapi::path::Operation;
use utoipa::openapi::security::{Http, HttpAuthScheme, SecurityRequirement, SecurityScheme};
use utoipa::openapi::{Components, Content, Info, OpenApi, Ref, RefOr, Response};
use utoipa_axum::router::OpenApiRouter;

use crate::functions::routers;

const PROBLEM: &str = "application/problem+json";

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
    document.info = Info::builder()
        .title("Caseload")
        .version(env!("CARGO_PKG_VERSION"))
        .description(Some(
            "The back end of a therapy practice: clients and their portal, invitations, imports, files, sessions, payments.\n\n\
             Refusals are `application/problem+json` with a stable `code`. Every answer carries `x-request-id`.",
        ))
        .build();
    let components = document.components.get_or_insert_with(Components::new);
    for (name, of) in [(STAFF, "a staff member's session"), (CLIENT, "a client's session")] {
        let mut scheme = Http::new(HttpAuthScheme::Bearer);
        scheme.bearer_format = Some("JWT".to_owned());
        scheme.description = Some(format!("The access token of {of}; it lives for ten minutes."));
        components.add_security_scheme(name, SecurityScheme::Http(scheme));
    }
    for path in document.paths.paths.values_mut() {
        let operations = [&mut path.get, &mut path.post, &mut path.put, &mut path.patch, &mut path.delete];
        operations.into_iter().flatten().for_each(refusals);
    }
    document
}

/// What holds for every route alike, and so is said nowhere else: refusals are problems, and no token is 401.
fn refusals(operation: &mut Operation) {
    let responses = &mut operation.responses.responses;
    if operation.security != Some(vec![SecurityRequirement::default()]) {
        let problem = Content::new(Some(Ref::from_schema_name("ProblemBody")));
        let mut refused = Response::new("No live credential.");
        refused.content.insert(PROBLEM.to_owned(), RefOr::T(problem));
        responses.insert("401".to_owned(), RefOr::T(refused));
    }
    for (status, response) in responses {
        if let RefOr::T(response) = response
            && status.starts_with('4')
            && let Some(content) = response.content.shift_remove("application/json")
        {
            response.content.insert(PROBLEM.to_owned(), content);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
