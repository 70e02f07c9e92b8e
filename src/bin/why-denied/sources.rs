//! `why-denied sources`

use why_denied::sources::aws::sql::ddl::{Definition, DefinitionError, create_table};

use crate::failure::{Exit, Hinted};
use crate::output::print;
use crate::source_args::{AthenaDdlArgs, SourcesArgs, SourcesCommand};

pub fn run(args: &SourcesArgs) -> anyhow::Result<Exit> {
    match &args.command {
        SourcesCommand::AthenaDdl(args) => athena_ddl(args),
    }
}

fn athena_ddl(args: &AthenaDdlArgs) -> anyhow::Result<Exit> {
    let definition = Definition {
        table: args.table.clone(),
        location: args.location.clone(),
        accounts: args.accounts.clone(),
        regions: args.regions.clone(),
        from: args.from,
    };
    print(&create_table(&definition).map_err(|error: DefinitionError| Hinted {
        message: error.to_string(),
        hint: "see the Storage location of the trail in the console of CloudTrail".to_owned(),
        usage: true,
    })?)?;
    Ok(Exit::Success)
}
