//! Where pi's requests differ from the reference's on purpose, and why.

/// One difference; `*` stands for every API or provider.
pub(super) struct Deliberate {
    pub api: &'static str,
    pub provider: &'static str,
    /// The place in the body, `*` for any one step, a last `**` for all below; `path` is the URL's.
    pub place: &'static str,
    /// What is said of it in one of the two bodies, where not everything there may differ.
    pub saying: &'static str,
    #[expect(dead_code, reason = "for the reader")]
    pub why: &'static str,
}

const fn of(api: &'static str, place: &'static str, why: &'static str) -> Deliberate {
    Deliberate {
        api,
        provider: "*",
        place,
        saying: "",
        why,
    }
}

/// Texts that stand for what is not there are each program's own: calls without a result, pictures that a
/// model cannot see, results that are errors.
const OWN_WORDS: &str = "own words for what is left out";
/// Ids of other vendors that do not fit are made to fit by each program in its own way.
const OWN_IDS: &str = "another way to make a foreign id fit";

pub(super) static DELIBERATE: &[Deliberate] = &[
    of("openai-completions", "/messages/*/content", OWN_WORDS),
    of(
        "openai-completions",
        "/messages/*/content/*/text",
        OWN_WORDS,
    ),
    of("openai-completions", "/messages/*/tool_calls/*/id", OWN_IDS),
    of("openai-completions", "/messages/*/tool_call_id", OWN_IDS),
    of(
        "anthropic-messages",
        "/messages/*/content/*/content",
        OWN_WORDS,
    ),
    of(
        "anthropic-messages",
        "/messages/*/content/*/text",
        OWN_WORDS,
    ),
    of(
        "anthropic-messages",
        "path",
        "the vendor's library asks for its beta interface by a query; the headers do that too",
    ),
    Deliberate {
        api: "anthropic-messages",
        provider: "anthropic",
        place: "/tools/*",
        saying: "\"__pi_deferred_placeholder__\"",
        why: "a tool that no one can call makes room for tools that change in mid-conversation; ours never do",
    },
    of("openai-responses", "/input/*/output", OWN_WORDS),
    of("openai-responses", "/input/*/id", OWN_IDS),
    of("azure-openai-responses", "/input/*/output", OWN_WORDS),
    of("azure-openai-responses", "/input/*/id", OWN_IDS),
    of(
        "azure-openai-responses",
        "/prompt_cache_key",
        "where nothing is to be cached, no key for a cache is sent",
    ),
    of("openai-codex-responses", "/input/*/output", OWN_WORDS),
    of("openai-codex-responses", "/input/*/id", OWN_IDS),
    of(
        "mistral-conversations",
        "/messages/*/content/*/text",
        OWN_WORDS,
    ),
    of(
        "mistral-conversations",
        "/messages/*/tool_calls/*/id",
        OWN_IDS,
    ),
    of("mistral-conversations", "/messages/*/tool_call_id", OWN_IDS),
    of(
        "google-generative-ai",
        "/contents/*/parts/*/functionResponse/response/error",
        OWN_WORDS,
    ),
    of(
        "google-generative-ai",
        "/contents/*/parts/*/text",
        OWN_WORDS,
    ),
    of(
        "google-vertex",
        "/contents/*/parts/*/functionResponse/response/error",
        OWN_WORDS,
    ),
    of(
        "bedrock-converse-stream",
        "/messages/*/content/*/toolResult/content/*/text",
        OWN_WORDS,
    ),
];
