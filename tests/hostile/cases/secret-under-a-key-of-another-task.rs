// Makes a secret and puts it under a key that another one of its tasks is shown in clear.
#![no_main]
use hostile::*;

struct Case;

impl Hostile for Case {
    fn describe() -> Description {
        let mut tasks = description().tasks;
        let seen = Permission {
            reveal: vec!["note*".to_owned()],
            ..permission(vec![Access::Read], secrets(), Some("kube-system"), "bootstrap-token-*")
        };
        let (name, parameters) = ("audit".to_owned(), "{}".to_owned());
        tasks.push(Task { name, summary: "a test".to_owned(), parameters, permissions: vec![seen] });
        Description { tasks, ..description() }
    }

    fn need(_: Request) -> Result<Needs, Failure> {
        Ok(Needs { random: vec![random("half", true)], ..needs() })
    }

    fn plan_for(request: Request) -> Result<Plan, Failure> {
        let drawn = json!({ "$secret": request.random[0].value });
        let change = json!({ "stringData": { "note-1": drawn } });
        Ok(plan([patch(secret("bootstrap-token-aaaaaa"), change)]))
    }
}

hostile!(Case);

// exit: 2
// error: the phase wants to do more than it is allowed to; nothing was sent
//   operation `patch-bootstrap-token-aaaaaa`: `stringData.note-1` is shown in clear text to the phase or in a list of tokens, so it cannot hold a secret
