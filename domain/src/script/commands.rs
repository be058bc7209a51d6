//! The verbs of scripts, each with the words it takes.

use super::words::Words;
use super::{Script, digest, sealed};
use crate::account::*;
use crate::calendar::{Range, WeeklyHours};
use crate::courier::*;
use crate::ids::*;
use crate::menu::{Category, Dish, DishOption, EditMenu, OptionGroup, PutMenu};
use crate::money::Money;
use crate::order::*;
use crate::payment::Method;
use crate::position::Position;
use crate::pricing::{BasketLine, BasketOption};
use crate::quote::MakeQuote;
use crate::rating::{RateOrder, Stars};
use crate::restaurant::*;
use crate::time::{MINUTE_MS, Timestamp};
use crate::{AccessCommand, Actor, Command};
use std::collections::BTreeSet;

/// What every restaurant of a script sells, and for how much; a large tea costs 50 more.
const DISHES: [(&str, i64); 3] = [("ramen", 1200), ("gyoza", 600), ("tea", 300)];

impl Script {
    pub(super) fn wishes(&mut self, words: &Words<'_>, at: Timestamp) -> Vec<(Actor, Command)> {
        match words.verb {
            "open" => return self.open(words, at),
            "courier" => return self.new_courier(words, at),
            _ => {}
        }
        let command = self.people(words, at);
        let command = command.or_else(|| self.kitchens(words));
        let command = command.or_else(|| self.moderation(words, at));
        let command = command.or_else(|| self.fraud(words));
        let command = command.or_else(|| self.opening(words));
        let command = command.or_else(|| self.orders(words));
        let command = command.or_else(|| self.money(words));
        let command = command.or_else(|| self.deliveries(words));
        let command = command.or_else(|| self.own(words));
        let command = command.or_else(|| self.belongings(words));
        let command = command.or_else(|| self.stocks(words));
        let command = command.or_else(|| self.after(words));
        let command = command.or_else(|| self.prices(words, at));
        let command = command.or_else(|| self.proofs(words));
        let command = command.or_else(|| self.webhooks(words));
        let command = command.or_else(|| self.keys(words, at));
        let Some((by, command)) = command else { words.wrong("verb") };
        vec![(self.actor(words.get("by").unwrap_or(by), at), command)]
    }

