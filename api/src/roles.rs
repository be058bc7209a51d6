//! Who may do what for the platform.

use crate::wire::Time;
use domain::account::OperatorRole;
use domain::ids::AccountId;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// `PUT /v1/admin/roles/{account_id}`
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RoleRequest {
    /// Auditors look, support helps with orders, operators do everything.
    #[schema(value_type = RoleName)]
    pub role: OperatorRole,
    /// When it ends by itself; never if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Time>,
    /// For the audit chain.
    #[schema(example = "on call at weekends")]
    pub reason: String,
}

/// A role at the platform.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs)]
pub enum RoleName {
    Auditor,
    Support,
    Operator,
}

/// `DELETE /v1/admin/roles/{account_id}`
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RoleEnd {
    /// For the audit chain.
    #[schema(example = "has left")]
    pub reason: String,
}

/// Somebody's role, or the wish that they have it.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Role {
    /// Who.
    #[schema(value_type = String, example = "acc_0004hnq5w1k60vy4q8d3j2m7zc")]
    pub account_id: AccountId,
    /// Which.
    #[schema(value_type = RoleName)]
    pub role: OperatorRole,
    /// When it ends by itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Time>,
    /// False while a second operator has not wished the same.
    #[schema(example = true)]
    pub holds: bool,
    /// Who gave or wishes it.
    #[schema(value_type = String, example = "acc_0004hnq5w1k60vy4q8d3j2m7zc")]
    pub by: AccountId,
    /// When.
    pub at: Time,
    /// Why.
    #[schema(example = "on call at weekends")]
    pub reason: String,
}

/// `GET /v1/admin/roles`
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Roles {
    /// Roles that hold, and then what waits for a second operator.
    pub data: Vec<Role>,
}
