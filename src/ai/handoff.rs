//! stub
use super::{Model, SharedMessage};
pub fn to_model(messages: &[SharedMessage], _model: &Model) -> Vec<SharedMessage> {
    messages.to_vec()
}
