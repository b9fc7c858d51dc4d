//! A function's endpoints, listed once; and what each takes of a request, read off its handler's arguments.

use axum::Router;
use axum::extract::{Request, State};
use axum::handler::Handler;
use axum::middleware::{Next, from_fn};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{self, MethodFilter, MethodRouter};
use http::{HeaderMap, Method};
use utoipa::openapi::path::Operation;
use utoipa::openapi::schema::Schema;
use utoipa::openapi::{HttpMethod, RefOr};
use utoipa_axum::PathItemExt as _;
use utoipa_axum::router::UtoipaMethodRouter;

use super::caller::{Caller, Kind, Visitor};
use super::describe;
use super::extract::{self, Json, OptionalJson, Path, Query, RawBody};
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
    [K: Kind] Caller<K> {} describe::caller;
    [] Visitor {} describe::visitor;
    [T] Path<T> {} describe::path;
    [T] Query<T> { QUERY } describe::query;
    [T] Json<T> { BODY } describe::body;
    [T] OptionalJson<T> { BODY } describe::body;
    [] RawBody { BODY } describe::raw_body;
    [] HeaderMap {} |_| {};
    [] RequireMatch {} describe::require_match;
    [] HonourMatch {} describe::honour_match;
}

/// A handler, by what it takes. One that does not say who may call is no endpoint.
pub trait Endpoint<Arguments> {
    /// Who may call.
    type Credential: Credential;
    /// Whether it takes a body.
    const BODY: bool;
    /// Whether it takes a query.
    const QUERY: bool;
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
    for path in paths.paths.values_mut() {
        let operations = [&mut path.get, &mut path.post, &mut path.put, &mut path.patch, &mut path.delete];
        let methods = [Method::GET, Method::POST, Method::PUT, Method::PATCH, Method::DELETE];
        for (method, operation) in methods.into_iter().zip(operations) {
            if let Some(operation) = operation {
                H::describe(operation);
                describe::whole(operation, &method, H::Credential::SCHEMES);
            }
        }
    }
    (schemas, paths, strict::<H, A>(route))
}

/// Adds an endpoint to a router.
pub fn add<H, A, T>(router: Router<App>, path: &str, methods: &[HttpMethod], handler: H) -> Router<App>
where
    H: Endpoint<A> + Handler<T, App>,
    T: 'static,
{
    let mut filters = methods.iter().map(HttpMethod::to_method_filter);
    let first = filters.next().unwrap_or(MethodFilter::GET);
    router.route(path, strict::<H, A>(routing::on(filters.fold(first, MethodFilter::or), handler)))
}

/// Refuses what is sent and nobody would read.
fn strict<H: Endpoint<A>, A>(route: MethodRouter<App>) -> MethodRouter<App> {
    let route = if H::BODY { route } else { route.layer(from_fn(without_body)) };
    if H::QUERY { route } else { route.layer(from_fn(without_query)) }
}

/// What is sent where nothing is wanted.
#[derive(Debug, Default, serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Nothing {}

async fn without_body(request: Request, next: Next) -> Response {
    match extract::optional::<Nothing>(&request) {
        Ok(Nothing {}) => next.run(request).await,
        Err(problem) => problem.into_response(),
    }
}

async fn without_query(request: Request, next: Next) -> Response {
    match request.uri().query().unwrap_or_default() {
        "" => next.run(request).await,
        query => extract::unknown_parameter(query).into_response(),
    }
}
