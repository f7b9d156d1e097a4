//! A pipe that shows which processes are alive.

use std::path::{Path, PathBuf};

/// A named pipe that a command opens to show that it lives. Its end of file means that every process
/// which held it is gone.
pub struct LifeLine {
    pub path: PathBuf,
    reader: std::fs::File,
}

impl LifeLine {
    pub fn new(directory: &Path) -> Self {
        use std::os::unix::fs::OpenOptionsExt;
        let path = directory.join("lifeline");
        let name = std::ffi::CString::new(path.to_str().unwrap()).unwrap();
        // SAFETY: the name is a valid string.
        assert_eq!(unsafe { libc::mkfifo(name.as_ptr(), 0o600) }, 0);
        let mut options = std::fs::OpenOptions::new();
        let reader = options
            .read(true)
            .custom_flags(libc::O_NONBLOCK)
            .open(&path);
        LifeLine {
            path,
            reader: reader.unwrap(),
        }
    }

    /// Blocks until `count` lines have come, which the processes write into the pipe.
    pub fn wait_for_lines(&mut self, count: usize) -> Vec<String> {
        let mut text = String::new();
        while text.lines().count() < count || !text.ends_with('\n') {
            self.wait_readable();
            assert!(
                self.read_more(&mut text) > 0,
                "the processes died: {text:?}"
            );
        }
        text.lines().map(str::to_string).collect()
    }

    /// Blocks until nobody holds the pipe any more.
    pub fn wait_for_the_end(&mut self) {
        loop {
            self.wait_readable();
            if self.read_more(&mut String::new()) == 0 {
                return;
            }
        }
    }

    fn read_more(&mut self, text: &mut String) -> usize {
        use std::io::Read;
        let mut bytes = [0; 4096];
        let count = self.reader.read(&mut bytes).unwrap();
        text.push_str(&String::from_utf8_lossy(&bytes[..count]));
        count
    }

    /// Gives up after a minute: the test has failed then.
    fn wait_readable(&self) {
        use std::os::fd::AsRawFd;
        let mut wait = libc::pollfd {
            fd: self.reader.as_raw_fd(),
            events: libc::POLLIN,
            revents: 0,
        };
        let ready = loop {
            // SAFETY: one valid entry.
            let ready = unsafe { libc::poll(&mut wait, 1, 60_000) };
            // The end of any other child of the tests interrupts it.
            let is_interrupted =
                || std::io::Error::last_os_error().kind() == std::io::ErrorKind::Interrupted;
            if ready != -1 || !is_interrupted() {
                break ready;
            }
        };
        assert_eq!(ready, 1, "nothing happened on the life line");
    }
}
