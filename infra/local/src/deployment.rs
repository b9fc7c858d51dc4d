//! The secrets of a deployment: the first set, and the next signing key beside the one in use.
//!
//! Printed as lines a shell can read, each value what the product reads from the variable of that name. Nothing is
//! kept here. What no set can hold is the payment provider's own key.

use aws_lc_rs::rand;
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use caseload::config::{Config, ConfigError, Var};
use caseload::jwt::{self, Verifier};
use serde_json::{Value, json};

use crate::secrets::{Secrets, SecretsError};

/// The public keys of a rotation that is over.
pub const JWKS_AFTERWARDS: &str = "TOKEN_JWKS_AFTERWARDS";

/// Why there is no set.
#[derive(Debug, thiserror::Error)]
pub enum NoSet {
    /// None can be made.
    #[error(transparent)]
    Secrets(#[from] SecretsError),
    /// There is no current one to go on from.
    #[error("{0}; the next set is made beside the current public keys, a JWK set")]
    Current(#[from] ConfigError),
}

/// Everything a first deployment keeps secret, and the public keys that go with it.
pub fn first() -> Result<String, NoSet> {
    let Secrets { key, signing_key, jwks, webhook } = Secrets::generate(&key_id()?)?;
    Ok([
        "# Keyed hashes, link tokens, second factors: it stays as it is for as long as the table does.\n".to_owned(),
        line(Var::SecretKey.name(), &STANDARD.encode(key)),
        "# Signs access tokens; the JWK set is its public half, and no secret.\n".to_owned(),
        line(Var::TokenSigningKey.name(), signing_key.expose()),
        line(Var::TokenJwks.name(), &jwks),
        "# Holds the place of the payment provider's until it has told its own; nobody knows it, so nobody can sign.\n"
            .to_owned(),
        line(Var::PaymentsWebhookSecret.name(), &webhook),
    ]
    .concat())
}

/// The next signing key, made beside the public keys in `TOKEN_JWKS`.
pub fn next() -> Result<String, NoSet> {
    beside(Config::from_env(&[Var::TokenJwks])?.token_jwks.as_deref().unwrap_or_default())
}

/// The next signing key, with the public keys that tokens of the old and of the new one are checked against.
fn beside(current: &str) -> Result<String, NoSet> {
    let malformed = || ConfigError::Malformed(Var::TokenJwks.name(), "not a JWK set of named Ed25519 keys");
    let mut both = Verifier::new(current).map_err(|_| malformed())?.jwks().clone();
    let keys = both.get_mut("keys").and_then(Value::as_array_mut).ok_or_else(malformed)?;
    let (signing_key, jwks) = jwt::generate(&key_id()?).map_err(|_| SecretsError::NoRandomness)?;
    let new: Value = serde_json::from_str(&jwks).map_err(|_| malformed())?;
    // The new one first: it is the one to stay.
    keys.splice(0..0, new.get("keys").and_then(Value::as_array).into_iter().flatten().cloned());
    Ok([
        "# First, everywhere: what was signed with either key is believed.\n".to_owned(),
        line(Var::TokenJwks.name(), &json!({ "keys": keys }).to_string()),
        "# Then: what is signed from now on is signed with the new one.\n".to_owned(),
        line(Var::TokenSigningKey.name(), signing_key.expose()),
        "# Last, a quarter of an hour after that: nobody holds a token of the old one any more.\n".to_owned(),
        line(JWKS_AFTERWARDS, &jwks),
    ]
    .concat())
}

/// A name no other key of the deployment has.
fn key_id() -> Result<String, SecretsError> {
    let mut id = [0; 8];
    rand::fill(&mut id).map_err(|_| SecretsError::NoRandomness)?;
    Ok(URL_SAFE_NO_PAD.encode(id))
}

/// What a shell reads as a variable: no value holds a quote.
fn line(name: &str, value: &str) -> String {
    format!("{name}='{value}'\n")
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    /// The variables of a set, as a shell would see them.
    fn read(set: &str) -> BTreeMap<&str, String> {
        let lines = set.lines().filter(|line| !line.starts_with('#'));
        let lines = lines.map(|line| line.split_once('=').expect("a variable"));
        lines.map(|(name, value)| (name, value.trim_matches('\'').to_owned())).collect()
    }

    fn key_ids(jwks: &str) -> Vec<String> {
        let jwks: Value = serde_json::from_str(jwks).expect("JSON");
        let keys = jwks["keys"].as_array().expect("keys").iter();
        keys.map(|key| key["kid"].as_str().expect("a name").to_owned()).collect()
    }

    #[test]
    fn every_set_is_another() {
        let (one, two) = (first().unwrap(), first().unwrap());
        let (one, two) = (read(&one), read(&two));
        assert_eq!(one.len(), 4);
        assert!(one.iter().all(|(name, value)| two[name] != *value), "a set that was printed before");
    }

    #[test]
    fn the_next_set_keeps_the_keys_that_are_in_use() {
        let first = first().unwrap();
        let current = &read(&first)["TOKEN_JWKS"];
        let next = beside(current).unwrap();
        let next = read(&next);
        let (both, afterwards) = (key_ids(&next["TOKEN_JWKS"]), key_ids(&next[JWKS_AFTERWARDS]));
        assert_eq!(both, [afterwards.concat(), key_ids(current).concat()]);
        assert!(next["TOKEN_SIGNING_KEY"].starts_with(&format!("{}:", afterwards.concat())));
        // One that is begun before the last is over forgets nobody either.
        let third = beside(&next["TOKEN_JWKS"]).unwrap();
        assert_eq!(key_ids(&read(&third)["TOKEN_JWKS"])[1..], both);
        for bad in ["", "{}", r#"{"keys":[]}"#, &next["TOKEN_SIGNING_KEY"]] {
            assert!(matches!(beside(bad), Err(NoSet::Current(_))), "{bad}");
        }
    }
}
