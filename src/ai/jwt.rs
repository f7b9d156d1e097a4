//! What stands in a JSON web token. It is read, not checked: the server that takes the token does that.

use base64::Engine;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use serde_json::Value;

/// The claim of OpenAI's tokens that its own facts are in.
const OPENAI: &str = "https://api.openai.com/auth";

/// Base64 as tokens have it, padded or not.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &alphabet::URL_SAFE,
    GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true),
);

/// The ChatGPT account that an access token of OpenAI's is for; `None` when it names none.
pub fn chatgpt_account(token: &str) -> Option<String> {
    let claims = claims(token)?;
    let account = claims.get(OPENAI)?.get("chatgpt_account_id")?.as_str()?;
    (!account.is_empty()).then(|| account.to_owned())
}

fn claims(token: &str) -> Option<Value> {
    let mut parts = token.split('.');
    let (_, claims, _) = (parts.next()?, parts.next()?, parts.next()?);
    let claims = claims.replace('+', "-").replace('/', "_");
    serde_json::from_slice(&BASE64.decode(claims).ok()?).ok()
}

#[cfg(test)]
mod tests {
    use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
    use serde_json::json;

    use super::*;

    #[test]
    fn the_token_names_the_account() {
        let claims = json!({OPENAI: {"chatgpt_account_id": "acc-ö?>"}}).to_string();
        for encoded in [STANDARD.encode(&claims), URL_SAFE_NO_PAD.encode(&claims)] {
            let token = format!("e30.{encoded}.c2ln");
            assert_eq!(chatgpt_account(&token).as_deref(), Some("acc-ö?>"));
        }
        let empty = URL_SAFE_NO_PAD.encode(json!({OPENAI: {}}).to_string());
        for odd in ["", "sk-abc", "a.b.c", "a.é.c", &format!("a.{empty}.c")] {
            assert_eq!(chatgpt_account(odd), None, "{odd:?}");
        }
    }
}
