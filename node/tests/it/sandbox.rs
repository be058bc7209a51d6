//! `fdsandbox` as a real process: what a gateway promises, kept through crashes and misbehaviour.

use crate::http::{Answer, Api, http};
use reqwest::Method;
use serde_json::{Value, json};
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

/// What webhooks are signed with.
pub(crate) const SECRET: &str = "whsec_paper";

/// A sandbox that is killed when this is dropped.
pub(crate) struct Sandbox {
    dir: PathBuf,
    child: Child,
    pub(crate) url: String,
}

impl Sandbox {
    /// One that behaves until it is told otherwise.
    pub(crate) fn start(dir: &Path) -> Self {
        let secret = dir.join("webhook-secret");
        std::fs::write(&secret, SECRET).unwrap();
        let (child, url) = spawn(dir, "127.0.0.1:0");
        Self { dir: dir.to_owned(), child, url }
    }

    /// Dies without a word, and comes back where it was.
    pub(crate) fn crash(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
        let address = self.url.trim_start_matches("http://");
        (self.child, _) = spawn(&self.dir, address);
    }

    /// The sandbox, asked by nobody in particular.
    pub(crate) fn api(&self) -> Api {
        Api::new(http(), self.url.clone())
    }

    /// From now on it misbehaves like this.
    pub(crate) async fn faults(&self, faults: Value) {
        self.api().put("/settings", json!({"faults": faults})).await.ok(204);
    }

    /// Everything that it has, as it says without misbehaving.
    pub(crate) async fn charges(&self) -> Vec<Value> {
        let (mut charges, mut after) = (Vec::new(), 0);
        loop {
            let page = self.api().get(&format!("/journal?after={after}")).await.ok(200);
            charges.extend(page["data"].as_array().unwrap().iter().cloned());
            if page["has_more"] == false {
                return charges;
            }
            after = charges.last().unwrap()["changed"].as_u64().unwrap();
        }
    }
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn spawn(dir: &Path, listen: &str) -> (Child, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_fdsandbox"));
    command.arg("--dir").arg(dir.join("sandbox")).args(["--listen", listen]);
    command.arg("--webhook-secret-file").arg(dir.join("webhook-secret"));
    let mut child = command.stdout(Stdio::piped()).stdin(Stdio::null()).spawn().unwrap();
    let mut url = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut url).unwrap();
    assert!(url.starts_with("http://"), "the sandbox did not start: {url}");
    (child, url.trim().to_owned())
}

/// Nothing, if no whole answer came.
async fn ask(api: &Api, path: &str, key: &str, body: &Value) -> Option<Answer> {
    let request = api.request(Method::POST, path).header("idempotency-key", key).json(body);
    let response = request.send().await.ok()?;
    let (status, headers) = (response.status().as_u16(), response.headers().clone());
    Some(Answer { status, headers, body: response.bytes().await.ok()?.to_vec() })
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_sandbox_has_answered_survives_it() {
    let dir = tempfile::tempdir().unwrap();
    let mut sandbox = Sandbox::start(dir.path());
    let api = sandbox.api();
    let wish = json!({"reference": "pay_1", "token": "tok_visa", "amount": 900, "currency": "EUR"});
    let first = ask(&api, "/v1/charges", "k1", &wish).await.unwrap();
    let id = first.ok(201)["id"].as_str().unwrap().to_owned();
    sandbox.crash();
    let again = ask(&api, "/v1/charges", "k1", &wish).await.unwrap();
    assert_eq!((again.status, &again.body), (201, &first.body), "to the byte");

    // Whatever it does to its answers, each thing is done once.
    let bad = json!({"lost": 300, "failed": 200, "refused": 200, "late": 100, "late_ms": 20});
    sandbox.faults(bad).await;
    let capture = format!("/v1/charges/{id}/capture");
    let mut silences = 0;
    let taken = loop {
        match ask(&api, &capture, "k2", &json!({"amount": 700})).await {
            Some(answer) if answer.status == 200 => break answer.json(),
            Some(answer) => assert!(answer.status >= 500, "{}", answer.text()),
            None => silences += 1,
        }
    };
    assert_eq!((&taken["state"], &taken["captured"]), (&json!("captured"), &json!(700)));
    let message = json!({"key": "m1", "channel": "sms", "to": "+34600", "text": "Ready"});
    let mut taken = 0;
    while taken < 5 {
        match ask(&api, "/messages", "", &message).await {
            Some(answer) if answer.status == 200 => taken += 1,
            Some(_) | None => silences += 1,
        }
    }
    eprintln!("{silences} requests without an answer");
    sandbox.faults(json!({})).await;
    let other = json!({"key": "m1", "channel": "sms", "to": "+34600", "text": "Late"});
    assert_eq!(ask(&api, "/messages", "", &other).await.unwrap().status, 409);
    sandbox.crash();
    assert_eq!(api.get("/messages").await.ok(200)["data"], json!([message]));
    let charges = sandbox.charges().await;
    assert_eq!(charges.len(), 1);
    assert_eq!((&charges[0]["captured"], &charges[0]["refunds"]), (&json!(700), &json!([])));
    // While it is down, nobody hears anything.
    sandbox.faults(json!({"down_ms": 60_000})).await;
    assert!(ask(&api, "/v1/charges", "k3", &wish).await.is_none());
    sandbox.faults(json!({})).await;
    ask(&api, "/v1/charges", "k3", &wish).await.unwrap().ok(201);
}
