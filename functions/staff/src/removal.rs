//! What a removal says about the clients and sessions of whoever leaves.
// L4, d-12

use std::collections::{BTreeMap, BTreeSet};

use caseload::domain::client::Ownership;
use caseload::domain::ids::{ClientId, StaffId};
use caseload::domain::staff::Staff;
use caseload::refusal::{Refusal, Stop};
use caseload::workflows::reassign_target;
use serde::Deserialize;
use utoipa::ToSchema;

/// Who takes the clients over: one therapist all of them, or each client by name.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(untagged)]
pub(crate) enum Heirs {
    One(StaffId),
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

/// What is said about the sessions to come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum AppointmentsOfLeaver {
    /// Each goes to the heir of its client.
    Move,
    /// Each is called off.
    Cancel,
}

/// A client and who takes it; none leaves it to the practice.
pub(crate) type Move = (ClientId, Option<StaffId>);

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
    pub(crate) fn check(&self) -> Result<(), Stop> {
        if self.leave_unassigned && matches!(self.reassign_to, Some(Heirs::One(_))) {
            let detail = "cannot stand beside one therapist who takes every client";
            return Err(Refusal::invalid("/leave_unassigned", "contradiction", detail).into());
        }
        if self.heirs().len() > MOST_HEIRS {
            return Err(Refusal::invalid("/reassign_to", "too_many", "must name at most 50 therapists").into());
        }
        Ok(())
    }

    /// Requires every named therapist to take clients, and not to be the one who leaves; `read` are the heirs in order.
    pub(crate) fn check_heirs(&self, leaver: &Staff, read: Vec<Option<Staff>>) -> Result<(), Stop> {
        for (heir, found) in self.heirs().into_iter().zip(read) {
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
    pub(crate) fn moves(&self, clients: &[(ClientId, Ownership)]) -> Result<Vec<Move>, Stop> {
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
            return Err(Refusal::conflict("has_clients", detail).with("counts", counts).into());
        }
        Ok(clients.iter().map(|(client, _)| (*client, self.heir(*client))).collect())
    }
}
