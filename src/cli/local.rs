//! Local servers on the command line: how they are asked, and that they are asked before the start only where
//! one of them is named outright.

use tokio_util::sync::CancellationToken;

use super::world::{self, World};
use super::{Args, CliError};
use crate::ai::http::HttpClient;
use crate::ai::local::{Kind, Survey};
use crate::config::{LocalModels, Registry};
use crate::session::LocalSearch;
use crate::session::local::{nobody, recall as remembered};

/// How local servers are asked; `None` where they are not to be.
pub(super) fn search(world: &World) -> Option<LocalSearch> {
    let is_wanted = world.settings.local_servers.enabled;
    is_wanted.then(|| LocalSearch {
        survey: Survey {
            http: HttpClient::new(world.proxies()),
            patience: world.settings.local_servers.wait,
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
    let memory = world.paths.local_models();
    registry.recall_local(move |registry| {
        let mut local = remembered(&memory, registry);
        offer(&mut local, &kinds);
        local
    });
}

/// Asks all of them, for a list.
pub(super) async fn look(world: &mut World) {
    let (registry, _) = world.registry();
    if let Some(search) = search(world) {
        let stop = CancellationToken::new();
        let looked = search.look(&registry, &Kind::ALL, &stop).await;
        world.local = Some(looked.local);
    }
}

/// Says what makes a list of models shorter than it could be: variables of servers, catalogues that were
/// fetched.
pub(super) fn complain(world: &World, registry: &Registry) {
    world::report(registry.catalogue_problem().as_slice());
    if world.settings.local_servers.enabled {
        world::warn(&registry.local_complaints(&Kind::ALL));
    }
}

/// Asks those that the command line names, so that their models can be chosen from.
pub(super) async fn look_for_named(args: &Args, world: &mut World) -> Result<(), CliError> {
    let provider = args
        .provider
        .as_deref()
        .and_then(|name| Kind::of(&name.to_lowercase()));
    let patterns = args.model.iter().chain(&args.models);
    let mut kinds: Vec<Kind> = provider.into_iter().collect();
    kinds.extend(patterns.filter_map(|pattern| Kind::of_pattern(pattern)));
    if kinds.is_empty() {
        return Ok(());
    }
    let (mut registry, _) = world.registry();
    kinds.retain(|kind| registry.local_kind(kind.id()).is_some());
    let Some(search) = search(world).filter(|_| !kinds.is_empty()) else {
        return Ok(());
    };
    world.warnings.extend(registry.local_complaints(&kinds));
    let stop = CancellationToken::new();
    let looked = search.look(&registry, &kinds, &stop).await;
    registry.set_local(looked.local);
    for kind in &kinds {
        let servers = registry.local_servers(*kind);
        let is_of = |model: &std::sync::Arc<crate::ai::Model>| model.provider == kind.id();
        let local = registry.local();
        let is_known = local.present.iter().chain(&local.known).any(is_of);
        let Some(server) = servers.first().filter(|_| !is_known) else {
            continue;
        };
        if looked.nobody.len() >= servers.len() {
            let why = nobody(server);
            let hint = "--list-models shows what can be used now";
            return Err(CliError::usage(format!("{why}.")).hint(hint));
        }
        // It is there and busy: the name is believed.
        match exact(args, *kind) {
            Some(id) => registry.presume_local(kind.id(), &id),
            None => {
                let wait = search.survey.patience.as_millis();
                let why = format!("{} has not said within {wait} ms what it has", kind.name());
                let hint =
                    "name the model with --model, or give it longer with localServers.waitMs";
                return Err(CliError::usage(why).hint(hint));
            }
        }
    }
    let mut local = registry.local().clone();
    offer(&mut local, &kinds);
    world.local = Some(local);
    Ok(())
}

/// The id that `--model` gives for a server that was named.
fn exact(args: &Args, kind: Kind) -> Option<String> {
    let pattern = args.model.as_deref()?;
    let id = match Kind::of_pattern(pattern) {
        Some(named) if named == kind => pattern.split_once('/')?.1,
        _ => pattern,
    };
    Some(id.to_owned())
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
