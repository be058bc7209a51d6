//! One-time codes over three nodes, and what is counted on all of them together.

use crate::city::{City, Setup, until};
use crate::http::Answer;
use crate::people::{PASSWORD, Person};
use api::codes::Code;
use serde_json::{Value, json};
use std::io::{BufRead, BufReader};
use std::net::{TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};

/// Asks one node for a code and reads it in that node's outbox.
pub(crate) async fn code(
    city: &City,
    founder: &Person,
    node: usize,
    login: &str,
    purpose: &str,
) -> String {
    let before = outbox(city, founder, node).await.len();
    let asked = json!({"login": login, "purpose": purpose});
    assert_eq!(city.at(node).post("/v1/otp", asked).await.status, 202);
    let sent = until("the code is sent", async || {
        let sent = outbox(city, founder, node).await;
        (sent.len() > before).then(|| sent[0].clone())
    });
    let text = sent.await["text"].as_str().unwrap().to_owned();
    text.split(' ').next().unwrap().to_owned()
}

async fn outbox(city: &City, founder: &Person, node: usize) -> Vec<Value> {
    let all = city.by(node, founder).get("/v1/admin/notices/outbox").await.ok(200);
    all["messages"].as_array().unwrap().clone()
}

async fn say(city: &City, node: usize, login: &str, purpose: &str, code: &str) -> Answer {
    let said = json!({"login": login, "purpose": purpose, "code": code, "name": "Zoe"});
    city.at(node).post("/v1/otp/verify", said).await
}

