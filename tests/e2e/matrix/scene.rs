//! A principal of the matrix, built through the API, in a practice of its own.

use end_to_end::{Persona, Practice, World};
use serde_json::{Value, json};

/// Whoever asks, and what there is to ask about: client C of practice P, whose therapist is T and whose walk-in is W.
pub(super) struct Scene<'w> {
    pub(super) world: &'w World,
    pub(super) principal: String,
    /// Whoever runs P.
    pub(super) owner: Persona,
    /// Whoever runs the practice the caller belongs to: P, for all but two.
    pub(super) home: Persona,
    pub(super) caller: Persona,
    pub(super) therapist: Persona,
    pub(super) walk_in: Persona,
    /// C.
    pub(super) client: String,
    pub(super) portal: Persona,
    /// Roles of P by name.
    pub(super) roles: Value,
}

fn slug(principal: &str) -> String {
    format!("m-{}", principal.replace('_', "-"))
}

impl<'w> Scene<'w> {
    pub(super) async fn build(world: &'w World, principal: &str) -> Self {
        let practice = world.practice(&slug(principal)).await;
        let owner = practice.owner.clone();
        owner.patch("/v1/practice", json!({"payments": {"online": true}})).await.expect(200);
        let roles = owner.get("/v1/roles").await.expect(200).at("/items");
        let nobody = world.anonymous.clone();
        let mut scene = Self {
            world,
            principal: principal.to_owned(),
            home: owner.clone(),
            owner,
            caller: nobody.clone(),
            therapist: nobody.clone(),
            walk_in: nobody.clone(),
            client: String::new(),
            portal: nobody,
            roles,
        };
        // T's own role comes last: a therapist without features could not make what others are refused.
        scene.therapist = scene.staff("Tara Own", "Therapist").await;
        scene.walk_in = scene.staff("Walt Walkin", "Therapist").await;
        scene.portal_client().await;
        scene
    }

    /// Gives the caller its part. Called once everything it can be asked about exists.
    pub(super) async fn cast(&mut self) {
        let (owner, t) = (self.owner.clone(), self.therapist.clone());
        let t_path = format!("/v1/staff/{}", t.id);
        let status = |status: &str| json!({"status": status});
        let principal = self.principal.clone();
        self.caller = match principal.as_str() {
            "admin" => owner.clone(),
            "therapist_assigned" => t,
            "therapist_granted" | "therapist_restricted" => {
                let on = if self.principal.ends_with("granted") { "on" } else { "off" };
                let role = self.role_with_all(on).await;
                owner.put(&format!("{t_path}/role"), json!({"role_id": role})).await.expect(200);
                t
            }
            "supervisee_assigned" => {
                owner.put(&format!("{t_path}/role"), json!({"role_id": self.role("Intern")})).await.expect(200);
                t
            }
            "therapist_walkin" => self.walk_in.clone(),
            "supervisor" | "supervisor_supervision_off" => self.supervisor_of(&t.id).await,
            "supervisor_of_walkin" => self.supervisor_of(&self.walk_in.id.clone()).await,
            "supervisor_unrelated" => self.staff("Sam Super", "Supervisor").await,
            "therapist_unassigned" => self.staff("Una Signed", "Therapist").await,
            "therapist_former_direct" => self.former_direct().await,
            "therapist_former" => self.former().await,
            "therapist_walkin_past" => self.past_walk_in().await,
            "supervisee_of_client_therapist" => {
                owner.put(&format!("{t_path}/role"), json!({"role_id": self.role("Supervisor")})).await.expect(200);
                let intern = self.staff("Ina Tern", "Intern").await;
                let supervisors = json!({"supervisor_ids": [t.id]});
                owner.put(&format!("/v1/staff/{}/supervisors", intern.id), supervisors).await.expect(200);
                intern
            }
            "therapist_on_hold" => {
                owner.put(&format!("{t_path}/status"), status("on_hold")).await.expect(200);
                t
            }
            "therapist_inactive" => {
                owner.put(&format!("{t_path}/status"), status("inactive")).await.expect(200);
                t
            }
            "therapist_removed" => {
                let tag = owner.get(&t_path).await.expect(200).header("etag");
                let request = owner.request(http::Method::DELETE, &t_path).header("if-match", &tag);
                request.json(&json!({"leave_unassigned": true, "sessions": "cancel"})).send().await.expect(204);
                t
            }
            "staff_invited" => {
                let body = json!({"full_name": "Ivy Nvited", "email": "ivy@harbor.example", "role_id": self.role("Therapist")});
                owner.post("/v1/staff", body).await.expect(201);
                // An invitation is no credential.
                self.world.anonymous.clone()
            }
            "staff_other_practice" => {
                self.home = self.other_practice().await.owner;
                self.home.clone()
            }
            client => self.cast_client(client).await,
        };
        if principal == "supervisor_supervision_off" {
            owner.patch("/v1/practice", json!({"team": {"supervision": false}})).await.expect(200);
        }
    }

