//! A model as a fact sheet: who serves it, how to talk to it, what it can and costs.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::message::{Cost, Usage};

/// One model of one provider. `provider` + `id` name it.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Model {
    /// The id that the API is asked for.
    pub id: String,
    /// For people.
    pub name: String,
    /// The wire API, such as `openai-completions`.
    pub api: String,
    /// The provider's id.
    #[serde(default)]
    pub provider: String,
    /// Where requests go; API paths are appended.
    pub base_url: String,
    /// Whether it can think.
    #[serde(default)]
    pub reasoning: bool,
    /// Per thinking level: a string to send, `null` for unsupported, absent for the default mapping.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub thinking_level_map: BTreeMap<ThinkingLevel, Option<String>>,
    /// What it reads.
    #[serde(default)]
    pub input: Vec<InputKind>,
    /// US dollars per million tokens.
    #[serde(default)]
    pub cost: Price,
    /// Tokens it can attend to.
    pub context_window: u64,
    /// Tokens it can answer with.
    pub max_tokens: u64,
    /// Extra request headers.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub headers: BTreeMap<String, String>,
    /// How long the vendor keeps a prompt, where that is known.
    #[serde(default, skip_serializing_if = "PromptCache::is_unknown")]
    pub prompt_cache: PromptCache,
    /// What a request may hold at most.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub input_limits: Option<InputLimits>,
    /// Fields for the body of every request; OpenAI-compatible APIs only.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub sampling_params: Map<String, Value>,
    /// The same for one level of thinking, over `sampling_params`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub sampling_params_by_thinking_level: BTreeMap<ThinkingLevel, Map<String, Value>>,
    /// Departures from the API's norm, as the models page lists them; read by the wire API.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub compat: Map<String, Value>,
}

/// A kind of input.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum InputKind {
    /// Words.
    Text,
    /// Pictures.
    Image,
}

/// US dollars per million tokens.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Price {
    /// Fresh prompt tokens.
    pub input: f64,
    /// Generated tokens.
    pub output: f64,
    /// Prompt tokens read from a cache.
    pub cache_read: f64,
    /// Prompt tokens written to a cache.
    pub cache_write: f64,
    /// Prices of long requests, in any order: that of the highest threshold below the request's input
    /// holds for all of the request.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub tiers: Vec<PriceTier>,
}

/// Prices of requests with more input than this.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct PriceTier {
    /// Prompt tokens of all kinds that a request must exceed.
    pub input_tokens_above: u64,
    /// Fresh prompt tokens.
    pub input: f64,
    /// Generated tokens.
    pub output: f64,
    /// Prompt tokens read from a cache.
    pub cache_read: f64,
    /// Prompt tokens written to a cache.
    pub cache_write: f64,
}

/// Seconds that a vendor keeps a prompt, by retention; `None` where nobody knows.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct PromptCache {
    /// The short lifetime.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub short: Option<u64>,
    /// The long lifetime.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub long: Option<u64>,
}

/// What a request may hold at most.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct InputLimits {
    /// Bytes of the whole request.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_request_bytes: Option<u64>,
    /// Of pictures.
    pub images: ImageLimits,
}

/// What a request may hold of pictures.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ImageLimits {
    /// How a new picture is made smaller before it enters the conversation.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub resize: Option<ImageResize>,
    /// Pictures in one message.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_per_message: Option<u64>,
    /// Pictures in one request.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_per_request: Option<u64>,
}

/// How a picture is made smaller; what is `None` is as for other models.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ImageResize {
    /// Pixels.
    pub max_width: Option<u32>,
    /// Pixels.
    pub max_height: Option<u32>,
    /// Bytes of its base64.
    pub max_bytes: Option<u64>,
    /// From 1 to 100.
    pub jpeg_quality: Option<u8>,
}

impl PromptCache {
    /// Whether no lifetime is known.
    pub fn is_unknown(&self) -> bool {
        self.short.is_none() && self.long.is_none()
    }
}

/// How hard the model is asked to think.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(rename_all = "lowercase")]
pub enum ThinkingLevel {
    /// Not at all.
    #[default]
    Off,
    /// As little as the model can.
    Minimal,
    /// A little.
    Low,
    /// The usual default.
    Medium,
    /// A lot.
    High,
    /// As much as selected models can.
    Xhigh,
    /// Named by newer catalogues; offered only by models that map it.
    Max,
}

