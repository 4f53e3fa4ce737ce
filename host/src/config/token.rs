//! Resolves `create`, `list`, `renew` and `delete`.

use super::apply::against;
use super::error::ConfigError;
use super::fleet::{Named, Whom};
use super::given::Given;
use super::question::{self, Wish};
use super::run::{Against, Run, RunAnswer, TokenPrint};
use super::{connection, file, kubeadm};
use crate::cli::question_flags::SettingFlags;
use crate::cli::token_flags::{CreateArgs, DeleteArgs, RenewArgs, TokenListArgs};
use crate::cli::write_flags::WriteFlags;
use jiff::Timestamp;
use kubephase_core::bootstrap_token::{Halves, Token};
use kubephase_core::connection::Connection;
use kubephase_core::format::{CreateFormat, Format, Names};
use kubephase_core::join::line::{JOIN_COMMAND, TOKEN};
use kubephase_core::jsonpath::FieldPath;
use kubephase_core::listing::{Expiry, Header, ListFormat, Listing};
use kubephase_core::secret::Secrets;
use serde_json::{Map, Value, json};

/// A resolved `list`.
pub struct List {
    /// The clusters.
    pub whom: Whom,
    /// Where the tokens are read.
    pub against: Against,
    /// How to reach the API server.
    pub connection: Connection,
    /// The format and the template of the list.
    pub listing: Listing,
    /// The current time.
    pub now: Timestamp,
    /// How many bytes of the answers are read.
    pub most_bytes: u64,
}

impl List {
    /// Resolves the arguments of `list`.
    ///
    /// # Errors
    /// [`ConfigError`] for an invalid flag.
    pub fn of(args: TokenListArgs, given: &Given<'_>) -> Result<Self, ConfigError> {
        let invalid = |flag, value: &str, rule| ConfigError::Flag { flag, value: value.to_owned(), rule };
        let whom = Whom::of(&args.fleet, &Named::None, given)?;
        whom.alone("--against", Some(&args.against).filter(|against| *against != "live"))?;
        let against = against(&args.against)?;
        if against == Against::Empty {
            return Err(invalid("--against", &args.against, "there is nothing to list"));
        }
        let rule = "must be text, wide, json, yaml, name, or jsonpath=TEMPLATE like `jsonpath={.token}`";
        let format = ListFormat::parse(&args.output).ok_or_else(|| invalid("--output", &args.output, rule))?;
        whom.alone("--output", Some("name").filter(|_| matches!(format, ListFormat::Name)))?;
        let rule = "must be the path of a field, like `.expires`";
        let field = |path: String| FieldPath::parse(&path).ok_or_else(|| invalid("--sort-by", &path, rule));
        let listing = Listing {
            format,
            halves: if args.show_secrets { Halves::Shown } else { Halves::Masked },
            expiry: if args.expired { Expiry::Over } else { Expiry::Any },
            ids: ids(&args.ids)?,
            header: if args.no_headers { Header::Omitted } else { Header::Shown },
            sort_by: args.sort_by.map(field).transpose()?,
        };
        let most_bytes = file::read_limits(given.env)?.read_bytes;
        let connection = connection::connection(given.kube, given.env)?;
        let connection = Connection { version: connection.version.untold(), ..connection };
        Ok(Self { whom, against, connection, listing, now: question::now(args.now)?, most_bytes })
    }
}

/// The ids of the tokens to list. kubectl's users put the kind before them.
fn ids(words: &[String]) -> Result<Vec<String>, ConfigError> {
    let words = words.iter().filter(|word| !["token", "tokens"].contains(&word.as_str()));
    let id = |word: &String| {
        let name = kubeadm::named(word);
        let id = Token::parse(name).map(|token| token.id().to_owned()).or_else(|| Token::is_id(name).then(|| name.to_owned()));
        // It may be a token with a slip.
        id.ok_or_else(|| ConfigError::Flag {
            flag: "ID",
            value: "…".to_owned(),
            rule: "must be the id of a token, 6 characters of a-z and 0-9",
        })
    };
    words.map(id).collect()
}

