//! The keys of an OpenID Connect issuer, and an issuer that serves them.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use axum::Router;
use axum::routing::get;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use openssl::bn::{BigNum, BigNumContext, BigNumRef};
use openssl::ec::{EcGroup, EcKey};
use openssl::nid::Nid;
use openssl::pkey::PKey;
use openssl::rsa::Rsa;
use serde_json::{Value, json};

/// A key of the issuer.
pub struct Key {
    pub kid: &'static str,
    pub algorithm: Algorithm,
    pub signing: EncodingKey,
    pub public: Value,
}

fn text(number: &BigNumRef, bytes: i32) -> String {
    URL_SAFE_NO_PAD.encode(number.to_vec_padded(bytes).unwrap())
}

impl Key {
    pub fn rsa(kid: &'static str) -> Self {
        let key = Rsa::generate(2048).unwrap();
        let public = json!({"kty": "RSA", "use": "sig", "kid": kid, "n": text(key.n(), 256), "e": text(key.e(), 3)});
        let signing = EncodingKey::from_rsa_der(&key.private_key_to_der().unwrap());
        Self { kid, algorithm: Algorithm::RS256, signing, public }
    }

    pub fn elliptic(kid: &'static str) -> Self {
        let group = EcGroup::from_curve_name(Nid::X9_62_PRIME256V1).unwrap();
        let key = EcKey::generate(&group).unwrap();
        let (mut x, mut y) = (BigNum::new().unwrap(), BigNum::new().unwrap());
        let mut context = BigNumContext::new().unwrap();
        key.public_key().affine_coordinates(&group, &mut x, &mut y, &mut context).unwrap();
        let public =
            json!({"kty": "EC", "crv": "P-256", "alg": "ES256", "kid": kid, "x": text(&x, 32), "y": text(&y, 32)});
        let signing = EncodingKey::from_ec_der(&PKey::from_ec_key(key).unwrap().private_key_to_pkcs8().unwrap());
        Self { kid, algorithm: Algorithm::ES256, signing, public }
    }

    pub fn header(&self) -> Header {
        Header { kid: Some(self.kid.to_owned()), ..Header::new(self.algorithm) }
    }

    pub fn sign(&self, claims: &Value) -> String {
        encode(&self.header(), claims, &self.signing).unwrap()
    }
}

/// An issuer that counts how often its keys are requested.
pub async fn issuer(keys: Value) -> (String, Arc<AtomicUsize>) {
    let requests = Arc::new(AtomicUsize::new(0));
    let count = requests.clone();
    let app = Router::new().route(
        "/keys",
        get(move || {
            count.fetch_add(1, Ordering::SeqCst);
            async move { keys.to_string() }
        }),
    );
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}/keys", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, app).await });
    (address, requests)
}
