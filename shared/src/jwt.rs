//! Access tokens: the one wrapper around `jsonwebtoken`, whose defaults accept too much (security 0.1, IDN-2).

pub mod oidc;

use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair as _};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use jiff::{SignedDuration, Timestamp};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use serde_json::{Value, json};

use crate::config::Secret;
use crate::domain::ids::{PracticeId, SessionId};
use crate::domain::session::{ACCESS_TOKEN, PrincipalId};

const ISSUER: &str = "caseload";
const AUDIENCE: &str = "caseload-api";
const TYPE: &str = "at+jwt";
const LEEWAY: SignedDuration = SignedDuration::from_secs(30);
const LONGEST: SignedDuration = SignedDuration::from_mins(15);

/// Who a request says it is: identity only, no authority (decision 10).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Identity {
    pub practice: PracticeId,
    pub principal: PrincipalId,
    /// The session the token belongs to.
    pub session: SessionId,
}

#[derive(serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Claims {
    iss: String,
    aud: String,
    sub: PrincipalId,
    pid: PracticeId,
    sid: SessionId,
    iat: i64,
    nbf: i64,
    exp: i64,
}

/// The key material is not what it should be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not an Ed25519 key in the expected form")]
pub struct BadKey;

/// The token is not good, whatever the reason; callers learn no more (401).
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("no valid access token")]
pub struct BadToken;

/// Makes access tokens.
#[derive(Clone)]
pub struct Signer {
    kid: String,
    key: EncodingKey,
}

crate::domain::prints_its_name!(Signer);

impl Signer {
    /// Reads `<key id>:<base64 PKCS#8>`.
    pub fn new(text: &Secret) -> Result<Self, BadKey> {
        let (kid, der) = text.expose().split_once(':').ok_or(BadKey)?;
        let der = STANDARD.decode(der.trim()).map_err(|_| BadKey)?;
        Ed25519KeyPair::from_pkcs8(&der).map_err(|_| BadKey)?;
        Ok(Self { kid: kid.to_owned(), key: EncodingKey::from_ed_der(&der) })
    }

    /// A token for this identity, good for ten minutes.
    pub fn sign(&self, identity: Identity, now: Timestamp) -> Result<String, BadKey> {
        let mut header = Header::new(Algorithm::EdDSA);
        header.typ = Some(TYPE.to_owned());
        header.kid = Some(self.kid.clone());
        let iat = now.as_second();
        let claims = Claims {
            iss: ISSUER.to_owned(),
            aud: AUDIENCE.to_owned(),
            sub: identity.principal,
            pid: identity.practice,
            sid: identity.session,
            iat,
            nbf: iat,
            exp: iat + ACCESS_TOKEN.as_secs(),
        };
        jsonwebtoken::encode(&header, &claims, &self.key).map_err(|_| BadKey)
    }
}

/// Checks access tokens against the published keys. No I/O.
#[derive(Clone)]
pub struct Verifier {
    keys: Vec<(String, DecodingKey)>,
    jwks: Value,
}

crate::domain::prints_its_name!(Verifier);

impl Verifier {
    /// Reads a JWK set; every key must be a named Ed25519 key.
    pub fn new(jwks: &str) -> Result<Self, BadKey> {
        let jwks: Value = serde_json::from_str(jwks).map_err(|_| BadKey)?;
        let keys = jwks.get("keys").and_then(Value::as_array).ok_or(BadKey)?;
        let keys = keys.iter().map(Self::key).collect::<Result<Vec<_>, _>>()?;
        if keys.is_empty() {
            return Err(BadKey);
        }
        Ok(Self { keys, jwks })
    }

    fn key(jwk: &Value) -> Result<(String, DecodingKey), BadKey> {
        let text = |name| jwk.get(name).and_then(Value::as_str);
        if text("kty") != Some("OKP") || text("crv") != Some("Ed25519") {
            return Err(BadKey);
        }
        let key = DecodingKey::from_ed_components(text("x").ok_or(BadKey)?).map_err(|_| BadKey)?;
        Ok((text("kid").ok_or(BadKey)?.to_owned(), key))
    }

    /// The public keys, as published.
    #[must_use]
    pub const fn jwks(&self) -> &Value {
        &self.jwks
    }

    /// The identity a token proves now.
    #[expect(clippy::disallowed_methods, reason = "this is the wrapper")]
    pub fn verify(&self, token: &str, now: Timestamp) -> Result<Identity, BadToken> {
        let kid = key_id(token).ok_or(BadToken)?;
        let (_, key) = self.keys.iter().find(|(name, _)| *name == kid).ok_or(BadToken)?;
        let mut validation = Validation::new(Algorithm::EdDSA);
        validation.set_required_spec_claims(&["iss", "aud", "sub", "exp", "nbf"]);
        validation.set_issuer(&[ISSUER]);
        validation.set_audience(&[AUDIENCE]);
        // The times are compared below, with the product's clock.
        validation.validate_exp = false;
        validation.validate_nbf = false;
        let claims = jsonwebtoken::decode::<Claims>(token, key, &validation).map_err(|_| BadToken)?.claims;
        let at = |second| Timestamp::from_second(second).map_err(|_| BadToken);
        let (iat, nbf, exp) = (at(claims.iat)?, at(claims.nbf)?, at(claims.exp)?);
        let whole = claims.iss == ISSUER && claims.aud == AUDIENCE;
        let alive = iat <= now + LEEWAY && nbf <= now + LEEWAY && now < exp + LEEWAY;
        if !whole || !alive || exp.duration_since(iat) > LONGEST {
            return Err(BadToken);
        }
        Ok(Identity { practice: claims.pid, principal: claims.sub, session: claims.sid })
    }
}

