//! Which process of which machine this is, and whether another one of this machine has ended.

use std::fs;

/// This process, told apart from every other of this machine, ended ones included: the boot, the process-id namespace,
/// the process id and its start. None where the system does not tell (anything but Linux).
#[must_use]
pub fn current() -> Option<String> {
    let (machine, id) = (machine()?, std::process::id());
    Some(format!("{machine}/{id}/{}", start_of(id)?))
}

/// Whether `process`, as [`current`] told it, ran on this machine and does not any more. False where that cannot be told.
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

/// The boot and the namespace in which process ids mean something.
fn machine() -> Option<String> {
    let boot = fs::read_to_string("/proc/sys/kernel/random/boot_id").ok()?;
    let namespace = fs::read_link("/proc/self/ns/pid").ok()?;
    Some(format!("{}/{}", boot.trim(), namespace.to_str()?))
}

/// When a process started, in ticks since the boot; none if there is no such process, or nothing of it but its entry.
fn start_of(id: u32) -> Option<String> {
    let stat = fs::read_to_string(format!("/proc/{id}/stat")).ok()?;
    // The second field is a name in brackets that may hold anything; the state is the third, the start the 22nd (proc(5)).
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
        let current = current().expect("Linux tells");
        assert!(!has_ended(&current));
        let (rest, start) = current.rsplit_once('/').expect("a start");
        let earlier: u64 = start.parse::<u64>().expect("ticks") - 1;
        assert!(has_ended(&format!("{rest}/{earlier}")), "the same id, started before");
        assert!(!has_ended("another machine/1/1"));
    }

    #[test]
    fn a_process_that_was_ended_has_ended_even_before_it_is_reaped() {
        let mut child = std::process::Command::new("sleep").arg("60").spawn().expect("it starts");
        let id = child.id();
        let name = format!("{}/{id}/{}", machine().expect("Linux tells"), start_of(id).expect("it runs"));
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