impl ThinkingLevel {
    /// All levels, from none to most.
    pub const ALL: [ThinkingLevel; 7] = [
        ThinkingLevel::Off,
        ThinkingLevel::Minimal,
        ThinkingLevel::Low,
        ThinkingLevel::Medium,
        ThinkingLevel::High,
        ThinkingLevel::Xhigh,
        ThinkingLevel::Max,
    ];

    /// The level's name in files and flags.
    pub fn as_str(self) -> &'static str {
        match self {
            ThinkingLevel::Off => "off",
            ThinkingLevel::Minimal => "minimal",
            ThinkingLevel::Low => "low",
            ThinkingLevel::Medium => "medium",
            ThinkingLevel::High => "high",
            ThinkingLevel::Xhigh => "xhigh",
            ThinkingLevel::Max => "max",
        }
    }

    /// Tokens of thinking where a vendor counts them and nothing else is set.
    pub fn usual_budget(self) -> u64 {
        match self {
            ThinkingLevel::Off => 0,
            ThinkingLevel::Minimal => 1024,
            ThinkingLevel::Low => 2048,
            ThinkingLevel::Medium => 8192,
            ThinkingLevel::High | ThinkingLevel::Xhigh | ThinkingLevel::Max => 16_384,
        }
    }

    /// The level of that name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|level| level.as_str() == name)
    }
}

impl Price {
    /// The prices of a request with these token counts.
    fn of_request(&self, usage: &Usage) -> PriceTier {
        let prompt = usage.prompt_tokens();
        let reached = self
            .tiers
            .iter()
            .filter(|tier| prompt > tier.input_tokens_above);
        let highest = reached.max_by_key(|tier| tier.input_tokens_above);
        highest.copied().unwrap_or(PriceTier {
            input_tokens_above: 0,
            input: self.input,
            output: self.output,
            cache_read: self.cache_read,
            cache_write: self.cache_write,
        })
    }
}

impl Model {
    /// `provider/id`, the unambiguous name.
    pub fn full_id(&self) -> String {
        format!("{}/{}", self.provider, self.id)
    }

    /// Whether it reads pictures.
    pub fn reads_images(&self) -> bool {
        self.input.contains(&InputKind::Image)
    }

    /// Whether it can be offered tools: `compat.supportsTools`, which local servers tell of their models.
    pub fn takes_tools(&self) -> bool {
        self.compat.get("supportsTools") != Some(&Value::Bool(false))
    }

    /// How new pictures are made smaller for it, where that is said.
    pub fn image_resize(&self) -> Option<ImageResize> {
        self.input_limits.as_ref()?.images.resize
    }

    /// The levels this model offers. `xhigh` and `max` only when the map names them.
    pub fn thinking_levels(&self) -> Vec<ThinkingLevel> {
        if !self.reasoning {
            return vec![ThinkingLevel::Off];
        }
        ThinkingLevel::ALL
            .into_iter()
            .filter(|level| match self.thinking_level_map.get(level) {
                Some(None) => false,
                Some(Some(_)) => true,
                None => !matches!(level, ThinkingLevel::Xhigh | ThinkingLevel::Max),
            })
            .collect()
    }

    /// `wanted` if offered, else the nearest offered level above it, else the nearest below.
    pub fn clamp_thinking(&self, wanted: ThinkingLevel) -> ThinkingLevel {
        let offered = self.thinking_levels();
        offered
            .iter()
            .find(|level| **level >= wanted)
            .or(offered.last())
            .copied()
            .unwrap_or(ThinkingLevel::Off)
    }

    /// Fills in the cost and the total of `usage` from its token counts. What is written to a cache for
    /// an hour costs twice the price of fresh tokens, as Anthropic bills it.
    pub fn price(&self, usage: &mut Usage) {
        let dollars = |tokens: u64, per_million: f64| tokens as f64 * per_million / 1e6;
        let price = self.cost.of_request(usage);
        let for_an_hour = usage.cache_write_1h.min(usage.cache_write);
        let for_minutes = usage.cache_write - for_an_hour;
        usage.cost = Cost {
            input: dollars(usage.input, price.input),
            output: dollars(usage.output, price.output),
            cache_read: dollars(usage.cache_read, price.cache_read),
            cache_write: dollars(for_minutes, price.cache_write)
                + dollars(for_an_hour, price.input * 2.0),
            total: 0.0,
        };
        let cost = &mut usage.cost;
        cost.total = cost.input + cost.output + cost.cache_read + cost.cache_write;
    }
}
