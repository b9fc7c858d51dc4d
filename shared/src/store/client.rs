//! The client's item.

mod portal;

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use self::portal::{PortalRow, portal, portal_row};
use super::item::{Corrupt, Entity};
use super::keys::{self, Key, Place};
use super::{Conflict, Guard, Store, StoreError, Tx};
use crate::domain::client::{
    Address, AppointmentsToCome, Client, Handover, ImportStamp, Ownership, PastTherapist, Profile, Risk,
    WALK_INS_DATED_FROM,
};
use crate::domain::directory::{Change, Entry};
use crate::domain::email::EmailAddress;
use crate::domain::ids::{ClientId, ImportId, PracticeId, StaffId, TagId};
use crate::domain::phone::Phone;
use crate::domain::text::{Detail, ExternalId, FamilyName, Passage, PersonName};

/// The item's attributes.
#[derive(Debug, Serialize, Deserialize)]
pub struct Row {
    pid: String,
    id: ClientId,
    ownership: Ownership,
    #[serde(skip_serializing_if = "Option::is_none")]
    assigned_staff: Option<StaffId>,
    assigned_at: Timestamp,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    past_therapists: Vec<PastTherapist>,
    #[serde(skip_serializing_if = "Option::is_none")]
    handover: Option<HandoverRow>,
    /// Of before it was dated; no longer written.
    #[serde(default, skip_serializing)]
    seen_by: BTreeSet<StaffId>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    seen_until: BTreeMap<String, Date>,
    #[serde(skip_serializing_if = "Option::is_none")]
    risk: Option<Risk>,
    created_at: Timestamp,
    join_date: Date,
    #[serde(skip_serializing_if = "Option::is_none")]
    suspended_at: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    registered_at: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    deleting: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    import: Option<ImportRow>,
    profile: ProfileRow,
    portal: PortalRow,
}

#[derive(Debug, Serialize, Deserialize)]
struct ImportRow {
    id: ImportId,
    line: u64,
    created: bool,
}

#[derive(Debug, Serialize, Deserialize)]
struct ProfileRow {
    first_name: PersonName,
    last_name: FamilyName,
    #[serde(skip_serializing_if = "Option::is_none")]
    middle_name: Option<PersonName>,
    #[serde(skip_serializing_if = "Option::is_none")]
    preferred_name: Option<PersonName>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pronouns: Option<Detail>,
    #[serde(skip_serializing_if = "Option::is_none")]
    email: Option<EmailAddress>,
    #[serde(skip_serializing_if = "Option::is_none")]
    phone: Option<(String, String)>,
    #[serde(skip_serializing_if = "Option::is_none")]
    date_of_birth: Option<Date>,
    #[serde(skip_serializing_if = "Option::is_none")]
    gender: Option<Detail>,
    #[serde(skip_serializing_if = "Option::is_none")]
    sex: Option<Detail>,
    #[serde(default, with = "AddressRow")]
    address: Address,
    #[serde(skip_serializing_if = "Option::is_none")]
    occupation: Option<Detail>,
    #[serde(skip_serializing_if = "Option::is_none")]
    employer: Option<Detail>,
    #[serde(skip_serializing_if = "Option::is_none")]
    employment_status: Option<Detail>,
    #[serde(skip_serializing_if = "Option::is_none")]
    relationship_status: Option<Detail>,
    #[serde(skip_serializing_if = "Option::is_none")]
    living_arrangement: Option<Detail>,
    #[serde(skip_serializing_if = "Option::is_none")]
    diagnosis: Option<Passage>,
    #[serde(skip_serializing_if = "Option::is_none")]
    symptoms: Option<Passage>,
    #[serde(skip_serializing_if = "Option::is_none")]
    external_id: Option<ExternalId>,
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    tags: BTreeSet<TagId>,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "Address")]
struct AddressRow {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    street: Option<Passage>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    city: Option<Detail>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    region: Option<Detail>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    postal_code: Option<Detail>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    country: Option<Detail>,
}

