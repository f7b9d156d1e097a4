//! Local servers on the command line: how they are asked, and that they are asked before the start only where
//! one of them is named outright, or a name means nothing else that can be used.

use std::sync::Arc;
use std::time::Duration;

use tokio_util::sync::CancellationToken;

use super::world::{self, World};
use super::{Args, CliError, is_interactive, print};
use crate::ai::Model;
use crate::ai::http::HttpClient;
use crate::ai::local::{Kind, Survey, Trouble};
use crate::config::resolve::{self, Servers, Unlisted};
use crate::config::{LocalModels, Registry};
use crate::session::LocalSearch;
use crate::session::local::recall as remembered;

/// So long a usual port, which may be anybody's, is waited for.
const USUAL: Duration = Duration::from_millis(100);

/// So long an address that the person has given is waited for.
const NAMED: Duration = Duration::from_secs(1);

/// How local servers are asked; `None` where they are not to be.
pub(super) fn search(world: &World) -> Option<LocalSearch> {
    let is_wanted = world.settings.local_servers.enabled;
    is_wanted.then(|| LocalSearch {
        survey: Survey {
            http: HttpClient::new(world.proxies()),
            patience: world.settings.local_servers.wait.unwrap_or(USUAL),
            patience_with_named: world.settings.local_servers.wait.unwrap_or(NAMED),
        },
        memory: world.paths.local_models(),
        may_leave: !world.env.offline(),
    })
}

/// Lets a registry know what is known without asking, once it is needed. Those that the person steps
/// through are offered as they were.
pub(super) fn recall(world: &World, registry: &mut Registry) {
    if !world.settings.local_servers.enabled {
        return;
    }
    let patterns = world.settings.enabled_models.iter().flatten();
    let kinds: Vec<Kind> = patterns.filter_map(|it| Kind::of_pattern(it)).collect();
    // Those without a provider may mean a model of a server too.
    let is_bare = |pattern: &&String| Kind::of_pattern(pattern).is_none();
    let patterns = world.settings.enabled_models.iter().flatten();
    let bare: Vec<String> = patterns.filter(is_bare).cloned().collect();
    let memory = world.paths.local_models();
    registry.recall_local(move |registry| {
        let mut local = remembered(&memory, registry);
        offer(&mut local, &kinds);
        for pattern in &bare {
            let known = resolve::named(resolve::split_level(pattern).0, &local.known).cloned();
            let is_news = |model: &Arc<Model>| !local.present.contains(model);
            if let Some(model) = known.filter(is_news) {
                local.present.push(model);
            }
        }
        local
    });
}

/// Asks all of them, for a list.
pub(super) async fn look(world: &mut World) {
    let (registry, _) = world.registry();
    if let Some(search) = search(world) {
        let stop = CancellationToken::new();
        let local = search.look(&registry, &Kind::ALL, &stop).await;
        world.local = Some(local);
    }
}

/// Prints the list of models, of one provider if one is named.
pub(super) fn list(
    args: &Args,
    search: Option<&str>,
    world: &World,
    registry: &Registry,
) -> Result<u8, CliError> {
    let provider = args.provider.as_deref();
    let table = resolve::list_models(registry, provider, search);
    let table = table.map_err(|Unlisted(why)| {
        CliError::usage(why).hint("--list-models alone shows those that can be used")
    })?;
    Named::of(args).refuse_left_alone(world, registry)?;
    complain(world, registry);
    print(&table)
}

/// Says what makes a list of models shorter than it could be: variables of servers, servers without models,
/// catalogues that were fetched.
fn complain(world: &World, registry: &Registry) {
    world::report(registry.catalogue_problem().as_slice());
    if world.settings.local_servers.enabled {
        world::warn(&registry.local_complaints(&Kind::ALL));
        let troubles = registry.local().troubles.iter();
        let news = troubles.filter(|(server, why)| why.is_news(server));
        let told: Vec<String> = news.map(|(server, why)| why.tell(server)).collect();
        world::warn(&told);
    }
}

