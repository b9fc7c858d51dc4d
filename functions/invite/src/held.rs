//! What the holder of an invitation token holds: checked against the one record its ids name.

use caseload::app::App;
use caseload::crypto::{Claim, Token};
use caseload::domain::client::Client;
use caseload::domain::ids::ClientId;
use caseload::domain::portal::{AcceptRefusal, Invitation};
use caseload::domain::practice::Practice;
use caseload::domain::session::PrincipalId;
use caseload::refusal::{Refusal, Stop};
use caseload::store::keys;
use caseload::store::rate::Limit;
use caseload::web::RequestContext;
use jiff::SignedDuration;

use crate::staff::HeldByStaff;
use crate::token::{InvitationToken, genuine, unknown};

/// A genuine token with what it is about; it may still be too late.
pub(crate) enum Held {
    Client(Box<HeldByClient>),
    Staff(Box<HeldByStaff>),
}

/// The invitation of a client to the portal.
pub(crate) struct HeldByClient {
    pub client: Client,
    pub practice: Practice,
    pub serial: u32,
}

/// Tries from one address (security IDN-13).
const TRIES: Limit = Limit { kind: "invitation", max: 50, window: SignedDuration::from_mins(15) };

/// Counts the try, then reads the invited one and the practice in one round trip.
pub(crate) async fn hold(app: &App, context: &RequestContext, body: &InvitationToken) -> Result<Held, Stop> {
    if let Some(network) = context.network() {
        let source = app.keys.hash("source", &[network.as_bytes()]);
        app.store.raise(TRIES, &source, context.at).await?.map_err(Refusal::too_many)?;
    }
    let token = Token::parse(&body.token).map_err(|_| unknown())?;
    match token.claim {
        Claim::Invitation(id, serial) => by_client(app, &token, id, serial).await.map(|held| Held::Client(held.into())),
        Claim::StaffInvitation(id, serial) => {
            HeldByStaff::read(app, &token, id, serial).await.map(|held| Held::Staff(held.into()))
        }
        Claim::SignIn(_) | Claim::Refresh(..) | Claim::Unsubscribe(..) | Claim::CalendarFeed(..) => {
            Err(unknown().into())
        }
    }
}

async fn by_client(app: &App, token: &Token, id: ClientId, serial: u32) -> Result<HeldByClient, Stop> {
    let wanted = (keys::client(token.practice, id).unless_deleting(), keys::practice(token.practice));
    let (Some(client), Some(practice)) = app.store.load(wanted).await? else { return Err(unknown().into()) };
    let seed = client.portal.invitation.as_ref().ok_or_else(unknown)?.seed;
    genuine(app, token, seed)?;
    Ok(HeldByClient { client, practice, serial })
}

impl HeldByClient {
    /// The invitation the token is for; none if a later one replaced it.
    pub(crate) fn current(&self) -> Option<&Invitation> {
        self.client.portal.invitation.as_ref().filter(|invitation| invitation.serial == self.serial)
    }

    /// Who the holder claims to be.
    pub(crate) const fn principal(&self) -> PrincipalId {
        PrincipalId::Client(self.client.id)
    }

    /// Refuses while the portal is off or the client is deactivated (D20, D23).
    pub(crate) fn available(&self) -> Result<(), AcceptRefusal> {
        if self.practice.portal.on && self.client.suspended_at.is_none() {
            Ok(())
        } else {
            Err(AcceptRefusal::Unavailable)
        }
    }
}
