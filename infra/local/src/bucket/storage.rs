//! s3s-fs, held to three promises of S3 it does not keep by itself: a PUT whose checksum does not match changes
//! nothing, a PUT into an absent bucket is refused, and every object that arrives is announced once.

use std::path::Path;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use axum::http::{Extensions, HeaderMap, Method, Uri};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use caseload::clock::Clock;
use futures_util::{TryStreamExt, stream};
use s3s::checksum::ChecksumHasher;
use s3s::crypto::{Checksum as _, Md5};
use s3s::dto::*;
use s3s::{S3, S3Request, S3Response, S3Result, TrailingHeaders, s3_error};
use s3s_fs::FileSystem;

use super::ObjectCreated;

type Reply<'f, T> = Pin<Box<dyn Future<Output = S3Result<S3Response<T>>> + Send + 'f>>;

/// Objects in a folder, announced as they arrive. Clones are one.
#[derive(Clone)]
pub(super) struct Storage {
    files: Arc<FileSystem>,
    on_created: Arc<dyn Fn(ObjectCreated) + Send + Sync>,
    sequence: Arc<AtomicU64>,
}

impl Storage {
    /// Opens the folder that holds the buckets; says what is wrong with it.
    pub(super) fn open(
        root: &Path,
        clock: &Clock,
        on_created: impl Fn(ObjectCreated) + Send + Sync + 'static,
    ) -> Result<Self, String> {
        let files = FileSystem::new(root).map_err(|error| format!("{error:?}"))?;
        // Has to grow over restarts, wherever the product's clock is moved.
        let sequence = AtomicU64::new(u64::try_from(clock.unmoved().as_microsecond()).unwrap_or_default());
        Ok(Self { files: Arc::new(files), on_created: Arc::new(on_created), sequence: Arc::new(sequence) })
    }

    async fn put(&self, mut request: S3Request<PutObjectInput>) -> S3Result<S3Response<PutObjectOutput>> {
        let (bucket, key) = (request.input.bucket.clone(), request.input.key.clone());
        self.files.head_bucket(about(HeadBucketInput { bucket: bucket.clone(), ..Default::default() })).await?;
        let broken = Verified::wrap(&mut request);
        let response = self.files.put_object(request).await;
        if broken.load(Ordering::SeqCst) {
            return Err(s3_error!(BadDigest, "The checksum you specified did not match the calculated checksum."));
        }
        let response = response?;
        self.announce(bucket, key).await;
        Ok(response)
    }

    async fn copy(&self, request: S3Request<CopyObjectInput>) -> S3Result<S3Response<CopyObjectOutput>> {
        let (bucket, key) = (request.input.bucket.clone(), request.input.key.clone());
        let response = self.files.copy_object(request).await?;
        self.announce(bucket, key).await;
        Ok(response)
    }

    async fn complete(
        &self,
        request: S3Request<CompleteMultipartUploadInput>,
    ) -> S3Result<S3Response<CompleteMultipartUploadOutput>> {
        let (bucket, key) = (request.input.bucket.clone(), request.input.key.clone());
        let response = self.files.complete_multipart_upload(request).await?;
        self.announce(bucket, key).await;
        Ok(response)
    }

    async fn announce(&self, bucket: String, key: String) {
        let head = HeadObjectInput { bucket: bucket.clone(), key: key.clone(), ..Default::default() };
        let head = match self.files.head_object(about(head)).await {
            Ok(response) => response.output,
            // Deleted again already, or a folder: nothing that a function could read.
            Err(error) => return tracing::debug!(%error, "an object is not announced"),
        };
        (self.on_created)(ObjectCreated {
            bucket,
            key,
            size: head.content_length.and_then(|size| size.try_into().ok()).unwrap_or_default(),
            etag: head.e_tag.map(ETag::into_value).unwrap_or_default(),
            sequencer: format!("{:016X}", self.sequence.fetch_add(1, Ordering::SeqCst)),
        });
    }
}

/// A question of our own to the files, as if it had come over HTTP.
fn about<T>(input: T) -> S3Request<T> {
    S3Request {
        input,
        method: Method::HEAD,
        uri: Uri::default(),
        headers: HeaderMap::new(),
        extensions: Extensions::new(),
        credentials: None,
        region: None,
        service: None,
        trailing_headers: None,
    }
}

/// A body that fails at its end when it is not what the request declared: s3s-fs compares only after it has put the
/// bytes in place, but gives up before that when reading fails.
struct Verified {
    body: StreamingBlob,
    hasher: ChecksumHasher,
    md5: Option<Md5>,
    declared: Checksum,
    declared_md5: Option<String>,
    trailers: Option<TrailingHeaders>,
    broken: Arc<AtomicBool>,
}

#[derive(Debug, thiserror::Error)]
enum BodyError {
    #[error("the body is not what its checksum declares")]
    Broken,
    #[error("{0}")]
    Read(Box<dyn std::error::Error + Send + Sync>),
}

