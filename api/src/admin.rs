//! For the platform's own people: bans, approvals, imports, the nodes of the city.

use crate::menus::MenuInput;
use crate::problem::Problem;
use crate::restaurants::Profile;
use crate::wire::Money;
use domain::ids::{AccountId, RestaurantId};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Items of one bulk request.
pub const BULK_ITEMS: usize = 500;

/// `POST /v1/admin/bulk`: items are done in order, each judged alone.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs)]
pub struct BulkRequest {
    pub items: Vec<BulkItem>,
}

/// One thing to do. All may be repeated.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(tag = "op", rename_all = "snake_case")]
#[allow(missing_docs)]
pub enum BulkItem {
    /// Creates or replaces a restaurant, approved at once.
    PutRestaurant {
        #[schema(value_type = String)]
        restaurant_id: RestaurantId,
        profile: Box<Profile>,
    },
    /// Replaces a menu.
    PutMenu {
        #[schema(value_type = String)]
        restaurant_id: RestaurantId,
        menu: Box<MenuInput>,
    },
}

/// One result for each item, in order; the status of the whole is 207.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[allow(missing_docs)]
pub struct BulkAnswer {
    pub results: Vec<BulkResult>,
}

/// What became of one item.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct BulkResult {
    /// 200, or that of the problem.
    pub status: u16,
    /// The log entry, if it was done.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub index: Option<u64>,
    /// Why not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub problem: Option<Problem>,
}

/// `GET /v1/admin/cluster`
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[allow(missing_docs)]
pub struct ClusterStatus {
    #[schema(example = "marisol")]
    pub city: String,
    pub city_number: u16,
    /// The node that answers.
    pub node_id: u64,
    /// leader, follower, candidate, learner or stopped.
    #[schema(example = "kitchen")]
    pub role: String,
    pub term: u64,
    pub leader_id: Option<u64>,
    pub last_log: Option<u64>,
    pub committed: Option<u64>,
    pub applied: u64,
    pub snapshot: Option<u64>,
    pub purged: Option<u64>,
    /// How far the search index and the maps are.
    pub derived: u64,
    pub members: Vec<Member>,
    /// Couriers whose position is known.
    pub couriers: usize,
    /// SHA-256 head of the audit chain at `applied`, to compare nodes.
    #[schema(example = "9f2c1d")]
    pub audit_head: Option<String>,
}

/// `GET /v1/admin/cluster/hash`
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[allow(missing_docs)]
pub struct StateHash {
    /// The node that answers.
    pub node_id: u64,
    /// The log index at which it was taken: only hashes of the same index can be compared.
    pub applied: u64,
    /// SHA-256 over everything that the node keeps.
    #[schema(example = "9f2c1d")]
    pub hash: String,
}

/// A node of the city.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[allow(missing_docs)]
pub struct Member {
    pub id: u64,
    #[schema(example = "10.0.0.4:9084")]
    pub raft_addr: String,
    #[schema(example = "10.0.0.4:8084")]
    pub http_addr: String,
    pub voter: bool,
    /// Entries it lacks; only the leader knows.
    pub lag: Option<u64>,
}

/// `POST /v1/admin/cluster/nodes`
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AddNodeRequest {
    /// Never used before in this city.
    pub id: u64,
    /// `host:port` for the other nodes.
    #[schema(example = "10.0.0.4:9084")]
    pub raft_addr: String,
    /// `host:port` for apps.
    #[schema(example = "10.0.0.4:8084")]
    pub http_addr: String,
}

/// `POST /v1/admin/cluster/transfer`
#[derive(Clone, Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TransferRequest {
    /// The most up-to-date other node if absent.
    #[serde(default)]
    pub to: Option<u64>,
}

/// `GET /ready` and `GET /health`
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[allow(missing_docs)]
pub struct Health {
    /// Whether this node should get requests.
    pub ready: bool,
    pub node_id: u64,
    pub leader_id: Option<u64>,
    pub applied: u64,
    /// warming until the first index is built, then ready.
    #[schema(example = "ready")]
    pub search: String,
    /// What is missing, if not ready.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schema(example = json!(["disk"]))]
    pub missing: Vec<String>,
}

/// A customer's standing with the city's till.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[allow(missing_docs)]
pub struct Tab {
    #[schema(value_type = String)]
    pub account_id: AccountId,
    /// Owed for cash orders that ended with a charge and without the cash: bars cash until paid.
    pub debt: Money,
    /// Orders that something was charged for.
    pub charged_orders: u32,
}

/// `POST /v1/admin/accounts/{id}/clear-debt`
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ClearDebtRequest {
    /// The debt that you saw, in minor units: another one now is refused with `version_changed`.
    #[schema(example = 1320)]
    pub debt: i64,
    /// For the audit chain.
    #[serde(default)]
    #[schema(example = "paid at the counter")]
    pub reason: String,
    /// `paid` into the till, or `forgiven`.
    #[serde(default)]
    #[schema(value_type = String, example = "paid")]
    pub how: domain::account::Cleared,
}
