//! Where pi's requests differ from the reference's on purpose, and why.

/// One difference; `*` stands for every API or provider.
pub(super) struct Deliberate {
    pub api: &'static str,
    pub provider: &'static str,
    /// The place in the body, `*` for any one step, a last `**` for all below; `path` is the URL's.
    pub place: &'static str,
    pub what: What,
    #[expect(dead_code, reason = "for the reader")]
    pub why: &'static str,
}

/// What may differ there.
pub(super) enum What {
    /// What the reference says, to the letter, where pi says nothing or something else.
    Said(&'static str),
    /// Ids, each for one of the reference's throughout the body.
    Ids,
}

const fn ids(api: &'static str, place: &'static str) -> Deliberate {
    Deliberate {
        api,
        provider: "*",
        place,
        what: What::Ids,
        why: "ids of other vendors that do not fit are made to fit by each program in its own way",
    }
}

pub(super) static DELIBERATE: &[Deliberate] = &[
    ids("openai-completions", "/messages/*/tool_calls/*/id"),
    ids("openai-completions", "/messages/*/tool_call_id"),
    ids("openai-responses", "/input/*/id"),
    ids("azure-openai-responses", "/input/*/id"),
    ids("openai-codex-responses", "/input/*/id"),
    ids("mistral-conversations", "/messages/*/tool_calls/*/id"),
    ids("mistral-conversations", "/messages/*/tool_call_id"),
    Deliberate {
        api: "anthropic-messages",
        provider: "*",
        place: "path",
        what: What::Said(r#""/v1/messages?beta=true""#),
        why: "the vendor's library asks for its beta interface by a query; the headers do that too",
    },
    Deliberate {
        api: "anthropic-messages",
        provider: "anthropic",
        place: "/tools/*",
        what: What::Said(
            r#"{"name":"__pi_deferred_placeholder__","description":"Reserved placeholder. Never available. Never call this.","input_schema":{"type":"object","properties":{},"required":[]},"defer_loading":true}"#,
        ),
        why: "a tool that no one can call makes room for tools that change in mid-conversation; ours never do",
    },
    Deliberate {
        api: "azure-openai-responses",
        provider: "*",
        place: "/prompt_cache_key",
        what: What::Said(r#""s-1""#),
        why: "where nothing is to be cached, no key for a cache is sent",
    },
];

/// What stands for what is not there (calls without a result, pictures that a model cannot see) is each
/// program's own: pi's words, and the reference's in their place.
pub(super) static OWN_WORDS: &[(&str, &str)] = &[
    (
        "(this call has no result: it was interrupted)",
        "No result provided",
    ),
    (
        "(an image was left out here: this model reads no images)",
        "(image omitted: model does not support images)",
    ),
    (
        "(an image in this result was left out: this model reads no images)",
        "(tool image omitted: model does not support images)",
    ),
    (
        "Images from the tool results above:",
        "Attached image(s) from tool result:",
    ),
    ("Images from the tool results above:", "Tool result image:"),
    ("[error] ", "[tool error] "),
];
