//! A function's endpoints, listed once.

use axum::routing::MethodFilter;
use utoipa::openapi::HttpMethod;
use utoipa_axum::PathItemExt as _;

/// Lists a function's endpoints once and makes two things of the list.
///
/// `router()` is what the Lambda runs. `routes()` is the same with its documentation, for the OpenAPI document, the
/// local cloud and the tests: a function that ships neither builds nor carries its own description.
#[macro_export]
macro_rules! endpoints {
    ($($module:ident :: $handler:ident),* $(,)?) => {
        /// The endpoints this function serves, with their documentation.
        pub fn routes() -> $crate::web::OpenApiRouter<$crate::app::App> {
            $crate::web::OpenApiRouter::new()$(.routes(utoipa_axum::routes!($module::$handler)))*
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
