//! Request headers: the API's own, then the model's, then the caller's; later ones replace earlier
//! ones whatever their case.

use crate::ai::message::{Body, Content, Message};
use crate::ai::model::Model;
use crate::ai::provider::Request;

/// Headers under way.
#[derive(Debug, Default)]
pub struct Headers(Vec<(String, String)>);

impl Headers {
    /// Sets one, in place of any of the same name.
    pub fn set(&mut self, name: &str, value: impl Into<String>) {
        let name = name.to_ascii_lowercase();
        self.0.retain(|(known, _)| *known != name);
        self.0.push((name, value.into()));
    }

    /// Adds what the model and the caller ask for.
    pub fn finish(mut self, model: &Model, request: &Request) -> Vec<(String, String)> {
        for (name, value) in &model.headers {
            self.set(name, value.as_str());
        }
        if model.provider == "github-copilot" {
            self.set_copilot(request);
        }
        if let Some(id) = &request.session_id
            && is_opencode(model)
        {
            self.set("x-opencode-session", id.as_str());
        }
        for (name, value) in &request.auth.headers {
            self.set(name, value.as_str());
        }
        self.0
    }

    /// GitHub Copilot wants to know who began the request and whether it carries pictures.
    fn set_copilot(&mut self, request: &Request) {
        let by_user = matches!(
            request.messages.last().map(|message| &**message),
            None | Some(Message::User(_))
        );
        self.set("x-initiator", if by_user { "user" } else { "agent" });
        self.set("openai-intent", "conversation-edits");
        if request.messages.iter().any(|message| has_image(message)) {
            self.set("copilot-vision-request", "true");
        }
    }
}

/// OpenCode wants to know which requests are of one conversation.
fn is_opencode(model: &Model) -> bool {
    matches!(model.provider.as_str(), "opencode" | "opencode-go")
        || model.base_url.starts_with("https://opencode.ai/")
}

fn has_image(message: &Message) -> bool {
    let blocks = match message {
        Message::User(user) => match &user.content {
            Body::Blocks(blocks) => blocks,
            Body::Text(_) => return false,
        },
        Message::ToolResult(result) => &result.content,
        _ => return false,
    };
    let is_image = |block: &Content| matches!(block, Content::Image { .. });
    blocks.iter().any(is_image)
}
