use std::collections::BTreeSet;

use axum::extract::State;
use caseload::access::{Action, Resource};
use caseload::app::App;
use caseload::domain::client::{Address, Client, Profile, Risk, RiskLevel};
use caseload::domain::date::today;
use caseload::domain::email::EmailAddress;
use caseload::domain::ids::ClientId;
use caseload::domain::practice::Practice;
use caseload::domain::session::PrincipalId;
use caseload::domain::text::{Detail, ExternalId, FamilyName, Passage, PersonName};
use caseload::refusal::{BadField, Refusal, Stop};
use caseload::store::{Sums, keys};
use caseload::web::view::client::ClientView;
use caseload::web::{Caller, Json, Outcome, Patch, Path, Reply, RequireMatch, StaffOnly};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::body::{PhoneBody, born};
use crate::tags::attach;

/// A merge patch of a profile: absent stays, null clears (RFC 7396).
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PatchClient {
    #[serde(default)]
    first_name: Patch<PersonName>,
    #[serde(default)]
    last_name: Patch<FamilyName>,
    #[serde(default)]
    middle_name: Patch<PersonName>,
    #[serde(default)]
    preferred_name: Patch<PersonName>,
    #[serde(default)]
    pronouns: Patch<Detail>,
    #[serde(default)]
    email: Patch<EmailAddress>,
    #[serde(default)]
    phone: Patch<PhoneBody>,
    #[serde(default)]
    #[schema(value_type = Option<String>, format = Date)]
    date_of_birth: Patch<Date>,
    #[serde(default)]
    gender: Patch<Detail>,
    #[serde(default)]
    sex: Patch<Detail>,
    #[serde(default)]
    address: Patch<PatchAddress>,
    #[serde(default)]
    occupation: Patch<Detail>,
    #[serde(default)]
    employer: Patch<Detail>,
    #[serde(default)]
    employment_status: Patch<Detail>,
    #[serde(default)]
    relationship_status: Patch<Detail>,
    #[serde(default)]
    living_arrangement: Patch<Detail>,
    #[serde(default)]
    diagnosis: Patch<Passage>,
    #[serde(default)]
    symptoms: Patch<Passage>,
    #[serde(default)]
    risk_level: Patch<RiskLevel>,
    #[serde(default)]
    external_id: Patch<ExternalId>,
    /// All tags of the client, by name or id; a name without a tag makes one, for roles that may make tags.
    #[serde(default)]
    tags: Patch<Vec<String>>,
}

impl PatchClient {
    /// What of the client it changes: the parts are decided apart, and the trail names a change of one part by that part.
    fn parts(&self) -> Vec<Action> {
        let Self {
            first_name,
            last_name,
            middle_name,
            preferred_name,
            pronouns,
            email,
            phone,
            date_of_birth,
            gender,
            sex,
            address,
            occupation,
            employer,
            employment_status,
            relationship_status,
            living_arrangement,
            diagnosis,
            symptoms,
            risk_level,
            external_id,
            tags,
        } = self;
        let names =
            [first_name, middle_name, preferred_name].iter().any(|name| name.is_named()) || last_name.is_named();
        let details = [pronouns, gender, sex].iter().any(|detail| detail.is_named());
        let card = phone.is_named() || external_id.is_named();
        let living = [occupation, employer, employment_status, relationship_status, living_arrangement];
        let overview = date_of_birth.is_named() || address.is_named() || living.iter().any(|detail| detail.is_named());
        let parts = [
            (Action::ClientUpdate, names || details || card),
            (Action::ClientUpdateEmail, email.is_named()),
            (Action::ClientUpdateOverview, overview),
            (Action::ClientTag, tags.is_named()),
            (Action::ClientUpdateDiagnosis, diagnosis.is_named() || symptoms.is_named() || risk_level.is_named()),
        ];
        parts.into_iter().filter_map(|(part, named)| named.then_some(part)).collect()
    }
}

/// A merge patch of an address.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PatchAddress {
    #[serde(default)]
    street: Patch<Passage>,
    #[serde(default)]
    city: Patch<Detail>,
    #[serde(default)]
    region: Patch<Detail>,
    #[serde(default)]
    postal_code: Patch<Detail>,
    #[serde(default)]
    country: Patch<Detail>,
}

// D9
/// The changed client, and whether its portal address now differs from its contact address.
#[derive(Serialize, ToSchema)]
pub(crate) struct UpdatedClientView {
    #[serde(flatten)]
    client: ClientView,
    portal_update_required: bool,
}

