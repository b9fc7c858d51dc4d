//! Who calls: a handler's first argument says which kind of caller it serves.

use std::marker::PhantomData;
use std::sync::atomic::Ordering;

use axum::extract::FromRequestParts;
use http::request::Parts;

use super::RequestContext;
use crate::domain::ids::PracticeId;
use crate::domain::session::PrincipalId;
use crate::jwt::Identity;
use crate::refusal::Refusal;

/// The access token of a staff member's session, in the description of the API.
pub const STAFF: &str = "staff";
/// The access token of a client's session, likewise.
pub const CLIENT: &str = "client";

/// Which principals a route serves.
pub trait Kind: Send + Sync + 'static {
    /// The names of their credentials in the description of the API.
    const SCHEMES: &'static [&'static str];
    /// Whether one of them may be refused what another may do.
    const TELLS_APART: bool = true;
    /// Whether it serves this one.
    fn accepts(principal: PrincipalId) -> bool;
}

/// Staff.
#[derive(Debug, Clone, Copy)]
pub struct StaffOnly;
/// Portal clients.
#[derive(Debug, Clone, Copy)]
pub struct PortalOnly;
/// Both.
#[derive(Debug, Clone, Copy)]
pub struct Anyone;
/// Both, about nothing but themselves and their own sessions: a role has no say in that.
#[derive(Debug, Clone, Copy)]
pub struct Oneself;

impl Kind for StaffOnly {
    const SCHEMES: &'static [&'static str] = &[STAFF];

    fn accepts(principal: PrincipalId) -> bool {
        matches!(principal, PrincipalId::Staff(_))
    }
}

impl Kind for PortalOnly {
    const SCHEMES: &'static [&'static str] = &[CLIENT];

    fn accepts(principal: PrincipalId) -> bool {
        matches!(principal, PrincipalId::Client(_))
    }
}

impl Kind for Anyone {
    const SCHEMES: &'static [&'static str] = &[STAFF, CLIENT];

    fn accepts(_: PrincipalId) -> bool {
        true
    }
}

impl Kind for Oneself {
    const SCHEMES: &'static [&'static str] = Anyone::SCHEMES;
    const TELLS_APART: bool = false;

    fn accepts(principal: PrincipalId) -> bool {
        Anyone::accepts(principal)
    }
}

/// A caller with a genuine access token of the right kind. Whether its session still lives is read with the subject.
#[derive(Debug, Clone)]
pub struct Caller<K> {
    pub identity: Identity,
    /// In which request.
    pub context: RequestContext,
    kind: PhantomData<K>,
}

impl<K> Caller<K> {
    /// The caller's practice, for handlers that build keys before they load.
    #[must_use]
    pub const fn practice(&self) -> PracticeId {
        self.identity.practice
    }
}

impl<K: Kind, S: Send + Sync> FromRequestParts<S> for Caller<K> {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Refusal> {
        let context = context(parts)?;
        context.progress.caller_wanted.store(true, Ordering::Relaxed);
        let identity = context.identity.ok_or_else(Refusal::unauthenticated)?;
        if !K::accepts(identity.principal) {
            return Err(Refusal::from(crate::access::Denied::WrongCaller));
        }
        check_key(&context)?;
        Ok(Self { identity, context, kind: PhantomData })
    }
}

/// Anybody: the routes that need no sign-in.
#[derive(Debug, Clone)]
pub struct Visitor {
    pub context: RequestContext,
}

impl<S: Send + Sync> FromRequestParts<S> for Visitor {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Refusal> {
        let context = context(parts)?;
        check_key(&context)?;
        Ok(Self { context })
    }
}

fn check_key(context: &RequestContext) -> Result<(), Refusal> {
    let refused =
        || Refusal::malformed("idempotency_key_invalid", "Send an Idempotency-Key that is not empty, or none.");
    if context.blank_key { Err(refused()) } else { Ok(()) }
}

fn context(parts: &Parts) -> Result<RequestContext, Refusal> {
    parts.extensions.get().cloned().ok_or_else(|| Refusal::broken("a route runs without the front"))
}
