//! Who asks: every source of credentials, from real files, real commands and servers that stand in for
//! AWS's.

use futures::StreamExt;
use pi::ai::StopReason;
use pi::ai::failure::Kind;
use pi::ai::providers::provider_for;
use pi::ai::tokens::Seen;
use serde_json::json;
use tokio_util::sync::CancellationToken;

use super::super::hello;
use super::{API, Asker, signer};
use crate::support::model_server::{ModelServer, Turn};

fn ok(count: usize) -> Vec<Turn> {
    (0..count).map(|_| Turn::text("ok")).collect()
}

fn signed(asker: &Asker) -> (String, String, Option<String>) {
    signer(&asker.seen())
}

fn as_signed(id: &str, region: &str, token: Option<&str>) -> (String, String, Option<String>) {
    (id.into(), region.into(), token.map(str::to_owned))
}

/// What STS answers.
fn sts(action: &str, id: &str) -> Turn {
    let body = format!(
        "<{action}Response xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\">\n<{action}Result>\n\
         <Credentials>\n<AccessKeyId>{id}</AccessKeyId>\n<SecretAccessKey>sec/ret</SecretAccessKey>\n\
         <SessionToken>of-sts+==</SessionToken>\n<Expiration>2030-01-01T00:00:00Z</Expiration>\n\
         </Credentials>\n</{action}Result></{action}Response>"
    );
    Turn::raw(body).header("content-type", "text/xml")
}

#[tokio::test]
async fn a_key_goes_out_as_a_bearer_token_and_nothing_is_signed() {
    let asker = Asker::of(ok(2)).with("AWS_ACCESS_KEY_ID", "AKID");
    let asker = asker.with("AWS_SECRET_ACCESS_KEY", "secret");
    asker.send(hello()).await;
    let seen = asker.seen();
    assert_eq!(seen.header("authorization"), Some("Bearer sk-secret"));
    assert_eq!(seen.header("x-amz-date"), None);
    let asker = asker.with("AWS_BEARER_TOKEN_BEDROCK", "bedrock-api-key");
    asker.ask().await;
    let seen = asker.seen();
    assert_eq!(seen.header("authorization"), Some("Bearer bedrock-api-key"));
}

#[tokio::test]
async fn keys_of_the_environment_sign_and_come_before_a_profile() {
    let asker = Asker::of(ok(2))
        .with("AWS_ACCESS_KEY_ID", "AKIDENV")
        .with("AWS_SECRET_ACCESS_KEY", "secret")
        .with("AWS_SESSION_TOKEN", "session")
        .with("AWS_PROFILE", "other");
    asker.file(
        ".aws/credentials",
        "[other]\naws_access_key_id = AKIDFILE\naws_secret_access_key = s\n",
    );
    let said = asker.ask().await;
    assert_eq!(said.to_text(), "ok");
    assert_eq!(
        signed(&asker),
        as_signed("AKIDENV", "us-east-1", Some("session"))
    );
    let seen = asker.seen();
    let signature = seen.header("authorization").unwrap();
    assert!(
        signature.contains("SignedHeaders=content-type;host;x-amz-date;x-amz-security-token,"),
        "{signature}"
    );
    assert_eq!(seen.header("x-amz-date"), Some("19700101T000000Z"));
    let asker = asker.with("AWS_REGION", "eu-west-3");
    asker.ask().await;
    assert_eq!(signed(&asker).1, "eu-west-3");
}

