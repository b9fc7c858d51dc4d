use axum::extract::State;
use caseload::access::{Action, Actor};
use caseload::app::App;
use caseload::refusal::Refusal;
use caseload::web::{Caller, Oneself, Outcome, Reply};
use caseload::workflows::retrying;

// X9
/// Ends every session of the caller, this one too: from the next request on, whatever tokens are still about.
#[utoipa::path(
    delete, path = "/v1/auth/sessions/all", tag = "auth",
    responses((status = 204))
)]
pub(crate) async fn end_all_sessions(State(app): State<App>, caller: Caller<Oneself>) -> Outcome {
    retrying(app.clock(), async || {
        let asked = app.practice(&caller, Action::SelfSessions).await?;
        let mut tx = asked.tx();
        match asked.actor.clone() {
            Actor::Staff(mut staff) => {
                staff.end_sessions();
                tx.replace(&mut **staff);
            }
            Actor::Client(mut client) => {
                client.portal.end_sessions();
                tx.save_client(&mut client);
            }
            Actor::Holder(_) | Actor::Anonymous | Actor::System(_) => {
                return Err(Refusal::broken("a caller without a principal").into());
            }
        }
        tx.fields(["session_epoch"]).touches(caller.identity.principal);
        app.finish(&asked, tx, Reply::empty()).await
    })
    .await
}
