//! A page of the directory: list and search are one thing (A1, A4).

use std::sync::Mutex;

use caseload::access::{Action, Actor, ClientFacts, Offer, allowed_actions, caseload_scope};
use caseload::app::App;
use caseload::domain::catalog::Catalog;
use caseload::domain::client::Status;
use caseload::domain::directory::{Entry, Matched, Page, Position, Query, StatusCounts};
use caseload::domain::ids::ClientId;
use caseload::domain::phone::Phone;
use caseload::domain::practice::Practice;
use caseload::refusal::{Refusal, Stop};
use caseload::store::directory::{Held, Outlook, lock};
use caseload::store::keys;
use caseload::web::view::client::{PhoneView, assigned};
use caseload::web::{
    Caller, ETag, InvitationView, Outcome, PageQuery, PortalView, Reply, StaffOnly, StaffRef, TagView, tag_views,
};
use jiff::civil::Date;
use serde::Serialize;
use utoipa::ToSchema;

#[derive(Serialize, ToSchema)]
pub(crate) struct ClientPage {
    items: Vec<ClientItem>,
    next_cursor: Option<String>,
    /// How many match, on all pages.
    total: usize,
    /// How many match apart from the status filter, by status.
    counts: StatusCounts,
}

// A2
/// A client in a list.
#[derive(Serialize, ToSchema)]
pub(crate) struct ClientItem {
    id: ClientId,
    first_name: String,
    last_name: String,
    preferred_name: Option<String>,
    email: Option<String>,
    phone: Option<PhoneView>,
    join_date: Date,
    tags: Vec<TagView>,
    status: Status,
    assigned_staff: Option<StaffRef>,
    portal: PortalView,
    allowed_actions: Vec<Offer>,
    etag: ETag,
    /// Where the search words were found; only in search results.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    matched: Vec<Matched>,
}

/// What is asked.
pub(crate) struct ListRequest {
    pub query: Query,
    /// Binds the cursor to the query.
    pub fingerprint: String,
    pub page: PageQuery,
}

/// Answers a list or search: session, practice, log and audit entry in one round trip when warm.
pub(crate) async fn answer(app: &App, caller: &Caller<StaffOnly>, wanted: ListRequest) -> Outcome {
    let (practice, principal) = (caller.practice(), caller.identity.principal);
    let list = format!("clients {principal} {}", wanted.fingerprint);
    let place: caseload::web::Page<Position> = app.page_of(practice, &list, &wanted.page)?;
    let query = Query { limit: place.limit, after: place.after.clone(), ..wanted.query };
    let read = app.practice_with_directory(caller, Action::ClientList, keys::catalog(practice).required());
    let foretold = foretell(app, caller, &query);
    let found = app.page_of_clients(caller, Action::ClientList, foretold, read, |(asked, held, catalog)| {
        let scope = match &asked.actor {
            Actor::Staff(staff) => caseload_scope(staff, &asked.practice),
            _ => return Err(Refusal::absent().into()),
        };
        let outlook = Outlook { scope, tags: catalog.folded_tags() };
        Ok((find(held, &query, &outlook), outlook))
    });
    let ((asked, held, catalog), page, outlook) = found.await?;
    let folding = {
        let mut held = lock(&held);
        held.set_outlook(principal, outlook);
        held.asks_for_compaction()
    };
    if folding && let Err(error) = app.store.ask_for_compaction(practice).await {
        tracing::warn!(%error, "compaction was not asked for; the next long look asks again");
    }
    let now = asked.grant.at();
    let next_cursor = page.next.as_ref().map(|position| app.cursor(&place, position)).transpose()?;
    let items = page
        .rows
        .into_iter()
        .map(|(entry, matched)| item(&entry, matched, &asked.actor, &asked.practice, &catalog, now))
        .collect::<Result<_, _>>()?;
    Reply::ok(&ClientPage { items, next_cursor, total: page.total, counts: page.counts })
}

/// The page as it is if nothing has changed since this caller last looked; none if this process does not know.
fn foretell(app: &App, caller: &Caller<StaffOnly>, query: &Query) -> Option<Page> {
    let held = app.directories.warm(caller.practice(), app.clock().unmoved())?;
    let outlook = lock(&held).outlook(caller.identity.principal)?;
    Some(find(&held, query, &outlook))
}

fn find(held: &Mutex<Held>, query: &Query, outlook: &Outlook) -> Page {
    lock(held).directory.search(query, &outlook.scope, &outlook.tags)
}

fn item(
    entry: &Entry,
    matched: Vec<Matched>,
    actor: &Actor,
    practice: &Practice,
    catalog: &Catalog,
    now: jiff::Timestamp,
) -> Result<ClientItem, Stop> {
    let phone = entry.phone.as_deref().zip(entry.phone_country.as_deref());
    let phone = phone.map(|(e164, country)| Phone::from_stored(e164, country)).transpose();
    let facts = ClientFacts::of_entry(entry, practice.id);
    let invitation = entry.invitation.map(|known| InvitationView {
        state: known.state.at(known.expires_at, now),
        sent_at: known.sent_at,
        expires_at: known.expires_at,
        attempts: known.attempts,
    });
    let portal = PortalView::new(&facts, practice, entry.portal_email.clone(), invitation, entry.last_sign_in_at);
    Ok(ClientItem {
        id: entry.id,
        first_name: entry.first_name.clone(),
        last_name: entry.last_name.clone(),
        preferred_name: entry.preferred_name.clone(),
        email: entry.email.clone(),
        phone: phone.map_err(|_| Refusal::broken("a directory entry cannot be read"))?.as_ref().map(PhoneView::new),
        join_date: entry.join_date,
        tags: tag_views(entry.tags.iter().copied(), catalog),
        status: entry.status(),
        assigned_staff: assigned(entry.assigned_staff, catalog),
        portal,
        allowed_actions: allowed_actions(actor, &facts, practice),
        etag: ETag::new(entry.version),
        matched,
    })
}
