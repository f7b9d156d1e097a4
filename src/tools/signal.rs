//! Sessions of processes: open one, ask whether it lives, kill all of it.
//!
//! A session holds more than a process group: `timeout 60 make` and job control make groups of their
//! own, and stay in the session. Members outside the main group are found where `/proc` tells.

use std::io;

/// Makes the calling process the leader of a new session and of its process group.
pub(super) fn new_session() -> io::Result<()> {
    // SAFETY: a plain system call.
    if unsafe { libc::setsid() } < 0 {
        return Err(io::Error::last_os_error());
    }
    Ok(())
}

/// Whether any process is left in the session.
pub(super) fn session_lives(id: i32) -> bool {
    // SAFETY: signal 0 only asks.
    let main_group = unsafe { libc::kill(-id, 0) } == 0;
    main_group || !members(id).is_empty()
}

/// Kills every process of the session. Repeats while new ones turn up, within reason.
pub(super) fn kill_session(id: i32) {
    for _ in 0..8 {
        // SAFETY: `id` is the id of a session that pi started.
        unsafe { libc::kill(-id, libc::SIGKILL) };
        let left = members(id);
        if left.is_empty() {
            return;
        }
        for pid in left {
            // SAFETY: it was a member of that session a moment ago.
            unsafe { libc::kill(pid, libc::SIGKILL) };
        }
    }
}

/// The processes of the session that are not waiting to be reaped.
#[cfg(target_os = "linux")]
fn members(id: i32) -> Vec<i32> {
    let Ok(entries) = std::fs::read_dir("/proc") else {
        return Vec::new();
    };
    entries
        .flatten()
        .filter_map(|entry| entry.file_name().to_str()?.parse::<i32>().ok())
        // SAFETY: a plain system call.
        .filter(|&pid| unsafe { libc::getsid(pid) } == id)
        .filter(|pid| !is_zombie(*pid))
        .collect()
}

#[cfg(not(target_os = "linux"))]
fn members(_id: i32) -> Vec<i32> {
    Vec::new()
}

#[cfg(target_os = "linux")]
fn is_zombie(pid: i32) -> bool {
    let Ok(stat) = std::fs::read(format!("/proc/{pid}/stat")) else {
        return true;
    };
    let after_name = memchr::memrchr(b')', &stat).map_or(0, |at| at + 2);
    matches!(stat.get(after_name), Some(b'Z' | b'X'))
}
