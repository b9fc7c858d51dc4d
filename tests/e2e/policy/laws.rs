//! Laws of the policy over random worlds: it agrees with an independent reading of the matrix, and features only add.

use std::collections::BTreeMap;

use caseload::access::{Action, Actor, ClientFacts, InvoiceFacts, Obligation, Resource, decide};
use caseload::domain::appointment::day_of;
use caseload::domain::client::Ownership;
use caseload::domain::directory::Scope;
use caseload::domain::ids::StaffId;
use caseload::domain::role::Feature;
use caseload::domain::staff::Staff;
use end_to_end::matrix::{self, Row};
use jiff::civil::Date;
use proptest::prelude::*;

use super::cast::{self, INTERN, SUPERVISOR, Scene, T, THERAPIST, W, role_id, staff, staff_id};
use super::cells::letter;

const ME: u128 = 20;
const SUPERVISEE: u128 = 21;

/// A staff member and how it stands to client C: any mixture.
#[derive(Debug, Clone)]
struct World {
    admin: bool,
    therapist: bool,
    walk_in: bool,
    supervises_therapist: bool,
    supervises_walk_in: bool,
    direct: bool,
    supervision_on: bool,
    role: u128,
    overrides: BTreeMap<Feature, bool>,
}

fn world() -> impl Strategy<Value = World> {
    let flags = prop::array::uniform7(any::<bool>());
    let role = prop::sample::select(vec![THERAPIST, SUPERVISOR, INTERN]);
    let feature = prop::sample::select(Feature::ALL.to_vec());
    (flags, role, prop::collection::btree_map(feature, any::<bool>(), 0..10)).prop_map(|(flags, role, overrides)| {
        let [admin, therapist, walk_in, supervises_therapist, supervises_walk_in, direct, supervision_on] = flags;
        World {
            // Most people are no admins, and most refusals are not about them.
            admin: admin && direct,
            therapist,
            walk_in,
            supervises_therapist,
            supervises_walk_in,
            direct: direct && !admin,
            supervision_on,
            role,
            overrides,
        }
    })
}

impl World {
    fn supervises(&self) -> bool {
        self.supervision_on && self.role == SUPERVISOR
    }

    fn walks_in(&self) -> bool {
        self.walk_in && !self.direct && !self.therapist
    }

    fn oversees_walk_in(&self) -> bool {
        self.supervises() && self.supervises_walk_in && !self.direct
    }

    fn has(&self, feature: Feature) -> bool {
        let inherited = cast::practice(1).roles[&role_id(self.role)].inherits(feature);
        self.admin || self.overrides.get(&feature).copied().unwrap_or(inherited)
    }

    fn scene(&self) -> Scene {
        let mut practice = cast::practice(1);
        practice.team.supervision = self.supervision_on;
        practice.roles.get_mut(&role_id(self.role)).expect("a role").overrides = self.overrides.clone();
        let mut supervises = Vec::new();
        supervises.extend(self.supervises_therapist.then_some(if self.therapist { SUPERVISEE } else { T }));
        supervises.extend(self.supervises_walk_in.then_some(SUPERVISEE));
        let actor = Staff { admin: self.admin, ..staff(ME, self.role, &supervises) };
        let mut client = cast::client(5, 1);
        client.ownership = if self.direct { Ownership::Direct } else { Ownership::Practice };
        client.assigned_staff = Some(staff_id(if self.therapist { ME } else { T }));
        let today = day_of(cast::NOW);
        client.seen_by = BTreeMap::from([(staff_id(W), today)]);
        client.seen_by.extend(self.walk_in.then_some((staff_id(ME), today)));
        client.seen_by.extend(self.supervises_walk_in.then_some((staff_id(SUPERVISEE), today)));
        let mut scene = Scene::of(practice, Actor::staff(actor, cast::NOW), client);
        scene.therapist = if self.therapist { ME } else { T };
        scene.walk_in = match (self.walks_in(), self.oversees_walk_in()) {
            (true, _) => ME,
            (false, true) => SUPERVISEE,
            (false, false) => W,
        };
        let near = self.therapist || self.admin || (self.supervises() && self.supervises_therapist);
        scene.appointment_with = if near { scene.therapist } else { scene.walk_in };
        scene
    }

