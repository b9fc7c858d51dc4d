//! Everything together: the stand-ins, one [`App`] with every part, the merged routers behind their front.

mod folder;
mod services;
mod setup;

use std::net::Ipv4Addr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use caseload::app::{App, Services};
use caseload::aws::Sdk;
use caseload::clock::Clock;
use caseload::config::{Config, ConfigError, Endpoints, Origin, Origins, Secret, SecretBytes};
use jiff::SignedDuration;
use serde_json::Value;
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::{AbortHandle, JoinHandle};

use crate::bucket::{self, Bucket, User};
use crate::events::{Events, Worker};
use crate::faults::Faults;
use crate::mailbox::{self, Mailbox};
use crate::payments::{self, Payments};
use crate::recorder::Recorder;
use crate::schedules::{self, RunError};
use crate::secrets::{Secrets, SecretsError};
use crate::table::{self, Table};
use crate::watch::watch;
use crate::{dev, openapi, wire};
use folder::Folder;

/// The table's name.
pub const TABLE: &str = "caseload";
/// The bucket's name.
pub const BUCKET: &str = "caseload";
const MAIL_FROM: &str = "Caseload <no-reply@caseload.example>";
/// How long a clean end may take.
const PARTING: Duration = Duration::from_secs(3);

/// How to start. The default is what tests want: any port, nothing kept, nothing from the environment, and a clock that
/// stands still.
#[derive(Debug, Clone)]
pub struct Options {
    /// The front's port; 0 is any free one.
    pub port: u16,
    /// Where the portal lives: pages of these origins may call, and the first is where links lead. Without any, links
    /// lead to the pages here.
    pub portal_origins: Vec<Origin>,
    /// Where table, bucket and secrets are kept; in memory and a temporary folder otherwise.
    pub data_dir: Option<PathBuf>,
    /// Endpoints that replace a part; only `http://` ones.
    pub endpoints: Endpoints,
    /// What requests to the parts are signed with; a service that is not ours may know its users.
    pub user: User,
    /// Deliver every event of the bucket twice, at the same time.
    pub deliver_twice: bool,
    /// Run the schedules by themselves.
    pub schedules: bool,
    /// How long one try of a call may take.
    pub patience: Duration,
    /// How long an invocation of the import worker may take.
    pub worker_time: SignedDuration,
    /// The OIDC issuers staff may sign in through: the value of `STAFF_ISSUERS`.
    pub staff_issuers: Option<String>,
    /// The clock every rule about time obeys.
    pub clock: Clock,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            port: 0,
            portal_origins: Vec::new(),
            data_dir: None,
            endpoints: Endpoints::default(),
            user: User::default(),
            deliver_twice: false,
            schedules: false,
            patience: Duration::from_secs(60),
            worker_time: SignedDuration::from_secs(900),
            staff_issuers: None,
            clock: Clock::standing(),
        }
    }
}

