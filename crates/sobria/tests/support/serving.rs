//! A server of this program that runs while a test does.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

/// A server, ended when it is dropped.
pub struct Serving {
    pub child: Child,
    /// Where it listens: host and port.
    pub address: String,
}

impl Serving {
    /// Starts `command` followed by what asks for a server on a free port, and waits for the line that says where it
    /// listens.
    pub fn start(mut command: Command) -> Self {
        let mut child = command
            .args(["--listen", "127.0.0.1:0"])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("the program starts");
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap())
            .read_line(&mut line)
            .unwrap();
        let address = line
            .trim()
            .strip_prefix("listening on http://")
            .unwrap_or_else(|| panic!("no address in {line:?}"))
            .to_owned();
        Self { child, address }
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
