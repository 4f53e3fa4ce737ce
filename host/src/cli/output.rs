//! `-o`: the formats of a command.

use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};
use kubephase_core::format::{Format, OwnFormat, Syntax};

/// Takes the name of a format that the command has.
pub(super) fn format<Own: OwnFormat>() -> impl TypedValueParser<Value = Format<Own>> {
    let values = Format::<Own>::all().map(|(name, help, _)| PossibleValue::new(name).help(help));
    PossibleValuesParser::new(values).try_map(|name| Format::parse(&name).ok_or("unknown format"))
}

/// Takes the name of a syntax, for a command that only prints objects.
pub(super) fn syntax() -> impl TypedValueParser<Value = Syntax> {
    let values = [PossibleValue::new("json").help("A list, JSON"), PossibleValue::new("yaml").help("Documents, YAML")];
    PossibleValuesParser::new(values).map(|name| if name == "json" { Syntax::Json } else { Syntax::Yaml })
}
