//! Identity tokens of other issuers, against keys from the configuration: nothing is ever fetched (security IDN-2, IDN-3).

use std::collections::BTreeSet;
use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::{SignedDuration, Timestamp};
use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use serde::Deserialize;
use serde_json::Value;

use super::{BadToken, LEEWAY, header};
use crate::domain::email::EmailAddress;
use crate::domain::staff::OutsideIdentity;

const LONGEST: SignedDuration = SignedDuration::from_hours(24);
const MOST_KEYS: usize = 20;
/// What would let a token bring its own key, or ask for something that is not understood here.
const REFUSED_HEADERS: [&str; 6] = ["crit", "jku", "jwk", "x5u", "x5c", "b64"];

/// What is wrong with the configured issuers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct BadIssuers(pub &'static str);

/// A person, as an issuer vouches for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outsider {
    /// Who it is to the issuer, for good.
    pub identity: OutsideIdentity,
    /// Its address, if the issuer has verified it: looked at once, to bind the identity.
    pub email: Option<EmailAddress>,
    /// Whether the issuer has asked for the second factor that its configuration requires.
    pub second_factor: bool,
}

/// The issuers whose word counts for staff.
#[derive(Debug, Clone, Default)]
pub struct Issuers(Vec<Issuer>);

#[derive(Debug, Clone)]
struct Issuer {
    name: String,
    audiences: Vec<String>,
    client_ids: Vec<String>,
    require_amr: Vec<String>,
    keys: Vec<Key>,
}

#[derive(Clone)]
struct Key {
    kid: String,
    algorithm: Signing,
    key: DecodingKey,
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.kid)
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
enum Signing {
    #[serde(rename = "RS256")]
    Rs256,
    #[serde(rename = "ES256")]
    Es256,
    #[serde(rename = "EdDSA")]
    EdDsa,
}

