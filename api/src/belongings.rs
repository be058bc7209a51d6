//! What somebody keeps for their next order: addresses, favourites, ways to pay.

use crate::orders::PaymentMethod;
use crate::wire::Point;
use domain::ids::{AddressId, DishId, PaymentMethodId, RestaurantId};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// `POST /v1/me/addresses` and `PUT /v1/me/addresses/{id}`
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AddressRequest {
    /// What you call it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "Home")]
    pub label: Option<String>,
    /// Where the door is.
    pub point: Point,
    /// Street, number, floor.
    #[schema(example = "Calle Mayor 1, 2B")]
    pub lines: String,
    /// For the courier.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "Ring twice")]
    pub door_note: Option<String>,
}

/// A door that orders can name by its id.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct SavedAddress {
    /// For `address_id` of `POST /order` and `POST /v1/quotes`.
    #[schema(value_type = String)]
    pub address_id: AddressId,
    /// As in [`AddressRequest`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "Home")]
    pub label: Option<String>,
    /// As in [`AddressRequest`].
    pub point: Point,
    /// As in [`AddressRequest`].
    #[schema(example = "Calle Mayor 1, 2B")]
    pub lines: String,
    /// As in [`AddressRequest`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "Ring twice")]
    pub door_note: Option<String>,
}

/// `GET /v1/me/addresses`
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct SavedAddresses {
    /// At most 20, in the order in which they were added.
    pub addresses: Vec<SavedAddress>,
}

/// `GET /v1/me/favourites`: at most 200 of both together, in the order in which they became ones.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Favourites {
    /// Restaurants.
    #[schema(value_type = Vec<String>)]
    pub restaurant_ids: Vec<RestaurantId>,
    /// Dishes, each with its restaurant.
    pub dishes: Vec<FavouriteDish>,
}

/// A dish that somebody likes. It may have left the menu since.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct FavouriteDish {
    /// Who cooks it.
    #[schema(value_type = String)]
    pub restaurant_id: RestaurantId,
    /// Which.
    #[schema(value_type = String)]
    pub dish_id: DishId,
}

/// `POST /v1/me/payment-methods`
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PaymentMethodRequest {
    /// card or wallet.
    pub method: PaymentMethod,
    /// The gateway's token for it. It is shown to nobody again.
    #[schema(example = "tok_visa")]
    pub token: String,
    /// Who issued it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "visa")]
    pub brand: Option<String>,
    /// The last four digits of a card, to tell it by.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "4242", min_length = 4, max_length = 4)]
    pub last_four: Option<String>,
    /// Whether an order that names none is paid with it. The first one always is the default.
    #[serde(default)]
    pub default: bool,
}

/// A card or wallet that orders can be paid with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SavedPaymentMethod {
    /// Its name.
    #[schema(value_type = String)]
    pub payment_method_id: PaymentMethodId,
    /// card or wallet.
    pub method: PaymentMethod,
    /// Who issued it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "visa")]
    pub brand: Option<String>,
    /// The last four digits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "4242")]
    pub last_four: Option<String>,
    /// Whether an order that names none is paid with it.
    pub default: bool,
}

/// `GET /v1/me/payment-methods`
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SavedPaymentMethods {
    /// At most 10, in the order in which they were added; one of them is the default.
    pub payment_methods: Vec<SavedPaymentMethod>,
}
