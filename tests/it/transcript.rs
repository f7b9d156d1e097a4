//! Cells and Markdown on a screen.
