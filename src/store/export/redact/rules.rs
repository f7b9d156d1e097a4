//! What secrets look like: a literal to find them by, what may stand between it and the secret, and
//! the secret's own shape.
//!
//! Prefixes and lengths are those that the vendors publish for secret scanning: GitHub's "Token
//! authentication formats" and its table of supported secret-scanning patterns, AWS "IAM identifiers"
//! (unique id prefixes), Google Cloud "API keys", Slack "Token types", Stripe "API keys", GitLab "Token
//! prefixes", RFC 7519 (JWT), RFC 6750 (Bearer), RFC 7468 (PEM), and the key formats that the model
//! vendors' consoles hand out.

/// One kind of secret.
pub(super) struct Rule {
    /// It begins with one of these, in any case.
    pub anchors: &'static [&'static str],
    /// What stands between the anchor and the secret; shown.
    pub lead: &'static str,
    /// The secret; masked.
    pub value: &'static str,
    /// Whether the anchor must not stand inside a word, and must be written exactly so.
    pub is_prefix: bool,
    /// What a match has to be like besides.
    pub test: Test,
}

/// What a match has to be like besides its shape.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Test {
    /// Nothing.
    Shape,
    /// It must not go on as a word.
    Whole,
    /// Letters and digits in a row, as no name of a thing has them.
    Random,
    /// What is assigned is a literal, not a piece of code.
    Literal,
}

const fn prefix(anchors: &'static [&'static str], value: &'static str, test: Test) -> Rule {
    Rule {
        anchors,
        lead: "",
        value,
        is_prefix: true,
        test,
    }
}

/// What may follow a keyword up to the value: the rest of the name, quotes, `=` or `:`.
const ASSIGNED: &str = concat!(
    r#"s?(?:[_-][A-Za-z0-9_-]{0,24}|[A-Z][A-Za-z0-9]{0,24})?[\\"'`]{0,3}[ \t]{0,4}"#,
    r#"(?:=>|:=|=|:)[ \t]{0,4}[\\"'`]{0,3}"#,
);

