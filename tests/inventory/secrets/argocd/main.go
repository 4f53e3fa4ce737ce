// Makes Secrets of Argo CD by its own types, and prints each with what Argo CD itself reads in it. `make judges` writes it to argocd.json.
package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"strings"

	"github.com/argoproj/argo-cd/v3/common"
	"github.com/argoproj/argo-cd/v3/pkg/apis/application/v1alpha1"
	"github.com/argoproj/argo-cd/v3/util/db"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/rest"
)

var certificate, key = file("../cert.pem"), file("../key.pem")

func file(path string) []byte {
	data, err := os.ReadFile(path)
	if err != nil {
		panic(err)
	}
	return data
}

type made struct {
	Case   string         `json:"case"`
	Secret *corev1.Secret `json:"secret"`
	// It is the cluster in which Argo CD runs.
	Hub   bool   `json:"hub,omitempty"`
	Read  *read  `json:"read,omitempty"`
	Error string `json:"error,omitempty"`
}

type read struct {
	Server      string `json:"server"`
	Authority   []byte `json:"authority,omitempty"`
	ServerName  string `json:"serverName,omitempty"`
	Proxy       string `json:"proxy,omitempty"`
	Certificate []byte `json:"certificate,omitempty"`
	Key         []byte `json:"key,omitempty"`
	Token       string `json:"token,omitempty"`
	Login       string `json:"login,omitempty"`
	Insecure    bool   `json:"insecure,omitempty"`
	Program     string `json:"program,omitempty"`
	ActsAs      string `json:"actsAs,omitempty"`
	Files       bool   `json:"files,omitempty"`
}

func of(config *rest.Config) (*read, error) {
	// What a client would refuse to begin with.
	if _, err := rest.HTTPClientFor(config); err != nil {
		return nil, err
	}
	found := read{
		Server: config.Host, Authority: config.CAData, ServerName: config.ServerName, Certificate: config.CertData, Key: config.KeyData,
		Token: config.BearerToken, Login: config.Username, Insecure: config.Insecure, ActsAs: config.Impersonate.UserName,
		Files: config.CAFile+config.CertFile+config.KeyFile+config.BearerTokenFile != "",
	}
	if config.ExecProvider != nil {
		found.Program = config.ExecProvider.Command
	}
	if config.AuthProvider != nil {
		found.Program = config.AuthProvider.Name
	}
	if config.Proxy != nil {
		request, err := http.NewRequest(http.MethodGet, "https://a.example", nil)
		if err != nil {
			return nil, err
		}
		if url, err := config.Proxy(request); err != nil {
			return nil, err
		} else if url != nil {
			found.Proxy = url.String()
		}
	}
	return &found, nil
}

// A Secret as Argo CD writes it (util/db/cluster.go).
func clusterSecret(change func(*v1alpha1.Cluster)) *corev1.Secret {
	cluster := v1alpha1.Cluster{Server: "https://a.example:6443", Name: "a", Config: v1alpha1.ClusterConfig{
		BearerToken: "t", TLSClientConfig: v1alpha1.TLSClientConfig{CAData: certificate},
	}}
	change(&cluster)
	config, err := json.Marshal(cluster.Config)
	if err != nil {
		panic(err)
	}
	secret := written(string(config))
	secret.Data["server"] = []byte(strings.TrimRight(cluster.Server, "/"))
	secret.Data["name"] = []byte(cluster.Name)
	if len(cluster.Namespaces) > 0 {
		secret.Data["namespaces"] = []byte(strings.Join(cluster.Namespaces, ","))
	}
	if cluster.Project != "" {
		secret.Data["project"] = []byte(cluster.Project)
	}
	return secret
}

