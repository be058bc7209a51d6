//! Every error code: one table. A code never changes its meaning; new ones are added.

use domain::Rejection;
use std::fmt;

macro_rules! codes {
    ($(
        $name:ident $text:literal $status:literal $retryable:literal
            $title:literal
            $next:literal;
    )*) => {
        /// What went wrong, by what the caller does next.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Code {
            $(#[doc = $title] $name,)*
        }

        impl Code {
            /// Every code, in the order of statuses.
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];

            /// As it stands in a problem document.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$name => $text,)* }
            }

            /// The HTTP status.
            pub fn status(self) -> u16 {
                match self { $(Self::$name => $status,)* }
            }

            /// Whether the same request may succeed later.
            pub fn retryable(self) -> bool {
                match self { $(Self::$name => $retryable,)* }
            }

            /// The code in words.
            pub fn title(self) -> &'static str {
                match self { $(Self::$name => $title,)* }
            }

            /// What the caller does next.
            pub fn next_step(self) -> &'static str {
                match self { $(Self::$name => $next,)* }
            }
        }
    };
}

codes! {
    ParamInvalid "param_invalid" 400 false
        "A query parameter or header is not valid"
        "Correct the parameter that `errors` names.";
    BodyMalformed "body_malformed" 400 false
        "The body is not JSON"
        "Send one JSON value with `Content-Type: application/json`.";
    KeyMissing "key_missing" 400 false
        "An Idempotency-Key is required here"
        "Send the header; the same key again gives the same answer.";
    TokenMissing "token_missing" 401 false
        "No access token came with the request"
        "Log in and send `Authorization: Bearer <token>`.";
    TokenInvalid "token_invalid" 401 false
        "The access token is not one of this city"
        "Log in at this city.";
    TokenExpired "token_expired" 401 false
        "The access token has expired"
        "Get a new one with `POST /v1/token/refresh`, or log in again.";
    CredentialsWrong "credentials_wrong" 401 false
        "The login or the password is wrong"
        "Ask the person again; both cases look the same on purpose.";
    CodeWrong "code_wrong" 401 false
        "The code is wrong, or not good any more"
        "Ask the person again, or ask for another one with `POST /v1/otp`.";
    RefreshReused "refresh_reused" 401 false
        "The refresh token was used before"
        "The login has ended for everybody who holds it: log in again.";
    SignatureWrong "signature_wrong" 401 false
        "The signature is missing, too old, or not ours"
        "Check the webhook secret on both sides, and both clocks.";
    KeyInvalid "key_invalid" 401 false
        "The key was revoked, has run out, or never was"
        "Ask whoever made it for another one.";
    ScopeMissing "scope_missing" 403 false
        "The key does not open this"
        "Use a key with the scope that `detail` names, or log in.";
    Forbidden "forbidden" 403 false
        "This role may not do that"
        "Use an account with the role that `detail` names.";
    OrderDeclined "order_declined" 403 false
        "This order cannot be taken"
        "Nothing was charged. Ask the support of the city if you think that is wrong.";
    Banned "banned" 403 false
        "The account is banned"
        "Write to the city's support.";
    RouteUnknown "route_unknown" 404 false
        "There is no such route"
        "Look at `/docs`.";
    AccountUnknown "account_unknown" 404 false
        "There is no such account"
        "Check the id.";
    AddressUnknown "address_unknown" 404 false
        "There is no such saved address"
        "See `GET /v1/me/addresses`; somebody else's looks the same.";
    PaymentMethodUnknown "payment_method_unknown" 404 false
        "There is no such saved payment method"
        "See `GET /v1/me/payment-methods`; somebody else's looks the same.";
    SessionUnknown "session_unknown" 404 false
        "There is no such session"
        "Log in.";
    RestaurantUnknown "restaurant_unknown" 404 false
        "There is no such restaurant"
        "Check the id; one that you may not see looks the same.";
    DishUnknown "dish_unknown" 404 false
        "There is no such dish or option"
        "Read the menu again.";
    QuoteUnknown "quote_unknown" 404 false
        "There is no such quote"
        "Ask for a new one.";
    OrderUnknown "order_unknown" 404 false
        "There is no such order"
        "Check the id; somebody else's order looks the same.";
    PaymentUnknown "payment_unknown" 404 false
        "There is no such payment"
        "Check the id; another's payment is unknown to you as well.";
    DeliveryUnknown "delivery_unknown" 404 false
        "There is no such delivery"
        "Check the id.";
    CourierUnknown "courier_unknown" 404 false
        "There is no such courier"
        "Check the id; somebody else's looks the same.";
    ClaimUnknown "claim_unknown" 404 false
        "There is no such claim"
        "Check the id; somebody else's looks the same.";
    NoticeUnknown "notice_unknown" 404 false
        "There is no such message on record"
        "It was sent, or it is forgotten; only what waits or failed is kept.";
    CaseUnknown "case_unknown" 404 false
        "There is no such case"
        "Check the id.";
    BanUnknown "ban_unknown" 404 false
        "Nobody has banned that"
        "List the bans to see those that hold.";
    RatingUnknown "rating_unknown" 404 false
        "There is no such rating"
        "Check the id.";
    ImageUnknown "image_unknown" 404 false
        "There is no such picture"
        "Upload it first; one that you may not see looks the same.";
    ClosingUnknown "closing_unknown" 404 false
        "There is no such closing or special day"
        "Read the restaurant's calendar again.";
    CouponUnknown "coupon_unknown" 404 false
        "There is no such coupon"
        "Check the code.";
    WebhookUnknown "webhook_unknown" 404 false
        "There is no such webhook"
        "Check the id; somebody else's looks the same.";
    KeyUnknown "key_unknown" 404 false
        "There is no such key"
        "Check the id; somebody else's looks the same.";
    NodeUnknown "node_unknown" 404 false
        "There is no such node"
        "See `GET /v1/admin/cluster`.";
    NoCity "no_city" 404 false
        "No city serves this place"
        "See `GET /v1/cities`.";
    MethodNotAllowed "method_not_allowed" 405 false
        "This route does not take that method"
        "See the `Allow` header.";
    ContactTaken "contact_taken" 409 false
        "An account with this contact exists"
        "Log in, or sign up with another contact.";
    RestaurantClosed "restaurant_closed" 409 false
        "The restaurant is closed"
        "`next_open` says when to come back.";
    RestaurantPaused "restaurant_paused" 409 false
        "The restaurant takes a break"
        "`until` says how long.";
    FulfilmentOff "fulfilment_off" 409 false
        "The restaurant does not offer that at the moment"
        "Choose delivery instead of pickup, or the other way round.";
    CaseClosed "case_closed" 409 false
        "This case is closed"
        "Read it to see what was decided.";
    OperatorNotBanned "operator_not_banned" 409 false
        "An operator cannot be banned"
        "Take the role first, then ban. Nobody can ban themselves.";
    CourierPaused "courier_paused" 409 false
        "You are paused"
        "Read your quality to see why; `until` says how long. Write to the city's support.";
    SlotFull "slot_full" 409 false
        "The kitchen can take no more for that time"
        "Choose one of the `slots`.";
    CouponRefused "coupon_refused" 409 false
        "The coupon is not good for this order"
        "`why` says what is wrong with it; order without it, or change the basket.";
    CashBarred "cash_barred" 409 false
        "An earlier order has to be paid first"
        "Pay by card, or settle the `debt`.";
    NotDeliverable "not_deliverable" 409 false
        "The restaurant does not deliver there"
        "Choose another restaurant or address.";
    OutOfStock "out_of_stock" 409 false
        "Some dishes are not to be had"
        "Take the `dishes` and `options` out of the basket.";
    PriceChanged "price_changed" 409 false
        "The price is another one now"
        "Show the new `receipt` and ask again.";
    QuoteExpired "quote_expired" 409 false
        "The quote's time is over"
        "Ask for a new one.";
    QuoteUsed "quote_used" 409 false
        "The quote was used"
        "`order_id` is the order that it became.";
    OrdersOpen "orders_open" 409 false
        "Orders are under way, or there is a role at the platform"
        "Wait until every order has ended, or call it off; operators give up their role first.";
    OrderMovedOn "order_moved_on" 409 false
        "The order is in another state by now"
        "`state` says which; read the order again.";
    OutOfOrder "out_of_order" 409 false
        "This step cannot follow the present one"
        "`state` says where the delivery is.";
    TooLate "too_late" 409 false
        "The time for this is over"
        "Read the thing again.";
    OfferClosed "offer_closed" 409 false
        "The offer is over"
        "Look at `GET /v1/delivery/assignments`.";
    NotOfferable "not_offerable" 409 false
        "The delivery cannot be offered now"
        "Look at the delivery and the courier again.";
    NotYours "not_yours" 409 false
        "Somebody else has this delivery"
        "Look at `GET /v1/delivery/assignments`.";
    PaymentMovedOn "payment_moved_on" 409 false
        "The payment is in another state by now"
        "Read the order again.";
    PaymentOpen "payment_open" 409 false
        "An attempt to pay is still under way"
        "Wait for the bank's answer at `/status`, then try again if it was a no.";
    OverCaptured "over_captured" 409 false
        "That is more than was paid"
        "`left` says how much can still go back.";
    NotRateable "not_rateable" 409 false
        "There is no order of yours here to rate"
        "Only who paid can rate, after the order ended and for 30 days.";
    CourierNotReady "courier_not_ready" 409 false
        "The courier cannot do that now"
        "Wait for approval, or finish the deliveries first.";
    TooEarly "too_early" 409 false
        "It is too early for that"
        "`from` says from when on it can be done.";
    PinWrong "pin_wrong" 409 false
        "The number is another one"
        "Ask for it again; `tries_left` says how often. With none left an operator helps.";
    ProofMissing "proof_missing" 409 false
        "Something is missing that shows it"
        "Send what `needed` names with the step.";
    ProposalOpen "proposal_open" 409 false
        "A proposal waits for its answer"
        "Wait for the customer, or for `answer_by` of the proposal.";
    ProposalClosed "proposal_closed" 409 false
        "There is no open proposal"
        "Read the order again.";
    ClaimClosed "claim_closed" 409 false
        "The claim is decided, or it is too late for one"
        "Read the claim again.";
    NotDue "not_due" 409 false
        "The deadline has not come"
        "Nothing to do.";
    CityFounded "city_founded" 409 false
        "The city was founded differently"
        "Compare the node's config with the others'.";
    WebhooksTooMany "webhooks_too_many" 409 false
        "There are as many webhooks as one may have"
        "`at_most` says how many; delete one first.";
    LastOperator "last_operator" 409 false
        "Nobody else is an operator for good"
        "Make somebody else one first.";
    ReplaysTooMany "replays_too_many" 409 false
        "As many events wait to be sent again as may wait"
        "Wait until some are sent, or replay from a cursor.";
    LimitReached "limit_reached" 409 false
        "There are as many of these as one may keep"
        "`at_most` says how many; delete one first.";
    CursorExpired "cursor_expired" 410 false
        "The feed does not reach back so far"
        "Read what `links` name, then follow from `head`; or begin again at `oldest`.";
    VersionChanged "version_changed" 412 false
        "The thing has changed since you read it"
        "Read it again; `version` is the present one.";
    TooLarge "too_large" 413 false
        "The request is too large"
        "Send less in one request.";
    MediaTypeUnsupported "media_type_unsupported" 415 false
        "The body's type is not one of this route"
        "Send `application/json`.";
    CityWrong "city_wrong" 421 false
        "This belongs to another city"
        "Ask the directory which city serves it.";
    FieldUnknown "field_unknown" 422 false
        "The body has a member that this route does not know"
        "Leave out the member that `errors` names.";
    FieldInvalid "field_invalid" 422 false
        "A field is missing or not valid"
        "Correct the fields that `errors` names.";
    BasketInvalid "basket_invalid" 422 false
        "The basket is not possible"
        "`errors` names the line.";
    BelowMinimum "below_minimum" 422 false
        "The basket is below the restaurant's minimum"
        "`minimum` says how much it must be.";
    UrlRefused "url_refused" 422 false
        "Nothing is sent to such an address"
        "Use an https address of a public host, with port 443 or one from 1024 on.";
    IdReused "id_reused" 422 false
        "The same key came with another request"
        "Use a new key for a new request.";
    IfMatchMissing "if_match_missing" 428 false
        "The version that you saw is missing"
        "Read the thing again, and send its ETag as If-Match.";
    RateLimited "rate_limited" 429 true
        "Too many requests"
        "Wait as long as `Retry-After` says.";
    Internal "internal" 500 false
        "Something of ours failed"
        "Tell the operators the `request_id`.";
    NoLeader "no_leader" 503 true
        "The city has no leader at the moment"
        "It did not happen. Send it again, at any node, after `retry_after_ms`.";
    VerdictUnknown "verdict_unknown" 503 true
        "Nobody can say yet whether it happened"
        "Send the same request with the same key again, at any node.";
    Behind "behind" 503 true
        "This node has not come as far as you asked"
        "Send it again, here or at another node.";
    Warming "warming" 503 true
        "This node is still building its search index"
        "Ask another node, or wait.";
    Shedding "shedding" 503 true
        "The node has more to do than it can"
        "It did not happen. Send it again after `retry_after_ms`.";
    NoNode "no_node" 503 true
        "No node of the city answers"
        "Send it again after `retry_after_ms`.";
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Code {
    /// The code of a text, if there is one.
    pub fn from_text(text: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|code| code.as_str() == text)
    }
}

