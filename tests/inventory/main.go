// Prints what SIG Multicluster's own library makes of profiles.json with providers.json: for each profile the server and the plugin with its
// arguments and variables, or that there is none. `make judges` writes it to expected.json.
package main

import (
	"encoding/json"
	"fmt"
	"os"
	"sort"

	"sigs.k8s.io/cluster-inventory-api/apis/v1alpha1"
	"sigs.k8s.io/cluster-inventory-api/pkg/access"
)

type made struct {
	Name    string   `json:"name"`
	Server  string   `json:"server,omitempty"`
	Command string   `json:"command,omitempty"`
	Args    []string `json:"args,omitempty"`
	Env     []string `json:"env,omitempty"`
}

func main() {
	var profiles []v1alpha1.ClusterProfile
	text, err := os.ReadFile("profiles.json")
	if err == nil {
		err = json.Unmarshal(text, &profiles)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	all := []made{}
	for i := range profiles {
		// Anew for each: the library adds the arguments of a profile to those of the next one.
		config, err := access.NewFromFile("providers.json")
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		one := made{Name: profiles[i].Name}
		if found, err := config.BuildConfigFromCP(&profiles[i]); err == nil {
			one.Server, one.Command, one.Args = found.Host, found.ExecProvider.Command, found.ExecProvider.Args
			for _, variable := range found.ExecProvider.Env {
				one.Env = append(one.Env, variable.Name+"="+variable.Value)
			}
			sort.Strings(one.Env)
		}
		all = append(all, one)
	}
	encoder := json.NewEncoder(os.Stdout)
	encoder.SetIndent("", " ")
	if err := encoder.Encode(all); err != nil {
		os.Exit(1)
	}
}
