//! Every function there is, listed once: the local cloud, the template, the documents and the tests follow from it.

use std::time::Duration;

use aws_lambda_events::s3::S3Event;
use caseload::app::{App, FunctionSpec};
use caseload::web::Schemas;
use futures_util::future::BoxFuture;
use lambda_runtime::{Error, LambdaEvent};
use serde_json::Value;
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::Schema;
use utoipa_axum::router::OpenApiRouter;

const MINUTE: Duration = Duration::from_secs(60);
const FIVE_MINUTES: Duration = Duration::from_secs(300);
const HOUR: Duration = Duration::from_secs(3600);

/// A function: what it says of itself, and what makes it run.
#[derive(Debug, Clone, Copy)]
pub struct Function {
    /// What it is called and needs.
    pub spec: FunctionSpec,
    /// What makes it run.
    pub trigger: Trigger,
}

/// How a function is invoked with an event of this kind.
pub type Handler<E> = fn(App, LambdaEvent<E>) -> BoxFuture<'static, Result<Value, Error>>;

/// What makes a function run.
#[derive(Debug, Clone, Copy)]
pub enum Trigger {
    /// Requests to its routes.
    Requests(fn() -> OpenApiRouter<App>, fn() -> Schemas),
    /// Objects that arrive in the bucket.
    Objects(Objects, Handler<S3Event>),
    /// Schedules.
    Schedules(&'static [Schedule], Handler<Value>),
}

/// Which objects wake a worker.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Objects {
    /// What the object's key begins with.
    pub prefix: &'static str,
    /// What it ends with.
    pub suffix: &'static str,
}

/// A schedule, by the name its function knows it by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Schedule {
    pub name: &'static str,
    /// The time from one run to the next.
    pub every: Duration,
}

macro_rules! functions {
    (
        requests: $($http:ident),*;
        objects: $($worker:ident $prefix:literal .. $suffix:literal),*;
        schedules: $($timer:ident { $($name:literal $every:ident),* }),*;
    ) => {
        /// All of them.
        pub const FUNCTIONS: &[Function] = &[
            $(Function { spec: $http::SPEC, trigger: Trigger::Requests($http::routes, $http::schemas) },)*
            $(Function {
                spec: $worker::SPEC,
                trigger: Trigger::Objects(Objects { prefix: $prefix, suffix: $suffix }, |app, event| {
                    Box::pin($worker::handle(app, event))
                }),
            },)*
            $(Function {
                spec: $timer::SPEC,
                trigger: Trigger::Schedules(&[$(Schedule { name: $name, every: $every }),*], |app, event| {
                    Box::pin($timer::handle(app, event))
                }),
            },)*
        ];
    };
}

functions! {
    requests: practice, staff, auth, clients, invite, import_csv, share_file, notes, clinical_notes, tasks, messages, paperwork,
        appointments, availability, calendar_feeds, export_record, pay, payment_webhook;
    objects: import_worker "imports/" .. "", export_worker "exports/" .. "/order.json";
    schedules:
        resend_invitations { "resend-invitations" HOUR },
        housekeeping {
            "flush-mail" MINUTE,
            "compact-directories" MINUTE,
            "finish-deletions" MINUTE,
            "apply-handovers" HOUR,
            "forget-notes" HOUR,
            "repeat-tasks" HOUR,
            "tell-of-messages" MINUTE
        },
        reminders { "remind-of-sessions" FIVE_MINUTES };
}

impl Function {
    /// The function of that name.
    #[must_use]
    pub fn named(name: &str) -> Option<&'static Self> {
        FUNCTIONS.iter().find(|function| function.spec.name == name)
    }

    /// What the template's resources of this function begin with: `ShareFile` for `share-file`.
    #[must_use]
    pub fn resource(&self) -> String {
        pascal(self.spec.name)
    }

    /// Its documented routes, if it answers requests.
    #[must_use]
    pub fn routes(&self) -> Option<OpenApiRouter<App>> {
        match self.trigger {
            Trigger::Requests(routes, _) => Some(routes()),
            Trigger::Objects(..) | Trigger::Schedules(..) => None,
        }
    }
}

/// `share-file`, `share_file` → `ShareFile`.
pub(crate) fn pascal(name: &str) -> String {
    let mut pascal = String::new();
    for word in name.split(['-', '_']) {
        let mut letters = word.chars();
        pascal.extend(letters.next().map(|first| first.to_ascii_uppercase()));
        pascal.push_str(letters.as_str());
    }
    pascal
}

/// Every HTTP function with its routes.
pub fn routers() -> impl Iterator<Item = (FunctionSpec, OpenApiRouter<App>)> {
    FUNCTIONS.iter().filter_map(|function| Some((function.spec, function.routes()?)))
}

/// The schemas that the descriptions of all functions name, every time one does.
pub fn schemas() -> impl Iterator<Item = (String, RefOr<Schema>)> {
    FUNCTIONS.iter().flat_map(|function| match function.trigger {
        Trigger::Requests(_, schemas) => schemas(),
        Trigger::Objects(..) | Trigger::Schedules(..) => Schemas::new(),
    })
}

/// Every worker with the objects that wake it.
pub fn workers() -> impl Iterator<Item = (FunctionSpec, Objects, Handler<S3Event>)> {
    FUNCTIONS.iter().filter_map(|function| match function.trigger {
        Trigger::Objects(objects, handle) => Some((function.spec, objects, handle)),
        Trigger::Requests(..) | Trigger::Schedules(..) => None,
    })
}

/// Every schedule with its function.
pub fn schedules() -> impl Iterator<Item = (FunctionSpec, Schedule, Handler<Value>)> {
    let timers = FUNCTIONS.iter().filter_map(|function| match function.trigger {
        Trigger::Schedules(schedules, handle) => Some((function.spec, schedules, handle)),
        Trigger::Requests(..) | Trigger::Objects(..) => None,
    });
    timers.flat_map(|(spec, schedules, handle)| schedules.iter().map(move |schedule| (spec, *schedule, handle)))
}

#[cfg(test)]
mod tests {
    use caseload::config::Var;

    use super::*;

    /// What tells a genuine session.
    const WITH_SESSIONS: [Var; 4] = [Var::TableName, Var::SecretKey, Var::PortalOrigin, Var::TokenJwks];

    // decision 16: what it lacks would be noticed by whoever deploys it
    #[test]
    fn who_is_called_with_sessions_has_what_tells_a_genuine_one() {
        for (spec, routes) in routers() {
            let said = serde_json::to_string(&routes.into_openapi()).expect("a document");
            let with_sessions = [caseload::web::STAFF, caseload::web::CLIENT];
            if with_sessions.iter().any(|scheme| said.contains(&format!("{{\"{scheme}\":[]}}"))) {
                for var in WITH_SESSIONS {
                    assert!(spec.needs.contains(&var), "{} needs {}", spec.name, var.name());
                }
            }
        }
    }
}
