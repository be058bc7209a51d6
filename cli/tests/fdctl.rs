//! The built program against a city that is played by a few lines: what goes to stdout, what does
//! not, and the exit codes that scripts rely on.

#![allow(clippy::unwrap_used)] // a test may stop where it likes

mod played_city;

use played_city::{Answer, PlayedCity, Request};
use serde_json::{Value, json};
use std::process::{Command, Output};

const ORDER: &str = "ord_02081040g2081040g2081040g2";
const TOKEN: &str = "the-token";

/// Runs it without anything of the caller's environment.
fn fdctl(url: &str, args: &[&str], env: &[(&str, &str)]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_fdctl"));
    for name in ["FD_URL", "FD_TOKEN", "FD_LOGIN", "FD_PASSWORD"] {
        command.env_remove(name);
    }
    command.env("FD_URL", url).envs(env.iter().copied()).args(args).output().unwrap()
}

fn run(city: &PlayedCity, args: &[&str]) -> Output {
    fdctl(&city.url(), args, &[("FD_TOKEN", TOKEN)])
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

#[track_caller]
fn assert_exit(output: &Output, code: i32) {
    let (out, err) = (text(&output.stdout), text(&output.stderr));
    assert_eq!(output.status.code(), Some(code), "stdout:\n{out}\nstderr:\n{err}");
}

fn problem(status: u16, code: &str) -> Answer {
    let retryable = status == 503;
    let title = format!("title of {code}");
    let body = json!({
        "type": format!("/docs/errors/{code}"), "title": title, "status": status,
        "code": code, "retryable": retryable, "retry_after_ms": retryable.then_some(1),
    });
    Answer::new(status, &body)
}

fn cluster(http_addr: &str) -> Value {
    json!({
        "city": "marisol", "city_number": 7, "node_id": 1, "role": "leader", "term": 3,
        "leader_id": 1, "last_log": 42, "committed": 42, "applied": 42, "snapshot": null,
        "purged": null, "derived": 42, "couriers": 5, "audit_head": null,
        "members": [
            { "id": 1, "raft_addr": "a:1", "http_addr": http_addr, "voter": true, "lag": null },
            { "id": 2, "raft_addr": "b:1", "http_addr": http_addr, "voter": true, "lag": 3 },
        ],
    })
}

fn health(ready: bool) -> Value {
    let missing: &[&str] = if ready { &[] } else { &["no leader"] };
    json!({ "ready": ready, "node_id": 1, "leader_id": 1, "applied": 42, "search": "ready",
        "missing": missing })
}

#[test]
fn a_healthy_city_is_a_yes() {
    let city = PlayedCity::start(|city, request| match request.route().as_str() {
        "GET /v1/admin/cluster" => Answer::new(200, &cluster(&city.address())),
        "GET /health" => Answer::new(200, &health(true)),
        _ => problem(404, "route_unknown"),
    });
    let output = run(&city, &["city", "status"]);
    assert_exit(&output, 0);
    let shown = text(&output.stdout);
    for word in ["marisol (city 7): node 1 leads, term 3, applied 42", "NODE", "leader", "ready"] {
        assert!(shown.contains(word), "no {word} in\n{shown}");
    }
    let bearer = format!("Bearer {TOKEN}");
    let asked = city.requests();
    let asked = asked.iter().find(|request| request.path.contains("cluster")).unwrap();
    assert_eq!(asked.header("authorization"), Some(bearer.as_str()));

    let output = run(&city, &["--json", "city", "status"]);
    assert_exit(&output, 0);
    let status: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(
        (&status["leader_id"], &status["health"][1]["health"]["ready"]),
        (&json!(1), &json!(true))
    );
}

#[test]
fn the_leader_is_asked_how_far_the_others_are() {
    let leader = PlayedCity::start(|city, request| match request.route().as_str() {
        "GET /v1/admin/cluster" => Answer::new(200, &cluster(&city.address())),
        _ => Answer::new(200, &health(true)),
    });
    let leads = leader.address();
    let follower = PlayedCity::start(move |_, request| match request.route().as_str() {
        "GET /v1/admin/cluster" => {
            let mut seen = cluster(&leads);
            seen["node_id"] = json!(2);
            seen["members"][1]["lag"] = Value::Null;
            Answer::new(200, &seen)
        }
        _ => Answer::new(200, &health(true)),
    });
    let output = run(&follower, &["node", "list", "--json"]);
    assert_exit(&output, 0);
    let members: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(members[1]["lag"], 3);
}

#[test]
fn a_city_that_is_not_well_is_a_no() {
    let city = PlayedCity::start(|city, request| match request.route().as_str() {
        "GET /v1/admin/cluster" => Answer::new(200, &cluster(&city.address())),
        "GET /health" => Answer::new(200, &health(false)),
        _ => problem(404, "route_unknown"),
    });
    let output = run(&city, &["city", "status"]);
    assert_exit(&output, 1);
    assert!(text(&output.stdout).contains("no leader"), "{}", text(&output.stdout));
}

#[test]
fn a_refusal_is_a_no_with_its_code() {
    let city = PlayedCity::start(|_, _| problem(409, "order_moved_on"));
    let output = run(&city, &["order", "cancel", ORDER, "--reason", "too_slow"]);
    assert_exit(&output, 1);
    assert_eq!(text(&output.stdout), "", "stdout is for data");
    assert!(text(&output.stderr).contains("order_moved_on"), "{}", text(&output.stderr));

    let requests = city.requests();
    assert_eq!(requests[0].route(), format!("POST /v1/admin/order/{ORDER}/cancel"));
    assert_eq!(requests[0].json(), json!({ "reason": "too_slow" }));
    assert_eq!(requests.len(), 1, "a no is final");
}

#[test]
fn money_goes_back_once_however_often_it_is_said() {
    let city = PlayedCity::start(|_, _| {
        let refund = json!({
            "refund_id": domain::ids::RefundId([5; 16]), "state": "pending", "fault": "platform",
            "amount": { "amount": 500, "currency": "EUR" },
            "made_at": "2026-03-01T20:00:00.000Z",
        });
        Answer::new(201, &refund)
    });
    let refund = ["order", "refund", ORDER, "--fault", "platform", "--reason", "cold", "--json"];
    let say = |more: &[&str]| {
        let output = run(&city, &[&refund[..], more].concat());
        assert_exit(&output, 0);
        let said: Value = serde_json::from_slice(&output.stdout).unwrap();
        assert_eq!(said["amount"]["amount"], 500);
    };
    say(&["--amount", "500"]);
    say(&["--amount", "500"]);
    say(&["--line", "0:1", "--line", "2:3"]);
    say(&["--amount", "500", "--key", "the second one"]);

    let requests = city.requests();
    let keys: Vec<_> = requests.iter().map(|it| it.header("idempotency-key").unwrap()).collect();
    assert_eq!(keys[0], keys[1], "the same words are the same request");
    assert_ne!(keys[0], keys[2]);
    assert_eq!(keys[3], "the second one");
    assert_eq!(requests[0].route(), format!("POST /v1/admin/order/{ORDER}/refund"));
    let body = requests[2].json();
    assert_eq!(body["lines"][1], json!({ "line": 2, "quantity": 3 }));
    assert_eq!(body["amount"], Value::Null);
}

#[test]
fn a_dry_run_asks_what_it_would_cost() {
    let city = PlayedCity::start(|_, _| {
        let eur = |amount: i64| json!({ "amount": amount, "currency": "EUR" });
        let bill = json!({ "customer_pays": eur(1200), "restaurant_paid": true,
            "courier_paid": false, "callout": eur(0), "fault": "customer" });
        Answer::new(200, &bill)
    });
    let output =
        run(&city, &["order", "cancel", ORDER, "--fault", "customer", "--dry-run", "--json"]);
    assert_exit(&output, 0);
    let bill: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(bill["customer_pays"]["amount"], 1200);
    let requests = city.requests();
    assert!(requests[0].path.ends_with("/cancel?dry_run=true"), "{}", requests[0].path);
    assert_eq!(requests[0].json(), json!({ "reason": "operator", "fault": "customer" }));
}

#[test]
fn a_claim_is_looked_for_on_every_page() {
    let city = PlayedCity::start(|_, request| {
        let row = |n: u8| {
            json!({
                "claim_id": domain::ids::ClaimId([n; 16]),
                "order_id": domain::ids::OrderId([n; 16]),
                "restaurant_id": domain::ids::RestaurantId([n; 16]),
                "kind": "late", "lines": [], "photos": [], "state": "contested",
                "asked": { "amount": 250, "currency": "EUR" },
                "made_at": "2026-03-01T20:00:00.000Z", "revision": 1,
            })
        };
        if request.path.contains("cursor=second") {
            return Answer::new(200, &json!({ "data": [row(2)], "has_more": false }));
        }
        let page = json!({ "data": [row(1)], "has_more": true, "next_cursor": "second" });
        Answer::new(200, &page)
    });
    let id = |n: u8| domain::ids::ClaimId([n; 16]).to_string();
    let output = run(&city, &["claim", "show", &id(2), "--json"]);
    assert_exit(&output, 0);
    let claim: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(claim["claim_id"], id(2));
    let output = run(&city, &["claim", "show", &id(3)]);
    assert_exit(&output, 1);
    assert!(text(&output.stderr).contains("claim_unknown"), "{}", text(&output.stderr));
}

#[test]
fn a_line_of_stock_that_is_refused_is_a_no() {
    let city = PlayedCity::start(|_, request| {
        let good = |line: &Value| match line["ref"] == "ghost" {
            true => json!({ "status": 404, "code": "dish_unknown", "detail": "no such dish" }),
            false => json!({ "status": 200 }),
        };
        let body = request.json();
        let results: Vec<Value> = body["lines"].as_array().unwrap().iter().map(good).collect();
        Answer::new(207, &json!({ "results": results }))
    });
    let restaurant = domain::ids::RestaurantId([3; 16]).to_string();
    let set = ["restaurant", "stock", &restaurant, "--set", "ramen=12", "--until", "next_reset"];
    assert_exit(&run(&city, &set), 0);
    let output = run(&city, &[&set[..], &["--set", "ghost=hidden"]].concat());
    assert_exit(&output, 1);
    assert!(text(&output.stdout).contains("dish_unknown"), "{}", text(&output.stdout));
    let requests = city.requests();
    assert_eq!(
        requests[0].json()["lines"][0],
        json!({ "ref": "ramen", "state": "quantity", "quantity": 12, "until": "next_reset" })
    );
    let key = |place: usize| requests[place].header("idempotency-key").unwrap();
    assert_ne!(key(0), key(1), "tomorrow the same words are about other portions");
}

#[test]
fn nobody_there_is_no_verdict() {
    let output =
        fdctl("http://127.0.0.1:1", &["node", "list", "--timeout", "1"], &[("FD_TOKEN", TOKEN)]);
    assert_exit(&output, 3);
    assert_eq!(text(&output.stdout), "");
}

#[test]
fn a_lost_verdict_is_no_verdict() {
    let city = PlayedCity::start(|_, _| problem(503, "verdict_unknown"));
    let output = run(&city, &["node", "remove", "3", "--timeout", "1"]);
    assert_exit(&output, 3);
    assert!(city.requests().len() > 1, "it is asked again before giving up");
}

#[test]
fn a_wrong_command_line_is_usage() {
    for args in [&["order", "show", "ord_short"][..], &["restaurant", "import", "x.csv"], &["fly"]]
    {
        assert_exit(&fdctl("http://127.0.0.1:1", args, &[]), 2);
    }
    let nobody = fdctl("http://127.0.0.1:1", &["node", "list"], &[]);
    assert_exit(&nobody, 2);
    assert!(text(&nobody.stderr).contains("FD_TOKEN"), "{}", text(&nobody.stderr));
}

#[test]
fn a_login_gives_the_token() {
    let city = PlayedCity::start(|city, request| match request.route().as_str() {
        "POST /v1/login" | "POST /login" => Answer::new(
            200,
            &json!({
                "account_id": "acc_02081040g2081040g2081040g2", "access_token": "fresh",
                "refresh_token": "r", "expires_in": 600,
            }),
        ),
        "GET /v1/admin/cluster" => Answer::new(200, &cluster(&city.address())),
        _ => problem(404, "route_unknown"),
    });
    let who = [("FD_LOGIN", "operator"), ("FD_PASSWORD", "secret word")];
    let output = fdctl(&city.url(), &["node", "list", "--json"], &who);
    assert_exit(&output, 0);
    let members: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(members[1]["lag"], 3);
    let requests = city.requests();
    assert_eq!(requests[0].json(), json!({ "login": "operator", "password": "secret word" }));
    assert_eq!(requests[1].header("authorization"), Some("Bearer fresh"));
}

#[test]
fn lists_are_read_page_by_page() {
    let city = PlayedCity::start(|_, request| {
        let row = |n: u8| {
            json!({
                "courier_id": domain::ids::CourierId([n; 16]),
                "account_id": domain::ids::AccountId([n; 16]),
                "vehicle": "bicycle", "approved": true, "online": n == 1, "carrying": [],
            })
        };
        if request.path.contains("cursor=second") {
            return Answer::new(200, &json!({ "data": [row(2)], "has_more": false }));
        }
        let page = json!({ "data": [row(1)], "has_more": true, "next_cursor": "second" });
        Answer::new(200, &page)
    });
    let output = run(&city, &["courier", "list", "--after", "17"]);
    assert_exit(&output, 0);
    let shown = text(&output.stdout);
    assert_eq!(shown.lines().count(), 3, "{shown}");
    for request in city.requests() {
        assert!(request.path.contains("after=17"), "{}", request.path);
    }
}

/// Says yes to every item, and no to the restaurant of this name.
fn bulk(request: &Request, refused: &str) -> Answer {
    let body = request.json();
    let results: Vec<Value> = body["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|item| match item["profile"]["name"].as_str() {
            Some(name) if name == refused => {
                json!({ "status": 422, "problem": {
                    "type": "", "title": "A field is missing or not valid", "status": 422,
                    "code": "field_invalid", "retryable": false } })
            }
            Some(_) | None => json!({ "status": 200, "index": 9 }),
        })
        .collect();
    Answer::new(207, &json!({ "results": results }))
}