fn other_than(code: &str) -> &'static str {
    if code == "000000" { "111111" } else { "000000" }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_code_logs_in_on_any_node_and_guesses_are_counted_on_all() {
    let city = City::start().await;
    let founder = city.founder().await;
    let ana = city.somebody().await;
    let good = code(&city, &founder, 2, &ana.login, "log_in").await;
    assert_eq!(good.len(), 6);
    let tokens = say(&city, 3, &ana.login, "log_in", &good).await.ok(200);
    let own = city.at(1).with(tokens["access_token"].as_str().unwrap());
    assert_eq!(own.get("/v1/me").await.ok(200)["verified"], true);
    assert_eq!(say(&city, 3, &ana.login, "log_in", &good).await.code(), Code::CodeWrong);

    let good = code(&city, &founder, 1, &ana.login, "log_in").await;
    for node in [1, 2, 3, 1, 2] {
        let wrong = say(&city, node, &ana.login, "log_in", other_than(&good)).await;
        assert_eq!(wrong.code(), Code::CodeWrong);
    }
    assert_eq!(say(&city, 3, &ana.login, "log_in", &good).await.code(), Code::CodeWrong);

    // Whoever asks learns nothing of who has an account, and is cut off all the same.
    let stranger = "+34699999999";
    let asked = json!({"login": stranger, "purpose": "log_in"});
    for node in [1, 2, 3, 1, 2] {
        assert_eq!(city.at(node).post("/v1/otp", asked.clone()).await.status, 202);
    }
    let refused = city.at(3).post("/v1/otp", asked).await;
    assert_eq!((refused.status, refused.code()), (429, Code::RateLimited));
    assert!(refused.header("retry-after").is_some());
    assert_eq!(say(&city, 1, stranger, "log_in", "123456").await.code(), Code::CodeWrong);
    city.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_and_a_new_password_by_code() {
    let city = City::start().await;
    let founder = city.founder().await;
    let login = "zoe@example.org";
    let good = code(&city, &founder, 1, login, "sign_up").await;
    let wrong = say(&city, 2, login, "sign_up", other_than(&good)).await;
    assert_eq!(wrong.code(), Code::CodeWrong);
    let joined = say(&city, 2, login, "sign_up", &good).await.ok(200);
    let first = joined["access_token"].as_str().unwrap();
    let me = city.at(3).with(first).get("/v1/me").await.ok(200);
    assert_eq!((&me["name"], &me["contact"]), (&json!("Zoe"), &json!(login)));
    let without = json!({"login": login, "password": ""});
    assert_eq!(city.at(1).post("/login", without).await.code(), Code::CredentialsWrong);
    let leave = city.at(1).with(first).delete("/v1/me", json!({"password": "none"})).await;
    assert_eq!(leave.code(), Code::CredentialsWrong);
    assert!(leave.text().contains("/v1/password/reset"), "it says what to do: {}", leave.text());
    let known = city.at(1).post("/v1/otp", json!({"login": login, "purpose": "sign_up"})).await;
    assert_eq!(known.status, 202, "as if nobody had it");

    let good = code(&city, &founder, 3, login, "reset").await;
    let weak = json!({"login": login, "code": good, "password": "password1"});
    assert_eq!(city.at(1).post("/v1/password/reset", weak).await.code(), Code::FieldInvalid);
    let reset = json!({"login": login, "code": good, "password": PASSWORD});
    let fresh = city.at(1).post("/v1/password/reset", reset).await.ok(200);
    for node in 1..=3 {
        let gone = city.at(node).with(first).post("/v1/me/export", json!({})).await;
        assert_eq!(gone.code(), Code::TokenExpired, "node {node}");
    }
    let token = fresh["access_token"].as_str().unwrap();
    city.at(2).with(token).post("/v1/me/export", json!({})).await.ok(200);
    city.at(2).post("/login", json!({"login": login, "password": PASSWORD})).await.ok(200);
    city.end().await;
}

/// Ten wrong passwords a minute, on whichever node: then not even the right one is looked at.
#[tokio::test(flavor = "multi_thread")]
async fn wrong_passwords_are_counted_on_all_nodes_together() {
    let city = City::start().await;
    let ana = city.somebody().await;
    let body = |password: &str| json!({"login": ana.login, "password": password});
    for node in [1, 2, 3, 1, 2, 3, 1, 2, 3, 1] {
        let wrong = city.at(node).post("/login", body("not my password")).await;
        assert_eq!(wrong.code(), Code::CredentialsWrong);
    }
    for node in 1..=3 {
        let refused = city.at(node).post("/login", body(PASSWORD)).await;
        assert_eq!(refused.code(), Code::RateLimited, "node {node}");
        let wait: u64 = refused.header("retry-after").unwrap().parse().unwrap();
        assert!((1..=60).contains(&wait), "{wait}");
    }
    city.end().await;
}

/// aiosmtpd, a server of mails that others have written: it prints what it takes.
struct MailServer {
    child: Child,
    port: u16,
    printed: Arc<Mutex<Vec<String>>>,
}

impl MailServer {
    /// Nothing, with a word of why, where it is not installed.
    async fn start() -> Option<Self> {
        let cache = std::env::var_os("XDG_CACHE_HOME").filter(|set| !set.is_empty());
        let home = || std::env::var_os("HOME").map(|home| PathBuf::from(home).join(".cache"));
        let cache = cache.map(PathBuf::from).or_else(home)?;
        let python = cache.join("fd/peers/aiosmtpd/bin/python");
        if !python.is_file() {
            eprintln!("SKIPPED: no {}, `cargo xtask peers` installs it", python.display());
            return None;
        }
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let mut command = Command::new(python);
        command.args(["-u", "-m", "aiosmtpd", "-n", "-l", &format!("127.0.0.1:{port}")]);
        command.args(["-c", "aiosmtpd.handlers.Debugging", "stdout"]);
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let printed: Arc<Mutex<Vec<String>>> = Arc::default();
        let (lines, into) = (BufReader::new(child.stdout.take().unwrap()), Arc::clone(&printed));
        // Ends with the child.
        std::thread::spawn(move || {
            lines.lines().map_while(Result::ok).for_each(|line| into.lock().unwrap().push(line));
        });
        let server = Self { child, port, printed };
        until("the mail server listens", async || {
            TcpStream::connect(("127.0.0.1", server.port)).ok().map(drop)
        })
        .await;
        Some(server)
    }

    fn text(&self) -> String {
        self.printed.lock().unwrap().join("\n")
    }
}

impl Drop for MailServer {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_code_goes_out_by_mail() {
    let Some(server) = MailServer::start().await else { return };
    let tables = format!(
        "[notices]\nadapter = \"http\"\nemail_url = \"smtp://127.0.0.1:{}\"\n\
         mail_from = \"Marisol <no-reply@city.example>\"\n",
        server.port
    );
    let city = City::start_as(&Setup { tables, ..Setup::default() }).await;
    let asked = json!({"login": "zoe@example.org", "purpose": "sign_up"});
    assert_eq!(city.at(2).post("/v1/otp", asked).await.status, 202);
    let text = until("the mail is there", async || {
        Some(server.text()).filter(|text| text.contains("END MESSAGE"))
    })
    .await;
    assert!(text.contains("To: zoe@example.org"), "{text}");
    assert!(text.contains("From: Marisol <no-reply@city.example>"), "{text}");
    let line = text.lines().find(|line| line.contains("is your code")).unwrap();
    let good: String = line.chars().filter(char::is_ascii_digit).take(6).collect();
    say(&city, 1, "zoe@example.org", "sign_up", &good).await.ok(200);
    city.end().await;
}
