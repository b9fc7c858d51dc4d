//! Services, working hours, and the free times that follow from both and from what is booked (I2, B9).

mod defaults;
mod finding;
mod free;
mod hours;
mod services;

use caseload::app::{FunctionSpec, Services};
use caseload::config::Var;

/// What this function is called and needs.
pub const SPEC: FunctionSpec = FunctionSpec {
    name: "availability",
    about: "Services, working hours and free times",
    services: Services::NONE,
    needs: &[Var::TableName, Var::SecretKey, Var::PortalOrigin, Var::TokenJwks],
};

caseload::endpoints! {
    services::list_services,
    services::create_service,
    services::update_service,
    services::delete_service,
    hours::read_availability,
    hours::set_availability,
    free::list_free_times,
    defaults::read_booking_defaults,
}
