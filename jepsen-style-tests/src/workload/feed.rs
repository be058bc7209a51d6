//! Workload E: what follows from the log elsewhere. People follow the feed, others change menus,
//! close kitchens and move them, and some search.
//!
//! A follower holds one stream at one node for a while, loses it, and goes on at another one with
//! the last id that it was given. Each dish that is edited gets a word that no other dish has and
//! that no typing error makes of another, so that a search has exactly one right answer.

use super::worker::{Heard, Op, Worker};
use super::{Crowd, Scene, orders};
use crate::history::{Kind, Line, Process};
use crate::http::Request;
use crate::random::Random;
use anyhow::{Context, Result, bail, ensure};
use domain::Cursor;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::time::{Instant, timeout_at};

/// People who edit, and people who search.
const EDITORS: usize = 3;
const SEARCHERS: usize = 3;
/// Between two edits, two searches, two attempts to connect.
const EDIT_PACE: Duration = Duration::from_millis(250);
const SEARCH_PACE: Duration = Duration::from_millis(150);
const CONNECT_PACE: Duration = Duration::from_millis(50);
/// A stream is held for so long at most, in milliseconds; then its reader is gone.
const HELD_MS: usize = 1_500;
/// At the end it is held for longer than it takes until a stream says how far it is.
const HELD_AT_THE_END: Duration = Duration::from_secs(8);
/// With every fault over, everybody has heard everything within this time.
const HEARD_WITHIN: Duration = Duration::from_secs(60);
/// Taking a connection on loopback costs no time, unless nobody is there.
const CONNECT_WITHIN: Duration = Duration::from_secs(1);
/// The first kitchens have dishes that are edited; the last one moves about, and the one before it
/// closes and opens.
const EDITED: usize = 4;

/// Who follows what, and from where to where they heard all there was.
#[derive(Clone, Debug)]
pub struct Follower {
    /// As the history calls them.
    pub who: String,
    /// Their access token.
    pub token: String,
    /// Of the query: `types=..` or `restaurant_id=..`, or nothing.
    pub query: String,
    /// They began behind this
    pub after: Cursor,
    /// and ended here.
    pub until: Cursor,
}

/// Words of dishes: the last that was said yes to, and those before it.
#[derive(Debug, Default)]
pub struct Words {
    /// By dish: restaurant, words in the order of their yes, and whether the last word is certain.
    pub dishes: BTreeMap<String, Dish>,
}

/// What one dish was called.
#[derive(Clone, Debug, Default)]
pub struct Dish {
    /// Whose.
    pub restaurant_id: String,
    /// The oldest first.
    pub words: Vec<String>,
    /// Some edit has no verdict: it may be called otherwise.
    pub open: bool,
}

pub(super) fn let_in(crowd: &mut Crowd<'_>) {
    orders::let_customers_in(crowd);
    let shop = &crowd.scene.shop;
    let restaurant = shop.menus[0].restaurant_id;
    let mut all = vec![
        ("operator".to_owned(), shop.operator.clone(), String::new()),
        ("operator for placed".to_owned(), shop.operator.clone(), "types=order.placed".to_owned()),
        ("restaurant".to_owned(), shop.operator.clone(), format!("restaurant_id={restaurant}")),
    ];
    all.extend(
        shop.customers
            .iter()
            .enumerate()
            .map(|(number, token)| (format!("customer {number}"), token.clone(), String::new())),
    );
    for (who, token, query) in all {
        let (after, until) = (Cursor::START, Cursor::START);
        let follower = Follower { who, token, query, after, until };
        let reader = Reader { worker: crowd.worker(CONNECT_PACE), follower };
        crowd.people.spawn(reader.run());
    }
    let words = Arc::clone(&crowd.scene.words);
    for place in 0..EDITORS {
        let editor = Editor { worker: crowd.worker(EDIT_PACE), words: Arc::clone(&words), place };
        crowd.people.spawn(editor.run());
    }
    for _ in 0..SEARCHERS {
        let searcher = (crowd.worker(SEARCH_PACE), Arc::clone(&words));
        crowd.people.spawn(search(searcher.0, searcher.1));
    }
}

struct Editor {
    worker: Worker,
    words: Arc<Mutex<Words>>,
    place: usize,
}

impl Editor {
    async fn run(mut self) -> Result<()> {
        for number in 0_usize.. {
            if !self.worker.goes_on().await {
                break;
            }
            match self.worker.random.below(6) {
                // Where people eat in earnest, no kitchen closes on them.
                0 if self.place == 0 && self.worker.scene.shop.couriers.is_empty() => {
                    self.close_or_open(number).await;
                }
                1 if self.place == 0 => self.move_about(number).await?,
                _ => self.edit().await,
            }
        }
        Ok(())
    }

