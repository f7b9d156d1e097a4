//! What the answer of one login has to bring to be one, and what to tell somebody who pasted something else.

use reqwest::Url;

use super::LoginError;
use super::pasted::Answer;

/// What is expected of the page that a browser ends at.
#[derive(Debug, Clone)]
pub(super) struct Expected {
    pub vendor: &'static str,
    /// What was sent along; a browser always brings it back, a person need not.
    pub state: Option<String>,
    /// Where the browser ends.
    pub redirect: String,
    /// What must be there beside the code. Such an answer can only be pasted whole, with its state.
    pub also: &'static [&'static str],
}

impl Expected {
    /// The code, if this is a yes to this login.
    pub fn code(&self, answer: &Answer) -> Result<String, LoginError> {
        let code = answer.code(self.vendor, self.state.as_deref())?;
        let state = self.is_whole().then_some("state");
        let mut needed = state.into_iter().chain(self.also.iter().copied());
        match needed.all(|name| answer.field(name).is_some_and(|it| !it.trim().is_empty())) {
            true => Ok(code),
            false => Err(LoginError::NoCode),
        }
    }

    /// What a person pasted, if it can be used: of an address only one where the browser ends, as others
    /// have codes too.
    pub fn pasted(&self, text: &str) -> Result<Answer, LoginError> {
        let answer = Answer::from_person(text);
        if let (Some(pasted), Ok(ours)) = (Answer::address(text), Url::parse(&self.redirect))
            && pasted.path().trim_end_matches('/') != ours.path().trim_end_matches('/')
        {
            return Err(LoginError::NoCode);
        }
        self.code(&answer)?;
        Ok(answer)
    }

    /// Whether only the whole address will do.
    pub fn is_whole(&self) -> bool {
        !self.also.is_empty()
    }

    /// What to paste, as a request.
    pub fn please(&self) -> String {
        let redirect = &self.redirect;
        match self.is_whole() {
            true => format!(
                "paste the whole address of the page that the browser ended on ({redirect}?…), not the code alone."
            ),
            false => format!(
                "paste the whole address of the page that the browser ended on ({redirect}?…), or the code."
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn expected(also: &'static [&'static str]) -> Expected {
        Expected {
            vendor: "V",
            state: Some("mine".to_owned()),
            redirect: "http://127.0.0.1:1455/auth/callback".to_owned(),
            also,
        }
    }

    #[test]
    fn only_the_page_that_the_browser_ends_at_is_an_answer() {
        let expected = expected(&[]);
        for good in [
            "http://localhost:1455/auth/callback?code=abc&state=mine",
            "http://127.0.0.1:1455/auth/callback/?code=abc",
            "abc#mine",
            "abc",
        ] {
            assert!(expected.pasted(good).is_ok(), "{good}");
        }
        for bad in [
            "",
            "https://vendor.example/oauth/authorize?code=true&state=mine",
            "http://localhost:1455/auth/callback?state=mine",
            "http://localhost:1455/auth/callback",
            "abc#theirs",
        ] {
            assert!(expected.pasted(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn where_more_than_a_code_is_needed_a_code_alone_is_none() {
        let expected = expected(&["client_id"]);
        let whole = "http://127.0.0.1:1455/auth/callback?code=abc&state=mine&client_id=c";
        assert!(expected.pasted(whole).is_ok());
        for bad in [
            "abc",
            "abc#mine",
            "http://127.0.0.1:1455/auth/callback?code=abc&state=mine",
            "http://127.0.0.1:1455/auth/callback?code=abc&client_id=c",
            "http://127.0.0.1:1455/auth/callback?code=abc&state=mine&client_id=+",
        ] {
            let refused = expected.pasted(bad).unwrap_err();
            assert!(matches!(refused, LoginError::NoCode), "{bad}");
        }
    }
}
