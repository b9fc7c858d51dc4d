//! The only home of S3: presigned grants, checked copies, deletion of every version (security 2.4).

mod exports;
mod imports;
mod parts;

pub use exports::ExportObjects;
pub use imports::ImportObjects;
pub use parts::Parts;

use std::time::Duration;

use aws_sdk_s3::Client;
use aws_sdk_s3::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_s3::presigning::PresigningConfig;
use aws_sdk_s3::primitives::ByteStream;
use aws_sdk_s3::types::{Delete, ObjectIdentifier};
use bytes::Bytes;
use jiff::{SignedDuration, Timestamp};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use crate::aws::Sdk;
use crate::config::Config;

pub mod places;

pub use places::client_prefix;

/// Why the bucket did not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum FileError {
    /// Nothing stands at that key. S3 says so with 403 to a caller who may not list.
    #[error("no such object")]
    Absent,
    /// The bucket is out of reach or refused (503).
    #[error("the bucket is out of reach: {0}")]
    Unavailable(String),
}

/// How long an upload grant holds (FIL-2).
pub const UPLOAD: SignedDuration = SignedDuration::from_secs(300);
/// How long a download link holds at most (decision 12).
pub const DOWNLOAD: SignedDuration = SignedDuration::from_secs(60);

fn failed<E: ProvideErrorMetadata, R>(operation: &str, error: &SdkError<E, R>) -> FileError {
    let code = error.as_service_error().and_then(ProvideErrorMetadata::code);
    match code {
        Some("NoSuchKey" | "NotFound" | "AccessDenied" | "Forbidden" | "PreconditionFailed") => FileError::Absent,
        code => FileError::Unavailable(format!("{operation}: {}", code.unwrap_or("no answer"))),
    }
}

// API-5
/// Enough for a browser to send the bytes straight to the bucket.
#[derive(Debug, Clone, serde::Serialize, utoipa::ToSchema)]
pub struct UploadGrant {
    /// `PUT`.
    pub method: &'static str,
    /// The signed address.
    pub url: String,
    /// Headers to send exactly as they are.
    pub headers: std::collections::BTreeMap<String, String>,
    /// Until when.
    pub expires_at: Timestamp,
    /// Exactly this many bytes.
    pub max_bytes: u64,
}

/// The key of an object as an event carries it, `+` for a space and the rest percent-encoded; none for what is no key.
#[must_use]
pub fn key_of_event(encoded: &str) -> Option<String> {
    // An encoded key has neither; the form parser would cut it there.
    if encoded.contains(['&', '=']) {
        return None;
    }
    form_urlencoded::parse(encoded.as_bytes()).next().map(|(key, _)| key.into_owned())
}

/// What a stored object is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Head {
    /// Bytes.
    pub size: u64,
    /// Media type it was uploaded with.
    pub content_type: Option<String>,
    /// Entity tag.
    pub etag: Option<String>,
}

/// The bucket.
#[derive(Debug, Clone)]
pub struct Files {
    client: Client,
    bucket: String,
}

impl Files {
    /// The configured bucket.
    #[must_use]
    pub fn from_config(config: &Config, sdk: &Sdk) -> Option<Self> {
        config.bucket.clone().map(|bucket| Self::new(sdk.s3(&config.endpoints), bucket))
    }

    /// On this bucket.
    #[must_use]
    pub fn new(client: Client, bucket: impl Into<String>) -> Self {
        Self { client, bucket: bucket.into() }
    }

    /// Grants begin when the product's clock says so, not the machine's.
    fn presigning(length: SignedDuration, now: Timestamp) -> Result<PresigningConfig, FileError> {
        let length = Duration::try_from(length).map_err(|e| FileError::Unavailable(e.to_string()))?;
        let config = PresigningConfig::builder().start_time(now.into()).expires_in(length).build();
        config.map_err(|e| FileError::Unavailable(e.to_string()))
    }

