//! (1) Everything that can happen in a city, one line each.

use crate::access::apply_access;
use crate::account::attempts::apply_attempt;
use crate::account::ban::{ban_account, unban_account};
use crate::account::own::apply_own;
use crate::account::session::{close_session, open_session, rotate_session};
use crate::account::sign_up::sign_up;
use crate::account::tab::clear_debt;
use crate::authority::standing;
use crate::city::found::found_city;
use crate::city::set_terms::set_terms;
use crate::city::trim_feed::trim_feed;
use crate::claim::answer::answer_claim;
use crate::claim::make::make_claim;
use crate::claim::settle::settle_claim;
use crate::coupon::put::put_coupon;
use crate::courier::approve::approve_courier;
use crate::courier::online::set_courier_online;
use crate::courier::sign_up::sign_up_courier;
use crate::deadline::fire_deadline;
use crate::delivery::answer::{decline_offer, take_offer};
use crate::delivery::carry::advance_delivery;
use crate::delivery::contact::log_contact;
use crate::delivery::direct::direct_delivery;
use crate::delivery::fail::fail_delivery;
use crate::delivery::offer::offer_delivery;
use crate::delivery::proof::attach_proof;
use crate::delivery::release::{drop_delivery, unassign_delivery};
use crate::fraud::apply_fraud;
use crate::image::put::put_image;
use crate::ledger::payout::make_payout;
use crate::menu::edit::edit_menu;
use crate::menu::put::put_menu;
use crate::moderation::apply_moderation;
use crate::notice::command::apply_notice;
use crate::order::accept::accept_order;
use crate::order::cancel::cancel_order;
use crate::order::delay::delay_order;
use crate::order::hand_over::hand_over_order;
use crate::order::no_show::no_show_order;
use crate::order::place::place_order;
use crate::order::ready::ready_order;
use crate::order::reject::reject_order;
use crate::order::seen::seen_order;
use crate::order::start::start_order;
use crate::order::substitute::answer::answer_substitution;
use crate::order::substitute::propose::propose_substitution;
use crate::payment::answer::record_gateway_answer;
use crate::payment::difference::record_difference;
use crate::payment::inbox::record_gateway_event;
use crate::payment::retry::retry_payment;
use crate::payment::tip::tip_order;
use crate::quote::make::make_quote;
use crate::rating::rate::rate_order;
use crate::rating::reply::reply_rating;
use crate::refund::make::refund_order;
use crate::restaurant::approve::approve_restaurant;
use crate::restaurant::availability::set_availability;
use crate::restaurant::hours::apply_hours;
use crate::restaurant::put::put_restaurant;
use crate::slot::capacity::set_capacity;
use crate::stock::set::set_stock;
use crate::webhook::command::apply_webhook;
use crate::{Actor, Command, Outcome, Proposal, Stamp, Unreadable, View};

/// Decides one entry of the log, from what the city was before it.
///
/// # Errors
/// Only if the city cannot be read; that is this replica's trouble, and no verdict.
pub fn apply(city: &impl View, stamp: &Stamp, proposal: Proposal) -> Result<Outcome, Unreadable> {
    let Proposal { actor, command, .. } = proposal;
    match standing(city, stamp, &actor, &command)? {
        Ok(()) => decide(city, stamp, &actor, command),
        Err(why) => Ok(Outcome::rejected(why)),
    }
}

type Decision = Result<Outcome, Unreadable>;

