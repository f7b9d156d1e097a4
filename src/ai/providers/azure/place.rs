//! Where a person's Azure models are, and what they are called there: from the environment, else from
//! the model.

use crate::ai::failure::Fault;
use crate::ai::model::Model;
use crate::ai::provider::Auth;
use crate::ai::url;

/// The provider whose models are at such a place.
pub const PROVIDER: &str = "azure";
/// Hosts of Azure's own end with one of these; a proxy's path is its own business.
const HOSTS: [&str; 3] = [
    ".openai.azure.com",
    ".cognitiveservices.azure.com",
    ".ai.azure.com",
];
/// Where the API begins at these hosts.
const ROOT: &str = "/openai/v1";
/// What people copy from Azure's pages instead of it.
const COPIED: [&str; 3] = ["", "/openai", "/openai/v1/responses"];

/// The base URL of the API.
pub fn base_url(model: &Model, auth: &Auth) -> Result<String, Fault> {
    let resource = auth.variable("AZURE_OPENAI_RESOURCE_NAME");
    let said = auth.variable("AZURE_OPENAI_BASE_URL").map(str::to_owned);
    if let (None, Some(odd)) = (&said, resource.filter(|name| !is_label(name))) {
        return Err(Fault::refused(format!(
            "AZURE_OPENAI_RESOURCE_NAME is {odd:?}, which names no resource"
        )));
    }
    let of_resource = || resource.map(|name| format!("https://{name}.openai.azure.com{ROOT}"));
    let own = || Some(model.base_url.trim().to_owned()).filter(|url| !url.is_empty());
    let Some(said) = said.or_else(of_resource).or_else(own) else {
        return Err(Fault::refused(
            "it is not known where your models are: set AZURE_OPENAI_BASE_URL (such as \
             https://your-resource.openai.azure.com) or AZURE_OPENAI_RESOURCE_NAME, or give the \
             provider a baseUrl in models.json",
        ));
    };
    let mut url = url::parsed(&said).map_err(Fault::refused)?;
    let host = url.host_str().unwrap_or_default();
    let is_azures = HOSTS.iter().any(|known| host.ends_with(known));
    if is_azures && COPIED.contains(&url.path().trim_end_matches('/')) {
        url.set_path(ROOT);
        url.set_query(None);
    }
    Ok(url.as_str().trim_end_matches('/').to_owned())
}

/// Part of a host's name: nothing in it may lead elsewhere.
fn is_label(name: &str) -> bool {
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
    name.bytes().all(fits)
}

/// Whether it is known where `model` is; of other providers it always is.
pub fn has_place(model: &Model, auth: &Auth) -> bool {
    model.provider != PROVIDER || base_url(model, auth).is_ok()
}

/// The name that `model` was deployed under: as AZURE_OPENAI_DEPLOYMENT_NAME_MAP
/// (`model=name,model=name`) says, else the model's own.
pub fn deployment<'a>(model: &'a Model, auth: &'a Auth) -> &'a str {
    let map = auth.variable("AZURE_OPENAI_DEPLOYMENT_NAME_MAP");
    let entries = map.unwrap_or_default().split(',');
    let mut named = entries.filter_map(|entry| {
        let (id, name) = entry.split_once('=')?;
        let (id, name) = (id.trim(), name.trim());
        (id == model.id && !name.is_empty()).then_some(name)
    });
    named.next_back().unwrap_or(&model.id)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn auth(variables: &[(&str, &str)]) -> Auth {
        let own = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        Auth {
            variables: variables.iter().map(own).collect(),
            ..Auth::default()
        }
    }

    fn at(base_url: &str) -> Model {
        Model {
            id: "gpt-x".into(),
            base_url: base_url.into(),
            ..Model::default()
        }
    }

    #[test]
    fn the_place_is_found_however_it_was_copied() {
        let placed =
            |url: &str| base_url(&at(""), &auth(&[("AZURE_OPENAI_BASE_URL", url)])).unwrap();
        for host in [
            "https://r.openai.azure.com",
            "https://r.cognitiveservices.azure.com",
            "https://r.services.ai.azure.com",
        ] {
            let whole = format!("{host}/openai/v1");
            for path in [
                "",
                "/",
                "/openai",
                "/openai/",
                "/openai/v1",
                "/openai/v1/responses?a=1",
            ] {
                assert_eq!(placed(&format!("{host}{path}")), whole, "{path}");
            }
        }
        // Anything else is left as it is.
        let own = "https://r.openai.azure.com/openai/deployments/x";
        assert_eq!(placed(own), own);
        assert_eq!(placed("http://proxy:8080/"), "http://proxy:8080");
        assert_eq!(
            placed("https://evilopenai.azure.com/a"),
            "https://evilopenai.azure.com/a"
        );
    }

    #[test]
    fn the_environment_comes_before_the_model_and_the_url_before_the_name() {
        let both = auth(&[
            ("AZURE_OPENAI_BASE_URL", "https://proxy/v1"),
            ("AZURE_OPENAI_RESOURCE_NAME", "r"),
        ]);
        assert_eq!(
            base_url(&at("https://own/v1"), &both).unwrap(),
            "https://proxy/v1"
        );
        let name = auth(&[("AZURE_OPENAI_RESOURCE_NAME", "r")]);
        let of_name = "https://r.openai.azure.com/openai/v1";
        assert_eq!(base_url(&at("https://own/v1"), &name).unwrap(), of_name);
        for odd in ["evil.com/", "evil.com#", "a@b", "a.b", "a:80"] {
            let odd = auth(&[("AZURE_OPENAI_RESOURCE_NAME", odd)]);
            let why = base_url(&at("https://own/v1"), &odd).unwrap_err().words;
            assert!(why.ends_with("names no resource"), "{why}");
        }
        let own = base_url(&at("https://own/v1/"), &auth(&[])).unwrap();
        assert_eq!(own, "https://own/v1");
        let why = base_url(&at(""), &auth(&[])).unwrap_err().words;
        assert!(why.contains("AZURE_OPENAI_RESOURCE_NAME"), "{why}");
        let why = base_url(&at("no url"), &auth(&[])).unwrap_err().words;
        assert!(why.contains("the URL \"no url\" is not valid"), "{why}");
    }

    #[test]
    fn a_deployment_has_the_models_name_unless_the_map_gives_it_another() {
        let map = |map: &str| auth(&[("AZURE_OPENAI_DEPLOYMENT_NAME_MAP", map)]);
        assert_eq!(deployment(&at(""), &auth(&[])), "gpt-x");
        assert_eq!(deployment(&at(""), &map("a=b, gpt-x = mine ,c")), "mine");
        assert_eq!(deployment(&at(""), &map("gpt-x=,=z,a=b")), "gpt-x");
    }
}
