//! Against a server that does what a node in trouble does.

use super::*;
use std::sync::Mutex;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

/// What the server does with one connection: an answer, or nothing and a closed door.
type Script = Vec<Option<&'static str>>;

/// Serves one connection after the other and keeps what was asked.
async fn node(script: Script) -> (String, Arc<Mutex<Vec<String>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let asked = Arc::new(Mutex::new(Vec::new()));
    let seen = Arc::clone(&asked);
    tokio::spawn(async move {
        for answer in script {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut bytes = vec![0; 64 << 10];
            let count = stream.read(&mut bytes).await.unwrap();
            seen.lock().unwrap().push(String::from_utf8_lossy(&bytes[..count]).into_owned());
            if let Some(answer) = answer {
                stream.write_all(answer.as_bytes()).await.unwrap();
            }
        }
    });
    (url, asked)
}

const YES: &str = "HTTP/1.1 201 Created\r\nfd-index: 7\r\nidempotency-replayed: true\r\n\
    content-type: application/json\r\nconnection: close\r\ncontent-length: 3\r\n\r\n\"a\"";

fn problem(code: &str, status: u16) -> &'static str {
    let body =
        format!(r#"{{"type":"t","title":"t","status":{status},"code":"{code}","retryable":true}}"#);
    let head =
        format!("HTTP/1.1 {status} X\r\nconnection: close\r\ncontent-length: {}", body.len());
    format!("{head}\r\n\r\n{body}").leak()
}

fn key(request: &str) -> String {
    let line = request.lines().find(|line| line.starts_with("idempotency-key"));
    line.unwrap_or_default().to_owned()
}

/// An address where nobody listens.
async fn nobody() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    format!("http://{}", listener.local_addr().unwrap())
}

async fn post(client: &Client) -> Result<Done<String>, CallError> {
    client.send(Call::post("/v1/x", &1)).await
}

#[tokio::test]
async fn the_same_key_goes_to_the_next_node() {
    let (first, asked_first) = node(vec![None]).await;
    let (second, asked) = node(vec![Some(problem("no_leader", 503)), Some(YES)]).await;
    let client = Client::new(vec![nobody().await, first, second]).unwrap();
    let done = post(&client).await.unwrap();
    assert_eq!((done.value.as_str(), done.index, done.replayed), ("a", Some(7), true));
    let (asked_first, asked) = (asked_first.lock().unwrap(), asked.lock().unwrap());
    assert_eq!((asked_first.len(), asked.len()), (1, 2));
    assert!(key(&asked[0]).len() > 30);
    assert_eq!(key(&asked[0]), key(&asked[1]));
    assert_eq!(key(&asked[0]), key(&asked_first[0]));
}

#[tokio::test]
async fn a_no_is_not_asked_again() {
    let (url, asked) = node(vec![Some(problem("restaurant_closed", 409))]).await;
    let error = post(&Client::new(vec![url]).unwrap()).await.unwrap_err();
    assert!(matches!(error, CallError::Refused(problem) if problem.code == "restaurant_closed"));
    assert_eq!(asked.lock().unwrap().len(), 1);
}

#[tokio::test]
async fn what_may_have_happened_is_never_called_undone() {
    let short = Duration::from_millis(300);
    let client = Client::new(vec![nobody().await]).unwrap().with_deadline(short);
    assert!(matches!(post(&client).await, Err(CallError::NotDone { .. })));

    let (lost, _) = node(vec![None]).await;
    let client = Client::new(vec![lost]).unwrap().with_deadline(short);
    let error = post(&client).await.unwrap_err();
    assert!(matches!(error, CallError::Unknown { key: Some(_), .. }), "{error}");

    let (lost, _) = node(vec![None]).await;
    let client = Client::new(vec![lost]).unwrap().with_deadline(short);
    let read: Result<Done<String>, _> = client.send(Call::get("/v1/x")).await;
    assert!(matches!(read, Err(CallError::NotDone { .. })), "a read happens to nobody");

    let (unsure, _) = node(vec![Some(problem("verdict_unknown", 503))]).await;
    let client = Client::new(vec![unsure]).unwrap().with_deadline(short);
    assert!(matches!(post(&client).await, Err(CallError::Unknown { .. })));
}

#[tokio::test]
async fn reads_see_ones_own_writes() {
    let (url, asked) = node(vec![Some(YES), Some(YES), Some(YES)]).await;
    let client = Client::new(vec![url]).unwrap();
    post(&client).await.unwrap();
    let _: Done<String> = client.send(Call::get("/v1/x")).await.unwrap();
    let stale = [("read", "stale".to_owned())];
    let _: Done<String> = client.send(Call::get("/v1/x").query(&stale)).await.unwrap();
    let asked = asked.lock().unwrap();
    assert!(asked[1].starts_with("GET /v1/x?after=7 "), "{}", asked[1]);
    assert!(asked[2].starts_with("GET /v1/x?read=stale "), "{}", asked[2]);
}
