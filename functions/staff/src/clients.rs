//! What becomes of the clients of somebody who leaves (L4, d-12).

use std::sync::Mutex;

use caseload::app::App;
use caseload::domain::client::{AppointmentsToCome, Ownership};
use caseload::domain::ids::{ClientId, StaffId};
use caseload::refusal::{Refusal, Stop};
use caseload::store::directory::{Held, lock};
use caseload::workflows::{Authority, OneOfMany, Reassignment};

use crate::removal::Move;

/// Clients one request moves: what is left takes another one, before the gateway gives up on this.
const BATCH: usize = 400;

/// The clients of a therapist, as the directory has them now.
pub(crate) fn clients_of(held: &Mutex<Held>, staff: StaffId) -> Vec<(ClientId, Ownership)> {
    let held = lock(held);
    let own = held.directory.entries().filter(|entry| entry.assigned_staff == Some(staff));
    own.map(|entry| (entry.id, entry.ownership)).collect()
}

/// Gives each client to its heir; what has moved stays moved, so a repeated request goes on.
pub(crate) async fn move_clients(app: &App, by: Authority<'_>, leaver: StaffId, moves: &[Move]) -> Result<(), Stop> {
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
        return Err(Refusal::unavailable("more clients than one request moves").into());
    }
    Ok(())
}
