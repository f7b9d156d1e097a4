//! The ids of the Responses API, as session files keep them: a call's is `call_id|item_id`, a text's
//! is JSON in its signature (`{"v":1,"id":…,"phase":…}`; older files have the bare id).

use serde_json::{Value, json};

use crate::ai::message::AssistantMessage;
use crate::ai::model::Model;

/// The longest id that OpenAI takes.
const LONGEST: usize = 64;
/// Who takes back the two-part ids of another's calls. All others get one part.
const TWO_PART: [&str; 4] = ["openai", "openai-codex", "opencode", "azure"];

/// The id of a call in a session file. Where the call itself has none, its item's stands for it.
pub fn of_call(call_id: &str, item_id: &str) -> String {
    match (call_id, item_id) {
        (call_id, "") => call_id.to_owned(),
        ("", item_id) => format!("{item_id}|{item_id}"),
        (call_id, item_id) => format!("{call_id}|{item_id}"),
    }
}

/// The parts of a call's id: the call's, and the item's where there is one.
pub fn parts(id: &str) -> (&str, Option<&str>) {
    let mut parts = id.split('|');
    (parts.next().unwrap_or_default(), parts.next())
}

/// The id of a call that another model made, as `model` takes it.
pub fn adopted(model: &Model, id: &str, source: &AssistantMessage) -> String {
    let (call, Some(item)) = parts(id) else {
        return plain(id);
    };
    if !TWO_PART.contains(&model.provider.as_str()) {
        return plain(id);
    }
    let is_foreign = source.provider != model.provider || source.api != model.api;
    let item = match is_foreign {
        true => format!("fc_{}", short(item)),
        false => plain(item),
    };
    let item = match item.starts_with("fc_") {
        true => item,
        false => plain(&format!("fc_{item}")),
    };
    format!("{}|{item}", plain(call))
}

/// The id of a text item, and the phase of the answer that it belongs to.
#[derive(Debug, PartialEq, Eq)]
pub struct TextId {
    /// The item's id.
    pub id: String,
    /// `commentary` or `final_answer`.
    pub phase: Option<String>,
}

impl TextId {
    /// What the signature of a text says.
    pub fn read(signature: &str) -> Option<Self> {
        if signature.is_empty() {
            return None;
        }
        let known = serde_json::from_str::<Value>(signature)
            .ok()
            .filter(|known| known["v"] == 1);
        let Some(id) = known.as_ref().and_then(|known| known["id"].as_str()) else {
            let id = shortened(signature);
            return Some(TextId { id, phase: None });
        };
        let phase = known.as_ref().and_then(|known| known["phase"].as_str());
        let phase = phase.filter(|phase| matches!(*phase, "commentary" | "final_answer"));
        Some(TextId {
            id: shortened(id),
            phase: phase.map(str::to_owned),
        })
    }
}

/// The signature of a text.
pub fn text_signature(id: &str, phase: Option<&str>) -> String {
    let mut signature = json!({"v": 1, "id": id});
    if let Some(phase) = phase.filter(|phase| !phase.is_empty()) {
        signature["phase"] = json!(phase);
    }
    signature.to_string()
}

fn shortened(id: &str) -> String {
    match id.len() > LONGEST {
        true => format!("msg_{}", short(id)),
        false => id.to_owned(),
    }
}

/// An id of the letters and the length that every vendor takes.
fn plain(id: &str) -> String {
    let fits = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    let chars = id.chars().map(|c| if fits(c) { c } else { '_' });
    let id: String = chars.take(LONGEST).collect();
    id.trim_end_matches('_').to_owned()
}

/// A short name for a long id, always the same (64 bits of FNV-1a).
fn short(id: &str) -> String {
    let hash = id.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    format!("{hash:016x}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ai::delta::empty_message;

    fn model(provider: &str, api: &str) -> Model {
        Model {
            provider: provider.into(),
            api: api.into(),
            ..Model::default()
        }
    }

    #[test]
    fn calls_of_others_get_ids_that_the_model_takes() {
        let openai = model("openai", "openai-responses");
        let own = empty_message(&openai, 0);
        let foreign = empty_message(&model("github-copilot", "openai-responses"), 0);
        assert_eq!(adopted(&openai, "toolu_01.x/", &foreign), "toolu_01_x");
        assert_eq!(adopted(&openai, "call_1|fc_9", &own), "call_1|fc_9");
        assert_eq!(adopted(&openai, "call_1|it=m", &own), "call_1|fc_it_m");
        let long = format!("call_1|{}", "x+/=".repeat(120));
        let new = adopted(&openai, &long, &foreign);
        assert_eq!(new, adopted(&openai, &long, &foreign));
        assert!(new.starts_with("call_1|fc_") && new.len() < 64, "{new}");
        let xai = model("xai", "openai-responses");
        let new = adopted(&xai, &long, &foreign);
        assert!(new.starts_with("call_1_x") && new.len() <= 64, "{new}");
    }

    #[test]
    fn the_signature_of_a_text_is_read_in_all_its_forms() {
        let id = |id: &str, phase: Option<&str>| {
            let phase = phase.map(str::to_owned);
            let id = id.to_owned();
            Some(TextId { id, phase })
        };
        let written = text_signature("msg_1", Some("commentary"));
        assert_eq!(written, r#"{"v":1,"id":"msg_1","phase":"commentary"}"#);
        assert_eq!(TextId::read(&written), id("msg_1", Some("commentary")));
        assert_eq!(TextId::read("msg_1"), id("msg_1", None));
        assert_eq!(
            TextId::read(r#"{"v":1,"id":"m","phase":"x"}"#),
            id("m", None)
        );
        assert_eq!(
            TextId::read(r#"{"v":2,"id":"m"}"#),
            id(r#"{"v":2,"id":"m"}"#, None)
        );
        assert_eq!(TextId::read(""), None);
        let long = TextId::read(&"m".repeat(65)).unwrap().id;
        assert!(long.starts_with("msg_") && long.len() <= 64);
    }
}
