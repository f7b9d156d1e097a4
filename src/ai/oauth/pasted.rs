//! What a person pastes: the address that the browser ended at, its query, `code#state`, or the code.

use reqwest::Url;

use super::LoginError;

/// What an answer of the authorisation page says, by whichever way it came.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Answer(Vec<(String, String)>);

impl Answer {
    /// Reads the query of an address.
    pub fn from_query(query: &str) -> Self {
        // Only to have it decoded: nothing goes there.
        let url = Url::parse(&format!("http://localhost/?{query}"));
        Answer(url.map_or_else(
            |_| Vec::new(),
            |url| url.query_pairs().into_owned().collect(),
        ))
    }

    /// Reads what a person pasted, as well as it can be understood.
    pub fn from_person(text: &str) -> Self {
        if let Some(url) = Answer::address(text) {
            return Answer(url.query_pairs().into_owned().collect());
        }
        let text = unbroken(text);
        if let Some((code, state)) = text.split_once('#') {
            return Answer(vec![
                ("code".to_owned(), code.to_owned()),
                ("state".to_owned(), state.to_owned()),
            ]);
        }
        if text.contains("code=") {
            return Answer::from_query(text.trim_start_matches('?'));
        }
        Answer(vec![("code".to_owned(), text)])
    }

    /// The address that a person pasted, if it is one.
    pub fn address(text: &str) -> Option<Url> {
        let url = Url::parse(&unbroken(text)).ok()?;
        matches!(url.scheme(), "http" | "https").then_some(url)
    }

    /// A field that says something.
    pub fn field(&self, name: &str) -> Option<&str> {
        let found = self.0.iter().find(|(known, _)| known == name);
        found
            .map(|(_, value)| value.as_str())
            .filter(|value| !value.is_empty())
    }

    /// The code, if this answer is a yes to the login that sent `state`. A person may paste a code
    /// without a state; a browser always brings it.
    pub fn code(&self, vendor: &'static str, state: Option<&str>) -> Result<String, LoginError> {
        if let (Some(sent), Some(came)) = (state, self.field("state"))
            && sent != came
        {
            return Err(LoginError::State);
        }
        if let Some(error) = self.field("error") {
            let why = self.field("error_description").unwrap_or(error);
            let why = super::call::plain(why, &[]);
            return Err(LoginError::Denied { vendor, why });
        }
        let code = self.field("code").map(str::to_owned);
        code.ok_or(LoginError::NoCode)
    }
}

/// Terminals break long lines, and people copy the breaks.
fn unbroken(text: &str) -> String {
    text.split_whitespace().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_found_however_it_was_copied() {
        for (pasted, code, state) in [
            (
                "http://localhost:1455/auth/callback?code=a%2Bb&state=s",
                "a+b",
                Some("s"),
            ),
            (
                "  http://localhost:1455/auth/\n  callback?code=ab\ncd&state=s ",
                "abcd",
                Some("s"),
            ),
            ("abc#s", "abc", Some("s")),
            ("code=abc&state=s", "abc", Some("s")),
            ("?code=abc", "abc", None),
            (" abc\n", "abc", None),
        ] {
            let answer = Answer::from_person(pasted);
            assert_eq!(answer.field("code"), Some(code), "{pasted}");
            assert_eq!(answer.field("state"), state, "{pasted}");
        }
    }

    #[test]
    fn an_answer_to_another_login_is_refused_even_when_it_is_a_no() {
        let said = |text: &str| {
            Answer::from_person(text)
                .code("V", Some("mine"))
                .unwrap_err()
        };
        let other = "http://localhost/?error=access_denied&state=other";
        assert!(matches!(said(other), LoginError::State));
        assert!(matches!(said("abc#other"), LoginError::State));
        let mine = "http://localhost/?error=access_denied&error_description=no%1b[2J&state=mine";
        assert_eq!(said(mine).to_string(), "V did not allow the login: no[2J");
        assert!(matches!(said(""), LoginError::NoCode));
    }
}