/// Asks those that the command line names, so that their models can be chosen from; all of them where it, or
/// the saved default, has a name without a provider that means nothing else.
pub(super) async fn look_for_named(args: &Args, world: &mut World) -> Result<(), CliError> {
    let named = Named::of(args);
    if named.all.is_empty() && !may_mean_local(args, world) {
        return Ok(());
    }
    let (mut registry, problems) = world.registry();
    let kinds = named.all_of(&registry);
    let is_unmet = is_unmet(args, world, &registry);
    let search = search(world).filter(|_| is_unmet || !kinds.is_empty());
    let Some(mut search) = search else {
        named.refuse_left_alone(world, &registry)?;
        world.read = Some((registry, problems));
        return Ok(());
    };
    let saved = world.settings.default_provider.as_deref();
    let of_default = saved.filter(|_| is_by_default(args)).and_then(Kind::of);
    world.asked_all = is_unmet && of_default.is_none();
    let asked = match (is_unmet, of_default) {
        (true, Some(kind)) => vec![kind],
        (true, None) => Kind::ALL.to_vec(),
        (false, _) => kinds.clone(),
    };
    if is_by_default(args) && is_interactive(args) {
        // The first screen waits.
        search.survey.patience_with_named = search.survey.patience;
    }
    let complaints = match (kinds.is_empty(), of_default) {
        // Said with the default.
        (true, Some(_)) => Vec::new(),
        (true, None) => registry.local_complaints(&asked),
        (false, _) => registry.local_complaints(&kinds),
    };
    let stop = CancellationToken::new();
    let local = search.look(&registry, &asked, &stop).await;
    registry.set_local(local);
    for kind in &kinds {
        let is_of = |model: &Arc<Model>| model.provider == kind.id();
        let local = registry.local();
        let is_known = local.present.iter().chain(&local.known).any(is_of);
        if !is_known {
            presume(args, *kind, &mut registry)?;
        }
    }
    world.warnings.extend(complaints);
    let mut local = registry.local().clone();
    offer(&mut local, &kinds);
    registry.set_local(local.clone());
    world.local = Some(local);
    world.read = Some((registry, problems));
    Ok(())
}

/// Of a server that was named and has said nothing of models: its name is believed where it is there and
/// busy; else what is wrong.
fn presume(args: &Args, kind: Kind, registry: &mut Registry) -> Result<(), CliError> {
    let hint = "--list-models shows what can be used now";
    let troubles = &registry.local().troubles;
    let mut of_it = troubles.iter().filter(|(server, _)| server.kind == kind);
    let may_pass = of_it.any(|(_, trouble)| trouble.may_pass());
    let mut of_it = troubles.iter().filter(|(server, _)| server.kind == kind);
    let is_late = of_it.any(|(_, trouble)| matches!(trouble, Trouble::Late(_)));
    let servers = registry.local_servers(kind);
    let was_asked = troubles.iter().any(|(server, _)| server.kind == kind);
    if let Some(id) = exact(args, kind).filter(|_| may_pass || !was_asked && !servers.is_empty()) {
        registry.presume_local(kind.id(), &id);
        return Ok(());
    }
    let why = match (registry.local_trouble(kind), servers.first()) {
        (Some(why), _) => why,
        (None, Some(server)) => format!(
            "{} at {} is on another machine, which is not asked offline",
            kind.name(),
            server.url
        ),
        (None, None) => format!("{} is not looked for", kind.name()),
    };
    let hint = match is_late {
        true => "name the model with --model, or give it longer with localServers.waitMs",
        false => hint,
    };
    Err(CliError::usage(format!("{why}.")).hint(hint))
}

/// Asks those that may have what is meant, for a question about a provider or a model alone.
pub(super) async fn look_for_meant(
    provider: Option<&str>,
    model: Option<&str>,
    world: &World,
    registry: &mut Registry,
) {
    let args = Args {
        provider: provider.map(str::to_owned),
        model: model.map(str::to_owned),
        ..Args::default()
    };
    let kinds = Named::of(&args).all_of(registry);
    let kinds = match is_unmet(&args, world, registry) {
        true => Kind::ALL.to_vec(),
        false => kinds,
    };
    let search = search(world).filter(|_| !kinds.is_empty());
    if let Some(search) = search {
        let stop = CancellationToken::new();
        let local = search.look(registry, &kinds, &stop).await;
        registry.set_local(local);
    }
}

