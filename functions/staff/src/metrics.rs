use std::collections::BTreeMap;
use std::sync::Mutex;

use axum::extract::State;
use caseload::access::{Action, Actor, feature_blocks};
use caseload::app::App;
use caseload::domain::appointment::{Tally, day_of};
use caseload::domain::client::{Client, RiskLevel, Status};
use caseload::domain::directory::{Entry, Query as DirectoryQuery, Scope};
use caseload::domain::ids::{ClientId, StaffId};
use caseload::domain::role::Feature;
use caseload::store::Decided;
use caseload::store::directory::{Held, lock};
use caseload::web::{Caller, Outcome, Path, Query, Reply, Span, StaffOnly};
use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::appointments::{LATELY, days_and_signed, lacks_note};
use crate::look::{self, Reason};

/// The stretch of time whose sessions are counted.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub(crate) struct ReadMetrics {
    /// The start, which belongs to it; 30 days before `to`, or before now if that is earlier, unless given.
    #[serde(default)]
    from: Option<Timestamp>,
    /// The end, which does not; now unless given, at most 366 days after `from`.
    #[serde(default)]
    to: Option<Timestamp>,
}

// L12
/// What a staff member has to do with, in numbers.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Metrics {
    staff_id: StaffId,
    /// When it was counted.
    as_of: Timestamp,
    from: Timestamp,
    to: Timestamp,
    active_clients: usize,
    caseload: CaseloadCounts,
    /// Left out for roles without appointments.
    #[serde(skip_serializing_if = "Option::is_none")]
    sessions: Option<Tally>,
    /// Left out for roles without appointments.
    #[serde(skip_serializing_if = "Option::is_none")]
    pending_notes: Option<u32>,
    /// Left out for roles without clinical access.
    #[serde(skip_serializing_if = "Option::is_none")]
    risk: Option<RiskCounts>,
    /// How each number is made, in a sentence.
    formulas: BTreeMap<&'static str, &'static str>,
}

/// Clients by the reason they are on the caseload.
#[derive(Debug, Default, Serialize, ToSchema)]
pub(crate) struct CaseloadCounts {
    direct: usize,
    primary: usize,
    walk_in: usize,
}

/// Clients by risk.
#[derive(Debug, Default, Serialize, ToSchema)]
pub(crate) struct RiskCounts {
    none: usize,
    low: usize,
    moderate: usize,
    high: usize,
    not_set: usize,
}

/// How the numbers are made (d-32).
const FORMULAS: [(&str, &str); 5] = [
    (
        "active_clients",
        "Clients with status active that are assigned to the staff member, direct or primary, at as_of.",
    ),
    (
        "caseload",
        "All clients of the staff member at as_of, whatever their status: direct clients, practice clients whose primary \
         therapist it is, and walk-ins, which are practice clients of somebody else or nobody with whom it has a session \
         to come, or had one in the last days that count, as the practice has set (team.walk_in_days).",
    ),
    (
        "sessions",
        "Sessions of the staff member that begin at or after from and before to, by status at as_of; with clients that \
         are gone by now as well.",
    ),
    ("pending_notes", "Completed sessions among these about which the staff member has no signed clinical note."),
    (
        "risk",
        "Clients assigned to the staff member, direct or primary, by the risk a clinician has set last; not_set if \
         nobody has. They add up to direct and primary.",
    ),
];

// L12, L14
/// Counts of a staff member's clients and sessions: for the staff member, its supervisors and admins.
///
/// `formulas` says how each number is made.
#[utoipa::path(
    get, path = "/v1/staff/{staff_id}/metrics", tag = "staff", params(("staff_id" = StaffId, Path), ReadMetrics),
    responses((status = 200, body = Metrics))
)]
pub(crate) async fn read_metrics(
    State(app): State<App>,
    caller: Caller<StaffOnly>,
    Path(staff): Path<StaffId>,
    Query(query): Query<ReadMetrics>,
) -> Outcome {
    let (practice, now) = (caller.practice(), caller.context.at);
    let span = Span::asked(query.from, query.to, now, LATELY)?;
    let about = [staff.to_string()];
    let (read, known, noted) = tokio::join!(
        look::at(&app, &caller, staff),
        days_and_signed(&app, practice, staff, span),
        app.note_shown(&caller, Action::CaseloadRead, Decided::Asked, None, &about),
    );
    let (asked, held) = read?;
    noted?;
    let mut sessions = Tally::default();
    let ((days, signed), mut pending_notes) = (known?, 0);
    for booking in span.sessions(&days) {
        sessions.add(booking.status);
        pending_notes += u32::from(lacks_note(&booking, &signed));
    }
    let (active_clients, caseload, assigned) = clients(&held, staff, asked.practice.team.walk_ins_since(day_of(now)));
    let has =
        |feature| matches!(&asked.actor, Actor::Staff(me) if feature_blocks(me, feature, &asked.practice).is_empty());
    let sessions = has(Feature::Appointments).then_some(sessions);
    let risk = match has(Feature::ClinicalDiagnosis) {
        true => Some(risk(&app.store.clients(practice, &assigned).await?)),
        false => None,
    };
    Reply::ok(&Metrics {
        staff_id: staff,
        as_of: now,
        from: span.from,
        to: span.to,
        active_clients,
        caseload,
        sessions,
        pending_notes: sessions.map(|_| pending_notes),
        risk,
        formulas: FORMULAS.into_iter().collect(),
    })
}

/// The active ones assigned, all by reason, and the ids of those assigned.
fn clients(held: &Mutex<Held>, staff: StaffId, since: Date) -> (usize, CaseloadCounts, Vec<ClientId>) {
    let query = DirectoryQuery { limit: usize::MAX, ..DirectoryQuery::default() };
    let found = lock(held).directory.search(&query, &Scope::Staff { of: vec![staff], since }, &[]);
    let (mut active, mut counts, mut assigned) = (0, CaseloadCounts::default(), Vec::new());
    for (entry, _) in &found.rows {
        match Reason::of(entry, staff) {
            Reason::Direct => counts.direct += 1,
            Reason::Primary => counts.primary += 1,
            Reason::WalkIn => {
                counts.walk_in += 1;
                continue;
            }
        }
        assigned.push(entry.id);
        active += usize::from(is_active(entry));
    }
    (active, counts, assigned)
}

fn is_active(entry: &Entry) -> bool {
    entry.status() == Status::Active
}

fn risk(clients: &[Client]) -> RiskCounts {
    let mut counts = RiskCounts::default();
    for client in clients {
        let count = match client.risk.map(|risk| risk.level) {
            None => &mut counts.not_set,
            Some(RiskLevel::None) => &mut counts.none,
            Some(RiskLevel::Low) => &mut counts.low,
            Some(RiskLevel::Moderate) => &mut counts.moderate,
            Some(RiskLevel::High) => &mut counts.high,
        };
        *count += 1;
    }
    counts
}
