//! What becomes of the clients of somebody who leaves (L4, d-12).

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;

use caseload::access::{Actor, Cause};
use caseload::app::App;
use caseload::domain::client::Ownership;
use caseload::domain::ids::{ClientId, StaffId};
use caseload::domain::practice::Practice;
use caseload::domain::staff::Staff;
use caseload::store::directory::{Held, lock};
use caseload::store::{Items, keys};
use caseload::web::{Problem, Reassignment, reassign_target, retrying};
use futures_util::future::try_join_all;
use serde::Deserialize;
use utoipa::ToSchema;

/// Who takes the clients over: one therapist all of them, or each client by name.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(untagged)]
pub(crate) enum Heirs {
    One(StaffId),
    #[schema(value_type = Object)]
    Each(BTreeMap<ClientId, StaffId>),
}

/// What the body of a removal says about the clients.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RemoveStaff {
    /// A staff id, or an object of client ids and staff ids.
    #[serde(default)]
    pub reassign_to: Option<Heirs>,
    /// Whether clients that nobody takes over are left without a therapist.
    #[serde(default)]
    pub leave_unassigned: bool,
}

/// A client and who takes it; none leaves it to the practice.
type Move = (ClientId, Option<StaffId>);

/// Transactions under way at once.
const WIDTH: usize = 8;
/// Clients one request moves: what is left takes another one, before the gateway gives up on this.
const BATCH: usize = 400;
/// Therapists that clients can go to in one removal: they are read with the rest.
const MOST_HEIRS: usize = 50;

impl RemoveStaff {
    /// The therapists named.
    pub(crate) fn heirs(&self) -> BTreeSet<StaffId> {
        match &self.reassign_to {
            None => BTreeSet::new(),
            Some(Heirs::One(heir)) => BTreeSet::from([*heir]),
            Some(Heirs::Each(each)) => each.values().copied().collect(),
        }
    }

    /// Refuses what contradicts itself, or is too much for one request (422).
    pub(crate) fn check(&self) -> Result<(), Problem> {
        if self.leave_unassigned && matches!(self.reassign_to, Some(Heirs::One(_))) {
            let detail = "cannot stand beside one therapist who takes every client";
            return Err(Problem::invalid("/leave_unassigned", "contradiction", detail));
        }
        if self.heirs().len() > MOST_HEIRS {
            return Err(Problem::invalid("/reassign_to", "too_many", "must name at most 50 therapists"));
        }
        Ok(())
    }

    /// Requires every named therapist to take clients, and not to be the one who leaves.
    pub(crate) fn check_heirs(&self, leaver: &Staff, items: &mut Items) -> Result<(), Problem> {
        for heir in self.heirs() {
            let found = items.take::<Staff>(&keys::staff(leaver.practice, heir))?;
            let pointer = match &self.reassign_to {
                Some(Heirs::Each(each)) => {
                    let client = each.iter().find(|(_, to)| **to == heir).map(|(client, _)| client.to_string());
                    format!("/reassign_to/{}", client.unwrap_or_default())
                }
                _ => "/reassign_to".to_owned(),
            };
            reassign_target(found.filter(|staff| staff.id != leaver.id), &pointer)?;
        }
        Ok(())
    }

    /// Who takes each of these clients: 409 `has_clients` with counts if that is not said of all.
    pub(crate) fn moves(&self, clients: &[(ClientId, Ownership)]) -> Result<Vec<Move>, Problem> {
        let heir = |client: &ClientId| match &self.reassign_to {
            Some(Heirs::One(heir)) => Some(*heir),
            Some(Heirs::Each(each)) => each.get(client).copied(),
            None => None,
        };
        let left: Vec<Ownership> =
            clients.iter().filter(|(client, _)| heir(client).is_none()).map(|(_, ownership)| *ownership).collect();
        if !left.is_empty() && !self.leave_unassigned {
            let count = |ownership| left.iter().filter(|o| **o == ownership).count();
            let counts = serde_json::json!({
                "direct": count(Ownership::Direct), "primary": count(Ownership::Practice),
            });
            let detail = "They still have clients. Say who takes them over, or that they are left unassigned.";
            return Err(Problem::conflict("has_clients", detail).with("counts", counts));
        }
        Ok(clients.iter().map(|(client, _)| (*client, heir(client))).collect())
    }
}

/// The clients of a therapist, as the directory has them now.
pub(crate) fn clients_of(held: &Mutex<Held>, staff: StaffId) -> Vec<(ClientId, Ownership)> {
    let held = lock(held);
    let own = held.directory.entries().filter(|entry| entry.assigned_staff == Some(staff));
    own.map(|entry| (entry.id, entry.ownership)).collect()
}

/// Under whose authority clients are moved, and from whom.
#[derive(Clone, Copy)]
pub(crate) struct Mover<'a> {
    pub app: &'a App,
    pub actor: &'a Actor,
    pub practice: &'a Practice,
    pub cause: Cause,
    pub from: StaffId,
}

impl Mover<'_> {
    /// Moves each client in a transaction of its own; what is moved stays moved, so a repeated request goes on.
    pub(crate) async fn all(self, moves: &[Move]) -> Result<(), Problem> {
        for some in moves.get(..moves.len().min(BATCH)).unwrap_or_default().chunks(WIDTH) {
            try_join_all(some.iter().map(|(client, heir)| self.one(*client, *heir))).await?;
        }
        if moves.len() > BATCH {
            return Err(Problem::unavailable("more clients than one request moves"));
        }
        Ok(())
    }

    async fn one(self, id: ClientId, heir: Option<StaffId>) -> Result<(), Problem> {
        let practice = self.practice.id;
        retrying(async || {
            let mut wanted = vec![keys::client(practice, id)];
            wanted.extend(heir.map(|heir| keys::staff(practice, heir)));
            let mut items = self.app.store.load(&wanted).await?;
            let found = items.client(practice, id)?.filter(|client| client.assigned_staff == Some(self.from));
            // Gone, or somebody else's by now.
            let Some(mut client) = found else { return Ok(()) };
            let to = match heir {
                Some(heir) => Some(reassign_target(items.take(&keys::staff(practice, heir))?, "/reassign_to")?),
                None => None,
            };
            let wish = Reassignment { to: heir, on: None, ownership: None };
            let Self { app, actor, practice, cause, .. } = self;
            app.reassign_one(actor, practice, cause, &mut client, to.as_ref(), wish).await.map(|_| ())
        })
        .await
    }
}
