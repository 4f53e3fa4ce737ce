//! What cloud-init (`cloudinit/user_data.py`, `cloudinit/config/cc_write_files.py`, `cc_runcmd.py`) and Ignition (`config/v2_*`, `v3_*`)
//! make of user data: files and scripts.

use super::super::error::{CheckError, MachineError};
use crate::yaml;
use base64::{Engine as _, engine::general_purpose::STANDARD};
use data_url::DataUrl;
use flate2::read::MultiGzDecoder;
use kubephase_core::unique;
use mail_parser::{MessageParser, MimeHeaders as _};
use serde_json::Value;
use std::collections::BTreeMap;
use std::io::Read as _;
use zeroize::Zeroizing;

/// How much user data may have once all in it is unpacked, bytes. Clouds take 16 to 64 KiB of it, packed.
const MOST_BYTES: usize = 4 * 1024 * 1024;
/// How often something may be packed in something else.
const MOST_LEVELS: usize = 4;
/// How gzip begins.
const GZIP: [u8; 2] = [0x1f, 0x8b];
/// How a line for a shell begins.
const BARE: [&str; 3] = ["kubeadm ", "sudo ", "/"];
/// What a shell runs is the same for cloud-init, whenever that is.
const SCRIPTS: [&str; 2] = ["#!", "#cloud-boothook"];

/// What the input of a machine writes and runs.
#[derive(Default)]
pub(super) struct GivenToMachine {
    /// The files, by their path.
    pub(super) files: BTreeMap<String, Zeroizing<Vec<u8>>>,
    /// Texts with commands for a shell.
    pub(super) scripts: Vec<Zeroizing<String>>,
    /// How many bytes were unpacked.
    bytes: usize,
}

impl GivenToMachine {
    /// Adds user data, whatever it is packed in. What begins like nothing of cloud-init is left out, as cloud-init does.
    pub(super) fn add(&mut self, bytes: &[u8], level: usize) -> Result<(), CheckError> {
        if level > MOST_LEVELS {
            return Err(MachineError::TooDeep.into());
        }
        self.counted(bytes)?;
        if bytes.starts_with(&GZIP) {
            return self.add(&unzipped(bytes)?, level + 1);
        }
        let text = std::str::from_utf8(bytes).map_err(|_| MachineError::Packed("a binary part"))?.trim_start();
        if let Some(decoded) = base64(text) {
            return self.add(&decoded, level + 1);
        }
        let text =
            text.strip_prefix("## template: jinja").map_or(text, |rest| rest.split_once('\n').map_or("", |(_, rest)| rest));
        match text {
            _ if ["#include", "#part-handler"].iter().any(|start| text.starts_with(start)) => {
                let start = if text.starts_with("#include") { "#include" } else { "#part-handler" };
                Err(MachineError::Elsewhere(start).into())
            }
            _ if text.starts_with("#cloud-config-archive") => self.archive(text, level),
            _ if text.starts_with("#cloud-config") => self.cloud_config(text),
            _ if SCRIPTS.iter().any(|start| text.starts_with(start)) => self.script(text),
            _ if is_mail(text) => self.mail(bytes, level),
            _ if text.starts_with('{') && text.contains("\"ignition\"") => self.ignition(text),
            _ if BARE.iter().any(|start| text.starts_with(start)) => self.script(text),
            // cloud-init goes by the first line, and by nothing else.
            _ if !text.contains("JoinConfiguration") && text.contains("kubeadm") => Err(MachineError::NoHeader.into()),
            _ => {
                self.files.insert(String::new(), Zeroizing::new(text.as_bytes().to_vec()));
                Ok(())
            }
        }
    }

    fn counted(&mut self, bytes: &[u8]) -> Result<(), CheckError> {
        self.bytes = self.bytes.saturating_add(bytes.len());
        if self.bytes > MOST_BYTES { Err(MachineError::TooLarge.into()) } else { Ok(()) }
    }

    fn script(&mut self, text: &str) -> Result<(), CheckError> {
        self.counted(text.as_bytes())?;
        self.scripts.push(Zeroizing::new(text.to_owned()));
        Ok(())
    }

    fn mail(&mut self, bytes: &[u8], level: usize) -> Result<(), CheckError> {
        let message = MessageParser::default().parse(bytes).ok_or(MachineError::Packed("a MIME part"))?;
        for part in message.parts.iter().filter(|part| part.sub_parts().is_none()) {
            self.part(part.content_type().and_then(|of| of.subtype()), part.contents(), level)?;
        }
        Ok(())
    }

    /// A part with a type: what says it is cloud-config needs no first line that says so.
    fn part(&mut self, of: Option<&str>, bytes: &[u8], level: usize) -> Result<(), CheckError> {
        match (of, std::str::from_utf8(bytes)) {
            (Some(of), _) if of.starts_with("x-include") => Err(MachineError::Elsewhere("text/x-include-url").into()),
            (Some("cloud-config"), Ok(text)) => {
                self.counted(bytes)?;
                self.cloud_config(text)
            }
            _ => self.add(bytes, level + 1),
        }
    }

    fn archive(&mut self, text: &str, level: usize) -> Result<(), CheckError> {
        let archive = document(text, "#cloud-config-archive")?;
        for item in archive.as_array().into_iter().flatten() {
            let text = |field: &str| item.get(field).and_then(Value::as_str);
            let (of, content) = (text("type").and_then(|of| of.strip_prefix("text/")), item.as_str().or_else(|| text("content")));
            self.part(of, content.unwrap_or_default().as_bytes(), level)?;
        }
        Ok(())
    }

