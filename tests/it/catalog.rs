//! Which models there are and which one is chosen.

use pi::ai::catalog;

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