    fn people<'a>(&mut self, words: &Words<'a>, at: Timestamp) -> Option<(&'a str, Command)> {
        let name = words.subject;
        Some(match words.verb {
            "signup" => {
                let mut wish = self.sign_up_of(name);
                if let Some(request) = words.get("request") {
                    wish.request = digest(request);
                }
                ("anyone", Command::SignUp(wish))
            }
            "login" => {
                self.come_into_being(name, at);
                let wish = OpenSession {
                    session_id: self.session_id(words.need("session")),
                    account_id: self.account_id(name),
                    password: digest(words.get("password").unwrap_or("argon2")),
                    refresh: digest(words.need("token")),
                    device: Default::default(),
                };
                ("anyone", Command::OpenSession(wish))
            }
            "rotate" => {
                let session_id = self.session_id(name);
                let presented = digest(words.need("from"));
                let next = digest(words.need("to"));
                let ancestor_of = words.get("over").map(digest);
                let wish = RotateSession { session_id, presented, next, ancestor_of };
                ("anyone", Command::RotateSession(wish))
            }
            "logout" => {
                let session_id = self.session_id(name);
                ("anyone", Command::CloseSession(CloseSession { session_id }))
            }
            "grant" => {
                self.come_into_being(name, at);
                let roles = [
                    ("kitchen", StaffRole::Kitchen),
                    ("manager", StaffRole::Manager),
                    ("owner", StaffRole::Owner),
                ];
                let wish = GrantStaff {
                    restaurant_id: self.restaurant_id(words.need("at")),
                    account_id: self.account_id(name),
                    role: words.choose(&roles),
                };
                ("op", Command::Access(Box::new(AccessCommand::Staff(wish))))
            }
            "online" | "offline" => {
                let courier_id = self.courier_id(name);
                let wish = SetCourierOnline {
                    courier_id,
                    online: words.verb == "online",
                    vehicle: words.choose(&[("car", Vehicle::Car), ("foot", Vehicle::Foot)]),
                    device: self.marks(words).device,
                };
                ("op", Command::SetCourierOnline(wish))
            }
            _ => return None,
        })
    }

    fn own<'a>(&mut self, words: &Words<'a>) -> Option<(&'a str, Command)> {
        let name = words.subject;
        let wish = match words.verb {
            "logout-all" => {
                let account_id = self.account_id(name);
                OwnCommand::CloseAllSessions(CloseAllSessions { account_id })
            }
            "password" => {
                let wish = SetPassword {
                    account_id: self.account_id(name),
                    before: digest(words.get("from").unwrap_or("argon2")),
                    password: words.need("to").to_owned(),
                    session_id: words.get("session").map(|session| self.session_id(session)),
                    refresh: digest(words.get("token").unwrap_or("t")),
                };
                OwnCommand::SetPassword(wish)
            }
            "erase" => {
                let account_id = self.account_id(name);
                let password = words.get("password").map(digest);
                let reason = words.get("for").map(str::to_owned);
                OwnCommand::Erase(ErasePerson { account_id, reason, password })
            }
            "export" => {
                let account_id = self.account_id(name);
                let reason = words.get("for").map(str::to_owned);
                OwnCommand::Export(ExportPerson { account_id, reason })
            }
            _ => return None,
        };
        Some((name, Command::Own(Box::new(wish))))
    }

    fn kitchens(&mut self, words: &Words<'_>) -> Option<(&'static str, Command)> {
        let restaurant_id = self.restaurant_id(words.subject);
        Some(match words.verb {
            "put" => {
                let profile = self.profile(words);
                let wish = PutRestaurant { restaurant_id, profile };
                ("op", Command::PutRestaurant(Box::new(wish)))
            }
            "approve" => ("op", Command::ApproveRestaurant(ApproveRestaurant { restaurant_id })),
            "pause" => {
                let until = words.clock("until").map(|ms| self.midnight.plus_ms(ms));
                let open = until.is_none() && !words.has("today");
                let wish = SetAvailability {
                    restaurant_id,
                    mode: if open { Mode::Open } else { Mode::Paused },
                    until,
                    delivery: true,
                    pickup: true,
                };
                ("op", Command::SetAvailability(wish))
            }
            "menu" => {
                let mut wish = self.menu(words.subject, &words.list);
                wish.if_version = words.number("if").and_then(|number| number.try_into().ok());
                ("op", Command::PutMenu(Box::new(wish)))
            }
            "edit" => {
                let PutMenu { restaurant_id, dishes, option_groups, .. } =
                    self.menu(words.subject, &words.list);
                let category_id = self.category_id(words.get("under").unwrap_or("all"));
                let if_version = words.number("if").and_then(|number| number.try_into().ok());
                let wish =
                    EditMenu { restaurant_id, if_version, dishes, option_groups, category_id };
                ("op", Command::EditMenu(Box::new(wish)))
            }
            _ => return None,
        })
    }

    fn orders(&mut self, words: &Words<'_>) -> Option<(&'static str, Command)> {
        let order_id = self.order_id(words.subject);
        let restaurant_id = self.restaurant_id(words.get("at").or(words.get("by")).unwrap_or(""));
        let moment = |key| words.clock(key).map(|ms| self.midnight.plus_ms(ms));
        let ready_at = moment("ready");
        Some(match words.verb {
            "quote" => ("alice", self.quote(words)),
            "place" => ("alice", self.place(words)),
            "accept" => {
                ("r1", Command::AcceptOrder(AcceptOrder { order_id, restaurant_id, ready_at }))
            }
            "reject" => {
                let reason = RejectReason::Busy;
                (
                    "r1",
                    Command::RejectOrder(RejectOrder {
                        order_id,
                        restaurant_id,
                        reason,
                        lines: Vec::new(),
                    }),
                )
            }
            "start" => ("r1", Command::StartOrder(StartOrder { order_id, restaurant_id })),
            "delay" => {
                let ready_at = ready_at.unwrap_or_else(|| words.wrong("ready"));
                ("r1", Command::DelayOrder(DelayOrder { order_id, restaurant_id, ready_at }))
            }
            "ready" => ("r1", Command::ReadyOrder(ReadyOrder { order_id, restaurant_id })),
            "cancel" => {
                let reasons = [
                    ("wrong_address", CancelReason::WrongAddress),
                    ("out_of_stock", CancelReason::OutOfStock),
                    ("fraud", CancelReason::Fraud),
                    ("operator", CancelReason::Operator),
                ];
                let reason = words.choose(&reasons).unwrap_or(CancelReason::CustomerChangedMind);
                let fault = words.choose(&[("courier_at_fault", Fault::Courier)]);
                ("alice", Command::CancelOrder(CancelOrder { order_id, reason, fault }))
            }
            "rate" => {
                let star = |key| words.number(key).map(|n| u8::try_from(n).unwrap_or(0));
                let wish = RateOrder {
                    rating_id: RatingId::of(order_id),
                    order_id,
                    stars: Stars {
                        restaurant: star("stars").unwrap_or(5),
                        food: star("food"),
                        packaging: star("packaging"),
                        accuracy: star("accuracy"),
                        courier: star("courier"),
                        care: star("care"),
                        manner: star("manner"),
                        speed: star("speed"),
                    },
                    dishes: self.dish_stars(words),
                    words: sealed(words.get("text").unwrap_or_default()),
                };
                ("alice", Command::RateOrder(Box::new(wish)))
            }
            _ => return None,
        })
    }

    /// The restaurant, its menu and its cook.
    fn open(&mut self, words: &Words<'_>, at: Timestamp) -> Vec<(Actor, Command)> {
        let operator = self.actor("op", at);
        self.come_into_being(words.subject, at);
        let restaurant_id = self.restaurant_id(words.subject);
        let put = PutRestaurant { restaurant_id, profile: self.profile(words) };
        let menu = self.menu(words.subject, &[]);
        let account_id = self.account_id(words.subject);
        let role = Some(StaffRole::Kitchen);
        let grant = GrantStaff { restaurant_id, account_id, role };
        vec![
            (operator.clone(), Command::PutRestaurant(Box::new(put))),
            (operator.clone(), Command::PutMenu(Box::new(menu))),
            (operator, Command::Access(Box::new(AccessCommand::Staff(grant)))),
        ]
    }

    fn new_courier(&mut self, words: &Words<'_>, at: Timestamp) -> Vec<(Actor, Command)> {
        let name = words.subject;
        let operator = self.actor("op", at);
        self.come_into_being(name, at);
        let (courier_id, account_id) = (self.courier_id(name), self.account_id(name));
        let sign_up = SignUpCourier { courier_id, account_id, vehicle: Vehicle::Bicycle };
        let online = SetCourierOnline {
            courier_id,
            online: true,
            vehicle: None,
            device: self.marks(words).device,
        };
        vec![
            (operator.clone(), Command::SignUpCourier(sign_up)),
            (operator, Command::SetCourierOnline(online)),
        ]
    }

    fn profile(&mut self, words: &Words<'_>) -> Profile {
        let mut hours = WeeklyHours::always();
        if let (Some(from), Some(to)) = (words.clock("from"), words.clock("to")) {
            let minute = |ms: i64| u16::try_from(ms / MINUTE_MS).unwrap_or(u16::MAX);
            let range = Range { from: minute(from), to: minute(to) };
            hours = WeeklyHours(std::array::from_fn(|_| vec![range]));
        }
        let metres = words.number("radius").unwrap_or(5_000);
        Profile {
            name: words.subject.to_owned(),
            position: Position { lat_e7: 411_500_000, lng_e7: -86_100_000 },
            address: "Rua das Flores 1".to_owned(),
            cuisines: vec!["japanese".to_owned()],
            hours,
            pickup_hours: None,
            holiday_hours: None,
            last_order_minutes: 0,
            delivery_area: None,
            delivery_radius_m: u32::try_from(metres).unwrap_or(u32::MAX),
            delivery_fee: Money(words.number("fee").unwrap_or(299)),
            minimum: Money(words.number("minimum").unwrap_or(0)),
            preparation_ms: 15 * MINUTE_MS,
            auto_accept: words.has("auto"),
            sample: false,
        }
    }

    /// The menu of this chapter's dishes, or of those that a line names: `ramen 1200, gyoza 600`.
    pub(super) fn menu(&mut self, name: &str, list: &[&str]) -> PutMenu {
        let restaurant_id = self.restaurant_id(name);
        let words = |text: &str| crate::menu::Words::from([("en".to_owned(), text.to_owned())]);
        let mut named: Vec<(&str, i64)> = DISHES.to_vec();
        if !list.is_empty() {
            let price = |text: &str| text.parse().unwrap_or_else(|_| panic!("no price: {text}"));
            let pairs = list.iter().filter_map(|pair| pair.split_once(' '));
            named = pairs.map(|(title, text)| (title, price(text))).collect();
        }
        let size = OptionGroup {
            id: self.option_group_id("size"),
            restaurant_id,
            title: words("size"),
            min: 0,
            max: 1,
            free: 0,
            options: vec![DishOption {
                id: self.option_id("large"),
                title: words("large"),
                price: Money(50),
                max_quantity: 1,
                default: false,
                allergens: BTreeSet::new(),
                dish_id: None,
            }],
            archived: false,
        };
        let mut dishes = Vec::new();
        for (title, price) in named {
            dishes.push(Dish {
                id: self.dish_id(title),
                restaurant_id,
                own_ref: None,
                title: words(title),
                description: crate::menu::Words::new(),
                price: Money(price),
                prices: Vec::new(),
                tax_class: None,
                image: None,
                allergens: BTreeSet::new(),
                diet: BTreeSet::new(),
                calories: None,
                alcohol: false,
                min_age: if title == "wine" { 18 } else { 0 },
                windows: None,
                category_windows: None,
                option_group_ids: if title == "tea" { vec![size.id] } else { Vec::new() },
                hidden: title == "secret",
                archived: false,
            });
        }
        let category = Category {
            id: self.category_id("all"),
            title: words("all"),
            dish_ids: dishes.iter().map(|dish| dish.id).collect(),
            windows: None,
        };
        let option_groups = vec![size];
        PutMenu {
            restaurant_id,
            if_version: None,
            categories: vec![category],
            dishes,
            option_groups,
        }
    }

    /// `2 ramen, 1 tea+large`
    pub(super) fn basket(&mut self, words: &Words<'_>) -> Vec<BasketLine> {
        let mut basket = Vec::new();
        for line in &words.list {
            let (count, dish) = line.split_once(' ').unwrap_or(("1", line));
            let mut parts = dish.split('+');
            let dish = parts.next().unwrap_or("");
            let options =
                parts.map(|part| BasketOption { option_id: self.option_id(part), quantity: 1 });
            let options = options.collect();
            let quantity = count.parse().unwrap_or_else(|_| words.wrong("quantity"));
            basket.push(BasketLine {
                dish_id: self.dish_id(dish),
                quantity,
                options,
                note: sealed(""),
                if_unavailable: super::after::preference(words),
            });
        }
        basket
    }

    /// The door, or the one with this number, some way along the street.
    fn destination(words: &Words<'_>) -> Destination {
        let along = words.number("door").and_then(|number| i32::try_from(number).ok());
        let lng_e7 = -86_120_000 + along.unwrap_or(0).saturating_mul(2_000);
        let position = Position { lat_e7: 411_520_000, lng_e7 };
        Destination { position, address: sealed("Rua de Santa Catarina 2") }
    }

    /// What somebody wants: `pickup`, `slot 18:00`, `far 1200`, `coupon HELLO`.
    fn wanted(&mut self, words: &Words<'_>) -> Wanted {
        let fulfilment =
            if words.has("pickup") { Fulfilment::Pickup } else { Fulfilment::Delivery };
        let far = words.number("far").unwrap_or(1_200);
        let (destination, distance_m) = match fulfilment {
            Fulfilment::Delivery => {
                (Some(Self::destination(words)), u32::try_from(far).unwrap_or(u32::MAX))
            }
            Fulfilment::Pickup => (None, 0),
        };
        let slot = words.clock("slot").map(|ms| When::Slot { start: self.midnight.plus_ms(ms) });
        Wanted {
            restaurant_id: self.restaurant_id(words.need("at")),
            basket: self.basket(words),
            fulfilment,
            when: slot.unwrap_or_default(),
            destination,
            distance_m,
            coupon_code: words.get("coupon").map(str::to_owned),
        }
    }

    fn quote(&mut self, words: &Words<'_>) -> Command {
        Command::MakeQuote(Box::new(MakeQuote {
            quote_id: self.quote_id(words.subject),
            wanted: self.wanted(words),
            request: digest(&format!("{:?}", words.list)),
        }))
    }

    fn place(&mut self, words: &Words<'_>) -> Command {
        let goods = match words.get("from") {
            Some(quote) => Goods::Quote(self.quote_id(quote)),
            None => Goods::Basket(self.wanted(words)),
        };
        let cash = words.has("cash");
        let pin = |number: &str| Some(Pin { digest: digest(number), sealed: sealed(number) });
        Command::PlaceOrder(Box::new(PlaceOrder {
            order_id: self.order_id(words.subject),
            goods,
            method: if cash { Method::Cash } else { Method::Card { token: "tok".to_owned() } },
            tip: Money(words.number("tip").unwrap_or(0)),
            note: sealed(""),
            contactless: words.has("contactless"),
            pin_at_door: words.has("pin"),
            pins: Pins {
                pickup: pin("123456"),
                door: pin("1234"),
                handover: pin("4321"),
                ..Pins::default()
            },
            expected_total: words.number("seen").map(Money),
            marks: self.marks(words),
            request: digest(&format!("{:?}", words.list)),
        }))
    }
}