    fn cloud_config(&mut self, text: &str) -> Result<(), CheckError> {
        let config = document(text, "#cloud-config")?;
        let items = |field: &str| config.get(field).and_then(Value::as_array).cloned().unwrap_or_default();
        for file in items("write_files") {
            let said = |field: &str| file.get(field).and_then(Value::as_str).unwrap_or_default();
            let content = decoded(said("content").as_bytes(), said("encoding"))?;
            self.counted(&content)?;
            let written = self.files.entry(said("path").to_owned()).or_default();
            if file.get("append") != Some(&Value::Bool(true)) {
                written.clear();
            }
            written.extend_from_slice(&content);
        }
        for command in items("bootcmd").into_iter().chain(items("runcmd")) {
            match command {
                Value::String(line) => self.script(&line)?,
                Value::Array(words) => {
                    let words: Vec<&str> = words.iter().filter_map(Value::as_str).collect();
                    self.script(&shlex::try_join(words).unwrap_or_default())?;
                }
                _ => {}
            }
        }
        Ok(())
    }

    fn ignition(&mut self, text: &str) -> Result<(), CheckError> {
        let failed = |error: serde_json::Error| MachineError::Document("Ignition configuration", kind_of(&error).to_owned());
        let config = unique::parse(text.as_bytes()).map_err(failed)?;
        let said = |value: &Value, path: &str| value.pointer(path).and_then(Value::as_str).map(str::to_owned);
        let sources = ["/ignition/config/replace/source", "/ignition/config/merge/0/source", "/ignition/config/append/0/source"];
        if sources.iter().any(|path| said(&config, path).is_some_and(|source| !source.starts_with("data:"))) {
            return Err(MachineError::Elsewhere("ignition.config").into());
        }
        for path in sources {
            if let Some(source) = said(&config, path) {
                self.ignition(std::str::from_utf8(&of_url(&source)?).map_err(|_| MachineError::Packed("a binary part"))?)?;
            }
        }
        for file in config.pointer("/storage/files").and_then(Value::as_array).into_iter().flatten() {
            let (Some(path), Some(source)) = (said(file, "/path"), said(file, "/contents/source")) else { continue };
            // A file of elsewhere is missing only if the join needs it.
            if !source.starts_with("data:") {
                continue;
            }
            let bytes = of_url(&source)?;
            let content = if said(file, "/contents/compression").as_deref() == Some("gzip") { unzipped(&bytes)? } else { bytes };
            self.counted(&content)?;
            self.files.insert(path, content);
        }
        for unit in config.pointer("/systemd/units").and_then(Value::as_array).into_iter().flatten() {
            let parts = unit.get("dropins").and_then(Value::as_array).into_iter().flatten().chain([unit]);
            for contents in parts.filter_map(|part| said(part, "/contents")) {
                self.script(&contents)?;
            }
        }
        Ok(())
    }
}

/// Whether a text begins with the header of a mail.
fn is_mail(text: &str) -> bool {
    let first = text.lines().next().unwrap_or_default().to_ascii_lowercase();
    first.starts_with("content-type:") || first.starts_with("mime-version:") || first.starts_with("from nobody ")
}

/// The kind of an error without the text of the document.
fn kind_of(error: &serde_json::Error) -> &'static str {
    if error.is_eof() { "it ends too early" } else { "it is not JSON with each key once" }
}

fn document(text: &str, kind: &'static str) -> Result<Value, CheckError> {
    yaml::parse_document(text).map_err(|error| MachineError::Document(kind, error.to_string()).into())
}

/// A text that is nothing but base64.
fn base64(text: &str) -> Option<Zeroizing<Vec<u8>>> {
    let bare = Zeroizing::new(text.split_ascii_whitespace().collect::<String>());
    // Shorter ones are words.
    STANDARD.decode(bare.as_bytes()).ok().filter(|bytes| bytes.len() > 64).map(Zeroizing::new)
}

/// The content of a file of cloud-init.
fn decoded(content: &[u8], encoding: &str) -> Result<Zeroizing<Vec<u8>>, CheckError> {
    let unpacked = |bytes: &[u8]| {
        let bare: String = String::from_utf8_lossy(bytes).split_ascii_whitespace().collect();
        STANDARD.decode(bare).map(Zeroizing::new).map_err(|_| CheckError::from(MachineError::Packed("base64")))
    };
    match encoding.to_ascii_lowercase().as_str() {
        "gz" | "gzip" => unzipped(content),
        "gz+base64" | "gzip+base64" | "gz+b64" | "gzip+b64" => unzipped(&unpacked(content)?),
        "b64" | "base64" => unpacked(content),
        _ => Ok(Zeroizing::new(content.to_vec())),
    }
}

fn of_url(source: &str) -> Result<Zeroizing<Vec<u8>>, CheckError> {
    let url = DataUrl::process(source).map_err(|_| MachineError::Packed("a data URL"))?;
    let (bytes, _) = url.decode_to_vec().map_err(|_| MachineError::Packed("a data URL"))?;
    Ok(Zeroizing::new(bytes))
}

fn unzipped(bytes: &[u8]) -> Result<Zeroizing<Vec<u8>>, CheckError> {
    let mut unpacked = Zeroizing::new(Vec::new());
    let limit = MOST_BYTES as u64 + 1;
    MultiGzDecoder::new(bytes).take(limit).read_to_end(&mut unpacked).map_err(|_| MachineError::Packed("gzip"))?;
    if unpacked.len() > MOST_BYTES { Err(MachineError::TooLarge.into()) } else { Ok(unpacked) }
}
