//! The loop: model → tools → model → done. In memory; it forgets when it ends.

pub mod event;
pub mod hooks;
pub mod queue;
pub mod tool;

pub use event::AgentEvent;
pub use hooks::{Hooks, NoHooks};
pub use queue::{Drain, Lane, Queues};
pub use tool::{CallContext, Concurrency, Outcome, Progress, Tool};