// B5, B6, L12
/// Changes the card and the overview of a client; diagnosis, symptoms and risk for roles with clinical access.
#[utoipa::path(
    patch, path = "/v1/clients/{client_id}", tag = "clients", params(("client_id" = ClientId, Path)), request_body = PatchClient,
    responses((status = 200, body = UpdatedClientView))
)]
pub(crate) async fn update_client(
    State(app): State<App>,
    caller: Caller<StaffOnly>,
    Path(id): Path<ClientId>,
    tag: RequireMatch,
    Json(body): Json<PatchClient>,
) -> Outcome {
    let practice = caller.practice();
    let PrincipalId::Staff(me) = caller.identity.principal else { return Err(Refusal::absent().into()) };
    let parts = body.parts();
    let whole = if let [part] = parts[..] { part } else { Action::ClientUpdate };
    let wanted = (keys::catalog(practice).required(), Sums::of(practice, id));
    let (mut asked, (mut catalog, sums)) = app.client_with(&caller, whole, id, wanted).await?;
    for part in parts.into_iter().filter(|part| *part != whole) {
        app.decide_also(&asked, part, &Resource::client(Some(&asked.subject))).await?;
    }
    let (tags, risk) = (body.tags.clone(), body.risk_level.clone());
    let tags = match tags {
        Patch::Absent => None,
        Patch::Null => Some((BTreeSet::new(), false)),
        Patch::Set(wanted) => Some(attach(&app, &asked, &mut catalog, &wanted).await?),
    };
    tag.check(asked.subject.version)?;
    let now = asked.grant.at();
    let before = asked.subject.clone();
    let (mut profile, mut grown) = (before.profile.clone(), false);
    let mut fields = apply(&mut profile, body, &asked.practice, now)?;
    if let Some(attached) = tags {
        (profile.tags, grown) = attached;
        fields.push("tags");
    }
    let client = &mut asked.subject;
    client.replace_profile(profile);
    let judged = |level| Risk { level, set_at: now, set_by: me };
    if risk.map(judged).apply(&mut client.risk) {
        fields.push("risk_level");
    }
    let mut tx = asked.tx();
    tx.save_client(&mut asked.subject).fields(fields);
    let client = &asked.subject;
    if grown {
        tx.replace(&mut catalog);
    }
    if before.profile != client.profile {
        app.move_hints(&mut tx, &before.profile, client);
    }
    let view = UpdatedClientView {
        client: ClientView::new(client, &asked.actor, &asked.practice, &catalog, &sums, now),
        portal_update_required: left_behind(&before.profile, client),
    };
    let reply = Reply::ok_at(client.version, &view)?;
    app.finish(&asked, tx, reply).await
}

/// Whether there is a new contact address, and the client signs in with another one (D9). Where none is left, there is
/// nothing to sign in with instead.
fn left_behind(before: &Profile, client: &Client) -> bool {
    let folded = |email: &Option<EmailAddress>| email.as_ref().map(EmailAddress::folded);
    let (contact, login) = (folded(&client.profile.email), folded(&client.portal.email));
    contact.is_some() && contact != folded(&before.email) && login.is_some() && login != contact
}

/// Applies the patch but for the tags; names what changed.
fn apply(
    profile: &mut Profile,
    patch: PatchClient,
    practice: &Practice,
    now: jiff::Timestamp,
) -> Result<Vec<&'static str>, Stop> {
    let mut problems: Vec<BadField> = Vec::new();
    let mut fields = Vec::new();
    let mut note = |named: bool, field| {
        if named {
            fields.push(field);
        }
    };
    let mut required = |outcome: Result<bool, BadField>| {
        outcome.unwrap_or_else(|problem| {
            problems.push(problem);
            false
        })
    };
    note(required(patch.first_name.require(&mut profile.first_name, "/first_name")), "first_name");
    note(required(patch.last_name.require(&mut profile.last_name, "/last_name")), "last_name");
    let phone = match patch.phone {
        Patch::Absent => Patch::Absent,
        Patch::Null => Patch::Null,
        Patch::Set(body) => match body.parse(practice.default_region) {
            Ok(phone) => Patch::Set(phone),
            Err(problem) => {
                problems.push(problem);
                Patch::Absent
            }
        },
    };
    note(patch.middle_name.apply(&mut profile.middle_name), "middle_name");
    note(patch.preferred_name.apply(&mut profile.preferred_name), "preferred_name");
    note(patch.pronouns.apply(&mut profile.pronouns), "pronouns");
    note(patch.email.apply(&mut profile.email), "email");
    note(phone.apply(&mut profile.phone), "phone");
    note(patch.date_of_birth.apply(&mut profile.date_of_birth), "date_of_birth");
    note(patch.gender.apply(&mut profile.gender), "gender");
    note(patch.sex.apply(&mut profile.sex), "sex");
    note(address(&mut profile.address, patch.address), "address");
    note(patch.occupation.apply(&mut profile.occupation), "occupation");
    note(patch.employer.apply(&mut profile.employer), "employer");
    note(patch.employment_status.apply(&mut profile.employment_status), "employment_status");
    note(patch.relationship_status.apply(&mut profile.relationship_status), "relationship_status");
    note(patch.living_arrangement.apply(&mut profile.living_arrangement), "living_arrangement");
    note(patch.diagnosis.apply(&mut profile.diagnosis), "diagnosis");
    note(patch.symptoms.apply(&mut profile.symptoms), "symptoms");
    note(patch.external_id.apply(&mut profile.external_id), "external_id");
    problems.extend(born(profile.date_of_birth, today(now, practice.time_zone.time_zone())));
    if problems.is_empty() { Ok(fields) } else { Err(Refusal::fields(problems).into()) }
}

fn address(address: &mut Address, patch: Patch<PatchAddress>) -> bool {
    match patch {
        Patch::Absent => return false,
        Patch::Null => *address = Address::default(),
        Patch::Set(PatchAddress { street, city, region, postal_code, country }) => {
            street.apply(&mut address.street);
            city.apply(&mut address.city);
            region.apply(&mut address.region);
            postal_code.apply(&mut address.postal_code);
            country.apply(&mut address.country);
        }
    }
    true
}
