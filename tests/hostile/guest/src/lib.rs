//! What hostile phases are made of: a phase that behaves, of which each case in `../cases` changes the one thing that is hostile.

mod exported;
mod make;
mod parts;

pub use exported::exports::kubephase::phase::types::*;
pub use make::*;
pub use parts::*;
pub use serde_json::{Value, json};

/// A phase. Whoever overrides nothing behaves: see [`description`], [`needs`] and [`plan`].
pub trait Hostile {
    fn describe() -> Description {
        description()
    }

    fn need(_: Request) -> Result<Needs, Failure> {
        Ok(needs())
    }

    fn plan_for(_: Request) -> Result<Plan, Failure> {
        Ok(plan([create(config_map("hostile-new"), json!({ "data": { "a": "b" } }))]))
    }
}

/// Makes a component of a [`Hostile`] type. All that does not depend on the type is compiled once, in `exported`.
#[macro_export]
macro_rules! hostile {
    ($case:ident) => {
        #[unsafe(no_mangle)]
        fn hostile_describe() -> $crate::Description {
            <$case as $crate::Hostile>::describe()
        }

        #[unsafe(no_mangle)]
        fn hostile_need(request: $crate::Request) -> Result<$crate::Needs, $crate::Failure> {
            <$case as $crate::Hostile>::need(request)
        }

        #[unsafe(no_mangle)]
        fn hostile_plan_for(request: $crate::Request) -> Result<$crate::Plan, $crate::Failure> {
            <$case as $crate::Hostile>::plan_for(request)
        }
    };
}