// A table and no function, which would be longer than a screen.
macro_rules! decided {
    ($($why:pat => $code:ident,)*) => {
        impl Code {
            /// The code of a decision. Exhaustive: a new reason must not compile until it has a
            /// code. Until the first leader has founded the city there is nothing to do but wait.
            pub fn of(why: &Rejection) -> Self {
                match why { $($why => Self::$code,)* }
            }
        }
    };
}

decided! {
    Rejection::SessionEnded => TokenExpired,
    Rejection::Banned => Banned,
    Rejection::Forbidden => Forbidden,
    Rejection::CredentialsWrong => CredentialsWrong,
    Rejection::CodeWrong => CodeWrong,
    Rejection::TooOften { .. } => RateLimited,
    Rejection::RefreshReused => RefreshReused,
    Rejection::IdReused => IdReused,
    Rejection::ContactTaken => ContactTaken,
    Rejection::VersionChanged { .. } => VersionChanged,
    Rejection::CityFounded => CityFounded,
    Rejection::CityUnknown => NoLeader,
    Rejection::AccountUnknown => AccountUnknown,
    Rejection::AddressUnknown => AddressUnknown,
    Rejection::PaymentMethodUnknown => PaymentMethodUnknown,
    Rejection::SessionUnknown => SessionUnknown,
    Rejection::RestaurantUnknown => RestaurantUnknown,
    Rejection::DishUnknown => DishUnknown,
    Rejection::QuoteUnknown => QuoteUnknown,
    Rejection::OrderUnknown | Rejection::WorkUnknown => OrderUnknown,
    Rejection::DeliveryUnknown => DeliveryUnknown,
    Rejection::CourierUnknown => CourierUnknown,
    Rejection::FieldInvalid { .. } => FieldInvalid,
    Rejection::BasketInvalid { .. } => BasketInvalid,
    Rejection::BelowMinimum { .. } => BelowMinimum,
    Rejection::RestaurantClosed { .. } => RestaurantClosed,
    Rejection::RestaurantPaused { .. } => RestaurantPaused,
    Rejection::NotDeliverable => NotDeliverable,
    Rejection::OutOfStock { .. } => OutOfStock,
    Rejection::PriceChanged { .. } => PriceChanged,
    Rejection::QuoteExpired => QuoteExpired,
    Rejection::QuoteUsed { .. } => QuoteUsed,
    Rejection::OrdersOpen => OrdersOpen,
    Rejection::OrderMovedOn { .. } => OrderMovedOn,
    Rejection::TooLate => TooLate,
    Rejection::OutOfOrder { .. } => OutOfOrder,
    Rejection::NotYours => NotYours,
    Rejection::KeyInvalid => KeyInvalid,
    Rejection::ScopeMissing { .. } => ScopeMissing,
    Rejection::KeyUnknown => KeyUnknown,
    Rejection::LastOperator => LastOperator,
    Rejection::WebhookUnknown => WebhookUnknown,
    Rejection::WebhooksTooMany { .. } => WebhooksTooMany,
    Rejection::ReplaysTooMany { .. } => ReplaysTooMany,
    Rejection::LimitReached { .. } => LimitReached,
    Rejection::OfferClosed => OfferClosed,
    Rejection::NotOfferable => NotOfferable,
    Rejection::PaymentUnknown => PaymentUnknown,
    Rejection::PaymentOpen => PaymentOpen,
    Rejection::PaymentMovedOn { .. } => PaymentMovedOn,
    Rejection::NotRateable => NotRateable,
    Rejection::CourierNotReady => CourierNotReady,
    Rejection::NotDue => NotDue,
    Rejection::SlotFull { .. } => SlotFull,
    Rejection::CouponRefused { .. } => CouponRefused,
    Rejection::FulfilmentOff => FulfilmentOff,
    Rejection::CashBarred { .. } => CashBarred,
    Rejection::TooEarly { .. } => TooEarly,
    Rejection::PinWrong { .. } => PinWrong,
    Rejection::ProofMissing { .. } => ProofMissing,
    Rejection::ProposalOpen => ProposalOpen,
    Rejection::ProposalClosed => ProposalClosed,
    Rejection::ClaimClosed => ClaimClosed,
    Rejection::ClaimUnknown => ClaimUnknown,
    Rejection::NoticeUnknown => NoticeUnknown,
    Rejection::CourierPaused { .. } => CourierPaused,
    Rejection::CaseUnknown => CaseUnknown,
    Rejection::CaseClosed => CaseClosed,
    Rejection::OperatorNotBanned => OperatorNotBanned,
    Rejection::BanUnknown => BanUnknown,
    Rejection::OrderDeclined => OrderDeclined,
    Rejection::RatingUnknown => RatingUnknown,
    Rejection::ImageUnknown => ImageUnknown,
    Rejection::ClosingUnknown => ClosingUnknown,
    Rejection::OverCaptured { .. } => OverCaptured,
}

