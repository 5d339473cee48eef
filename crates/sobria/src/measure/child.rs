//! The command: started as it would be alone, its signals passed on, its end told as the system tells it.

use std::ffi::OsString;
use std::io::ErrorKind;
use std::os::fd::AsFd;
use std::os::unix::net::UnixStream;
use std::process::Command;
use std::time::{Duration, Instant};

use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::prctl::set_child_subreaper;
use nix::sys::resource::{UsageWho, getrusage};
use nix::sys::signal::{Signal, kill, raise};
use nix::sys::time::{TimeVal, TimeValLike};
use nix::sys::wait::{WaitPidFlag, WaitStatus, waitpid};
use nix::unistd::Pid;
use signal_hook::iterator::backend::SignalDelivery;
use signal_hook::iterator::exfiltrator::WithOrigin;
use signal_hook::low_level::emulate_default_handler;
use signal_hook::low_level::siginfo::Cause;

/// Signals that are passed on.
const PASSED: [Signal; 9] = [
    Signal::SIGINT,
    Signal::SIGTERM,
    Signal::SIGHUP,
    Signal::SIGQUIT,
    Signal::SIGUSR1,
    Signal::SIGUSR2,
    Signal::SIGWINCH,
    Signal::SIGTSTP,
    Signal::SIGCONT,
];
/// Time given to a command that was interrupted twice.
const PATIENCE: Duration = Duration::from_secs(5);
/// How a command ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// With a code.
    Code(u8),
    /// By a signal, by its number.
    Signal(u8),
}

impl End {
    /// What a shell would say.
    pub const fn exit_code(self) -> u8 {
        match self {
            Self::Code(code) => code,
            Self::Signal(number) => number.saturating_add(128),
        }
    }
}

/// Why a command could not start.
#[derive(Debug)]
pub enum NotStarted {
    /// There is no such command: 127.
    NotFound,
    /// It cannot be run: 126.
    NotExecutable(std::io::Error),
    /// The system refused something.
    System(std::io::Error),
}

/// Signals that arrived, with who sent them.
type Signals = SignalDelivery<UnixStream, WithOrigin>;

/// A command that runs.
pub struct Child {
    pid: Pid,
    signals: Signals,
    end: Option<End>,
    interrupts: u32,
    kill_at: Option<Instant>,
}

impl Child {
    /// Starts the command: its streams, its folder and its environment are those of this program.
    ///
    /// Signals are caught rather than held back: a command inherits the ones that are held back and could no longer be
    /// stopped, while those that are caught have their usual effect again in it.
    pub fn start(command: &[OsString]) -> Result<Self, NotStarted> {
        let Some((program, arguments)) = command.split_first() else {
            return Err(NotStarted::NotFound);
        };
        set_child_subreaper(true).map_err(|error| NotStarted::System(error.into()))?;
        let signals = signals().map_err(NotStarted::System)?;
        let started = Command::new(program).args(arguments).spawn();
        let child = started.map_err(|error| match error.kind() {
            ErrorKind::NotFound => NotStarted::NotFound,
            _ => NotStarted::NotExecutable(error),
        })?;
        let pid =
            i32::try_from(child.id()).map_err(|_overflow| NotStarted::System(Errno::EOVERFLOW.into()))?;
        Ok(Self {
            pid: Pid::from_raw(pid),
            signals,
            end: None,
            interrupts: 0,
            kill_at: None,
        })
    }

    /// Waits for an event or for the time to pass; gives the end once the command has ended.
    pub fn wait(&mut self, at_most: Duration) -> Option<End> {
        if self.end.is_none() {
            let limit = PollTimeout::try_from(at_most).unwrap_or(PollTimeout::MAX);
            let mut events = [PollFd::new(self.signals.get_read().as_fd(), PollFlags::POLLIN)];
            // Interrupted or not, what arrived is looked at.
            let _ = poll(&mut events, limit);
            for event in self.signals.pending() {
                if let Ok(signal) = Signal::try_from(event.signal) {
                    self.pass(signal, matches!(event.cause, Cause::Kernel));
                }
            }
            self.reap();
            if self.end.is_none() && self.kill_at.is_some_and(|at| Instant::now() >= at) {
                let _ = kill(self.pid, Signal::SIGKILL);
                self.kill_at = None;
            }
        }
        self.end
    }

    fn pass(&mut self, signal: Signal, from_terminal: bool) {
        if signal == Signal::SIGCHLD {
            return;
        }
        // The terminal signals its whole foreground group: the command has it already.
        if !from_terminal {
            let _ = kill(self.pid, signal);
        }
        match signal {
            Signal::SIGINT => {
                self.interrupts += 1;
                if self.interrupts == 2 {
                    self.kill_at = Some(Instant::now() + PATIENCE);
                }
            }
            // Stops with the command, so that the shell gets its terminal back.
            Signal::SIGTSTP => {
                let _ = raise(Signal::SIGSTOP);
            }
            _ => {}
        }
    }

    /// Takes the end of the command and of the orphans that came to this program.
    fn reap(&mut self) {
        loop {
            let ended = match waitpid(None, Some(WaitPidFlag::WNOHANG)) {
                Ok(WaitStatus::Exited(pid, code)) => (pid, End::Code(u8::try_from(code & 0xff).unwrap_or(1))),
                Ok(WaitStatus::Signaled(pid, signal, _)) => (pid, End::Signal(signal_number(signal))),
                Ok(WaitStatus::StillAlive) | Err(Errno::ECHILD) => return,
                Ok(_) | Err(Errno::EINTR) => continue,
                Err(_) => return,
            };
            if ended.0 == self.pid {
                self.end = Some(ended.1);
            }
        }
    }
}

fn signal_number(signal: Signal) -> u8 {
    (1..=64_u8)
        .find(|number| Signal::try_from(i32::from(*number)).is_ok_and(|known| known == signal))
        .unwrap_or(0)
}

/// Ends this program by the signal that ended the command.
pub fn end_by(number: u8) {
    // A signal that cannot end a program leaves the code that a shell would give.
    let _ = emulate_default_handler(i32::from(number));
}

/// Receives signals, but those that were ignored when this program started: the command must ignore them too.
fn signals() -> std::io::Result<Signals> {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let ignored = status
        .lines()
        .find_map(|line| line.strip_prefix("SigIgn:"))
        .and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok())
        .unwrap_or(0);
    let taken = PASSED
        .into_iter()
        .filter(|signal| ignored & (1 << (u32::from(signal_number(*signal)).saturating_sub(1))) == 0)
        .chain([Signal::SIGCHLD])
        .map(|signal| i32::from(signal_number(signal)));
    let (read, write) = UnixStream::pair()?;
    SignalDelivery::with_pipe(read, write, WithOrigin::default(), taken)
}

/// Seconds on the processors and most memory, in bytes, of the descendants that ended; or of this program.
pub fn usage(own: bool) -> (f64, f64) {
    let who = if own {
        UsageWho::RUSAGE_SELF
    } else {
        UsageWho::RUSAGE_CHILDREN
    };
    let Ok(usage) = getrusage(who) else {
        return (0.0, 0.0);
    };
    let seconds = |time: TimeVal| super::number(u64::try_from(time.num_microseconds()).unwrap_or(0)) / 1e6;
    let kib = u64::try_from(usage.max_rss()).unwrap_or(0);
    (
        seconds(usage.user_time()) + seconds(usage.system_time()),
        super::number(kib) * 1024.0,
    )
}
