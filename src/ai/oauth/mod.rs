//! Logins with an account: which providers have one, how it goes, and how its tokens are renewed.
//!
//! [`login`] runs one flow against a [`Face`] that shows and asks; [`refresh`] renews. Neither keeps
//! anything: where tokens live, and who may renew them when, is `config`'s business. Addresses, client
//! ids, scopes and ports are facts of the vendors, as the reference's package (`auth/oauth` of pi-ai
//! 1.5.2) has them. No error, no `Debug` and no log line shows a token, a code or a verifier.

mod account;
mod anthropic;
mod browser;
mod call;
mod chatgpt;
mod codex;
mod copilot;
mod copilot_models;
mod device;
mod error;
mod expected;
mod face;
mod flow;
mod kimi;
mod listen;
mod means;
mod meta;
mod openrouter;
mod page;
mod pasted;
mod pkce;
mod tokens;
mod xai;

pub use account::{Account, Method, account, accounts};
pub use copilot::{allowed_models, base_url};
pub use error::LoginError;
pub use face::{Face, News, Question};
pub use flow::{login, refresh};
pub use means::Means;
pub use tokens::Tokens;