#[derive(Debug, Serialize, Deserialize)]
struct HandoverRow {
    to: Option<StaffId>,
    on: Date,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    ownership: Option<Ownership>,
    #[serde(default, skip_serializing_if = "AppointmentsToCome::stay")]
    sessions: AppointmentsToCome,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    notify_client: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    by: Option<StaffId>,
}

impl From<Handover> for HandoverRow {
    fn from(planned: Handover) -> Self {
        let Handover { to, on, ownership, sessions, notify_client, by } = planned;
        Self { to, on, ownership, sessions, notify_client, by }
    }
}

impl From<HandoverRow> for Handover {
    fn from(row: HandoverRow) -> Self {
        let HandoverRow { to, on, ownership, sessions, notify_client, by } = row;
        Self { to, on, ownership, sessions, notify_client, by }
    }
}

fn profile_row(profile: &Profile) -> ProfileRow {
    let Profile {
        first_name,
        middle_name,
        last_name,
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
        external_id,
        tags,
    } = profile.clone();
    ProfileRow {
        first_name,
        last_name,
        middle_name,
        preferred_name,
        pronouns,
        email,
        phone: phone.map(|p| (p.stored(), p.country().to_owned())),
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
        external_id,
        tags,
    }
}

fn profile(row: ProfileRow) -> Result<Profile, Corrupt> {
    let phone = row.phone.map(|(e164, country)| Phone::from_stored(&e164, &country)).transpose();
    Ok(Profile {
        first_name: row.first_name,
        middle_name: row.middle_name,
        last_name: row.last_name,
        preferred_name: row.preferred_name,
        pronouns: row.pronouns,
        email: row.email,
        phone: phone.map_err(|_| Corrupt(Client::NAME))?,
        date_of_birth: row.date_of_birth,
        gender: row.gender,
        sex: row.sex,
        address: row.address,
        occupation: row.occupation,
        employer: row.employer,
        employment_status: row.employment_status,
        relationship_status: row.relationship_status,
        living_arrangement: row.living_arrangement,
        diagnosis: row.diagnosis,
        symptoms: row.symptoms,
        external_id: row.external_id,
        tags: row.tags,
    })
}

fn seen_by(old: BTreeSet<StaffId>, dated: BTreeMap<String, Date>) -> Result<BTreeMap<StaffId, Date>, Corrupt> {
    let mut all: BTreeMap<StaffId, Date> = old.into_iter().map(|staff| (staff, WALK_INS_DATED_FROM)).collect();
    for (staff, until) in dated {
        all.insert(StaffId::from_key(&staff).map_err(|_| Corrupt(Client::NAME))?, until);
    }
    Ok(all)
}

impl Entity for Client {
    const NAME: &'static str = "client";
    const SCHEMA: u32 = 1;
    type Row = Row;

    fn key(&self) -> Key<Self> {
        keys::client(self.practice, self.id)
    }
    fn practice(&self) -> Option<PracticeId> {
        Some(self.practice)
    }
    fn version(&self) -> u64 {
        self.version
    }
    fn to_row(&self) -> Row {
        Row {
            pid: self.practice.key(),
            id: self.id,
            ownership: self.ownership,
            assigned_staff: self.assigned_staff,
            assigned_at: self.assigned_at,
            past_therapists: self.past_therapists.clone(),
            handover: self.handover.map(Into::into),
            seen_by: BTreeSet::new(),
            seen_until: self.seen_by.iter().map(|(staff, until)| (staff.key(), *until)).collect(),
            risk: self.risk,
            created_at: self.created_at,
            join_date: self.join_date,
            suspended_at: self.suspended_at,
            registered_at: self.registered_at,
            deleting: self.deleting,
            import: self.import.map(|ImportStamp { import, line, created }| ImportRow { id: import, line, created }),
            profile: profile_row(&self.profile),
            portal: portal_row(&self.portal),
        }
    }
    fn from_row(row: Row, version: u64) -> Result<Self, Corrupt> {
        Ok(Self {
            id: row.id,
            practice: PracticeId::from_key(&row.pid).map_err(|_| Corrupt(Self::NAME))?,
            version,
            profile: profile(row.profile)?,
            ownership: row.ownership,
            assigned_staff: row.assigned_staff,
            assigned_at: row.assigned_at,
            past_therapists: row.past_therapists,
            handover: row.handover.map(Into::into),
            seen_by: seen_by(row.seen_by, row.seen_until)?,
            risk: row.risk,
            created_at: row.created_at,
            join_date: row.join_date,
            suspended_at: row.suspended_at,
            registered_at: row.registered_at,
            portal: portal(row.portal),
            deleting: row.deleting,
            import: row.import.map(|ImportRow { id, line, created }| ImportStamp { import: id, line, created }),
        })
    }
}