fn sample_city() -> String {
    concat!(env!("CARGO_MANIFEST_DIR"), "/../cluster-config/cities/marisol.ndjson").to_owned()
}

#[test]
fn the_sample_city_is_imported() {
    let city = PlayedCity::start(|city, request| match request.route().as_str() {
        "GET /v1/admin/cluster" => Answer::new(200, &cluster(&city.address())),
        "POST /v1/admin/bulk" => bulk(request, "nobody"),
        _ => problem(404, "route_unknown"),
    });
    let output = run(&city, &["restaurant", "import", &sample_city(), "--json"]);
    assert_exit(&output, 0);
    let summary: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!((&summary["imported"], &summary["refused"]), (&json!(60), &json!(0)));

    let mut ids = std::collections::BTreeSet::new();
    let requests = city.requests();
    for request in requests.iter().filter(|request| request.path.contains("bulk")) {
        for item in request.json()["items"].as_array().unwrap() {
            let id: domain::ids::RestaurantId =
                serde_json::from_value(item["restaurant_id"].clone()).unwrap();
            assert_eq!(id.city().0, 7, "ids are of the city that was asked");
            ids.insert(id);
        }
    }
    assert_eq!(ids.len(), 60);
}

#[test]
fn an_import_names_what_was_refused() {
    let city = PlayedCity::start(|city, request| match request.route().as_str() {
        "GET /v1/admin/cluster" => Answer::new(200, &cluster(&city.address())),
        _ => bulk(request, "Burger Kraken"),
    });
    let output = run(&city, &["restaurant", "import", &sample_city()]);
    assert_exit(&output, 1);
    let shown = text(&output.stdout);
    assert!(shown.contains("refused: Burger Kraken: field_invalid"), "{shown}");
    assert!(shown.contains("59 imported"), "{shown}");
}

