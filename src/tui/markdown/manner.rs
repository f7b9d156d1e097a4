//! How text is drawn, apart from its colours: what the person has chosen and what the terminal can.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::LazyLock;

use crate::config::settings::Mermaid;
use crate::tui::links::Linker;
use crate::tui::pictures::Pictures;

/// How text is drawn, apart from its colours.
#[derive(Debug, Clone)]
pub struct Manner {
    /// Stands before each line of code (`markdown.codeBlockIndent`).
    pub code_indent: String,
    /// When diagrams are drawn (`markdown.mermaid`).
    pub mermaid: Mermaid,
    /// Shows pictures, where the terminal can.
    pub pictures: Option<Pictures>,
    /// Makes links, where the terminal shows them.
    pub linker: Option<Linker>,
}

/// That of a person who has chosen nothing, on a terminal that can do little.
pub static PLAIN: LazyLock<Manner> = LazyLock::new(Manner::default);

impl Default for Manner {
    fn default() -> Self {
        Manner {
            code_indent: "  ".into(),
            mermaid: Mermaid::Streaming,
            pictures: None,
            linker: None,
        }
    }
}

impl Manner {
    /// Names this manner: equal ones have equal revisions. Caches of rendered rows are keyed by it.
    pub fn revision(&self) -> u64 {
        let mut hasher = DefaultHasher::new();
        self.code_indent.hash(&mut hasher);
        (self.mermaid as u8).hash(&mut hasher);
        self.linker.is_some().hash(&mut hasher);
        hasher.finish()
    }
}
