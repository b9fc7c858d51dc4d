//! What every endpoint shares: the front, extractors, authorization, problems, replies.

mod attaching;
mod authorize;
mod break_glass;
mod caller;
mod correlation;
pub mod cors;
mod describe;
mod directory;
mod endpoints;
mod extract;
mod front;
mod logins;
mod paging;
mod problem;
mod repeat;
mod reply;
mod span;
mod things;
mod version;
pub mod view;

pub use attaching::{NotAttached, Places, attachable, file_places, session_place};
pub use authorize::{Authorized, Entered};
pub use break_glass::BreakGlass;
pub use caller::{Anyone, CLIENT, Caller, Kind, Oneself, PortalOnly, STAFF, StaffOnly, Visitor};
pub use describe::{PROBLEM, operations, refusals, versioned};
pub use directory::WithDirectory;
pub use endpoints::{Argument, Credential, Endpoint, Route, Schemas, add, documented};
pub use extract::{Json, MAX_BODY, MAX_RAW, OptionalJson, Patch, Path, Query, RawBody};
pub use front::serve;
pub use logins::LoginClaim;
pub use paging::{Page, PageQuery, PageRefusal};
pub use problem::{Problem, ProblemBody};
pub use repeat::Afresh;
pub use reply::{CalendarReply, CsvReply, ETag, Reply};
pub use span::Span;
pub use things::{Shown, ThingId, weight};
pub use utoipa_axum::router::OpenApiRouter;
pub use version::{HonourMatch, RequireMatch};
pub use view::session::{PrincipalView, SessionTokens};
pub use view::{ClientRef, InvitationView, PortalView, StaffRef, TagView, tag_views};

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use bytes::Bytes;
use jiff::Timestamp;

use crate::app::App;
use crate::domain::ids::RequestId;
use crate::jwt::Identity;
use crate::refusal::Stop;

tokio::task_local! {
    static REQUEST: RequestId;
}

/// The request this task is answering: for logs and call records.
#[must_use]
pub fn current_request() -> Option<RequestId> {
    REQUEST.try_with(|id| *id).ok()
}

/// Runs something under a request's id.
pub async fn within_request<F: Future>(id: RequestId, work: F) -> F::Output {
    REQUEST.scope(id, work).await
}

/// What a handler gives back.
pub type Outcome = Result<Reply, Stop>;

/// The body, read before anything else so that its hash is known; judged only by those who want one.
#[derive(Debug, Clone)]
pub(crate) enum Buffered {
    Whole(Bytes),
    TooLarge,
    Broken,
}

/// What the front knows about a request before anybody is asked for permission.
#[derive(Debug, Clone)]
pub struct RequestContext {
    /// The request's id.
    pub id: RequestId,
    /// When it came in.
    pub at: Timestamp,
    /// What its access token proves.
    pub identity: Option<Identity>,
    /// Hashes of the idempotency key with its route, and of the payload.
    pub repeatable: Option<(String, String)>,
    /// Whether an `Idempotency-Key` came that is empty: it would be everybody's.
    pub blank_key: bool,
    /// Where it came from, as the gateway says.
    pub source: String,
    /// At which domain of the API it was asked, likewise: only its own ones, whatever a caller writes.
    pub domain: String,
    /// How far its handler has come.
    pub progress: Arc<Progress>,
}

impl RequestContext {
    /// Where the API answers, for addresses of its own: as it was asked, else where the portal lives.
    #[must_use]
    pub fn api(&self, app: &App) -> String {
        match self.domain.as_str() {
            "" => app.origins().portal().to_string(),
            domain => format!("https://{domain}"),
        }
    }

    /// The network a caller comes from, for limits; none where no gateway says. Whoever has an IPv6 address has a whole
    /// /64 of them (security IDN-13).
    #[must_use]
    pub fn network(&self) -> Option<String> {
        match self.source.parse() {
            Ok(std::net::IpAddr::V6(v6)) => {
                Some(format!("{}/64", std::net::Ipv6Addr::from_bits(v6.to_bits() >> 64 << 64)))
            }
            _ => (!self.source.is_empty()).then(|| self.source.clone()),
        }
    }
}

/// How far a handler has come with the question who calls.
#[derive(Debug, Default)]
pub struct Progress {
    /// The route asked who calls: routes that are open to everybody do not care.
    caller_wanted: AtomicBool,
    /// Session and principal were read, so that a dead session was told so.
    caller_read: AtomicBool,
}

impl Progress {
    /// Whether the route asked who calls: nothing is then told that the trail does not know of (AUD-2).
    fn owes_account(&self) -> bool {
        self.caller_wanted.load(Ordering::Relaxed)
    }

    /// Whether an answer was given to a caller of whom nobody knows yet whether it is signed in.
    fn left_caller_open(&self) -> bool {
        self.caller_wanted.load(Ordering::Relaxed) && !self.caller_read.load(Ordering::Relaxed)
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    // IDN-13
    #[test]
    fn addresses_of_one_network_are_counted_together() {
        let network = |source: &str| {
            let context = RequestContext {
                progress: Arc::default(),
                id: RequestId::from_uuid(Uuid::nil()),
                at: Timestamp::UNIX_EPOCH,
                identity: None,
                repeatable: None,
                blank_key: false,
                source: source.to_owned(),
                domain: String::new(),
            };
            context.network()
        };
        assert_eq!(network(""), None);
        assert_eq!(network("203.0.113.10").as_deref(), Some("203.0.113.10"));
        assert_eq!(network("2001:db8:1:2::1"), network("2001:db8:1:2:ffff::9"));
        assert_ne!(network("2001:db8:1:2::1"), network("2001:db8:1:3::1"));
    }
}
