//! Chunks of a directory snapshot that no head names yet, or no longer names.

use jiff::Timestamp;
use uuid::Uuid;

use super::directory::{Chunk, Head};
use super::keys::{self, Key};
use super::{Store, StoreError, item, sdk_error};
use crate::access::Grant;

impl Store {
    /// Writes the chunks of a snapshot and gives the head that would show it. Nobody sees them before that head stands.
    pub async fn stage_snapshot(
        &self,
        grant: &Grant,
        snapshot: Uuid,
        chunks: &[Vec<u8>],
        before: Option<&Head>,
        folded_through: Timestamp,
    ) -> Result<Head, StoreError> {
        let practice = grant.practice();
        for (number, bytes) in (0..).zip(chunks) {
            let chunk = Chunk { practice, snapshot, number, bytes: bytes.clone() };
            self.client()
                .put_item()
                .table_name(self.table())
                .set_item(Some(item::to_item(&chunk)?))
                .return_consumed_capacity(self.capacity())
                .send()
                .await
                .map_err(|e| sdk_error("PutItem", &e))?;
        }
        Ok(Head {
            practice,
            version: before.map_or(0, |h| h.version) + 1,
            snapshot,
            chunks: u32::try_from(chunks.len()).unwrap_or(u32::MAX),
            folded_through,
        })
    }

    /// Removes the chunks of a snapshot that no head names.
    pub async fn drop_snapshot(&self, grant: &Grant, snapshot: Uuid, chunks: u32) -> Result<(), StoreError> {
        let keys: Vec<Key> = (0..chunks).map(|n| keys::directory_chunk(grant.practice(), snapshot, n)).collect();
        self.remove(&keys).await
    }
}
