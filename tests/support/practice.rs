//! A practice, and what its owner does about the people in it: `practice.hires("Theo", "Therapist")`.

use serde_json::{Value, json};

use crate::{Answer, Persona};

/// A practice with its owner signed in.
#[derive(Debug, Clone)]
pub struct Practice {
    pub id: String,
    pub slug: String,
    pub owner: Persona,
}

impl Practice {
    /// The id of a role by its name.
    pub async fn role(&self, name: &str) -> String {
        let roles = self.owner.get("/v1/roles").await.expect(200).at("/items");
        let found = roles.as_array().into_iter().flatten().find(|role| role["name"] == name);
        found.and_then(|role| role["id"].as_str()).unwrap_or_else(|| panic!("no role {name}")).to_owned()
    }

    /// Invites somebody to the team: the address the invitation went to, and the answer.
    pub async fn invites_staff(&self, name: &str, role: &str, admin: bool) -> (String, Answer) {
        let email = format!("{}@{}.example", name.to_lowercase(), self.slug);
        let role_id = self.role(role).await;
        let body = json!({"full_name": format!("{name} Berg"), "email": email, "role_id": role_id, "admin": admin});
        (email, self.owner.post("/v1/staff", body).await.expect(201))
    }

    /// A new member of the team with this role, signed in.
    pub async fn hires(&self, name: &str, role: &str) -> Persona {
        let (email, _) = self.invites_staff(name, role, false).await;
        self.owner.accepts(&email).await
    }

    /// Another admin, signed in.
    pub async fn hires_admin(&self, name: &str) -> Persona {
        let (email, _) = self.invites_staff(name, "Therapist", true).await;
        self.owner.accepts(&email).await
    }

    /// Adds a client, invites it, and lets it come in: its id and itself.
    pub async fn portal_client(&self, first_name: &str) -> (String, Persona) {
        let email = format!("{}@mail.example", first_name.to_lowercase());
        let client = self.owner.adds_and_invites(first_name, &email).await;
        (client.text("/id"), self.owner.accepts(&email).await)
    }

    /// Names all supervisors of a member of the team.
    pub async fn has_supervised(&self, whom: &Persona, supervisors: &[&Persona]) {
        let ids: Vec<&str> = supervisors.iter().map(|one| one.id.as_str()).collect();
        let path = format!("/v1/staff/{}/supervisors", whom.id);
        self.owner.put(&path, json!({"supervisor_ids": ids})).await.expect(200);
    }

    /// Sets a member of the team active, on hold or inactive.
    pub async fn sets_status(&self, whom: &Persona, status: &str) {
        let path = format!("/v1/staff/{}/status", whom.id);
        self.owner.put(&path, json!({"status": status})).await.expect(200);
    }

    /// Sets these features of every role on, off or to inherit.
    pub async fn sets_features(&self, features: Value) {
        let roles = self.owner.get("/v1/roles").await.expect(200).at("/items");
        for role in roles.as_array().into_iter().flatten() {
            let path = format!("/v1/roles/{}", role["id"].as_str().unwrap_or_default());
            self.owner.patch(&path, json!({"features": features})).await.expect(200);
        }
    }
}