impl Verified {
    /// Replaces the request's body; the flag tells afterwards whether it was broken.
    fn wrap(request: &mut S3Request<PutObjectInput>) -> Arc<AtomicBool> {
        let broken = Arc::new(AtomicBool::new(false));
        let trailers = request.trailing_headers.clone();
        let input = &mut request.input;
        let declared = Checksum {
            checksum_crc32: input.checksum_crc32.clone(),
            checksum_crc32c: input.checksum_crc32c.clone(),
            checksum_crc64nvme: input.checksum_crc64nvme.clone(),
            checksum_sha1: input.checksum_sha1.clone(),
            checksum_sha256: input.checksum_sha256.clone(),
            ..Default::default()
        };
        let algorithm = input.checksum_algorithm.as_ref().map(ChecksumAlgorithm::as_str);
        let wanted = |value: &Option<String>, name| value.is_some() || algorithm == Some(name);
        let hasher = ChecksumHasher {
            crc32: wanted(&declared.checksum_crc32, ChecksumAlgorithm::CRC32).then(Default::default),
            crc32c: wanted(&declared.checksum_crc32c, ChecksumAlgorithm::CRC32C).then(Default::default),
            crc64nvme: wanted(&declared.checksum_crc64nvme, ChecksumAlgorithm::CRC64NVME).then(Default::default),
            sha1: wanted(&declared.checksum_sha1, ChecksumAlgorithm::SHA1).then(Default::default),
            sha256: wanted(&declared.checksum_sha256, ChecksumAlgorithm::SHA256).then(Default::default),
        };
        if let Some(body) = input.body.take() {
            let (declared_md5, broken) = (input.content_md5.clone(), Arc::clone(&broken));
            let md5 = declared_md5.as_ref().map(|_| Md5::new());
            let verified = Self { body, hasher, md5, declared, declared_md5, trailers, broken };
            input.body = Some(StreamingBlob::wrap(stream::try_unfold(Some(verified), Self::next)));
        }
        broken
    }

    async fn next(verified: Option<Self>) -> Result<Option<(Bytes, Option<Self>)>, BodyError> {
        let Some(mut verified) = verified else { return Ok(None) };
        if let Some(bytes) = verified.body.try_next().await.map_err(BodyError::Read)? {
            verified.hasher.update(&bytes);
            if let Some(md5) = &mut verified.md5 {
                md5.update(&bytes);
            }
            return Ok(Some((bytes, Some(verified))));
        }
        let found = verified.hasher.finalize();
        let found_md5 = verified.md5.map(|md5| STANDARD.encode(md5.finalize()));
        let trailer = |name: &str| {
            let read = |headers: &HeaderMap| Some(headers.get(name)?.to_str().ok()?.to_owned());
            verified.trailers.as_ref().and_then(|trailers| trailers.read(read)).flatten()
        };
        let same = |found: Option<String>, declared: Option<String>, name| match declared.or_else(|| trailer(name)) {
            Some(declared) => found.is_none_or(|found| found == declared),
            None => true,
        };
        let declared = verified.declared;
        let all = same(found.checksum_crc32, declared.checksum_crc32, "x-amz-checksum-crc32")
            && same(found.checksum_crc32c, declared.checksum_crc32c, "x-amz-checksum-crc32c")
            && same(found.checksum_crc64nvme, declared.checksum_crc64nvme, "x-amz-checksum-crc64nvme")
            && same(found.checksum_sha1, declared.checksum_sha1, "x-amz-checksum-sha1")
            && same(found.checksum_sha256, declared.checksum_sha256, "x-amz-checksum-sha256")
            && found_md5 == verified.declared_md5;
        if all {
            return Ok(None);
        }
        verified.broken.store(true, Ordering::SeqCst);
        Err(BodyError::Broken)
    }
}

/// The trait's methods as `async_trait` declares them: each one goes to a method of `Storage` or straight to the files.
macro_rules! operations {
    (own { $($own:ident => $to:ident($in:ty) -> $out:ty;)* } passed { $($name:ident($input:ty) -> $output:ty;)* }) => {
        impl S3 for Storage {
            $(fn $own<'s, 'f>(&'s self, request: S3Request<$in>) -> Reply<'f, $out>
            where
                's: 'f,
                Self: 'f,
            {
                Box::pin(self.$to(request))
            })*
            $(fn $name<'s, 'f>(&'s self, request: S3Request<$input>) -> Reply<'f, $output>
            where
                's: 'f,
                Self: 'f,
            {
                self.files.$name(request)
            })*
        }
    };
}

operations! {
    own {
        put_object => put(PutObjectInput) -> PutObjectOutput;
        copy_object => copy(CopyObjectInput) -> CopyObjectOutput;
        complete_multipart_upload => complete(CompleteMultipartUploadInput) -> CompleteMultipartUploadOutput;
    }
    passed {
        create_bucket(CreateBucketInput) -> CreateBucketOutput;
        head_bucket(HeadBucketInput) -> HeadBucketOutput;
        list_buckets(ListBucketsInput) -> ListBucketsOutput;
        get_bucket_location(GetBucketLocationInput) -> GetBucketLocationOutput;
        get_object(GetObjectInput) -> GetObjectOutput;
        head_object(HeadObjectInput) -> HeadObjectOutput;
        list_objects(ListObjectsInput) -> ListObjectsOutput;
        list_objects_v2(ListObjectsV2Input) -> ListObjectsV2Output;
        delete_object(DeleteObjectInput) -> DeleteObjectOutput;
        delete_objects(DeleteObjectsInput) -> DeleteObjectsOutput;
        create_multipart_upload(CreateMultipartUploadInput) -> CreateMultipartUploadOutput;
        upload_part(UploadPartInput) -> UploadPartOutput;
        upload_part_copy(UploadPartCopyInput) -> UploadPartCopyOutput;
        list_parts(ListPartsInput) -> ListPartsOutput;
        abort_multipart_upload(AbortMultipartUploadInput) -> AbortMultipartUploadOutput;
    }
}
