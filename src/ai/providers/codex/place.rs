//! Where requests go, and whose account they are on.

use base64::Engine;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use serde_json::Value;

/// Where requests go when the model does not say.
const BASE_URL: &str = "https://chatgpt.com/backend-api";

/// The part of the token that OpenAI's own facts are in.
const CLAIM: &str = "https://api.openai.com/auth";

/// Base64 as tokens have it, padded or not.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &alphabet::URL_SAFE,
    GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true),
);

/// The address below a base URL, which may name it in part or whole.
pub fn url(base_url: &str) -> String {
    let base = match base_url.trim() {
        "" => BASE_URL,
        base => base.trim_end_matches('/'),
    };
    if base.ends_with("/codex/responses") {
        base.to_owned()
    } else if base.ends_with("/codex") {
        format!("{base}/responses")
    } else {
        format!("{base}/codex/responses")
    }
}

/// The account in an access token, which is a JWT; `None` when there is none. Nothing is verified: the
/// server does that.
pub fn account(token: &str) -> Option<String> {
    let mut parts = token.split('.');
    let (_, claims, _) = (parts.next()?, parts.next()?, parts.next()?);
    let claims = claims.replace('+', "-").replace('/', "_");
    let claims: Value = serde_json::from_slice(&BASE64.decode(claims).ok()?).ok()?;
    let account = claims.get(CLAIM)?.get("chatgpt_account_id")?.as_str()?;
    (!account.is_empty()).then(|| account.to_owned())
}

#[cfg(test)]
mod tests {
    use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
    use serde_json::json;

    use super::*;

    #[test]
    fn the_address_is_completed() {
        let whole = "https://chatgpt.com/backend-api/codex/responses";
        for base in [
            "",
            "https://chatgpt.com/backend-api/",
            "https://chatgpt.com/backend-api/codex",
            whole,
        ] {
            assert_eq!(url(base), whole, "{base:?}");
        }
    }

    #[test]
    fn the_token_names_the_account() {
        let claims = json!({CLAIM: {"chatgpt_account_id": "acc-ö?>"}}).to_string();
        for encoded in [STANDARD.encode(&claims), URL_SAFE_NO_PAD.encode(&claims)] {
            let token = format!("e30.{encoded}.c2ln");
            assert_eq!(account(&token).as_deref(), Some("acc-ö?>"));
        }
        let empty = URL_SAFE_NO_PAD.encode(json!({CLAIM: {}}).to_string());
        for odd in ["", "sk-abc", "a.b.c", "a.é.c", &format!("a.{empty}.c")] {
            assert_eq!(account(odd), None, "{odd:?}");
        }
    }
}
