//! The same conversation, said by pi and by the reference: the request bodies agree, on every API, save
//! for the differences that are listed here with their reasons.
//!
//! `agreement/conversations.json` holds the conversations (`@api`, `@provider` and `@id` stand for the
//! model that is asked), `agreement/<provider>.<model>.json` what version 1.5.2 of the reference sent for
//! each to a recording server, with the catalogue's model, a base URL on loopback, an API key, and
//! server-sent events as its transport. A line of [`DELIBERATE`] or [`OWN_WORDS`] that nothing needs any more
//! is an error.

mod differences;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::path::Path;

use futures::StreamExt;
use pi::ai::http::HttpClient;
use pi::ai::providers::{is_spoken, provider_for};
use pi::ai::{Auth, CacheRetention, Model, ThinkingLevel, ToolSpec, Transport, catalog};
use serde_json::Value;
use tokio_util::sync::CancellationToken;

use super::matrix::key_for;
use super::request;
use crate::support::model_server::{ModelServer, Turn};
use differences::{DELIBERATE, OWN_WORDS, What};

fn read(file: &Path) -> Value {
    serde_json::from_str(&std::fs::read_to_string(file).unwrap()).unwrap()
}

/// The model of the catalogue at the scripted server, as the recording had it.
fn model_at(provider: &str, id: &str, url: &str) -> Model {
    let mut model = Model::clone(&catalog::find(provider, id).unwrap());
    let path = match model.api.as_str() {
        "google-generative-ai" => "/v1beta",
        _ if model.base_url.ends_with("/v1") => "/v1",
        _ => "",
    };
    model.base_url = format!("{url}{path}");
    model
}

/// What pi sends for one conversation: path and body.
async fn ours(provider: &str, id: &str, conversation: &Value) -> (String, Value) {
    let server = ModelServer::start([Turn::text("recorded")]);
    let model = model_at(provider, id, &server.url());
    let text = conversation.to_string();
    let named = [
        ("@api", model.api.as_str()),
        ("@provider", provider),
        ("@id", id),
    ];
    let text = named
        .iter()
        .fold(text, |text, (mark, name)| text.replace(mark, name));
    let conversation: Value = serde_json::from_str(&text).unwrap();
    let (context, options) = (&conversation["context"], &conversation["options"]);
    let messages = serde_json::from_value(context["messages"].clone()).unwrap();
    let tools = context["tools"].as_array().into_iter().flatten();
    let mut request = request(messages);
    request.system = context["systemPrompt"].as_str().unwrap().into();
    request.tools = tools
        .map(|tool| ToolSpec {
            name: tool["name"].as_str().unwrap().into(),
            description: tool["description"].as_str().unwrap().into(),
            parameters: tool["parameters"].clone().into(),
        })
        .collect();
    // Nothing said is off, also for a model that cannot be: the clamping is the callers'.
    request.thinking = match options["reasoning"].as_str() {
        Some(level) => model.clamp_thinking(ThinkingLevel::parse(level).unwrap()),
        None => ThinkingLevel::Off,
    };
    request.max_tokens = options["maxTokens"].as_u64();
    request.session_id = options["sessionId"].as_str().map(str::to_owned);
    request.cache = match options["cacheRetention"].as_str() {
        Some("none") => CacheRetention::None,
        Some("long") => CacheRetention::Long,
        _ => CacheRetention::Short,
    };
    request.transport = Transport::Sse;
    let variables = [
        ("AWS_REGION", "us-east-1"),
        ("AZURE_OPENAI_BASE_URL", &server.url()),
    ];
    request.auth = Auth {
        api_key: Some(key_for(&model.api)),
        variables: variables
            .map(|(name, value)| (name.into(), value.into()))
            .into(),
        ..Auth::default()
    };
    let provider = provider_for(&model.api, &HttpClient::default()).unwrap();
    let stream = provider.stream(&model, request, CancellationToken::new());
    let said = stream.collect::<Vec<_>>().await;
    let sent = server.requests().pop();
    let sent = sent.unwrap_or_else(|| panic!("{}: nothing was sent: {said:?}", model.full_id()));
    (sent.path, sent.body)
}

/// A place where two values differ.
struct Difference {
    place: String,
    ours: Option<Value>,
    theirs: Option<Value>,
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown =
            |value: &Option<Value>| value.as_ref().map_or("nothing".into(), Value::to_string);
        write!(
            f,
            "{} {} | {}",
            self.place,
            shown(&self.ours),
            shown(&self.theirs)
        )
    }
}

/// Every place where two values differ, as `/a/*/b`.
fn differences(place: &str, ours: Option<&Value>, theirs: Option<&Value>) -> Vec<Difference> {
    match (ours, theirs) {
        (Some(Value::Object(a)), Some(Value::Object(b))) => {
            let names: BTreeSet<&String> = a.keys().chain(b.keys()).collect();
            let each = names
                .into_iter()
                .flat_map(|name| differences(&format!("{place}/{name}"), a.get(name), b.get(name)));
            each.collect()
        }
        (Some(Value::Array(a)), Some(Value::Array(b))) => {
            let each = (0..a.len().max(b.len()))
                .flat_map(|index| differences(&format!("{place}/*"), a.get(index), b.get(index)));
            each.collect()
        }
        (a, b) if a == b => Vec::new(),
        (a, b) => vec![Difference {
            place: place.to_owned(),
            ours: a.cloned(),
            theirs: b.cloned(),
        }],
    }
}

