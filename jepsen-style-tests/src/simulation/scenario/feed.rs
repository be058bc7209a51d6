//! The feed: readers go from node to node with one cursor each, while stock changes and an operator
//! lets the feed forget its beginning. Whoever is too late is told so.

use super::{DISHES, KITCHENS};
use crate::simulation::door::{Answer, Question};
use crate::simulation::people::{Person, Title, nothing};
use domain::city::TrimFeed;
use domain::{Actor, Command, Cursor};
use serde_json::json;

pub(super) async fn live(mut person: Person, number: usize) {
    let reads = number.is_multiple_of(2);
    let mut cursor = Cursor::after_entry(0);
    while person.goes_on().await {
        if reads {
            cursor = follow(&mut person, number, cursor).await;
        } else if person.chance(12) {
            let upto = person.stage.living().values().map(|node| node.city.applied()).min();
            let upto = upto.unwrap_or(0).saturating_sub(30);
            let trim = (Actor::System, Command::TrimFeed(TrimFeed { upto }));
            person.insist(&Title::new("trim", "feed", json!(upto)), trim).await;
        } else {
            let (kitchen, dish) = (person.one_of(&KITCHENS), person.one_of(&DISHES));
            let count = person.random.below(50);
            let request = person.number();
            let title = Title::new("edit", format!("{kitchen}-{dish}"), json!(count));
            let line = format!("stock {kitchen} by {kitchen} request n{request}: {dish} {count}");
            person.say_once(&title, &line).await;
        }
    }
}

/// One page. A node that lags has nothing new, and another one goes on where the last one ended.
async fn follow(person: &mut Person, reader: usize, after: Cursor) -> Cursor {
    let node = person.some_node();
    let title = Title::new("event", format!("reader-{reader}"), nothing());
    match person.ask(node, &title, None, Question::Feed(after)).await {
        Answer::Feed(_, next) => next,
        Answer::Resync(oldest) => oldest,
        Answer::Applied(..) | Answer::Records(..) | Answer::NotDone(_) | Answer::Unknown(_) => {
            after
        }
    }
}
