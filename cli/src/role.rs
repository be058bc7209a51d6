//! `fdctl role`: who may do what for the platform.

use crate::connection::{City, Global};
use crate::exit::Exit;
use crate::output::{name, or_dash, table, word};
use api::client::Call;
use api::roles::{Role, RoleEnd, RoleRequest, Roles};
use api::wire::Time;
use domain::account::OperatorRole;
use domain::ids::AccountId;
use domain::time::Timestamp;

const ROLES: &str = "/v1/admin/roles";

/// Who may do what for the platform
#[derive(Debug, clap::Subcommand)]
pub(crate) enum Command {
    /// Who has one, and who waits for a second operator to say so
    List,
    /// Give one; the highest takes two operators, who say the same within a day
    Grant {
        /// acc_..
        account: AccountId,
        /// auditor looks, support helps with orders, operator does everything
        #[arg(value_parser = word::<OperatorRole>)]
        role: OperatorRole,
        /// For the audit chain
        #[arg(long)]
        reason: String,
        /// It ends then, as in 2026-03-01T18:30:00Z; never if absent
        #[arg(long)]
        until: Option<Timestamp>,
    },
    /// Take it back
    Take {
        /// acc_..
        account: AccountId,
        /// For the audit chain
        #[arg(long)]
        reason: String,
    },
}

/// # Errors
/// The city says no, or does not answer.
pub(crate) async fn run(command: Command, global: &Global) -> anyhow::Result<Exit> {
    let city = City::open(global).await?;
    match command {
        Command::List => {
            let roles: Roles = city.get(ROLES, &[]).await?;
            global.output().value(&roles.data, || listed(&roles.data))?;
        }
        Command::Grant { account, role, reason, until } => {
            let body = RoleRequest { role, until: until.map(Time), reason };
            let path = format!("{ROLES}/{account}");
            let said: Role = city.send(Call::put(&path, &body)).await?;
            match said.holds {
                true => eprintln!("{account} is {}", name(&said.role)),
                false => eprintln!("another operator has to say the same within a day"),
            }
        }
        Command::Take { account, reason } => {
            city.delete(&format!("{ROLES}/{account}"), Some(&RoleEnd { reason })).await?;
            eprintln!("{account} has no role any more");
        }
    }
    Ok(Exit::Yes)
}

fn listed(roles: &[Role]) -> String {
    let rows = roles.iter().map(|role| {
        [
            role.account_id.to_string(),
            name(&role.role),
            if role.holds { "holds" } else { "waits" }.to_owned(),
            or_dash(role.until.map(|until| until.0)),
            role.by.to_string(),
            role.reason.clone(),
        ]
    });
    table(["ACCOUNT", "ROLE", "IT", "UNTIL", "BY", "REASON"], rows)
}
