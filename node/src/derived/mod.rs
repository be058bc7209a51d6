//! What each replica derives from the feed: restaurants on the map, the search index.
//!
//! One task follows the feed. Whoever starts or fell behind rebuilds from hard state; nothing of
//! this is on a disk, and nothing of it can be wrong for longer than a rebuild.

pub(crate) mod kitchens;
pub(crate) mod menu_indexer;

use crate::metrics::Metrics;
use crate::vault::{People, Vault};
use domain::Event;
use domain::account::Account;
use domain::ids::{AccountId, RestaurantId};
use geo_index::Couriers;
use kitchens::Kitchens;
use menu_indexer::MenuIndexer;
use raft::City;
use std::sync::Arc;
use std::time::Duration;
use storage::{Cursor, FEED_PAGE, Reader};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

/// Changes of menus are gathered this long before they become searchable.
const INDEX_EVERY: Duration = Duration::from_millis(100);

/// Follows the feed for this node.
pub(crate) struct Follower {
    /// Where to read.
    pub reader: Reader,
    /// When to read.
    pub city: City,
    /// Restaurants by place.
    pub kitchens: Arc<Kitchens>,
    /// Restaurants and dishes by words.
    pub indexer: MenuIndexer,
    /// Positions, to forget those who left.
    pub couriers: Arc<Couriers>,
    /// Keys of people: a new one must be here too, one of somebody erased must not.
    pub vault: Vault,
    /// How far derived state has come; 0 until the first build is done.
    pub reached: watch::Sender<u64>,
    /// What is counted.
    pub metrics: Metrics,
}

impl Follower {
    /// Until `stop`, or until the store cannot be read.
    pub(crate) async fn run(mut self, stop: CancellationToken) {
        let mut applied = self.city.applied_watch();
        let mut cursor = match self.rebuild() {
            Ok(cursor) => cursor,
            Err(error) => return tracing::error!(%error, "derived state cannot be built"),
        };
        let mut index_ticks = tokio::time::interval(INDEX_EVERY);
        loop {
            tokio::select! {
                () = stop.cancelled() => return,
                changed = applied.changed() => if changed.is_err() { return },
                _ = index_ticks.tick() => {
                    self.indexer.commit(cursor.index);
                    continue;
                }
            }
            match self.catch_up(cursor) {
                Ok(next) => cursor = next,
                Err(storage::Error::BehindRetention { .. }) => match self.rebuild() {
                    Ok(next) => cursor = next,
                    Err(error) => return tracing::error!(%error, "cannot rebuild"),
                },
                Err(error) => return tracing::error!(%error, "the feed cannot be read"),
            }
        }
    }

    /// Builds everything from hard state, and says from where the feed must be followed.
    fn rebuild(&mut self) -> Result<Cursor, storage::Error> {
        // Read before the view is taken: what comes after it is read again, which is harmless.
        let from = self.city.applied();
        let view = self.reader.view();
        self.kitchens.put_terms(view.terms()?);
        for restaurant in view.restaurants() {
            let restaurant = restaurant?;
            self.indexer.changed(restaurant.id);
            self.kitchens.put(restaurant);
        }
        self.indexer.commit(from);
        // Before this node says that it is ready.
        self.vault.people().settle(&view)?;
        self.reached(from);
        tracing::info!(restaurants = self.kitchens.len(), from, "derived state is built");
        Ok(Cursor::after_entry(from))
    }

    fn catch_up(&mut self, mut cursor: Cursor) -> Result<Cursor, storage::Error> {
        loop {
            let applied = self.city.applied();
            let page = self.reader.view().feed(cursor, FEED_PAGE)?;
            let full = page.events.len() == FEED_PAGE;
            cursor = page.next;
            for event in page.events {
                self.take(&event.event)?;
            }
            if !full {
                self.reached(applied.max(cursor.index));
                return Ok(cursor);
            }
        }
    }

    #[expect(clippy::wildcard_enum_match_arm, reason = "few facts concern what is derived here")]
    fn take(&mut self, event: &Event) -> Result<(), storage::Error> {
        match event {
            Event::RestaurantPut { restaurant_id }
            | Event::MenuChanged { restaurant_id, .. }
            | Event::StockChanged { restaurant_id, .. }
            | Event::RestaurantBanned { restaurant_id, .. }
            | Event::RestaurantUnbanned { restaurant_id }
            | Event::RestaurantMeasured { restaurant_id, .. }
            | Event::RestaurantApproved { restaurant_id } => {
                self.indexer.changed(*restaurant_id);
                self.refresh(*restaurant_id)
            }
            Event::AvailabilityChanged { restaurant_id, .. }
            | Event::HoursChanged { restaurant_id }
            | Event::CapacityChanged { restaurant_id }
            | Event::RatingWithdrawn { restaurant_id, .. }
            | Event::RatingRestored { restaurant_id, .. }
            | Event::OrderRated { restaurant_id, .. } => self.refresh(*restaurant_id),
            Event::TermsChanged { .. } => {
                self.kitchens.put_terms(self.reader.view().terms()?);
                Ok(())
            }
            Event::AccountSignedUp { account_id } => self.person(*account_id, People::welcome),
            Event::AccountErased { account_id } => self.person(*account_id, People::part_with),
            Event::CourierWentOffline { courier_id } => {
                self.couriers.forget(*courier_id);
                Ok(())
            }
            _ => Ok(()),
        }
    }

    fn person(
        &self,
        id: AccountId,
        now: impl FnOnce(&People, &Account),
    ) -> Result<(), storage::Error> {
        if let Some(account) = self.reader.view().account(id)? {
            now(self.vault.people(), &account);
        }
        Ok(())
    }

    fn refresh(&self, id: RestaurantId) -> Result<(), storage::Error> {
        if let Some(restaurant) = self.reader.view().restaurant(id)? {
            self.kitchens.put(restaurant);
        }
        Ok(())
    }

    fn reached(&self, index: u64) {
        self.metrics.derived_at(index);
        self.reached.send_if_modified(|reached| {
            let newer = index > *reached;
            *reached = index.max(*reached);
            newer
        });
    }
}
