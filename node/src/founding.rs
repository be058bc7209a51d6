//! The first entry of the city: proposed by every leader, decided once.

use crate::passwords::Passwords;
use crate::vault::CityKeys;
use cluster_config::Config;
use domain::account::SignUp;
use domain::city::{FoundCity, Rules};
use domain::ids::{AccountId, CityNumber};
use domain::money::Money;
use domain::position::Position;
use domain::{Actor, Command, Proposal, Verdict};
use raft::City;
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// How long one attempt may take.
const WITHIN: Duration = Duration::from_secs(5);
/// Before the next attempt.
const AGAIN: Duration = Duration::from_millis(200);

/// Proposes the city until it is founded, whenever this node leads. A city that was founded with
/// other words keeps them: that is for an operator to see.
pub(crate) async fn run(found: FoundCity, city: City, stop: CancellationToken) {
    let mut leadership = city.leadership();
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            led = leadership.wait_for(|now| now.leads) => if led.is_err() { return },
        }
        let command = Command::FoundCity(Box::new(found.clone()));
        let proposal =
            Proposal { actor: Actor::System, request_id: "founding".to_owned(), command };
        match city.propose(&proposal, WITHIN).await {
            Ok(applied) => {
                match applied.verdict {
                    Verdict::Yes { changed: true, .. } => tracing::info!("the city is founded"),
                    Verdict::Yes { changed: false, .. } => {}
                    Verdict::No(why) => {
                        tracing::error!(%why, "the config does not fit the city as it was founded");
                    }
                }
                return;
            }
            Err(error) => {
                tracing::debug!(%error, "the city is not founded yet");
                tokio::time::sleep(AGAIN).await;
            }
        }
    }
}

/// What the config says of the city.
///
/// # Errors
/// A value that only the domain can judge, or a password that cannot be hashed.
pub(crate) async fn wish(
    config: &Config,
    founder_password: String,
    keys: &CityKeys,
    passwords: &Passwords,
) -> anyhow::Result<FoundCity> {
    use anyhow::Context;
    let of = &config.city;
    let number = CityNumber(of.number);
    let login = crate::http::normalised(&config.secrets.founder_login)
        .context("secrets.founder_login is a phone number with + or a mail address")?;
    let lookup = keys.lookup(&login);
    let account_id = AccountId::derive(number, &[&lookup.0]);
    let founder = SignUp {
        account_id,
        login: lookup,
        // Every node says the same at every start, so the founder has no key of their own.
        contact: keys.seal_for_city(account_id, &login)?,
        name: keys.seal_for_city(account_id, "The founder")?,
        password: passwords.hash(founder_password).await?,
        locale: None,
        // The same founder at every node and every start.
        request: keys.digest(login.as_bytes()),
        key: None,
    };
    let ms = |seconds: u32| i64::from(seconds) * 1_000;
    let rules = &of.rules;
    Ok(FoundCity {
        number,
        name: of.name.clone(),
        currency: of.currency,
        time_zone: of.time_zone.clone(),
        language: of.language.clone(),
        centre: Position::from_degrees(of.centre.lat, of.centre.lng)?,
        rules: Rules {
            quote_ms: ms(rules.quote_s),
            pay_by_ms: ms(rules.pay_by_s),
            accept_ms: ms(rules.accept_s),
            offer_ms: ms(rules.offer_s),
            no_courier_ms: ms(rules.no_courier_s),
            service_fee: Money(rules.service_fee),
            tax_millionths: rules.tax_millionths,
            // The rest is for operators to decide once the city stands.
            ..Rules::default()
        },
        founder,
    })
}
