//! Identifies this process, and checks whether another process of this machine has ended.

use std::fs;

/// The identity of this process among all processes of this machine, also ended ones: boot, process-id namespace, process id and start
/// time. `None` on systems other than Linux.
#[must_use]
pub fn current() -> Option<String> {
    let (machine, id) = (machine()?, std::process::id());
    Some(format!("{machine}/{id}/{}", start_of(id)?))
}

/// Whether `process`, as [`current`] returned it, ran on this machine and has ended. False if that is unknown.
#[must_use]
pub fn has_ended(process: &str) -> bool {
    let Some(machine) = machine() else { return false };
    let Some((id, start)) = process
        .strip_prefix(&machine)
        .and_then(|rest| rest.strip_prefix('/'))
        .and_then(|rest| rest.split_once('/'))
    else {
        return false;
    };
    id.parse().is_ok_and(|id| start_of(id).as_deref() != Some(start))
}

/// The boot and the namespace within which process ids are unique.
fn machine() -> Option<String> {
    let boot = fs::read_to_string("/proc/sys/kernel/random/boot_id").ok()?;
    let namespace = fs::read_link("/proc/self/ns/pid").ok()?;
    Some(format!("{}/{}", boot.trim(), namespace.to_str()?))
}

/// When a process started, in ticks since the boot; `None` if it does not exist or is a zombie.
fn start_of(id: u32) -> Option<String> {
    let stat = fs::read_to_string(format!("/proc/{id}/stat")).ok()?;
    // The second field is a name in brackets that may contain any character; the state is the third, the start the 22nd
    // ([proc(5)](https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html)).
    let (_, rest) = stat.rsplit_once(')')?;
    let mut fields = rest.split_whitespace();
    let state = fields.next()?;
    (!matches!(state, "Z" | "X")).then(|| fields.nth(18).map(str::to_owned))?
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn this_process_has_not_ended() {
        let current = current().expect("Linux identifies processes");
        assert!(!has_ended(&current));
        let (rest, start) = current.rsplit_once('/').expect("the identity has a start time");
        let earlier: u64 = start.parse::<u64>().expect("ticks") - 1;
        assert!(has_ended(&format!("{rest}/{earlier}")), "the same id, started before");
        assert!(!has_ended("another machine/1/1"));
    }

    #[test]
    fn a_killed_process_has_ended_even_before_it_is_reaped() {
        let mut child = std::process::Command::new("sleep")
            .arg("60")
            .spawn()
            .expect("it starts");
        let id = child.id();
        let name = format!(
            "{}/{id}/{}",
            machine().expect("Linux identifies processes"),
            start_of(id).expect("it runs")
        );
        assert!(!has_ended(&name));
        child.kill().expect("it is ours");
        while start_of(id).is_some() {
            std::thread::yield_now();
        }
        assert!(has_ended(&name));
        child.wait().expect("it ended");
        assert!(has_ended(&name));
    }
}
