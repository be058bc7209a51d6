//! Logins: opened, renewed, used, stolen and ended on any node. After the yes to an end nothing is
//! accepted any more.

use super::{EATERS, KITCHENS};
use crate::simulation::people::{Person, Title, is_yes, nothing};
use crate::simulation::records::Which;
use domain::Actor;
use serde_json::json;

pub(super) async fn live(mut person: Person, number: usize) {
    let mut round = 0;
    while person.goes_on().await {
        round += 1;
        let family = format!("s{number}x{round}");
        let eater = EATERS[number % EATERS.len()];
        let title = Title::new("login", family.clone(), json!({"token": 0}));
        let login = format!("login {eater} session {family} token {family}t0");
        // Once: at the door each attempt has a secret of its own, so that a login which arrives
        // late opens a session that nobody has the tokens of.
        if !is_yes(&person.say_once(&title, &login).await) {
            continue;
        }
        let mut token = 0;
        while person.goes_on().await {
            match person.random.below(6) {
                0 => {
                    let title = Title::new("revoke", family.clone(), nothing());
                    person.say(&title, &format!("logout {family} by {eater}")).await;
                    use_it(&mut person, eater, &family).await;
                    break;
                }
                1 => {
                    // A thief comes with an old token; the family may be at its end.
                    let old = person.random.below(token + 1);
                    rotate(&mut person, &family, old, 1_000 + token).await;
                }
                2 => {
                    if is_yes(&rotate(&mut person, &family, token, token + 1).await) {
                        token += 1;
                    }
                }
                3 => look(&mut person, &family).await,
                _ => use_it(&mut person, eater, &family).await,
            }
        }
    }
}

async fn rotate(
    person: &mut Person,
    family: &str,
    from: usize,
    to: usize,
) -> crate::simulation::door::Answer {
    let title = Title::new("refresh", family, json!({"token": from}));
    person.say(&title, &format!("rotate {family} from {family}t{from} to {family}t{to}")).await
}

async fn look(person: &mut Person, family: &str) {
    let id = person.stage.script().session_id(family);
    person.read(&Title::new("look", family, nothing()), &[Which::Session(id)]).await;
}

/// A write in the name of a session.
async fn use_it(person: &mut Person, eater: &str, family: &str) {
    let kitchen = person.one_of(&KITCHENS);
    let quote = person.number();
    let (actor, command) =
        person.stage.wish(&format!("quote q{quote} at {kitchen} by {eater}: 1 tea"));
    let session = person.stage.script().session_id(family);
    let actor = match actor {
        Actor::Account { account_id, epoch, .. } => {
            Actor::Account { account_id, session_id: Some(session), epoch }
        }
        Actor::Anyone | Actor::System | Actor::Key { .. } => actor,
    };
    person.insist(&Title::new("use", family, nothing()), (actor, command)).await;
}
