//! Which region a request is for, and which server it goes to.
//!
//! Region: what the model's ARN says, `AWS_REGION`, `AWS_DEFAULT_REGION`, the profile, the model's base
//! URL, `us-east-1`. Server: a base URL that is not AWS's own, `AWS_ENDPOINT_URL_BEDROCK_RUNTIME`,
//! `AWS_ENDPOINT_URL`, the profile's `endpoint_url`, AWS's own in that region.

use reqwest::Url;

use super::credentials::{Fields, Profiles};
use crate::ai::model::Model;
use crate::ai::provider::Auth;

const USUAL: &str = "us-east-1";

/// Where a request goes.
#[derive(Debug, PartialEq, Eq)]
pub struct Place {
    /// Such as `us-east-1`.
    pub region: String,
    /// The URL below which the API's paths are.
    pub base_url: String,
}

impl Place {
    /// Where a request to `model` goes; `Err` in words where the region is none.
    pub fn find(model: &Model, auth: &Auth, profiles: &Profiles) -> Result<Self, String> {
        let own = Own::of(&model.base_url);
        let profile = profile_in_use(auth, profiles);
        let in_profile = |name: &str| profile.and_then(|fields| fields.get(name));
        let region = region_of_arn(&model.id)
            .or_else(|| auth.variable("AWS_REGION"))
            .or_else(|| auth.variable("AWS_DEFAULT_REGION"))
            .or_else(|| in_profile("region").map(String::as_str))
            .or(own.as_ref().map(|own| own.region.as_str()))
            .unwrap_or(USUAL)
            .to_owned();
        checked(&region)?;
        let base_url = match own {
            None if !model.base_url.is_empty() => model.base_url.clone(),
            own => {
                let set = set_endpoint(auth, "BEDROCK_RUNTIME").or_else(|| {
                    let set = in_profile("endpoint_url").filter(|_| heeds_endpoints(auth))?;
                    Some(set.as_str())
                });
                match set {
                    Some(url) => url.to_owned(),
                    None => {
                        let fips = own.is_some_and(|own| own.fips) || wants_fips(auth);
                        let fips = if fips { "-fips" } else { "" };
                        format!("https://bedrock-runtime{fips}.{region}.{}", suffix(&region))
                    }
                }
            }
        };
        Ok(Place { region, base_url })
    }
}

/// A base URL that is AWS's own.
struct Own {
    region: String,
    fips: bool,
}

impl Own {
    fn of(base_url: &str) -> Option<Self> {
        let url = Url::parse(base_url).ok()?;
        let host = url.host_str()?.to_ascii_lowercase();
        let rest = host.strip_prefix("bedrock-runtime")?;
        let (fips, rest) = match rest.strip_prefix("-fips") {
            Some(rest) => (true, rest),
            None => (false, rest),
        };
        let (region, rest) = rest.strip_prefix('.')?.split_once('.')?;
        matches!(rest, "amazonaws.com" | "amazonaws.com.cn").then(|| Own {
            region: region.to_owned(),
            fips,
        })
    }
}

/// The URL that the variables set for a service.
pub fn set_endpoint<'a>(auth: &'a Auth, service: &str) -> Option<&'a str> {
    if !heeds_endpoints(auth) {
        return None;
    }
    let of_service = auth.variable(&format!("AWS_ENDPOINT_URL_{service}"));
    of_service.or_else(|| auth.variable("AWS_ENDPOINT_URL"))
}

fn heeds_endpoints(auth: &Auth) -> bool {
    let ignored = auth.variable("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS");
    !ignored.is_some_and(|value| value.eq_ignore_ascii_case("true"))
}

fn wants_fips(auth: &Auth) -> bool {
    let wanted = auth.variable("AWS_USE_FIPS_ENDPOINT");
    wanted.is_some_and(|value| value.eq_ignore_ascii_case("true"))
}

/// A region is part of a host's name: nothing in it may lead elsewhere.
pub fn checked(region: &str) -> Result<(), String> {
    let fits = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    match !region.is_empty() && region.bytes().all(fits) {
        true => Ok(()),
        false => Err(format!("{region:?} is no AWS region")),
    }
}

/// The domain that the servers of a region's partition are in.
pub fn suffix(region: &str) -> &'static str {
    let partitions = [
        ("cn-", "amazonaws.com.cn"),
        ("us-isob-", "sc2s.sgov.gov"),
        ("us-iso-", "c2s.ic.gov"),
        ("eusc-", "amazonaws.eu"),
    ];
    let found = partitions
        .iter()
        .find(|(prefix, _)| region.starts_with(prefix));
    found.map_or("amazonaws.com", |(_, suffix)| suffix)
}

fn region_of_arn(id: &str) -> Option<&str> {
    let mut parts = id.split(':');
    let head = [parts.next()?, parts.next()?, parts.next()?];
    let is_arn = head[0] == "arn" && head[1].starts_with("aws") && head[2] == "bedrock";
    parts.next().filter(|region| is_arn && !region.is_empty())
}

