//! A sample of what somebody keeps.

use super::{digest, id};
use domain::account::{Belongings, Favourite, SavedAddress, SavedPaymentMethod};
use domain::ids::*;
use domain::sealed::Sealed;

pub(crate) fn belongings() -> Belongings {
    Belongings {
        account_id: AccountId(id(b'a')),
        addresses: vec![SavedAddress {
            id: AddressId(id(b'h')),
            contents: Sealed(b"address".to_vec()),
            request: digest(b'q'),
            said: digest(b's'),
            revision: 45,
        }],
        favourites: vec![
            Favourite::Restaurant(RestaurantId(id(b'r'))),
            Favourite::Dish(RestaurantId(id(b'r')), DishId(id(b'd'))),
        ],
        payment_methods: vec![SavedPaymentMethod {
            id: PaymentMethodId(id(b'p')),
            contents: Sealed(b"card".to_vec()),
            request: digest(b't'),
            revision: 46,
        }],
        default_payment_method: Some(PaymentMethodId(id(b'p'))),
        revision: 47,
    }
}