    /// A dish gets another name. Each editor has dishes of its own, so that the last word is known.
    async fn edit(&mut self) {
        let scene = Arc::clone(&self.worker.scene);
        let menu = &scene.shop.menus[self.worker.random.below(EDITED)];
        let own: Vec<_> = menu.dishes.iter().skip(self.place).step_by(EDITORS).collect();
        let dish = own[self.worker.random.below(own.len())];
        let (dish_id, restaurant_id) = (dish.dish_id.to_string(), menu.restaurant_id.to_string());
        let word = word(&mut self.worker.random);
        let path = format!("/v1/restaurant/{restaurant_id}/menu");
        let patch = json!({"dishes": {dish_id.as_str(): {"title": {"en": word}}}});
        let request = Request::patch(path, &scene.shop.operator, patch);
        let value = json!({"dish": dish_id, "word": word});
        let shown = value.clone();
        let heard =
            self.worker.insist("edit", Some(&restaurant_id), value, &request, |_| shown.clone());
        let sure = matches!(heard.await, Some(Ok(_)));
        let mut words = self.words.lock().expect("nobody panics with the words in hand");
        let dish = words.dishes.entry(dish_id).or_default();
        dish.restaurant_id = restaurant_id;
        dish.words.push(word);
        dish.open = !sure;
    }

    async fn close_or_open(&mut self, number: usize) {
        let menus = &self.worker.scene.shop.menus;
        let restaurant_id = menus[menus.len() - 2].restaurant_id.to_string();
        let (f, mode) =
            if number.is_multiple_of(2) { ("close", "paused") } else { ("open", "open") };
        let path = format!("/v1/restaurant/{restaurant_id}/availability");
        let operator = self.worker.scene.shop.operator.clone();
        let request = Request::put(path, &operator, json!({"mode": mode}));
        let value = json!({"mode": mode});
        let shown = value.clone();
        let op = Op { f, key: Some(&restaurant_id), value, request: &request };
        self.worker.ask(op, |_| shown.clone()).await;
    }

    async fn move_about(&mut self, number: usize) -> Result<()> {
        let menus = &self.worker.scene.shop.menus;
        let restaurant_id = menus[menus.len() - 1].restaurant_id.to_string();
        let mut profile = serde_json::to_value(crate::shop::profile(menus.len() - 1)?)?;
        let lat = 43.55 + (number % 7) as f64 / 1_000.0;
        profile["position"]["lat"] = json!(lat);
        let path = format!("/v1/restaurant/{restaurant_id}");
        let operator = self.worker.scene.shop.operator.clone();
        let request = Request::put(path, &operator, profile);
        let value = json!({"lat": lat});
        let shown = value.clone();
        let op = Op { f: "move", key: Some(&restaurant_id), value, request: &request };
        self.worker.ask(op, |_| shown.clone()).await;
        Ok(())
    }
}

/// Four syllables by chance.
fn word(random: &mut Random) -> String {
    let mut syllable = || {
        let consonants = b"bdfgklmnprstvz";
        let vowels = b"aeiou";
        let consonant = consonants[random.below(consonants.len())];
        [consonant, vowels[random.below(vowels.len())]].map(char::from)
    };
    (0..4).flat_map(|_| syllable()).collect()
}

async fn search(mut worker: Worker, words: Arc<Mutex<Words>>) -> Result<()> {
    while worker.goes_on().await {
        let known: Vec<String> = {
            let words = words.lock().expect("nobody panics with the words in hand");
            words.dishes.values().filter_map(|dish| dish.words.last().cloned()).collect()
        };
        let word = match known.is_empty() {
            true => "dish".to_owned(),
            false => known[worker.random.below(known.len())].clone(),
        };
        let request = Request::get(search_path(&word), "");
        let op = Op { f: "search", key: None, value: json!({"q": word}), request: &request };
        let _: Heard = worker.ask(op, |body| json!({"ids": found(body)})).await;
    }
    Ok(())
}

/// Where a word is searched for.
pub fn search_path(word: &str) -> String {
    format!("/v1/search?q={word}&lat=43.55&lng=-5.92&limit=20")
}

/// The dishes of an answer.
pub fn found(body: &Value) -> Vec<String> {
    let dishes = body["dishes"].as_array().into_iter().flatten();
    dishes.filter_map(|dish| dish["dish_id"].as_str().map(str::to_owned)).collect()
}

struct Reader {
    worker: Worker,
    follower: Follower,
}