impl Signing {
    const fn name(self) -> &'static str {
        match self {
            Self::Rs256 => "RS256",
            Self::Es256 => "ES256",
            Self::EdDsa => "EdDSA",
        }
    }

    const fn algorithm(self) -> Algorithm {
        match self {
            Self::Rs256 => Algorithm::RS256,
            Self::Es256 => Algorithm::ES256,
            Self::EdDsa => Algorithm::EdDSA,
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Configured {
    issuer: String,
    #[serde(default)]
    audiences: Vec<String>,
    #[serde(default)]
    client_ids: Vec<String>,
    jwks: KeySet,
    algorithms: Vec<Signing>,
    #[serde(default)]
    require_amr: Vec<String>,
}

#[derive(Deserialize)]
struct KeySet {
    keys: Vec<Value>,
}

/// What is read of a token. A claim that comes twice, or in another shape, makes it unreadable.
#[derive(Deserialize)]
struct Claims {
    iss: String,
    sub: String,
    iat: i64,
    exp: i64,
    nbf: Option<i64>,
    aud: Option<Audience>,
    client_id: Option<String>,
    token_use: Option<String>,
    email: Option<String>,
    email_verified: Option<Value>,
    #[serde(default)]
    amr: Vec<String>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Audience {
    One(String),
    Several(Vec<String>),
}

impl Issuers {
    /// Reads `[{issuer, audiences?, client_ids?, jwks, algorithms, require_amr?}]`.
    pub fn new(text: &str) -> Result<Self, BadIssuers> {
        let configured: Vec<Configured> = serde_json::from_str(text).map_err(|_| {
            BadIssuers("a list of {issuer, audiences or client_ids, jwks, algorithms, require_amr} expected")
        })?;
        let issuers = configured.into_iter().map(Issuer::new).collect::<Result<Vec<_>, _>>()?;
        let names: BTreeSet<&str> = issuers.iter().map(|issuer| issuer.name.as_str()).collect();
        if names.len() == issuers.len() { Ok(Self(issuers)) } else { Err(BadIssuers("an issuer is named twice")) }
    }

    /// The person a token vouches for now.
    pub fn verify(&self, token: &str, now: Timestamp) -> Result<Outsider, BadToken> {
        let header = header(token).ok_or(BadToken)?;
        let plain = header.get("typ").is_none_or(|typ| typ == "JWT" || typ == "at+jwt")
            && !REFUSED_HEADERS.iter().any(|name| header.contains_key(*name));
        let text = |name: &str| header.get(name).and_then(Value::as_str);
        let (true, Some(kid), Some(algorithm)) = (plain, text("kid"), text("alg")) else {
            return Err(BadToken);
        };
        // Two issuers may call their keys alike. The signature says whose token it is, not what the token claims.
        let named = |key: &&Key| key.kid == kid && key.algorithm.name() == algorithm;
        let candidates = self.0.iter().filter_map(|issuer| Some((issuer, issuer.keys.iter().find(named)?)));
        candidates.into_iter().find_map(|(issuer, key)| issuer.verify(token, key, now)).ok_or(BadToken)
    }
}

impl Issuer {
    fn new(configured: Configured) -> Result<Self, BadIssuers> {
        let Configured { issuer, audiences, client_ids, jwks, algorithms, require_amr } = configured;
        let empty = |text: &String| text.trim().is_empty();
        if empty(&issuer) || audiences.iter().chain(&client_ids).chain(&require_amr).any(empty) {
            return Err(BadIssuers("an issuer, audience, client id or method is empty"));
        }
        if audiences.is_empty() && client_ids.is_empty() {
            return Err(BadIssuers("an issuer has neither audiences nor client_ids"));
        }
        let keys = jwks.keys.iter().map(Key::new).collect::<Result<Vec<_>, _>>()?;
        let kids: BTreeSet<&str> = keys.iter().map(|key| key.kid.as_str()).collect();
        if keys.is_empty() || keys.len() > MOST_KEYS || kids.len() != keys.len() {
            return Err(BadIssuers("an issuer needs 1 to 20 keys, each with a kid of its own"));
        }
        if keys.iter().any(|key| !algorithms.contains(&key.algorithm)) {
            return Err(BadIssuers("a key is not for one of its issuer's algorithms"));
        }
        Ok(Self { name: issuer, audiences, client_ids, require_amr, keys })
    }

    #[expect(clippy::disallowed_methods, reason = "this is the wrapper")]
    fn verify(&self, token: &str, key: &Key, now: Timestamp) -> Option<Outsider> {
        let mut validation = Validation::new(key.algorithm.algorithm());
        validation.set_required_spec_claims(&["iss", "sub", "exp"]);
        validation.set_issuer(&[&self.name]);
        // Audience and times are compared below: several kinds of audience, and the product's clock.
        validation.validate_aud = false;
        validation.validate_exp = false;
        validation.validate_nbf = false;
        let claims = jsonwebtoken::decode::<Claims>(token, &key.key, &validation).ok()?.claims;
        let known = claims.iss == self.name && !claims.sub.is_empty() && claims.sub.len() <= 255;
        if !known || !self.is_for_us(&claims) || !is_alive(&claims, now)? {
            return None;
        }
        let second_factor = !self.require_amr.is_empty();
        if !self.require_amr.iter().all(|method| claims.amr.contains(method)) {
            return None;
        }
        let verified = claims.email_verified == Some(Value::Bool(true));
        let email = claims.email.filter(|_| verified).and_then(|email| EmailAddress::parse(&email).ok());
        Some(Outsider { identity: OutsideIdentity { issuer: claims.iss, subject: claims.sub }, email, second_factor })
    }

    /// Every audience has to be one of ours: a token that others may use as well is not proof enough. Access tokens of
    /// Cognito name none, but their use and the client they were made for.
    fn is_for_us(&self, claims: &Claims) -> bool {
        let usage = claims.token_use.as_deref();
        match &claims.aud {
            Some(Audience::One(audience)) => self.audiences.contains(audience) && usage.is_none_or(|u| u == "id"),
            Some(Audience::Several(all)) => {
                !all.is_empty() && all.iter().all(|a| self.audiences.contains(a)) && usage.is_none_or(|u| u == "id")
            }
            None => usage == Some("access") && claims.client_id.as_ref().is_some_and(|id| self.client_ids.contains(id)),
        }
    }
}

fn is_alive(claims: &Claims, now: Timestamp) -> Option<bool> {
    let at = |second| Timestamp::from_second(second).ok();
    let (iat, exp) = (at(claims.iat)?, at(claims.exp)?);
    let nbf = claims.nbf.map_or(Some(iat), at)?;
    let begun = iat <= now + LEEWAY && nbf <= now + LEEWAY;
    Some(begun && now < exp + LEEWAY && exp > iat && exp.duration_since(iat) <= LONGEST)
}

impl Key {
    /// Reads a public key of a kind that is taken. A shared secret (`oct`) is none: whoever checks with it could sign.
    fn new(jwk: &Value) -> Result<Self, BadIssuers> {
        let unreadable = |_| BadIssuers("a key cannot be read");
        let text = |name: &str| jwk.get(name).and_then(Value::as_str);
        let bytes = |name: &str| text(name).and_then(|text| URL_SAFE_NO_PAD.decode(text).ok()).unwrap_or_default();
        if ["d", "k", "p", "q"].iter().any(|name| jwk.get(name).is_some()) {
            return Err(BadIssuers("a key holds a secret; only public keys belong here"));
        }
        let member = |name| text(name).unwrap_or_default();
        let (algorithm, key) = match (text("kty"), text("crv")) {
            (Some("RSA"), None) => {
                let modulus = bytes("n");
                let length = modulus.iter().skip_while(|byte| **byte == 0).count() * 8;
                let spare = modulus.iter().find(|byte| **byte != 0).map_or(0, |first| first.leading_zeros() as usize);
                if !(2048..=8192).contains(&(length.saturating_sub(spare))) {
                    return Err(BadIssuers("an RSA key needs 2048 to 8192 bits"));
                }
                (Signing::Rs256, DecodingKey::from_rsa_components(member("n"), member("e")).map_err(unreadable)?)
            }
            (Some("EC"), Some("P-256")) if bytes("x").len() == 32 && bytes("y").len() == 32 => {
                (Signing::Es256, DecodingKey::from_ec_components(member("x"), member("y")).map_err(unreadable)?)
            }
            (Some("OKP"), Some("Ed25519")) if bytes("x").len() == 32 => {
                (Signing::EdDsa, DecodingKey::from_ed_components(member("x")).map_err(unreadable)?)
            }
            _ => return Err(BadIssuers("a key is of a kind that is not taken")),
        };
        let fits = text("alg").is_none_or(|alg| alg == algorithm.name()) && text("use").is_none_or(|u| u == "sig");
        match text("kid") {
            Some(kid) if fits && !kid.is_empty() => Ok(Self { kid: kid.to_owned(), algorithm, key }),
            _ => Err(BadIssuers("a key has no kid, or is for something else than signing with its kind")),
        }
    }
}