#[test]
fn a_file_with_mistakes_sends_nothing() {
    let city = PlayedCity::start(|city, _| Answer::new(200, &cluster(&city.address())));
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("half.ndjson");
    let good = std::fs::read_to_string(sample_city()).unwrap();
    std::fs::write(&path, good + "{\"ref\":\"x\"}\n").unwrap();
    let output = run(&city, &["restaurant", "import", path.to_str().unwrap()]);
    assert_exit(&output, 1);
    assert!(text(&output.stderr).contains("line 61: "), "{}", text(&output.stderr));
    assert!(!city.requests().iter().any(|request| request.path.contains("bulk")));
}

#[test]
fn configurations_are_written_and_checked() {
    let dir = tempfile::tempdir().unwrap();
    let root = dir.path().join("city");
    let (root, nobody) = (root.to_str().unwrap(), "http://127.0.0.1:1");
    assert_exit(&fdctl(nobody, &["config", "init", root, "--nodes", "3"], &[]), 0);
    let file = |name: &str| format!("{root}/{name}");
    let files = ["node1.toml", "node2.toml", "node3.toml", "directory.toml"].map(file);
    let mut args = vec!["config", "check"];
    args.extend(files.iter().map(String::as_str));
    assert_exit(&fdctl(nobody, &args, &[]), 0);
    assert_exit(&fdctl(nobody, &["config", "init", root], &[]), 1);

    let broken = std::fs::read_to_string(&files[0]).unwrap().replace("heartbeat_ms", "heart_ms");
    std::fs::write(&files[0], broken).unwrap();
    std::fs::remove_file(file("tls/node2.pem")).unwrap();
    let output = fdctl(nobody, &args, &[]);
    assert_exit(&output, 1);
    let shown = text(&output.stdout);
    assert!(shown.contains("heart_ms") && shown.contains("node2.pem"), "{shown}");
    assert!(shown.contains("node3.toml: good"), "{shown}");
}

