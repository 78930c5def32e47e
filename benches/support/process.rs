//! Processor time and memory of processes, from Linux's `/proc`.

use std::collections::HashMap;
use std::fs;

/// Ticks a second in `/proc` (`USER_HZ`): 100 on all common architectures.
const TICKS: f64 = 100.0;

/// Fields of `/proc/PID/stat`, counted from 0 after the command's name.
const PARENT: usize = 1;
const USER: usize = 11;
const CHILDREN_USER: usize = 13;

/// Seconds of processor time that all threads of a process have used, without its children.
pub fn cpu(pid: u32) -> Option<f64> {
    sum(&stat(&pid.to_string())?, USER)
}

/// Seconds of processor time of all ended children of this program.
pub fn cpu_of_ended_children() -> f64 {
    stat("self")
        .and_then(|fields| sum(&fields, CHILDREN_USER))
        .unwrap_or(0.0)
}

/// Seconds of processor time of a process and of its children, running or ended.
pub fn cpu_with_children(parent: u32) -> Option<f64> {
    let own = stat(&parent.to_string())?;
    let mut seconds = sum(&own, USER)? + sum(&own, CHILDREN_USER)?;
    for (_, fields) in all() {
        if fields.get(PARENT).is_some_and(|field| *field == parent.to_string()) {
            seconds += sum(&fields, USER).unwrap_or(0.0);
        }
    }
    Some(seconds)
}

/// The parent of a process.
pub fn parent(pid: u32) -> Option<u32> {
    stat(&pid.to_string())?.get(PARENT)?.parse().ok()
}

/// The peak memory of a process, in bytes.
pub fn peak_memory(pid: u32) -> Option<u64> {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kilobytes: u64 = line.trim().trim_end_matches("kB").trim().parse().ok()?;
    Some(kilobytes * 1024)
}

/// The load average of the last minute.
pub fn load() -> String {
    let load = fs::read_to_string("/proc/loadavg").unwrap_or_default();
    load.split(' ').next().unwrap_or("?").to_owned()
}

/// The processor's name.
pub fn processor() -> String {
    let info = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let name = info.lines().find_map(|line| line.strip_prefix("model name"));
    name.map_or("an unknown processor", |name| name.trim_start_matches([' ', '\t', ':']))
        .to_owned()
}

fn all() -> HashMap<String, Vec<String>> {
    let entries = fs::read_dir("/proc").into_iter().flatten().flatten();
    entries
        .filter_map(|entry| entry.file_name().into_string().ok())
        .filter(|name| name.bytes().all(|b| b.is_ascii_digit()))
        .filter_map(|pid| Some((pid.clone(), stat(&pid)?)))
        .collect()
}

fn stat(pid: &str) -> Option<Vec<String>> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    // The command's name is in parentheses, and may contain spaces and parentheses.
    let (_, fields) = stat.rsplit_once(") ")?;
    Some(fields.split_whitespace().map(str::to_owned).collect())
}

/// The sum of user and system time, which are neighbouring fields.
fn sum(fields: &[String], first: usize) -> Option<f64> {
    let ticks = |at: usize| fields.get(at)?.parse::<f64>().ok();
    Some((ticks(first)? + ticks(first + 1)?) / TICKS)
}
