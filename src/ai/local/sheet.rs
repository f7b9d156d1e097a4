//! What a server says of a model, made a fact sheet.

use serde_json::{Map, Value, json};

use super::address::Server;
use super::kind::Kind;
use crate::ai::model::{InputKind, Model, ThinkingLevel};

/// More models of one server are not listed.
pub(super) const MOST: usize = 512;

/// A longer id is none.
const LONGEST_ID: usize = 256;

/// A larger window is not believed.
const WIDEST: u64 = 16_000_000;

/// What is assumed where a server does not say how much context is in force: enough for some work, and no
/// more than a machine at home can hold.
const USUAL_WINDOW: u64 = 32_768;

/// An answer is asked to be no longer than this.
const LONGEST_ANSWER: u64 = 16_384;

/// What a server says of a model.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Said {
    pub id: String,
    /// How much context is in force.
    pub window: Option<u64>,
    /// How much there could be.
    pub widest: Option<u64>,
    /// That it takes no tools.
    pub no_tools: bool,
    /// That it reads pictures.
    pub sees: bool,
    /// That it thinks, and can be told how hard or whether.
    pub thinks: bool,
}

/// The fact sheet of a model; `None` where its id is none.
pub(super) fn sheet(server: &Server, said: Said) -> Option<Model> {
    let is_id = |id: &str| {
        !id.trim().is_empty() && id.len() <= LONGEST_ID && !id.chars().any(char::is_control)
    };
    if !is_id(&said.id) {
        return None;
    }
    let sane = |tokens: &u64| (1..=WIDEST).contains(tokens);
    let widest = said.widest.filter(sane);
    let window = said.window.filter(sane).unwrap_or_else(|| {
        let usual = server.usual_context.filter(sane).unwrap_or(USUAL_WINDOW);
        usual.min(widest.unwrap_or(u64::MAX))
    });
    let mut input = vec![InputKind::Text];
    if said.sees {
        input.push(InputKind::Image);
    }
    let mut model = Model {
        name: said.id.clone(),
        id: said.id,
        api: "openai-completions".into(),
        provider: server.kind.id().into(),
        base_url: server.base_url(),
        reasoning: said.thinks,
        input,
        context_window: window,
        // Some servers count the answer's limit against the window before there is an answer.
        max_tokens: longest_answer(window),
        compat: compat(server.kind, said.thinks),
        ..Model::default()
    };
    if said.no_tools {
        model.compat.insert("supportsTools".into(), false.into());
    }
    if said.thinks {
        let level = |level: ThinkingLevel, sent: Option<&str>| (level, sent.map(str::to_owned));
        model.thinking_level_map = match server.kind {
            // Ollama takes an effort, and `none`: docs.ollama.com/api/openai-compatibility.
            Kind::Ollama => [
                level(ThinkingLevel::Off, Some("none")),
                level(ThinkingLevel::Minimal, None),
            ]
            .into(),
            // A template takes yes or no.
            _ => [
                level(ThinkingLevel::Off, Some("off")),
                level(ThinkingLevel::Minimal, None),
                level(ThinkingLevel::Low, None),
                level(ThinkingLevel::High, None),
            ]
            .into(),
        };
    }
    Some(model)
}

/// How long an answer is asked to be at most, in a window of this size.
pub fn longest_answer(window: u64) -> u64 {
    (window / 4).clamp(1, LONGEST_ANSWER)
}

/// A model that was chosen once and of which nothing is known now but its name.
pub fn presumed(server: &Server, id: &str) -> Option<Model> {
    sheet(
        server,
        Said {
            id: id.into(),
            ..Said::default()
        },
    )
}

/// How these servers depart from OpenAI's own.
fn compat(kind: Kind, thinks: bool) -> Map<String, Value> {
    let mut compat = json!({
        "supportsStore": false,
        "supportsDeveloperRole": false,
        "supportsReasoningEffort": kind == Kind::Ollama,
        "supportsUsageInStreaming": true,
        "supportsStrictMode": false,
        "supportsLongCacheRetention": false,
        "maxTokensField": "max_tokens",
    });
    if thinks && kind != Kind::Ollama {
        compat["thinkingFormat"] = "qwen-chat-template".into();
    }
    match compat {
        Value::Object(compat) => compat,
        _ => Map::new(),
    }
}

/// The objects of a list of models (`{"data": [...]}`), as far as they are counted; `None` where it is none.
pub(super) fn listed<'a>(answer: &'a Value, name: &str) -> Option<Vec<&'a Value>> {
    let list = answer.get(name)?.as_array()?;
    Some(list.iter().filter(|it| it.is_object()).take(MOST).collect())
}

/// A text of an object.
pub(super) fn text(object: &Value, name: &str) -> Option<String> {
    object.get(name)?.as_str().map(str::to_owned)
}

/// Whether a list of texts has this one.
pub(super) fn has(list: Option<&Value>, word: &str) -> bool {
    let list = list.and_then(Value::as_array);
    list.is_some_and(|list| list.iter().any(|it| it.as_str() == Some(word)))
}
