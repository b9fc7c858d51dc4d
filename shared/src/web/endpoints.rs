//! A function's endpoints, listed once.

use axum::extract::State;
use axum::routing::MethodFilter;
use utoipa::openapi::HttpMethod;
use utoipa::openapi::security::SecurityRequirement;
use utoipa_axum::PathItemExt as _;
use utoipa_axum::router::UtoipaMethodRouter;

use super::caller::{Caller, Kind, Visitor};
use crate::app::App;

/// Lists a function's endpoints once and makes two things of the list.
///
/// `router()` is what the Lambda runs. `routes()` is the same with its documentation, for the OpenAPI document, the
/// local cloud and the tests: a function that ships neither builds nor carries its own description.
#[macro_export]
macro_rules! endpoints {
    ($($module:ident :: $handler:ident),* $(,)?) => {
        /// The endpoints this function serves, with their documentation.
        pub fn routes() -> $crate::web::OpenApiRouter<$crate::app::App> {
            $crate::web::OpenApiRouter::new()$(
                .routes($crate::web::documented($module::$handler, utoipa_axum::routes!($module::$handler)))
            )*
        }

        /// The endpoints this function serves.
        pub fn router() -> axum::Router<$crate::app::App> {
            let router = axum::Router::new();
            $(
                let router = utoipa_axum::paste! {{
                    use $module::[<__path_ $handler>] as endpoint;
                    router.route(
                        &<endpoint as utoipa::Path>::path(),
                        axum::routing::on($crate::web::method_filter(&<endpoint as utoipa::Path>::methods()), $module::$handler),
                    )
                }};
            )*
            router
        }
    };
}

/// The filter for an endpoint's methods.
#[must_use]
pub fn method_filter(methods: &[HttpMethod]) -> MethodFilter {
    let mut filters = methods.iter().map(HttpMethod::to_method_filter);
    let first = filters.next().unwrap_or(MethodFilter::GET);
    filters.fold(first, MethodFilter::or)
}

/// Who may call a handler: what its second argument takes.
pub trait Credential {
    /// The credentials of which one is needed, by the names of their security schemes; none if nobody has to sign in.
    const SCHEMES: &'static [&'static str];
}

impl<K: Kind> Credential for Caller<K> {
    const SCHEMES: &'static [&'static str] = K::SCHEMES;
}

impl Credential for Visitor {
    const SCHEMES: &'static [&'static str] = &[];
}

/// A handler that says who may call it, and without doing so is no endpoint.
pub trait Endpoint<Arguments> {
    /// The credential it takes.
    type Credential: Credential;
}

macro_rules! endpoint {
    ($($more:ident)*) => {
        impl<H, C: Credential, F, $($more),*> Endpoint<(C, $($more,)*)> for H
        where
            H: Fn(State<App>, C, $($more),*) -> F,
        {
            type Credential = C;
        }
    };
}
endpoint!();
endpoint!(A);
endpoint!(A B);
endpoint!(A B D);
endpoint!(A B D E);

/// A route whose documentation says who may call it.
pub fn documented<H: Endpoint<A>, A>(_: H, mut route: UtoipaMethodRouter<App>) -> UtoipaMethodRouter<App> {
    let schemes = H::Credential::SCHEMES;
    let needed = match schemes {
        [] => vec![SecurityRequirement::default()],
        _ => schemes.iter().map(|scheme| SecurityRequirement::new(*scheme, [""; 0])).collect(),
    };
    for path in route.1.paths.values_mut() {
        let operations = [&mut path.get, &mut path.post, &mut path.put, &mut path.patch, &mut path.delete];
        for operation in operations.into_iter().flatten() {
            operation.security = Some(needed.clone());
        }
    }
    route
}