// A Secret as people write it.
func written(config string) *corev1.Secret {
	return &corev1.Secret{
		TypeMeta: metav1.TypeMeta{APIVersion: "v1", Kind: "Secret"},
		ObjectMeta: metav1.ObjectMeta{Name: "cluster-a", Namespace: "fleet", Labels: map[string]string{
			common.LabelKeySecretType: common.LabelValueSecretTypeCluster,
		}},
		Type: corev1.SecretTypeOpaque,
		Data: map[string][]byte{"name": []byte("a"), "server": []byte("https://a.example:6443"), "config": []byte(config)},
	}
}

func config(change func(*v1alpha1.ClusterConfig)) *corev1.Secret {
	return clusterSecret(func(cluster *v1alpha1.Cluster) { change(&cluster.Config) })
}

func changed(secret *corev1.Secret, key, value string) *corev1.Secret {
	secret.Data[key] = []byte(value)
	return secret
}

func without(secret *corev1.Secret, key string) *corev1.Secret {
	delete(secret.Data, key)
	return secret
}

func main() {
	type conf = v1alpha1.ClusterConfig
	same := func(*v1alpha1.Cluster) {}
	at := func(server string) *corev1.Secret {
		return clusterSecret(func(cluster *v1alpha1.Cluster) { cluster.Server = server })
	}
	tls := func(more string) string {
		ca, err := json.Marshal(certificate)
		if err != nil {
			panic(err)
		}
		return fmt.Sprintf(`"tlsClientConfig":{"caData":%s%s}`, ca, more)
	}
	cases := []made{
		{Case: "token", Secret: clusterSecret(same)},
		{Case: "certificate", Secret: config(func(c *conf) { c.BearerToken, c.CertData, c.KeyData = "", certificate, key })},
		{Case: "token and certificate", Secret: config(func(c *conf) { c.CertData, c.KeyData = certificate, key })},
		{Case: "certificate without key", Secret: config(func(c *conf) { c.BearerToken, c.CertData = "", certificate })},
		{Case: "token and certificate without key", Secret: config(func(c *conf) { c.CertData = certificate })},
		{Case: "token and key without certificate", Secret: config(func(c *conf) { c.KeyData = key })},
		{Case: "certificate that is none", Secret: config(func(c *conf) { c.BearerToken, c.CertData, c.KeyData = "", []byte("x"), key })},
		{Case: "login", Secret: config(func(c *conf) { c.BearerToken, c.Username, c.Password = "", "u", "p" })},
		{Case: "login and token", Secret: config(func(c *conf) { c.Username, c.Password = "u", "p" })},
		{Case: "login and certificate", Secret: config(func(c *conf) {
			c.BearerToken, c.Username, c.Password, c.CertData, c.KeyData = "", "u", "p", certificate, key
		})},
		{Case: "nothing", Secret: config(func(c *conf) { c.BearerToken = "" })},
		{Case: "program", Secret: config(func(c *conf) { c.ExecProviderConfig = &v1alpha1.ExecProviderConfig{Command: "argocd-k8s-auth"} })},
		{Case: "program of AWS", Secret: config(func(c *conf) { c.AWSAuthConfig = &v1alpha1.AWSAuthConfig{ClusterName: "a"} })},
		{Case: "insecure", Secret: config(func(c *conf) { c.Insecure, c.CAData = true, nil })},
		{Case: "insecure with authority", Secret: config(func(c *conf) { c.Insecure = true })},
		{Case: "no authority", Secret: config(func(c *conf) { c.CAData = nil })},
		{Case: "name of the server", Secret: config(func(c *conf) { c.ServerName = "b.example" })},
		{Case: "compression", Secret: config(func(c *conf) { c.DisableCompression = true })},
		{Case: "proxy", Secret: config(func(c *conf) { c.ProxyUrl = "http://p.example:3128" })},
		{Case: "socks", Secret: config(func(c *conf) { c.ProxyUrl = "socks5://p.example" })},
		{Case: "ftp", Secret: config(func(c *conf) { c.ProxyUrl = "ftp://p.example" })},
		{Case: "path", Secret: at("https://a.example/k8s/clusters/a")},
		{Case: "slash", Secret: changed(clusterSecret(same), "server", "https://a.example:6443/")},
		{Case: "newline after the server", Secret: changed(clusterSecret(same), "server", "https://a.example:6443\n")},
		{Case: "newline after the token", Secret: config(func(c *conf) { c.BearerToken = "t\n" })},
		{Case: "http", Secret: at("http://a.example")},
		{Case: "no scheme", Secret: at("a.example:6443")},
		{Case: "no server", Secret: without(clusterSecret(same), "server")},
		{Case: "itself", Secret: clusterSecret(func(cluster *v1alpha1.Cluster) {
			cluster.Server, cluster.Name, cluster.Config = v1alpha1.KubernetesInternalAPIServerAddr, "in-cluster", v1alpha1.ClusterConfig{}
		})},
		{Case: "itself without a config", Secret: without(at(v1alpha1.KubernetesInternalAPIServerAddr), "config")},
		{Case: "itself with a slash and an authority", Secret: changed(config(func(c *conf) { c.BearerToken = "" }), "server", v1alpha1.KubernetesInternalAPIServerAddr+"/")},
		{Case: "itself with a program", Secret: changed(config(func(c *conf) {
			c.BearerToken, c.ExecProviderConfig = "", &v1alpha1.ExecProviderConfig{Command: "x"}
		}), "server", v1alpha1.KubernetesInternalAPIServerAddr)},
		{Case: "itself with a token", Secret: at(v1alpha1.KubernetesInternalAPIServerAddr)},
		{Case: "some namespaces", Secret: clusterSecret(func(cluster *v1alpha1.Cluster) { cluster.Namespaces, cluster.Project = []string{"a", "b"}, "p" })},
		{Case: "no name", Secret: without(clusterSecret(same), "name")},
		{Case: "no config", Secret: without(clusterSecret(same), "config")},
		{Case: "empty config", Secret: written("")},
		{Case: "no JSON", Secret: written("{")},
		{Case: "a list", Secret: written("[]")},
		{Case: "null", Secret: written("null")},
		{Case: "an unknown field", Secret: written(`{"bearerToken":"t","more":1,` + tls("") + `}`)},
		{Case: "a number as token", Secret: written(`{"bearerToken":1,` + tls("") + `}`)},
		{Case: "another case", Secret: written(`{"BEARERTOKEN":"t",` + strings.Replace(tls(""), "tlsClientConfig", "TLSClientConfig", 1) + `}`)},
		{Case: "program in another case", Secret: written(`{"bearerToken":"t","ExecProviderConfig":{"command":"x"},` + tls("") + `}`)},
		{Case: "insecure in another case", Secret: written(`{"bearerToken":"t",` + tls(`,"Insecure":true`) + `}`)},
		{Case: "insecure with a long s", Secret: written(`{"bearerToken":"t",` + tls(`,"inſecure":true`) + `}`)},
		{Case: "a token twice", Secret: written(`{"bearerToken":"t","BearerToken":"u",` + tls("") + `}`)},
		{Case: "a token twice the other way round", Secret: written(`{"BearerToken":"u","bearerToken":"t",` + tls("") + `}`)},
		{Case: "a token twice in one spelling", Secret: written(`{"bearerToken":"u","bearerToken":"t",` + tls("") + `}`)},
	}
	for i := range cases {
		one := &cases[i]
		cluster, err := db.SecretToCluster(one.Secret)
		var config *rest.Config
		if err == nil {
			config, err = cluster.RawRestConfig()
		}
		if one.Hub = errors.Is(err, rest.ErrNotInCluster); one.Hub {
			continue
		}
		if err == nil {
			one.Read, err = of(config)
		}
		if err != nil {
			one.Error = err.Error()
		}
	}
	encoder := json.NewEncoder(os.Stdout)
	encoder.SetIndent("", " ")
	if err := encoder.Encode(cases); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
