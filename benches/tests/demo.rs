//! The demo itself, small: real programs, killed leaders, Ctrl-C. `cargo xtask test` builds the
//! programs first.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use rustix::process::{Pid, Signal, kill_process};

const FDLOAD: &str = env!("CARGO_BIN_EXE_fdload");

fn demo(data: &Path, args: &[&str]) -> Child {
    for program in ["fdnode", "fddirectory", "fdctl"] {
        let built = Path::new(FDLOAD).with_file_name(program).is_file();
        assert!(built, "{program} is not built; `cargo xtask test` builds it before this test");
    }
    let small = ["--plain", "--customers", "6", "--couriers", "8", "--rate", "3", "--data"];
    // Tests run at the same time: each process has ports of its own, and each test of it.
    let port = 20_000 + std::process::id() % 1_000 * 4;
    let mut command = Command::new(FDLOAD);
    command.arg("demo").args(small).arg(data).args(["--base-port", &port.to_string()]).args(args);
    command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("fdload starts")
}

/// Programs that still run with this folder on their command line.
fn running(data: &Path) -> Vec<String> {
    let data = data.to_str().expect("a temporary folder has a plain name");
    let processes = std::fs::read_dir("/proc").expect("Linux shows its processes");
    let processes = processes.filter_map(Result::ok);
    let lines = processes.filter_map(|process| {
        let line = std::fs::read(process.path().join("cmdline")).ok()?;
        Some(String::from_utf8_lossy(&line).replace('\0', " "))
    });
    lines.filter(|line| line.contains(data)).collect()
}

fn finish(demo: Child) -> (bool, String) {
    let output = demo.wait_with_output().expect("fdload ends");
    let said = [output.stdout, output.stderr].concat();
    (output.status.success(), String::from_utf8_lossy(&said).into_owned())
}

#[test]
fn leaders_are_killed_and_no_order_is_missing() {
    let data = tempfile::tempdir().unwrap();
    let demo = demo(data.path(), &["--minutes", "0.3", "--kill-leader-every", "6s"]);
    let (fine, said) = finish(demo);
    assert!(fine, "{said}");
    assert!(said.contains(", missing 0 "), "{said}");
    assert!(!said.contains("leaders killed: 0"), "{said}");
    assert_eq!(running(data.path()), [""; 0]);
}

#[test]
fn ctrl_c_counts_the_orders_and_leaves_no_process_behind() {
    let data = tempfile::tempdir().unwrap();
    let mut demo = demo(data.path(), &[]);
    let mut said = BufReader::new(demo.stdout.take().unwrap()).lines().map_while(Result::ok);
    // The first line of figures: people are at it.
    said.by_ref().find(|line| line.contains("orders/s")).expect("the demo lives");
    assert!(running(data.path()).len() >= 4, "three nodes and a directory");
    let pid = Pid::from_raw(demo.id().try_into().unwrap()).unwrap();
    kill_process(pid, Signal::INT).unwrap();
    let rest: Vec<_> = said.collect();
    let (fine, errors) = finish(demo);
    assert!(fine, "{errors}");
    assert!(rest.iter().any(|line| line.contains(", missing 0 ")), "{rest:?}");
    assert_eq!(running(data.path()), [""; 0]);
}
