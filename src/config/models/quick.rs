//! The quick way through `models.json`: a file of which nothing has to be said is read in one go, straight
//! into what is kept of it. It explains nothing. Whatever it is not sure of, be it a mistake, a slip or a
//! field that nobody knows, it leaves to [`custom::read`](super::custom::read), which would have read the
//! same.

use std::collections::{BTreeMap, HashSet};
use std::fmt;
use std::marker::PhantomData;
use std::num::{NonZeroU8, NonZeroU32, NonZeroU64};

use serde::Deserialize;
use serde::de::{Deserializer, Error, MapAccess, Visitor};

use super::compat;
use super::custom::CustomProvider;
use super::definition::{Cost, Definition};
use super::fields::{MOST_TOKENS, address, has_more_than_a_path, wrong_header};
use crate::ai::model::{ImageLimits, ImageResize, InputLimits, PriceTier, PromptCache};
use crate::ai::{catalog, demo};
use crate::config::plain_json;
use crate::config::value::ConfigValue;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(rename = "$schema", default)]
    _schema: String,
    providers: Providers,
}

/// In the order of the file, as they are named there.
struct Providers(Vec<CustomProvider>);

/// The providers of a file; `None` when there may be something to say of it.
pub(super) fn read(text: &str, speaks: fn(&str) -> bool) -> Option<Vec<CustomProvider>> {
    let Providers(mut providers) = plain_json::read::<File>(text)?.providers;
    for provider in &mut providers {
        provider.id = catalog::present_id(&provider.id).to_owned();
        if !is_plain(provider, speaks) {
            return None;
        }
    }
    Some(providers)
}

fn is_plain(provider: &CustomProvider, speaks: fn(&str) -> bool) -> bool {
    let known = catalog::has_provider(&provider.id);
    let api = provider.api.as_deref();
    let of_model = |model: &Definition| {
        !model.id.is_empty()
            && (known || api.or(model.api.as_deref()).is_some())
            && (known || provider.base_url.is_some() || model.base_url.is_some())
            && is_plain_definition(model, api, speaks)
    };
    let of_change = |change: &Definition| {
        change.id.is_empty()
            && change.api.is_none()
            && change.base_url.is_none()
            && is_plain_definition(change, None, speaks)
    };
    provider.says_something()
        && provider.id != demo::PROVIDER
        && are_headers(&provider.headers)
        && said(provider.name.as_deref())
        && said(provider.api_key.as_ref().map(|key| key.as_written()))
        && is_place(provider.base_url.as_deref())
        && api.is_none_or(|api| !api.is_empty() && speaks(api))
        && compat::is_plain(&provider.compat, None)
        && provider.models.iter().all(of_model)
        && provider.overrides.values().all(of_change)
}

fn is_plain_definition(model: &Definition, api: Option<&str>, speaks: fn(&str) -> bool) -> bool {
    let own = model.api.as_deref();
    let Cost {
        input,
        output,
        cache_read,
        cache_write,
        tiers,
    } = &model.cost;
    let is_price = |price: &f64| *price >= 0.0;
    let prices = [input, output, cache_read, cache_write];
    let of_tier = |tier: &PriceTier| {
        let prices = [tier.input, tier.output, tier.cache_read, tier.cache_write];
        prices.iter().all(is_price)
    };
    said(model.name.as_deref())
        && is_place(model.base_url.as_deref())
        && own.is_none_or(|own| !own.is_empty() && speaks(own))
        && are_headers(&model.headers)
        && are_tokens(model.context_window)
        && are_tokens(model.max_tokens)
        && are_tokens(model.prompt_cache.short)
        && are_tokens(model.prompt_cache.long)
        && prices.into_iter().flatten().all(is_price)
        && tiers.iter().flatten().all(of_tier)
        && compat::is_plain(&model.compat, own.or(api))
}

fn said(text: Option<&str>) -> bool {
    text != Some("")
}

fn is_place(url: Option<&str>) -> bool {
    url.is_none_or(|url| address(url).is_ok() && !has_more_than_a_path(url))
}

fn are_headers(headers: &BTreeMap<String, ConfigValue>) -> bool {
    headers
        .iter()
        .all(|(name, value)| wrong_header(name, value.as_written()).is_none())
}

fn are_tokens(count: Option<u64>) -> bool {
    count.is_none_or(|count| (1..=MOST_TOKENS).contains(&count))
}

