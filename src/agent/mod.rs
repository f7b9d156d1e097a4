//! The loop: model → tools → model → done. In memory; it forgets when it ends.

mod calls;
pub mod event;
pub mod hooks;
pub mod pace;
pub mod queue;
pub mod run;
pub mod schema;
pub mod tool;

pub use event::AgentEvent;
pub use hooks::{Hooks, NoHooks};
pub use pace::{Brake, Pace};
pub use queue::{Drain, Lane, Queues};
pub use run::{Checkpoint, Choice, Ending, Limits, Passage, Run};
pub use tool::{CallContext, Concurrency, Outcome, Progress, Tool};
