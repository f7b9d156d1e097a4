//! What the model is told besides the conversation.
