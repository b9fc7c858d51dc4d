use std::collections::BTreeMap;

use axum::extract::State;
use caseload::access::Action;
use caseload::app::App;
use caseload::domain::ids::{FormId, SentPacketId};
use caseload::domain::paperwork::Given;
use caseload::refusal::{BadField, Refusal};
use caseload::web::view::packet::PortalPacketView;
use caseload::web::{Caller, Json, Outcome, Path, PortalOnly, Reply, RequireMatch};
use serde::Deserialize;
use serde_json::Value;
use utoipa::ToSchema;

use crate::found::Found;

/// What the client has answered so far.
#[derive(Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SaveAnswers {
    /// By form and question, all there are: what is left out is not answered. Texts, dates such as `1990-12-31` and choices
    /// are strings, several choices a list of them, numbers and scales numbers, yes and no true and false.
    #[schema(value_type = BTreeMap<String, BTreeMap<String, Value>>)]
    answers: BTreeMap<FormId, BTreeMap<String, Value>>,
}

fn given(value: Value) -> Given {
    match value {
        Value::Null => Given::Nothing,
        Value::Bool(yes) => Given::YesNo(yes),
        Value::Number(number) => number.as_f64().map_or(Given::Other, Given::Number),
        Value::String(text) => Given::Text(text),
        Value::Array(many) => {
            let texts: Option<Vec<String>> = many.iter().map(|one| one.as_str().map(str::to_owned)).collect();
            texts.map_or(Given::Other, Given::Many)
        }
        Value::Object(_) => Given::Other,
    }
}

// S4
/// Saves what the client has answered so far, as often as it likes.
///
/// Each answer has to fit its question; which ones are missing is looked at when the packet is submitted.
#[utoipa::path(
    put, path = "/v1/packets/{packet_id}/answers", tag = "paperwork", params(("packet_id" = SentPacketId, Path)),
    request_body = SaveAnswers,
    responses((status = 200, body = PortalPacketView), (status = 409))
)]
pub(crate) async fn save_answers(
    State(app): State<App>,
    caller: Caller<PortalOnly>,
    Path(id): Path<SentPacketId>,
    tag: RequireMatch,
    Json(body): Json<SaveAnswers>,
) -> Outcome {
    let form = |(id, answers): (FormId, BTreeMap<String, Value>)| {
        (id, answers.into_iter().map(|(key, value)| (key, given(value))).collect())
    };
    let given = body.answers.into_iter().map(form).collect();
    let mut found = Found::of(&app, &caller, Action::PacketAnswer, id).await?;
    let (packet, now) = (&mut found.asked.subject, found.asked.grant.at());
    packet.check_open()?;
    tag.check(packet.version)?;
    let bad = |(pointer, bad): (String, _)| {
        let bad: caseload::domain::paperwork::BadAnswer = bad;
        BadField::new(format!("/answers{pointer}"), bad.code(), bad)
    };
    let answers = packet.read(&given).map_err(|refused| Refusal::fields(refused.into_iter().map(bad).collect()))?;
    packet.save(answers, now)?;
    let mut tx = found.asked.tx();
    tx.replace(&mut found.asked.subject).unchanged(&found.client).touches(id).fields(["answers"]);
    let reply = Reply::ok_at(found.asked.subject.version, &found.view())?;
    app.finish(&found.asked, tx, reply).await
}