impl Run {
    /// The run of `create`.
    ///
    /// # Errors
    /// Like [`Run::apply`].
    pub fn create(args: CreateArgs, given: &mut Given<'_>) -> Result<Self, ConfigError> {
        let (mut wish, setting) = Wish::of("create", args.question, None);
        let mut parameters = Value::Object(token_parameters(args.ttl, args.usages, args.groups, args.description));
        kubeadm::hide_tokens(&mut parameters, &mut wish.secrets);
        wish.parameters.extend(parameters.as_object().cloned().unwrap_or_default());
        let (format, answer) = match args.write.output {
            Format::Document(syntax) => (Format::Document(syntax), RunAnswer::Report),
            Format::Own(CreateFormat::Names) => (Format::Own(Names), RunAnswer::Report),
            Format::Own(CreateFormat::Form(form)) => (Format::Text, RunAnswer::Form(form)),
            Format::Own(CreateFormat::JoinCommand) => (Format::Text, RunAnswer::Lines(JOIN_COMMAND)),
            Format::Text if args.print_join_command => (Format::Text, RunAnswer::Lines(JOIN_COMMAND)),
            Format::Text => (Format::Text, RunAnswer::Lines(TOKEN)),
        };
        let odd = |flag, value: &str, rule| Err(ConfigError::Flag { flag, value: value.to_owned(), rule });
        match (answer, &args.to) {
            (RunAnswer::Form(_), _) if args.print_join_command => {
                return odd("--print-join-command", "true", "cannot be combined with another form: `-o` says which");
            }
            (RunAnswer::Form(_), _) if wish.token_print == TokenPrint::Skip => {
                return odd("--skip-token-print", "true", "what a node is given has the token in it");
            }
            (RunAnswer::Report | RunAnswer::Results | RunAnswer::Lines(_), Some(_)) => {
                return odd("--to", "…", "is for what a node is given: choose it with -o join-config, cloud-init, ignition, …");
            }
            _ => {}
        }
        if matches!(answer, RunAnswer::Form(_) | RunAnswer::Lines(JOIN_COMMAND)) || args.wait.wait.is_some() {
            wish.parameters.insert("joinCommand".to_owned(), json!(true));
        }
        if let Some(key) = args.certificate_key {
            wish.parameters.insert("certificateKey".to_owned(), kubeadm::hide_key(key, &mut wish.secrets));
        }
        let run = Self::writing(wish, setting, args.write, format, given)?.waiting(&args.wait)?;
        Ok(Self { answer, answer_place: args.to, ..run })
    }

    /// The run of `renew`.
    ///
    /// # Errors
    /// Like [`Run::apply`].
    pub fn renew(args: RenewArgs, given: &mut Given<'_>) -> Result<Self, ConfigError> {
        let more = [("ttl", json!(args.ttl))];
        Self::of_tokens(("renew", &args.tokens, &more), "renewed", (args.write, args.setting), given)
    }

    /// The run of `delete`.
    ///
    /// # Errors
    /// Like [`Run::apply`].
    pub fn delete(args: DeleteArgs, given: &mut Given<'_>) -> Result<Self, ConfigError> {
        let more = [("ignoreNotFound", json!(true))];
        let more = if args.ignore_not_found { &more[..] } else { &[] };
        Self::of_tokens(("delete", &args.tokens, more), "deleted", (args.write, args.setting), given)
    }

    /// A task for tokens that exist, and the name of the lines that it prints.
    fn of_tokens(
        (task, tokens, more): (&str, &[String], &[(&str, Value)]),
        lines: &'static str,
        (write, setting): (WriteFlags, SettingFlags),
        given: &mut Given<'_>,
    ) -> Result<Self, ConfigError> {
        let mut secrets = Secrets::default();
        let tokens: Vec<Value> = tokens.iter().map(|token| kubeadm::id_of(token, &mut secrets)).collect();
        let more = more.iter().map(|(name, value)| ((*name).to_owned(), value.clone()));
        let parameters = std::iter::once(("tokens".to_owned(), Value::Array(tokens))).chain(more).collect();
        let (filenames, plan, token_print) = (Vec::new(), None, TokenPrint::Show);
        let wish = Wish { task: task.to_owned(), parameters, secrets, filenames, plan, token_print };
        let format = write.output;
        let run = Self::writing(wish, setting, write, format, given)?;
        // It does not depend on the release, and a user who may change tokens need not be allowed to read `/version`.
        let connection = Connection { version: run.connection.version.untold(), ..run.connection };
        Ok(Self { answer: RunAnswer::Lines(lines), connection, ..run })
    }
}

/// The flags of a token, named like the fields of `bootstrapTokens`; an empty list counts as unset, like in kubeadm.
fn token_parameters(
    ttl: Option<String>,
    usages: Vec<String>,
    groups: Vec<String>,
    description: Option<String>,
) -> Map<String, Value> {
    let texts = [("ttl", ttl), ("description", description)];
    let texts = texts.into_iter().filter_map(|(name, text)| Some((name.to_owned(), json!(text?))));
    let lists = [("usages", usages), ("groups", groups)];
    let lists = lists.into_iter().filter(|(_, list)| list.iter().any(|item| !item.is_empty()));
    texts.chain(lists.map(|(name, list)| (name.to_owned(), json!(list)))).collect()
}
