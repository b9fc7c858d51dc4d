//! An object that is put piece by piece, because nobody holds all of it.

use aws_sdk_s3::primitives::ByteStream;
use aws_sdk_s3::types::{CompletedMultipartUpload, CompletedPart};

use super::{FileError, Files, failed};

/// An object under way: nothing stands at its key before it is finished.
#[derive(Debug)]
pub struct Parts<'f> {
    files: &'f Files,
    key: &'f str,
    upload: String,
    done: Vec<CompletedPart>,
}

impl Parts<'_> {
    /// The smallest a part may be that is not the last, in bytes.
    pub const SMALLEST: usize = 5 * 1024 * 1024;

    /// Puts the next piece.
    pub async fn put(&mut self, bytes: Vec<u8>) -> Result<(), FileError> {
        let number = i32::try_from(self.done.len() + 1).map_err(|e| FileError::Unavailable(e.to_string()))?;
        let Files { client, bucket } = self.files;
        let part = client.upload_part().bucket(bucket).key(self.key).upload_id(&self.upload).part_number(number);
        let sent = part.body(ByteStream::from(bytes)).send().await.map_err(|e| failed("UploadPart", &e))?;
        self.done.push(CompletedPart::builder().part_number(number).set_e_tag(sent.e_tag).build());
        Ok(())
    }

    /// Puts them together: from now on the object is there, whole.
    pub async fn finish(self) -> Result<(), FileError> {
        let Files { client, bucket } = self.files;
        let parts = CompletedMultipartUpload::builder().set_parts(Some(self.done)).build();
        let complete = client.complete_multipart_upload().bucket(bucket).key(self.key).upload_id(&self.upload);
        let sent = complete.multipart_upload(parts).send().await;
        sent.map(|_| ()).map_err(|e| failed("CompleteMultipartUpload", &e))
    }

    /// Throws away what was put. What a crash leaves, the bucket throws away within a day.
    pub async fn abandon(self) -> Result<(), FileError> {
        let Files { client, bucket } = self.files;
        let abort = client.abort_multipart_upload().bucket(bucket).key(self.key).upload_id(&self.upload);
        abort.send().await.map(|_| ()).map_err(|e| failed("AbortMultipartUpload", &e))
    }
}

impl Files {
    /// Begins an object of this type that is put in parts.
    pub async fn begin<'f>(&'f self, key: &'f str, content_type: &str) -> Result<Parts<'f>, FileError> {
        let begin = self.client.create_multipart_upload().bucket(&self.bucket).key(key).content_type(content_type);
        let begun = begin.send().await.map_err(|e| failed("CreateMultipartUpload", &e))?;
        let upload = begun.upload_id.ok_or_else(|| FileError::Unavailable("no upload id".to_owned()))?;
        Ok(Parts { files: self, key, upload, done: Vec::new() })
    }
}
