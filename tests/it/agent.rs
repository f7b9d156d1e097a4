//! The loop: calls, queues, hooks, abort.
