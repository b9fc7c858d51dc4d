//! Signed events, delivered over plain HTTP.

use std::time::Duration;

use aws_lc_rs::hmac;
use bytes::Bytes;
use caseload::clock::{Clock, TimeIsUp};
use http_body_util::Full;
use hyper::Request;
use hyper::client::conn::http1;
use hyper::http::Uri;
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;

const PATIENCE: Duration = Duration::from_secs(10);

/// The `Stripe-Signature` header for a body sent at this time: `t=…,v1=…`.
#[must_use]
pub fn sign(secret: &str, timestamp_seconds: i64, body: &str) -> String {
    let key = hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes());
    let tag = hmac::sign(&key, format!("{timestamp_seconds}.{body}").as_bytes());
    let hex: String = tag.as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
    format!("t={timestamp_seconds},v1={hex}")
}

/// Why an event did not arrive.
#[derive(Debug, thiserror::Error)]
pub(super) enum Undelivered {
    #[error("{0:?} is not a plain http:// address")]
    Address(String),
    #[error("{address} cannot be reached: {source}")]
    Unreachable { address: String, source: std::io::Error },
    #[error("the connection broke: {0}")]
    Broken(#[from] hyper::Error),
    #[error("the answer was {0}")]
    Refused(hyper::StatusCode),
    #[error("no answer came within {} seconds", PATIENCE.as_secs())]
    Silent,
}

/// Posts the body with its signature; anything but a 2xx in good time is a failure.
pub(super) async fn deliver(clock: &Clock, url: &str, signature: String, body: String) -> Result<(), Undelivered> {
    let sent = clock.within(PATIENCE, post(url, signature, body)).await;
    let status = sent.map_err(|TimeIsUp| Undelivered::Silent)??;
    if status.is_success() { Ok(()) } else { Err(Undelivered::Refused(status)) }
}

async fn post(url: &str, signature: String, body: String) -> Result<hyper::StatusCode, Undelivered> {
    let malformed = || Undelivered::Address(url.to_owned());
    let uri: Uri = url.parse().map_err(|_| malformed())?;
    let (Some("http"), Some(authority)) = (uri.scheme_str(), uri.authority()) else {
        return Err(malformed());
    };
    let path = uri.path_and_query().map_or("/", |path| path.as_str());
    let request = Request::post(path)
        .header("host", authority.as_str())
        .header("content-type", "application/json; charset=utf-8")
        .header("user-agent", "Stripe/1.0 (+https://stripe.com/docs/webhooks)")
        .header("stripe-signature", signature)
        .body(Full::new(Bytes::from(body)))
        .map_err(|_| malformed())?;
    let address = (authority.host(), authority.port_u16().unwrap_or(80));
    let unreachable = |source| Undelivered::Unreachable { address: authority.to_string(), source };
    let stream = TcpStream::connect(address).await.map_err(unreachable)?;
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
    // It ends with the sender; what goes wrong on it comes back from there.
    tokio::spawn(connection);
    Ok(sender.send_request(request).await?.status())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_signature_is_an_hmac_over_time_and_body() {
        // printf '12345.{"a":1}' | openssl dgst -sha256 -hmac whsec_local
        let hex = "81d6448f3fb3589ebae95a6ae07e9cbc8ebef1f43ec550896b1eae1c5f18a9d0";
        assert_eq!(sign("whsec_local", 12345, r#"{"a":1}"#), format!("t=12345,v1={hex}"));
    }

    #[tokio::test]
    async fn only_plain_http_is_spoken() {
        for url in ["https://x.example/", "x.example", "", "/v1/webhooks"] {
            let outcome = deliver(&Clock::standing(), url, String::new(), String::new()).await;
            assert!(matches!(outcome, Err(Undelivered::Address(_))), "{url}: {outcome:?}");
        }
    }
}