    async fn cast_client(&mut self, principal: &str) -> Persona {
        let (owner, client) = (self.owner.clone(), self.client.clone());
        let path = format!("/v1/clients/{client}");
        let permissions = |billing: bool, pay: bool, other: bool| {
            json!({"permissions": {"appointment_requests": other, "secure_messaging": other,
                "billing_documents": billing, "pay_outstanding": pay}})
        };
        let portal = format!("{path}/portal");
        match principal {
            "client_self" => {}
            "client_self_minimal" => {
                let off = json!({"enabled": false});
                let features = json!({"portal": {"features": {"notes": off, "tasks": off, "files": off}}});
                owner.patch("/v1/practice", features).await.expect(200);
                owner.patch(&portal, permissions(false, false, false)).await.expect(200);
            }
            "client_billing_only" => {
                owner.patch(&portal, permissions(true, false, false)).await.expect(200);
            }
            "client_pay_only" => {
                owner.patch(&portal, permissions(false, true, false)).await.expect(200);
            }
            "client_pending" | "anonymous" => return self.world.anonymous.clone(),
            "client_inactive" => {
                owner.do_post(&format!("{path}/deactivate")).await.expect(200);
            }
            "client_portal_disabled" => {
                owner.do_post(&format!("{portal}/disable")).await.expect(200);
            }
            "client_practice_portal_off" => {
                owner.patch("/v1/practice", json!({"portal": {"on": false}})).await.expect(200);
            }
            "client_other" => return self.invited_client("other@mail.example").await.1,
            "client_other_practice" => {
                let other = self.other_practice().await;
                self.home = other.owner;
                // The same address as C, in another practice.
                return self.invited_client(&self.address()).await.1;
            }
            other => panic!("{other} has no fixture"),
        }
        self.portal.clone()
    }

    async fn other_practice(&self) -> Practice {
        let other = self.world.practice(&format!("q-{}", slug(&self.principal))).await;
        other.owner.patch("/v1/practice", json!({"payments": {"online": true}})).await.expect(200);
        other
    }

    fn address(&self) -> String {
        format!("maya@{}.example", slug(&self.principal))
    }

    /// The id of a role of P.
    pub(super) fn role(&self, name: &str) -> String {
        let roles = self.roles.as_array().expect("roles");
        let role = roles.iter().find(|role| role["name"] == name).unwrap_or_else(|| panic!("{name}: no such role"));
        role["id"].as_str().expect("an id").to_owned()
    }

    pub(super) async fn role_with_all(&self, state: &str) -> String {
        let names =
            caseload::domain::role::Feature::ALL.iter().map(|feature| (feature.name().to_owned(), json!(state)));
        let body = json!({"name": format!("All {state}"), "features": names.collect::<serde_json::Map<_, _>>()});
        self.owner.post("/v1/roles", body).await.expect(201).text("/id")
    }

