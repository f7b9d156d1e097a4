//! `pi completions SHELL` and `pi man`: the command line told to shells and to `man`, from its one definition.

use clap::{Command, CommandFactory};
use clap_complete::Shell;
use clap_mangen::Man;

use super::{Args, AuthArgs, CliError, ListArgs, SearchArgs, UpdateArgs, commands, print};

/// The shells that completions are written for.
const SHELLS: [(&str, Shell); 3] = [
    ("bash", Shell::Bash),
    ("zsh", Shell::Zsh),
    ("fish", Shell::Fish),
];

/// Writes a shell's completions to standard output.
pub(super) fn complete(shell: &str) -> Result<u8, CliError> {
    let Some((_, shell)) = SHELLS.iter().find(|(name, _)| *name == shell) else {
        let names = SHELLS.map(|(name, _)| name).join(", ");
        return Err(
            CliError::usage(format!("there are completions for {names}"))
                .hint("pi completions bash > ~/.local/share/bash-completion/completions/pi"),
        );
    };
    let mut script = Vec::new();
    clap_complete::generate(*shell, &mut whole(), "pi", &mut script);
    print(&String::from_utf8_lossy(&script))
}

/// Writes the manual page to standard output.
pub(super) fn manual() -> Result<u8, CliError> {
    let mut page = Vec::new();
    Man::new(Args::command()).render(&mut page)?;
    print(&String::from_utf8_lossy(&page))
}

/// The command line with the words that are commands.
fn whole() -> Command {
    let named = |command: Command, name: &'static str| command.name(name).bin_name(name);
    let session = Command::new("session")
        .about("Commands over session files")
        .subcommand(named(ListArgs::command(), "list"))
        .subcommand(named(commands::check_command(), "check"));
    let shells = clap::Arg::new("SHELL")
        .value_parser(SHELLS.map(|(name, _)| name))
        .required(true);
    Args::command()
        .subcommand(named(AuthArgs::command(), "auth"))
        .subcommand(named(SearchArgs::command(), "search"))
        .subcommand(session)
        .subcommand(named(UpdateArgs::command(), "update"))
        .subcommand(
            Command::new("completions")
                .about("Write completions for a shell")
                .arg(shells),
        )
        .subcommand(Command::new("man").about("Write the manual page"))
        .disable_help_subcommand(true)
}