/// The profile whose settings hold: the one that is named, or the default one where keys are not given
/// outright.
fn profile_in_use<'a>(auth: &Auth, profiles: &'a Profiles) -> Option<&'a Fields> {
    if let Some(name) = auth.variable("AWS_PROFILE") {
        return profiles.named(name);
    }
    let given = ["AWS_ACCESS_KEY_ID", "AWS_BEARER_TOKEN_BEDROCK"];
    let is_given = auth.api_key.is_some() || given.iter().any(|name| auth.variable(name).is_some());
    profiles.named("default").filter(|_| !is_given)
}

#[cfg(test)]
mod tests {
    use super::*;

    const STOCK: &str = "https://bedrock-runtime.us-east-1.amazonaws.com";

    fn found(id: &str, base_url: &str, variables: &[(&str, &str)]) -> (String, String) {
        let model = Model {
            id: id.into(),
            base_url: base_url.into(),
            ..Model::default()
        };
        let mut auth = Auth::default();
        for (name, value) in variables {
            auth.variables.insert(name.to_string(), value.to_string());
        }
        let place = Place::find(&model, &auth, &Profiles::default()).unwrap();
        (place.region, place.base_url)
    }

    fn at(region: &str, base_url: &str) -> (String, String) {
        (region.into(), base_url.into())
    }

    #[test]
    fn the_region_is_the_one_that_says_most_of_the_request() {
        let paris = "https://bedrock-runtime.eu-west-3.amazonaws.com";
        let arn = "arn:aws:bedrock:eu-west-3:123456789012:application-inference-profile/abc";
        let gov = "arn:aws-us-gov:bedrock:us-gov-west-1:1:inference-profile/x";
        assert_eq!(found("m", STOCK, &[]), at("us-east-1", STOCK));
        assert_eq!(found("m", paris, &[]), at("eu-west-3", paris));
        let both = [
            ("AWS_DEFAULT_REGION", "eu-west-1"),
            ("AWS_REGION", "eu-west-3"),
        ];
        assert_eq!(found("m", STOCK, &both), at("eu-west-3", paris));
        assert_eq!(
            found(arn, STOCK, &[("AWS_REGION", "us-west-2")]),
            at("eu-west-3", paris)
        );
        assert_eq!(
            found(gov, STOCK, &[]),
            at(
                "us-gov-west-1",
                "https://bedrock-runtime.us-gov-west-1.amazonaws.com"
            )
        );
        assert_eq!(
            found("m", STOCK, &[("AWS_REGION", "cn-north-1")]),
            at(
                "cn-north-1",
                "https://bedrock-runtime.cn-north-1.amazonaws.com.cn"
            )
        );
    }

    #[test]
    fn a_region_that_leads_elsewhere_is_none() {
        let fails = |id: &str, variables: &[(&str, &str)]| {
            let model = Model {
                id: id.into(),
                base_url: STOCK.into(),
                ..Model::default()
            };
            let own = |(name, value): &(&str, &str)| (name.to_string(), value.to_string());
            let auth = Auth {
                variables: variables.iter().map(own).collect(),
                ..Auth::default()
            };
            let words = Place::find(&model, &auth, &Profiles::default()).unwrap_err();
            assert!(words.ends_with("is no AWS region"), "{words}");
        };
        fails("arn:aws:bedrock:x.evil.com/:1:inference-profile/a", &[]);
        for odd in [
            "x.evil.com/",
            "x@evil",
            "evil.com#",
            "US-EAST-1",
            "é",
            "a b",
        ] {
            fails("m", &[("AWS_REGION", odd)]);
            fails("m", &[("AWS_DEFAULT_REGION", odd)]);
        }
    }

    #[test]
    fn a_server_of_ones_own_wins_over_awss() {
        let own = "http://localhost:1/bedrock";
        let set = ("AWS_ENDPOINT_URL_BEDROCK_RUNTIME", own);
        let any = ("AWS_ENDPOINT_URL", "http://localhost:2");
        assert_eq!(found("m", own, &[any]), at("us-east-1", own));
        assert_eq!(found("m", STOCK, &[set, any]), at("us-east-1", own));
        assert_eq!(found("m", STOCK, &[any]).1, any.1);
        let ignored = ("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "true");
        assert_eq!(found("m", STOCK, &[set, any, ignored]).1, STOCK);
        assert_eq!(
            found("m", STOCK, &[("AWS_USE_FIPS_ENDPOINT", "true")]).1,
            "https://bedrock-runtime-fips.us-east-1.amazonaws.com"
        );
        let lookalike = "https://bedrock-runtime.us-east-1.amazonaws.com.example";
        assert_eq!(found("m", lookalike, &[any]).1, lookalike);
    }
}
