use axum::extract::State;
use caseload::access::Action;
use caseload::app::App;
use caseload::domain::ids::{FormId, PacketId};
use caseload::domain::paperwork::{BadPacket, Library, Packet};
use caseload::domain::text::PacketName;
use caseload::store::keys;
use caseload::web::view::form::PacketTemplateView;
use caseload::web::{Caller, Json, Outcome, PageQuery, Query, Reply, Shown, StaffOnly};
use caseload::workflows::retrying;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A page of packets, newest first.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PacketTemplatePage {
    items: Vec<PacketTemplateView>,
    next_cursor: Option<String>,
}

/// Forms that are sent together.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct CreatePacket {
    name: PacketName,
    /// 1 to 20, in the order in which they are filled in.
    #[schema(min_items = 1, max_items = 20)]
    form_ids: Vec<FormId>,
}

// S4
/// The packets of the practice, newest first.
#[utoipa::path(
    get, path = "/v1/packets", tag = "paperwork", params(PageQuery),
    responses((status = 200, body = PacketTemplatePage))
)]
pub(crate) async fn list_packet_templates(
    State(app): State<App>,
    caller: Caller<StaffOnly>,
    Query(query): Query<PageQuery>,
) -> Outcome {
    let practice = caller.practice();
    let page = app.page(practice, "packets", &query)?;
    let asked = app.practice(&caller, Action::FormRead);
    let (_, Shown { items, next_cursor }) =
        app.visible_page(&page, &keys::packets(practice), asked, |_, _| true).await?;
    Reply::ok(&PacketTemplatePage { items: items.iter().map(PacketTemplateView::new).collect(), next_cursor })
}

// S4
/// Puts forms together into a packet that can be sent to clients.
#[utoipa::path(
    post, path = "/v1/packets", tag = "paperwork", request_body = CreatePacket,
    responses((status = 201, body = PacketTemplateView), (status = 409))
)]
pub(crate) async fn create_packet_template(
    State(app): State<App>,
    caller: Caller<StaffOnly>,
    Json(body): Json<CreatePacket>,
) -> Outcome {
    let (practice, id) = (caller.practice(), PacketId::from_uuid(app.new_id()?));
    let CreatePacket { name, form_ids } = body;
    Packet::check_ids(&form_ids)?;
    retrying(app.clock(), async || {
        let forms: Vec<_> = form_ids.iter().map(|id| keys::form(practice, *id)).collect();
        let (asked, (library, forms)) =
            app.practice_with(&caller, Action::FormManage, (keys::library(practice), forms)).await?;
        if let Some(place) = forms.iter().position(Option::is_none) {
            return Err(BadPacket::FormUnknown(place).into());
        }
        Packet::check_size(forms.iter().flatten())?;
        let (name, forms, created_at) = (name.clone(), form_ids.clone(), asked.grant.at());
        let packet = Packet { id, practice, version: 1, name, forms, created_at };
        let mut library = library.unwrap_or_else(|| Library::empty(practice));
        library.add_packet(&packet)?;
        let mut tx = asked.tx();
        tx.create(&packet).replace(&mut library).touches(id);
        let reply = Reply::created_at(packet.version, &PacketTemplateView::new(&packet))?;
        app.finish(&asked, tx, reply).await
    })
    .await
}
