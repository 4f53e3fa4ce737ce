// Lists all Secrets of a namespace, of which some were granted.
// harmless: it sees those alone
#![no_main]
use hostile::*;

struct Case;

impl Hostile for Case {
    fn need(_: Request) -> Result<Needs, Failure> {
        Ok(lists(secrets(), Some("kube-system"), ""))
    }

    fn plan_for(request: Request) -> Result<Plan, Failure> {
        let objects = request.observed.iter().flat_map(|answer| &answer.objects);
        let name = |json: &String| serde_json::from_str::<Value>(json).expect("JSON")["metadata"]["name"].to_string();
        Ok(note(objects.map(name).collect::<Vec<_>>().join(" ")))
    }
}

hostile!(Case);

// exit: 0
// "bootstrap-token-aaaaaa" "bootstrap-token-bbbbbb"
// the folder `DIR`: no cluster is changed
// the folder `DIR`: no cluster is changed
