//! The page `docs/tour.md`, executed as a reader would: bash, curl, three nodes.

use crate::city::{City, FOUNDER, FOUNDER_PASSWORD, PATIENCE};
use expect_test::expect;
use tokio::process::Command;

const PAGE: &str = include_str!("../../../docs/tour.md");

/// The routes of the brief, as the page spells them.
const ROUTES: [&str; 13] = [
    "`POST /signup`",
    "`POST /login`",
    "`GET /restaurants?lat=..&lng=..&cuisine=..`",
    "`POST /order`",
    "`GET /order/{order_id}/status`",
    "`POST /rate/{restaurant_id}`",
    "`POST /restaurant/login`",
    "`POST /restaurant/{id}/menu`",
    "`GET /restaurant/{id}/orders`",
    "`PATCH /restaurant/{id}/order/{order_id}/status`",
    "`POST /delivery/login`",
    "`GET /delivery/assignments`",
    "`PATCH /delivery/{id}/order/{order_id}/status`",
];

#[test]
fn the_page_names_every_route_of_the_brief() {
    for route in ROUTES {
        assert!(PAGE.contains(route), "{route}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_tour_runs_against_three_nodes() {
    for tool in ["bash", "curl"] {
        if Command::new(tool).arg("--version").output().await.is_err() {
            eprintln!("skipped: the tour needs {tool}, which is not installed");
            return;
        }
    }
    let city = City::start().await;
    let run = Command::new("bash")
        .args(["-eo", "pipefail", "-c", &script()])
        .env("N1", city.url(1))
        .env("N2", city.url(2))
        .env("N3", city.url(3))
        .env("FD_LOGIN", FOUNDER)
        .env("FD_PASSWORD", FOUNDER_PASSWORD)
        .env("no_proxy", "127.0.0.1")
        .current_dir(city.dir())
        .kill_on_drop(true)
        .output();
    let run = tokio::time::timeout(PATIENCE * 2, run).await.expect("a tour in time").unwrap();
    let said = String::from_utf8_lossy(&run.stdout);
    let complained = String::from_utf8_lossy(&run.stderr);
    assert!(run.status.success(), "{said}\n{complained}");
    let said: Vec<_> = said.lines().map(without_ids).collect();
    expect![[r#"
        ana has signed up at one node and logged in at another
        on the menu: dsh_..
        Casa Tour <time>
        the same order at two nodes: ord_..
        authorized
        ord_..
        accepted
        off_..
        assigned
        ready
        completed
        5
        end of the tour"#]]
    .assert_eq(&said.join("\n"));
    assert_eq!(complained, "");
    city.end().await;
}

/// Every block of the page, in order.
fn script() -> String {
    let mut script = String::new();
    let mut inside = false;
    for line in PAGE.lines() {
        match line {
            "```sh" => inside = true,
            "```" => inside = false,
            line if inside => script.extend([line, "\n"]),
            _ => {}
        }
    }
    script
}

/// Ids and the time of the run are other ones each time.
fn without_ids(line: &str) -> String {
    let words = line.split(' ').map(|word| match word.split_once('_') {
        Some((prefix, rest)) if prefix.len() == 3 && rest.len() == 26 => format!("{prefix}_.."),
        _ if word.len() >= 10 && word.bytes().all(|b| b.is_ascii_digit()) => "<time>".to_owned(),
        _ => word.to_owned(),
    });
    words.collect::<Vec<_>>().join(" ")
}
