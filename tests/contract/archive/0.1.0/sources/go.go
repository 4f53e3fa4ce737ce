// The phase `example.contract`: uses every type and case of the contract 0.1.0. The same phase in other languages is beside it.
//
// The name of the package is what the generated bindings expect of the one that implements kubephase:phase/phase.
package export_kubephase_phase_phase

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	. "go.bytecodealliance.org/pkg/wit/types"
	. "wit_component/kubephase_phase_types"
)

const rbac = "rbac.authorization.k8s.io"

var (
	maps            = ApiResource{Group: "", Version: "v1", Plural: "configmaps", Kind: "ConfigMap"}
	secrets         = ApiResource{Group: "", Version: "v1", Plural: "secrets", Kind: "Secret"}
	bindings        = ApiResource{Group: rbac, Version: "v1", Plural: "rolebindings", Kind: "RoleBinding"}
	clusterBindings = ApiResource{Group: rbac, Version: "v1", Plural: "clusterrolebindings", Kind: "ClusterRoleBinding"}
)

// object is what the phase reads of an object.
type object struct {
	Kind     string
	Metadata struct{ Name string }
	Data     struct{ Next any }
}

// parameters is what the phase is asked with.
type parameters struct {
	Endpoint, Refuse string
	Token            struct {
		Id     string
		Secret struct {
			Handle string `json:"$secret"`
		}
	}
}

func Describe() Description {
	permission := func(access []Access, of ApiResource, namespace Option[string], name string, reveal []string, reason string) Permission {
		return Permission{Access: access, Of: of, Namespace: namespace, Names: []string{name}, Reveal: reveal, Reason: reason}
	}
	task := func(name, summary string, permissions ...Permission) Task {
		return Task{Name: name, Summary: summary, Parameters: `{"type":"object"}`, Permissions: permissions}
	}
	none, every := None[string](), []Access{AccessRead, AccessCreate, AccessUpdate, AccessDelete}
	return Description{
		Id:      "example.contract",
		Version: "0.1.0",
		Summary: "use every type of the contract",
		Tasks: []Task{
			task("apply", "propose every action",
				permission(every, maps, Some("kube-public"), "contract-*", nil, "one for each action"),
				permission(every[:2], secrets, Some("kube-system"), "bootstrap-token-*", []string{"token-id"}, "creates a token"),
				permission([]Access{AccessRead, AccessRevoke}, clusterBindings, none, "*", nil, "takes subjects away")),
			task("audit", "find every severity",
				permission(every[:1], clusterBindings, none, "*", nil, "finds them"),
				permission(every[:1], bindings, Some("*"), "*", nil, "finds them, too")),
		},
	}
}

func Need(request Request) Result[Needs, Failure] {
	all := MakeSelectorMany(ListRef{Of: clusterBindings, Namespace: None[string]()})
	if request.Task == "audit" {
		everywhere := MakeSelectorMany(ListRef{Of: bindings, Namespace: None[string]()})
		return Ok[Needs, Failure](Needs{Reads: []Selector{all, everywhere}})
	}
	labelled := ListRef{
		Of:            maps,
		Namespace:     Some("kube-public"),
		LabelSelector: "part=contract",
		FieldSelector: "metadata.name!=contract-other",
	}
	reads := []Selector{MakeSelectorOne(configMap("contract-kept")), MakeSelectorMany(labelled), all}
	// Known in the second round.
	for _, found := range objects(request, "ConfigMap") {
		if next, ok := found.Data.Next.(string); ok {
			reads = append(reads, MakeSelectorOne(configMap(next)))
			break
		}
	}
	random := func(name string, length uint32, secret bool) RandomRequest {
		return RandomRequest{Name: name, Alphabet: "0123456789abcdefghijklmnopqrstuvwxyz", Length: length, Secret: secret}
	}
	return Ok[Needs, Failure](Needs{Reads: reads, Random: []RandomRequest{random("id", 6, false), random("secret", 16, true)}})
}

