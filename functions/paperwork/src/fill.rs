use axum::extract::State;
use caseload::access::Action;
use caseload::app::App;
use caseload::domain::date::today;
use caseload::domain::ids::SentPacketId;
use caseload::domain::paperwork::Fill;
use caseload::refusal::Refusal;
use caseload::web::view::packet::ProposalView;
use caseload::web::{Caller, Json, Outcome, Path, Reply, StaffOnly};
use caseload::workflows::retrying;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::found::Found;

/// What to fill.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct FillProfile {
    /// Only look: which fields are empty, and what would fill them.
    #[serde(default)]
    preview: bool,
    /// Exactly these; needed without a preview.
    #[serde(default)]
    fields: Vec<Fill>,
}

/// What can be filled, and what was.
#[derive(Serialize, ToSchema)]
pub(crate) struct FilledProfile {
    /// The fields that are empty and that an answer fits.
    proposals: Vec<ProposalView>,
    filled: Vec<Fill>,
}

// S4
/// Fills empty fields of the client's profile from a submitted packet, after somebody has looked at what.
///
/// All fields that are named, or none: a field that has something in it is left alone.
#[utoipa::path(
    post, path = "/v1/packets/{packet_id}/fill", tag = "paperwork", params(("packet_id" = SentPacketId, Path)),
    request_body = FillProfile,
    responses((status = 200, body = FilledProfile), (status = 409))
)]
pub(crate) async fn fill_profile(
    State(app): State<App>,
    caller: Caller<StaffOnly>,
    Path(id): Path<SentPacketId>,
    Json(body): Json<FillProfile>,
) -> Outcome {
    if body.preview != body.fields.is_empty() {
        let told = "must be empty for a preview, and name what is to be filled otherwise";
        return Err(Refusal::invalid("/fields", "contradiction", told).into());
    }
    let mut fields = body.fields;
    fields.sort_unstable();
    fields.dedup();
    retrying(app.clock(), async || {
        let Found { asked, mut client, .. } = Found::of(&app, &caller, Action::PacketFill, id).await?;
        let day = today(asked.grant.at(), asked.practice.time_zone.time_zone());
        let place = (asked.practice.default_region, day);
        let before = client.profile.clone();
        let filled = asked.subject.fill(&before, &fields, place)?;
        let mut tx = asked.tx();
        tx.touches(id);
        if !fields.is_empty() {
            client.replace_profile(filled);
            tx.save_client(&mut client).fields(fields.iter().map(|field| field.name()));
            app.move_hints(&mut tx, &before, &client);
        }
        let proposals = asked.subject.proposals(&client.profile, place)?;
        let proposals = proposals.into_iter().map(ProposalView::from).collect();
        let reply = Reply::ok(&FilledProfile { proposals, filled: fields.clone() })?;
        app.finish(&asked, tx, reply).await
    })
    .await
}
