//! The terminal itself: the only folder that writes to it and reads from it.
//!
//! [`Screen`] paints, [`Inputs`] is what the person does, [`Signals`] what other processes want. Whatever
//! ends pi, the terminal is left as it was found: see [`Screen::leave`] and [`install_panic_hook`].
//! The terminal is asked about itself ([`Screen::ask`]), but nothing waits for an answer. What is painted, and
//! what a key or an answer means, is decided elsewhere.

mod decode;
mod frames;
mod gallery;
mod inputs;
mod lines;
mod modes;
mod outside;
mod panic;
mod pen;
mod questions;
mod regular;
mod shift;
mod signals;
mod sink;
mod stop;
mod surface;
mod tty;

pub use decode::Input;
pub use inputs::Inputs;
pub use lines::{Lines, typed_lines};
pub use outside::Mark;
pub use panic::{install_panic_hook, take_panic};
pub use regular::{Painter, Rows};
pub use signals::{Signal, Signals};
pub use surface::Screen;
