//! Every restaurant in memory, by id and by place: what browsing reads.

use domain::city::CityTerms;
use domain::ids::RestaurantId;
use domain::order::Fulfilment;
use domain::position::Position;
use domain::restaurant::Restaurant;
use geo_index::Area;
use geo_index::Places;
use parking_lot::RwLock;
use std::collections::BTreeMap;
use std::sync::Arc;

/// The restaurants of the city as of the feed's last event. Readers never wait for long.
#[derive(Debug)]
pub(crate) struct Kitchens {
    by_id: RwLock<BTreeMap<RestaurantId, Arc<Restaurant>>>,
    places: Places<RestaurantId>,
    terms: RwLock<Option<Arc<CityTerms>>>,
}

/// A restaurant, and how far it is, in metres.
#[derive(Clone, Debug)]
pub(crate) struct Near {
    /// Which.
    pub restaurant: Arc<Restaurant>,
    /// As the crow flies.
    pub distance_m: u32,
}

impl Kitchens {
    /// None yet.
    pub(crate) fn new(area: Area) -> Self {
        Self { by_id: RwLock::default(), places: Places::new(area), terms: RwLock::default() }
    }

    /// Takes a restaurant as it is now.
    pub(crate) fn put(&self, restaurant: Arc<Restaurant>) {
        let (id, position) = (restaurant.id, restaurant.profile.position);
        if let Err(error) = self.places.insert(id, position) {
            // It can be looked at by id, and nobody near it finds it: it is not in this city.
            tracing::warn!(%id, %error, "a restaurant has no place on the map");
            self.places.remove(id);
        }
        self.by_id.write().insert(id, restaurant);
    }

    /// One of them.
    pub(crate) fn get(&self, id: RestaurantId) -> Option<Arc<Restaurant>> {
        self.by_id.read().get(&id).cloned()
    }

    /// Takes what operators have decided for the whole city.
    pub(crate) fn put_terms(&self, terms: Option<Arc<CityTerms>>) {
        *self.terms.write() = terms;
    }

    /// What operators have decided; nothing until they have.
    pub(crate) fn terms(&self) -> Option<Arc<CityTerms>> {
        self.terms.read().clone()
    }

    /// How many there are.
    pub(crate) fn len(&self) -> usize {
        self.by_id.read().len()
    }

    /// Those that may sell and deliver to a place, nearest first.
    pub(crate) fn delivering_to(&self, place: Position) -> Vec<Near> {
        self.near(place, Fulfilment::Delivery)
    }

    /// Those that may sell and that deliver to a place, or that people there can walk or ride to;
    /// nearest first.
    pub(crate) fn near(&self, place: Position, fulfilment: Fulfilment) -> Vec<Near> {
        let farthest = f64::from(domain::limits::DELIVERY_RADIUS_M).min(MAX_SEARCH_M);
        let found = self.places.within(place, farthest);
        let by_id = self.by_id.read();
        let near = |found: geo_index::Found<RestaurantId>| {
            let restaurant = by_id.get(&found.id)?;
            let distance_m = metres(found.distance_m);
            let profile = &restaurant.profile;
            let reaches = match fulfilment {
                Fulfilment::Delivery => {
                    distance_m <= profile.delivery_radius_m
                        && profile.delivery_area.as_ref().is_none_or(|area| area.contains(place))
                }
                Fulfilment::Pickup => true,
            };
            (restaurant.may_sell() && reaches)
                .then(|| Near { restaurant: Arc::clone(restaurant), distance_m })
        };
        found.into_iter().filter_map(near).collect()
    }
}

/// Nobody browses farther than this, in metres.
const MAX_SEARCH_M: f64 = 20_000.0;

/// A distance as whole metres, rounded up: never nearer than it is.
pub(crate) fn metres(distance_m: f64) -> u32 {
    if distance_m >= f64::from(u32::MAX) { u32::MAX } else { distance_m.max(0.0).ceil() as u32 }
}