/// The kinds of servers that the command line names.
struct Named {
    all: Vec<Kind>,
    /// Those of them that are to answer.
    outright: Vec<Kind>,
}

impl Named {
    fn of(args: &Args) -> Self {
        let provider = args.provider.as_deref();
        let provider = provider.and_then(|name| Kind::of(&name.trim().to_lowercase()));
        let of_model = args.model.iter().filter_map(|it| Kind::of_pattern(it));
        let outright: Vec<Kind> = provider.into_iter().chain(of_model).collect();
        let patterns = args.models.iter().filter_map(|it| Kind::of_pattern(it));
        let all = outright.iter().copied().chain(patterns).collect();
        Named { all, outright }
    }

    /// Those whose names are not taken.
    fn all_of(&self, registry: &Registry) -> Vec<Kind> {
        let is_free = |kind: &&Kind| registry.local_kind(kind.id()).is_some();
        self.all.iter().filter(is_free).copied().collect()
    }

    /// Says of a server that was named that nobody may look for it.
    fn refuse_left_alone(&self, world: &World, registry: &Registry) -> Result<(), CliError> {
        let is_free = |kind: &&Kind| registry.local_kind(kind.id()).is_some();
        let named = self.outright.iter().find(is_free);
        match named.filter(|_| !world.settings.local_servers.enabled) {
            Some(kind) => Err(left_alone(*kind)),
            None => Ok(()),
        }
    }
}

fn left_alone(kind: Kind) -> CliError {
    let name = kind.name();
    CliError::usage(format!(
        "localServers.enabled is false, so {name} is not looked for"
    ))
    .hint("set it to true in settings.json, or with /settings")
}

/// Whether something is named without its provider.
fn may_mean_local(args: &Args, world: &World) -> bool {
    let settings = &world.settings;
    match args.provider.is_some() || args.api_key.is_some() {
        true => false,
        false if !is_by_default(args) => true,
        false => resolve::is_default_open(settings),
    }
}

/// Whether the command line leaves it to what was saved who answers.
fn is_by_default(args: &Args) -> bool {
    args.provider.is_none() && args.model.is_none() && args.models.is_empty()
}

/// Whether a name means nothing that can be used as far as it is known without asking.
fn is_unmet(args: &Args, world: &World, registry: &Registry) -> bool {
    if !may_mean_local(args, world) {
        return false;
    }
    let is_mute = |pattern: &&String| {
        resolve::names_nothing(pattern) || matches!(pattern.as_str(), "demo" | "demo/demo")
    };
    if let Some(pattern) = args.model.as_ref() {
        // A whole name is looked up without a look at others.
        let is_whole = || {
            let whole = pattern.split_once('/');
            whole.is_some_and(|(provider, id)| resolve::usable(registry, provider, id).is_ok())
        };
        let is_met = || resolve::resolve_usable(registry, pattern, Servers::Unasked).is_ok();
        return !is_mute(&pattern) && !is_whole() && !is_met();
    }
    if !args.models.is_empty() {
        let mut named = args.models.iter().filter(|pattern| !is_mute(pattern));
        return named.any(|pattern| !resolve::is_met(registry, pattern));
    }
    resolve::is_default_unmet(registry, &world.settings)
}

/// What is known of local servers, for words about a model that cannot be used.
pub(super) fn known(world: &World) -> Servers {
    match (world.settings.local_servers.enabled, world.asked_all) {
        (false, _) => Servers::LeftAlone,
        (true, true) => Servers::Asked,
        (true, false) => Servers::Unasked,
    }
}

/// The id that `--model` gives for a server that was named, without a thinking level.
fn exact(args: &Args, kind: Kind) -> Option<String> {
    let pattern = args.model.as_deref()?;
    let id = match Kind::of_pattern(pattern) {
        Some(named) if named == kind => pattern.split_once('/')?.1,
        _ => pattern,
    };
    Some(resolve::split_level(id).0.to_owned())
}

/// Offers what is known of servers that have not answered.
fn offer(local: &mut LocalModels, kinds: &[Kind]) {
    for kind in kinds {
        if local
            .present
            .iter()
            .all(|model| model.provider != kind.id())
        {
            let known = local
                .known
                .iter()
                .filter(|model| model.provider == kind.id());
            local.present.extend(known.cloned());
        }
    }
}