impl Reader {
    async fn run(mut self) -> Result<()> {
        let http = reqwest::Client::builder().connect_timeout(CONNECT_WITHIN).no_proxy().build()?;
        let Some(from) = head(&mut self.worker).await else { return Ok(()) };
        (self.follower.after, self.follower.until) = (from, from);
        self.note(None, "subscribe", json!({"after": from.to_string()}));
        while self.worker.goes_on().await {
            let held = Duration::from_millis(self.worker.random.below(HELD_MS) as u64);
            self.hold(&http, held, None).await?;
        }
        // Everything that there is by now is heard, too.
        let give_up = Instant::now() + HEARD_WITHIN;
        let to = loop {
            if let Some(to) = newest(&self.worker.scene, &self.follower.token).await {
                break to;
            }
            ensure!(Instant::now() < give_up, "nobody says where the feed ends");
            self.worker.goes_on().await;
        };
        while self.follower.until < to {
            self.hold(&http, HELD_AT_THE_END, Some(to)).await?;
            let who = &self.follower.who;
            ensure!(Instant::now() < give_up, "{who} has not heard all of it, up to {to}");
            self.worker.goes_on().await;
        }
        self.worker.scene.followed(self.follower);
        Ok(())
    }

    /// One connection, at any node, for so long or until it has heard up to here; a broken one is
    /// what this is about.
    async fn hold(
        &mut self,
        http: &reqwest::Client,
        held: Duration,
        to: Option<Cursor>,
    ) -> Result<()> {
        let until = Instant::now() + held;
        let (node, url) = self.worker.any_door();
        let request = http.get(format!("{url}/v1/events/stream?{}", self.follower.query));
        let request = request.bearer_auth(&self.follower.token);
        let request = request.header("Last-Event-ID", self.follower.until.to_string());
        let Ok(Ok(mut response)) = timeout_at(until, request.send()).await else { return Ok(()) };
        if response.status() != 200 {
            return Ok(());
        }
        let mut text = Vec::new();
        while let Ok(Ok(Some(chunk))) = timeout_at(until, response.chunk()).await {
            text.extend_from_slice(&chunk);
            // A frame that was cut off by the end of a connection was never heard.
            while let Some(end) = text.windows(2).position(|two| two == b"\n\n") {
                let frame: Vec<u8> = text.drain(..end + 2).collect();
                self.hear(node, std::str::from_utf8(&frame)?)?;
            }
            if to.is_some_and(|to| self.follower.until >= to) {
                break;
            }
        }
        Ok(())
    }

    fn hear(&mut self, node: u64, frame: &str) -> Result<()> {
        let part = |name: &str| frame.lines().find_map(|line| line.strip_prefix(name));
        if let Some("resync" | "end") = part("event: ") {
            self.note(Some(node), "resync", Value::Null);
            bail!("{} was sent away: {frame}", self.follower.who);
        }
        let Some(id) = part("id: ") else { return Ok(()) };
        let cursor: Cursor = id.parse().with_context(|| format!("an id: {frame}"))?;
        if let Some(data) = part("data: ") {
            let value = serde_json::from_str(data).with_context(|| format!("data: {frame}"))?;
            self.note(Some(node), "event", value);
        }
        self.follower.until = cursor;
        Ok(())
    }

    fn note(&self, node: Option<u64>, f: &str, value: Value) {
        let who = Process::Other(self.follower.who.clone());
        let line = Line { value, node, ..Line::new(who, Kind::Info, f) };
        self.worker.scene.recorder.record(line);
    }
}

/// Behind the last entry of the feed; nothing if the load ends before anybody says.
async fn head(worker: &mut Worker) -> Option<Cursor> {
    while worker.goes_on().await {
        let (scene, token) = (Arc::clone(&worker.scene), worker.scene.shop.operator.clone());
        if let Some(head) = newest(&scene, &token).await {
            return Some(head);
        }
    }
    None
}

/// Behind the last entry of any node that answers.
async fn newest(scene: &Scene, token: &str) -> Option<Cursor> {
    let request = Request::get(format!("/v1/events?after={}", u64::MAX), token);
    let mut head = None;
    for (_, url) in scene.urls() {
        if let crate::http::Outcome::Done { body, .. } = scene.asker.send(&url, &request).await {
            head = head.max(body.get("head").and_then(Value::as_u64));
        }
    }
    head.map(Cursor::after_entry)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_made_to_be_told_apart() {
        let mut random = Random::new(7);
        let words: std::collections::BTreeSet<_> = (0..500).map(|_| word(&mut random)).collect();
        assert!(words.len() > 495 && words.iter().all(|word| word.len() == 8));
    }
}