/// The page that explains every code, for `docs/` and for `/docs/errors/`.
pub fn documentation() -> String {
    let mut page = String::from(
        "# Error codes\n\nEvery refusal is a problem document (RFC 9457) with one of these codes. \
         Programs decide by `code`; a code never\nchanges its meaning. *Again* says whether \
         the same \
         request, with the same key, may succeed later. This page is\nwritten by a test from the \
         table in `api/src/codes.rs`.\n\n| code | status | again | what happened | what to do \
         |\n|---|---|---|---|---|\n",
    );
    for code in Code::ALL {
        let again = if code.retryable() { "yes" } else { "no" };
        page.push_str(&format!(
            "| `{code}` | {} | {again} | {} | {} |\n",
            code.status(),
            code.title(),
            code.next_step(),
        ));
    }
    page
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_unique_and_readable() {
        let mut seen = std::collections::BTreeSet::new();
        for code in Code::ALL {
            assert!(seen.insert(code.as_str()), "{code} stands twice");
            assert!((400..600).contains(&code.status()), "{code}");
            assert_eq!(Code::from_text(code.as_str()), Some(*code));
            assert!(!code.title().ends_with('.') && code.next_step().ends_with('.'), "{code}");
        }
    }

    #[test]
    fn the_documentation_is_up_to_date() {
        expect_test::expect_file!["../../docs/error-codes.md"].assert_eq(&documentation());
    }
}