/// A map in which each name is there once.
pub(super) fn once<'de, T, D>(deserializer: D) -> Result<BTreeMap<String, T>, D::Error>
where
    T: Deserialize<'de>,
    D: Deserializer<'de>,
{
    struct Entries<T>(PhantomData<T>);
    impl<'de, T: Deserialize<'de>> Visitor<'de> for Entries<T> {
        type Value = BTreeMap<String, T>;
        fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
            f.write_str("an object")
        }
        fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
            let mut entries = BTreeMap::new();
            while let Some((name, value)) = map.next_entry()? {
                if entries.insert(name, value).is_some() {
                    return Err(A::Error::custom("a name is there twice"));
                }
            }
            Ok(entries)
        }
    }
    deserializer.deserialize_map(Entries(PhantomData))
}

/// Prices of long requests: all of a tier's, as they are, with nothing beside them.
pub(super) fn tiers<'de, D: Deserializer<'de>>(
    from: D,
) -> Result<Option<Vec<PriceTier>>, D::Error> {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase", deny_unknown_fields)]
    struct Tier {
        input_tokens_above: f64,
        input: f64,
        output: f64,
        cache_read: f64,
        cache_write: f64,
    }
    let tier = |tier: Tier| PriceTier {
        input_tokens_above: tier.input_tokens_above.max(0.0) as u64,
        input: tier.input,
        output: tier.output,
        cache_read: tier.cache_read,
        cache_write: tier.cache_write,
    };
    let tiers = Option::<Vec<Tier>>::deserialize(from)?;
    Ok(tiers.map(|tiers| tiers.into_iter().map(tier).collect()))
}

/// How long a prompt is kept.
pub(super) fn prompt_cache<'de, D: Deserializer<'de>>(from: D) -> Result<PromptCache, D::Error> {
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Kept {
        short: Option<u64>,
        long: Option<u64>,
    }
    let Kept { short, long } = Kept::deserialize(from)?;
    Ok(PromptCache { short, long })
}

/// What a request may hold.
pub(super) fn input_limits<'de, D: Deserializer<'de>>(
    from: D,
) -> Result<Option<InputLimits>, D::Error> {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase", deny_unknown_fields)]
    struct Limits {
        max_request_bytes: Option<NonZeroU64>,
        images: Option<Images>,
    }
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase", deny_unknown_fields)]
    struct Images {
        resize: Option<Resize>,
        max_per_message: Option<NonZeroU64>,
        max_per_request: Option<NonZeroU64>,
    }
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase", deny_unknown_fields)]
    struct Resize {
        max_width: Option<NonZeroU32>,
        max_height: Option<NonZeroU32>,
        max_bytes: Option<NonZeroU64>,
        jpeg_quality: Option<NonZeroU8>,
    }
    let resize = |resize: Resize| {
        let quality = resize.jpeg_quality.map(u8::from);
        (quality <= Some(100)).then(|| ImageResize {
            max_width: resize.max_width.map(u32::from),
            max_height: resize.max_height.map(u32::from),
            max_bytes: resize.max_bytes.map(u64::from),
            jpeg_quality: quality,
        })
    };
    let images = |images: Images| {
        Some(ImageLimits {
            resize: match images.resize {
                Some(said) => Some(resize(said)?),
                None => None,
            },
            max_per_message: images.max_per_message.map(u64::from),
            max_per_request: images.max_per_request.map(u64::from),
        })
    };
    let Some(limits) = Option::<Limits>::deserialize(from)? else {
        return Ok(None);
    };
    let of_images = limits.images.map_or(Some(ImageLimits::default()), images);
    Ok(Some(InputLimits {
        max_request_bytes: limits.max_request_bytes.map(u64::from),
        images: of_images.ok_or_else(|| D::Error::custom("a quality above 100"))?,
    }))
}

impl<'de> Deserialize<'de> for Providers {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Entries;
        impl<'de> Visitor<'de> for Entries {
            type Value = Providers;
            fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
                f.write_str("an object of providers")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Providers, A::Error> {
                let mut providers: Vec<CustomProvider> = Vec::new();
                let mut seen = HashSet::new();
                while let Some(id) = map.next_key::<String>()? {
                    if !seen.insert(id.clone()) {
                        return Err(A::Error::custom("a provider is there twice"));
                    }
                    let provider: CustomProvider = map.next_value()?;
                    providers.push(CustomProvider { id, ..provider });
                }
                Ok(Providers(providers))
            }
        }
        deserializer.deserialize_map(Entries)
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use proptest::prelude::*;
    use proptest::sample::{select, subsequence};

    use super::*;
    use crate::ai::providers;
    use crate::config::jsonc::Document;
    use crate::config::models::custom;

    fn speaks(api: &str) -> bool {
        providers::spoken().any(|spoken| spoken == api)
    }

