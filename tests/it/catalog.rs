//! Which models there are and which one is chosen.

use std::fs;

use pi::ai::{Clock, ThinkingLevel, catalog};
use pi::config::resolve::{self, Choice};
use pi::config::{Env, Registry, Renewals, Settings, Sources};

#[test]
fn a_model_is_found_by_provider_and_id_and_unknown_ones_are_not() {
    let model = catalog::find("anthropic", "claude-opus-5-5").unwrap();
    assert_eq!(model.full_id(), "anthropic/claude-opus-5-5");
    assert_eq!(model.api, "anthropic-messages");
    assert!(model.reasoning && model.context_window > 0 && model.cost.input > 0.0);
    assert_eq!(catalog::find("anthropic", "\",\"name"), None);
    assert_eq!(catalog::find("nobody", "claude-opus-5-5"), None);
}

#[test]
fn a_provider_that_was_renamed_is_still_found_under_its_old_name() {
    let facts = catalog::facts("azure-openai-responses").unwrap();
    assert_eq!(facts.env, ["AZURE_OPENAI_API_KEY"]);
    let model = catalog::find("azure-openai-responses", &facts.default_model).unwrap();
    assert_eq!(model.provider, "azure");
}

#[test]
fn placeholders_of_base_urls_are_filled_from_the_environment_that_is_passed_in() {
    let url = catalog::first("cloudflare-ai-gateway")
        .unwrap()
        .base_url
        .clone();
    assert_eq!(
        catalog::missing_variables(&url),
        ["CLOUDFLARE_ACCOUNT_ID", "CLOUDFLARE_GATEWAY_ID"]
    );
    let account = |name: &str| (name == "CLOUDFLARE_ACCOUNT_ID").then(|| "acc".to_owned());
    let url = catalog::fill_placeholders(&url, account);
    assert!(
        url.starts_with("https://gateway.ai.cloudflare.com/v1/acc/{CLOUDFLARE_GATEWAY_ID}/"),
        "{url}"
    );
    assert_eq!(catalog::missing_variables(&url), ["CLOUDFLARE_GATEWAY_ID"]);
    assert_eq!(
        catalog::missing_variables("http://x/{not a name}/{"),
        Vec::<&str>::new()
    );
}

/// A registry over the catalogue and a `models.json`, with keys for these providers' variables.
fn registry(models: &str, variables: &[&str]) -> Registry {
    registry_speaking(models, variables, |api| {
        matches!(api, "anthropic-messages" | "openai-completions")
    })
}

fn registry_speaking(models: &str, variables: &[&str], speaks: fn(&str) -> bool) -> Registry {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("models.json");
    fs::write(&file, models).unwrap();
    let env: Env = variables.iter().map(|name| (*name, "key")).collect();
    let (registry, problems) = Registry::load(Sources {
        auth: dir.path().join("auth.json"),
        models: file,
        newer: dir.path().join("models-store.json"),
        settings: dir.path().join("settings.json"),
        renewals: Renewals::default(),
        env,
        clock: Clock::fixed(0),
        speaks,
    });
    assert_eq!(problems, []);
    registry
}

/// What a pattern comes to: the model, the thinking level, and whether there is a warning.
fn resolved(registry: &Registry, provider: Option<&str>, pattern: &str) -> String {
    match resolve::resolve(registry, provider, pattern) {
        Err(error) => format!("error: {error}"),
        Ok(found) => {
            let level = found.thinking.map(|level| format!(":{}", level.as_str()));
            let mark = found.warning.map_or("", |_| " (warned)");
            format!(
                "{}{}{mark}",
                found.model.full_id(),
                level.unwrap_or_default()
            )
        }
    }
}

