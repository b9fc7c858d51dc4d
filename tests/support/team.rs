//! Staff beside the owner, put straight into the table.

use caseload::access::{Action, Actor, Cause, Grant};
use caseload::domain::client::Client;
use caseload::domain::directory::{Change, Entry};
use caseload::domain::email::EmailAddress;
use caseload::domain::ids::{PracticeId, RequestId, StaffId};
use caseload::domain::practice::Practice as Settings;
use caseload::domain::staff::{Staff, StaffStatus};
use caseload::domain::team::Team;
use caseload::domain::text::FullName;
use caseload::store::{Catalog, Entity, Guard, StaffCandidate, StaffCard, Tx, keys};
use serde_json::json;

use crate::{Persona, Practice, World};

impl World {
    /// An active therapist of the practice, signed in. The name makes the address.
    pub async fn therapist(&self, practice: &Practice, name: &str) -> Persona {
        let app = self.cloud.app();
        let (settings, mut team, mut catalog) = self.team_of(practice).await;
        let role = settings.roles.values().find(|role| role.name.as_str() == "Therapist").expect("a role").id;
        let address = format!("{}@{}.example", name.to_lowercase(), practice.slug);
        let staff = Staff {
            id: StaffId::from_uuid(app.new_id().expect("an id")),
            practice: settings.id,
            version: 1,
            full_name: FullName::parse(&format!("{name} Therapist")).expect("a name"),
            email: EmailAddress::parse(&address).expect("an address"),
            admin: false,
            status: StaffStatus::Active,
            role,
            supervises: Vec::new(),
            billing_modifier: None,
            invitation: None,
            created_at: app.now(),
            joined_at: Some(app.now()),
            outside: None,
            totp: false,
            session_epoch: 0,
        };
        team.invite(staff.id, false, role).expect("a place");
        team.accept(staff.id).expect("a member");
        catalog.staff.insert(staff.id, StaffCard { full_name: staff.full_name.clone(), active: true });
        let hash = app.keys.hash("staff identity", &[staff.email.folded().as_bytes()]);
        let guard = Guard::staff_identity(&hash, settings.id, staff.id);
        let grant = self.housekeeper(settings.id);
        let mut tx = Tx::new(&grant);
        tx.put(&staff).put(&team).put(&catalog).put(&guard).put(&StaffCandidate {
            hash,
            practice: settings.id,
            staff: staff.id,
        });
        app.store.commit(tx).await.expect("a therapist");
        self.sign_in(&address).await
    }

    /// Signs a staff member in by mailed link.
    pub async fn sign_in(&self, address: &str) -> Persona {
        self.anonymous.post("/v1/auth/sign-in", json!({"email": address})).await.expect(202);
        let token = self.token(address).await;
        let session = self.anonymous.post("/v1/auth/sessions", json!({"token": token})).await.expect(201);
        self.anonymous.with_session(&session)
    }

    /// Makes somebody the supervisor of exactly these.
    pub async fn supervises(&self, practice: &Practice, supervisor: &Persona, supervisees: &[&Persona]) {
        let (settings, ..) = self.team_of(practice).await;
        let role = settings.roles.values().find(|role| role.name.as_str() == "Supervisor").expect("a role").id;
        let ids: Vec<StaffId> = supervisees.iter().map(|one| one.id.parse().expect("an id")).collect();
        self.change_staff(practice, supervisor, |staff| (staff.role, staff.supervises) = (role, ids)).await;
    }

    /// Changes a staff member in the table.
    pub async fn change_staff(&self, practice: &Practice, whom: &Persona, change: impl FnOnce(&mut Staff)) {
        let id = practice.id.parse().expect("an id");
        let mut staff: Staff = self.stored(&keys::staff(id, whom.id.parse().expect("an id"))).await;
        change(&mut staff);
        staff.version += 1;
        self.store_one(id, &staff).await;
    }

    /// Changes a client in the table, and in the directory.
    pub async fn change_client(&self, practice: &Practice, client: &str, change: impl FnOnce(&mut Client)) {
        let id: PracticeId = practice.id.parse().expect("an id");
        let mut client: Client = self.stored(&keys::client(id, client.parse().expect("an id"))).await;
        let before = client.version;
        change(&mut client);
        client.version = before + 1;
        let grant = self.housekeeper(id);
        let mut tx = Tx::new(&grant);
        tx.put(&client).directory(&Change::Put(Entry::from(&client)));
        self.cloud.app().store.commit(tx).await.expect("a change");
    }

    /// Changes the practice in the table.
    pub async fn change_practice(&self, practice: &Practice, change: impl FnOnce(&mut Settings)) {
        let (mut settings, ..) = self.team_of(practice).await;
        change(&mut settings);
        settings.version += 1;
        self.store_one(settings.id, &settings).await;
    }

    async fn team_of(&self, practice: &Practice) -> (Settings, Team, Catalog) {
        let id = practice.id.parse().expect("an id");
        let mut catalog: Catalog = self.stored(&keys::catalog(id)).await;
        catalog.version += 1;
        (self.stored(&keys::practice(id)).await, self.stored(&keys::team(id)).await, catalog)
    }

    /// What stands at a key.
    pub async fn stored<E: Entity>(&self, key: &keys::Key) -> E {
        self.cloud.app().store.get(key).await.expect("the table").expect("an item")
    }

    async fn store_one<E: Entity>(&self, practice: PracticeId, entity: &E) {
        let grant = self.housekeeper(practice);
        let mut tx = Tx::new(&grant);
        tx.put(entity);
        self.cloud.app().store.commit(tx).await.expect("a change");
    }

    fn housekeeper(&self, practice: PracticeId) -> Grant {
        let app = self.cloud.app();
        let cause = Cause { request: RequestId::from_uuid(app.new_id().expect("an id")), at: app.now() };
        let grant = Grant::system(practice, Actor::System("schedule"), Action::Housekeeping, None, cause);
        grant.expect("the schedule may")
    }
}
