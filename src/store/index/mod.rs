//! Which sessions there are, and what was said in them.
//!
//! [`find`](fn@find) and its like read file names and first lines and need nothing else. [`Index`] is
//! a database beside the sessions: [`page`] lists them from it, [`Index::search`] finds entries by
//! what was said. It is brought up to date by [`Index::update`] with what the files have grown by, and
//! holds nothing that is not in the files: it may be deleted at any time.
//!
//! Why SQLite's FTS5 and not tantivy (measured on two cores, release builds): a third of the time to
//! compile (46 s against 121 s, 184 s of both cores), 2 MB of program against 6.5 MB, one file that
//! several processes may write and read at once, and the listing lives in the same file. Words are
//! folded here and not by the engine, so that index, query and highlighted match agree.

mod batch;
mod catalog;
mod database;
mod digest;
mod error;
mod find;
mod keys;
mod last;
mod literal;
mod query;
mod roots;
mod scan;
mod search;
mod snippet;
mod spoken;
mod unit;
mod update;
mod words;

pub use catalog::{Listed, Page, Sort, Wanted, page};
pub use database::Index;
pub use digest::Digest;
pub use error::Error as IndexError;
pub use find::{Found, Target, by_id, find, list, most_recent, read_header};
pub use last::last_said;
pub use query::Query;
pub use roots::Roots;
pub use scan::search as search_files;
pub use search::{Filter, Hit, rank};
pub use snippet::Snippet;
pub use spoken::{Spoken, spoken};
pub use unit::Voice;
pub use update::{Progress, Updated};