fn decide(city: &impl View, stamp: &Stamp, actor: &Actor, command: Command) -> Decision {
    match command {
        Command::FoundCity(wish) => found_city(city, stamp, actor, *wish),
        Command::SignUp(wish) => sign_up(city, stamp, wish),
        Command::OpenSession(wish) => open_session(city, stamp, wish),
        Command::RotateSession(wish) => rotate_session(city, stamp, wish),
        Command::CloseSession(wish) => close_session(city, stamp, actor, wish),
        Command::BanAccount(wish) => ban_account(city, stamp, actor, wish),
        Command::UnbanAccount(wish) => unban_account(city, stamp, actor, wish),
        Command::Attempt(wish) => apply_attempt(city, stamp, *wish),
        Command::Own(wish) => apply_own(city, stamp, actor, *wish),
        Command::Access(wish) => apply_access(city, stamp, actor, *wish),
        Command::PutRestaurant(wish) => put_restaurant(city, stamp, actor, *wish),
        Command::ApproveRestaurant(wish) => approve_restaurant(city, stamp, actor, wish),
        Command::PutMenu(wish) => put_menu(city, stamp, actor, *wish),
        Command::EditMenu(wish) => edit_menu(city, stamp, actor, *wish),
        Command::SignUpCourier(wish) => sign_up_courier(city, stamp, actor, wish),
        Command::ApproveCourier(wish) => approve_courier(city, stamp, actor, wish),
        Command::SetCourierOnline(wish) => set_courier_online(city, stamp, actor, wish),
        Command::MakeQuote(wish) => make_quote(city, stamp, actor, *wish),
        Command::PlaceOrder(wish) => place_order(city, stamp, actor, *wish),
        Command::AcceptOrder(wish) => accept_order(city, stamp, actor, wish),
        Command::RejectOrder(wish) => reject_order(city, stamp, actor, wish),
        Command::StartOrder(wish) => start_order(city, stamp, actor, wish),
        Command::DelayOrder(wish) => delay_order(city, stamp, actor, wish),
        Command::ReadyOrder(wish) => ready_order(city, stamp, actor, wish),
        Command::CancelOrder(wish) => cancel_order(city, stamp, actor, wish),
        Command::RateOrder(wish) => rate_order(city, stamp, actor, *wish),
        Command::RecordGatewayAnswer(wish) => record_gateway_answer(city, stamp, actor, wish),
        Command::RecordGatewayEvent(wish) => record_gateway_event(city, stamp, actor, wish),
        Command::RecordDifference(wish) => record_difference(city, stamp, actor, wish),
        Command::RetryPayment(wish) => retry_payment(city, stamp, actor, wish),
        Command::TipOrder(wish) => tip_order(city, stamp, actor, wish),
        Command::MakePayout(wish) => make_payout(city, stamp, actor, wish),
        Command::OfferDelivery(wish) => offer_delivery(city, stamp, actor, wish),
        Command::TakeOffer(wish) => take_offer(city, stamp, actor, wish),
        Command::DeclineOffer(wish) => decline_offer(city, stamp, actor, wish),
        Command::DropDelivery(wish) => drop_delivery(city, stamp, actor, wish),
        Command::UnassignDelivery(wish) => unassign_delivery(city, stamp, actor, wish),
        Command::AdvanceDelivery(wish) => advance_delivery(city, stamp, actor, wish),
        Command::FailDelivery(wish) => fail_delivery(city, stamp, actor, wish),
        Command::SetTerms(wish) => set_terms(city, stamp, actor, *wish),
        Command::TrimFeed(wish) => trim_feed(city, stamp, actor, wish),
        Command::ClearDebt(wish) => clear_debt(city, stamp, actor, wish),
        Command::SetAvailability(wish) => set_availability(city, stamp, actor, wish),
        Command::Hours(wish) => apply_hours(city, stamp, actor, wish),
        Command::SetCapacity(wish) => set_capacity(city, stamp, actor, wish),
        Command::SetStock(wish) => set_stock(city, stamp, actor, wish),
        Command::PutCoupon(wish) => put_coupon(city, stamp, actor, *wish),
        Command::PutImage(wish) => put_image(city, stamp, actor, *wish),
        Command::Webhook(wish) => apply_webhook(city, stamp, actor, *wish),
        Command::Notice(wish) => apply_notice(city, stamp, actor, *wish),
        Command::SeenOrder(wish) => seen_order(city, stamp, actor, wish),
        Command::HandOverOrder(wish) => hand_over_order(city, stamp, actor, wish),
        Command::NoShowOrder(wish) => no_show_order(city, stamp, actor, wish),
        Command::ProposeSubstitution(wish) => propose_substitution(city, stamp, actor, *wish),
        Command::AnswerSubstitution(wish) => answer_substitution(city, stamp, actor, wish),
        Command::RefundOrder(wish) => refund_order(city, stamp, actor, *wish),
        Command::MakeClaim(wish) => make_claim(city, stamp, actor, *wish),
        Command::AnswerClaim(wish) => answer_claim(city, stamp, actor, wish),
        Command::SettleClaim(wish) => settle_claim(city, stamp, actor, wish),
        Command::ReplyRating(wish) => reply_rating(city, stamp, actor, wish),
        Command::LogContact(wish) => log_contact(city, stamp, actor, wish),
        Command::AttachProof(wish) => attach_proof(city, stamp, actor, wish),
        Command::DirectDelivery(wish) => direct_delivery(city, stamp, actor, wish),
        Command::Moderation(wish) => apply_moderation(city, stamp, actor, *wish),
        Command::Fraud(wish) => apply_fraud(city, stamp, actor, *wish),
        Command::FireDeadline(deadline) => fire_deadline(city, stamp, actor, deadline),
    }
}
