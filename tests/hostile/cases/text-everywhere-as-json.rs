// Says escape sequences, backwards text and line ends wherever it can, as JSON.
// args: -o json
// harmless: all of it is visible
#![no_main]
use hostile::*;

struct Case;

impl Hostile for Case {
    fn plan_for(_: Request) -> Result<Plan, Failure> {
        let evil = "a\u{1b}[2J\u{9b}31m\u{202e}b\0\r\nerror: c\u{200b}\u{7f}".to_owned();
        let finding = finding(&evil, &evil).findings;
        let said = output([Part::Text(evil.clone())]);
        let operation = Operation { reason: evil.clone(), ..create(config_map("hostile-a"), json!({})) };
        Ok(Plan { operations: vec![operation], findings: finding, notes: vec![evil], ..said })
    }
}

hostile!(Case);

// exit: 0
// {
//   "apiVersion": "bootstrap-token.kubectl/v1alpha1",
//   "complete": true,
//   "kind": "Report",
//   "mode": "applied",
//   "operations": [
//     {
//       "apiVersion": "v1",
//       "id": "create-hostile-a",
//       "kind": "ConfigMap",
//       "name": "hostile-a",
//       "namespace": "kube-public",
//       "reason": "a\u001b[2J\u009b31m\u202eb\u0000\r\nerror: c\u200b\u007f",
//       "result": "created"
//     }
//   ],
//   "outputs": [
//     {
//       "name": "line",
//       "value": "a\u001b[2J\u009b31m\u202eb\u0000\r\nerror: c\u200b\u007f"
//     }
//   ],
//   "warnings": [
//     {
//       "rule": "rule",
//       "severity": "high",
//       "title": "a\u001b[2J\u009b31m\u202eb\u0000\r\nerror: c\u200b\u007f"
//     }
//   ]
// }
// the folder `DIR`: no cluster is changed
// warning: a\u{1b}[2J\u{9b}31m\u{202e}b\u{0}\u{d}\u{a}error: c\u{200b}\u{7f}
// the folder `DIR`: no cluster is changed
// undo with: kubectl bootstrap-token apply --plan HOME/.local/state/kubectl-bootstrap-token/undo/20300101T000000Z-PLACE-7440d7b4479c.json --against dir:DIR --phase PHASE --grant HERE/grants/wide.yaml
// written: kube-public.configmap.hostile-a.yaml
