// Declares a pattern of keys that holds the granted ones and more.
// harmless: it sees what was granted
#![no_main]
use hostile::*;

struct Case;

impl Hostile for Case {
    fn describe() -> Description {
        let mut description = description();
        description.tasks[0].permissions[1].reveal = vec!["token-*".to_owned()];
        description
    }

    fn plan_for(request: Request) -> Result<Plan, Failure> {
        let shown = observed(&request, "bootstrap-token-aaaaaa");
        Ok(note(shown["stringData"].as_object().expect("an object").keys().map(String::as_str).collect::<Vec<_>>().join(" ")))
    }
}

hostile!(Case);

// exit: 0
// token-id
// the folder `DIR`: no cluster is changed
// the folder `DIR`: no cluster is changed
