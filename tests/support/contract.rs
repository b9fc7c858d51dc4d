//! Every answer that a persona gets is one that the description of the API promises: a lie breaks whatever test meets it.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write as _;
use std::sync::{Arc, LazyLock, Mutex};

use http::Method;
use jsonschema::Validator;
use serde_json::{Map, Value, json};

use crate::Answer;

/// Headers that are promised where they are declared, and forbidden where they are not.
const TOLD: &[&str] = &[
    "content-disposition",
    "etag",
    "idempotent-replay",
    "link",
    "location",
    "retry-after",
    "www-authenticate",
    "x-request-id",
];

/// Those that come only sometimes.
const SOMETIMES: &[&str] = &["idempotent-replay", "link"];

static CONTRACT: LazyLock<Contract> = LazyLock::new(Contract::read);

struct Contract {
    document: Value,
    /// Paths in pieces, the most particular first.
    paths: Vec<(String, Vec<String>)>,
    /// By operation, status and media type.
    validators: Mutex<BTreeMap<String, Arc<Validator>>>,
    seen: Mutex<BTreeSet<String>>,
}

/// Fails unless the answer is one that the description has for this request. What is no route is nobody's promise.
#[track_caller]
pub fn check(method: &Method, path: &str, sent: &[u8], answer: &Answer) {
    if let Some((name, operation)) = CONTRACT.operation(method, path) {
        let status = answer.status.as_u16();
        let lie = CONTRACT.lie(&name, operation, answer);
        assert!(lie.is_none(), "{name} ({path}): {} is not as described: {}", status, lie.unwrap_or_default());
        CONTRACT.note(format!("{name} {status}"));
        if answer.status.is_success() {
            let body = |bytes: &[u8]| serde_json::from_slice::<Value>(bytes).unwrap_or(Value::Null);
            let said = json!({"operation": operation["operationId"], "test": std::thread::current().name(),
                "request": body(sent), "status": status, "answer": body(&answer.bytes)});
            CONTRACT.note(format!("example {said}"));
        }
        if status >= 400 {
            CONTRACT.note(format!("code {}", answer.code()));
            for field in answer.at("/errors").as_array().into_iter().flatten() {
                CONTRACT.note(format!("field {}", field["code"].as_str().unwrap_or_default()));
            }
        }
    }
}

/// What is wrong with the examples of the description: one that is missing, or that its schema does not allow.
pub fn bad_examples() -> Vec<String> {
    let mut bad = Vec::new();
    for (path, operations) in CONTRACT.document["paths"].as_object().expect("paths") {
        for (method, operation) in operations.as_object().expect("operations") {
            let name = format!("{method} {path}");
            let successes = operation["responses"].as_object().into_iter().flatten();
            let successes = successes.filter(|(status, _)| status.starts_with('2')).map(|(_, answer)| answer);
            for said in std::iter::once(&operation["requestBody"]).chain(successes) {
                let content = &said["content"]["application/json"];
                match (&content["schema"], &content["example"]) {
                    (Value::Null, _) => {}
                    (_, Value::Null) => bad.push(format!("{name}: no example")),
                    (schema, example) => {
                        let validator = CONTRACT.validator(format!("{name} {content}"), schema);
                        let wrong = validator.iter_errors(example);
                        bad.extend(wrong.map(|error| format!("{name}: {}: {error}", error.instance_path())));
                    }
                }
            }
        }
    }
    bad
}

impl Contract {
    fn read() -> Self {
        let document = serde_json::to_value(caseload_local::openapi::document()).expect("a document");
        let split = |path: &String| (path.clone(), path.split('/').map(str::to_owned).collect::<Vec<_>>());
        let mut paths: Vec<_> = document["paths"].as_object().expect("paths").keys().map(split).collect();
        paths.sort_by_key(|(_, pieces)| pieces.iter().filter(|piece| piece.starts_with('{')).count());
        Self { document, paths, validators: Mutex::default(), seen: Mutex::default() }
    }

    fn operation(&self, method: &Method, path: &str) -> Option<(String, &Value)> {
        let asked: Vec<&str> = path.split('?').next().unwrap_or_default().split('/').collect();
        let fits = |pieces: &Vec<String>| {
            pieces.len() == asked.len()
                && pieces.iter().zip(&asked).all(|(piece, part)| piece.starts_with('{') || piece == part)
        };
        let (path, _) = self.paths.iter().find(|(_, pieces)| fits(pieces))?;
        let operation = self.document["paths"][path].get(method.as_str().to_lowercase())?;
        Some((format!("{method} {path}"), operation))
    }

