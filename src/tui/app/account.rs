//! Logging in with an account: the way is chosen, the panel shows how it goes, and at the end there are
//! models to choose from.

use super::App;
use crate::ai::oauth::Method;
use crate::session::{Command, Level};
use crate::tui::keyring::{LoginNews, Provider, Way};
use crate::tui::msg::{Asked, Effect};
use crate::tui::panels::{AccountPanel, Choice, Item, ListPanel, News};

impl App {
    /// Asks how to connect a provider that has more than one way; false when it has not.
    pub(super) fn ask_way(&mut self, provider: &Provider) -> bool {
        let Some(account) = provider.account else {
            return false;
        };
        let item = |label: &str, detail: &str, choice| Item {
            label: label.into(),
            detail: detail.into(),
            current: false,
            choice,
        };
        let each = account.methods.iter().map(|method| {
            let choice = Choice::LogIn(provider.id.clone(), *method);
            item(method.label(), account.name, choice)
        });
        let mut items: Vec<Item> = each.collect();
        let last = match provider.way {
            Way::Account => None,
            Way::Key => Some("type an API key"),
            Way::Told(_) => Some("see how to connect without an account"),
        };
        let without = || Choice::WithoutAccount(provider.id.clone());
        items.extend(last.map(|label| item(label, "", without())));
        let title = format!("How to connect {}", provider.name);
        self.open(ListPanel::new(&title, "", items, ""));
        true
    }

    /// A way was chosen.
    pub(super) fn begin_login(&mut self, id: String, method: Method) -> Vec<Effect> {
        let name = self.name_of(&id);
        self.open(AccountPanel::new(&name, &self.settings.keymap));
        vec![Effect::LogIn(id, method)]
    }

    /// What a login tells.
    pub(super) fn hear_login(&mut self, news: LoginNews) -> Vec<Effect> {
        let LoginNews::Ended(provider, ended) = news else {
            self.tell_panel(News::Login(news));
            return Vec::new();
        };
        // The panel of the login, whatever it shows.
        self.panel = None;
        self.next_question();
        let name = self.name_of(&provider);
        match ended {
            Ok(()) => {
                self.flash(Level::Info, format!("logged in to {name}"));
                vec![Effect::Send(Command::Models, Asked::Connected(provider))]
            }
            Err(why) => {
                let text = format!("No login to {name}: {why}");
                self.notice(Level::Error, &text);
                Vec::new()
            }
        }
    }
}