/// Why the local cloud did not start. Each is one line that says what to do.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The front's port is not free.
    #[error("cannot listen on 127.0.0.1:{port}: {source}; stop what is there, or choose another port with --port")]
    Port {
        port: u16,
        /// What the system said.
        source: std::io::Error,
    },
    /// Another local cloud keeps its data there.
    #[error("{} belongs to a local cloud that is running; stop it, or choose another --data-dir", .0.display())]
    InUse(PathBuf),
    /// A folder cannot be used.
    #[error("the folder {} cannot be used: {source}", path.display())]
    Folder {
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// An endpoint that cannot be spoken to.
    #[error("{0:?} cannot replace a part: only http:// endpoints can")]
    Endpoint(String),
    /// The table did not start.
    #[error(transparent)]
    Table(#[from] table::StartError),
    /// The bucket did not start.
    #[error(transparent)]
    Bucket(#[from] bucket::StartError),
    /// The mailbox did not start.
    #[error(transparent)]
    Mailbox(#[from] mailbox::StartError),
    /// The payment endpoint did not start.
    #[error(transparent)]
    Payments(#[from] payments::StartError),
    /// There are no secrets.
    #[error(transparent)]
    Secrets(#[from] SecretsError),
    /// The parts do not make an app.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The table or the bucket could not be created.
    #[error("{what} cannot be created at {endpoint}: {reason}")]
    Create {
        /// Which of them.
        what: &'static str,
        /// Where.
        endpoint: String,
        /// What was said.
        reason: String,
    },
}

/// What the front and the `/dev` routes share.
#[derive(Debug)]
pub(crate) struct Parts {
    pub(crate) app: App,
    pub(crate) clock: Clock,
    pub(crate) recorder: Recorder,
    pub(crate) mailbox: Option<Mailbox>,
    pub(crate) client: aws_sdk_dynamodb::Client,
    faults: Faults,
    payments: Option<Payments>,
    bucket: Option<Bucket>,
    events: Events,
    _table: Option<Table>,
    // Last, so that it goes when nobody uses it any more.
    _folder: Folder,
}

/// A running local cloud; dropping it ends everything.
#[derive(Debug)]
pub struct Cloud {
    /// The API's address, without a final slash.
    pub url: String,
    /// Where each part is.
    pub endpoints: Endpoints,
    parts: Arc<Parts>,
    kept_in: Option<PathBuf>,
    front: JoinHandle<()>,
    stop: Option<oneshot::Sender<()>>,
    tasks: Vec<AbortHandle>,
}

impl Cloud {
    /// Starts every part that no endpoint replaces, and serves.
    pub async fn start(options: Options) -> Result<Self, StartError> {
        let busy = |source| StartError::Port { port: options.port, source };
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, options.port)).await.map_err(busy)?;
        let url = format!("http://{}", listener.local_addr().map_err(busy)?);
        setup::check(&options.endpoints)?;
        let folder = Folder::open(options.data_dir.clone())?;
        let secrets = Secrets::load(options.data_dir.as_deref())?;
        let clock = options.clock.clone();
        let origins = setup::origins(&options.portal_origins, &url)?;
        let (events, arrivals) = Events::new(options.deliver_twice);

        let mut endpoints = options.endpoints.clone();
        let mut table = None;
        if endpoints.dynamodb.is_none() {
            let path = options.data_dir.as_ref().map(|dir| dir.join("table.db"));
            let started = table.insert(Table::start(path.as_deref()).await?);
            endpoints.dynamodb = Some(started.endpoint.clone());
        }
        let mut bucket = None;
        if endpoints.s3.is_none() {
            let created = events.clone();
            let root = folder.path.join("bucket");
            let pages = origins.iter().cloned().collect();
            let on_created = move |object| created.notify(object);
            let started = Bucket::start(&root, BUCKET, None, &options.user, pages, clock.clone(), on_created);
            endpoints.s3 = Some(bucket.insert(started.await?).endpoint.clone());
        }
        let mut mailbox = None;
        if endpoints.sesv2.is_none() {
            endpoints.sesv2 = Some(mailbox.insert(Mailbox::start(clock.clone()).await?).endpoint.clone());
        }
        let mut payments = None;
        if endpoints.payments.is_none() {
            let webhook = format!("{url}/v1/webhooks/payments");
            let started = Payments::start(webhook, secrets.webhook.clone(), clock.clone()).await?;
            endpoints.payments = Some(payments.insert(started).endpoint.clone());
        }

        let User { id, secret } = &options.user;
        let plain = Sdk::local(wire::plain(), id, secret, options.patience, clock.clone());
        let client = plain.dynamodb(&endpoints);
        setup::create_table(&client, &endpoints).await?;
        if bucket.is_none() {
            setup::create_bucket(&plain.s3(&endpoints), &endpoints).await?;
        }
        let (recorder, faults) = (Recorder::default(), Faults::default());
        let http = wire::tapped(recorder.clone(), faults.clone());
        let sdk = Sdk::local(http, id, secret, options.patience, clock.clone());
        let app = App::new(
            &config(origins, &secrets, &endpoints, options.staff_issuers),
            &sdk,
            Services::ALL,
            clock.clone(),
            true,
        )?;

        let worker = Worker::new(app.clone(), faults.clone(), &events, options.worker_time);
        let mut tasks = vec![tokio::spawn(worker.run(arrivals)).abort_handle()];
        if bucket.is_none() {
            tasks.push(tokio::spawn(watch(plain.s3(&endpoints), events.clone())).abort_handle());
        }
        if options.schedules {
            tasks.push(tokio::spawn(schedules::tick(app.clone())).abort_handle());
        }
        let parts = Arc::new(Parts {
            app: app.clone(),
            clock,
            recorder,
            mailbox,
            client,
            faults,
            payments,
            bucket,
            events,
            _table: table,
            _folder: folder,
        });
        let router = caseload::web::serve(openapi::routes(), app).merge(dev::router(Arc::clone(&parts)));
        let (stop, stopped) = oneshot::channel::<()>();
        let server = axum::serve(listener, router).with_graceful_shutdown(async move { drop(stopped.await) });
        let front = tokio::spawn(async move {
            if let Err(error) = server.await {
                tracing::error!(%error, "the front stopped");
            }
        });
        Ok(Self { url, endpoints, parts, kept_in: options.data_dir, front, stop: Some(stop), tasks })
    }

    /// Ends after the requests under way, but soon.
    #[expect(clippy::disallowed_methods, reason = "somebody wants it to end, whatever the product's clock says")]
    pub async fn shutdown(mut self) {
        self.stop = None;
        if tokio::time::timeout(PARTING, &mut self.front).await.is_err() {
            self.front.abort();
            let _ = (&mut self.front).await;
        }
    }

    /// The app every function here runs on.
    #[must_use]
    pub fn app(&self) -> &App {
        &self.parts.app
    }

    /// The clock every rule about time obeys.
    #[must_use]
    pub fn clock(&self) -> &Clock {
        &self.parts.clock
    }

    /// The mailbox, unless an endpoint replaces it.
    #[must_use]
    pub fn mailbox(&self) -> Option<&Mailbox> {
        self.parts.mailbox.as_ref()
    }

    /// The payment provider, unless an endpoint replaces it.
    #[must_use]
    pub fn payments(&self) -> Option<&Payments> {
        self.parts.payments.as_ref()
    }

    /// The bucket, unless an endpoint replaces it. Without it nothing invokes the import worker.
    #[must_use]
    pub fn bucket(&self) -> Option<&Bucket> {
        self.parts.bucket.as_ref()
    }

    /// A client of the table that is neither recorded nor disturbed: for looking at what is stored.
    #[must_use]
    pub fn table(&self) -> &aws_sdk_dynamodb::Client {
        &self.parts.client
    }

    /// What the app asked of the services.
    #[must_use]
    pub fn calls(&self) -> &Recorder {
        &self.parts.recorder
    }

    /// Trouble on the way to the services.
    #[must_use]
    pub fn faults(&self) -> &Faults {
        &self.parts.faults
    }

    /// From now on, every event of the bucket is delivered twice, or not.
    pub fn deliver_twice(&self, twice: bool) {
        self.parts.events.deliver_twice(twice);
    }

    /// From now on, an event whose delivery failed is held back, or is delivered again.
    pub fn hold_retries(&self, hold: bool) {
        self.parts.events.hold_retries(hold);
    }

    /// Waits until a delivery has failed and is held back.
    pub async fn retry_held(&self) {
        self.parts.events.retry_held().await;
    }

    /// Waits until no event of the bucket is being delivered, retries and what the worker itself put there included.
    pub async fn settled(&self) {
        self.parts.events.settled().await;
    }

    /// Runs a schedule's function once, now.
    pub async fn run(&self, schedule: &str) -> Result<Value, RunError> {
        schedules::run(&self.parts.app, schedule).await
    }
}

impl Drop for Cloud {
    fn drop(&mut self) {
        for task in &self.tasks {
            task.abort();
        }
    }
}

fn config(origins: Origins, secrets: &Secrets, endpoints: &Endpoints, staff_issuers: Option<String>) -> Config {
    Config {
        table: TABLE.to_owned(),
        secret: SecretBytes(secrets.key),
        origins: Some(origins),
        mail_from: Some(MAIL_FROM.to_owned()),
        token_jwks: Some(secrets.jwks.clone()),
        token_signing_key: Some(secrets.signing_key.clone()),
        staff_issuers,
        bucket: Some(BUCKET.to_owned()),
        payments_secret: Some(Secret::new("sk_test_local")),
        webhook_secrets: vec![Secret::new(secrets.webhook.clone())],
        endpoints: endpoints.clone(),
    }
}

#[cfg(test)]
mod tests;
