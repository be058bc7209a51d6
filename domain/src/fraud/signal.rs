//! What is looked at when somebody orders: one number each, from what the log has made known.

use serde::{Deserialize, Serialize};

macro_rules! signals {
    ($($(#[$doc:meta])* $name:ident $text:literal $what:literal;)*) => {
        /// Something that is looked at. Its place is that of its stored value: only ever add at the
        /// end.
        #[derive(
            Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
        )]
        #[serde(rename_all = "snake_case")]
        pub enum Signal {
            $(#[doc = $what] $name,)*
        }

        impl Signal {
            /// All of them, in the order of their values.
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];

            /// Its name, as rules and cases have it.
            pub fn name(self) -> &'static str {
                match self { $(Self::$name => $text,)* }
            }

            /// What its number says.
            pub fn what(self) -> &'static str {
                match self { $(Self::$name => $what,)* }
            }
        }
    };
}

signals! {
    AccountOrdersHour "account_orders_hour" "orders of this person within an hour, this one too";
    AccountOrdersDay "account_orders_day" "orders of this person within a day";
    AccountOrdersWeek "account_orders_week" "orders of this person within a week";
    DeviceOrdersHour "device_orders_hour" "orders from this device within an hour";
    DeviceOrdersDay "device_orders_day" "orders from this device within a day";
    CardOrdersHour "card_orders_hour" "orders with this card within an hour";
    CardOrdersDay "card_orders_day" "orders with this card within a day";
    AddressOrdersHour "address_orders_hour" "orders to this door within an hour";
    AddressOrdersDay "address_orders_day" "orders to this door within a day";
    DeviceAccounts "device_accounts" "people who ordered from this device within 90 days";
    CardAccounts "card_accounts" "people who ordered with this card within 90 days";
    AddressAccounts "address_accounts" "people who ordered to this door within 90 days";
    NewAccountTotal "new_account_total" "total in minor units, of somebody younger than a day";
    CouponByOthers "coupon_by_others"
        "coupons that others redeemed with this device or card within 90 days, if it has one";
    DeclinesHour "declines_hour" "cards declined within an hour: this person, device or card";
    DeclinesDay "declines_day" "cards declined within a day: this person, device or card";
    RefundPermille "refund_permille" "refunds in 1,000 orders of 90 days, from 5 orders on";
    ClaimPermille "claim_permille" "claims in 1,000 orders of 90 days, from 5 orders on";
    TotalPercentOfMedian "total_percent_of_median"
        "total in percent of the median of their latest 15, from 5 on";
    RefusedOnTheWay "refused_on_the_way"
        "orders of 90 days that they let go when the food was on its way";
    SameCourierWeek "same_courier_week" "the most that one courier brought them within a week";
    SharesDeviceWithCourier "shares_device_with_courier"
        "couriers other than themselves who use this device";
    LikeBanned "like_banned"
        "their device, card and door, as far as somebody banned used them; a door alone is none";
    ThrowawayMail "throwaway_mail" "1 if their mail address is one that is thrown away";
    NoDevice "no_device"
        "1 if the app does not name its device, and they are younger than a day or use a coupon";
    ImpossibleRidePermille "impossible_ride_permille"
        "rides faster than anybody's in 1,000 orders of 90 days, from 5: person, device or card";
}

/// One number for each signal, in their order; what is not there is 0.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Values(Vec<i64>);

impl Values {
    /// What a signal says.
    pub fn get(&self, signal: Signal) -> i64 {
        self.0.get(signal as usize).copied().unwrap_or(0)
    }

    /// Lets a signal say this.
    pub fn set(&mut self, signal: Signal, value: i64) {
        if self.0.len() <= signal as usize {
            self.0.resize(signal as usize + 1, 0);
        }
        self.0[signal as usize] = value;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde::de::value::StrDeserializer;

    #[test]
    fn names_are_those_of_rules() {
        for signal in Signal::ALL {
            let name = StrDeserializer::<serde::de::value::Error>::new(signal.name());
            assert_eq!(Signal::deserialize(name), Ok(*signal));
        }
    }
}
