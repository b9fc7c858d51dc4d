//! A page of the directory: list and search are one thing (A1, A4).

use std::sync::Mutex;

use caseload::access::{Action, Actor, Cause, ClientFacts, allowed_actions, caseload_scope};
use caseload::app::App;
use caseload::crypto::ordered_id;
use caseload::domain::client::{Client, Profile, Status};
use caseload::domain::directory::{Counts, Entry, Matched, Page, Position, Query, Scope};
use caseload::domain::ids::ClientId;
use caseload::domain::phone::Phone;
use caseload::domain::portal::{Access, Invitation, Portal};
use caseload::domain::practice::Practice;
use caseload::domain::text::PersonName;
use caseload::store::directory::{Held, Outlook, lock};
use caseload::store::{AuditEntry, Catalog, Decided, keys};
use caseload::web::{
    Caller, Outcome, PortalView, Problem, Reply, StaffOnly, StaffRef, TagView, portal_view, tag_views,
};
use jiff::civil::Date;
use serde::Serialize;
use utoipa::ToSchema;

use crate::view::{PhoneView, assigned};

/// A page of clients.
#[derive(Serialize, ToSchema)]
pub(crate) struct ClientPage {
    items: Vec<ClientItem>,
    next_cursor: Option<String>,
    /// How many match, on all pages.
    total: usize,
    /// How many match apart from the status filter, by status.
    counts: Counts,
}

/// A client in a list (A2).
#[derive(Serialize, ToSchema)]
pub(crate) struct ClientItem {
    id: ClientId,
    first_name: String,
    last_name: String,
    preferred_name: Option<String>,
    email: Option<String>,
    phone: Option<PhoneView>,
    #[schema(value_type = String, format = Date)]
    join_date: Date,
    tags: Vec<TagView>,
    status: Status,
    assigned_staff: Option<StaffRef>,
    portal: PortalView,
    allowed_actions: Vec<&'static str>,
    /// Where the search words were found; only in search results.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    matched: Vec<Matched>,
}

/// What is asked, apart from where it starts.
pub(crate) struct Wanted {
    pub query: Query,
    /// Binds the cursor to the query.
    pub fingerprint: String,
    pub cursor: Option<String>,
}

/// Answers a list or search: session, practice, log and audit entry in one round trip when warm.
///
/// The entry names who is shown, so it can only be written beside the read if the page can be foretold from memory.
/// Where the page turns out otherwise, a second entry says what was really shown, before it is.
pub(crate) async fn answer(app: &App, caller: &Caller<StaffOnly>, wanted: Wanted) -> Outcome {
    let (practice, principal) = (caller.practice(), caller.identity.principal);
    let context = format!("clients {practice} {principal} {}", wanted.fingerprint);
    let mut query = wanted.query;
    let start = wanted.cursor.as_deref().map(|cursor| open(app, &context, cursor, &query)).transpose();
    query.after = start.as_ref().ok().cloned().flatten();
    let foretold = foretell(app, caller, &query);
    let key = keys::catalog(practice);
    let read = app.practice_with_directory(caller, Action::ClientList, std::slice::from_ref(&key));
    let (read, written) = tokio::join!(read, async {
        match &foretold {
            Some(shown) => app.append_audit(&entry(caller, Decided::Asked, shown)?).await,
            None => Ok(()),
        }
    });
    let (mut asked, held) = read?;
    written?;
    start?;
    let catalog = asked.items.take::<Catalog>(&key)?.ok_or_else(|| Problem::internal("no catalog"))?;
    let scope = match &asked.actor {
        Actor::Staff(staff) => caseload_scope(staff, &asked.practice).map_or(Scope::All, Scope::Staff),
        _ => return Err(Problem::absent()),
    };
    let outlook = Outlook { scope, tags: catalog.folded_tags() };
    let page = find(&held, &query, &outlook);
    let shown = shown(&page);
    if foretold.as_ref() != Some(&shown) {
        app.append_audit(&entry(caller, Decided::Done, &shown)?).await?;
    }
    let folding = {
        let mut held = lock(&held);
        held.set_outlook(principal, outlook);
        held.asks_for_compaction()
    };
    if folding && let Err(error) = app.store.ask_for_compaction(practice).await {
        tracing::warn!(%error, "compaction was not asked for; the next long look asks again");
    }
    let now = asked.grant.at();
    let next_cursor = page.next.as_ref().map(|position| seal(app, &context, position)).transpose()?;
    let items = page
        .rows
        .into_iter()
        .map(|(entry, matched)| item(&entry, matched, &asked.actor, &asked.practice, &catalog, now))
        .collect::<Result<_, _>>()?;
    Reply::ok(&ClientPage { items, next_cursor, total: page.total, counts: page.counts })
}

