//! Signatures of cluster-info, as the controller bootstrapsigner makes them (`cluster-bootstrap/token/jws`): a compact JWS (RFC
//! 7515) with HS256 (RFC 7518 §3.2), keyed with the secret half of a token, without its payload, which is the kubeconfig in
//! cluster-info.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use ring::hmac::{HMAC_SHA256, Key, verify};

/// Whether a detached signature is the one for this text, made with the token of this id and secret half. Like in kubeadm, which
/// computes and compares it, any other header or encoding is invalid. The comparison takes constant time.
#[must_use]
pub fn is_signature(signature: &str, text: &str, id: &str, secret: &str) -> bool {
    // As go-jose writes it. The id of a token contains no characters that JSON would escape.
    let header = URL_SAFE_NO_PAD.encode(format!(r#"{{"alg":"HS256","kid":"{id}"}}"#));
    let Some((found, code)) = signature.split_once("..") else { return false };
    let Ok(code) = URL_SAFE_NO_PAD.decode(code) else { return false };
    let signed = format!("{header}.{}", URL_SAFE_NO_PAD.encode(text));
    let key = Key::new(HMAC_SHA256, secret.as_bytes());
    found == header && verify(&key, signed.as_bytes(), &code).is_ok()
}

#[cfg(test)]
mod tests {
    use super::is_signature;

    /// From `cluster-bootstrap/token/jws/jws_test.go`.
    const CONTENT: &str = "Hello from the other side. I must have called a thousand times.";
    const ID: &str = "joshua";
    const SECRET: &str = "my voice is my passcode";
    const SIGNATURE: &str = "eyJhbGciOiJIUzI1NiIsImtpZCI6Impvc2h1YSJ9..VShe2taLd-YTrmWuRkcL_8QTNDHYxQIEBsAYYiIj1_8";

    #[test]
    fn only_the_signature_itself_is_taken() {
        assert!(is_signature(SIGNATURE, CONTENT, ID, SECRET));
        let changed = [
            String::new(),
            "..".to_owned(),
            "a..b".to_owned(),
            SIGNATURE.replace("..", "."),
            SIGNATURE.replace("..", "..a"),
            format!("{SIGNATURE}A"),
            format!("{SIGNATURE}="),
            SIGNATURE.replace("eyJh", "eyJi"),
        ];
        for wrong in changed {
            assert!(!is_signature(&wrong, CONTENT, ID, SECRET), "{wrong}");
        }
        assert!(!is_signature(SIGNATURE, "Hello", ID, SECRET));
        assert!(!is_signature(SIGNATURE, CONTENT, "joshub", SECRET));
        assert!(!is_signature(SIGNATURE, CONTENT, ID, "my voice is my password"));
    }
}