/// Expected values come from the reference's own resolver, run over the same catalogue.
#[test]
fn patterns_mean_the_models_that_the_reference_takes_for_them() {
    let registry = registry("{}", &[]);
    for (provider, pattern, expected) in [
        (Some("anthropic"), "sonnet", "anthropic/claude-sonnet-5-5"),
        (
            Some("anthropic"),
            "claude opus",
            "anthropic/claude-opus-5-5",
        ),
        (Some("anthropic"), "latest", "anthropic/claude-sonnet-4-5"),
        (
            Some("anthropic"),
            "anthropic/sonnet:high",
            "anthropic/claude-sonnet-5-5:high",
        ),
        (
            Some("anthropic"),
            "sonnet:banana",
            "anthropic/sonnet:banana (warned)",
        ),
        (
            Some("openrouter"),
            "haiku",
            "openrouter/anthropic/claude-haiku-5.5:batch",
        ),
        (
            Some("openrouter"),
            "openai/gpt-oss-120b:high",
            "openrouter/openai/gpt-oss-120b:high",
        ),
        (
            Some("Groq"),
            "OPENAI/GPT-OSS-120B",
            "groq/openai/gpt-oss-120b",
        ),
        (Some("Groq"), "whatever", "groq/whatever (warned)"),
        (
            None,
            "anthropic/claude-opus-5-5",
            "anthropic/claude-opus-5-5",
        ),
        (
            None,
            "anthropic/no-such-model",
            "anthropic/no-such-model (warned)",
        ),
        // Not as the reference, which takes some model of the provider: a script's empty variable is no
        // wish for one that runs tools.
        (
            None,
            "anthropic/",
            "error: --model \"anthropic/\" names no model behind the slash: give it an id, a part of one or provider/id (--list-models shows those that can be used)",
        ),
        (
            None,
            ":high",
            "error: --model \":high\" is a thinking level and no model: give it an id, a part of one or provider/id (--list-models shows those that can be used)",
        ),
        (
            None,
            " ",
            "error: --model is empty: give it an id, a part of one or provider/id (--list-models shows those that can be used)",
        ),
        (None, "groq/whatever:8b", "groq/whatever:8b (warned)"),
        (None, "zai/glm-5.3", "zai/glm-5.3"),
        (
            None,
            "moonshotai/kimi-k2.7-code",
            "moonshotai/kimi-k2.7-code",
        ),
    ] {
        assert_eq!(
            resolved(&registry, provider, pattern),
            expected,
            "{provider:?} {pattern}"
        );
    }
    for (provider, pattern) in [
        (None, "no-such"),
        (None, "sonnet:banana"),
        (Some("nobody"), "sonnet"),
    ] {
        let error = resolved(&registry, provider, pattern);
        assert!(error.starts_with("error: there is no "), "{error}");
    }
}

#[test]
fn a_level_behind_an_id_that_is_not_listed_is_a_level_as_in_the_newest_reference() {
    let registry = registry("{}", &[]);
    let found = resolve::resolve(&registry, None, "groq/whatever:high").unwrap();
    assert_eq!(found.model.id, "whatever");
    assert_eq!(found.thinking, Some(ThinkingLevel::High));
    assert!(found.model.reasoning);
    let off = resolve::resolve(&registry, None, "groq/whatever:off").unwrap();
    assert_eq!(
        (off.model.id.as_str(), off.thinking),
        ("whatever", Some(ThinkingLevel::Off))
    );
}

#[test]
fn where_none_can_be_used_who_makes_the_model_comes_to_mind_first() {
    let own = r#"{"providers": {"mine": {"baseUrl": "http://mine", "api": "openai-completions",
        "apiKey": "$NOT_SET", "models": [{"id": "claude-of-mine"}, {"id": "llama"}]}}}"#;
    let registry = registry(own, &[]);
    for (pattern, expected) in [
        ("gpt-5", "openai/gpt-5"),
        ("GPT-5:high", "openai/gpt-5:high"),
        ("claude-opus-5-5", "anthropic/claude-opus-5-5"),
        ("sonnet:high", "anthropic/claude-sonnet-5-5:high"),
        ("deepseek", "deepseek/deepseek-v4-pro"),
        ("grok", "xai/grok-4.7"),
        ("mistral", "mistral/open-mistral-nemo"),
        // Who makes it does not offer it: then who the person has written down, then by the order.
        ("llama", "mine/llama"),
        ("llama-3.1-8b-instant", "groq/llama-3.1-8b-instant"),
        ("openai/gpt-oss-120b", "openrouter/openai/gpt-oss-120b"),
    ] {
        assert_eq!(resolved(&registry, None, pattern), expected, "{pattern}");
    }
    for (pattern, provider) in [
        ("claude", "anthropic"),
        ("gemini", "google"),
        ("glm", "zai"),
        ("kimi", "moonshotai"),
        ("qwen3", "qwen-token-plan"),
        ("mimo", "xiaomi"),
    ] {
        let found = resolved(&registry, None, pattern);
        assert!(
            found.starts_with(&format!("{provider}/{pattern}")),
            "{found}"
        );
    }
}

