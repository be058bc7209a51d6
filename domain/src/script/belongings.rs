//! The verbs of what somebody keeps for their next order, and of what they say of themselves.
//!
//! ```text
//! 12:00:00  profile    alice name Alicia locale pt if 3
//! 12:00:00  address    a1 of alice says home
//! 12:00:00  readdress  a1 of alice says work
//! 12:00:00  unaddress  a1 of alice
//! 12:00:00  favour     r1 of alice
//! 12:00:00  favour     r1 of alice dish ramen
//! 12:00:00  unfavour   r1 of alice
//! 12:00:00  card       c1 of alice says visa default
//! 12:00:00  prefer     c1 of alice
//! 12:00:00  uncard     c1 of alice
//! 12:00:00  keeps      alice
//! ```
//!
//! Whose it is asks for it, unless `by` says who does.

use super::words::Words;
use super::{Script, digest, sealed};
use crate::Command;
use crate::account::{
    AddAddress, AddPaymentMethod, BelongingsChange, ChangeAddress, ChangeBelongings, ChangeProfile,
    DropAddress, DropPaymentMethod, Favourite, OwnCommand, PreferPaymentMethod, SetFavourite,
};

impl Script {
    pub(super) fn belongings<'a>(&mut self, words: &Words<'a>) -> Option<(&'a str, Command)> {
        if words.verb == "profile" {
            let wish = ChangeProfile {
                account_id: self.account_id(words.subject),
                name: words.get("name").map(sealed),
                locale: words.get("locale").map(|tag| tag.trim_matches('-').to_owned()),
                if_revision: words.number("if").and_then(|seen| seen.try_into().ok()),
            };
            return Some((words.subject, Command::Own(Box::new(OwnCommand::Profile(wish)))));
        }
        let change = self.belongings_change(words)?;
        let owner = words.need("of");
        let wish = ChangeBelongings { account_id: self.account_id(owner), change };
        Some((owner, Command::Own(Box::new(OwnCommand::Belongings(wish)))))
    }

    fn belongings_change(&mut self, words: &Words<'_>) -> Option<BelongingsChange> {
        let said = words.get("says").unwrap_or("");
        let (contents, request) = (sealed(said), digest(said));
        let address_id = self.address_id(words.subject);
        let payment_method_id = self.payment_method_id(words.subject);
        Some(match words.verb {
            "address" => BelongingsChange::AddAddress(AddAddress { address_id, contents, request }),
            "readdress" => {
                BelongingsChange::ChangeAddress(ChangeAddress { address_id, contents, request })
            }
            "unaddress" => BelongingsChange::DropAddress(DropAddress { address_id }),
            "favour" | "unfavour" => {
                let restaurant_id = self.restaurant_id(words.subject);
                let favourite = match words.get("dish") {
                    Some(dish) => Favourite::Dish(restaurant_id, self.dish_id(dish)),
                    None => Favourite::Restaurant(restaurant_id),
                };
                let is_one = words.verb == "favour";
                BelongingsChange::SetFavourite(SetFavourite { favourite, is_one })
            }
            "card" => {
                let preferred = words.has("default");
                let wish = AddPaymentMethod { payment_method_id, contents, preferred, request };
                BelongingsChange::AddPaymentMethod(wish)
            }
            "prefer" => {
                BelongingsChange::PreferPaymentMethod(PreferPaymentMethod { payment_method_id })
            }
            "uncard" => {
                BelongingsChange::DropPaymentMethod(DropPaymentMethod { payment_method_id })
            }
            _ => return None,
        })
    }

    /// What somebody keeps, in a line; the default among cards has a star.
    pub(super) fn show_belongings(&mut self, name: &str) -> String {
        let account_id = self.account_id(name);
        let Some(all) = self.city.belongings.get(&account_id).cloned() else {
            return "nothing".to_owned();
        };
        let called = |id: String| self.named(&id).unwrap_or(&id).to_owned();
        let text = |closed: &[u8]| String::from_utf8_lossy(closed).into_owned();
        let addresses = all.addresses.iter().map(|address| {
            format!("{}:{}", called(address.id.to_string()), text(&address.contents.0))
        });
        let favourites = all.favourites.iter().map(|favourite| match favourite {
            Favourite::Restaurant(id) => called(id.to_string()),
            Favourite::Dish(id, dish) => {
                format!("{}/{}", called(id.to_string()), called(dish.to_string()))
            }
        });
        let cards = all.payment_methods.iter().map(|method| {
            let star = if all.default_payment_method == Some(method.id) { "*" } else { "" };
            format!("{}:{}{star}", called(method.id.to_string()), text(&method.contents.0))
        });
        let line = |words: Vec<String>| words.join(" ");
        format!(
            "addresses [{}] favourites [{}] cards [{}]",
            line(addresses.collect()),
            line(favourites.collect()),
            line(cards.collect())
        )
    }
}
