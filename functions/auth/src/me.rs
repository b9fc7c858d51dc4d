use std::collections::BTreeMap;

use axum::extract::State;
use caseload::access::{Action, Actor, feature_blocks, permission_blocks};
use caseload::app::App;
use caseload::domain::catalog::Catalog;
use caseload::domain::ids::{ClientId, PracticeId, RoleId, StaffId};
use caseload::domain::practice::{Permission, PortalFeature, Practice};
use caseload::domain::role::Feature;
use caseload::domain::session::PrincipalId;
use caseload::domain::team::Team;
use caseload::refusal::Refusal;
use caseload::store::keys;
use caseload::web::view::menu::MenuEntryView;
use caseload::web::{Caller, Oneself, Outcome, PrincipalView, Reply, StaffRef};
use serde::Serialize;
use utoipa::ToSchema;

/// Who the caller is and what is open to it.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct MeView {
    principal: PrincipalView,
    practice: MyPracticeView,
    /// By name: whether it is open, and what stands in the way.
    features: BTreeMap<&'static str, OpenFeatureView>,
    // d-40
    /// The parts of the portal that are open to a client, as they appear, in the order of the menu.
    menu: Vec<MenuEntryView>,
    /// The role of a staff member.
    role: Option<MyRoleView>,
    /// By whom a staff member is supervised, the primary one first.
    supervisors: Vec<StaffRef>,
    /// Whom a staff member supervises.
    supervises: Vec<StaffRef>,
    // L17
    /// Whether a staff member's role asks for a supervisor and there is no active one.
    supervisor_missing: bool,
    client_id: Option<ClientId>,
}

/// The caller's practice.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct MyPracticeView {
    id: PracticeId,
    name: String,
    slug: String,
    time_zone: String,
    currency: String,
    portal_url: String,
}

/// The caller's role.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct MyRoleView {
    id: RoleId,
    name: String,
}

/// One thing that is open or not.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct OpenFeatureView {
    enabled: bool,
    blocked_by: Vec<&'static str>,
}

impl OpenFeatureView {
    fn new(blocked_by: Vec<&'static str>) -> Self {
        Self { enabled: blocked_by.is_empty(), blocked_by }
    }
}

// decision 29
/// The caller, its practice, whom it supervises and by whom it is supervised, and what is open to it.
#[utoipa::path(get, path = "/v1/me", tag = "auth", responses((status = 200, body = MeView)))]
pub(crate) async fn me(State(app): State<App>, caller: Caller<Oneself>) -> Outcome {
    let (own, of) = (caller.practice(), caller.identity.principal);
    let wanted =
        matches!(of, PrincipalId::Staff(_)).then(|| (keys::team(own).required(), keys::catalog(own).required()));
    let (asked, around) = app.practice_with(&caller, Action::SelfRead, wanted).await?;
    let practice = &asked.practice;
    let supervisor_missing = match (&asked.actor, &around) {
        (Actor::Staff(staff), Some((team, _))) => team.lacks_supervisor(staff.id, practice),
        _ => false,
    };
    let (supervisors, supervises) = around.map(|around| relations(&asked.actor, around)).unwrap_or_default();
    let client = if let Actor::Client(client) = &asked.actor { Some(client) } else { None };
    Reply::ok(&MeView {
        principal: PrincipalView::new(&asked.actor).ok_or_else(|| Refusal::broken("a caller without a principal"))?,
        practice: MyPracticeView {
            id: practice.id,
            name: practice.name.as_str().to_owned(),
            slug: practice.slug.as_str().to_owned(),
            time_zone: practice.time_zone.name().to_owned(),
            currency: practice.currency.code().to_owned(),
            portal_url: app.portal_url(&practice.slug),
        },
        features: features(&asked.actor, practice),
        menu: client.map(|client| MenuEntryView::open_to(client, practice)).unwrap_or_default(),
        role: role(&asked.actor, practice),
        supervisors,
        supervises,
        supervisor_missing,
        client_id: client.map(|client| client.id),
    })
}

/// By whom a staff member is supervised, and whom it supervises.
fn relations(actor: &Actor, (team, catalog): (Team, Catalog)) -> (Vec<StaffRef>, Vec<StaffRef>) {
    let Actor::Staff(staff) = actor else { return <_>::default() };
    let named = |ids: &[StaffId]| ids.iter().filter_map(|id| StaffRef::of(*id, &catalog)).collect();
    let supervisors = team.members.get(&staff.id).map_or(&[][..], |member| &member.supervisors);
    (named(supervisors), named(&staff.supervises))
}

fn role(actor: &Actor, practice: &Practice) -> Option<MyRoleView> {
    let Actor::Staff(staff) = actor else { return None };
    let role = practice.roles.get(&staff.role)?;
    Some(MyRoleView { id: role.id, name: role.name.as_str().to_owned() })
}

fn features(actor: &Actor, practice: &Practice) -> BTreeMap<&'static str, OpenFeatureView> {
    let portal = [("notes", PortalFeature::Notes), ("tasks", PortalFeature::Tasks), ("files", PortalFeature::Files)];
    match actor {
        Actor::Client(client) => {
            let switched = portal.map(|(name, feature)| {
                (name, OpenFeatureView::new(if practice.portal.has(feature) { vec![] } else { vec!["feature_off"] }))
            });
            let permitted = [
                ("appointment_requests", Permission::AppointmentRequests),
                ("secure_messaging", Permission::SecureMessaging),
                ("billing_documents", Permission::BillingDocuments),
                ("pay_outstanding", Permission::PayOutstanding),
            ]
            .map(|(name, permission)| (name, OpenFeatureView::new(permission_blocks(client, practice, permission))));
            switched.into_iter().chain(permitted).collect()
        }
        Actor::Staff(staff) => {
            let given =
                |feature: &Feature| (feature.name(), OpenFeatureView::new(feature_blocks(staff, *feature, practice)));
            let online = OpenFeatureView::new(if practice.online_payments { vec![] } else { vec!["payments_account"] });
            let off = OpenFeatureView::new(if practice.portal.on { vec![] } else { vec!["practice_portal_off"] });
            let switches = [("online_payments", online), ("portal", off)];
            Feature::ALL.iter().map(given).chain(switches).collect()
        }
        Actor::Holder(_) | Actor::Anonymous | Actor::System(_) => BTreeMap::new(),
    }
}
