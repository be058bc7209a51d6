//! Somebody with a login. Tokens live ten minutes; a person who stays longer gets new ones in time,
//! and logs in again if that fails.

use std::time::{Duration, Instant};

use api::accounts::{LoginRequest, RefreshRequest, SignupAnswer, SignupRequest, Tokens};
use domain::ids::AccountId;
use hyper::header::HeaderValue;
use hyper::{Method, StatusCode};
use tokio::sync::Mutex;

use crate::http::{Answer, Ask};
use crate::nodes::Nodes;
use crate::world::{Refused, parse, send};

/// New tokens are fetched when the old ones live no longer than this.
const RENEW_BEFORE: Duration = Duration::from_secs(90);
/// A replica may hear of a new account a moment later than the one that signed it up.
const UNKNOWN_YET: usize = 20;

/// Somebody who can log in.
#[derive(Debug)]
pub struct Person {
    login: String,
    password: String,
    door: &'static str,
    held: Mutex<Held>,
}

#[derive(Debug)]
struct Held {
    bearer: HeaderValue,
    refresh: String,
    until: Instant,
}

impl Held {
    fn of(tokens: &Tokens) -> Result<Self, Refused> {
        let bearer = HeaderValue::from_str(&format!("Bearer {}", tokens.access_token));
        let bearer =
            bearer.map_err(|error| Refused { what: "an access token", code: error.to_string() })?;
        let lives = Duration::from_secs(u64::try_from(tokens.expires_in).unwrap_or(0));
        let refresh = tokens.refresh_token.clone();
        Ok(Self { bearer, refresh, until: Instant::now() + lives })
    }
}

impl Person {
    /// Signs up; who has an account from an earlier run logs in.
    ///
    /// # Errors
    /// The city says no to both.
    pub async fn sign_up(
        nodes: &Nodes,
        name: &str,
        phone: &str,
        password: &str,
    ) -> Result<(Self, AccountId), Refused> {
        let request = SignupRequest {
            name: name.to_owned(),
            phone: Some(phone.to_owned()),
            email: None,
            password: password.to_owned(),
            locale: None,
        };
        let ask = send(Method::POST, "/signup", &request).with_key(&format!("signup-{phone}"));
        let answer = yes("sign up", nodes.ask(&ask).await);
        let door = "/login";
        let answer = match answer {
            Err(refused) if refused.code == "contact_taken" => {
                knock(nodes, door, phone, password).await?
            }
            Ok(_) | Err(_) => answer?,
        };
        let signed: SignupAnswer = parse("sign up", &answer)?;
        let person = Self::holding(phone, password, door, &signed.tokens)?;
        Ok((person, signed.account_id))
    }

    /// Logs in at one of the API's doors; also gives the whole answer, which differs by door.
    ///
    /// # Errors
    /// The city says no.
    pub async fn log_in(
        nodes: &Nodes,
        door: &'static str,
        login: &str,
        password: &str,
    ) -> Result<(Self, Answer), Refused> {
        let answer = knock(nodes, door, login, password).await?;
        let tokens: Tokens = parse("log in", &answer)?;
        Ok((Self::holding(login, password, door, &tokens)?, answer))
    }

    /// Goes through another door: a customer who has become a courier or a cook.
    ///
    /// # Errors
    /// The city says no.
    pub async fn enter(
        &self,
        nodes: &Nodes,
        door: &'static str,
    ) -> Result<(Self, Answer), Refused> {
        Self::log_in(nodes, door, &self.login, &self.password).await
    }

    fn holding(
        login: &str,
        password: &str,
        door: &'static str,
        tokens: &Tokens,
    ) -> Result<Self, Refused> {
        let held = Mutex::new(Held::of(tokens)?);
        Ok(Self { login: login.to_owned(), password: password.to_owned(), door, held })
    }

    /// A token that lives a while longer.
    ///
    /// # Errors
    /// The city gives none.
    pub async fn bearer(&self, nodes: &Nodes) -> Result<HeaderValue, Refused> {
        // Held while it is renewed: of many requests at the same time one renews, the rest wait.
        let mut held = self.held.lock().await;
        if held.until < Instant::now() + RENEW_BEFORE {
            *held = self.renew(nodes, &held.refresh).await?;
        }
        Ok(held.bearer.clone())
    }

    async fn renew(&self, nodes: &Nodes, refresh: &str) -> Result<Held, Refused> {
        let request = RefreshRequest { refresh_token: refresh.to_owned() };
        let ask = send(Method::POST, "/v1/token/refresh", &request);
        let answer = match yes("refresh", nodes.ask(&ask).await) {
            Ok(answer) => answer,
            Err(_) => knock(nodes, self.door, &self.login, &self.password).await?,
        };
        Held::of(&parse("refresh", &answer)?)
    }

    /// Asks as this person, at any node.
    ///
    /// # Errors
    /// The answer was no, or there was none.
    pub async fn ask(
        &self,
        nodes: &Nodes,
        what: &'static str,
        ask: Ask,
    ) -> Result<Answer, Refused> {
        let mut attempt = 0;
        loop {
            let ask = ask.clone().as_bearer(&self.bearer(nodes).await?);
            match yes(what, nodes.ask(&ask).await) {
                Err(refused) if refused.code == "behind" && attempt < UNKNOWN_YET => attempt += 1,
                Err(refused) if refused.code == "token_expired" && attempt == 0 => {
                    attempt += 1;
                    self.held.lock().await.until = Instant::now();
                }
                settled => return settled,
            }
        }
    }
}

async fn knock(nodes: &Nodes, door: &str, login: &str, password: &str) -> Result<Answer, Refused> {
    let request = LoginRequest { login: login.to_owned(), password: password.to_owned() };
    yes("log in", nodes.ask(&send(Method::POST, door, &request)).await)
}

/// Splits a yes from everything else.
fn yes(
    what: &'static str,
    answer: Result<Answer, crate::http::NoAnswer>,
) -> Result<Answer, Refused> {
    match answer {
        Ok(answer) if answer.status.is_success() || answer.status == StatusCode::NOT_MODIFIED => {
            Ok(answer)
        }
        Ok(answer) => Err(Refused { what, code: answer.code() }),
        Err(failure) => Err(Refused { what, code: failure.to_string() }),
    }
}