#[test]
fn the_only_provider_with_a_key_that_has_the_model_is_taken() {
    for (variable, pattern, expected) in [
        ("OPENROUTER_API_KEY", "gpt-5", "openrouter/openai/gpt-5"),
        ("AZURE_OPENAI_API_KEY", "gpt-5", "azure/gpt-5"),
        ("OPENAI_API_KEY", "gpt-5", "openai/gpt-5"),
        (
            "OPENROUTER_API_KEY",
            "openai/gpt-5",
            "openrouter/openai/gpt-5",
        ),
        (
            "GROQ_API_KEY",
            "gpt-oss-120b:low",
            "groq/openai/gpt-oss-120b:low",
        ),
    ] {
        let registry = registry_speaking("{}", &[variable], |_| true);
        assert_eq!(resolved(&registry, None, pattern), expected, "{variable}");
    }
}

#[test]
fn a_key_that_comes_along_is_for_who_makes_the_model_whatever_other_keys_there_are() {
    let registry = registry_speaking(
        "{}",
        &["OPENROUTER_API_KEY", "AZURE_OPENAI_API_KEY"],
        |_| true,
    );
    let with = |credentials| {
        let model = Some("gpt-5");
        let choice = Choice {
            model,
            credentials,
            ..Choice::default()
        };
        let chosen = resolve::choose(&registry, &Settings::default(), choice).unwrap();
        chosen.model.unwrap().full_id()
    };
    assert_eq!(with(resolve::Credentials::Coming), "openai/gpt-5");
    assert_eq!(with(resolve::Credentials::Count), "azure/gpt-5");
}

#[test]
fn where_many_models_fit_one_that_can_be_used_is_taken() {
    let registry = registry("{}", &["ANTHROPIC_API_KEY"]);
    assert_eq!(
        resolved(&registry, None, "sonnet:low"),
        "anthropic/claude-sonnet-5-5:low"
    );
    let bedrock = "us.anthropic.claude-opus-5-5";
    assert_eq!(
        resolved(&registry, None, bedrock),
        format!("amazon-bedrock/{bedrock}")
    );
}

#[test]
fn a_scope_takes_globs_levels_and_single_patterns_in_their_order_and_each_model_once() {
    let registry = registry("{}", &["ANTHROPIC_API_KEY", "OPENROUTER_API_KEY"]);
    let scope = |patterns: &[&str]| {
        let patterns: Vec<String> = patterns
            .iter()
            .map(|pattern| (*pattern).to_owned())
            .collect();
        let (models, warnings) = resolve::scope(&registry, &patterns);
        let name = |one: &resolve::ScopedModel| match one.thinking {
            Some(level) => format!("{}:{}", one.model.full_id(), level.as_str()),
            None => one.model.full_id(),
        };
        (models.iter().map(name).collect::<Vec<_>>(), warnings)
    };
    let (models, warnings) = scope(&[
        "claude-opus-5-5",
        "*sonnet-4*:low",
        "anthropic/claude-OPUS-5",
    ]);
    assert_eq!(warnings, Vec::<String>::new());
    assert_eq!(
        models,
        [
            "anthropic/claude-opus-5-5",
            "anthropic/claude-sonnet-4-5:low",
            "anthropic/claude-sonnet-4-5-20250929:low",
            "anthropic/claude-sonnet-4-6:low",
            "anthropic/claude-opus-5",
        ]
    );
    // A star does not cross the slash in an id.
    let (models, warnings) = scope(&["openrouter/*opus*", "sonnet:banana", "groq/*", "nothing"]);
    assert_eq!(models, ["anthropic/claude-sonnet-5-5"]);
    assert_eq!(
        warnings,
        [
            "no usable model matches \"openrouter/*opus*\"",
            "\"banana\" in \"sonnet:banana\" is no thinking level and is ignored",
            "no usable model matches \"groq/*\"",
            "no usable model matches \"nothing\"",
        ]
    );
}

