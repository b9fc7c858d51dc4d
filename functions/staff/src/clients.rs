//! What becomes of the clients of somebody who leaves (L4, d-12).

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;

use caseload::app::App;
use caseload::domain::client::{AppointmentsToCome, Ownership};
use caseload::domain::ids::{ClientId, StaffId};
use caseload::domain::staff::Staff;
use caseload::store::directory::{Held, lock};
use caseload::store::{Items, keys};
use caseload::web::Problem;
use caseload::workflows::{Authority, OneOfMany, Reassignment, reassign_target};
use serde::Deserialize;
use utoipa::ToSchema;

use crate::leaving::AppointmentsOfLeaver;

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
    /// A staff id, or an object of client ids and staff ids. Who is only seen for a session can be among them: the heir
    /// then takes the session.
    #[serde(default)]
    pub reassign_to: Option<Heirs>,
    /// Whether clients that nobody takes over are left without a therapist.
    #[serde(default)]
    pub leave_unassigned: bool,
    /// What becomes of the sessions to come.
    #[serde(default)]
    pub sessions: Option<AppointmentsOfLeaver>,
}

/// A client and who takes it; none leaves it to the practice.
pub(crate) type Move = (ClientId, Option<StaffId>);

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

    /// Who takes this client, if that is said.
    pub(crate) fn heir(&self, client: ClientId) -> Option<StaffId> {
        match &self.reassign_to {
            Some(Heirs::One(heir)) => Some(*heir),
            Some(Heirs::Each(each)) => each.get(&client).copied(),
            None => None,
        }
    }

    /// Who takes each of these clients: 409 `has_clients` with counts if that is not said of all.
    pub(crate) fn moves(&self, clients: &[(ClientId, Ownership)]) -> Result<Vec<Move>, Problem> {
        let left: Vec<Ownership> = clients
            .iter()
            .filter(|(client, _)| self.heir(*client).is_none())
            .map(|(_, ownership)| *ownership)
            .collect();
        if !left.is_empty() && !self.leave_unassigned {
            let count = |ownership| left.iter().filter(|o| **o == ownership).count();
            let counts = serde_json::json!({
                "direct": count(Ownership::Direct), "primary": count(Ownership::Practice),
            });
            let detail = "They still have clients. Say who takes them over, or that they are left unassigned.";
            return Err(Problem::conflict("has_clients", detail).with("counts", counts));
        }
        Ok(clients.iter().map(|(client, _)| (*client, self.heir(*client))).collect())
    }
}

/// The clients of a therapist, as the directory has them now.
pub(crate) fn clients_of(held: &Mutex<Held>, staff: StaffId) -> Vec<(ClientId, Ownership)> {
    let held = lock(held);
    let own = held.directory.entries().filter(|entry| entry.assigned_staff == Some(staff));
    own.map(|entry| (entry.id, entry.ownership)).collect()
}

/// Gives each client to its heir; what has moved stays moved, so a repeated request goes on.
pub(crate) async fn move_clients(app: &App, by: Authority<'_>, leaver: StaffId, moves: &[Move]) -> Result<(), Problem> {
    let me = by.actor.staff_id();
    let one = |(client, to): &Move| {
        let sessions = AppointmentsToCome::Stay;
        let wish = Reassignment { to: *to, on: None, ownership: None, sessions, notify_client: false, by: me };
        OneOfMany { client: *client, from: Some(leaver), wish }
    };
    let some: Vec<OneOfMany> = moves.iter().take(BATCH).map(one).collect();
    for (_, end) in app.reassign_many(by, &some, Some(leaver)).await? {
        end?;
    }
    if moves.len() > BATCH {
        return Err(Problem::unavailable("more clients than one request moves"));
    }
    Ok(())
}