#[test]
fn shells_and_people_get_their_texts() {
    let script = fdctl("", &["completions", "bash"], &[]);
    assert_exit(&script, 0);
    assert!(text(&script.stdout).contains("fdctl"));
    let reference = fdctl("", &["config", "reference"], &[]);
    assert_eq!(text(&reference.stdout), cluster_config::REFERENCE);
}

/// Scripts learn from the exit code that people are needed.
#[test]
fn comparing_with_the_gateway() {
    let payment = "pay_02081040g2081040g2081040g2";
    let report = move |differences: Value| {
        json!({"checked": 7, "repaired": [{"payment_id": payment, "gateway_ref": "ch_1",
            "fact": "captured"}], "let_go": ["ch_9"], "differences": differences, "left": 0,
            "complete": true})
    };
    let city = PlayedCity::start(move |_, request| match request.route().as_str() {
        "POST /v1/admin/payments/reconcile" => {
            let odd = json!([{"gateway_ref": "ch_2", "kind": "refunded", "ours": "0",
                "theirs": "50"}]);
            let clean = request.json()["dry_run"] == true;
            Answer::new(200, &report(if clean { json!([]) } else { odd }))
        }
        "GET /v1/admin/payments/unsettled" => {
            Answer::new(200, &json!({"data": [], "has_more": false}))
        }
        route if route.ends_with("/retry") => {
            Answer::new(200, &json!({"asked": ["capture: done"]}))
        }
        _ => problem(404, "route_unknown"),
    });
    let dry = run(&city, &["payments", "reconcile", "--since", "60", "--dry-run"]);
    assert_exit(&dry, 0);
    assert_eq!(city.requests()[0].json(), json!({"since_s": 60, "dry_run": true}));
    let found = run(&city, &["payments", "reconcile"]);
    assert_exit(&found, 1);
    let shown = text(&found.stdout);
    for word in ["checked", payment, "captured", "ch_2", "refunded", "50"] {
        assert!(shown.contains(word), "no {word} in\n{shown}");
    }
    let json = run(&city, &["payments", "reconcile", "--json"]);
    let read: Value = serde_json::from_slice(&json.stdout).unwrap();
    assert_eq!(read["let_go"], json!(["ch_9"]));
    let open = run(&city, &["payments", "unsettled"]);
    assert_exit(&open, 0);
    assert_eq!(text(&open.stdout), "none\n");
    let retried = run(&city, &["payments", "retry", payment]);
    assert_eq!(text(&retried.stdout), "capture: done\n");
}

