// The phase `example.token-cleaner`: deletes bootstrap tokens that have expired, as kube-controller-manager does where one runs.
//
// The name of the package is what the generated bindings expect of the one that implements kubephase:phase/phase.
package export_kubephase_phase_phase

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"

	. "go.bytecodealliance.org/pkg/wit/types"
	. "wit_component/kubephase_phase_types"
)

const (
	namespace = "kube-system"
	prefix    = "bootstrap-token-"
	tokenType = "bootstrap.kubernetes.io/token"
)

var secrets = ApiResource{Group: "", Version: "v1", Plural: "secrets", Kind: "Secret"}

// token is what the phase reads of a Secret.
type token struct {
	Type     string
	Metadata struct {
		Name string
	}
	StringData struct {
		Expiration string
	}
}

func Describe() Description {
	permission := Permission{
		Access:    []Access{AccessRead, AccessDelete},
		Of:        secrets,
		Namespace: Some(namespace),
		Names:     []string{prefix + "*"},
		Reveal:    []string{"expiration"},
		Reason:    "finds the expired tokens and deletes them",
	}
	apply := Task{
		Name:        "apply",
		Summary:     "delete the expired tokens",
		Parameters:  `{"type":"object"}`,
		Permissions: []Permission{permission},
	}
	return Description{
		Id:      "example.token-cleaner",
		Version: "0.1.0",
		Summary: "delete bootstrap tokens that have expired",
		Tasks:   []Task{apply},
	}
}

func Need(request Request) Result[Needs, Failure] {
	if request.Task != "apply" {
		return unsupported[Needs](request.Task)
	}
	all := ListRef{Of: secrets, Namespace: Some(namespace)}
	return Ok[Needs, Failure](Needs{Reads: []Selector{MakeSelectorMany(all)}})
}

func PlanFor(request Request) Result[Plan, Failure] {
	if request.Task != "apply" {
		return unsupported[Plan](request.Task)
	}
	now, err := time.Parse(time.RFC3339, request.Now)
	if err != nil {
		return other(fmt.Sprintf("now is not a time: `%s`", request.Now))
	}
	var plan Plan
	tokens := 0
	for _, answer := range request.Observed {
		for _, object := range answer.Objects {
			var found token
			if err := json.Unmarshal([]byte(object), &found); err != nil {
				return other("an observed object is not JSON")
			}
			if found.Type != tokenType {
				continue
			}
			tokens++
			if found.StringData.Expiration == "" {
				plan.Findings = append(plan.Findings, neverExpires(found.Metadata.Name))
			} else if reason := reasonToDelete(found.StringData.Expiration, now); reason != "" {
				plan.Operations = append(plan.Operations, deletion(found.Metadata.Name, reason))
			}
		}
	}
	if expired := len(plan.Operations); expired > 0 {
		plan.Notes = []string{fmt.Sprintf("[token-cleaner] %d of %d tokens have expired", expired, tokens)}
	}
	return Ok[Plan, Failure](plan)
}

func unsupported[T any](task string) Result[T, Failure] {
	return Err[T, Failure](MakeFailureUnsupported(fmt.Sprintf("task `%s` is not known", task)))
}

func other(text string) Result[Plan, Failure] {
	return Err[Plan, Failure](MakeFailureOther(text))
}

// reasonToDelete says why a token with this expiration has to go, or nothing if it does not. Kubernetes too takes what it cannot
// read as expired.
func reasonToDelete(expiration string, now time.Time) string {
	at, err := time.Parse(time.RFC3339, expiration)
	if err != nil {
		return "its expiration is not a time"
	}
	if at.After(now) {
		return ""
	}
	return "expired at " + expiration
}

func deletion(name, reason string) Operation {
	return Operation{
		Id:     "delete-" + name,
		Target: secret(name),
		Action: MakeActionDelete(),
		When:   PreconditionAsObserved,
		Reason: reason,
	}
}

func neverExpires(name string) Finding {
	return Finding{
		Rule:     "no-expiration",
		Severity: SeverityMedium,
		Title:    fmt.Sprintf("token `%s` never expires", strings.TrimPrefix(name, prefix)),
		Target:   Some(secret(name)),
	}
}

func secret(name string) ObjectRef {
	return ObjectRef{Of: secrets, Namespace: Some(namespace), Name: name}
}
