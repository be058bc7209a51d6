//! How somebody wants their food: brought or fetched, now or later, with a coupon, for a PIN.

use api::orders::{Address, PlaceOrderRequest, When};
use api::quotes::{BasketLine, Quote, QuoteRequest};
use domain::ids::RestaurantId;
use domain::order::Fulfilment;
use domain::pricing::IfUnavailable;
use hyper::Method;
use serde_json::Value;

use crate::http::Ask;
use crate::random::Random;
use crate::world::customer::payment;
use crate::world::office::COUPONS;
use crate::world::person::Person;
use crate::world::{Refused, World, parse, send};

/// An order in a hundred that is fetched.
const FETCHES_PERCENT: u32 = 15;
/// .. that is for later today.
const LATER_PERCENT: u32 = 3;
/// .. with a coupon.
const COUPON_PERCENT: u32 = 20;
/// .. that is priced before it is placed.
const QUOTE_PERCENT: u32 = 10;
/// Of what is brought: put down at the door ..
const CONTACTLESS_PERCENT: u32 = 10;
/// .. or handed over for a PIN.
const PIN_PERCENT: u32 = 15;
/// Paid in cash.
const CASH_PERCENT: u32 = 20;

/// Everything but the dishes.
#[derive(Clone, Debug)]
pub struct Taste {
    fulfilment: Fulfilment,
    when: When,
    coupon: Option<&'static str>,
    quoted: bool,
    contactless: bool,
    pin_at_door: bool,
    cash: bool,
    tip: Option<i64>,
    if_unavailable: IfUnavailable,
}

impl Taste {
    /// By chance.
    pub fn draw(random: &mut Random) -> Self {
        let fetches = random.chance(FETCHES_PERCENT);
        let contactless = !fetches && random.chance(CONTACTLESS_PERCENT);
        let wishes = [IfUnavailable::Remove, IfUnavailable::Substitute, IfUnavailable::CancelOrder];
        let coupon = random.chance(COUPON_PERCENT).then(|| random.pick(&COUPONS).copied());
        Self {
            fulfilment: if fetches { Fulfilment::Pickup } else { Fulfilment::Delivery },
            when: When::Asap,
            // What is fetched has no way that could be free.
            coupon: coupon.flatten().filter(|code| !fetches || *code == COUPONS[0]),
            quoted: random.chance(QUOTE_PERCENT),
            contactless,
            pin_at_door: !fetches && !contactless && random.chance(PIN_PERCENT),
            cash: random.chance(CASH_PERCENT),
            tip: random.chance(30).then_some(150),
            if_unavailable: *random.pick(&wishes).unwrap_or(&IfUnavailable::Remove),
        }
    }

    /// Whether the customer will be asked for a number.
    pub fn has_number(&self) -> bool {
        self.pin_at_door || self.fulfilment == Fulfilment::Pickup
    }

    /// For later, now and then, in the first slot that has room.
    ///
    /// # Errors
    /// The city does not say which are free.
    pub async fn choose_time(
        &mut self,
        world: &World,
        person: &Person,
        restaurant: RestaurantId,
        random: &mut Random,
    ) -> Result<(), Refused> {
        if !random.chance(LATER_PERCENT) {
            return Ok(());
        }
        let way = match self.fulfilment {
            Fulfilment::Delivery => "delivery",
            Fulfilment::Pickup => "pickup",
        };
        let path = format!("/v1/restaurants/{restaurant}/slots?fulfilment={way}");
        let answer: Value = world.read("slots", person, Ask::get(&path)).await?;
        let days = answer["days"].as_array().into_iter().flatten();
        let mut slots = days.flat_map(|day| day["slots"].as_array().into_iter().flatten());
        let first = slots.next().and_then(|slot| slot["from"].as_str());
        let start = first.and_then(|text| text.parse().ok());
        if let Some(start) = start {
            self.when = When::Slot(api::wire::Time(start));
            world.figures.happened("scheduled");
        }
        Ok(())
    }

    /// The order as it is sent. Whoever wants to know the price first asks for a quote.
    ///
    /// # Errors
    /// There is no quote for it.
    pub async fn request(
        &self,
        world: &World,
        person: &Person,
        restaurant: RestaurantId,
        basket: Vec<BasketLine>,
        address: Address,
        key: &str,
    ) -> Result<PlaceOrderRequest, Refused> {
        let wish = IfUnavailable::clone(&self.if_unavailable);
        let with_wish = |line| BasketLine { if_unavailable: Some(wish), ..line };
        let basket: Vec<BasketLine> = basket.into_iter().map(with_wish).collect();
        let address = (self.fulfilment == Fulfilment::Delivery).then_some(address);
        let mut request = PlaceOrderRequest {
            quote_id: None,
            restaurant_id: Some(restaurant),
            basket: Some(basket),
            address,
            address_id: None,
            fulfilment: Some(self.fulfilment),
            when: Some(self.when),
            coupon_code: self.coupon.map(str::to_owned),
            contactless: self.contactless,
            pin_at_door: self.pin_at_door,
            payment: Some(payment(self.cash)),
            tip: self.tip,
            note: None,
            expected_total: None,
        };
        if self.quoted {
            let quote = quote(world, person, &request, key).await?;
            request.expected_total = Some(quote.receipt.total.amount + self.tip.unwrap_or(0));
            request.quote_id = Some(quote.quote_id);
            (request.restaurant_id, request.basket, request.address) = (None, None, None);
            (request.fulfilment, request.when, request.coupon_code) = (None, None, None);
        }
        Ok(request)
    }

    /// Tells the figures what kind of order was placed.
    pub fn count(&self, world: &World) {
        let kinds = [
            ("fetched", self.fulfilment == Fulfilment::Pickup),
            ("coupons", self.coupon.is_some()),
            ("quoted", self.quoted),
            ("contactless", self.contactless),
            ("PINs", self.pin_at_door),
        ];
        for (kind, is_one) in kinds {
            if is_one {
                world.figures.happened(kind);
            }
        }
    }
}

async fn quote(
    world: &World,
    person: &Person,
    wanted: &PlaceOrderRequest,
    key: &str,
) -> Result<Quote, Refused> {
    let code = |what: &str| Refused { what: "quote", code: format!("without {what}") };
    let request = QuoteRequest {
        restaurant_id: wanted.restaurant_id.ok_or_else(|| code("a restaurant"))?,
        basket: wanted.basket.clone().ok_or_else(|| code("a basket"))?,
        address: wanted.address.clone(),
        address_id: None,
        fulfilment: wanted.fulfilment,
        when: wanted.when,
        coupon_code: wanted.coupon_code.clone(),
    };
    let ask = send(Method::POST, "/v1/quotes", &request).with_key(&format!("quote-{key}"));
    parse("quote", &world.ask("quote", person, ask).await?)
}
