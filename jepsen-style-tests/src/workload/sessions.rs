//! Workload F: people log in, keep their login fresh, and lose it: they log out, an operator bans
//! them, or somebody shows a refresh token that was replaced long ago.
//!
//! One login is a family of tokens: pair 1 comes with the login, and each refresh makes another
//! pair. Every use is at any node, and right after an end the tokens are shown at every node.

use super::Crowd;
use super::worker::{Heard, Op, Worker};
use crate::http::Request;
use anyhow::{Result, bail};
use serde_json::{Value, json};
use std::time::Duration;
use tokio::time::{Instant, sleep};

/// People.
pub(super) const PEOPLE: usize = 9;
/// Between two things that one of them does.
const PACE: Duration = Duration::from_millis(120);
/// Things that are done with one login, at most.
const STEPS: usize = 40;
/// Nobody's real password: these people live as long as a run.
const PASSWORD: &str = "a town of paper people";
/// A replaced refresh token that is shown later than this ends its family: the grace that the city
/// gives, and a little more.
const GRACE: Duration = Duration::from_millis(domain::limits::REFRESH_GRACE_MS as u64 + 1_000);
/// After this a node reads nothing any more for a login that has ended.
const READS_END: Duration = Duration::from_millis(1_200);
/// Of so many people one waits for that with each login.
const PATIENT: usize = 3;

pub(super) fn let_in(crowd: &mut Crowd<'_>, people: usize) {
    for place in 0..people {
        let worker = crowd.worker(PACE);
        let patient = place % PATIENT == PATIENT - 1;
        crowd.people.spawn(Person { worker, account: None, families: 0, patient }.run());
    }
}

struct Person {
    worker: Worker,
    account: Option<Account>,
    families: usize,
    patient: bool,
}

/// Somebody who can log in.
#[derive(Clone, Debug)]
struct Account {
    id: String,
    login: String,
}

/// Tokens of one login.
#[derive(Debug)]
struct Family {
    key: String,
    /// Access and refresh token, the first pair first.
    pairs: Vec<(String, String)>,
    /// When the last pair came.
    since: Instant,
}

impl Family {
    /// The newest pair's number.
    fn newest(&self) -> usize {
        self.pairs.len()
    }

    /// The number of a pair that was answered: a new one, or one that was known.
    fn number(&mut self, tokens: &Value) -> usize {
        let text = |name: &str| tokens[name].as_str().unwrap_or_default().to_owned();
        let (access, refresh) = (text("access_token"), text("refresh_token"));
        if let Some(place) = self.pairs.iter().position(|(_, known)| *known == refresh) {
            return place + 1;
        }
        self.pairs.push((access, refresh));
        self.since = Instant::now();
        self.pairs.len()
    }
}

impl Person {
    async fn run(mut self) -> Result<()> {
        while self.worker.goes_on().await {
            let Some(account) = self.account().await? else { break };
            if let Some(family) = self.log_in(&account).await {
                self.live(&account, family).await;
            }
        }
        Ok(())
    }

    /// Whoever logs in next; a new one after a ban.
    async fn account(&mut self) -> Result<Option<Account>> {
        if let Some(account) = &self.account {
            return Ok(Some(account.clone()));
        }
        let (seed, number) = (self.worker.scene.seed, self.worker.number);
        let login = format!("person-{number}-{}-{seed}@example.com", self.families);
        let body = json!({"name": "Paper", "email": login, "password": PASSWORD});
        let signup = Request::post("/v1/signup", "", &login, body);
        let answer = match self.worker.prepare(&signup).await {
            None => return Ok(None),
            Some(Ok(answer)) => answer,
            Some(Err(why)) => bail!("nobody can sign up: {why}"),
        };
        let id = answer["account_id"].as_str().unwrap_or_default().to_owned();
        self.account = Some(Account { id, login });
        Ok(self.account.clone())
    }

