//! The S3 bucket: s3s-fs behind path-style URLs, with CORS for browsers and a call for every object that arrives.

pub mod cors;
mod event;
mod presigned;
mod storage;

use std::net::Ipv4Addr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use caseload::clock::Clock;
use caseload::config::Origin;
use s3s::auth::SimpleAuth;
use s3s::config::{S3Config, StaticConfigProvider};
use s3s::service::{S3Service, S3ServiceBuilder};
use tokio::net::TcpListener;
use tokio::sync::oneshot;

pub use event::{ObjectCreated, s3_event};
use presigned::Presigned;
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

/// A running bucket; dropping it stops it.
pub struct Bucket {
    /// Where the SDK and browsers find it, path-style: `http://127.0.0.1:<port>`.
    pub endpoint: String,
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
    /// `port` is any free one when absent. Pages of `origins` may use it, and no others. Presigned URLs begin and end by `clock`.
    /// `on_created` is called once for each object that has been put, copied or completed, after its bytes and headers are
    /// readable and before the request is answered; it must not block.
    pub async fn start(
        root: &Path,
        bucket: &str,
        port: Option<u16>,
        user: &User,
        origins: Vec<Origin>,
        clock: Clock,
        on_created: impl Fn(ObjectCreated) + Send + Sync + 'static,
    ) -> Result<Self, StartError> {
        if !s3s::path::check_bucket_name(bucket) {
            return Err(StartError::Name(bucket.to_owned()));
        }
        let folder = root.join(bucket);
        let unusable = |reason: String| StartError::Folder { path: folder.clone(), reason };
        std::fs::create_dir_all(&folder).map_err(|error| unusable(error.to_string()))?;
        let storage = Storage::open(root, &clock, on_created).map_err(unusable)?;

        let asked = port.unwrap_or(0);
        let busy = |source| StartError::Port { port: asked, source };
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, asked)).await.map_err(busy)?;
        let address = listener.local_addr().map_err(busy)?;
        let door = Door {
            signed: service(storage.clone(), Some(user)),
            admitted: service(storage, None),
            user: user.clone(),
            origins,
            clock,
        };
        let router = Router::new().fallback(answer).with_state(Arc::new(door));
        let (stop, stopped) = oneshot::channel::<()>();
        let server = axum::serve(listener, router).with_graceful_shutdown(async move { drop(stopped.await) });
        tokio::spawn(async move {
            if let Err(error) = server.await {
                tracing::error!(%error, "the bucket stopped");
            }
        });
        Ok(Self { endpoint: format!("http://{address}"), _stop: stop })
    }
}

/// A service that asks for the user's signature, or one for requests that need none any more.
fn service(storage: Storage, user: Option<&User>) -> S3Service {
    let mut config = S3Config::default();
    // Whoever signs headers does so by the machine's clock, but takes the time it takes.
    config.presigned_url_max_skew_time_secs = u32::MAX;
    let mut builder = S3ServiceBuilder::new(storage);
    if let Some(user) = user {
        builder.set_auth(SimpleAuth::from_single(user.id.as_str(), user.secret.as_str()));
    }
    builder.set_config(Arc::new(StaticConfigProvider::new(Arc::new(config))));
    builder.build()
}

struct Door {
    signed: S3Service,
    /// For requests whose presigned URL was found genuine.
    admitted: S3Service,
    user: User,
    origins: Vec<Origin>,
    clock: Clock,
}

async fn answer(State(door): State<Arc<Door>>, request: Request) -> Response {
    if let Some(preflight) = cors::preflight(&request, &door.origins) {
        return preflight;
    }
    let origin = cors::origin(&request, &door.origins);
    let mut response = match Presigned::of(request.uri()) {
        None => pass(&door.signed, request).await,
        Some(presigned) => match presigned.admit(request, &door.user, door.clock.now()) {
            Ok(request) => pass(&door.admitted, request).await,
            Err(refusal) => refusal,
        },
    };
    cors::allow(&mut response, origin);
    response
}

async fn pass(service: &S3Service, request: Request) -> Response {
    match service.call(request.map(s3s::Body::http_body_unsync)).await {
        Ok(response) => response.map(Body::new),
        Err(error) => {
            tracing::error!(?error, "the bucket could not answer");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}

#[cfg(test)]
mod tests;