#[test]
fn the_list_shows_what_can_be_used_sorted_and_searched() {
    let local = r#"{"providers": {"local": {"baseUrl": "http://h", "api": "openai-completions", "models": [
        {"id": "b", "contextWindow": 1050000, "maxTokens": 999, "reasoning": true}, {"id": "a\u001b[31m", "input": ["image"]}]}}}"#;
    let registry = registry(local, &["DEEPSEEK_API_KEY", "OPENAI_API_KEY"]);
    insta::assert_snapshot!(resolve::list_models(&registry, None, None).unwrap(), @r"
    provider  model            context  max-out  thinking  images
    deepseek  deepseek-flash   1M       384K     yes       yes
    deepseek  deepseek-v4-pro  1M       384K     yes       no
    local     a                128K     16.4K    no        yes
    local     b                1.1M     999      yes       no
    ");
    assert_eq!(
        resolve::list_models(&registry, None, Some("lcl b"))
            .unwrap()
            .lines()
            .count(),
        2
    );
    assert_eq!(
        resolve::list_models(&registry, None, Some("zzz")).unwrap(),
        "No models match \"zzz\".\n"
    );
}

#[test]
fn a_list_is_of_one_provider_of_a_pattern_or_of_what_has_the_words_as_they_stand() {
    let own = r#"{"providers": {
        "acme": {"baseUrl": "http://h", "api": "openai-completions", "apiKey": "k", "models": [
            {"id": "opus-1"}, {"id": "sonnet-plus"}, {"id": "deep/opus-2"}]},
        "other": {"baseUrl": "http://h", "api": "openai-completions", "apiKey": "k", "models": [{"id": "opus-3"}]}}}"#;
    let registry = registry(own, &[]);
    let ids = |provider, search| {
        let table = resolve::list_models(&registry, provider, search).unwrap();
        let rows = table.lines().skip(1);
        let id = |row: &str| row.split_whitespace().nth(1).unwrap_or_default().to_owned();
        rows.map(id).collect::<Vec<_>>()
    };
    // The letters of "opus" stand in "other … plus" and "sonnet-plus" too, but not together.
    assert_eq!(ids(None, Some("OPUS")), ["deep/opus-2", "opus-1", "opus-3"]);
    assert_eq!(ids(None, Some("acme/opus")), ["opus-1"]);
    assert_eq!(ids(None, Some("acme opus")), ["deep/opus-2", "opus-1"]);
    assert_eq!(ids(None, Some("snplus")), ["sonnet-plus"]);
    assert_eq!(ids(None, Some("acme/*")), ["opus-1", "sonnet-plus"]);
    assert_eq!(ids(None, Some("*us-[13]")), ["opus-1", "opus-3"]);
    assert_eq!(ids(Some(" Other "), None), ["opus-3"]);
    assert_eq!(ids(Some("acme"), Some("sonnet")), ["sonnet-plus"]);
    let why = resolve::list_models(&registry, Some("acne"), None).unwrap_err();
    let words = "there is no provider \"acne\": did you mean acme?";
    assert_eq!(why, resolve::Unlisted(words.into()));
    let none = resolve::list_models(&registry, Some("groq"), None).unwrap();
    assert!(none.starts_with("No models of groq can be used: no API key for groq"));
}

#[test]
fn a_name_that_is_almost_one_is_refused_with_the_one_that_is_meant() {
    let registry = registry("{}", &["OPENAI_API_KEY"]);
    let refused = |provider: Option<&str>, model: Option<&str>| {
        let choice = Choice {
            provider,
            model,
            ..Choice::default()
        };
        resolve::choose(&registry, &Settings::default(), choice).unwrap_err()
    };
    for (said, meant) in [
        ("opanai", "openai"),
        ("grok", "xai"),
        ("llamacpp", "llama.cpp"),
        ("lm-studio", "lmstudio"),
    ] {
        for model in [None, Some("any")] {
            let why = refused(Some(said), model);
            assert!(why.contains(&format!("did you mean {meant}?")), "{why}");
        }
    }
    for model in ["claude-sonet-4-5", "claude-sonet-4-5:high"] {
        let why = refused(None, Some(model));
        assert!(why.contains("did you mean claude-sonnet-4-5?"), "{why}");
    }
    // Blanks and capitals are no other name.
    let choice = Choice {
        provider: Some("Anthropic "),
        ..Choice::default()
    };
    let chosen = resolve::choose(&registry, &Settings::default(), choice).unwrap();
    assert_eq!(chosen.model.unwrap().provider, "anthropic");
    // A model that is believed is one that may be a slip.
    let choice = Choice {
        model: Some("anthropic/claude-sonet-4-5"),
        ..Choice::default()
    };
    let chosen = resolve::choose(&registry, &Settings::default(), choice).unwrap();
    let warning = "anthropic lists no model \"claude-sonet-4-5\" (did you mean claude-sonnet-4-5?); it is used as it is";
    assert_eq!(chosen.warnings, [warning]);
}

