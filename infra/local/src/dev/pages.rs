//! Pages for people: the workbench, the API reference, and where the mailed links lead.

use axum::Router;
use axum::response::{Html, Json};
use axum::routing::get;
use utoipa_swagger_ui::{Config, SwaggerUi};

use crate::functions::schedules;
use crate::openapi;

pub(super) fn router() -> Router {
    let reference = Config::new(["/dev/openapi.json"])
        // It would ask a server elsewhere.
        .validator_url("none")
        .display_request_duration(true)
        .persist_authorization(true)
        .try_it_out_enabled(true);
    Router::new()
        .route("/dev", get(|| async { Html(dev()) }))
        .route("/dev/openapi.json", get(|| async { Json(openapi::document()) }))
        .route("/sign-in", get(|| async { Html(include_str!("pages/sign_in.html")) }))
        .route("/invitation", get(|| async { Html(include_str!("pages/invitation.html")) }))
        .merge(Router::from(SwaggerUi::new("/dev/api").config(reference)))
}

/// The page of the local cloud, with a button for every schedule.
fn dev() -> String {
    let button = |name: &str| format!("<button>{name}</button>\n        ");
    let buttons: String = schedules().map(|(_, schedule, _)| button(schedule.name)).collect();
    include_str!("pages/dev.html").replace("<!-- schedules -->", buttons.trim_end())
}