/// What is said on purpose, and which lines of it were needed.
#[derive(Default)]
struct Purpose {
    deliberate: BTreeSet<usize>,
    words: BTreeSet<usize>,
    // The ids of one body: ours and theirs, and the other way round.
    ids: [BTreeMap<String, String>; 2],
}

impl Purpose {
    fn allows(&mut self, api: &str, provider: &str, difference: &Difference) -> bool {
        self.is_own_words(difference) || self.is_deliberate(api, provider, difference)
    }

    /// The same text but for what each program says in its own words.
    fn is_own_words(&mut self, difference: &Difference) -> bool {
        let text = |value: &'_ Option<Value>| Some(value.as_ref()?.as_str()?.to_owned());
        let (Some(ours), Some(theirs)) = (text(&difference.ours), text(&difference.theirs)) else {
            return false;
        };
        let mut said = ours;
        let mut used = Vec::new();
        for (at, (our_words, their_words)) in OWN_WORDS.iter().enumerate() {
            if said.contains(our_words) && theirs.contains(their_words) {
                said = said.replace(our_words, their_words);
                used.push(at);
            }
        }
        let is_same = said == theirs;
        if is_same {
            self.words.extend(used);
        }
        is_same
    }

    fn is_deliberate(&mut self, api: &str, provider: &str, difference: &Difference) -> bool {
        let line = DELIBERATE.iter().position(|it| {
            (it.api == api || it.api == "*")
                && (it.provider == provider || it.provider == "*")
                && covers(it.place, &difference.place)
        });
        let Some(at) = line else {
            return false;
        };
        self.deliberate.insert(at);
        match DELIBERATE[at].what {
            What::Said(words) => {
                let theirs = difference.theirs.as_ref().map(Value::to_string);
                theirs.as_deref() == Some(words)
            }
            What::Ids => match (&difference.ours, &difference.theirs) {
                (Some(Value::String(ours)), Some(Value::String(theirs))) => {
                    let [forth, back] = &mut self.ids;
                    forth.entry(ours.clone()).or_insert(theirs.clone()) == theirs
                        && back.entry(theirs.clone()).or_insert(ours.clone()) == ours
                }
                _ => false,
            },
        }
    }
}

/// Whether `pattern` is all of `place`, where `*` stands for one step and a last `**` for any.
fn covers(pattern: &str, place: &str) -> bool {
    let mut steps = place.split('/');
    for wanted in pattern.split('/') {
        match (wanted, steps.next()) {
            ("**", _) => return true,
            (_, None) => return false,
            (wanted, Some(step)) if wanted == step => {}
            _ => return false,
        }
    }
    steps.next().is_none()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn pi_asks_as_the_reference_asks() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/wire/agreement");
    let conversations = read(&folder.join("conversations.json"));
    let mut purpose = Purpose::default();
    let mut wrong = Vec::new();
    let mut compared = 0;
    let mut files: Vec<_> = std::fs::read_dir(&folder)
        .unwrap()
        .map(|f| f.unwrap().path())
        .collect();
    files.sort();
    for file in files {
        let recorded = file.extension().is_some_and(|kind| kind == "json")
            && !file.ends_with("conversations.json");
        if !recorded {
            continue;
        }
        let recorded = read(&file);
        let text = |name: &str| recorded[name].as_str().unwrap();
        let (provider, id) = (text("provider"), text("id"));
        let api = &catalog::find(provider, id).unwrap().api;
        if !is_spoken(api) {
            continue;
        }
        for (name, theirs) in recorded["bodies"].as_object().unwrap() {
            let (path, body) = ours(provider, id, &conversations[name]).await;
            let mut found = differences("path", Some(&path.into()), Some(&theirs["path"]));
            found.extend(differences("", Some(&body), Some(&theirs["body"])));
            compared += 1;
            purpose.ids = Default::default();
            for difference in found {
                if !purpose.allows(api, provider, &difference) {
                    wrong.push(format!("{api} {provider}/{id} {name}: {difference}"));
                }
            }
        }
    }
    assert!(compared > 0);
    assert!(
        wrong.is_empty(),
        "{} differences\n{}",
        wrong.len(),
        wrong.join("\n")
    );
    let idle = DELIBERATE
        .iter()
        .enumerate()
        .filter(|(at, _)| !purpose.deliberate.contains(at));
    let idle: Vec<_> = idle
        .map(|(_, it)| (it.api, it.provider, it.place))
        .collect();
    assert_eq!(idle, []);
    let words = OWN_WORDS.iter().enumerate();
    let idle = words.filter(|(at, _)| !purpose.words.contains(at));
    assert_eq!(idle.collect::<Vec<_>>(), []);
}