    /// A grant to put exactly this many bytes of this type at this key, once. No network.
    pub async fn grant_upload(
        &self,
        key: &str,
        size: u64,
        content_type: &str,
        checksum_sha256: Option<&str>,
        now: Timestamp,
    ) -> Result<UploadGrant, FileError> {
        let length = i64::try_from(size).map_err(|e| FileError::Unavailable(e.to_string()))?;
        let signed = self
            .client
            .put_object()
            .bucket(&self.bucket)
            .key(key)
            .content_length(length)
            .content_type(content_type)
            .set_checksum_sha256(checksum_sha256.map(str::to_owned))
            .if_none_match("*")
            .presigned(Self::presigning(UPLOAD, now)?)
            .await
            .map_err(|e| failed("PutObject", &e))?;
        let headers = signed
            .headers()
            .filter(|(name, _)| !name.eq_ignore_ascii_case("host") && !name.eq_ignore_ascii_case("content-length"))
            .map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned()))
            .collect();
        Ok(UploadGrant {
            method: "PUT",
            url: signed.uri().to_owned(),
            headers,
            expires_at: now + UPLOAD,
            max_bytes: size,
        })
    }

    /// A link that downloads the object as an attachment under this name. No network.
    pub async fn grant_download(
        &self,
        key: &str,
        name: &str,
        content_type: &str,
        now: Timestamp,
    ) -> Result<String, FileError> {
        let signed = self
            .client
            .get_object()
            .bucket(&self.bucket)
            .key(key)
            .response_content_disposition(attachment(name))
            .response_content_type(content_type)
            .response_cache_control("no-store")
            .presigned(Self::presigning(DOWNLOAD, now)?)
            .await
            .map_err(|e| failed("GetObject", &e))?;
        Ok(signed.uri().to_owned())
    }

    /// What stands at a key.
    pub async fn head(&self, key: &str) -> Result<Head, FileError> {
        let head = self.client.head_object().bucket(&self.bucket).key(key).send().await.map_err(|e| {
            // A HEAD answer has no body, so an absent object has no code either.
            match e.raw_response().map(|r| r.status().as_u16()) {
                Some(403 | 404) => FileError::Absent,
                _ => failed("HeadObject", &e),
            }
        })?;
        let size = head.content_length().and_then(|n| u64::try_from(n).ok()).unwrap_or(0);
        Ok(Head { size, content_type: head.content_type().map(str::to_owned), etag: head.e_tag().map(str::to_owned) })
    }

    /// What stands at a key together with its first bytes, at most `length` of them: one and the same object.
    pub async fn peek(&self, key: &str, length: u64) -> Result<(Head, Bytes), FileError> {
        let range = format!("bytes=0-{}", length.saturating_sub(1));
        let sent = self.client.get_object().bucket(&self.bucket).key(key).range(range).send().await;
        let object = match sent {
            Ok(object) => object,
            // There is no first byte in an empty object.
            Err(error) if error.raw_response().is_some_and(|r| r.status().as_u16() == 416) => {
                return Ok((Head { size: 0, content_type: None, etag: None }, Bytes::new()));
            }
            Err(error) => return Err(failed("GetObject", &error)),
        };
        let whole = object.content_range().and_then(|range| range.rsplit_once('/')?.1.parse().ok());
        let size = whole.or_else(|| object.content_length().and_then(|n| u64::try_from(n).ok())).unwrap_or(0);
        let (content_type, etag) = (object.content_type().map(str::to_owned), object.e_tag().map(str::to_owned));
        let bytes = object.body.collect().await.map_err(|e| FileError::Unavailable(e.to_string()))?;
        Ok((Head { size, content_type, etag }, bytes.into_bytes()))
    }

    /// The bytes from `from` on, at most `length` of them.
    pub async fn range(&self, key: &str, from: u64, length: u64) -> Result<Bytes, FileError> {
        let end = from.saturating_add(length).saturating_sub(1);
        let object = self
            .client
            .get_object()
            .bucket(&self.bucket)
            .key(key)
            .range(format!("bytes={from}-{end}"))
            .send()
            .await
            .map_err(|e| failed("GetObject", &e))?;
        let bytes = object.body.collect().await.map_err(|e| FileError::Unavailable(e.to_string()))?;
        Ok(bytes.into_bytes())
    }

    /// The whole object.
    pub async fn get(&self, key: &str) -> Result<Bytes, FileError> {
        let sent = self.client.get_object().bucket(&self.bucket).key(key).send().await;
        let object = sent.map_err(|e| failed("GetObject", &e))?;
        let bytes = object.body.collect().await.map_err(|e| FileError::Unavailable(e.to_string()))?;
        Ok(bytes.into_bytes())
    }

    /// Puts an object of our own.
    pub async fn put(&self, key: &str, content_type: &str, bytes: Vec<u8>) -> Result<(), FileError> {
        let put = self.client.put_object().bucket(&self.bucket).key(key).content_type(content_type);
        put.body(ByteStream::from(bytes)).send().await.map(|_| ()).map_err(|e| failed("PutObject", &e))
    }

    /// Copies within the bucket; with an entity tag, only that very object and not one that has taken its place.
    pub async fn copy(&self, from: &str, to: &str, etag: Option<&str>) -> Result<(), FileError> {
        let source = format!("{}/{from}", self.bucket);
        let copy = self.client.copy_object().bucket(&self.bucket).copy_source(source).key(to);
        let copy = copy.set_copy_source_if_match(etag.map(str::to_owned));
        copy.send().await.map(|_| ()).map_err(|e| failed("CopyObject", &e))
    }

    /// Deletes one object; an absent one does not matter.
    pub async fn delete(&self, key: &str) -> Result<(), FileError> {
        let delete = self.client.delete_object().bucket(&self.bucket).key(key);
        delete.send().await.map(|_| ()).map_err(|e| failed("DeleteObject", &e))
    }

    /// Deletes every version of every object under a prefix (decision 11).
    pub async fn delete_all(&self, prefix: &str) -> Result<(), FileError> {
        loop {
            let listed = self.client.list_object_versions().bucket(&self.bucket).prefix(prefix).send().await;
            let (ids, more) = match listed {
                Ok(page) => {
                    let versions = page.versions().iter().map(|v| (v.key(), v.version_id()));
                    let markers = page.delete_markers().iter().map(|m| (m.key(), m.version_id()));
                    (identifiers(versions.chain(markers)), page.is_truncated() == Some(true))
                }
                // A store without versions: what stands there now is all there is.
                Err(error) if is_unversioned(&error) => {
                    let page = self.client.list_objects_v2().bucket(&self.bucket).prefix(prefix).send().await;
                    let page = page.map_err(|e| failed("ListObjectsV2", &e))?;
                    (identifiers(page.contents().iter().map(|o| (o.key(), None))), page.is_truncated() == Some(true))
                }
                Err(error) => return Err(failed("ListObjectVersions", &error)),
            };
            if ids.is_empty() {
                return Ok(());
            }
            let delete = Delete::builder().set_objects(Some(ids)).quiet(true).build();
            let delete = delete.map_err(|e| FileError::Unavailable(e.to_string()))?;
            let sent = self.client.delete_objects().bucket(&self.bucket).delete(delete).send().await;
            sent.map_err(|e| failed("DeleteObjects", &e))?;
            if !more {
                return Ok(());
            }
        }
    }
}

