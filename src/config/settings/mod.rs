//! `settings.json`, the user's and the project's: every setting with its type and default, read with
//! mercy (a bad field costs that field only) and written one key at a time.

mod choice;
mod fields;
mod load;
mod reader;
mod table;

pub use choice::{
    CacheWarming, DefaultTrust, DoubleEscape, ExitOutput, Images, Mermaid, NotifyBy, QueueMode,
    Quiet, Scrollbar, Switch, Transport, TreeFilter, TuiMode, WheelLines,
};
pub use fields::{
    BranchSummarySettings, CompactionOverride, CompactionSettings, Layered, LayeredValues,
    LocalServerSettings, RetrySettings, Scope, Settings, TerminalSettings,
};
pub use table::{SETTINGS, Setting};