    #[test]
    fn a_usual_file_is_read_the_quick_way() {
        let text = r#"{ // mine
            "$schema": "https://example.org/models.json",
            "providers": {
                "local": {"name": "L", "baseUrl": "http://127.0.0.1:1/v1", "api": "openai-completions", "apiKey": "$KEY",
                    "authHeader": true, "headers": {"x-a": "b"}, "compat": {"supportsStore": false},
                    "models": [{"id": "a", "name": "A", "reasoning": true, "thinkingLevelMap": {"off": null, "high": "max"},
                        "input": ["text", "image"], "cost": {"input": 0, "output": 1.5, "cacheRead": 0, "cacheWrite": 0},
                        "contextWindow": 128000, "maxTokens": 4096, "samplingParams": {"top_p": 0.9},
                        "headers": {"h": "!cmd"}, "compat": {"maxTokensField": "max_tokens"}},
                        {"id": "b", "promptCache": {"short": 300}, "inputLimits": {"images": {"maxPerRequest": 20, "resize": {"maxWidth": 1024, "jpegQuality": 80}}},
                         "cost": {"input": 1, "tiers": [{"inputTokensAbove": 200000, "input": 2, "output": 3, "cacheRead": 0, "cacheWrite": 0}]}},]},
                "openai": {"apiKey": "k", "modelOverrides": {"gpt-5": {"name": "Mine", "contextWindow": 5}}},
                "groq": {"apiKey": "k"},
            } }"#;
        let ids = |providers: Vec<CustomProvider>| {
            let ids = providers.into_iter().map(|provider| provider.id);
            ids.collect::<Vec<_>>()
        };
        let read = read(text, speaks).map(ids);
        assert_eq!(
            read,
            Some(["local", "openai", "groq"].map(String::from).to_vec())
        );
    }

    #[test]
    fn a_file_of_all_that_the_catalogue_has_is_read_the_quick_way() {
        let mut providers = serde_json::Map::new();
        for provider in catalog::providers() {
            let listed = catalog::models(provider).iter();
            let models = listed.map(|model| {
                let mut model = serde_json::to_value(&**model).unwrap();
                let fields = model.as_object_mut().unwrap();
                fields.retain(|name, value| name != "provider" && value != "");
                model
            });
            let models: Vec<serde_json::Value> = models.collect();
            let one = serde_json::json!({"apiKey": "k", "models": models});
            providers.insert(provider.to_owned(), one);
        }
        let text = serde_json::json!({"providers": providers}).to_string();
        let read = read(&text, speaks).unwrap();
        let count: usize = read.iter().map(|provider| provider.models.len()).sum();
        assert!(count > 1600, "{count}");
    }

    /// Fields of a provider, each of which may be wrong or worth a word.
    const PROVIDER: [&str; 33] = [
        r#""baseUrl": "localhost:8080""#,
        r#""baseUrl": "http://h:99999/v1""#,
        r#""baseUrl": "http://h h/v1""#,
        r#""baseUrl": "http://h/v1?x=1#f""#,
        r#""headers": {"a b": "c"}"#,
        r#""headers": {"a": "b\nc"}"#,
        r#""headers": {"a": "b", "a": "c"}"#,
        r#""models": [{"id": "x"}], "models": []"#,
        r#""modelOverrides": {"a": {"name": "A"}, "a": {"name": "B"}}"#,
        r#""name": "N""#,
        r#""name": """#,
        r#""baseUrl": "http://h/v1""#,
        r#""baseUrl": "here""#,
        r#""baseUrl": null"#,
        r#""api": "openai-completions""#,
        r#""api": "anthropic-messages""#,
        r#""api": "telepathy""#,
        r#""apiKey": "k""#,
        r#""apiKey": 5"#,
        r#""authHeader": true"#,
        r#""authHeader": null"#,
        r#""headers": {"a": "b"}"#,
        r#""headers": {"a": null}"#,
        r#""compat": {"supportsStore": true}"#,
        r#""compat": {"supportsStore": 1}"#,
        r#""compat": {"suportsStore": true}"#,
        r#""oauth": "radius""#,
        r#""models": []"#,
        r#""modelOverrides": {"a": {}}"#,
        r#""modelOverrides": {"a": {"id": "b"}}"#,
        r#""modelOverrides": {"a": {"cost": {"input": 2}}}"#,
        r#""modelOverrides": null"#,
        r#""colour": 1"#,
    ];

    /// The same of a model.
    const MODEL: &[&str] = &[
        r#""headers": {"": "c"}"#,
        r#""headers": {"a": "b", "a": "c"}"#,
        r#""contextWindow": 1e300"#,
        r#""maxTokens": 99999999999999"#,
        r#""id": "m""#,
        r#""id": "n""#,
        r#""id": """#,
        r#""name": "M""#,
        r#""name": null"#,
        r#""api": "openai-completions""#,
        r#""api": "telepathy""#,
        r#""api": """#,
        r#""baseUrl": "https://h""#,
        r#""baseUrl": "ftp://h""#,
        r#""reasoning": true"#,
        r#""reasoning": "yes""#,
        r#""thinkingLevelMap": {"high": "x", "off": null}"#,
        r#""thinkingLevelMap": {"huge": "x"}"#,
        r#""input": ["text"]"#,
        r#""input": ["smell"]"#,
        r#""inputLimits": {"maxRequestBytes": 5, "images": {"maxPerMessage": 2, "resize": {"maxWidth": 9, "jpegQuality": 80}}}"#,
        r#""inputLimits": {"maxRequestBytes": 0}"#,
        r#""inputLimits": {"images": {"resize": {"jpegQuality": 101}}}"#,
        r#""inputLimits": {"images": {"resize": {"maxWidth": 5000000000}}}"#,
        r#""inputLimits": {"images": {"resize": {}}, "maxBytes": 1}"#,
        r#""cost": {"input": 1, "output": 2.5}"#,
        r#""cost": {"input": -1}"#,
        r#""cost": {"tiers": []}"#,
        r#""cost": {"tiers": [{"inputTokensAbove": 5, "input": 1, "output": 2, "cacheRead": 0, "cacheWrite": 0.5}]}"#,
        r#""cost": {"tiers": [{"inputTokensAbove": -5, "input": 1, "output": 2, "cacheRead": 0, "cacheWrite": 0}]}"#,
        r#""cost": {"tiers": [{"inputTokensAbove": 5, "input": -1, "output": 2, "cacheRead": 0, "cacheWrite": 0}]}"#,
        r#""cost": {"tiers": [{"inputTokensAbove": 5, "input": 1}]}"#,
        r#""cost": {"price": 1}"#,
        r#""promptCache": {"short": 5, "long": null}"#,
        r#""promptCache": {"short": 0}"#,
        r#""promptCache": {"long": 9000000000}"#,
        r#""contextWindow": 5"#,
        r#""contextWindow": 0"#,
        r#""contextWindow": 1.5e3"#,
        r#""maxTokens": 5"#,
        r#""maxTokens": -5"#,
        r#""samplingParams": {"a": [1]}"#,
        r#""samplingParams": []"#,
        r#""samplingParamsByThinkingLevel": {"high": {"a": 1}}"#,
        r#""compat": {"thinkingFormat": "qwen"}"#,
        r#""compat": {"thinkingFormat": null}"#,
        r#""compat": {"supportsCacheControlOnTools": true}"#,
        r#""contextWindows": 5"#,
    ];

    /// An object of some of the fields; the same one may be there twice, as the last one.
    fn object(
        fields: &'static [&'static str],
        most: usize,
    ) -> impl Strategy<Value = Vec<&'static str>> {
        subsequence(fields, 0..=most).prop_shuffle()
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2000))]
        #[test]
        fn what_is_read_quickly_is_read_with_care_as_well_and_without_a_word(
            id in select(vec!["own", "openai", "azure-openai-responses", "ollama", "demo"]),
            provider in object(&PROVIDER, 3),
            models in prop::collection::vec(object(MODEL, 4), 0..3),
            plain in any::<bool>(),
            twice in prop::bool::weighted(0.1),
        ) {
            let mut fields: Vec<String> = provider.iter().map(|field| (*field).to_owned()).collect();
            let models: Vec<String> = models
                .iter()
                .map(|model| match plain {
                    true => format!(r#"{{"id": "p", {}}}"#, model.join(", ")),
                    false => format!("{{{}}}", model.join(", ")),
                })
                .collect();
            if plain {
                fields.push(r#""baseUrl": "http://plain", "api": "openai-completions""#.to_owned());
            }
            fields.push(format!(r#""models": [{}]"#, models.join(", ")));
            let one = format!(r#""{id}": {{{}}}"#, fields.join(", "));
            let all = if twice { format!("{one}, {one}") } else { one };
            let text = format!(r#"{{"providers": {{{all}}}}}"#);
            if let Some(quick) = read(&text, speaks) {
                let document = Document::parse(Path::new("models.json"), text.clone()).unwrap();
                let slow = custom::read(&document, speaks, &[]).unwrap();
                prop_assert_eq!(&slow.problems, &Vec::new(), "{}", &text);
                prop_assert_eq!(slow.providers, quick, "{}", text);
                prop_assert!(slow.lost.is_empty());
            }
        }
    }
}
