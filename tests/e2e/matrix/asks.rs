//! The request of a row. What an allowed caller would use up is made for the occasion.

mod writings;

use end_to_end::matrix::Row;
use http::Method;
use serde_json::json;

use super::objects::{Ask, Objects, import};
use super::scene::Scene;

/// Rows whose route is not built yet. This list only shrinks.
pub(crate) const NOT_SERVED: &[&str] = &[
    "client.bulk_deactivate",
    "client.bulk_delete",
    "client.photo_write",
    "payment.record_manual",
    "payment.refund",
    "portal_config.read",
    "audit.read",
    "audit.export",
    "audit.modify_or_delete",
    "self.update_contact",
    "self.change_credentials",
    "self.export_my_data",
    "self.request_erasure",
    "health.read",
];

impl Scene<'_> {
    /// A client of P that stands to everybody as C does, or C itself where nothing will happen to it.
    async fn spare_client(&self, allowed: bool) -> String {
        if !allowed {
            return self.client.clone();
        }
        let client = self
            .owner
            .adds_client_with(
                "Spare Client",
                json!({"force": true,
            "email": format!("spare{}@mail.example", self.world.free_hour().as_second())}),
            )
            .await
            .text("/id");
        self.relate(&client).await;
        client
    }

    /// Somebody of the caller's practice to do something to.
    async fn spare_staff(&self, allowed: bool) -> String {
        if !allowed {
            return self.walk_in.id.clone();
        }
        let roles = self.home.get("/v1/roles").await.expect(200);
        self.world.staff(&self.home, "Extra Hand", &roles.text("/items/0/id")).await.id
    }

    async fn spare_role(&self, allowed: bool) -> String {
        if !allowed {
            return self.role("Intern");
        }
        let name = format!("Role {}", self.world.free_hour().as_second());
        self.home.post("/v1/roles", json!({"name": name})).await.expect(201).text("/id")
    }

    async fn invite(&self, client: &str) {
        let body = json!({"consent": true});
        self.owner.post(&format!("/v1/clients/{client}/portal/invitation"), body).await.expect(201);
    }

    /// The request that asks for what the row is about; none where no route serves it.
    pub(super) async fn ask(&self, row: &Row, objects: &Objects, allowed: bool) -> Option<Ask> {
        match row.resource.as_str() {
            "client" => self.ask_client(row, allowed).await,
            "portal_access" => self.ask_portal(row, allowed).await,
            resource if resource.starts_with("file_") => self.ask_file(row, objects, allowed).await,
            resource if resource.starts_with("clinical_note") => self.ask_clinical(row, objects, allowed).await,
            resource if resource.starts_with("note_") => self.ask_note(row, objects, allowed).await,
            "task_provider" | "task_client" => self.ask_task(row, objects, allowed).await,
            "form" | "packet" => self.ask_paperwork(row, objects, allowed).await,
            "appointment" => self.ask_appointment(row, objects, allowed).await,
            "message" => self.ask_message(row, objects),
            "invoice" | "payment" => self.ask_billing(row, objects, allowed).await,
            "staff" | "staff_caseload" | "role" => self.ask_team(row, allowed).await,
            "import" | "import_of_T" => self.ask_import(row, objects, allowed).await,
            _ => self.ask_practice(row, objects, allowed).await,
        }
    }

    async fn ask_client(&self, row: &Row, allowed: bool) -> Option<Ask> {
        let path = format!("/v1/clients/{}", self.client);
        let patch = |body| Ask::new(Method::PATCH, path.clone()).with(body);
        Some(match row.action.as_str() {
            "list" => Ask::get("/v1/clients"),
            "create" => Ask::post("/v1/clients", json!({"first_name": "New", "last_name": "Client", "force": true})),
            "read" | "read_overview" | "read_diagnosis" | "stats_read" => Ask::get(path),
            "update_profile" => patch(json!({"pronouns": "they"})).under(&self.owner, &path).await,
            "update_email" => patch(json!({"email": "new@mail.example"})).under(&self.owner, &path).await,
            "update_overview" => patch(json!({"occupation": "Baker"})).under(&self.owner, &path).await,
            "update_diagnosis" => patch(json!({"diagnosis": "None"})).under(&self.owner, &path).await,
            "assign_tags" => patch(json!({"tags": ["first"]})).under(&self.owner, &path).await,
            "deactivate" => {
                let client = self.spare_client(allowed).await;
                Ask::new(Method::POST, format!("/v1/clients/{client}/deactivate"))
            }
            "reactivate" => {
                let client = self.spare_client(allowed).await;
                if allowed {
                    self.owner.do_post(&format!("/v1/clients/{client}/deactivate")).await.expect(200);
                }
                Ask::new(Method::POST, format!("/v1/clients/{client}/reactivate"))
            }
            "delete" => {
                let path = format!("/v1/clients/{}", self.spare_client(allowed).await);
                Ask::new(Method::DELETE, path.clone()).under(&self.owner, &path).await
            }
            "export_record" => Ask::new(Method::POST, format!("{path}/export")),
            "reassign" => {
                let client = self.spare_client(allowed).await;
                Ask::post(format!("/v1/clients/{client}/reassign"), json!({"staff_id": self.walk_in.id}))
            }
            _ => return None,
        })
    }

    async fn ask_portal(&self, row: &Row, allowed: bool) -> Option<Ask> {
        let client = match row.action.as_str() {
            "read" | "permissions_update" | "send_link" => self.client.clone(),
            _ => self.spare_client(allowed).await,
        };
        if allowed && matches!(row.action.as_str(), "resend" | "update_login_email" | "disable") {
            self.invite(&client).await;
        }
        let path = format!("/v1/clients/{client}/portal");
        Some(match row.action.as_str() {
            "read" => Ask::get(path),
            "invite" | "resend" => Ask::post(format!("{path}/invitation"), json!({"consent": true})),
            "update_login_email" => {
                let email = format!("login{}@mail.example", self.world.free_hour().as_second());
                let body = json!({"email": email, "consent": true});
                Ask::new(Method::PATCH, path.clone()).with(body).under(&self.owner, &path).await
            }
            "send_link" => Ask::post(format!("{path}/send-link"), json!({"by": ["message"]})),
            "disable" => Ask::new(Method::POST, format!("{path}/disable")),
            "permissions_update" => {
                let body = json!({"permissions": {"secure_messaging": true}});
                Ask::new(Method::PATCH, path.clone()).with(body).under(&self.owner, &path).await
            }
            _ => return None,
        })
    }

    async fn ask_file(&self, row: &Row, objects: &Objects, allowed: bool) -> Option<Ask> {
        let uploads = format!("/v1/clients/{}/files", self.client);
        let upload = json!({"name": "b.pdf", "size": 24, "content_type": "application/pdf"});
        let by_client = row.resource == "file_client";
        let is_client = self.principal.starts_with("client_");
        let id = match row.action.as_str() {
            "share" | "hide" | "delete" | "lock" | "withdraw" if allowed => {
                let by = if by_client { &self.portal } else { &self.caller };
                by.uploads_file(&self.client, json!({})).await
            }
            _ => objects.file(&row.resource).to_owned(),
        };
        let path = format!("/v1/files/{id}");
        Some(match row.action.as_str() {
            "download" => Ask::new(Method::POST, format!("{path}/download")),
            // One route serves both rows: who calls decides which of the two it is.
            "upload" if by_client == is_client || self.caller.access_token.is_none() => Ask::post(uploads, upload),
            "upload" => return None,
            "share" => Ask::new(Method::PATCH, &path).with(json!({"shared": true})).under(&self.caller, &path).await,
            "hide" | "lock" => {
                Ask::new(Method::PATCH, &path).with(json!({"shared": false})).under(&self.caller, &path).await
            }
            // Likewise.
            "delete" if is_client => return None,
            "withdraw" if !is_client && self.caller.access_token.is_some() => return None,
            "delete" | "withdraw" => Ask::new(Method::DELETE, &path).under(&self.caller, &path).await,
            "download_break_glass" => Ask::post(format!("{path}/break-glass"), json!({"reason": "A complaint."})),
            _ => return None,
        })
    }

    async fn ask_appointment(&self, row: &Row, objects: &Objects, allowed: bool) -> Option<Ask> {
        // Who sees only the walk-in's sessions is asked about one of those.
        let walk_in = self.principal.contains("walkin");
        let (is_client, signed_in) = (self.principal.starts_with("client_"), self.caller.access_token.is_some());
        let with = if walk_in { &self.walk_in.id } else { &self.therapist.id };
        let one = if walk_in { &objects.walk_in_appointment } else { &objects.appointment };
        let spare = || async { if allowed { self.appointment(&self.client, with).await } else { one.clone() } };
        Some(match row.action.as_str() {
            "read" => Ask::get(format!("/v1/appointments/{one}")),
            // Clients ask on the same path, and staff does not ask itself.
            "book" if signed_in && is_client => return None,
            "request" | "reschedule_request" if signed_in && !is_client => return None,
            "request" => {
                let start = self.world.free_hour();
                let end = start + jiff::SignedDuration::from_mins(50);
                Ask::post("/v1/appointments", json!({"client_id": self.client, "start": start, "end": end}))
            }
            // A client asks for that on the same path.
            "move" if signed_in && is_client => return None,
            "move" => {
                let (id, start) = (spare().await, self.world.free_hour());
                let body = json!({"start": start, "override": true});
                Ask::post(format!("/v1/appointments/{id}/reschedule"), body)
            }
            "reschedule_request" => {
                let (id, start) = (spare().await, self.world.free_hour());
                Ask::post(format!("/v1/appointments/{id}/reschedule"), json!({"start": start}))
            }
            "book" => {
                let start = self.world.free_hour();
                let end = start + jiff::SignedDuration::from_mins(50);
                let body = json!({"client_id": self.client, "staff_id": with, "start": start, "end": end,
                    "override": true});
                Ask::post("/v1/appointments", body)
            }
            "update" => {
                let id = if allowed { self.past_appointment(with).await } else { one.clone() };
                Ask::new(Method::POST, format!("/v1/appointments/{id}/complete"))
            }
            "cancel" => Ask::new(Method::POST, format!("/v1/appointments/{}/cancel", spare().await)),
            _ => return None,
        })
    }

    fn ask_message(&self, row: &Row, objects: &Objects) -> Option<Ask> {
        let path = format!("/v1/clients/{}/messages", self.client);
        Some(match row.action.as_str() {
            "read" => Ask::get(path),
            "send" => Ask::post(path, json!({"body": "How was it?"})),
            "mark_read" => Ask::post(format!("{path}/read"), json!({"up_to": objects.message})),
            _ => return None,
        })
    }

    async fn past_appointment(&self, staff: &str) -> String {
        let start = self.world.past_hour();
        let body = json!({"client_id": self.client, "staff_id": staff, "start": start,
            "end": start + jiff::SignedDuration::from_mins(50)});
        self.owner.post("/v1/appointments", body).await.expect(201).text("/id")
    }

    async fn ask_billing(&self, row: &Row, objects: &Objects, allowed: bool) -> Option<Ask> {
        let of_client = format!("/v1/clients/{}", self.client);
        Some(match (row.resource.as_str(), row.action.as_str()) {
            ("invoice", "read") => Ask::get(format!("/v1/invoices/{}", objects.invoice)),
            ("invoice", "create") => {
                let price = json!({"amount": 9000, "currency": "USD"});
                let lines = json!([{"description": "Session", "quantity": 1, "unit_price": price}]);
                Ask::post(format!("{of_client}/invoices"), json!({"lines": lines, "due_date": "2027-12-01"}))
            }
            ("invoice", "void") => {
                let id = if allowed {
                    self.owner.issues_invoice(&self.client, 15000).await
                } else {
                    objects.invoice.clone()
                };
                let path = format!("/v1/invoices/{id}");
                Ask::post(format!("{path}/void"), json!({})).under(&self.owner, &path).await
            }
            ("payment", "timeline_read") => Ask::get(format!("{of_client}/payments")),
            ("payment", "pay_online") => {
                Ask::post(format!("{of_client}/checkout"), json!({"invoice_ids": [objects.invoice]}))
            }
            _ => return None,
        })
    }

    async fn ask_team(&self, row: &Row, allowed: bool) -> Option<Ask> {
        let put = |path, body| Ask::new(Method::PUT, path).with(body);
        Some(match (row.resource.as_str(), row.action.as_str()) {
            ("staff", "list_roster") => Ask::get("/v1/staff"),
            // About somebody else: everybody reads their own.
            ("staff", "read_detail") if !allowed => Ask::get(format!("/v1/staff/{}", self.owner.id)),
            ("staff", "read_detail") => Ask::get(format!("/v1/staff/{}", self.spare_staff(true).await)),
            ("staff", "invite") => {
                let email = format!("new{}@harbor.example", self.world.free_hour().as_second());
                let role = if allowed { self.spare_role(true).await } else { self.role("Therapist") };
                Ask::post("/v1/staff", json!({"full_name": "New Hand", "email": email, "role_id": role}))
            }
            ("staff", "revoke_invite") => {
                let mut path = format!("/v1/staff/{}", self.walk_in.id);
                if allowed {
                    let role = self.spare_role(true).await;
                    let email = format!("new{}@harbor.example", self.world.free_hour().as_second());
                    let body = json!({"full_name": "New Hand", "email": email, "role_id": role});
                    path = format!("/v1/staff/{}", self.home.post("/v1/staff", body).await.expect(201).text("/id"));
                }
                Ask::new(Method::DELETE, &path).under(&self.home, &path).await
            }
            ("staff", "update_status") => {
                let path = format!("/v1/staff/{}/status", self.spare_staff(allowed).await);
                put(path, json!({"status": "inactive"}))
            }
            ("staff", "assign_role") => {
                let path = format!("/v1/staff/{}/role", self.spare_staff(allowed).await);
                put(path, json!({"role_id": self.spare_role(allowed).await}))
            }
            ("staff", "set_supervision") => {
                let path = format!("/v1/staff/{}/supervisors", self.spare_staff(allowed).await);
                put(path, json!({"supervisor_ids": []}))
            }
            ("staff", "remove") => {
                let path = format!("/v1/staff/{}", self.spare_staff(allowed).await);
                Ask::new(Method::DELETE, &path).under(&self.home, &path).await
            }
            ("staff_caseload", "read") => Ask::get(format!("/v1/staff/{}/caseload", self.therapist.id)),
            ("role", "list") => Ask::get("/v1/roles"),
            ("role", "create") => {
                Ask::post("/v1/roles", json!({"name": format!("Role {}", self.world.free_hour().as_second())}))
            }
            ("role", "update") => {
                let path = format!("/v1/roles/{}", self.spare_role(allowed).await);
                Ask::new(Method::PATCH, &path).with(json!({"description": "New"})).under(&self.home, &path).await
            }
            ("role", "delete") => {
                let path = format!("/v1/roles/{}", self.spare_role(allowed).await);
                Ask::new(Method::DELETE, &path).under(&self.home, &path).await
            }
            _ => return None,
        })
    }

    async fn ask_import(&self, row: &Row, objects: &Objects, allowed: bool) -> Option<Ask> {
        let path = format!("/v1/imports/{}", objects.import);
        Some(match row.action.as_str() {
            "create" => Ask::post("/v1/imports", json!({"file_name": "clients.csv", "size": 100})),
            "read_status" => Ask::get(path),
            "error_report" => Ask::get(format!("{path}/errors.csv")),
            "cancel" => {
                let by = if self.principal == "admin" { &self.owner } else { &self.therapist };
                let id = if allowed { import(self, by).await } else { objects.import.clone() };
                Ask::new(Method::POST, format!("/v1/imports/{id}/cancel"))
            }
            _ => return None,
        })
    }

    async fn ask_practice(&self, row: &Row, objects: &Objects, allowed: bool) -> Option<Ask> {
        let settings = |body| Ask::new(Method::PATCH, "/v1/practice").with(body);
        Some(match (row.resource.as_str(), row.action.as_str()) {
            ("settings", "read") => Ask::get("/v1/practice"),
            ("settings", "update") => {
                settings(json!({"invitations": {"max_resends": 3}})).under(&self.home, "/v1/practice").await
            }
            ("settings", "portal_toggle") => {
                settings(json!({"portal": {"on": true}})).under(&self.home, "/v1/practice").await
            }
            ("settings", "payments_connect") => {
                settings(json!({"payments": {"online": true}})).under(&self.home, "/v1/practice").await
            }
            ("tags", "read") => Ask::get("/v1/tags"),
            ("tags", "manage") => {
                let name = format!("tag {}", self.world.free_hour().as_second());
                Ask::post("/v1/tags", json!({"name": name}))
            }
            ("task_template", "read") => Ask::get("/v1/task-templates"),
            ("task_template", "manage") => {
                Ask::post("/v1/task-templates", json!({"name": "Breathing", "title": "Breathe"}))
            }
            ("service", "read") => Ask::get("/v1/services"),
            ("service", "manage") => {
                Ask::post("/v1/services", json!({"name": "Session", "minutes": 50, "bookable_online": false}))
            }
            ("calendar_feed", "create") => Ask::post("/v1/calendar-feeds", json!({"show": "busy"})),
            ("calendar_feed", "list") => Ask::get("/v1/calendar-feeds"),
            ("calendar_feed", "delete") => {
                let made = self.caller.post("/v1/calendar-feeds", json!({"show": "busy"})).await;
                let nobodys = || format!("feed_{}", "0".repeat(26));
                let id = if allowed { made.expect(201).text("/id") } else { nobodys() };
                Ask::new(Method::DELETE, format!("/v1/calendar-feeds/{id}"))
            }
            ("availability", "read") => {
                let slots = format!("/v1/staff/{}/slots", self.therapist.id);
                Ask::get(match self.principal.starts_with("client_") {
                    true => format!("{slots}?service_id={}", objects.service),
                    false => format!("{slots}?minutes=50&client_id={}", self.client),
                })
            }
            ("working_hours", "read") => Ask::get(format!("/v1/staff/{}/availability", self.therapist.id)),
            ("working_hours", "set") => {
                let path = format!("/v1/staff/{}/availability", self.therapist.id);
                let body = json!({"time_zone": "UTC", "weekly": []});
                Ask::new(Method::PUT, &path).with(body).under(&self.caller, &path).await
            }
            ("portal_home", "read") => Ask::get("/v1/portal/home"),
            ("self", "read") => Ask::get("/v1/me"),
            ("self", "sessions") => Ask::get("/v1/auth/sessions"),
            ("jwks", "read") => Ask::get("/.well-known/jwks.json"),
            ("stripe_webhook", "post") => Ask::post("/v1/webhooks/payments", json!({"id": "evt_1"})),
            _ => {
                let _ = (objects, allowed);
                return None;
            }
        })
    }
}