    /// Somebody new in P, who has accepted.
    pub(super) async fn staff(&self, name: &str, role: &str) -> Persona {
        self.world.staff(&self.owner, name, &self.role(role)).await
    }

    async fn supervisor_of(&self, staff: &str) -> Persona {
        let supervisor = self.staff("Sue Pervisor", "Supervisor").await;
        let path = format!("/v1/staff/{staff}/supervisors");
        self.owner.put(&path, json!({"supervisor_ids": [supervisor.id]})).await.expect(200);
        supervisor
    }

    /// A client of the caller's practice who has come in.
    async fn invited_client(&self, email: &str) -> (String, Persona) {
        let client = self
            .home
            .adds_client_with(
                "Maya",
                json!({"email": email, "force": true,
            "invite": {"consent": true}}),
            )
            .await
            .text("/id");
        (client, self.world.accept(email).await)
    }

    async fn portal_client(&mut self) {
        let email = self.address();
        (self.client, self.portal) = match self.principal.as_str() {
            "client_pending" => {
                let client = self.owner.adds_and_invites("Maya", &email).await.text("/id");
                (client, self.world.anonymous.clone())
            }
            _ => self.invited_client(&email).await,
        };
        self.relate(&self.client).await;
    }

    /// Makes T the primary therapist of a client of P, and W somebody who has a session with it.
    pub(super) async fn relate(&self, client: &str) {
        let body = json!({"staff_id": self.therapist.id});
        self.owner.post(&format!("/v1/clients/{client}/reassign"), body).await.expect(200);
        self.appointment(client, &self.walk_in.id).await;
    }

    /// A session of a client of P, at a time nobody else has.
    pub(super) async fn appointment(&self, client: &str, staff: &str) -> String {
        let start = self.world.free_hour();
        let body = json!({"client_id": client, "staff_id": staff, "start": start,
            "end": start + jiff::SignedDuration::from_mins(50), "override": true});
        self.owner.post("/v1/appointments", body).await.expect(201).text("/id")
    }

    /// Somebody who was C's primary therapist, held a session with it then and has one to come, until it was given to T.
    async fn former(&self) -> Persona {
        let former = self.staff("Fay Former", "Therapist").await;
        let path = format!("/v1/clients/{}/reassign", self.client);
        self.owner.post(&path, json!({"staff_id": former.id})).await.expect(200);
        let held = self.world.past_hour() - jiff::SignedDuration::from_hours(2);
        let body = json!({"client_id": self.client, "staff_id": former.id, "start": held,
            "end": held + jiff::SignedDuration::from_mins(50)});
        let id = self.owner.post("/v1/appointments", body).await.expect(201).text("/id");
        former.settles(&id, "complete").await.expect(200);
        self.appointment(&self.client, &former.id).await;
        self.owner.post(&path, json!({"staff_id": self.therapist.id})).await.expect(200);
        former
    }

    /// Somebody who held a session with C longer ago than a walk-in sees a client.
    async fn past_walk_in(&self) -> Persona {
        let past = self.staff("Pat Ast", "Therapist").await;
        let held = self.world.past_hour() - jiff::SignedDuration::from_hours(24 * 32);
        let body = json!({"client_id": self.client, "staff_id": past.id, "start": held,
            "end": held + jiff::SignedDuration::from_mins(50)});
        let id = self.owner.post("/v1/appointments", body).await.expect(201).text("/id");
        past.settles(&id, "complete").await.expect(200);
        past
    }

    /// Somebody who had C as a direct client, with a session, until it was given to T.
    async fn former_direct(&mut self) -> Persona {
        let former = self.staff("Fay Former", "Therapist").await;
        let client = former.adds_client_with("Nils Holm", json!({})).await;
        assert_eq!(client.text("/ownership"), "direct");
        let id = client.text("/id");
        self.appointment(&id, &former.id).await;
        let body = json!({"staff_id": self.therapist.id});
        self.owner.post(&format!("/v1/clients/{id}/reassign"), body).await.expect(200);
        self.client = id;
        former
    }
}
