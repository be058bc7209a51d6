//! How events are declared: one row each, from which everything that is asked of them follows.

/// Declares the events. A row says, and nothing of it can be forgotten:
///
/// - its name in the feed, and `of` which thing it is;
/// - what it concerns, as far as it names it: `by` an order, `with` a courier, `at` a restaurant,
///   `for` an account;
/// - `to` whom it is told: the `customer` and the `restaurant` of the order (a `restaurant` also
///   where the row has an `at`), the `courier` and the `account` that it names. Operators are told
///   everything; what is told to nobody else has `[]`.
macro_rules! events {
    ($(
        $(#[$doc:meta])*
        $name:ident = $text:literal of $subject:ident $(by $order:ident)? $(with $courier:ident)?
            $(at $restaurant:ident)? $(for $account:ident)? to [$($party:ident),*]
            { $($field:ident: $type:ty),* $(,)? }
    )*) => {
        /// A fact at (index, number) of the city's log.
        #[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
        #[allow(missing_docs)]
        pub enum Event {
            $($(#[$doc])* $name { $($field: $type),* },)*
        }

        impl Event {
            /// Every kind of event, in the order of the table.
            pub const KINDS: &[EventKind] = &[$(EventKind {
                name: $text,
                told: &[$(party!($party)),*],
                concerns: &[$(part!(by $order),)? $(part!(with $courier),)?
                    $(part!(at $restaurant),)? $(part!(for $account),)?],
            }),*];

            /// Its type, as in the feed: the noun, a dot, what happened.
            pub fn name(&self) -> &'static str {
                match self {
                    $(Self::$name { .. } => $text,)*
                }
            }

            /// The id of the thing that it is about; the other ids stand in its data.
            pub fn subject(&self) -> String {
                match self {
                    $(Self::$name { $subject, .. } => $subject.to_string(),)*
                }
            }

            /// To whom it is told, besides the operators.
            pub fn told(&self) -> &'static [Party] {
                match self {
                    $(Self::$name { .. } => &[$(party!($party)),*],)*
                }
            }

            /// The order that it is about, if there is one.
            pub fn order_id(&self) -> Option<OrderId> {
                match self {
                    $(Self::$name { $($order,)? .. } => given!($($order)?),)*
                }
            }

            /// The courier whom it concerns, if there is one.
            pub fn courier_id(&self) -> Option<CourierId> {
                match self {
                    $(Self::$name { $($courier,)? .. } => given!($($courier)?),)*
                }
            }

            /// The restaurant that it is about, unless it is about an order.
            pub fn restaurant_id(&self) -> Option<RestaurantId> {
                match self {
                    $(Self::$name { $($restaurant,)? .. } => given!($($restaurant)?),)*
                }
            }

            /// The account that it is about, if there is one.
            pub fn account_id(&self) -> Option<AccountId> {
                match self {
                    $(Self::$name { $($account,)? .. } => given!($($account)?),)*
                }
            }
        }
    };
}

/// The field, where a row of the table names one: an id, or perhaps one.
macro_rules! given {
    () => {
        None
    };
    ($id:ident) => {
        Option::from(*$id)
    };
}

macro_rules! party {
    (customer) => {
        Party::Customer
    };
    (restaurant) => {
        Party::Restaurant
    };
    (courier) => {
        Party::Courier
    };
    (account) => {
        Party::Account
    };
}

macro_rules! part {
    (by $order:ident) => {
        Concern::Order
    };
    (with $courier:ident) => {
        Concern::Courier
    };
    (at $restaurant:ident) => {
        Concern::Restaurant
    };
    (for $account:ident) => {
        Concern::Account
    };
}
