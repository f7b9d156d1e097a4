//! What the model is told besides the conversation.

pub mod attach;
pub mod files;
pub mod system;

pub use attach::{Attached, Resize, attach};
pub use files::{ContextFile, ContextFiles};
pub use system::SystemPrompt;