#[tokio::test]
async fn a_profile_gives_keys_and_region_from_the_usual_files_or_from_others() {
    let asker = Asker::of(ok(3)).with("AWS_PROFILE", "work");
    asker.file(
        ".aws/credentials",
        "[work]\naws_access_key_id=AKIDWORK\naws_secret_access_key=s\naws_session_token=t\n",
    );
    asker.file(".aws/config", "[profile work]\nregion = ap-southeast-2\n");
    asker.ask().await;
    let work = as_signed("AKIDWORK", "ap-southeast-2", Some("t"));
    assert_eq!(signed(&asker), work);
    // Read at the time of the request: a changed file counts at once.
    asker.file(
        "elsewhere",
        "[work]\naws_access_key_id=AKIDNEW\naws_secret_access_key=s\n",
    );
    let asker = asker.with("AWS_SHARED_CREDENTIALS_FILE", "~/elsewhere");
    asker.ask().await;
    assert_eq!(signed(&asker), as_signed("AKIDNEW", "ap-southeast-2", None));
    // The default profile, where none is named.
    let mut asker = asker;
    asker.variables.clear();
    asker.file(
        ".aws/credentials",
        "[default]\naws_access_key_id=AKIDDEFAULT\naws_secret_access_key=s\nregion=eu-north-1\n",
    );
    asker.ask().await;
    assert_eq!(signed(&asker), as_signed("AKIDDEFAULT", "eu-north-1", None));
}

