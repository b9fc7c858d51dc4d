//! A client's record as an archive, as a person gets it.

use std::collections::BTreeMap;
use std::io::{Cursor, Read as _};

use bytes::Bytes;
use serde_json::Value;
use zip::ZipArchive;

use crate::{Persona, World};

/// What an archive holds, by path.
pub struct Archive {
    /// Every entry.
    pub entries: BTreeMap<String, Vec<u8>>,
}

impl Archive {
    /// Opens the bytes of an archive.
    pub fn open(bytes: &Bytes) -> Self {
        let mut zip = ZipArchive::new(Cursor::new(bytes)).expect("an archive");
        let mut entries = BTreeMap::new();
        for number in 0..zip.len() {
            let mut entry = zip.by_index(number).expect("an entry");
            let (name, mut content) = (entry.name().expect("a name").into_owned(), Vec::new());
            entry.read_to_end(&mut content).expect("its bytes, of the right sum");
            assert!(entries.insert(name.clone(), content).is_none(), "{name} twice");
        }
        Self { entries }
    }

    /// `record.json`.
    pub fn record(&self) -> Value {
        serde_json::from_slice(&self.entries["record.json"]).expect("JSON")
    }

    /// The ids of one part of the record; none if the record has no such part.
    pub fn ids(&self, part: &str) -> Option<Vec<String>> {
        let record = self.record();
        let items = record.get(part)?.as_array().cloned().unwrap_or_default();
        Some(items.iter().map(|item| item["id"].as_str().unwrap_or_default().to_owned()).collect())
    }
}

impl World {
    /// Asks for a client's record, waits for it, and downloads it.
    pub async fn exported(&self, who: &Persona, client: &str) -> Archive {
        let asked = who.do_post(&format!("/v1/clients/{client}/export")).await.expect(202);
        self.cloud.settled().await;
        let path = format!("/v1/exports/{}", asked.text("/id"));
        assert_eq!(who.get(&path).await.expect(200).text("/state"), "ready");
        let link = who.do_post(&format!("{path}/download")).await.expect(200).text("/url");
        Archive::open(&who.fetch(&link).await.expect(200).bytes)
    }
}
