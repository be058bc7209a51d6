//! The map of the replicated state on disk: which column holds which keys, and how it is tuned.
//!
//! | column | key | value |
//! |---|---|---|
//! | `orders` | kind, id | order, payment, delivery, rating, claim, refund, notice |
//! | | | a gateway's call, a difference from its books, a payout |
//! | | kind, log index, number; kind, holder | entry of the ledger; balance |
//! | `accounts` | kind, id, (id) | account, session, courier, coupon and its uses, tab |
//! | | | preferences, what somebody keeps |
//! | | kind, hash; kind | login hash -> account id; the city and its terms; notified |
//! | | kind, id; kind, (id) | webhook; all of the city, or of a restaurant; keys likewise |
//! | | kind | who has which role at the platform |
//! | | kind, of what, id | what is known of a person, a device, a card, a door |
//! | | kind, id; kind | case of fraud; the rules against it |
//! | | kind, of what, id | how a restaurant or a courier has worked |
//! | `menus` | kind, restaurant, (id) | restaurant, menu, dish, option group, stock, slot, score |
//! | `quotes` | id | quote: many, short-lived, so that their deletions bother nobody else |
//! | `images` | kind, hash | picture: large, so that nothing else is moved with them |
//! | `index` | kind, owner, (state), time, id | empty: the key says it all |
//! | `queues` | kind, time or number, id | what the leader must do next |
//! | `feed` | log index, number | event |
//! | `audit` | log index | audit entry |
//! | `meta` | name | position, membership, head of the audit chain, format |
//!
//! The raft log is a database of its own with two columns, `log` (index -> entry) and `meta`.
//!
//! Names and kinds are never used again for something else. Keys are big-endian by hand, so that
//! their order is the order of what they stand for.

/// A column of the state, or of the raft log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Column {
    Orders,
    Accounts,
    Menus,
    Quotes,
    Images,
    Index,
    Queues,
    Feed,
    Audit,
    Meta,
    Log,
    LogMeta,
}

impl Column {
    /// How many there are, in both databases.
    pub(crate) const COUNT: usize = 12;

    /// Those of the state; the raft log has the other two.
    pub(crate) const ALL: [Self; 10] = [
        Self::Orders,
        Self::Accounts,
        Self::Menus,
        Self::Quotes,
        Self::Images,
        Self::Index,
        Self::Queues,
        Self::Feed,
        Self::Audit,
        Self::Meta,
    ];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Orders => "orders",
            Self::Accounts => "accounts",
            Self::Menus => "menus",
            Self::Quotes => "quotes",
            Self::Images => "images",
            Self::Index => "index",
            Self::Queues => "queues",
            Self::Feed => "feed",
            Self::Audit => "audit",
            Self::Meta | Self::LogMeta => "meta",
            Self::Log => "log",
        }
    }
}

/// The first byte of a key, where a column holds more than one kind of thing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Kind {
    // orders
    Order = 1,
    Payment = 2,
    Delivery = 3,
    Rating = 4,
    Claim = 5,
    Refund = 6,
    GatewayEvent = 7,
    Difference = 8,
    LedgerEntry = 9,
    Payout = 10,
    Balance = 11,
    Notice = 12,
    // accounts
    Account = 16,
    Session = 17,
    Courier = 18,
    Login = 19,
    City = 20,
    Terms = 21,
    Coupon = 22,
    CouponUse = 23,
    Tab = 24,
    Attempts = 25,
    ApiKeys = 26,
    Belongings = 27,
    Preferences = 28,
    Notified = 29,
    Webhook = 30,
    WebhooksOf = 31,
    Roster = 103,
    Trace = 96,
    FraudCase = 97,
    FraudRules = 98,
    Quality = 99,
    // menus
    Restaurant = 32,
    Menu = 33,
    Dish = 34,
    OptionGroup = 35,
    Stock = 36,
    Slot = 37,
    DishScore = 38,
    // quotes
    Quote = 48,
    // images
    Image = 56,
    // index
    OrderOfRestaurant = 64,
    OrderOfCustomer = 65,
    OrderOfCity = 66,
    RatingOfRestaurant = 67,
    ClaimOfRestaurant = 68,
    ClaimOfCustomer = 69,
    ClaimOfCity = 70,
    UnansweredOrder = 71,
    NoticeOfCity = 72,
    StaffOfRestaurant = 73,
    Operators = 74,
    LedgerOfHolder = 75,
    LedgerOfOrder = 76,
    SessionOfAccount = 79,
    BanOfCity = 100,
    CaseOfCity = 101,
    CaseOfCustomer = 104,
    QualityOfCity = 102,
    // queues
    Deadline = 80,
    Work = 81,
    UnassignedDelivery = 82,
    PushDue = 83,
    SmsDue = 84,
    EmailDue = 85,
    VoiceDue = 86,
}

/// Names in the `meta` column.
pub(crate) mod meta {
    pub(crate) const POSITION: &str = "position";
    pub(crate) const MEMBERSHIP: &str = "membership";
    pub(crate) const AUDIT_HEAD: &str = "audit_head";
    pub(crate) const FEED_TRIMMED: &str = "feed_trimmed";
    pub(crate) const FORMAT: &str = "format";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_stored_and_never_change() {
        let names = Column::ALL.map(Column::name).join(" ");
        expect_test::expect!["orders accounts menus quotes images index queues feed audit meta"]
            .assert_eq(&names);
        let of_log = [Column::Log, Column::LogMeta];
        assert_eq!(of_log.map(Column::name), ["log", "meta"]);
        let all = Column::ALL.into_iter().chain(of_log).map(|column| column as usize);
        assert!(all.eq(0..Column::COUNT), "each has a place of its own");
    }
}
