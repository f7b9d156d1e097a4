//! The regular mode: pi as rows of the terminal's own scrollback, looked at on terminals that reflow
//! their rows when they are resized and on terminals that do not.

mod bench;
mod grid;
mod painting;
mod steady;
mod storm;