#[cfg(unix)]
#[tokio::test]
async fn a_command_gives_keys_once_until_shortly_before_they_end() {
    let asker = Asker::of(ok(4)).with("AWS_PROFILE", "tool");
    let run = |name: &str, expiration: &str| {
        let script = asker.file(
            name,
            &format!(
                "echo run >> {log}; printf '%s' '{{\"Version\": 1, \"AccessKeyId\": \"AKIDTOOL\", \
                 \"SecretAccessKey\": \"s\", \"SessionToken\": \"t\", \"Expiration\": \"{expiration}\"}}'",
                log = asker.home.path().join("log").display()
            ),
        );
        let config = format!(
            "[profile tool]\nregion = us-west-2\ncredential_process = sh '{}' # AWS's own\n",
            script.display()
        );
        asker.file(".aws/config", &config);
    };
    let runs = || {
        let log = std::fs::read_to_string(asker.home.path().join("log"));
        log.unwrap().lines().count()
    };
    // It is seven milliseconds past 1970.
    run("long", "1970-01-01T01:00:00Z");
    asker.ask().await;
    asker.ask().await;
    assert_eq!(
        signed(&asker),
        as_signed("AKIDTOOL", "us-west-2", Some("t"))
    );
    assert_eq!(runs(), 1);
    run("short", "1970-01-01T00:03:59Z");
    asker.ask().await;
    asker.ask().await;
    assert_eq!(runs(), 3);
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn what_a_command_leaves_running_is_neither_waited_for_nor_killed() {
    let asker = Asker::of(ok(1)).with("AWS_PROFILE", "tool");
    let place = |name: &str| asker.home.path().join(name).display().to_string();
    let (goes, comes) = (place("goes"), place("comes"));
    let script = asker.file(
        "tool",
        &format!(
            "mkfifo '{goes}' '{comes}'; (read x < '{goes}'; echo $x > '{comes}') &\n\
             printf '%s' '{{\"Version\": 1, \"AccessKeyId\": \"AKIDTOOL\", \"SecretAccessKey\": \"s\"}}'\n"
        ),
    );
    asker.file(
        ".aws/config",
        &format!(
            "[profile tool]\ncredential_process = sh '{}'\n",
            script.display()
        ),
    );
    let said = asker.ask().await;
    assert_eq!(said.error_message, None);
    assert_eq!(signed(&asker).0, "AKIDTOOL");
    // It holds the output open still, and is there.
    std::fs::write(goes, "alive\n").unwrap();
    assert_eq!(std::fs::read_to_string(comes).unwrap(), "alive\n");
}

#[tokio::test]
async fn a_region_that_would_lead_elsewhere_sends_nothing() {
    let mut asker = Asker::of([]);
    asker.model.id = "arn:aws:bedrock:x.evil.com/:1:inference-profile/a".into();
    let mut request = hello();
    request.auth.api_key = Some("bearer-of-somebody".into());
    let (_, said) = asker.send(request).await;
    let error = said.error_message.unwrap();
    assert_eq!(error, "acme: \"x.evil.com/\" is no AWS region");
    assert!(asker.server.requests().is_empty());
    // Nor does one of a profile, to STS.
    let asker = Asker::of([]).with("AWS_PROFILE", "role");
    asker.file(
        ".aws/config",
        "[profile role]\nregion = x.evil.com/\nrole_arn = arn:r\nsource_profile = base\n\
         [profile base]\naws_access_key_id = A\naws_secret_access_key = s\n",
    );
    let error = asker.ask().await.error_message.unwrap();
    assert!(error.ends_with("is no AWS region"), "{error}");
}

#[tokio::test]
async fn a_role_is_taken_with_the_keys_of_another_profile() {
    let fake = ModelServer::start([sts("AssumeRole", "ASIAROLE")]);
    let asker = Asker::of(ok(2))
        .with("AWS_PROFILE", "role")
        .with("AWS_ENDPOINT_URL_STS", &fake.url());
    asker.file(
        ".aws/config",
        "[profile role]\nrole_arn = arn:aws:iam::123456789012:role/pi\nsource_profile = base\n\
         role_session_name = me@work\nexternal_id = x y\nduration_seconds = 900\nregion = eu-west-1\n\
         [profile base]\naws_access_key_id = AKIDBASE\naws_secret_access_key = s\n",
    );
    asker.ask().await;
    asker.ask().await;
    assert_eq!(
        signed(&asker),
        as_signed("ASIAROLE", "eu-west-1", Some("of-sts+=="))
    );
    let asked = fake.requests();
    assert_eq!(asked.len(), 1, "the role was taken again");
    // Those of the profile and of the role, for whoever masks.
    let seen = asker.http.remembered::<Seen>().all();
    assert_eq!(seen, ["of-sts+==", "s", "sec/ret"]);
    assert_eq!(
        asked[0].raw_body,
        "Action=AssumeRole&Version=2011-06-15\
         &RoleArn=arn%3Aaws%3Aiam%3A%3A123456789012%3Arole%2Fpi&RoleSessionName=me%40work\
         &ExternalId=x%20y&DurationSeconds=900"
    );
    let by = signer(&asked[0]);
    assert_eq!(by, as_signed("AKIDBASE", "eu-west-1", None));
    let header = asked[0].header("authorization").unwrap();
    assert!(header.contains("/sts/aws4_request"), "{header}");
}

#[tokio::test]
async fn a_web_identity_takes_a_role_unsigned() {
    let fake = ModelServer::start([sts("AssumeRoleWithWebIdentity", "ASIAWEB")]);
    let asker = Asker::of(ok(1));
    let token = asker.file("token", "eyJ.a/b\n");
    let asker = asker
        .with("AWS_WEB_IDENTITY_TOKEN_FILE", token.to_str().unwrap())
        .with("AWS_ROLE_ARN", "arn:aws:iam::1:role/r")
        .with("AWS_ROLE_SESSION_NAME", "pod")
        .with("AWS_ENDPOINT_URL_STS", &fake.url());
    asker.ask().await;
    assert_eq!(signed(&asker).0, "ASIAWEB");
    let asked = &fake.requests()[0];
    assert_eq!(asked.header("authorization"), None);
    assert_eq!(
        asked.raw_body,
        "Action=AssumeRoleWithWebIdentity&Version=2011-06-15\
         &RoleArn=arn%3Aaws%3Aiam%3A%3A1%3Arole%2Fr&RoleSessionName=pod\
         &WebIdentityToken=eyJ.a%2Fb"
    );
}

#[tokio::test]
async fn a_containers_host_hands_keys_out() {
    let keys = json!({"AccessKeyId": "ASIACONT", "SecretAccessKey": "s", "Token": "t",
        "Expiration": "2030-01-01T00:00:00Z", "RoleArn": "arn"});
    let host = ModelServer::start([Turn::json(200, keys)]);
    let asker = Asker::of(ok(2));
    let token = asker.file("token", "let me in\n");
    let url = format!("{}/v1/credentials", host.url());
    let asker = asker
        .with("AWS_CONTAINER_CREDENTIALS_FULL_URI", &url)
        .with("AWS_CONTAINER_AUTHORIZATION_TOKEN", "the other one")
        .with(
            "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE",
            token.to_str().unwrap(),
        );
    asker.ask().await;
    asker.ask().await;
    assert_eq!(
        signed(&asker),
        as_signed("ASIACONT", "us-east-1", Some("t"))
    );
    let asked = host.requests();
    assert_eq!(asked.len(), 1);
    assert_eq!(asked[0].path, "/v1/credentials");
    assert_eq!(asked[0].header("authorization"), Some("let me in"));
}

#[tokio::test]
async fn a_server_that_asks_for_nothing_is_given_nothing() {
    let asker = Asker::of(ok(1))
        .with("AWS_BEDROCK_SKIP_AUTH", "1")
        .with("AWS_BEDROCK_FORCE_HTTP1", "1")
        .with("AWS_BEARER_TOKEN_BEDROCK", "secret");
    asker.send(hello()).await;
    let seen = asker.seen();
    assert_eq!(signer(&seen).0, "dummy-access-key");
    assert!(
        !seen
            .headers
            .iter()
            .any(|(_, value)| value.contains("secret"))
    );
}

#[tokio::test]
async fn what_is_missing_is_said_in_one_message_and_nothing_is_sent() {
    let cases = [
        (
            "",
            "",
            "no AWS credentials. Set AWS_BEARER_TOKEN_BEDROCK, or AWS_PROFILE, or",
        ),
        ("nobody", "", "there is no AWS profile \"nobody\" in "),
        (
            "sso",
            "[profile sso]\nsso_session = s\nsso_account_id = 1\n",
            "the AWS profile \"sso\" is one of a login, which pi does not read. AWS's own tool can \
             hand the credentials over: `eval \"$(aws configure export-credentials --profile sso ",
        ),
        (
            "mfa",
            "[profile mfa]\nrole_arn = r\nsource_profile = mfa\nmfa_serial = m\n",
            "the AWS profile \"mfa\" asks for a code (mfa_serial), which pi cannot ask for.",
        ),
        (
            "a",
            "[profile a]\nrole_arn = r\nsource_profile = b\n[profile b]\nrole_arn = r\nsource_profile = a\n",
            "the AWS profile \"a\" takes its credentials from itself",
        ),
        (
            "none",
            "[profile none]\nregion = x\n",
            "the AWS profile \"none\" says nothing that pi can sign with.",
        ),
        (
            "broken",
            "[profile broken]\ncredential_process = echo so not >&2; exit 3\n",
            "the credential_process of the AWS profile \"broken\" failed: so not",
        ),
        (
            "chatty",
            "[profile chatty]\ncredential_process = echo hello\n",
            "the credential_process of the AWS profile \"chatty\" did not print version 1 of AWS's JSON",
        ),
    ];
    for (profile, config, words) in cases {
        let asker = Asker::of([]).with("AWS_PROFILE", profile);
        asker.file(".aws/config", config);
        let said = asker.ask().await;
        assert_eq!(said.stop_reason, StopReason::Error);
        assert_eq!(said.failure.unwrap().kind, Kind::Credentials, "{profile}");
        let error = said.error_message.unwrap();
        assert!(error.starts_with(&format!("acme: {words}")), "{error}");
        assert!(asker.server.requests().is_empty());
    }
    let far = Asker::of([]).with("AWS_CONTAINER_CREDENTIALS_FULL_URI", "http://example.com/");
    let error = far.ask().await.error_message.unwrap();
    assert!(error.contains("has to be an https URL"), "{error}");
}

#[tokio::test]
async fn a_refusal_of_sts_is_told_and_its_crowd_passes() {
    let xml = "<ErrorResponse><Error><Type>Sender</Type><Code>AccessDenied</Code>\
               <Message>Not you.</Message></Error></ErrorResponse>";
    let fake = ModelServer::start([
        Turn::status(403, xml),
        Turn::status(503, ""),
        sts("AssumeRole", "ASIAROLE"),
    ]);
    let asker = Asker::of(ok(1))
        .with("AWS_PROFILE", "role")
        .with("AWS_ENDPOINT_URL_STS", &fake.url());
    asker.file(
        ".aws/config",
        "[profile role]\nrole_arn = arn:r\nsource_profile = base\n\
         [profile base]\naws_access_key_id = AKIDBASE\naws_secret_access_key = s\n",
    );
    let said = asker.ask().await;
    assert_eq!(
        said.error_message.unwrap(),
        "acme: asked for AWS credentials, STS (for the role arn:r) answered 403: Not you. (AccessDenied)"
    );
    assert_eq!(said.failure.unwrap().kind, Kind::Credentials);
    assert_eq!(asker.ask().await.failure.unwrap().kind, Kind::Busy);
    assert_eq!(asker.ask().await.to_text(), "ok");
}

#[tokio::test]
async fn the_canonical_string_of_a_signature_is_told_without_the_sessions_token() {
    let token = "FwoGZXIvYXdzEBYaDH+session/token==";
    let canonical =
        format!("The signature does not match. POST\n/\nx-amz-security-token:{token}\n");
    let xml = format!(
        "<ErrorResponse><Error><Code>SignatureDoesNotMatch</Code><Message>{canonical}{}</Message>\
         </Error></ErrorResponse>",
        "x".repeat(50_000)
    );
    let fake = ModelServer::start([Turn::status(403, &xml), sts("AssumeRole", "ASIAROLE")]);
    let asker = Asker::of([])
        .with("AWS_PROFILE", "role")
        .with("AWS_ENDPOINT_URL_STS", &fake.url());
    asker.file(
        ".aws/config",
        &format!(
            "[profile role]\nrole_arn = arn:r\nsource_profile = base\n[profile base]\n\
             aws_access_key_id = A\naws_secret_access_key = s\naws_session_token = {token}\n"
        ),
    );
    let said = asker.ask().await.error_message.unwrap();
    assert!(said.contains("x-amz-security-token:…"), "{said}");
    assert!(said.len() < 4000, "{}", said.len());
    // And Bedrock itself, with the keys of the environment.
    let refusal = Turn::json(403, serde_json::json!({"message": canonical}));
    let asker = Asker::of([refusal])
        .with("AWS_ACCESS_KEY_ID", "AKID")
        .with("AWS_SECRET_ACCESS_KEY", "s")
        .with("AWS_SESSION_TOKEN", token);
    let said = asker.ask().await.error_message.unwrap();
    assert!(said.contains("x-amz-security-token:…"), "{said}");
}

#[tokio::test]
async fn an_abort_ends_the_wait_for_credentials() {
    let host = ModelServer::start([Turn::silent()]);
    let asker = Asker::of([]);
    let mut request = hello();
    request.auth.api_key = None;
    let url = host.url();
    let variables = [("AWS_CONTAINER_CREDENTIALS_FULL_URI".to_owned(), url)];
    request.auth.variables.extend(variables);
    let stop = CancellationToken::new();
    let provider = provider_for(API, &asker.http).unwrap();
    let stream = provider.stream(&asker.model, request, stop.clone());
    let asking = tokio::spawn(stream.collect::<Vec<_>>());
    tokio::task::spawn_blocking(move || {
        host.wait_for_requests(1);
        stop.cancel();
    })
    .await
    .unwrap();
    let said = super::done(&asking.await.unwrap());
    assert_eq!(said.stop_reason, StopReason::Aborted);
    assert!(asker.server.requests().is_empty());
}