func PlanFor(request Request) Result[Plan, Failure] {
	given := parse[parameters](request.Parameters)
	switch given.Refuse {
	case "invalid-input":
		problems := []Problem{{Path: "refuse", Message: "is set"}, {Path: "documents[0].kind", Message: "is not known"}}
		return Err[Plan, Failure](MakeFailureInvalidInput(problems))
	case "unsupported":
		return Err[Plan, Failure](MakeFailureUnsupported("version `v9` is not supported"))
	case "other":
		return Err[Plan, Failure](MakeFailureOther("something else"))
	}
	notes := notes(request, given)
	if request.Task == "audit" {
		return Ok[Plan, Failure](Plan{Findings: findings(request), Notes: notes})
	}
	id, secret := token(request, given)
	return Ok[Plan, Failure](Plan{
		Operations: append(operations(request, given), creation(id, secret)),
		Findings:   []Finding{finding("contract-cure", SeverityLow, None[ObjectRef](), "create", "token")},
		Notes:      notes,
		Outputs: []Output{
			{Name: "first", When: MomentBefore, Value: []Part{MakePartText("before the first operation")}},
			{Name: "last", When: MomentAfter, Value: []Part{MakePartText(id), MakePartText("."), MakePartSecret(secret)}},
		},
	})
}

// notes is what the request says, line by line.
func notes(request Request, given parameters) []string {
	server := request.Server
	notes := []string{
		"now: " + request.Now,
		"endpoint: " + given.Endpoint,
		fmt.Sprintf("server: %s %s %d %s", server.Version, server.Url, len(server.CertificateAuthority),
			strings.Join(server.CertificateAuthorityPins, ",")),
	}
	for _, text := range request.Documents {
		notes = append(notes, "document: "+parse[object](text).Kind)
	}
	for _, answer := range request.Observed {
		var names []string
		for _, text := range answer.Objects {
			names = append(names, parse[object](text).Metadata.Name)
		}
		notes = append(notes, told(answer.To)+": "+strings.Join(names, ","))
	}
	for _, random := range request.Random {
		// The secret one is the id of a handle, which is the host's business.
		if random.Name == "secret" {
			random.Value = "drawn"
		}
		notes = append(notes, random.Name+": "+random.Value)
	}
	return notes
}

func told(selector Selector) string {
	place := func(of ApiResource, namespace Option[string]) string {
		return fmt.Sprintf("%s %s %s %s %s", of.Group, of.Version, of.Plural, of.Kind, namespace.SomeOr("none"))
	}
	if selector.Tag() == SelectorOne {
		one := selector.One()
		return fmt.Sprintf("one: %s %s", place(one.Of, one.Namespace), one.Name)
	}
	many := selector.Many()
	return fmt.Sprintf("many: %s %s %s", place(many.Of, many.Namespace), many.LabelSelector, many.FieldSelector)
}

