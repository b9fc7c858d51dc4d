use axum::extract::State;
use caseload::access::{Action, Resource};
use caseload::app::App;
use caseload::domain::catalog::Catalog;
use caseload::domain::client::Client;
use caseload::domain::ids::ClientId;
use caseload::domain::paperwork::{PacketStage, PacketTally, SentPacket};
use caseload::store::keys;
use caseload::web::view::packet::{PacketCard, PacketCounts, PacketReader};
use caseload::web::{Anyone, Authorized, Caller, Outcome, PageQuery, Path, Query, Reply, Shown};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// Which packets, and which page of them.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct PacketQuery {
    /// Only those that are so far.
    #[serde(default)]
    #[param(inline)]
    state: Option<PacketStage>,
    /// Only those that are over and not submitted, or only the others.
    #[serde(default)]
    overdue: Option<bool>,
    /// At most this many items, 50 unless given.
    #[serde(default)]
    #[param(minimum = 1, maximum = 200)]
    limit: Option<u16>,
    /// `next_cursor` of the page before.
    #[serde(default)]
    cursor: Option<String>,
}

/// A page of packets, newest first.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PacketPage {
    items: Vec<PacketCard>,
    next_cursor: Option<String>,
    /// Of all packets of the client.
    counts: PacketCounts,
}

/// What the page is read with.
type Asked = (Authorized<Client>, (Option<PacketTally>, Catalog));

// S4
/// The packets that were sent to a client, newest first.
#[utoipa::path(
    get, path = "/v1/clients/{client_id}/packets", tag = "paperwork",
    params(("client_id" = ClientId, Path), PacketQuery),
    responses((status = 200, body = PacketPage))
)]
pub(crate) async fn list_packets(
    State(app): State<App>,
    caller: Caller<Anyone>,
    Path(client): Path<ClientId>,
    Query(query): Query<PacketQuery>,
) -> Outcome {
    let (practice, principal) = (caller.practice(), caller.identity.principal);
    let PacketQuery { state, overdue, limit, cursor } = query;
    let page = PageQuery::new(limit, cursor);
    let page = app.page(practice, &format!("packets {client} {principal} {state:?} {overdue:?}"), &page)?;
    let more = (keys::packet_tally(practice, client), keys::catalog(practice).required());
    let asked = app.client_with(&caller, Action::PacketRead, client, more);
    let sees = |(asked, _): &Asked, packet: &SentPacket| {
        let over = packet.is_overdue(asked.grant.at(), asked.practice.time_zone.time_zone());
        state.is_none_or(|state| packet.stage() == state)
            && overdue.is_none_or(|overdue| over == overdue)
            && asked.sees(Action::PacketRead, &Resource::packet(Some((&asked.subject, packet))))
    };
    let list = keys::sent_packets(practice, client);
    let ((asked, (tally, catalog)), shown) = app.visible_page(&page, &list, asked, sees).await?;
    let Shown { items, next_cursor } = shown;
    let tally = tally.unwrap_or_else(|| PacketTally::empty(practice, client));
    let (actor, practice, client, now) = (&asked.actor, &asked.practice, &asked.subject, asked.grant.at());
    let reader = PacketReader { actor, practice, client, catalog: &catalog, now };
    Reply::ok(&PacketPage {
        items: items.iter().map(|packet| reader.card(packet)).collect(),
        next_cursor,
        counts: PacketCounts::new(&tally, practice, now),
    })
}
