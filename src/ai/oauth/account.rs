//! Which providers have a login with an account, and by which methods.

/// A login that a provider has.
#[derive(Debug, PartialEq, Eq)]
pub struct Account {
    /// The provider, as the catalogue and `auth.json` name it.
    pub provider: &'static str,
    /// What one logs in with, for people.
    pub name: &'static str,
    /// The ways, the usual one first; never empty.
    pub methods: &'static [Method],
}

/// A way to log in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// A page in the browser, which calls pi back on this machine; its address may be pasted instead.
    Browser,
    /// A page in any browser, which shows a code to paste.
    Paste,
    /// A code to type into a page in any browser; nothing has to come back.
    Device,
}

const ACCOUNTS: [Account; 8] = [
    Account {
        provider: "anthropic",
        name: "Anthropic (Claude Pro or Max)",
        methods: &[Method::Browser, Method::Paste],
    },
    Account {
        provider: "openai-codex",
        name: "OpenAI Codex (ChatGPT Plus or Pro)",
        methods: &[Method::Browser, Method::Device],
    },
    Account {
        provider: "github-copilot",
        name: "GitHub Copilot",
        methods: &[Method::Device],
    },
    Account {
        provider: "openai",
        name: "OpenAI (ChatGPT subscription)",
        methods: &[Method::Browser],
    },
    Account {
        provider: "xai",
        name: "xAI (SuperGrok or X Premium)",
        methods: &[Method::Device],
    },
    Account {
        provider: "kimi-coding",
        name: "Kimi Code (subscription)",
        methods: &[Method::Device],
    },
    Account {
        provider: "meta",
        name: "Meta (Muse subscription)",
        methods: &[Method::Device],
    },
    Account {
        provider: "openrouter",
        name: "OpenRouter (makes an API key)",
        methods: &[Method::Browser],
    },
];

/// All logins that there are.
pub fn accounts() -> &'static [Account] {
    const { &ACCOUNTS }
}

/// The login of a provider, if it has one.
pub fn account(provider: &str) -> Option<&'static Account> {
    accounts().iter().find(|it| it.provider == provider)
}

impl Method {
    /// What to call it in a list.
    pub fn label(self) -> &'static str {
        match self {
            Method::Browser => "log in with the browser of this machine",
            Method::Paste => "copy a code from a browser anywhere",
            Method::Device => "type a code into a browser anywhere",
        }
    }
}
