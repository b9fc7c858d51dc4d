//! A packet that was sent, with what showing and changing it takes: one round trip.

use caseload::access::Action;
use caseload::app::App;
use caseload::domain::catalog::Catalog;
use caseload::domain::client::Client;
use caseload::domain::ids::SentPacketId;
use caseload::domain::paperwork::{PacketTally, SentPacket};
use caseload::refusal::{Refusal, Stop};
use caseload::store::keys;
use caseload::web::view::packet::{PacketReader, PacketView};
use caseload::web::{Authorized, Caller, Kind};

/// A packet that the caller may do something with.
pub(crate) struct Found {
    pub(crate) asked: Authorized<SentPacket>,
    pub(crate) client: Client,
    pub(crate) catalog: Catalog,
    pub(crate) tally: PacketTally,
}

impl Found {
    pub(crate) async fn of<K: Kind>(
        app: &App,
        caller: &Caller<K>,
        action: Action,
        id: SentPacketId,
    ) -> Result<Self, Stop> {
        let (practice, of) = (caller.practice(), id.client());
        let client = keys::client(practice, of).unless_deleting();
        let wanted = (client, keys::catalog(practice).required(), keys::packet_tally(practice, of));
        let (asked, (client, catalog, tally)) = app.thing_with(caller, action, id, wanted).await?;
        let client = client.ok_or_else(Refusal::absent)?;
        let tally = tally.unwrap_or_else(|| PacketTally::empty(practice, of));
        Ok(Self { asked, client, catalog, tally })
    }

    /// As the caller sees it.
    pub(crate) fn view(&self) -> PacketView {
        let Self { asked, client, catalog, .. } = self;
        let (actor, practice, now) = (&asked.actor, &asked.practice, asked.grant.at());
        PacketReader { actor, practice, client, catalog, now }.view(&asked.subject)
    }
}
