//! Addresses as settings give them, which may hold a name and a password, or a key in the query; and what
//! goes into a query or a form.

use reqwest::Url;

/// Reads an address; `Err` in words that show nothing secret of it.
pub fn parsed(url: &str) -> Result<Url, String> {
    Url::parse(url).map_err(|error| format!("the URL {:?} is not valid: {error}", bare(url)))
}

/// Fields as `application/x-www-form-urlencoded`.
pub fn form(fields: &[(&str, &str)]) -> String {
    let url = Url::parse_with_params("form:", fields);
    let query = url.ok().and_then(|url| url.query().map(str::to_owned));
    query.unwrap_or_default()
}

/// What looks like an address, without user, password, query and fragment.
pub fn bare(url: &str) -> String {
    let end = url.find(['?', '#']).unwrap_or(url.len());
    let (scheme, rest) = match url[..end].split_once("://") {
        Some((scheme, rest)) => (format!("{scheme}://"), rest),
        None => (String::new(), &url[..end]),
    };
    let rest = rest.rsplit_once('@').map_or(rest, |(_, host)| host);
    format!("{scheme}{rest}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_that_is_none_is_told_without_what_is_secret_in_it() {
        let said = |url: &str| parsed(url).unwrap_err();
        for url in [
            "http://user:pass-word@ho st/v1?key=sk-secret#sk-secret",
            "//user:pass-word@host/v1?key=sk-secret",
            "http://user:pass/word@host:port?key=sk-secret",
            "é?key=sk-secret",
        ] {
            let said = said(url);
            assert!(!said.contains("pass") && !said.contains("secret"), "{said}");
        }
        let words = "the URL \"http://ho st/v1\" is not valid: invalid international domain name";
        assert_eq!(said("http://user:pass@ho st/v1?key=x"), words);
    }

    #[test]
    fn forms_keep_every_byte() {
        assert_eq!(
            form(&[("a", "1/b+c=é &"), ("b", "")]),
            "a=1%2Fb%2Bc%3D%C3%A9+%26&b="
        );
    }
}
