//! `fdctl restaurant stock`: what there is to sell, and saying that something is gone or back.

use crate::connection::{City, Global};
use crate::exit::Exit;
use crate::output::{name, or_dash, table, word};
use api::client::Call;
use api::menus::Words;
use api::stock::{StockChange, StockLine, StockList, StockPatch, StockResults};
use domain::ids::{DishId, OptionId, RestaurantId};
use domain::stock::Supply;
use domain::time::Timestamp;

/// The word for the city's next morning.
const NEXT_RESET: &str = "next_reset";

/// The arguments of `restaurant stock`.
#[derive(Debug, clap::Args)]
pub(crate) struct Stock {
    /// res_..
    id: RestaurantId,
    /// WHAT=STATE, as in ramen=12 or dsh_..=out_of_stock; what is not named stays as it is.
    /// WHAT is a dish's ref or id or an option's id, STATE is in_stock, out_of_stock, hidden or a
    /// number of portions; can be given several times
    #[arg(long = "set", value_name = "WHAT=STATE", value_parser = read_change)]
    changes: Vec<StockChange>,
    /// When it is in stock again, as in 2026-03-01T18:30:00Z or next_reset
    #[arg(long, requires = "changes", value_parser = read_until)]
    until: Option<String>,
}

fn read_change(text: &str) -> Result<StockChange, String> {
    // A ref may hold the sign, a state does not.
    let Some((what, state)) = text.rsplit_once('=').filter(|(what, _)| !what.is_empty()) else {
        return Err("it looks like ramen=out_of_stock".to_owned());
    };
    let (state, quantity) = match state.parse::<u32>() {
        Ok(portions) => (Supply::Quantity, Some(portions)),
        Err(_) => (word::<Supply>(state)?, None),
    };
    if state == Supply::Quantity && quantity.is_none() {
        return Err("how many are there? It looks like ramen=12".to_owned());
    }
    let (is_dish, is_option) = (what.parse::<DishId>().is_ok(), what.parse::<OptionId>().is_ok());
    let what = || Some(what.to_owned());
    Ok(StockChange {
        dish_id: if is_dish { what() } else { None },
        option_id: if is_option { what() } else { None },
        own_ref: if is_dish || is_option { None } else { what() },
        state,
        quantity,
        until: None,
    })
}

fn read_until(text: &str) -> Result<String, String> {
    if text != NEXT_RESET {
        text.parse::<Timestamp>().map_err(|error| error.to_string())?;
    }
    Ok(text.to_owned())
}

impl Stock {
    /// Answers no if one of the lines was refused; the others hold.
    ///
    /// # Errors
    /// The city says no, or does not answer.
    pub(super) async fn run(self, global: &Global) -> anyhow::Result<Exit> {
        let city = City::open(global).await?;
        let path = format!("/v1/restaurant/{}/stock", self.id);
        if self.changes.is_empty() {
            let stock: StockList = city.get(&path, &[]).await?;
            global.output().value(&stock, || listed(&stock))?;
            return Ok(Exit::Yes);
        }
        let until = self.until;
        let change = |change| StockChange { until: until.clone(), ..change };
        let body = StockPatch { lines: self.changes.into_iter().map(change).collect() };
        // Drawn, not derived: the same words tomorrow are about other portions.
        let done: StockResults = city.send(Call::patch(&path, &body).drawn_key()).await?;
        global.output().value(&done, || results(&body, &done))?;
        let all_good = done.results.iter().all(|result| result.status == 200);
        Ok(if all_good { Exit::Yes } else { Exit::No })
    }
}

fn listed(stock: &StockList) -> String {
    let rows = stock.lines.iter().map(|line| {
        let StockLine { dish_id, option_id, own_ref, title, stock, reserved, sold } = line;
        let id = dish_id.map(|id| id.to_string()).or(option_id.map(|id| id.to_string()));
        [
            or_dash(id),
            or_dash(own_ref.as_ref()),
            any_language(title),
            name(&stock.state),
            or_dash(stock.left),
            or_dash(stock.until.map(|until| until.0)),
            reserved.to_string(),
            sold.to_string(),
        ]
    });
    table(["dish or option", "ref", "title", "state", "left", "until", "reserved", "sold"], rows)
}

fn any_language(words: &Words) -> String {
    or_dash(words.get("en").or_else(|| words.values().next()))
}

fn results(asked: &StockPatch, done: &StockResults) -> String {
    let rows = asked.lines.iter().zip(&done.results).map(|(line, result)| {
        let what = [&line.dish_id, &line.option_id, &line.own_ref];
        let code = result.code.clone().unwrap_or_else(|| "done".to_owned());
        [
            or_dash(what.into_iter().flatten().next()),
            or_dash(line.quantity.map(|many| many.to_string()).or(Some(name(&line.state)))),
            code,
            result.detail.clone().unwrap_or_default(),
        ]
    });
    table(["what", "to", "is", ""], rows)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn changes_are_read() {
        let change = read_change("ramen=12").unwrap();
        assert_eq!((change.own_ref.as_deref(), change.quantity), (Some("ramen"), Some(12)));
        let dish = DishId([1; 16]).to_string();
        let change = read_change(&format!("{dish}=out_of_stock")).unwrap();
        assert_eq!((change.dish_id, change.own_ref), (Some(dish), None));
        let option = OptionId([1; 16]).to_string();
        let change = read_change(&format!("{option}=hidden")).unwrap();
        assert_eq!((change.option_id, change.state), (Some(option), Supply::Hidden));
        for wrong in ["ramen", "=12", "ramen=", "ramen=-1", "ramen=quantity", "ramen=gone"] {
            assert!(read_change(wrong).is_err(), "{wrong}");
        }
        assert!(read_until(NEXT_RESET).is_ok() && read_until("2026-03-01T18:30:00Z").is_ok());
        assert!(read_until("tomorrow").is_err());
    }
}
