//! The newest orders of somebody, from the index alone.

use crate::engine::Rows;
use crate::error::Error;
use crate::query::corrupt_row;
use crate::record::{order, tail};
use crate::row::Row;
use domain::OrdersOf;
use domain::ids::OrderId;
use domain::order::OrderState;
use domain::time::Timestamp;
use std::cmp::Reverse;

/// At most so many orders of somebody, the newest first, from rows that the caller can read.
pub(crate) fn newest<'a>(
    of: OrdersOf,
    most: usize,
    rows: impl Fn(Row, Option<Vec<u8>>) -> Rows<'a>,
) -> Result<Vec<(Reverse<Timestamp>, OrderId)>, Error> {
    let lists: Vec<Row> = match of {
        OrdersOf::Customer(id) => vec![order::of_customer(id)],
        OrdersOf::Restaurant(id) => {
            OrderState::ALL.iter().map(|state| order::of_restaurant(id, *state)).collect()
        }
    };
    let mut found = Vec::new();
    for list in lists {
        for row in rows(list, list.behind()).take(most) {
            let (key, _) = row?;
            let (at, id) = tail(&key).ok_or_else(|| corrupt_row(&key))?;
            found.push((Reverse(at), OrderId(id)));
        }
    }
    found.sort_unstable();
    found.truncate(most);
    Ok(found)
}
