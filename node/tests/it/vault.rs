//! Personal data over three nodes: what a person left behind opens nowhere once they are erased.

use crate::after::charged;
use crate::city::{City, Setup, until};
use crate::people::{DOOR, PASSWORD, Person, point};
use api::codes::Code;
use serde_json::{Value, json};
use std::fs;
use std::path::{Path, PathBuf};

/// Bytes of one key in a vault's file, and where its wrapped part stands.
const SLOT: usize = 128;
const WRAPPED: std::ops::Range<usize> = 32..92;

/// Words that nobody else says.
const CANARIES: [&str; 4] =
    ["Quetzalina", "quetzalina@canary.example", "Casa Canaria", "bell Kano"];
/// The same, of what is kept for the next order: a new name, and an address with its label, lines
/// and note; a card's token and brand.
const KEPT: [&str; 6] =
    ["Cotingalina", "Nido Hoatzin", "Calle Tucaneta", "knock Jabiru", "tok_motmot", "Trogoncard"];

/// Every file under a directory, and whether it holds these bytes.
fn holding(dir: &Path, bytes: &[u8]) -> Vec<PathBuf> {
    let (mut found, mut todo) = (Vec::new(), vec![dir.to_owned()]);
    while let Some(dir) = todo.pop() {
        for entry in fs::read_dir(dir).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                todo.push(path);
            } else if let Ok(file) = fs::read(&path)
                && file.windows(bytes.len()).any(|some| some == bytes)
            {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}

fn vault(city: &City, node: usize) -> PathBuf {
    city.dir().join(format!("node-{node}/vault/keys"))
}

/// A copy of all that a node keeps but its vault, as a backup makes one.
fn back_up(city: &City, node: usize) {
    fn copy(from: &Path, to: &Path) {
        fs::create_dir_all(to).unwrap();
        for entry in fs::read_dir(from).unwrap() {
            let (path, to) = (entry.as_ref().unwrap().path(), to.join(entry.unwrap().file_name()));
            if path.is_dir() && !path.ends_with("vault") {
                copy(&path, &to);
            } else if path.is_file() {
                fs::copy(&path, &to).unwrap();
            }
        }
    }
    let from = city.dir().join(format!("node-{node}"));
    copy(&from, &city.dir().join(format!("backup-{node}")));
}

/// The wrapped part of the newest key.
fn newest_key(city: &City, node: usize) -> Vec<u8> {
    let file = fs::read(vault(city, node)).unwrap();
    file.chunks_exact(SLOT).next_back().unwrap()[WRAPPED].to_vec()
}

async fn snapshots(city: &City, founder: &Person) {
    for node in city.running() {
        // A node that has just begun may not know the operator's login yet.
        until("a snapshot is made", async || {
            let made = city.by(node, founder).post("/v1/admin/cluster/snapshot", json!({})).await;
            (made.status == 200).then_some(())
        })
        .await;
    }
}

/// A customer who has left words everywhere.
struct Leaving {
    id: String,
    token: String,
    order: String,
    /// The entry by which they have said their last name.
    named: u64,
    /// Their key as it lies on disks.
    key: Vec<u8>,
}

async fn somebody_with_words(city: &City, founder: &Person) -> Leaving {
    let kitchen = city.kitchen(founder, "Ramen Bar").await;
    let [name, email, lines, door_note] = CANARIES;
    let signup = json!({"name": name, "email": email, "password": PASSWORD});
    let signed_up = city.at(2).post("/signup", signup).await.ok(201);
    let text = |it: &Value, name: &str| it[name].as_str().unwrap().to_owned();
    let (id, token) = (text(&signed_up, "account_id"), text(&signed_up, "access_token"));
    let key = newest_key(city, 2);
    let basket = json!({
        "restaurant_id": kitchen.id,
        "basket": [{"dish_id": kitchen.ramen, "quantity": 1, "note": door_note}],
        "address": {"point": point(DOOR), "lines": lines, "door_note": door_note},
        "note": door_note,
        "payment": {"method": "card", "token": "tok_visa"},
    });
    let placed = city.at(3).with(&token).post("/order", basket).await.ok(201);
    let [new_name, label, lines, door_note, card, brand] = KEPT;
    let own = city.at(1).with(&token);
    let named = own.patch("/v1/me", json!({"name": new_name})).await;
    named.ok(200);
    let address = json!({"label": label, "point": point(DOOR), "lines": lines,
        "door_note": door_note});
    own.post("/v1/me/addresses", address).await.ok(201);
    let card = json!({"method": "card", "token": card, "brand": brand});
    own.post("/v1/me/payment-methods", card).await.ok(201);
    let order = format!("/v1/order/{}", text(&placed, "order_id"));
    Leaving { id, token, order, named: named.index(), key }
}

/// Readable everywhere, by its own person; in clear on no disk, and the key in the vaults alone.
async fn is_readable(city: &City, it: &Leaving) {
    let [_, email, lines, door_note] = CANARIES;
    let [name, _, kept_lines, kept_note, _, brand] = KEPT;
    for node in 1..=3 {
        let own = city.at(node).with(&it.token);
        let me = own.get(&format!("/v1/me?after={}", it.named)).await.ok(200);
        assert_eq!(me["name"], name, "node {node}");
        assert_eq!(own.get(&it.order).await.ok(200)["address"]["lines"], lines, "node {node}");
    }
    let archive = city.at(1).with(&it.token).post("/v1/me/export", json!({})).await.ok(200);
    assert_eq!(archive["account"]["contact"], email);
    assert_eq!(archive["orders"][0]["address"]["door_note"], door_note);
    assert_eq!(archive["account"]["name"], name);
    assert_eq!(archive["addresses"][0]["lines"], kept_lines);
    assert_eq!(archive["addresses"][0]["door_note"], kept_note);
    assert_eq!(archive["payment_methods"][0]["brand"], brand);
    let vaults: Vec<_> = (1..=3).map(|node| vault(city, node)).collect();
    assert_eq!(holding(city.dir(), &it.key), vaults);
}

fn is_in_clear_nowhere(city: &City) {
    for words in CANARIES.into_iter().chain(KEPT) {
        assert_eq!(holding(city.dir(), words.as_bytes()), [] as [PathBuf; 0], "{words}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn r26_an_erased_person_opens_nowhere() {
    let mut city = City::start().await;
    let founder = city.founder().await;
    let it = somebody_with_words(&city, &founder).await;
    // The state, its snapshots and a copy of both hold it from here on, closed.
    snapshots(&city, &founder).await;
    city.stop_node(3).await;
    back_up(&city, 3);
    city.start_node(3).await;
    is_readable(&city, &it).await;
    is_in_clear_nowhere(&city);

    let (own, leave) = (city.at(1).with(&it.token), json!({"password": PASSWORD}));
    assert_eq!(own.delete("/v1/me", leave.clone()).await.code(), Code::OrdersOpen);
    let cancel = json!({"reason": "customer_changed_mind"});
    own.post(&format!("{}/cancel", it.order), cancel).await.ok(200);
    let wrong = own.delete("/v1/me", json!({"password": "not my password"})).await;
    assert_eq!(wrong.code(), Code::CredentialsWrong);

    // One node is away: a majority is enough, and says so.
    city.stop_node(3).await;
    let proof = city.at(1).with(&it.token).delete("/v1/me", leave.clone()).await.ok(200);
    assert_eq!(proof["destroyed_at"], json!([1, 2]));
    assert_eq!(proof["audit"]["command"], "erase_person");
    assert_eq!(proof["audit"]["subject"], it.id);
    assert_eq!(holding(city.dir(), &it.key), [vault(&city, 3)]);
    let again = city.at(2).with(&it.token).delete("/v1/me", leave).await;
    assert_eq!(again.code(), Code::TokenExpired);

    // It destroys the key with the entry that says so, as soon as it has caught up on that.
    city.start_node(3).await;
    until("node 3 has destroyed the key", async || {
        holding(city.dir(), &it.key).is_empty().then_some(())
    })
    .await;
    let founder = city.founder().await;
    let by_letter = format!("/v1/admin/people/{}/erase", it.id);
    let letter = json!({"reason": "a letter"});
    let proof_again = city.by(2, &founder).post(&by_letter, letter).await.ok(200);
    assert_eq!(proof_again["destroyed_at"], json!([1, 2, 3]), "and proves it again");
    assert_eq!(proof_again["audit"], proof["audit"]);
    snapshots(&city, &founder).await;
    for node in 1..=3 {
        let order = city.by(node, &founder).get(&it.order).await.ok(200);
        assert_eq!((&order["address"], &order["note"]), (&Value::Null, &Value::Null));
        assert_eq!(order["state"], "cancelled", "what the books need stays");
        city.stop_node(node).await;
        city.start_node(node).await;
    }
    assert_eq!(holding(city.dir(), &it.key), [] as [PathBuf; 0]);
    is_in_clear_nowhere(&city);
    city.end().await;
}

/// What people say in public, or against a ban, is closed under their own key as well.
#[tokio::test(flavor = "multi_thread")]
async fn words_for_others_are_gone_with_their_author() {
    const REVIEW: &str = "my aunt Jacana liked it";
    const APPEAL: &str = "it was my cousin Caracara";
    let city = City::start().await;
    let founder = city.founder().await;
    let kitchen = city.kitchen(&founder, "Ramen Bar").await;
    let ana = city.somebody().await;
    let order = charged(&city, &kitchen, &ana).await;
    let rate = json!({"restaurant": {"stars": 4}, "text": REVIEW});
    let path = format!("/v1/rate/order/{order}");
    city.by(1, &ana).post(&path, rate.clone()).await.ok(201);
    let before = city.by(1, &ana).post(&path, rate.clone()).await;
    assert_eq!(city.by(2, &ana).post(&path, rate).await.index(), before.index(), "a repeat");
    let reviews = format!("/v1/restaurants/{}/reviews?read=linearizable", kitchen.id);
    for node in 1..=3 {
        let shown = until("the key is there", async || {
            let shown = city.at(node).get(&reviews).await.ok(200);
            shown["data"][0]["text"].as_str().map(str::to_owned)
        });
        assert_eq!(shown.await, REVIEW, "node {node}");
    }
    let archive = city.by(2, &ana).post("/v1/me/export", json!({})).await.ok(200);
    assert_eq!(archive["ratings"][0]["text"], REVIEW);

    let bans = "/v1/admin/bans";
    let ban = json!({"account_id": ana.account_id, "reason": "a test"});
    city.by(1, &founder).post(bans, ban.clone()).await.ok(200);
    let note = json!({"subject": ana.account_id, "note": APPEAL});
    let noted = city.by(2, &founder).patch(bans, note.clone()).await;
    let again = city.by(3, &founder).patch(bans, note).await;
    assert_eq!((noted.status, again.index()), (200, noted.index()), "a repeat");
    let held = city.by(3, &founder).get(bans).await.ok(200);
    assert_eq!(held["data"][0]["appeal"], APPEAL);
    city.by(1, &founder).delete(bans, ban).await.ok(200);
    snapshots(&city, &founder).await;
    for words in [REVIEW, APPEAL] {
        assert_eq!(holding(city.dir(), words.as_bytes()), [] as [PathBuf; 0], "{words}");
    }

    let back = city.log_in_again(&ana).await;
    let leave = json!({"password": PASSWORD});
    city.at(1).with(&back).delete("/v1/me", leave).await.ok(200);
    let shown = city.at(2).get(&reviews).await.ok(200);
    assert_eq!((&shown["data"][0]["stars"], &shown["data"][0]["text"]), (&json!(4), &Value::Null));
    city.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_comes_back_after_an_erasure_is_somebody_new() {
    let city = City::start().await;
    let signup = json!({"name": "Ana", "phone": "+34611000111", "password": PASSWORD});
    let first = city.at(1).post("/signup", signup.clone()).await.ok(201);
    let own = city.at(3).with(first["access_token"].as_str().unwrap());
    let proof = own.delete("/v1/me", json!({"password": PASSWORD})).await.ok(200);
    assert_eq!(proof["destroyed_at"], json!([1, 2, 3]));
    let login = json!({"login": "+34611000111", "password": PASSWORD});
    assert_eq!(city.at(2).post("/login", login.clone()).await.code(), Code::CredentialsWrong);
    let after = proof["index"].as_u64().unwrap();
    let second = format!("/signup?after={after}");
    let second = city.at(3).post(&second, signup).await.ok(201);
    assert_ne!(second["account_id"], first["account_id"]);
    let token = second["access_token"].as_str().unwrap();
    assert_eq!(city.at(1).with(token).get("/v1/me").await.ok(200)["name"], "Ana");
    city.at(1).post("/login", login).await.ok(200);

    // Nobody looks into somebody else's drawer.
    let stranger = city.somebody().await;
    for what in ["erase", "export"] {
        let route = format!("/v1/admin/people/{}/{what}", second["account_id"].as_str().unwrap());
        let refused = city.by(1, &stranger).post(&route, json!({"reason": "curious"})).await;
        assert_eq!(refused.code(), Code::Forbidden);
    }
    city.end().await;
}

/// A node whose file of keys is lost asks the others; a new wrapping key takes over at a restart.
#[tokio::test(flavor = "multi_thread")]
async fn keys_are_fetched_from_the_others_and_wrapped_anew() {
    let setup = Setup {
        files: vec![("new", "C".repeat(42) + "E=")],
        secrets: "vault_keys = [\"city\", \"new\"]".to_owned(),
        ..Setup::default()
    };
    let mut city = City::start_as(&setup).await;
    let ana = city.somebody().await;
    let key = newest_key(&city, 1);
    city.stop_node(2).await;
    fs::remove_file(vault(&city, 2)).unwrap();
    city.start_node(2).await;
    until("node 2 has the keys again", async || {
        let me = city.by(2, &ana).get("/v1/me").await.ok(200);
        (me["name"] == "Ana").then_some(())
    })
    .await;
    for node in 1..=3 {
        city.stop_node(node).await;
        city.set_secrets(node, |secrets| secrets.vault_keys.reverse());
        city.start_node(node).await;
        assert_eq!(city.by(node, &ana).get("/v1/me").await.ok(200)["name"], "Ana");
    }
    assert_eq!(holding(city.dir(), &key), [] as [PathBuf; 0], "the old wrapping is overwritten");
    for node in 1..=3 {
        city.stop_node(node).await;
        city.set_secrets(node, |secrets| drop(secrets.vault_keys.pop()));
        city.start_node(node).await;
        assert_eq!(city.by(node, &ana).get("/v1/me").await.ok(200)["name"], "Ana");
    }
    city.end().await;
}