impl Tx {
    /// Adds a client, and its entry to the list.
    pub fn create_client(&mut self, client: &Client) -> &mut Self {
        self.put_new(client, Conflict::Stale(Client::NAME)).directory(&Change::Put(Entry::from(client)))
    }

    /// Writes a client that was read, and its entry in the list; both in the version that this makes of it.
    pub fn save_client(&mut self, client: &mut Client) -> &mut Self {
        self.put_next(client).directory(&Change::Put(Entry::from(&*client)))
    }

    /// Marks a client as on its way out: absent for everybody from now on, gone from the list, and registered with the
    /// schedule that removes what is left of it.
    pub fn begin_deletion(&mut self, client: &mut Client) -> &mut Self {
        client.deleting = true;
        client.portal.end_sessions();
        self.put_next(client)
            .directory(&Change::Gone { id: client.id, version: client.version })
            .put(&Guard::deletion(client.practice, client.id))
    }
}

impl Store {
    /// Reads many clients; those that are gone, or on their way out, are left out.
    pub async fn clients(&self, practice: PracticeId, ids: &[ClientId]) -> Result<Vec<Client>, StoreError> {
        let mut clients = Vec::with_capacity(ids.len());
        // As many as one call takes, and so many calls at once that a large caseload does not take the table.
        for wave in ids.chunks(100 * 8) {
            let load = |ids: &[ClientId]| {
                let keys: Vec<_> = ids.iter().map(|id| keys::client(practice, *id).unless_deleting()).collect();
                self.load(keys)
            };
            let loaded = futures_util::future::try_join_all(wave.chunks(100).map(load)).await?;
            clients.extend(loaded.into_iter().flatten().flatten());
        }
        Ok(clients)
    }

    /// Removes everything in the client's partition: the second half of a permanent deletion (decision 11).
    ///
    /// Payments and invoices stay: they hold ids and amounts, nobody's name. So do the appointments in the therapists'
    /// calendars: ids and times; those still to come are cancelled, so that their times are free again.
    pub async fn purge_client(&self, grant: &crate::access::Grant, id: ClientId) -> Result<(), StoreError> {
        self.free_bookings(grant, id).await?;
        let places = self.places_in(&keys::client_partition(grant.practice(), id)).await?;
        let lists = (keys::invoices(grant.practice(), id), keys::payments(grant.practice(), id));
        let kept = |place: &Place| lists.0.holds(place) || lists.1.holds(place);
        let record = keys::client(grant.practice(), id).into_place();
        let (last, first): (Vec<Place>, Vec<Place>) =
            places.into_iter().filter(|place| !kept(place)).partition(|place| *place == record);
        self.remove(&first).await?;
        let principal = crate::domain::session::PrincipalId::Client(id);
        let auth = self.places_in(&keys::auth_partition(grant.practice(), principal)).await?;
        self.remove(&auth).await?;
        self.remove(&last).await
    }
}
