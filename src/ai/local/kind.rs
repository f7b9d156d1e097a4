//! Which servers there are, how they are called, and how each is started.

/// A kind of local server.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// Ollama.
    Ollama,
    /// llama.cpp's own server, alone or as a router.
    LlamaCpp,
    /// LM Studio.
    LmStudio,
    /// vLLM.
    Vllm,
}

impl Kind {
    /// All kinds, in the order in which they are shown.
    pub const ALL: [Kind; 4] = [Kind::Ollama, Kind::LlamaCpp, Kind::LmStudio, Kind::Vllm];

    /// The provider's id.
    pub fn id(self) -> &'static str {
        match self {
            Kind::Ollama => "ollama",
            Kind::LlamaCpp => "llama.cpp",
            Kind::LmStudio => "lmstudio",
            Kind::Vllm => "vllm",
        }
    }

    /// For people.
    pub fn name(self) -> &'static str {
        match self {
            Kind::Ollama => "Ollama",
            Kind::LlamaCpp => "llama.cpp",
            Kind::LmStudio => "LM Studio",
            Kind::Vllm => "vLLM",
        }
    }

    /// The kind whose provider id this is.
    pub fn of(provider: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.id() == provider)
    }

    /// The kind that a pattern (`ollama/qwen*`) names outright.
    pub fn of_pattern(pattern: &str) -> Option<Self> {
        let (provider, _) = pattern.split_once('/')?;
        Self::of(&provider.trim().to_lowercase())
    }

    /// How it is started, as a command line.
    pub fn start(self) -> &'static str {
        match self {
            Kind::Ollama => "ollama serve",
            Kind::LlamaCpp => "llama-server -m model.gguf --jinja",
            Kind::LmStudio => "lms server start",
            Kind::Vllm => "vllm serve MODEL --enable-auto-tool-choice --tool-call-parser hermes",
        }
    }

    /// The variables that say where it is, the first that is set counts.
    pub fn host_variables(self) -> &'static [&'static str] {
        match self {
            Kind::Ollama => &["OLLAMA_HOST"],
            Kind::LlamaCpp => &["LLAMA_BASE_URL"],
            Kind::LmStudio => &["LMSTUDIO_BASE_URL", "LMSTUDIO_HOST"],
            Kind::Vllm => &["VLLM_BASE_URL"],
        }
    }

    /// The variable that holds a key for it, where it wants one.
    pub fn key_variable(self) -> Option<&'static str> {
        match self {
            Kind::Ollama => None,
            Kind::LlamaCpp => Some("LLAMA_API_KEY"),
            Kind::LmStudio => Some("LM_API_TOKEN"),
            Kind::Vllm => Some("VLLM_API_KEY"),
        }
    }

    /// The ports of loopback that it is looked for at.
    pub(super) fn ports(self) -> &'static [u16] {
        match self {
            Kind::Ollama => &[11434],
            Kind::LlamaCpp => &[8080, 9931],
            Kind::LmStudio => &[1234],
            Kind::Vllm => &[8000],
        }
    }
}
