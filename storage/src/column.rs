//! The map of the replicated state on disk: which column holds which keys, and how it is tuned.
//!
//! | column | key | value |
//! |---|---|---|
//! | `orders` | kind, id | order, payment, delivery, rating, claim, refund, notice |
//! | | | a gateway's call, a difference from its books, a payout |
//! | | kind, log index, number; kind, holder | entry of the ledger; balance |
//! | `accounts` | kind, id, (id) | account, session, courier, coupon and its uses, tab |
//! | | | preferences |
//! | | kind, hash; kind | login hash -> account id; the city and its terms; notified |
//! | | kind, id; kind, (id) | webhook; all of the city, or of a restaurant |
//! | `menus` | kind, restaurant, (id) | restaurant, menu, dish, option group, stock, slot, score |
//! | `quotes` | id | quote: many, short-lived, so that their deletions bother nobody else |
//! | `images` | kind, hash | picture: large, so that nothing else is moved with them |
//! | `index` | kind, owner, (state), time, id | empty: the key says it all |
//! | `queues` | kind, time or number, id | what the leader must do next |
//! | `feed` | log index, number | event |
//! | `audit` | log index | audit entry |
//! | `meta` | name | position, membership, head of the audit chain, format |
//!
//! Names and kinds are never used again for something else. Keys are big-endian by hand, so that
//! their order is the order of what they stand for.

use rocksdb::{BlockBasedOptions, Cache, DBCompressionType, Options, SliceTransform};

/// A column family of the state.
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
}

impl Column {
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

    /// Whether keys begin with a kind and an owner, by which files are filtered.
    pub(crate) fn has_prefixes(self) -> bool {
        match self {
            Self::Menus | Self::Index => true,
            Self::Orders | Self::Accounts | Self::Quotes | Self::Queues => false,
            Self::Images | Self::Feed | Self::Audit | Self::Meta => false,
        }
    }

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
            Self::Meta => "meta",
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
    Preferences = 28,
    Notified = 29,
    Webhook = 30,
    WebhooksOf = 31,
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

/// Bytes of all memtables together before they are flushed.
const MEMTABLES: usize = 96 << 20;
/// Bytes of one column's memtable.
const MEMTABLE: usize = 32 << 20;
/// kind and owner: what every scan of `menus` and `index` stays inside of.
pub(crate) const PREFIX: usize = 1 + 16;

pub(crate) fn db_options(create: bool) -> Options {
    let mut o = Options::default();
    o.create_if_missing(create);
    o.create_missing_column_families(true);
    o.set_atomic_flush(true); // what keeps the columns consistent without a WAL
    o.set_db_write_buffer_size(MEMTABLES);
    o.set_max_background_jobs(2);
    o.set_max_subcompactions(1);
    o.set_bytes_per_sync(1 << 20);
    o.set_avoid_unnecessary_blocking_io(true);
    o.set_allow_concurrent_memtable_write(false); // there is one writer
    o.set_enable_write_thread_adaptive_yield(false);
    o.set_auto_tuned_ratelimiter(64 << 20, 100_000, 10); // spare the fsync of the log
    o.set_keep_log_file_num(2);
    o.set_max_log_file_size(8 << 20);
    o.set_max_open_files(1024);
    o
}

pub(crate) fn column_options(column: Column, cache: &Cache) -> Options {
    let mut table = BlockBasedOptions::default();
    table.set_block_cache(cache);
    table.set_format_version(6);
    table.set_cache_index_and_filter_blocks(true);
    table.set_pin_l0_filter_and_index_blocks_in_cache(true);
    table.set_optimize_filters_for_memory(true);
    let mut o = Options::default();
    o.set_write_buffer_size(MEMTABLE);
    o.set_max_write_buffer_number(4);
    o.set_compression_type(DBCompressionType::Lz4);
    o.set_level_compaction_dynamic_level_bytes(true);
    match column {
        Column::Orders | Column::Accounts | Column::Quotes => {
            table.set_bloom_filter(10.0, false);
            table.set_whole_key_filtering(true);
            o.set_memtable_whole_key_filtering(true);
            o.set_memtable_prefix_bloom_ratio(0.05);
        }
        Column::Images => {
            o.set_compression_type(DBCompressionType::None); // they are compressed already
            table.set_bloom_filter(10.0, false);
            table.set_whole_key_filtering(true);
        }
        Column::Menus | Column::Index => {
            o.set_prefix_extractor(SliceTransform::create_fixed_prefix(PREFIX));
            table.set_bloom_filter(10.0, false);
            o.set_memtable_prefix_bloom_ratio(0.1);
        }
        Column::Queues => {
            // What was done leaves a tombstone, and the next scan starts just there.
            o.add_compact_on_deletion_collector_factory(256, 128, 0.5);
        }
        Column::Feed | Column::Audit | Column::Meta => {}
    }
    o.set_block_based_table_factory(&table);
    o
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_stored_and_never_change() {
        let names = Column::ALL.map(Column::name).join(" ");
        expect_test::expect!["orders accounts menus quotes images index queues feed audit meta"]
            .assert_eq(&names);
    }
}