    /// What is not as the operation says.
    fn lie(&self, name: &str, operation: &Value, answer: &Answer) -> Option<String> {
        let status = answer.status.as_u16();
        let Some(said) = operation["responses"].get(status.to_string()) else {
            return Some(format!("no such status; the body is {}", String::from_utf8_lossy(&answer.bytes)));
        };
        let said = self.resolved(said);
        for header in TOLD {
            let (declared, sent) = (said["headers"].get(header).is_some(), answer.headers.contains_key(*header));
            if sent && !declared || declared && !sent && !SOMETIMES.contains(header) {
                return Some(format!("the header {header} is {}", if sent { "undeclared" } else { "missing" }));
            }
        }
        let Some(content) = said.get("content").and_then(Value::as_object).filter(|content| !content.is_empty()) else {
            return (!answer.bytes.is_empty()).then(|| "it has a body".to_owned());
        };
        let header = answer.header("content-type");
        let media = header.split(';').next().unwrap_or_default().trim();
        let Some(content) = content.get(media) else { return Some(format!("{media} is no declared content")) };
        if !media.ends_with("json") {
            return None;
        }
        let body = answer.json();
        let etag = answer.header("etag");
        // The header goes on with what the version comes to for this reader.
        let version = etag.split_once('-').map(|(version, _)| format!("{version}\""));
        if !etag.is_empty() && body["etag"] != json!(version) {
            return Some(format!("the header's etag is {etag}, the body's {}", body["etag"]));
        }
        let validator = self.validator(format!("{name} {status} {media}"), &content["schema"]);
        let mut wrong = validator.iter_errors(&body).map(|error| format!("{}: {error}", error.instance_path()));
        let first = wrong.next()?;
        Some(format!("{first}\n{body:#}"))
    }

    fn validator(&self, key: String, schema: &Value) -> Arc<Validator> {
        let mut validators = self.validators.lock().expect("a lock");
        let made = validators.entry(key).or_insert_with(|| {
            let strict = self.strict(schema);
            Arc::new(jsonschema::options().with_draft(jsonschema::Draft::Draft202012).build(&strict).expect("a schema"))
        });
        made.clone()
    }

    fn resolved<'v>(&'v self, value: &'v Value) -> &'v Value {
        match value["$ref"].as_str().and_then(|to| to.strip_prefix('#')) {
            Some(pointer) => self.document.pointer(pointer).unwrap_or_else(|| panic!("{pointer} is nowhere")),
            None => value,
        }
    }

    /// The schema with everything it refers to, which allows no member that it does not name.
    fn strict(&self, schema: &Value) -> Value {
        let mut strict = self.loose(schema);
        if let Some(object) = strict.as_object_mut() {
            let names = |key: &str| object.contains_key(key);
            if names("properties") && !names("additionalProperties") || names("allOf") {
                object.insert("unevaluatedProperties".to_owned(), json!(false));
            }
        }
        strict
    }

    /// The same, as a part of something that may have more members.
    fn loose(&self, schema: &Value) -> Value {
        let Some(object) = self.resolved(schema).as_object() else { return schema.clone() };
        let each = |of: &Value, with: &dyn Fn(&Value) -> Value| match of {
            Value::Array(all) => Value::Array(all.iter().map(with).collect()),
            Value::Object(all) => all.iter().map(|(name, one)| (name.clone(), with(one))).collect::<Map<_, _>>().into(),
            other => other.clone(),
        };
        let part = |(key, value): (&String, &Value)| {
            let value = match key.as_str() {
                "properties" | "oneOf" | "anyOf" | "prefixItems" => each(value, &|one| self.strict(one)),
                "allOf" => each(value, &|one| self.loose(one)),
                "items" | "additionalProperties" if value.is_object() => self.strict(value),
                _ => value.clone(),
            };
            (key.clone(), value)
        };
        object.iter().map(part).collect::<Map<_, _>>().into()
    }

    /// Keeps note of what was met, in the file that `CASELOAD_SEEN` names.
    fn note(&self, met: String) {
        #[expect(
            clippy::disallowed_methods,
            reason = "asked for by whoever runs the tests, and nothing of the product"
        )]
        static FILE: LazyLock<Option<String>> = LazyLock::new(|| std::env::var("CASELOAD_SEEN").ok());
        let Some(path) = FILE.as_ref() else { return };
        let mut seen = self.seen.lock().expect("a lock");
        if seen.insert(met.clone()) {
            let mut file = std::fs::OpenOptions::new().append(true).create(true).open(path).expect("a file");
            writeln!(file, "{met}").expect("a line");
        }
    }
}