fn is_unversioned<E: ProvideErrorMetadata, R>(error: &SdkError<E, R>) -> bool {
    error.as_service_error().and_then(ProvideErrorMetadata::code) == Some("NotImplemented")
}

fn identifiers<'a>(found: impl Iterator<Item = (Option<&'a str>, Option<&'a str>)>) -> Vec<ObjectIdentifier> {
    found
        .filter_map(|(key, version)| {
            let version = version.filter(|v| *v != "null").map(str::to_owned);
            ObjectIdentifier::builder().key(key?).set_version_id(version).build().ok()
        })
        .collect()
}

/// What stands encoded in the name of an attachment.
const NOT_IN_NAMES: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.');

/// `attachment` with the name in the form every browser understands (RFC 6266, RFC 5987).
fn attachment(name: &str) -> String {
    let plain: String =
        name.chars().map(|c| if c.is_ascii_alphanumeric() || "-_. ()".contains(c) { c } else { '_' }).collect();
    let encoded = utf8_percent_encode(name, NOT_IN_NAMES);
    format!("attachment; filename=\"{plain}\"; filename*=UTF-8''{encoded}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn files() -> Files {
        let credentials = aws_sdk_s3::config::Credentials::new("id", "secret", None, None, "test");
        let config = aws_sdk_s3::Config::builder()
            .behavior_version_latest()
            .region(aws_sdk_s3::config::Region::new("us-east-1"))
            .credentials_provider(credentials)
            .request_checksum_calculation(aws_sdk_s3::config::RequestChecksumCalculation::WhenRequired);
        Files::new(Client::from_conf(config.build()), "bucket")
    }

    // H4, decision 12
    #[tokio::test]
    async fn a_grant_is_for_one_key_one_type_one_size_once_and_begins_by_the_products_clock() {
        let now: Timestamp = "2031-05-06T07:08:09Z".parse().unwrap();
        let grant = files().grant_upload("quarantine/a", 5120, "application/pdf", Some("aGFzaA=="), now).await.unwrap();
        for part in ["/quarantine/a?", "X-Amz-Date=20310506T070809Z", "X-Amz-Expires=300"] {
            assert!(grant.url.contains(part), "{part} in {}", grant.url);
        }
        for header in ["content-length", "content-type", "if-none-match", "x-amz-checksum-sha256"] {
            assert!(grant.url.contains(header), "{header} is not signed in {}", grant.url);
        }
        let sent = ["content-type", "if-none-match", "x-amz-checksum-sha256"];
        assert_eq!(grant.headers.keys().collect::<Vec<_>>(), sent);
        assert_eq!((grant.expires_at, grant.max_bytes), (now + UPLOAD, 5120));
        let url = files().grant_download("files/a", "a.pdf", "application/pdf", now).await.unwrap();
        for part in ["X-Amz-Date=20310506T070809Z", "X-Amz-Expires=60", "response-content-disposition=attachment"] {
            assert!(url.contains(part), "{part} in {url}");
        }
    }

    // H4
    #[test]
    fn a_download_is_an_attachment_whatever_its_name() {
        assert_eq!(
            attachment("ü\"\r\n.pdf"),
            "attachment; filename=\"____.pdf\"; filename*=UTF-8''%C3%BC%22%0D%0A.pdf"
        );
    }
}