    async fn log_in(&mut self, account: &Account) -> Option<Family> {
        self.families += 1;
        let key = format!("fam-{}-{}", self.worker.number, self.families);
        let body = json!({"login": account.login, "password": PASSWORD});
        let request = Request::say("/v1/login", "", body);
        let door = self.worker.any_door();
        let op = Op { f: "login", key: Some(&key), value: Value::Null, request: &request };
        let heard = self.worker.ask_at(&door, op, |_| json!({"token": 1})).await;
        let Heard::Yes { body } = heard else { return None };
        let mut family = Family { key, pairs: Vec::new(), since: Instant::now() };
        family.number(&body);
        Some(family)
    }

    async fn live(&mut self, account: &Account, mut family: Family) {
        let mut steps = 1 + self.worker.random.below(STEPS);
        while self.worker.goes_on().await {
            let replaced = family.newest() > 1;
            if self.patient && replaced && family.since.elapsed() > GRACE {
                // Somebody has kept the token before the last.
                let old = family.newest() - 1;
                self.refresh(&mut family, old).await;
                break;
            }
            let fresh = self.patient && replaced;
            match self.worker.random.below(10) {
                0..3 if !fresh => {
                    let newest = family.newest();
                    self.refresh(&mut family, newest).await;
                }
                // The answer was lost, or so it seems: the same again is the same answer.
                3 if !fresh && replaced => {
                    let old = family.newest() - 1;
                    self.refresh(&mut family, old).await;
                }
                _ => {
                    let door = self.worker.any_door();
                    self.use_one(&family, &door).await;
                }
            }
            steps = steps.saturating_sub(1);
            if steps == 0 && !self.patient {
                self.revoke(account, &family).await;
                break;
            }
        }
        let (access, _) = &family.pairs[family.newest() - 1];
        self.worker.scene.logged_in(&family.key, access);
        // Dead or not: each node is asked, at once and again after the second that it has.
        for wait in [READS_END, Duration::ZERO] {
            for door in self.worker.scene.urls() {
                self.use_one(&family, &door).await;
            }
            sleep(wait).await;
        }
    }

    async fn refresh(&mut self, family: &mut Family, pair: usize) {
        let token = family.pairs[pair - 1].1.clone();
        let request = Request::say("/v1/token/refresh", "", json!({"refresh_token": token}));
        let (door, key) = (self.worker.any_door(), family.key.clone());
        let op =
            Op { f: "refresh", key: Some(&key), value: json!({"token": pair}), request: &request };
        let show = |body: &Value| json!({"token": family.number(body)});
        self.worker.ask_at(&door, op, show).await;
    }

    /// Shows an access token of the family, mostly the newest: to read, or to write.
    async fn use_one(&mut self, family: &Family, door: &(u64, String)) {
        let newest = family.newest();
        let pair = match self.worker.random.below(4) {
            0 => 1 + self.worker.random.below(newest),
            _ => newest,
        };
        let token = &family.pairs[pair - 1].0;
        let write = self.worker.random.below(2) == 0;
        let request = match write {
            true => {
                let number = self.worker.scene.process();
                let app = json!({"token": format!("app {}", number % 8)});
                Request::post("/v1/me/devices", token, &format!("d{number}"), app)
            }
            false => Request::get("/v1/me", token),
        };
        let value = json!({"token": pair, "write": write});
        let shown = value.clone();
        let op = Op { f: "use", key: Some(&family.key), value, request: &request };
        self.worker.ask_at(door, op, |_| shown.clone()).await;
    }

    async fn revoke(&mut self, account: &Account, family: &Family) {
        let banned = self.worker.random.below(3) == 0;
        let request = if banned {
            let body = json!({"account_id": account.id, "reason": "paper"});
            Request::say("/v1/admin/bans", &self.worker.scene.shop.operator, body)
        } else {
            let (access, _) = &family.pairs[family.newest() - 1];
            Request::say("/v1/logout", access, Value::Null)
        };
        let value = json!({"how": if banned { "ban" } else { "logout" }});
        let shown = value.clone();
        self.worker.insist("revoke", Some(&family.key), value, &request, |_| shown.clone()).await;
        if banned {
            self.account = None;
        }
    }
}