const ACCOUNT: &str = "acc_0004hnq5w1k60vy4q8d3j2m7zc";

#[test]
fn a_key_of_a_program_is_shown_once_and_revoked_where_it_belongs() {
    let key = "key_0004hnq5w1k60vy4q8d3j2m7zc";
    let shown = json!({"key_id": key, "label": "till", "scopes": ["orders", "stock"],
        "made_by": ACCOUNT, "made_at": "2026-03-01T18:30:00.000Z"});
    let city = PlayedCity::start(move |_, request| match request.method.as_str() {
        "POST" => Answer::new(201, &json!({"key": shown, "bearer": "fdk_AAEC"})),
        "GET" => Answer::new(200, &json!({"data": [shown]})),
        _ => Answer::new(200, &json!({"index": 9})),
    });
    let made = run(&city, &["key", "make", "till", "--scopes", "stock,orders"]);
    assert_exit(&made, 0);
    assert_eq!(text(&made.stdout), "fdk_AAEC\n");
    assert!(text(&made.stderr).contains(key));
    let listed = run(&city, &["key", "list"]);
    assert!(text(&listed.stdout).contains("orders, stock"), "{}", text(&listed.stdout));
    let of = "res_0004hnq5w1k60vy4q8d3j2m7zc";
    assert_exit(&run(&city, &["key", "revoke", key, "--restaurant", of]), 0);
    let asked = city.requests();
    assert_eq!(asked[0].json(), json!({"label": "till", "scopes": ["orders", "stock"]}));
    assert!(asked[0].header("idempotency-key").is_some(), "a lost answer makes no second key");
    assert_eq!(asked[2].path, format!("/v1/keys/{key}?restaurant_id={of}"));
}

#[test]
fn a_role_that_waits_for_a_second_operator_says_so() {
    let city = PlayedCity::start(|_, request| match request.method.as_str() {
        "PUT" => {
            let role = json!({"account_id": ACCOUNT, "role": "operator", "holds": false,
                "by": ACCOUNT, "at": "2026-03-01T18:30:00.000Z", "reason": "second one"});
            Answer::new(202, &role)
        }
        _ => Answer::new(200, &json!({"index": 9})),
    });
    let granted = run(&city, &["role", "grant", ACCOUNT, "operator", "--reason", "second one"]);
    assert_exit(&granted, 0);
    assert!(text(&granted.stderr).contains("another operator"), "{}", text(&granted.stderr));
    assert_exit(&run(&city, &["role", "take", ACCOUNT, "--reason", "has left"]), 0);
    let asked = city.requests();
    assert_eq!(asked[0].json(), json!({"role": "operator", "reason": "second one"}));
    assert_eq!(asked[1].json(), json!({"reason": "has left"}));
}
