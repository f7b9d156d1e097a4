//! The transcript: a conversation as rows on a screen.
//!
//! What the app calls:
//!
//! ```text
//! let mut transcript = Transcript::new(view.history.clone(), Setup { .. });
//! transcript.set_header(Header { .. });              // above the first message
//! transcript.tick(now);                              // the time; before events, and while is_busy()
//! let changed = transcript.apply(&event);            // every event of the session, in order
//! transcript.push_notice(Level::Info, "…");          // a line of the face's own
//! transcript.toggle_tools(); transcript.toggle_thinking();
//! transcript.toggle_fold_at(3, &look);               // the block in that row of the window
//! transcript.scroll_lines(-3); transcript.scroll_pages(1); transcript.to_top(); transcript.to_bottom();
//! transcript.to_previous_prompt(); transcript.to_next_prompt();
//! let rows = transcript.viewport(width, height, &look);   // at most `height` lines, none wider
//! let (rows, more) = transcript.last_rows(width, &look, 2000);  // its end, for printing on exit
//! let tail = transcript.tail(width, &look, room, again); // rows for a terminal that scrolls, instead of a window
//! transcript.settle(session.view().history.clone()); // after Event::Settled: lets go of what is on disk
//! ```
//! `Setup::highlighter` tells from another thread when code can be drawn in colours: have it wake the
//! loop for a paint. After `Event::Switched` the app makes a new transcript. Scrolling takes effect at the next
//! `viewport`; only that lays anything out, and only what is in the window and just around it.
//!
//! The house: a `Cell` draws one thing (one kind a file; tools in `tool/`), a
//! `Group` is the cells of one message, a `List` holds a slot per message
//! and loads groups when they are looked at, [`Transcript`] follows events and scrolls.

mod assistant;
mod cell;
mod custom;
mod fold;
mod foldable;
mod folds;
mod group;
mod header;
mod list;
mod live;
mod mark;
mod needle;
mod notice;
mod paint;
mod rows;
mod scan;
mod scroll;
mod search;
mod selection;
mod shell;
mod summary;
mod tail;
mod tool;
mod user;
mod view;

pub use header::Header;
pub use mark::{Mark, Marked};
pub use paint::{KeyNames, Setup};
pub use scan::{Hits, Prompt, PromptScan, Scan};
pub use scroll::{Bar, Place};
pub use search::Progress;
pub use selection::Grain;
pub use tail::{MOST, Tail};

pub use view::Transcript;