    /// What the matrix says, read by columns: the best of all that apply, and the gate of the row on top.
    fn expected(&self, row: &Row, columns: &BTreeMap<String, usize>) -> char {
        let cell = |column: &str| row.cells[columns[column]].expected;
        let mut applying = vec!["therapist_unassigned"];
        let supervises_therapist = self.supervises() && self.supervises_therapist && !self.therapist;
        for (applies, column) in [
            (self.admin, "admin"),
            (self.therapist, "therapist_granted"),
            (self.walks_in(), "therapist_walkin"),
            (supervises_therapist, "supervisor"),
            (self.oversees_walk_in(), "supervisor_of_walkin"),
        ] {
            applying.extend(applies.then_some(column));
        }
        if row.kind != "object" {
            applying.push("therapist_granted");
            applying.retain(|column| *column != "therapist_unassigned");
        }
        let rank = |letter: &char| "NFAUB".find(*letter);
        let best = applying.into_iter().map(cell).max_by_key(rank).expect("a column");
        // Who works under supervision signs nothing alone (L17).
        let reviewed = row.action == "sign" && self.role == INTERN && self.supervision_on;
        match gate(row) {
            _ if best == 'A' && reviewed => 'F',
            Some(feature) if best == 'A' && !self.has(feature) => 'F',
            _ => best,
        }
    }
}

/// The feature a row's basis names, and nothing else: read off the matrix, not off the policy.
fn gate(row: &Row) -> Option<Feature> {
    let named = |feature: &&Feature| {
        let text = format!("feature {}", feature.name());
        let follows = row.obligation.find(&text).and_then(|at| row.obligation[at + text.len()..].chars().next());
        row.obligation.contains(&text) && !matches!(follows, Some('.' | 'a'..='z'))
    };
    let by_resource = match row.resource.split('_').next() {
        Some("note") if !row.action.contains("break_glass") => Some(Feature::Notes),
        Some("task") => Some(Feature::Tasks),
        Some("file") if !row.action.contains("break_glass") => Some(Feature::Files),
        Some("clinical") if !row.action.contains("break_glass") => Some(Feature::ClinicalNotes),
        Some("appointment") => Some(Feature::Appointments),
        Some("message") => Some(Feature::Messages),
        Some("import") => Some(Feature::ClientsImport),
        _ => None,
    };
    by_resource.or_else(|| Feature::ALL.iter().find(named).copied())
}

fn columns() -> BTreeMap<String, usize> {
    matrix::principals().into_iter().enumerate().map(|(at, name)| (name, at)).collect()
}