#[test]
fn the_model_to_start_with_is_the_command_lines_the_scopes_the_sessions_the_saved_or_the_first() {
    let registry = registry(
        "{}",
        &["ANTHROPIC_API_KEY", "GROQ_API_KEY", "OPENAI_API_KEY"],
    );
    let (scope, _) = resolve::scope(
        &registry,
        &["groq/llama*:off".into(), "claude-opus-5-5:low".into()],
    );
    let saved = Settings {
        default_provider: Some("anthropic".into()),
        default_model: Some("claude-opus-5-5".into()),
        default_thinking_level: Some(ThinkingLevel::High),
        ..Settings::default()
    };
    let none = Settings::default();
    let nothing = Choice::default();
    let chosen = |settings: &Settings, choice: Choice| {
        let chosen = resolve::choose(&registry, settings, choice).unwrap();
        format!(
            "{}:{}",
            chosen.model.unwrap().full_id(),
            chosen.thinking.as_str()
        )
    };
    let opus = "anthropic/claude-opus-5-5";
    let model = Some("groq/gpt-oss-20b:low");
    assert_eq!(
        chosen(
            &saved,
            Choice {
                model,
                scope: &scope,
                ..nothing
            }
        ),
        "groq/openai/gpt-oss-20b:low"
    );
    let thinking = Some(ThinkingLevel::High);
    assert_eq!(
        chosen(
            &none,
            Choice {
                model,
                thinking,
                ..nothing
            }
        ),
        "groq/openai/gpt-oss-20b:high"
    );
    assert_eq!(
        chosen(
            &none,
            Choice {
                provider: Some("groq"),
                ..nothing
            }
        ),
        "groq/openai/gpt-oss-120b:medium"
    );
    assert_eq!(
        chosen(
            &none,
            Choice {
                scope: &scope,
                ..nothing
            }
        ),
        "groq/llama-3.1-8b-instant:off"
    );
    assert_eq!(
        chosen(
            &saved,
            Choice {
                scope: &scope,
                ..nothing
            }
        ),
        format!("{opus}:low")
    );
    let session_model = Some(("groq", "openai/gpt-oss-20b"));
    let session = Choice {
        session_model,
        continuing: true,
        scope: &scope,
        ..nothing
    };
    assert_eq!(chosen(&saved, session), "groq/openai/gpt-oss-20b:high");
    assert_eq!(chosen(&saved, nothing), format!("{opus}:high"));
    // OpenAI comes first in the order of preference but speaks an API that this registry does not.
    assert_eq!(chosen(&none, nothing), format!("{opus}:medium"));

    let gone = Choice {
        session_model: Some(("xai", "grok")),
        continuing: true,
        ..nothing
    };
    let chosen = resolve::choose(&registry, &none, gone).unwrap();
    assert_eq!(
        chosen.warnings,
        [format!(
            "this session's model xai/grok cannot be used (xai has no model \"grok\"); {opus} answers"
        )]
    );
    assert!(
        resolve::choose(
            &registry,
            &none,
            Choice {
                model: Some("no-such"),
                ..nothing
            }
        )
        .is_err()
    );
}

#[test]
fn without_any_credential_there_is_no_model_to_start_with() {
    let registry = registry("{}", &[]);
    let chosen = resolve::choose(&registry, &Settings::default(), Choice::default()).unwrap();
    assert_eq!(chosen.model, None);
    assert!(
        resolve::list_models(&registry, None, None)
            .unwrap()
            .starts_with("No models available.")
    );
}
