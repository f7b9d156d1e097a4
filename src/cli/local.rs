//! Local servers on the command line: how they are asked, and that they are asked before the start only where
//! one of them is named outright, or a name means nothing else that can be used.

use std::sync::Arc;

use tokio_util::sync::CancellationToken;

use super::world::{self, World};
use super::{Args, CliError};
use crate::ai::Model;
use crate::ai::http::HttpClient;
use crate::ai::local::{Kind, Survey};
use crate::config::resolve::{self, Servers};
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

/// Asks those that the command line names, so that their models can be chosen from; all of them where it, or
/// the saved default, has a name without a provider that means nothing else.
pub(super) async fn look_for_named(args: &Args, world: &mut World) -> Result<(), CliError> {
    let provider = args
        .provider
        .as_deref()
        .and_then(|name| Kind::of(&name.to_lowercase()));
    let patterns = args.model.iter().chain(&args.models);
    let mut kinds: Vec<Kind> = provider.into_iter().collect();
    kinds.extend(patterns.filter_map(|pattern| Kind::of_pattern(pattern)));
    if kinds.is_empty() && !may_mean_local(args, world) {
        return Ok(());
    }
    let (mut registry, problems) = world.registry();
    kinds.retain(|kind| registry.local_kind(kind.id()).is_some());
    let is_unmet = is_unmet(args, world, &registry);
    let search = search(world).filter(|_| is_unmet || !kinds.is_empty());
    let Some(search) = search else {
        world.read = Some((registry, problems));
        return Ok(());
    };
    world.asked_all = is_unmet;
    let asked = match is_unmet {
        true => &Kind::ALL as &[Kind],
        false => &kinds,
    };
    let meant = if kinds.is_empty() { asked } else { &kinds };
    world.warnings.extend(registry.local_complaints(meant));
    let stop = CancellationToken::new();
    let looked = search.look(&registry, asked, &stop).await;
    registry.set_local(looked.local);
    for kind in &kinds {
        let servers = registry.local_servers(*kind);
        let is_of = |model: &Arc<Model>| model.provider == kind.id();
        let local = registry.local();
        let is_known = local.present.iter().chain(&local.known).any(is_of);
        let Some(server) = servers.first().filter(|_| !is_known) else {
            continue;
        };
        // Others may have been asked, too.
        let nobody_there = looked.nobody.iter().filter(|it| it.kind == *kind);
        if nobody_there.count() >= servers.len() {
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
    registry.set_local(local.clone());
    world.local = Some(local);
    world.read = Some((registry, problems));
    Ok(())
}

/// Whether something is named without its provider.
fn may_mean_local(args: &Args, world: &World) -> bool {
    let settings = &world.settings;
    let is_named = args.model.is_some() || !args.models.is_empty();
    match args.provider.is_some() || args.api_key.is_some() {
        true => false,
        false if is_named => true,
        false => settings.default_provider.is_none() && settings.default_model.is_some(),
    }
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
