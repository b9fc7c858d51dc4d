use axum::extract::State;
use caseload::app::App;
use caseload::refusal::Refusal;
use caseload::web::{Outcome, Reply, Visitor};

/// The public keys of access tokens.
#[utoipa::path(get, path = "/.well-known/jwks.json", tag = "auth", responses((status = 200, body = Object)))]
pub(crate) async fn jwks(State(app): State<App>, _: Visitor) -> Outcome {
    let verifier = app.verifier().ok_or_else(|| Refusal::broken("this function has no keys"))?;
    Reply::ok(verifier.jwks())
}
