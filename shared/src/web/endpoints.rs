//! A function's endpoints, listed once; and what each takes of a request, read off its handler's arguments.

use std::sync::atomic::Ordering;

use axum::Router;
use axum::extract::{Request, State};
use axum::handler::Handler;
use axum::middleware::{Next, from_fn};
use axum::response::IntoResponse as _;
use axum::routing::{self, MethodFilter, MethodRouter};
use http::{HeaderMap, Method};
use utoipa::openapi::path::Operation;
use utoipa::openapi::schema::Schema;
use utoipa::openapi::{HttpMethod, RefOr};
use utoipa_axum::PathItemExt as _;
use utoipa_axum::router::UtoipaMethodRouter;

use super::RequestContext;
use super::caller::{Caller, Kind, Visitor};
use super::describe;
use super::extract::{self, Json, OptionalJson, Path, Query, RawBody};
use super::problem::Problem;
use super::repeat::Afresh;
use super::version::{HonourMatch, RequireMatch};
use crate::app::App;

/// Lists a function's endpoints once and makes three things of the list.
///
/// `router()` is what the Lambda runs. `routes()` is the same with its documentation, for the OpenAPI document, the
/// local cloud and the tests: a function that ships neither builds nor carries its own description. `schemas()` are the
/// types the documentation names, every time it names one.
#[macro_export]
macro_rules! endpoints {
    ($($module:ident :: $handler:ident),* $(,)?) => {
        /// The endpoints this function serves, with their documentation.
        pub fn routes() -> $crate::web::OpenApiRouter<$crate::app::App> {
            $crate::web::OpenApiRouter::new()$(
                .routes($crate::web::documented($module::$handler, utoipa_axum::routes!($module::$handler)))
            )*
        }

        /// The schemas of their documentation by name; a name may come more than once.
        #[must_use]
        pub fn schemas() -> $crate::web::Schemas {
            let mut schemas = $crate::web::Schemas::new();
            $(
                let route: $crate::web::Route = utoipa_axum::routes!($module::$handler);
                schemas.extend(route.0);
            )*
            schemas
        }

        /// The endpoints this function serves.
        pub fn router() -> axum::Router<$crate::app::App> {
            let router = axum::Router::new();
            $(
                let router = utoipa_axum::paste! {{
                    use $module::[<__path_ $handler>] as endpoint;
                    $crate::web::add(
                        router,
                        &<endpoint as utoipa::Path>::path(),
                        &<endpoint as utoipa::Path>::methods(),
                        $module::$handler,
                    )
                }};
            )*
            router
        }
    };
}

/// A route of a function with the description of its operation.
pub type Route = UtoipaMethodRouter<App>;

/// Schemas by name.
pub type Schemas = Vec<(String, RefOr<Schema>)>;

/// What a handler takes of a request, and what this adds to the description of its endpoint.
pub trait Argument {
    /// Whether it is about the body. An endpoint that takes none refuses one.
    const BODY: bool = false;
    /// Whether it is about the query. An endpoint that takes none refuses one.
    const QUERY: bool = false;
    /// Whether it says that every answer is a new one, and none kept for a repetition.
    const AFRESH: bool = false;
    /// Adds what callers have to know.
    fn describe(operation: &mut Operation);
}

/// Who may call: what a handler's second argument says.
pub trait Credential: Argument {
    /// The credentials of which one is needed, by the names of their security schemes; none if nobody has to sign in.
    const SCHEMES: &'static [&'static str];
}

impl<K: Kind> Credential for Caller<K> {
    const SCHEMES: &'static [&'static str] = K::SCHEMES;
}

impl Credential for Visitor {
    const SCHEMES: &'static [&'static str] = &[];
}

macro_rules! arguments {
    ($([$($of:tt)*] $type:ty { $($takes:ident)* } $describe:expr;)*) => {$(
        impl<$($of)*> Argument for $type {
            $(const $takes: bool = true;)*

            fn describe(operation: &mut Operation) {
                let describe: fn(&mut Operation) = $describe;
                describe(operation);
            }
        }
    )*};
}