func operations(request Request, given parameters) []Operation {
	data := map[string]any{"endpoint": given.Endpoint, "now": request.Now}
	body := func(name string) string {
		labels := map[string]any{"part": "contract"}
		metadata := map[string]any{"name": name, "namespace": "kube-public", "labels": labels}
		return text(map[string]any{"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, "data": data})
	}
	operation := func(id string, target ObjectRef, action Action, when Precondition, after ...string) Operation {
		return Operation{Id: id, Target: target, Action: action, When: when, After: after, Reason: "to " + id}
	}
	planned := []Operation{
		operation("create", configMap("contract-new"), MakeActionCreate(body("contract-new")), PreconditionAbsent),
	}
	for _, found := range objects(request, "ConfigMap") {
		var action Action
		var after []string
		name := found.Metadata.Name
		switch name {
		case "contract-kept":
			action = MakeActionKeep()
		case "contract-replaced":
			action, after = MakeActionReplace(body(name)), []string{"create"}
		case "contract-patched":
			patch := text(map[string]any{"data": data})
			action, after = MakeActionMergePatch(patch), []string{"create", "contract-replaced"}
		case "contract-deleted":
			action = MakeActionDelete()
		default:
			continue
		}
		planned = append(planned, operation(name, configMap(name), action, PreconditionAsObserved, after...))
	}
	applied := MakeActionApply(body("contract-applied"))
	planned = append(planned, operation("apply", configMap("contract-applied"), applied, PreconditionAny))
	for _, found := range objects(request, "ClusterRoleBinding") {
		target := ObjectRef{Of: clusterBindings, Namespace: None[string](), Name: found.Metadata.Name}
		patch := MakeActionMergePatch(`{"subjects":[]}`)
		planned = append(planned, operation("revoke", target, patch, PreconditionAsObserved))
	}
	return planned
}

// token is the token of the parameters, else the drawn one: its id, and the id of the handle of its secret.
func token(request Request, given parameters) (id, secret string) {
	if given.Token.Id != "" && given.Token.Secret.Handle != "" {
		return given.Token.Id, given.Token.Secret.Handle
	}
	for _, random := range request.Random {
		switch random.Name {
		case "id":
			id = random.Value
		case "secret":
			secret = random.Value
		}
	}
	return id, secret
}

func creation(id, secret string) Operation {
	name := "bootstrap-token-" + id
	body := map[string]any{
		"apiVersion": "v1",
		"kind":       "Secret",
		"metadata":   map[string]any{"name": name, "namespace": "kube-system"},
		"type":       "bootstrap.kubernetes.io/token",
		"data":       map[string]any{"token-secret": map[string]any{"$secret": secret}},
		"stringData": map[string]any{"token-id": id},
	}
	return Operation{
		Id:     "token",
		Target: ObjectRef{Of: secrets, Namespace: Some("kube-system"), Name: name},
		Action: MakeActionCreate(text(body)),
		When:   PreconditionAbsent,
		After:  []string{"create"},
		Reason: "to create a token",
	}
}

func findings(request Request) []Finding {
	first := func(of ApiResource, namespace Option[string]) Option[ObjectRef] {
		for _, found := range objects(request, of.Kind) {
			return Some(ObjectRef{Of: of, Namespace: namespace, Name: found.Metadata.Name})
		}
		return None[ObjectRef]()
	}
	return []Finding{
		finding("contract-info", SeverityInfo, None[ObjectRef]()),
		finding("contract-low", SeverityLow, None[ObjectRef]()),
		finding("contract-medium", SeverityMedium, None[ObjectRef]()),
		finding("contract-high", SeverityHigh, first(bindings, Some("kube-public"))),
		finding("contract-critical", SeverityCritical, first(clusterBindings, None[string]())),
	}
}

func finding(rule string, severity Severity, target Option[ObjectRef], remedy ...string) Finding {
	return Finding{
		Rule:       rule,
		Severity:   severity,
		Title:      fmt.Sprintf("rule `%s`", rule),
		Detail:     "quotes: \"'`; other letters: äöü, 名前, 🦀",
		Target:     target,
		Remedy:     remedy,
		References: []string{"https://example.com/a", "https://example.com/b"},
	}
}

// objects are all observed objects of a kind; one that was found twice is one.
func objects(request Request, kind string) []object {
	var texts []string
	var found []object
	for _, answer := range request.Observed {
		for _, text := range answer.Objects {
			if object := parse[object](text); object.Kind == kind && !slices.Contains(texts, text) {
				texts, found = append(texts, text), append(found, object)
			}
		}
	}
	return found
}

func parse[T any](text string) (value T) {
	if err := json.Unmarshal([]byte(text), &value); err != nil {
		panic(err)
	}
	return value
}

func text(value any) string {
	text, err := json.Marshal(value)
	if err != nil {
		panic(err)
	}
	return string(text)
}

func configMap(name string) ObjectRef {
	return ObjectRef{Of: maps, Namespace: Some("kube-public"), Name: name}
}