// IDN-14, decision 15: what still binds whoever is allowed
#[test]
fn the_allowed_are_bound_by_what_the_matrix_says() {
    // The matrix says it of roles only; the security page of every change of the team and of sign-in addresses, and who
    // could invite an admin without a proof would need none for anything.
    let more = ["staff.invite", "staff.revoke_invite", "staff.update_status", "staff.set_supervision", "staff.remove"];
    for row in matrix::rows() {
        let bound = row.asks().obligations();
        let wanted = row.obligation.contains("step-up")
            || more.contains(&row.name().as_str())
            || row.name() == "portal_access.update_login_email";
        assert_eq!(bound.contains(&Obligation::FreshProof), wanted, "{}", row.name());
        assert_eq!(
            bound.contains(&Obligation::Reason),
            row.obligation.contains("reason text required"),
            "{}",
            row.name()
        );
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    // E8, L13, L16
    #[test]
    fn the_policy_agrees_with_an_independent_reading_of_the_matrix(world in world()) {
        let (scene, columns) = (world.scene(), columns());
        for row in matrix::rows() {
            // A supervisor may be given the right to read messages, which no column has.
            if row.name() == "message.read" && world.has(Feature::SuperviseMessages) {
                continue;
            }
            let (action, resource) = scene.asked(&row);
            let decided = letter(decide(&scene.actor, action, &resource, &scene.practice));
            prop_assert_eq!(decided, world.expected(&row, &columns), "{} {:?}", row.name(), world);
        }
    }

    // L5: less never allows more
    #[test]
    fn taking_a_feature_away_never_opens_anything(world in world(), feature in prop::sample::select(Feature::ALL.to_vec())) {
        let with = |on| {
            let mut world = world.clone();
            world.overrides.insert(feature, on);
            world.scene()
        };
        let (more, less) = (with(true), with(false));
        for row in matrix::rows() {
            let allowed = |scene: &Scene| {
                let (action, resource) = scene.asked(&row);
                decide(&scene.actor, action, &resource, &scene.practice).is_ok()
            };
            prop_assert!(!allowed(&less) || allowed(&more), "{} without {}", row.name(), feature.name());
        }
    }

    // L16: who does not stand to a client cannot tell it from one that is not there
    #[test]
    fn an_unrelated_client_is_refused_like_an_absent_one(world in world()) {
        let stranger = World { admin: false, therapist: false, walk_in: false, supervises_therapist: false,
            supervises_walk_in: false, ..world };
        let scene = stranger.scene();
        for row in matrix::rows().iter().filter(|row| row.kind == "object") {
            let (action, there) = scene.asked(row);
            let absent = cast::absent(&there);
            let answer = |resource| decide(&scene.actor, action, resource, &scene.practice);
            prop_assert_eq!(answer(&there), answer(&absent), "{}", row.name());
            prop_assert!(answer(&there).is_err());
        }
    }

    // X5: it holds what its maker could read, so it is nobody else's, whoever they are
    #[test]
    fn an_archive_is_its_makers_alone(world in world(), mine in any::<bool>()) {
        let scene = world.scene();
        let Actor::Staff(me) = &scene.actor else { unreachable!("staff") };
        let facts = ClientFacts::from(&scene.client);
        let maker = if mine { me.id } else { staff_id(W + 100) };
        let about = Resource::Export(Some((facts.clone(), maker)));
        let client = Resource::Client(Some(facts));
        for action in [Action::ClientRead, Action::ClientExport] {
            let decided = |resource| decide(&scene.actor, action, resource, &scene.practice).is_ok();
            prop_assert_eq!(decided(&about), mine && decided(&client));
        }
        let own = Actor::Client(Box::new(scene.client.clone()));
        prop_assert!(decide(&own, Action::ClientRead, &client, &scene.practice).is_ok());
        prop_assert!(decide(&own, Action::ClientRead, &about, &scene.practice).is_err());
    }

    // J2: a draft is for staff who may read invoices, and not there for its client
    #[test]
    fn a_draft_is_not_there_for_its_client(world in world()) {
        let scene = world.scene();
        let facts = ClientFacts::from(&scene.client);
        let invoice = |draft| Resource::Invoice(Some((facts.clone(), InvoiceFacts { draft })));
        let staff = |about: &Resource| decide(&scene.actor, Action::InvoiceRead, about, &scene.practice);
        prop_assert_eq!(staff(&invoice(true)), staff(&invoice(false)));
        let own = Actor::Client(Box::new(scene.client.clone()));
        let client = |about: &Resource| decide(&own, Action::InvoiceRead, about, &scene.practice);
        prop_assert_eq!(client(&invoice(true)), client(&Resource::Invoice(None)));
        prop_assert_eq!(client(&invoice(false)), client(&Resource::Client(Some(facts))));
    }

    // A3, decision 5
    #[test]
    fn the_scope_of_lists_is_the_scope_of_reads(world in world()) {
        let scene = world.scene();
        let Actor::Staff(me) = &scene.actor else { unreachable!("staff") };
        let facts = ClientFacts::from(&scene.client);
        let in_scope = match caseload::access::caseload_scope(me, &scene.practice) {
            Scope::All => true,
            Scope::Staff { of, since } => {
                let seen = |(staff, until): &(StaffId, Date)| of.contains(staff) && *until >= since;
                facts.therapist.is_some_and(|id| of.contains(&id))
                    || (facts.ownership == Ownership::Practice && facts.seen_by.iter().any(seen))
            }
        };
        let read = decide(&scene.actor, Action::ClientRead, &Resource::Client(Some(facts)), &scene.practice);
        prop_assert_eq!(in_scope, read.is_ok());
        let exported =
            decide(&scene.actor, Action::ClientExport, &Resource::client(Some(&scene.client)), &scene.practice);
        prop_assert!(exported.is_err() || read.is_ok(), "nobody exports what they may not read");
    }
}
