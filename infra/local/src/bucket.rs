//! The S3 bucket: s3s-fs behind path-style URLs, with CORS for browsers and a call for every object that arrives.

mod cors;
mod event;
mod storage;

use std::net::Ipv4Addr;
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};

use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use jiff::{SignedDuration, Timestamp};
use s3s::auth::SimpleAuth;
use s3s::config::{S3Config, StaticConfigProvider};
use s3s::service::{S3Service, S3ServiceBuilder};
use tokio::net::TcpListener;
use tokio::sync::oneshot;

pub use event::{ObjectCreated, s3_event};
use storage::Storage;

/// Who may sign requests: the only user there is.
#[derive(Clone)]
pub struct User {
    /// Its access key.
    pub id: String,
    /// Its secret key.
    pub secret: String,
}

impl Default for User {
    fn default() -> Self {
        Self { id: "local".to_owned(), secret: "local-secret".to_owned() }
    }
}

impl std::fmt::Debug for User {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("User").field(&self.id).finish()
    }
}

/// Why the bucket did not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The bucket's folder could not be made or read.
    #[error("the bucket's folder {} cannot be used: {reason}", path.display())]
    Folder {
        /// The folder.
        path: PathBuf,
        /// What was said.
        reason: String,
    },
    /// The name is none that S3 would give a bucket.
    #[error("{0:?} is not a bucket name: 3 to 63 small letters, digits, dots and hyphens")]
    Name(String),
    /// The port is not free.
    #[error("the bucket cannot listen on 127.0.0.1:{port}: {source}; stop what is there or choose another port")]
    Port {
        /// The port; 0 is any.
        port: u16,
        /// What the system said.
        source: std::io::Error,
    },
}

type Clock = Arc<dyn Fn() -> Timestamp + Send + Sync>;

/// A running bucket; dropping it stops it.
pub struct Bucket {
    /// Where the SDK and browsers find it, path-style: `http://127.0.0.1:<port>`.
    pub endpoint: String,
    door: Arc<Door>,
    _stop: oneshot::Sender<()>,
}

impl std::fmt::Debug for Bucket {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Bucket").field("endpoint", &self.endpoint).finish_non_exhaustive()
    }
}

impl Bucket {
    /// Serves the folder `root`, with the bucket in a folder of its own that is made when absent.
    ///
    /// `port` is any free one when absent. `on_created` is called once for each object that has been put, copied or
    /// completed, after its bytes and headers are readable and before the request is answered; it must not block.
    pub async fn start(
        root: &Path,
        bucket: &str,
        port: Option<u16>,
        user: &User,
        on_created: impl Fn(ObjectCreated) + Send + Sync + 'static,
    ) -> Result<Self, StartError> {
        if !s3s::path::check_bucket_name(bucket) {
            return Err(StartError::Name(bucket.to_owned()));
        }
        let folder = root.join(bucket);
        let unusable = |reason: String| StartError::Folder { path: folder.clone(), reason };
        std::fs::create_dir_all(&folder).map_err(|error| unusable(error.to_string()))?;
        let storage = Storage::open(root, on_created).map_err(unusable)?;

        let asked = port.unwrap_or(0);
        let busy = |source| StartError::Port { port: asked, source };
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, asked)).await.map_err(busy)?;
        let address = listener.local_addr().map_err(busy)?;
        let door = Arc::new(Door { service: service(storage, user), clock: RwLock::new(None) });
        let router = Router::new().fallback(answer).with_state(Arc::clone(&door));
        let (stop, stopped) = oneshot::channel::<()>();
        let server = axum::serve(listener, router).with_graceful_shutdown(async move { drop(stopped.await) });
        tokio::spawn(async move {
            if let Err(error) = server.await {
                tracing::error!(%error, "the bucket stopped");
            }
        });
        Ok(Self { endpoint: format!("http://{address}"), door, _stop: stop })
    }

    /// From now on, presigned URLs expire by this clock as well as by the machine's.
    ///
    /// For a clock that can be moved forward; whoever presigns has to take the start time from the same one.
    pub fn set_clock(&self, now: Arc<dyn Fn() -> Timestamp + Send + Sync>) {
        *self.door.clock.write().unwrap_or_else(PoisonError::into_inner) = Some(now);
    }
}

fn service(storage: Storage, user: &User) -> S3Service {
    let mut config = S3Config::default();
    // A clock that was moved forward signs for a day this machine has not reached.
    config.presigned_url_max_skew_time_secs = u32::MAX;
    let mut builder = S3ServiceBuilder::new(storage);
    builder.set_auth(SimpleAuth::from_single(user.id.as_str(), user.secret.as_str()));
    builder.set_config(Arc::new(StaticConfigProvider::new(Arc::new(config))));
    builder.build()
}

struct Door {
    service: S3Service,
    clock: RwLock<Option<Clock>>,
}

async fn answer(State(door): State<Arc<Door>>, request: Request) -> Response {
    if let Some(preflight) = cors::preflight(&request) {
        return preflight;
    }
    let origin = cors::origin(&request);
    let mut response = if door.has_expired(&request) {
        expired()
    } else {
        match door.service.call(request.map(s3s::Body::http_body_unsync)).await {
            Ok(response) => response.map(Body::new),
            Err(error) => {
                tracing::error!(?error, "the bucket could not answer");
                StatusCode::INTERNAL_SERVER_ERROR.into_response()
            }
        }
    };
    cors::allow(&mut response, origin);
    response
}

impl Door {
    fn has_expired(&self, request: &Request) -> bool {
        let clock = self.clock.read().unwrap_or_else(PoisonError::into_inner).clone();
        let query = request.uri().query().unwrap_or_default();
        clock.zip(expiry(query)).is_some_and(|(now, expiry)| now() > expiry)
    }
}

/// When a presigned URL ends; nothing for any other query.
fn expiry(query: &str) -> Option<Timestamp> {
    let value = |name| form_urlencoded::parse(query.as_bytes()).find(|(key, _)| key == name).map(|(_, value)| value);
    let start = jiff::civil::DateTime::strptime("%Y%m%dT%H%M%SZ", value("X-Amz-Date")?.as_ref()).ok()?;
    let start = start.to_zoned(jiff::tz::TimeZone::UTC).ok()?.timestamp();
    start.checked_add(SignedDuration::from_secs(value("X-Amz-Expires")?.parse().ok()?)).ok()
}

fn expired() -> Response {
    const BODY: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\
        <Error><Code>AccessDenied</Code><Message>Request has expired</Message></Error>";
    (StatusCode::FORBIDDEN, [("content-type", "application/xml")], BODY).into_response()
}

#[cfg(test)]
mod tests;