fn foretell(app: &App, caller: &Caller<StaffOnly>, query: &Query) -> Option<Vec<String>> {
    let held = app.directories.warm(caller.practice())?;
    let outlook = lock(&held).outlook(caller.identity.principal)?;
    Some(shown(&find(&held, query, &outlook)))
}

fn shown(page: &Page) -> Vec<String> {
    page.rows.iter().map(|(entry, _)| entry.id.to_string()).collect()
}

fn entry(caller: &Caller<StaffOnly>, decided: Decided, shown: &[String]) -> Result<AuditEntry, Problem> {
    let cause = Cause { request: caller.context.id, at: caller.context.at };
    let actor = caller.identity.principal.to_string();
    let entry = AuditEntry::of(
        caller.practice(),
        &actor,
        Action::ClientList.name(),
        decided,
        None,
        cause,
        ordered_id(cause.at)?,
    );
    Ok(entry.with_resources(shown.to_vec()))
}

fn find(held: &Mutex<Held>, query: &Query, outlook: &Outlook) -> Page {
    lock(held).directory.search(query, &outlook.scope, &outlook.tags)
}

fn open(app: &App, context: &str, cursor: &str, query: &Query) -> Result<Position, Problem> {
    let opened = app.keys.open(context, cursor).and_then(|bytes| serde_json::from_slice::<Position>(&bytes).ok());
    opened.filter(|position| position.fits(query.sort)).ok_or_else(|| {
        Problem::malformed("cursor_invalid", "This cursor belongs to another list. Start from the first page.")
    })
}

fn seal(app: &App, context: &str, position: &Position) -> Result<String, Problem> {
    let bytes = serde_json::to_vec(position).map_err(Problem::internal)?;
    Ok(app.keys.seal(context, &bytes)?)
}

fn item(
    entry: &Entry,
    matched: Vec<Matched>,
    actor: &Actor,
    practice: &Practice,
    catalog: &Catalog,
    now: jiff::Timestamp,
) -> Result<ClientItem, Problem> {
    let client = client(entry, practice)?;
    Ok(ClientItem {
        id: entry.id,
        first_name: entry.first_name.clone(),
        last_name: entry.last_name.clone(),
        preferred_name: entry.preferred_name.clone(),
        email: entry.email.clone(),
        phone: client.profile.phone.as_ref().map(PhoneView::new),
        join_date: entry.join_date,
        tags: tag_views(entry.tags.iter().copied(), catalog),
        status: entry.status(),
        assigned_staff: assigned(&client, catalog),
        portal: portal_view(&client, practice, now),
        allowed_actions: allowed_actions(actor, &ClientFacts::of_entry(entry, practice.id), practice),
        matched,
    })
}

/// As much of the record as the directory holds: what the policy and the portal block look at.
fn client(entry: &Entry, practice: &Practice) -> Result<Client, Problem> {
    let corrupt = || Problem::internal("a directory entry cannot be read");
    let name = |text: &str| PersonName::parse(text).map_err(|_| corrupt());
    let phone = entry.phone.as_deref().zip(entry.phone_country.as_deref());
    let profile = Profile {
        first_name: name(&entry.first_name)?,
        middle_name: None,
        last_name: name(&entry.last_name)?,
        preferred_name: entry.preferred_name.as_deref().map(name).transpose()?,
        pronouns: None,
        email: None,
        phone: phone.map(|(e164, country)| Phone::from_stored(e164, country)).transpose().map_err(|_| corrupt())?,
        date_of_birth: entry.date_of_birth,
        gender: None,
        sex: None,
        address: caseload::domain::client::Address::default(),
        occupation: None,
        employer: None,
        employment_status: None,
        relationship_status: None,
        living_arrangement: None,
        diagnosis: None,
        symptoms: None,
        external_id: None,
        tags: entry.tags.iter().copied().collect(),
    };
    let mut client = Client::new(
        entry.id,
        practice.id,
        profile,
        entry.ownership,
        entry.assigned_staff,
        entry.created_at,
        entry.join_date,
    );
    client.version = entry.version;
    client.suspended_at = entry.suspended.then_some(entry.created_at);
    client.registered_at = entry.registered.then_some(entry.created_at);
    client.portal = portal(entry, entry.access)?;
    Ok(client)
}

fn portal(entry: &Entry, access: Access) -> Result<Portal, Problem> {
    let email = entry.portal_email.as_deref().map(caseload::domain::email::EmailAddress::parse).transpose();
    Ok(Portal {
        access,
        email: email.map_err(|_| Problem::internal("a directory entry cannot be read"))?,
        last_sign_in_at: entry.last_sign_in_at,
        invitation: entry.invitation.as_ref().map(|known| Invitation {
            seed: uuid::Uuid::nil(),
            serial: known.serial,
            state: known.state,
            sent_at: known.sent_at,
            expires_at: known.expires_at,
            attempts: known.attempts,
            resends: known.resends,
            today: 0,
            message: None,
        }),
        ..Portal::default()
    })
}
