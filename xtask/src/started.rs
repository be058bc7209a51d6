//! When the person pressed enter.
//!
//! `cargo xtask` compiles this program first and then becomes it, in the same process. The age of
//! the process therefore includes that compilation, which our own first instant would leave out.

use std::fs;
use std::time::{Duration, SystemTime};

/// The kernel counts a process's start in these, whatever its own clock does (`USER_HZ`).
const TICKS_PER_SECOND: f64 = 100.0;

/// The start of the command; now, where the system does not tell.
pub(crate) fn started() -> SystemTime {
    let read = |path: &str| fs::read_to_string(path).unwrap_or_default();
    let age = age(&read("/proc/self/stat"), &read("/proc/uptime")).unwrap_or_default();
    let now = SystemTime::now();
    now.checked_sub(age).unwrap_or(now)
}

fn age(stat: &str, uptime: &str) -> Option<Duration> {
    // The second field is the name in parentheses, which may hold anything.
    let (_, fields) = stat.rsplit_once(')')?;
    let ticks: f64 = fields.split_whitespace().nth(19)?.parse().ok()?;
    let uptime: f64 = uptime.split_whitespace().next()?.parse().ok()?;
    Duration::try_from_secs_f64(uptime - ticks / TICKS_PER_SECOND).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_age_is_the_uptime_less_the_start() {
        let stat = "7 (a) b) R 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 4000 20";
        assert_eq!(age(stat, "42.50 80.00\n"), Some(Duration::from_millis(2500)));
        assert_eq!(age("", ""), None);
    }
}
