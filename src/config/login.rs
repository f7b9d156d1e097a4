//! Logins in the registry: logging in, and tokens that are good for the next request.

use thiserror::Error;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::auth::AuthFile;
use super::edit::{self, Privacy};
use super::jsonc::Document;
use super::lock::Mark;
use super::models::{AuthError, AuthSource, Registry};
use super::problem::Problem;
use crate::ai::catalog;
use crate::ai::http::HttpClient;
use crate::ai::message::Millis;
use crate::ai::oauth::{self, Face, LoginError, Means, Method, News, Tokens};

/// Tokens that end sooner are renewed before a request; the reference does it so.
const MARGIN: Millis = 5 * 60 * 1000;

/// Why nobody is logged in now.
#[derive(Debug, Error)]
pub enum LogInError {
    /// Only models are reached.
    #[error(
        "pi is offline (PI_OFFLINE or --offline), and a login needs the provider; an API key can still be stored"
    )]
    Offline,
    /// The login itself.
    #[error(transparent)]
    Login(#[from] LoginError),
    /// It went well, and could not be stored; or the settings could not be.
    #[error("{0}")]
    File(Problem),
}

impl Registry {
    /// Logs in to a provider and stores the tokens in `auth.json`, in place of the
    /// credential that was there. To use them, read the files again.
    pub async fn log_in(
        &self,
        provider: &str,
        method: Method,
        http: &HttpClient,
        face: &dyn Face,
        stop: &CancellationToken,
    ) -> Result<(), LogInError> {
        if self.sources.env.offline() {
            return Err(LogInError::Offline);
        }
        let mut means = self.means(http);
        let mut made = None;
        if provider == NAMES_INSTALLATION {
            let known = self.device_id().map_err(LogInError::File)?;
            means.device_id = Some(known.unwrap_or_else(|| {
                let id = Uuid::new_v4().to_string();
                made.insert(id).clone()
            }));
        }
        let done = oauth::login(provider, method, &means, face, stop).await;
        // Kept once the vendor has been asked with it.
        let is_asked = !matches!(&done, Err(LoginError::Cancelled | LoginError::Late { .. }));
        if let Some(id) = made.filter(|_| is_asked)
            && let Err(problem) = self.keep_device_id(&id)
        {
            let text = format!("The name of this installation was not kept: {problem}");
            face.tell(News::Progress(text));
        }
        let tokens = done?;
        let failed = |error: std::io::Error| {
            let file = &self.sources.auth;
            LogInError::File(Problem::new(file, format!("cannot be written: {error}")))
        };
        // Whoever renews a login holds the mark for longer than a change takes; this one is not to be lost.
        let target = edit::target_of(&self.sources.auth).map_err(failed)?;
        let Some(mark) = Mark::claim(&target, stop).await.map_err(failed)? else {
            return Err(LoginError::Cancelled.into());
        };
        let mut auth = self.auth.clone();
        auth.set_login(&mark, provider, &tokens)
            .map_err(LogInError::File)
    }

    /// The tokens of a provider's login, good for five minutes and for `margin` milliseconds; renewed if
    /// they are not, also offline: it is a part of the request to the model that they are for.
    pub async fn fresh_tokens(
        &self,
        provider: &str,
        margin: Millis,
        http: &HttpClient,
    ) -> Result<Tokens, AuthError> {
        let margin = margin.max(MARGIN);
        let provider = catalog::present_id(provider);
        let now = || self.sources.clock.now();
        let Some(known) = self.auth.tokens(provider) else {
            return Err(self.missing(provider));
        };
        // Those of an extension's providers are used until they end.
        if oauth::account(provider).is_none() || !known.end_within(margin, now()) {
            return Ok(known);
        }
        // Somebody else may have renewed them since the file was read.
        let (auth, _) = AuthFile::load(&self.sources.auth);
        if let Some(newer) = auth.tokens(provider)
            && !newer.end_within(margin, now())
        {
            self.sources.renewals.note(&newer);
            return Ok(newer);
        }
        let renewals = &self.sources.renewals;
        let renewed = renewals
            .fresh(&self.sources.auth, provider, margin, self.means(http))
            .await;
        match renewed {
            Ok(Some(tokens)) => Ok(tokens),
            Ok(None) => Err(self.missing(provider)),
            Err(error) => Err(AuthError::Renewal {
                provider: provider.to_owned(),
                why: error.why,
                is_final: error.is_final,
            }),
        }
    }

    /// The login that a request to this provider would use.
    pub fn login_of(&self, provider: &str) -> Option<Tokens> {
        let provider = catalog::present_id(provider);
        match self.auth_source(provider)? {
            AuthSource::File => self.auth.tokens(provider),
            _ => None,
        }
    }

    /// Whether the login of a provider ends within `margin` milliseconds.
    pub fn ends_within(&self, provider: &str, margin: Millis) -> bool {
        let tokens = self.login_of(provider);
        tokens.is_some_and(|tokens| tokens.end_within(margin, self.sources.clock.now()))
    }

    /// The renewals of this process, to be settled at its end.
    pub fn renewals(&self) -> super::Renewals {
        self.sources.renewals.clone()
    }

    fn means(&self, http: &HttpClient) -> Means {
        let env = &self.sources.env;
        let mut means = Means::new(http.clone(), self.sources.clock.clone());
        if let Some(host) = env.get("PI_OAUTH_CALLBACK_HOST") {
            means.callback_host = host.to_owned();
        }
        let kimi = env.get("KIMI_CODE_OAUTH_HOST");
        means.kimi_host = kimi.or(env.get("KIMI_OAUTH_HOST")).map(str::to_owned);
        means
    }

    /// The name of this installation, as the settings have it.
    fn device_id(&self) -> Result<Option<String>, Problem> {
        let settings = Document::read(&self.sources.settings)?;
        let id = settings.root().get("deviceId").and_then(|id| id.as_str());
        Ok(id.map(str::to_owned))
    }

    fn keep_device_id(&self, id: &str) -> Result<(), Problem> {
        let file = &self.sources.settings;
        edit::set(file, &["deviceId"], Some(id.into()), Privacy::Shared)
    }
}

/// Where requests with this login go, when it says so.
pub(super) fn base_url(provider: &str, tokens: &Tokens) -> Option<String> {
    (catalog::present_id(provider) == COPILOT).then(|| oauth::base_url(tokens))
}

pub(super) const COPILOT: &str = "github-copilot";
/// The provider whose login wants to know which installation it is for.
const NAMES_INSTALLATION: &str = "openai";
