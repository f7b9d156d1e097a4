//! Where Vertex's models are: the global address for an API key, the project's and the location's own
//! otherwise, or the base URL of models.json.
//!
//! Source: "Locations" and "Method: publishers.models.streamGenerateContent" of Vertex AI's pages.

use super::super::exchange::join;
use super::super::google::STREAM;
use crate::ai::failure::{Failure, Fault, Kind};
use crate::ai::model::Model;
use crate::ai::provider::Auth;

const GLOBAL: &str = "https://aiplatform.googleapis.com";
const VERSION: &str = "v1";
/// Locations of several regions, which have hosts of another form.
const MULTI_REGIONAL: &[&str] = &["us", "eu"];

/// The URL of a request with an API key.
pub fn of_key(model: &Model) -> String {
    below(&base(model).unwrap_or(format!("{GLOBAL}/{VERSION}")), model)
}

/// The URL of a request with a token.
pub fn of_project(model: &Model, auth: &Auth) -> Result<String, Fault> {
    if let Some(base) = base(model) {
        return Ok(below(&base, model));
    }
    let project = auth
        .variable("GOOGLE_CLOUD_PROJECT")
        .or(auth.variable("GCLOUD_PROJECT"));
    let location = auth.variable("GOOGLE_CLOUD_LOCATION");
    let (Some(project), Some(location)) = (project, location) else {
        let unset = [
            (project.is_none(), "GOOGLE_CLOUD_PROJECT"),
            (location.is_none(), "GOOGLE_CLOUD_LOCATION"),
        ];
        let unset = unset.iter().filter(|(unset, _)| *unset);
        let names: Vec<&str> = unset.map(|(_, name)| *name).collect();
        return Err(unplaced(&format!("set {}", names.join(" and "))));
    };
    let is_odd = |name: &str| !is_name(name) || name == location && !is_label(name);
    if let Some(odd) = [project, location].into_iter().find(|name| is_odd(name)) {
        return Err(unplaced(&format!(
            "{odd:?} names no project and no location"
        )));
    }
    let host = match location {
        "global" => GLOBAL.to_owned(),
        of_many if MULTI_REGIONAL.contains(&of_many) => {
            format!("https://aiplatform.{of_many}.rep.googleapis.com")
        }
        region => format!("https://{region}-aiplatform.googleapis.com"),
    };
    let base = format!("{host}/{VERSION}/projects/{project}/locations/{location}");
    Ok(below(&base, model))
}

fn unplaced(what: &str) -> Fault {
    Fault {
        words: format!("it is not known where requests go: {what}"),
        failure: Failure::new(Kind::Credentials),
    }
}

/// Part of a path: nothing in it may lead elsewhere.
fn is_name(name: &str) -> bool {
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b':' | b'_');
    name.bytes().all(fits)
}

/// Part of a host's name.
fn is_label(name: &str) -> bool {
    let fits = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    name.bytes().all(fits)
}

/// The person's own base URL, with a version; the catalogue's has a gap for the location.
fn base(model: &Model) -> Option<String> {
    let base = model.base_url.trim().trim_end_matches('/');
    if base.is_empty() || base.contains("{location}") {
        return None;
    }
    let (_, path) = base.split_once("://").unwrap_or(("", base));
    match path.split('/').skip(1).any(is_version) {
        true => Some(base.to_owned()),
        false => Some(format!("{base}/{VERSION}")),
    }
}

/// `v1`, `v1beta`, `v1beta1`.
fn is_version(part: &str) -> bool {
    let Some(rest) = part.strip_prefix('v') else {
        return false;
    };
    let (number, beta) = rest.split_once("beta").unwrap_or((rest, ""));
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    !number.is_empty() && digits(number) && digits(beta)
}

fn below(base: &str, model: &Model) -> String {
    let name = match model.id.split_once('/') {
        Some(("publishers" | "projects" | "models", _)) => model.id.clone(),
        Some((publisher, id)) => format!("publishers/{publisher}/models/{id}"),
        None => format!("publishers/google/models/{}", model.id),
    };
    join(base, &format!("/{name}{STREAM}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn model(base_url: &str, id: &str) -> Model {
        Model {
            id: id.into(),
            base_url: base_url.into(),
            ..Model::default()
        }
    }

    fn auth(variables: &[(&str, &str)]) -> Auth {
        let own = |(name, value): &(&str, &str)| (name.to_string(), value.to_string());
        Auth {
            variables: variables.iter().map(own).collect(),
            ..Auth::default()
        }
    }

    const LISTED: &str = "https://{location}-aiplatform.googleapis.com";

    #[test]
    fn a_key_goes_to_the_global_address_and_a_token_to_the_location() {
        let place = |project: &str, location: &str| {
            let variables = [
                ("GCLOUD_PROJECT", project),
                ("GOOGLE_CLOUD_LOCATION", location),
            ];
            of_project(&model(LISTED, "m1"), &auth(&variables)).unwrap()
        };
        let behind = "publishers/google/models/m1:streamGenerateContent?alt=sse";
        assert_eq!(
            of_key(&model(LISTED, "m1")),
            format!("https://aiplatform.googleapis.com/v1/{behind}")
        );
        for (location, host) in [
            ("us-central1", "us-central1-aiplatform.googleapis.com"),
            ("global", "aiplatform.googleapis.com"),
            ("eu", "aiplatform.eu.rep.googleapis.com"),
        ] {
            assert_eq!(
                place("p", location),
                format!("https://{host}/v1/projects/p/locations/{location}/{behind}")
            );
        }
    }

    #[test]
    fn a_base_url_of_the_persons_own_is_taken_as_it_is() {
        for (base, expected) in [
            ("http://host/", "http://host/v1/"),
            ("http://host/gate/v1beta1", "http://host/gate/v1beta1/"),
            ("http://v1.host", "http://v1.host/v1/"),
        ] {
            let model = model(base, "meta/llama");
            let url = format!("{expected}publishers/meta/models/llama{STREAM}");
            assert_eq!(of_key(&model), url);
            assert_eq!(of_project(&model, &auth(&[])), Ok(url));
        }
    }

    #[test]
    fn what_is_missing_or_leads_elsewhere_is_named() {
        let fails = |variables: &[(&str, &str)]| {
            let place = of_project(&model(LISTED, "m1"), &auth(variables));
            place.unwrap_err().words
        };
        assert_eq!(
            fails(&[("GOOGLE_CLOUD_PROJECT", " ")]),
            "it is not known where requests go: set GOOGLE_CLOUD_PROJECT and GOOGLE_CLOUD_LOCATION"
        );
        assert_eq!(
            fails(&[("GOOGLE_CLOUD_PROJECT", "p")]),
            "it is not known where requests go: set GOOGLE_CLOUD_LOCATION"
        );
        for place in ["evil.example/", "evil.example", "evil:80", "a_b"] {
            let odd = [
                ("GOOGLE_CLOUD_PROJECT", "p"),
                ("GOOGLE_CLOUD_LOCATION", place),
            ];
            assert!(fails(&odd).contains("names no project"), "{place}");
        }
    }
}
