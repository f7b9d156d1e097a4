//! Going back in the tree of a session.

use super::*;
use crate::support::model_server::Turn;

#[test]
fn one_goes_back_in_the_tree_says_something_else_and_both_ways_are_kept() {
    let pi = TestPi::new(["It is 42.", "It is 43.", "It is 44."].map(Turn::text));
    let mut pty = start(&pi, &["what is it?"]);
    pty.wait_for_text("It is 42.");
    pty.wait_for(|screen| !screen.contents().contains("Working"));
    say(&mut pty, "and the next one?");
    pty.wait_for_text("It is 43.");
    pty.wait_for(|screen| !screen.contents().contains("Working"));
    // The terminal sends both as one burst.
    pty.send(b"\x1b\x1b");
    pty.wait_for_text("Tree · default");
    pty.wait_for_text("› • assistant: It is 43.");
    pty.send(b"\x1b[A");
    pty.wait_for_text("› • user: and the next one?");
    pty.send(b"\r");
    pty.wait_for_text("› No summary");
    pty.send(b"\r");
    pty.wait_for_text("say them again");
    let contents = pty.contents();
    assert!(
        contents.contains("It is 42.") && !contents.contains("It is 43."),
        "{contents}"
    );
    assert!(contents.contains("and the next one?"), "in the editor");
    pty.send(b"\x15");
    say(&mut pty, "and the one after that?");
    pty.wait_for_text("It is 44.");
    pty.wait_for(|screen| !screen.contents().contains("Working"));
    let request = pi.server.requests().pop().unwrap();
    assert!(request.raw_body.contains("the one after that"));
    assert!(!request.raw_body.contains("the next one"));
    say(&mut pty, "/tree");
    pty.wait_for_text("└⊟ user: and the next one?");
    pty.wait_for_text("├⊟ • user: and the one after that?");
    pty.send(b"\x1b");
    pty.wait_for(|screen| !screen.contents().contains("Tree ·"));
    say(&mut pty, "/quit");
    assert_over(&pi, &mut pty, 0);
    assert_eq!(pi.messages().len(), 6);
}
