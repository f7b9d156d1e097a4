//! Servers of models on this machine, asked what they have: Ollama, llama.cpp, LM Studio, vLLM.
//!
//! A question goes to loopback, or to the host that a variable or `models.json` names, and waits as long as its asker is
//! patient; whoever does not answer by then is not there. Nothing is asked unless somebody calls
//! [`Survey::ask`]. What a server says is a stranger's word: its size, the number and the names of its models
//! are limited.

mod address;
mod fetch;
mod kind;
mod llama_cpp;
mod lm_studio;
mod ollama;
mod sheet;
mod survey;
mod trouble;
mod vllm;

pub use address::{Server, astray, servers, servers_at};
pub use kind::Kind;
pub use sheet::{longest_answer, presumed};
pub use survey::{Found, Survey};
pub use trouble::Trouble;
