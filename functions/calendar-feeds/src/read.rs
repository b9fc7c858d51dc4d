use axum::extract::State;
use caseload::access::{Action, Actor, Cause, Grant, Resource};
use caseload::app::App;
use caseload::crypto::{Claim, Token, sha256};
use caseload::domain::calendar_feed::CalendarFeeds;
use caseload::domain::ids::FeedId;
use caseload::domain::practice::Practice;
use caseload::domain::session::PrincipalId;
use caseload::refusal::{Kind, Refusal, Stop};
use caseload::store::rate::Limit;
use caseload::store::{AuditEntry, Decided, PrincipalKey, Tx, keys};
use caseload::web::{CalendarReply, Path, RequestContext, Visitor};
use jiff::SignedDuration;

use crate::contents::{Sessions, written};

const HOUR: SignedDuration = SignedDuration::from_hours(1);
/// Reads from one network: an office where everybody subscribes.
const FROM_NETWORK: Limit = Limit { kind: "calendar-network", max: 1_200, window: HOUR };
/// Reads of one feed: several programs, each every few minutes.
const OF_FEED: Limit = Limit { kind: "calendar", max: 120, window: HOUR };
/// For how long a program may go by what it has.
const FRESH_FOR: u32 = 300;

/// A feed whose secret came with the request, with its owner as the table says at this moment.
struct Held {
    feeds: CalendarFeeds,
    practice: Practice,
    grant: Grant,
}

// I1, I3, IDN-13
/// The sessions of whoever has made this address, from 30 days ago until in 366 days, as an iCalendar file.
///
/// For calendar programs, without signing in: the address is the secret. What clients ask for stands in a staff member's
/// calendar as tentative; what was cancelled is left out.
#[utoipa::path(
    get, path = "/v1/calendars/{token}", tag = "calendar-feeds",
    params(("token" = String, Path, description = "What an address of a feed ends in")),
    responses(
        (status = 200, body = String, content_type = "text/calendar", headers(
            ("etag" = String, description = "For `If-None-Match`: 304 while nothing has changed")
        )),
        (status = 404), (status = 429)
    )
)]
pub(crate) async fn read_calendar(
    State(app): State<App>,
    visitor: Visitor,
    Path(token): Path<String>,
) -> Result<CalendarReply, Stop> {
    let context = &visitor.context;
    let token = Token::parse(token.strip_suffix(".ics").unwrap_or(&token)).map_err(|_| unknown())?;
    let Claim::CalendarFeed(owner, id) = token.claim else { return Err(unknown().into()) };
    count(&app, context, &token).await?;
    let cause = Cause { request: context.id, at: context.at };
    let (held, sessions) =
        tokio::join!(hold(&app, &token, (owner, id), cause), Sessions::read(&app, token.practice, owner, context.at));
    let (mut held, sessions) = (held?, sessions?);
    let shows = held.feeds.feeds.iter().find(|feed| feed.id == id).map(|feed| feed.shows).ok_or_else(unknown)?;
    let clients = sessions.clients_shown(shows);
    // Whom it shows is known before they are read, so that the trail names them in the same round trip.
    let (named, noted) =
        tokio::join!(sessions.names(&app, &held.grant, shows), note(&app, &mut held.feeds, id, &held.grant, clients));
    noted?;
    let host = app.origins().portal().host();
    let named = named?;
    let shown = (&named, held.grant.actor());
    let calendar = written(&sessions, &held.practice, shown, (shows, host), context.at);
    let plain: String = calendar.split_inclusive("\r\n").filter(|line| !line.starts_with("DTSTAMP:")).collect();
    let tag = sha256(plain.as_bytes()).get(..32).unwrap_or_default().to_owned();
    Ok(CalendarReply { text: calendar, tag, fresh_for: FRESH_FOR })
}

/// The same for whatever is no address of a feed, or is none any more.
fn unknown() -> Refusal {
    Refusal::new(
        Kind::Absent,
        "calendar_unknown",
        "There is no calendar at this address. Make a new one once signed in, and give its address to the program.",
    )
}

/// Counts the try before anything is read.
async fn count(app: &App, context: &RequestContext, token: &Token) -> Result<(), Stop> {
    let feed = app.keys.hash("calendar feed", &[token.text().as_bytes()]);
    let network = context.network().map(|network| app.keys.hash("source", &[network.as_bytes()]));
    let limits = network.map(|network| (FROM_NETWORK, network)).into_iter().chain([(OF_FEED, feed)]);
    let raised = limits.map(async |(limit, hash)| app.store.raise(limit, &hash, context.at).await);
    for counted in futures_util::future::join_all(raised).await {
        counted?.map_err(Refusal::too_many)?;
    }
    Ok(())
}

/// Reads the feed with its owner and the practice; none unless the secret is its own and the owner could sign in now.
async fn hold(app: &App, token: &Token, (owner, id): (PrincipalId, FeedId), cause: Cause) -> Result<Held, Stop> {
    let of = token.practice;
    let wanted = (keys::calendar_feeds(of, owner), PrincipalKey::of(of, owner, cause.at), keys::practice(of));
    let (Some(feeds), Some((actor, _)), Some(practice)) = app.store.load(wanted).await? else {
        return Err(unknown().into());
    };
    let known = feeds.feeds.iter().any(|feed| feed.id == id && token.has_hash(&feed.secret));
    if !known || practice.closed_at.is_some() {
        return Err(unknown().into());
    }
    let about = match &actor {
        Actor::Client(client) => Resource::client(Some(client)),
        _ => Resource::Practice,
    };
    match Grant::decide(&actor, Action::CalendarFeedRead, &about, &practice, cause) {
        Ok(grant) => Ok(Held { feeds, practice, grant }),
        Err(_) => {
            let (name, action) = (actor.name(), Action::CalendarFeedRead.name());
            let entry = AuditEntry::of(of, &name, action, Decided::Denied, about.client_id(), cause, app.new_id()?);
            app.append_audit(&entry.with_resources(vec![id.to_string()])).await?;
            Err(unknown().into())
        }
    }
}

/// Writes into the trail that the feed is read and whom it shows; once an hour also with the feed itself.
async fn note(
    app: &App,
    feeds: &mut CalendarFeeds,
    id: FeedId,
    grant: &Grant,
    clients: Vec<String>,
) -> Result<(), Stop> {
    if feeds.read(id, grant.at()) {
        let mut tx = Tx::new(grant);
        tx.replace(feeds).touches(id);
        for client in &clients {
            tx.touches(client);
        }
        // Somebody else was at the feeds at this moment. It is read all the same.
        if app.store.commit(tx).await.is_ok() {
            return Ok(());
        }
    }
    let named = std::iter::once(id.to_string()).chain(clients).collect();
    let entry = AuditEntry::new(grant, Decided::Done, app.new_id()?).with_resources(named);
    app.append_audit(&entry).await
}