/// All kinds, the more telling before the less.
pub(super) const RULES: &[Rule] = &[
    // Anthropic.
    prefix(&["sk-ant-"], r"[A-Za-z0-9_-]{16,}", Test::Shape),
    // OpenRouter, OpenAI projects and service accounts.
    prefix(
        &["sk-or-v1-", "sk-proj-", "sk-svcacct-", "sk-admin-"],
        r"[A-Za-z0-9_-]{20,}",
        Test::Shape,
    ),
    // OpenAI, DeepSeek, Moonshot and others after them.
    prefix(&["sk-"], r"[A-Za-z0-9_-]{20,}", Test::Random),
    // GitHub.
    prefix(
        &["ghp_", "gho_", "ghu_", "ghs_", "ghr_"],
        r"[A-Za-z0-9]{30,}",
        Test::Shape,
    ),
    prefix(&["github_pat_"], r"[A-Za-z0-9_]{22,}", Test::Shape),
    // GitLab.
    prefix(
        &["glpat-", "gldt-", "glrt-", "glptt-"],
        r"[A-Za-z0-9_.-]{20,}",
        Test::Shape,
    ),
    // AWS access key ids, long-lived and temporary.
    prefix(&["AKIA", "ASIA"], r"[A-Z0-9]{16}", Test::Whole),
    // Google: API keys, OAuth access tokens, OAuth client secrets.
    prefix(&["AIza"], r"[A-Za-z0-9_-]{35}", Test::Shape),
    prefix(&["ya29."], r"[A-Za-z0-9_.-]{20,}", Test::Shape),
    prefix(&["GOCSPX-"], r"[A-Za-z0-9_-]{20,}", Test::Shape),
    // Slack: tokens, app-level tokens, webhooks.
    prefix(
        &[
            "xoxa-", "xoxb-", "xoxe-", "xoxo-", "xoxp-", "xoxr-", "xoxs-", "xapp-",
        ],
        r"[A-Za-z0-9-]{10,}",
        Test::Shape,
    ),
    prefix(
        &["hooks.slack.com/services/"],
        r"[A-Za-z0-9/]{20,}",
        Test::Shape,
    ),
    // Stripe.
    prefix(
        &["sk_live_", "sk_test_", "rk_live_", "rk_test_", "whsec_"],
        r"[A-Za-z0-9]{16,}",
        Test::Shape,
    ),
    // Hugging Face, Groq, NVIDIA, Perplexity, Cerebras, xAI, Replicate.
    prefix(&["hf_"], r"[A-Za-z0-9]{30,}", Test::Shape),
    prefix(&["gsk_"], r"[A-Za-z0-9]{30,}", Test::Shape),
    prefix(&["nvapi-"], r"[A-Za-z0-9_-]{30,}", Test::Shape),
    prefix(&["pplx-", "csk-", "xai-"], r"[A-Za-z0-9]{30,}", Test::Shape),
    prefix(&["r8_"], r"[A-Za-z0-9]{30,}", Test::Shape),
    // npm, PyPI, SendGrid, DigitalOcean.
    prefix(&["npm_"], r"[A-Za-z0-9]{30,}", Test::Shape),
    prefix(&["pypi-"], r"[A-Za-z0-9_-]{50,}", Test::Shape),
    prefix(
        &["SG."],
        r"[A-Za-z0-9_-]{16,}\.[A-Za-z0-9_-]{16,}",
        Test::Shape,
    ),
    prefix(
        &["dop_v1_", "doo_v1_", "dor_v1_"],
        r"[a-f0-9]{64}",
        Test::Shape,
    ),
    // JSON web tokens.
    prefix(
        &["eyJ"],
        r"[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}",
        Test::Shape,
    ),
    // Authorization headers.
    Rule {
        anchors: &["bearer"],
        lead: r"[ \t]{1,4}",
        value: r"[A-Za-z0-9._~+/-]{16,}={0,2}",
        is_prefix: false,
        test: Test::Random,
    },
    Rule {
        anchors: &["authorization"],
        lead: r#"[\\"']{0,3}[ \t]{0,4}[:=][ \t]{0,4}[\\"']{0,3}(?:[Bb]asic|[Tt]oken)[ \t]{1,4}"#,
        value: r"[A-Za-z0-9._~+/-]{8,}={0,2}",
        is_prefix: false,
        test: Test::Shape,
    },
    // Passwords in addresses.
    Rule {
        anchors: &["://"],
        lead: r#"[^\s/:@"'<>]{0,64}:"#,
        value: r#"[^\s/@:"'<>${}]{3,128}"#,
        is_prefix: false,
        test: Test::Literal,
    },
    // AWS secret access keys: base64, of which slashes may make something like a path.
    Rule {
        anchors: &["secret_access_key", "secret-access-key", "secretaccesskey"],
        lead: ASSIGNED,
        value: r"[A-Za-z0-9+/]{40}",
        is_prefix: false,
        test: Test::Whole,
    },
    // Assignments.
    Rule {
        anchors: &[
            "password",
            "passwd",
            "secret",
            "token",
            "api_key",
            "api-key",
            "apikey",
            "access_key",
            "access-key",
            "accesskey",
            "private_key",
            "account_key",
            "accountkey",
            "credential",
        ],
        lead: ASSIGNED,
        value: r"[A-Za-z0-9+/_.~!@#%^&*=-]{12,}",
        is_prefix: false,
        test: Test::Literal,
    },
];

/// What opens a private key (RFC 7468, and OpenPGP's armour).
pub(super) const PEM_BEGIN: &str = "-----BEGIN ";
/// The longest that a private key's armour may be.
pub(super) const PEM_LENGTH: usize = 32 * 1024;
