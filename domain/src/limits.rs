//! Everything has a limit, and each limit has a name.

use crate::time::{DAY_MS, MINUTE_MS, SECOND_MS};

/// Lines in one basket.
pub const BASKET_LINES: usize = 100;
/// Of one dish in one line.
pub const LINE_QUANTITY: u32 = 99;
/// Options chosen on one line.
pub const LINE_OPTIONS: usize = 50;
/// Dishes on one menu.
pub const MENU_DISHES: usize = 5_000;
/// Option groups on one menu.
pub const MENU_GROUPS: usize = 2_000;
/// Categories on one menu.
pub const MENU_CATEGORIES: usize = 500;
/// Option groups on one dish.
pub const DISH_GROUPS: usize = 50;
/// Options in one group.
pub const GROUP_OPTIONS: usize = 100;
/// Letters of a name or title.
pub const NAME_LETTERS: usize = 200;
/// Letters of a description, note or review.
pub const TEXT_LETTERS: usize = 2_000;
/// Bytes of one sealed value.
pub const SEALED_BYTES: usize = 8_192;
/// Cuisines of one restaurant.
pub const CUISINES: usize = 12;
/// Opening ranges of one weekday.
pub const RANGES_PER_DAY: usize = 6;
/// The largest price, fee, tip or total, in minor units: no sum of a basket can overflow.
pub const AMOUNT: i64 = 100_000_000;
/// Restaurants that one person may work for.
pub const STAFF_OF: usize = 100;
/// Entries whose events the feed forgets at once: what one command does has an end.
pub const FEED_TRIM_ENTRIES: u64 = 100_000;
/// Steps kept on an order's timeline.
pub const TIMELINE_STEPS: usize = 100;
/// How often a kitchen may say "later", and how much later in one go.
pub const DELAYS: u32 = 3;
/// The longest delay in one go.
pub const DELAY_MS: i64 = 30 * MINUTE_MS;
/// The soonest a kitchen may promise food, from now.
pub const READY_SOONEST_MS: i64 = MINUTE_MS;
/// The latest a kitchen may promise food, from now.
pub const READY_LATEST_MS: i64 = 180 * MINUTE_MS;
/// Deliveries that a courier may carry at once.
pub const COURIER_CAPACITY: u32 = 2;
/// The farthest that anybody delivers, in metres.
pub const DELIVERY_RADIUS_M: u32 = 50_000;
/// How far a phone's clock may run ahead of ours.
pub const CLOCK_AHEAD_MS: i64 = 5 * MINUTE_MS;
/// How late a phone may tell what it did while offline.
pub const CLOCK_BEHIND_MS: i64 = 12 * 60 * MINUTE_MS;
/// How long after an order's end it can be rated.
pub const RATE_WITHIN_MS: i64 = 30 * DAY_MS;
/// How long a rating can be changed.
pub const RATING_EDIT_MS: i64 = 7 * DAY_MS;
/// Wrong passwords at one login within [`LOGIN_WINDOW_MS`]; then none is checked for a while.
pub const LOGIN_TRIES: usize = 10;
/// See [`LOGIN_TRIES`].
pub const LOGIN_WINDOW_MS: i64 = MINUTE_MS;
/// Codes that one login is sent in an hour.
pub const CODES_AN_HOUR: usize = 5;
/// How long a code is good.
pub const CODE_MS: i64 = 5 * MINUTE_MS;
/// Wrong guesses at one code; then it is good no more.
pub const CODE_TRIES: u8 = 5;
/// What was tried at a login is remembered this long: the longest that any rule looks back.
pub const ATTEMPTS_KEPT_MS: i64 = 60 * MINUTE_MS;
/// A used or expired quote is remembered this long.
pub const QUOTE_TOMBSTONE_MS: i64 = DAY_MS;
/// The shortest and longest life of an offer.
pub const OFFER_MS: std::ops::RangeInclusive<i64> = 15 * SECOND_MS..=120 * SECOND_MS;
/// Logins of one account that go on; the oldest ends when there is one more.
pub const SESSIONS: usize = 50;
/// Logins of one account that are looked at when there is one more: those that have ended as well.
pub const SESSIONS_LOOKED_AT: usize = 200;
/// The absolute end of a session.
pub const SESSION_MS: i64 = 180 * DAY_MS;
/// A replaced refresh token still gets its answer for so long.
pub const REFRESH_GRACE_MS: i64 = 30 * SECOND_MS;
/// What a city may set for its waiting times.
pub const RULE_MS: std::ops::RangeInclusive<i64> = 10 * SECOND_MS..=DAY_MS;
/// Letters of a language tag.
pub const LOCALE_LETTERS: usize = 35;
/// Languages of one text.
pub const LANGUAGES: usize = 20;
/// Newest orders of a person that are looked at for one that is under way: nobody has more at once.
pub const OWN_ORDERS_LOOKED_AT: usize = 200;
/// Addresses that one person may save.
pub const SAVED_ADDRESSES: usize = 20;
/// Restaurants and dishes together that may be one person's favourites.
pub const FAVOURITES: usize = 200;
/// Cards and wallets that one person may save.
pub const SAVED_PAYMENT_METHODS: usize = 10;
/// Apps that take messages for one person.
pub const DEVICES: usize = 10;
/// Messages in one record of the notifier, of each sort.
pub const NOTICE_BATCH: usize = 1_000;
/// How long a message that was given up is kept, to be looked at.
pub const NOTICE_KEPT_MS: i64 = 30 * DAY_MS;
/// People of one restaurant, or of the platform, that one fact is told to.
pub const NOTICE_PEOPLE: usize = 100;
/// Orders in a row that a kitchen may leave unanswered before it is paused.
pub const UNANSWERED: u32 = 3;
/// How long it is paused then.
pub const UNANSWERED_PAUSE_MS: i64 = 30 * MINUTE_MS;
/// How long a courier waits at a door before the customer counts as absent.
pub const ABSENT_WAIT_MS: i64 = 8 * MINUTE_MS;
/// Letters of a payment token or of the gateway's name for a payment.
pub const TOKEN_LETTERS: usize = 500;
/// Letters of the address where a customer confirms a payment.
pub const URL_LETTERS: usize = 2_000;
/// Facts that a payment keeps because they came too early.
pub const WAITING_FACTS: usize = 20;
/// Attempts at the money of one order.
pub const ORDER_ATTEMPTS: usize = 10;
/// Tips for one order.
pub const ORDER_TIPS: usize = 5;
/// Operators are told of money that is taken, let go or given back for so long.
pub const STUCK_MS: i64 = 60 * MINUTE_MS;
/// And again after as much more: a day after it began, and about daily from then on.
pub const STUCK_AGAIN_MS: i64 = 23 * 60 * MINUTE_MS;
/// A gateway's call is remembered this long, so that a repeat of it is nothing.
pub const INBOX_MS: i64 = 60 * DAY_MS;
/// Closings and special days that one restaurant keeps.
pub const DATED_HOURS: usize = 200;
/// Days that one closing or special opening may span.
pub const DATED_DAYS: i64 = 366;
/// Days that a closing is kept after its last one.
pub const DATED_KEPT_DAYS: i64 = 31;
/// How long before its close a kitchen may stop taking orders, in minutes.
pub const LAST_ORDER_MINUTES: u16 = 240;
/// Holidays that a city keeps.
pub const HOLIDAYS: usize = 400;
/// Zones of a city.
pub const ZONES: usize = 200;
/// Corners of a polygon.
pub const POLYGON_CORNERS: usize = 500;
/// Peak windows of a city.
pub const PEAKS: usize = 50;
/// The highest factor of a delivery fee, in millionths.
pub const PEAK_MILLIONTHS: i64 = 2_000_000;
/// Tax classes of a city.
pub const TAX_CLASSES: usize = 20;
/// Prices of one dish for certain fulfilments and hours.
pub const DISH_PRICES: usize = 10;
/// The most energy of one dish, in kilocalories.
pub const DISH_CALORIES: i64 = 50_000;
/// The highest age that a dish may ask for, in years.
pub const MINIMUM_AGE: i64 = 99;
/// Pictures that one change of a menu may name anew: each is read to know that it is there.
pub const MENU_NEW_IMAGES: usize = 200;
/// Lines of one change of the stock.
pub const STOCK_LINES: usize = 500;
/// The largest quantity in stock.
pub const STOCK_QUANTITY: u32 = 1_000_000;
/// The local minute of the morning reset.
pub const STOCK_RESET_MINUTE: u16 = 5 * 60;
/// The length of a slot.
pub const SLOT_MS: i64 = 15 * MINUTE_MS;
/// The largest capacity of a slot, in orders or dishes.
pub const SLOT_CAPACITY: u32 = 100_000;
/// Slots that are looked at for the next ones that have room: two days of a kitchen that never
/// closes.
pub const SLOTS_LOOKED_AT: usize = 192;
/// How far ahead an order may be scheduled, at least and at most.
pub const SCHEDULED_MS: std::ops::RangeInclusive<i64> = 30 * MINUTE_MS..=6 * DAY_MS;
/// How long before `kitchen_at` a scheduled order may be started.
pub const START_EARLY_MS: i64 = 30 * MINUTE_MS;
/// Open time in which a scheduled order is answered.
pub const SCHEDULED_ACCEPT_MS: i64 = 30 * MINUTE_MS;
/// How long food waits for a customer who picks it up, after their slot.
pub const NO_SHOW_MS: i64 = 30 * MINUTE_MS;
/// How often a PIN may be tried.
pub const PIN_TRIES: u32 = 5;
/// Operators are told that nobody carries an order this long after its food was ready.
pub const COURIER_MISSING_MS: i64 = 15 * MINUTE_MS;
/// How long after their yes a courier may be on their way to the kitchen: 10 minutes, and the way,
/// which the log does not know.
pub const NO_PROGRESS_MS: i64 = (10 + 15) * MINUTE_MS;
/// A tap counts as being at the door within so many metres.
pub const NEAR_DOOR_M: u32 = 150;
/// Contact attempts before a customer counts as absent.
pub const CONTACTS_BEFORE_ABSENT: usize = 2;
/// Contact attempts kept of one delivery.
pub const CONTACTS: usize = 50;
/// Offline events remembered of one delivery.
pub const HEARD_EVENTS: usize = 50;
/// Offline events in one batch.
pub const BATCH_EVENTS: usize = 100;
/// The most minutes that busy mode adds.
pub const BUSY_MS: std::ops::RangeInclusive<i64> = MINUTE_MS..=120 * MINUTE_MS;
/// How far ahead an end of a pause, of busy mode or of a stock state may lie.
pub const UNTIL_MS: i64 = 31 * DAY_MS;
/// How long after an order's end a claim may be made.
pub const CLAIM_WITHIN_MS: i64 = 2 * DAY_MS;
/// Photos of one claim.
pub const CLAIM_PHOTOS: usize = 8;
/// Claims about one order.
pub const ORDER_CLAIMS: usize = 10;
/// Refunds of one order.
pub const ORDER_REFUNDS: usize = 50;
/// An order is late when it comes so long after its window.
pub const LATE_MS: i64 = 20 * MINUTE_MS;
/// How far ahead a change of the city's terms may be planned.
pub const TERMS_AHEAD_MS: i64 = 366 * DAY_MS;
/// Letters of a coupon's code.
pub const CODE_LETTERS: std::ops::RangeInclusive<usize> = 3..=40;
/// Webhooks that the city's operators may have, and the managers of one restaurant.
pub const WEBHOOKS_OF_CITY: usize = 50;
/// See [`WEBHOOKS_OF_CITY`].
pub const WEBHOOKS_OF_RESTAURANT: usize = 10;
/// Patterns of one webhook.
pub const WEBHOOK_TYPES: usize = 50;
/// Letters of one pattern.
pub const WEBHOOK_TYPE_LETTERS: usize = 60;
/// Attempts that are remembered of one webhook.
pub const WEBHOOK_ATTEMPTS: usize = 100;
/// Events that may wait to be told to a webhook once more.
pub const WEBHOOK_AGAIN: usize = 100;
/// Keys of one owner: the city, or a restaurant.
pub const KEYS_OF_OWNER: usize = 20;
/// Letters of what people call a key.
pub const KEY_LABEL_LETTERS: usize = 100;
/// How long a key that another one takes over from is still good.
pub const KEY_OVERLAP_MS: i64 = DAY_MS;
/// People who have a role at the platform.
pub const OPERATORS: usize = 200;
/// How long one operator's wish waits for a second one.
pub const ROLE_WISH_MS: i64 = DAY_MS;
/// How long a replaced secret still signs.
pub const WEBHOOK_ROTATION_MS: i64 = DAY_MS;
/// A webhook that takes nothing for so long is turned off.
pub const WEBHOOK_SUCCESS_WITHIN_MS: i64 = 5 * DAY_MS;
/// How much longer or shorter a wait may be than planned, in thousandths.
pub const WEBHOOK_SPREAD_PERMILLE: i64 = 100;
/// The longest that a receiver may ask us to wait.
pub const WEBHOOK_RETRY_AFTER_MS: i64 = DAY_MS;
/// Restaurants that one coupon may name.
pub const COUPON_RESTAURANTS: usize = 1_000;
/// Bytes of one picture in all its widths.
pub const IMAGE_BYTES: usize = 2 << 20;
/// New pictures of one person within a day, if they only order.
pub const PICTURES_A_DAY: i64 = 40;
/// If they carry: one or two at every door.
pub const PICTURES_A_DAY_OF_COURIER: i64 = 400;
/// If they keep menus, or the platform.
pub const PICTURES_A_DAY_OF_STAFF: i64 = 2_000;
/// Widths in which one picture is kept.
pub const IMAGE_WIDTHS: usize = 3;
/// The newest orders of whoever is banned that the ban is brought to, and their ratings.
pub const BAN_ORDERS: usize = 500;
/// People who are remembered of one device, card or door.
pub const TRACE_LINKS: usize = 12;
/// Devices, cards and doors that are remembered of one person.
pub const TRACE_MARKS: usize = 12;
/// Totals that are remembered of one person.
pub const TRACE_TOTALS: usize = 15;
/// Deliveries whose courier is remembered of one person.
pub const TRACE_COURIERS: usize = 20;
/// Rules against fraud.
pub const FRAUD_RULES: usize = 100;
/// The most points of one rule, and of a verdict.
pub const FRAUD_POINTS: u32 = 1_000;
/// How long an order may wait for a person to look at it.
pub const REVIEW_MS: std::ops::RangeInclusive<i64> = MINUTE_MS..=60 * MINUTE_MS;
/// Orders of one person that were denied leave one case within this time.
pub const DENIED_CASE_MS: i64 = 60 * MINUTE_MS;
/// How long somebody is believed after an appeal.
pub const FRAUD_PASS_MS: i64 = DAY_MS;
/// Days that a quality score looks back on, today among them.
pub const QUALITY_DAYS: i64 = 84;
/// Before so many orders nobody has a score.
pub const QUALITY_ORDERS: i64 = 20;
/// Below so many points a warning is given.
pub const QUALITY_WARNING: u32 = 600;
/// Below so many a restaurant takes half of its orders at a time.
pub const QUALITY_LIMIT: u32 = 450;
/// Below so many it is paused.
pub const QUALITY_PAUSE: u32 = 300;
/// How long a pause lasts that has no end of its own.
pub const QUALITY_PAUSE_MS: i64 = 7 * DAY_MS;
/// How long a score asks for nothing after an operator has taken back what it asked for.
pub const QUALITY_TRUST_MS: i64 = 7 * DAY_MS;
/// A courier who stands in a kitchen longer than this, beyond its promise, was made to wait.
pub const QUALITY_WAIT_MS: i64 = 5 * MINUTE_MS;
/// So much later than promised, and so much longer than the way takes, is the courier's doing.
pub const QUALITY_LATE_MS: i64 = 10 * MINUTE_MS;
/// Orders that a limited restaurant takes for a slot, if it has set no bounds itself.
pub const LIMITED_ORDERS: u32 = 2;
/// Deliveries that a limited courier holds at a time.
pub const LIMITED_CARRIES: u32 = 1;
/// Dishes that one rating may speak of.
pub const RATED_DISHES: usize = 100;
