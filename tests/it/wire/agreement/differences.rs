//! Where pi's requests differ from the reference's on purpose, and why.

/// One difference; `*` stands for every API or provider.
pub(super) struct Deliberate {
    pub api: &'static str,
    pub provider: &'static str,
    /// The place in the body, `*` for any one step, a last `**` for all below; `path` is the URL's.
    pub place: &'static str,
    #[expect(dead_code, reason = "for the reader")]
    pub why: &'static str,
}

pub(super) static DELIBERATE: &[Deliberate] = &[
    Deliberate {
        api: "anthropic-messages",
        provider: "*",
        place: "path",
        why: "the reference asks for features in the URL; headers say the same, and other servers know no query",
    },
    Deliberate {
        api: "anthropic-messages",
        provider: "*",
        place: "/tools/*",
        why: "a placeholder for tools that come later, which pi never sends",
    },
    Deliberate {
        api: "anthropic-messages",
        provider: "*",
        place: "/messages/*/content/*/content",
        why: "pi's own words for a call without a result",
    },
    Deliberate {
        api: "anthropic-messages",
        provider: "*",
        place: "/messages/*/content/*/text",
        why: "pi's own words for a picture that is left out",
    },
    Deliberate {
        api: "openai-completions",
        provider: "*",
        place: "/messages/*/content",
        why: "pi's own words for a call without a result and for pictures",
    },
    Deliberate {
        api: "openai-completions",
        provider: "*",
        place: "/messages/*/content/*/text",
        why: "pi's own words for pictures",
    },
    Deliberate {
        api: "openai-completions",
        provider: "*",
        place: "/messages/*/tool_calls/*/id",
        why: "another sum of an id that is too long; it only has to be the same each time",
    },
    Deliberate {
        api: "openai-completions",
        provider: "*",
        place: "/messages/*/tool_call_id",
        why: "the same",
    },
    Deliberate {
        api: "*",
        provider: "*",
        place: "/input/*/output",
        why: "pi's own words for a call without a result",
    },
    Deliberate {
        api: "*",
        provider: "*",
        place: "/contents/*/parts/*/functionResponse/response/error",
        why: "pi's own words for a call without a result",
    },
    Deliberate {
        api: "google-generative-ai",
        provider: "*",
        place: "/contents/*/parts/*/text",
        why: "pi's own words for pictures",
    },
    Deliberate {
        api: "bedrock-converse-stream",
        provider: "*",
        place: "/messages/*/content/*/toolResult/content/*/text",
        why: "pi's own words for a call without a result",
    },
];