arguments! {
    [K: Kind] Caller<K> {} |operation| describe::caller(operation, K::TELLS_APART);
    [] Visitor {} describe::visitor;
    [T] Path<T> {} describe::path;
    [T] Query<T> { QUERY } describe::query;
    [T] Json<T> { BODY } describe::body;
    [T] OptionalJson<T> { BODY } describe::body;
    [] RawBody { BODY } describe::raw_body;
    [] HeaderMap {} |_| {};
    [] RequireMatch {} describe::require_match;
    [] HonourMatch {} describe::honour_match;
    [] Afresh { AFRESH } |_| {};
}

/// A handler, by what it takes. One that does not say who may call is no endpoint.
pub trait Endpoint<Arguments> {
    /// Who may call.
    type Credential: Credential;
    /// Whether it takes a body.
    const BODY: bool;
    /// Whether it takes a query.
    const QUERY: bool;
    /// Whether a repetition is answered anew.
    const AFRESH: bool;
    /// Adds to the description what its arguments take.
    fn describe(operation: &mut Operation);
}

macro_rules! endpoint {
    ($($more:ident)*) => {
        impl<H, C: Credential, F, $($more: Argument),*> Endpoint<(C, $($more,)*)> for H
        where
            H: Fn(State<App>, C, $($more),*) -> F,
        {
            type Credential = C;
            const BODY: bool = false $(|| $more::BODY)*;
            const QUERY: bool = false $(|| $more::QUERY)*;
            const AFRESH: bool = false $(|| $more::AFRESH)*;

            fn describe(operation: &mut Operation) {
                C::describe(operation);
                $($more::describe(operation);)*
            }
        }
    };
}
endpoint!();
endpoint!(A);
endpoint!(A B);
endpoint!(A B D);
endpoint!(A B D E);

/// A route whose description says what its handler takes.
pub fn documented<H: Endpoint<A>, A>(_: H, (schemas, mut paths, route): Route) -> Route {
    for (method, operation) in describe::operations(&mut paths) {
        H::describe(operation);
        describe::whole(operation, H::Credential::SCHEMES);
        if method == Method::POST && !H::AFRESH {
            describe::repeatable(operation);
        }
    }
    (schemas, paths, strict(route, Takes::of::<H, A>()))
}

/// Adds an endpoint to a router.
pub fn add<H, A, T>(router: Router<App>, path: &str, methods: &[HttpMethod], handler: H) -> Router<App>
where
    H: Endpoint<A> + Handler<T, App>,
    T: 'static,
{
    let mut filters = methods.iter().map(HttpMethod::to_method_filter);
    let first = filters.next().unwrap_or(MethodFilter::GET);
    router.route(path, strict(routing::on(filters.fold(first, MethodFilter::or), handler), Takes::of::<H, A>()))
}

/// What an endpoint takes, as values: what is made of it is compiled once, and not once for each handler.
#[derive(Debug, Clone, Copy)]
struct Takes {
    session: bool,
    body: bool,
    query: bool,
}

impl Takes {
    const fn of<H: Endpoint<A>, A>() -> Self {
        Self { session: !H::Credential::SCHEMES.is_empty(), body: H::BODY, query: H::QUERY }
    }
}

/// Refuses what is sent and nobody would read.
fn strict(route: MethodRouter<App>, takes: Takes) -> MethodRouter<App> {
    if takes.body && takes.query {
        return route;
    }
    route.layer(from_fn(move |request: Request, next: Next| async move {
        match refused(&request, takes) {
            Some(refused) => refused.into_response(),
            None => next.run(request).await,
        }
    }))
}

/// What is sent where nothing is wanted.
#[derive(Debug, Default, serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Nothing {}

/// The refusal of a body or a query where none is taken. Who is not signed in is told that, and nothing before it.
fn refused(request: &Request, takes: Takes) -> Option<Problem> {
    if takes.session {
        let context = request.extensions().get::<RequestContext>()?;
        context.identity?;
        context.progress.caller_wanted.store(true, Ordering::Relaxed);
    }
    if !takes.body
        && let Err(problem) = extract::optional::<Nothing>(request)
    {
        return Some(problem);
    }
    match request.uri().query().unwrap_or_default().trim_matches('&') {
        "" => None,
        _ if takes.query => None,
        sent => Some(extract::unknown_parameter(sent).into()),
    }
}
