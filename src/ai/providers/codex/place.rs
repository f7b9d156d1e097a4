//! Where requests go.

/// Where requests go when the model does not say.
const BASE_URL: &str = "https://chatgpt.com/backend-api";

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

#[cfg(test)]
mod tests {
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
}
