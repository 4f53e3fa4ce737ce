//! What Go's own tools do not do for a component: the bindings before `go build`, and the component after it.
//!
//!     componentize bindings WIT WORLD FOLDER
//!     componentize component WIT WORLD MODULE.wasm OUT.wasm

use anyhow::{Context as _, Result, bail};
use std::fs;
use std::path::Path;
use wasi_preview1_component_adapter_provider::{
    WASI_SNAPSHOT_PREVIEW1_ADAPTER_NAME as ADAPTER_NAME, WASI_SNAPSHOT_PREVIEW1_REACTOR_ADAPTER as ADAPTER,
};
use wit_bindgen_core::Files;
use wit_bindgen_core::wit_parser::{Resolve, WorldId};
use wit_component::{ComponentEncoder, StringEncoding, embed_component_metadata};

fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments[..] {
        ["bindings", wit, world, folder] => bindings(wit, world, Path::new(folder)),
        ["component", wit, world, module, out] => component(wit, world, module, out),
        _ => bail!("see the head of main.rs"),
    }
}

fn contract(wit: &str, world: &str) -> Result<(Resolve, WorldId)> {
    let mut resolve = Resolve::default();
    let (package, _) = resolve.push_dir(wit).with_context(|| format!("cannot read {wit}"))?;
    let world = resolve.select_world(&[package], Some(world))?;
    Ok((resolve, world))
}

fn bindings(wit: &str, world: &str, folder: &Path) -> Result<()> {
    let (mut resolve, world) = contract(wit, world)?;
    let mut files = Files::default();
    wit_bindgen_go::Opts::default().build().generate(&mut resolve, world, &mut files)?;
    for (name, bytes) in files.iter() {
        let path = folder.join(name);
        fs::create_dir_all(path.parent().unwrap_or(folder))?;
        fs::write(&path, bytes).with_context(|| format!("cannot write {}", path.display()))?;
    }
    Ok(())
}

/// Go knows WASI preview 1 only; the adapter makes WASI 0.2 of it.
fn component(wit: &str, world: &str, module: &str, out: &str) -> Result<()> {
    let (resolve, world) = contract(wit, world)?;
    let mut module = fs::read(module).with_context(|| format!("cannot read {module}"))?;
    embed_component_metadata(&mut module, &resolve, world, StringEncoding::UTF8)?;
    let component = ComponentEncoder::default().validate(true).module(&module)?.adapter(ADAPTER_NAME, ADAPTER)?.encode()?;
    fs::write(out, component).with_context(|| format!("cannot write {out}"))
}