/// The key a token names, if its header is exactly what ours look like.
fn key_id(token: &str) -> Option<String> {
    let header = header(token)?;
    let text = |name: &str| header.get(name).and_then(Value::as_str);
    let plain = header.keys().all(|name| ["alg", "typ", "kid"].contains(&name.as_str()));
    (plain && text("alg") == Some("EdDSA") && text("typ") == Some(TYPE)).then(|| text("kid").map(str::to_owned))?
}

/// The header of a token that has the outer form of one. It proves nothing yet.
fn header(token: &str) -> Option<serde_json::Map<String, Value>> {
    if token.len() > 4096 || token.split('.').count() != 3 {
        return None;
    }
    let header = URL_SAFE_NO_PAD.decode(token.split('.').next()?).ok()?;
    serde_json::from_slice(&header).ok()
}

/// A new key pair: what `TOKEN_SIGNING_KEY` and `TOKEN_JWKS` hold.
pub fn generate(kid: &str) -> Result<(Secret, String), BadKey> {
    let pair = Ed25519KeyPair::generate().map_err(|_| BadKey)?;
    let der = pair.to_pkcs8v1().map_err(|_| BadKey)?;
    let x = URL_SAFE_NO_PAD.encode(pair.public_key().as_ref());
    let jwks = json!({"keys": [{"kty": "OKP", "crv": "Ed25519", "alg": "EdDSA", "use": "sig", "kid": kid, "x": x}]});
    Ok((Secret::new(format!("{kid}:{}", STANDARD.encode(der.as_ref()))), jwks.to_string()))
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn pair() -> (Signer, Verifier) {
        let (secret, jwks) = generate("k1").expect("keys");
        (Signer::new(&secret).expect("signer"), Verifier::new(&jwks).expect("verifier"))
    }

    fn identity() -> Identity {
        Identity {
            practice: PracticeId::from_uuid(Uuid::from_u128(1)),
            principal: PrincipalId::Client(crate::domain::ids::ClientId::from_uuid(Uuid::from_u128(2))),
            session: SessionId::from_uuid(Uuid::from_u128(3)),
        }
    }

    // decision 10
    #[test]
    fn a_token_is_good_for_ten_minutes_with_thirty_seconds_of_skew() {
        let (signer, verifier) = pair();
        let start = Timestamp::from_second(1_800_000_000).expect("an instant");
        let token = signer.sign(identity(), start).expect("a token");
        let at = |seconds| verifier.verify(&token, start + SignedDuration::from_secs(seconds));
        assert_eq!(at(0), Ok(identity()));
        assert_eq!(at(-29), Ok(identity()));
        assert_eq!(at(-31), Err(BadToken));
        assert_eq!(at(629), Ok(identity()));
        assert_eq!(at(631), Err(BadToken));
    }

    // security 0.1
    #[test]
    fn tokens_with_tricks_are_refused() {
        let (signer, verifier) = pair();
        let now = Timestamp::from_second(1_800_000_000).expect("an instant");
        let token = signer.sign(identity(), now).expect("a token");
        let mut parts = token.splitn(3, '.');
        let (_, claims, signature) = (parts.next(), parts.next().expect("claims"), parts.next().expect("signature"));
        let with = |header: Value| format!("{}.{claims}.{signature}", URL_SAFE_NO_PAD.encode(header.to_string()));
        for header in [
            json!({"alg": "none", "typ": TYPE, "kid": "k1"}),
            json!({"alg": "HS256", "typ": TYPE, "kid": "k1"}),
            json!({"alg": "EdDSA", "typ": "JWT", "kid": "k1"}),
            json!({"alg": "EdDSA", "typ": TYPE, "kid": "k2"}),
            json!({"alg": "EdDSA", "typ": TYPE}),
            json!({"alg": "EdDSA", "typ": TYPE, "kid": "k1", "crit": ["x"]}),
            json!({"alg": "EdDSA", "typ": TYPE, "kid": "k1", "jku": "https://x.example"}),
        ] {
            assert_eq!(verifier.verify(&with(header.clone()), now), Err(BadToken), "{header}");
        }
        let (stranger, _) = pair();
        let foreign = stranger.sign(identity(), now).expect("a token");
        assert_eq!(verifier.verify(&foreign, now), Err(BadToken));
        assert_eq!(verifier.verify(&format!("{token}x"), now), Err(BadToken));
    }
}
