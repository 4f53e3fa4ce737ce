// Makes Secrets of Cluster API by its own types, and prints each with what Cluster API itself reads in it. `make judges` writes it to
// capi.json.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes/scheme"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
	"k8s.io/client-go/tools/clientcmd/api"
	clusterv1 "sigs.k8s.io/cluster-api/api/core/v1beta2"
	"sigs.k8s.io/cluster-api/controllers/remote"
	"sigs.k8s.io/cluster-api/util/kubeconfig"
	"sigs.k8s.io/cluster-api/util/secret"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/fake"
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
	// The Cluster whose kubeconfig it is.
	Cluster string `json:"cluster,omitempty"`
	Read    *read  `json:"read,omitempty"`
	Error   string `json:"error,omitempty"`
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

// A kubeconfig as the kubeadm control plane provider makes it.
func config(change func(*api.Config, *api.Cluster, *api.AuthInfo)) []byte {
	server := &api.Cluster{Server: "https://a.example:6443", CertificateAuthorityData: certificate}
	user := &api.AuthInfo{ClientCertificateData: certificate, ClientKeyData: key}
	config := &api.Config{
		Clusters:       map[string]*api.Cluster{"a": server},
		Contexts:       map[string]*api.Context{"a-admin@a": {Cluster: "a", AuthInfo: "a-admin"}},
		AuthInfos:      map[string]*api.AuthInfo{"a-admin": user},
		CurrentContext: "a-admin@a",
	}
	change(config, server, user)
	data, err := clientcmd.Write(*config)
	if err != nil {
		panic(err)
	}
	return data
}

func user(change func(*api.AuthInfo)) []byte {
	return config(func(_ *api.Config, _ *api.Cluster, user *api.AuthInfo) { change(user) })
}

func server(change func(*api.Cluster)) []byte {
	return config(func(_ *api.Config, server *api.Cluster, _ *api.AuthInfo) { change(server) })
}

func named(name string, data []byte) *corev1.Secret {
	cluster := &clusterv1.Cluster{ObjectMeta: metav1.ObjectMeta{Name: name, Namespace: "fleet", UID: "1"}}
	return kubeconfig.GenerateSecret(cluster, data)
}

func purpose(purpose secret.Purpose) *corev1.Secret {
	made := named("a", certificate)
	made.Name = secret.Name("a", purpose)
	made.Data = map[string][]byte{secret.TLSCrtDataName: certificate, secret.TLSKeyDataName: key}
	return made
}

func changed(made *corev1.Secret, change func(*corev1.Secret)) *corev1.Secret {
	change(made)
	return made
}

func main() {
	same := func(*api.Config, *api.Cluster, *api.AuthInfo) {}
	cases := []made{
		{Case: "certificate", Secret: named("a", config(same))},
		{Case: "token", Secret: named("a", user(func(u *api.AuthInfo) { *u = api.AuthInfo{Token: "t"} }))},
		{Case: "token and certificate", Secret: named("a", user(func(u *api.AuthInfo) { u.Token = "t" }))},
		{Case: "certificate without key", Secret: named("a", user(func(u *api.AuthInfo) { u.ClientKeyData = nil }))},
		{Case: "token and certificate without key", Secret: named("a", user(func(u *api.AuthInfo) { u.Token, u.ClientKeyData = "t", nil }))},
		{Case: "token and key without certificate", Secret: named("a", user(func(u *api.AuthInfo) { u.Token, u.ClientCertificateData = "t", nil }))},
		{Case: "login", Secret: named("a", user(func(u *api.AuthInfo) { *u = api.AuthInfo{Username: "u", Password: "p"} }))},
		{Case: "login and token", Secret: named("a", user(func(u *api.AuthInfo) { *u = api.AuthInfo{Username: "u", Password: "p", Token: "t"} }))},
		{Case: "login and certificate", Secret: named("a", user(func(u *api.AuthInfo) { u.Username, u.Password = "u", "p" }))},
		{Case: "nothing", Secret: named("a", user(func(u *api.AuthInfo) { *u = api.AuthInfo{} }))},
		{Case: "program", Secret: named("a", user(func(u *api.AuthInfo) {
			*u = api.AuthInfo{Exec: &api.ExecConfig{APIVersion: "client.authentication.k8s.io/v1", Command: "aws", InteractiveMode: "Never"}}
		}))},
		{Case: "files of certificate", Secret: named("a", user(func(u *api.AuthInfo) { *u = api.AuthInfo{ClientCertificate: "/none", ClientKey: "/none"} }))},
		{Case: "file of token", Secret: named("a", user(func(u *api.AuthInfo) { *u = api.AuthInfo{TokenFile: "/none"} }))},
		{Case: "impersonation", Secret: named("a", user(func(u *api.AuthInfo) { u.Impersonate = "b" }))},
		{Case: "insecure", Secret: named("a", server(func(s *api.Cluster) { s.CertificateAuthorityData, s.InsecureSkipTLSVerify = nil, true }))},
		{Case: "insecure with authority", Secret: named("a", server(func(s *api.Cluster) { s.InsecureSkipTLSVerify = true }))},
		{Case: "no authority", Secret: named("a", server(func(s *api.Cluster) { s.CertificateAuthorityData = nil }))},
		{Case: "file of authority", Secret: named("a", server(func(s *api.Cluster) { s.CertificateAuthorityData, s.CertificateAuthority = nil, "/none" }))},
		{Case: "name of the server", Secret: named("a", server(func(s *api.Cluster) { s.TLSServerName = "b.example" }))},
		{Case: "path", Secret: named("a", server(func(s *api.Cluster) { s.Server += "/k8s/clusters/a" }))},
		{Case: "slash", Secret: named("a", server(func(s *api.Cluster) { s.Server += "/" }))},
		{Case: "http", Secret: named("a", server(func(s *api.Cluster) { s.Server = "http://a.example" }))},
		{Case: "no scheme", Secret: named("a", server(func(s *api.Cluster) { s.Server = "a.example:6443" }))},
		{Case: "no server", Secret: named("a", server(func(s *api.Cluster) { s.Server = "" }))},
		{Case: "proxy", Secret: named("a", server(func(s *api.Cluster) { s.ProxyURL = "http://p.example:3128" }))},
		{Case: "socks", Secret: named("a", server(func(s *api.Cluster) { s.ProxyURL = "socks5://p.example" }))},
		{Case: "ftp", Secret: named("a", server(func(s *api.Cluster) { s.ProxyURL = "ftp://p.example" }))},
		{Case: "second context", Secret: named("a", config(func(c *api.Config, _ *api.Cluster, _ *api.AuthInfo) {
			c.Clusters["b"] = &api.Cluster{Server: "https://b.example", CertificateAuthorityData: certificate}
			c.Contexts["b"] = &api.Context{Cluster: "b", AuthInfo: "a-admin"}
			c.CurrentContext = "b"
		}))},
		{Case: "no current context", Secret: named("a", config(func(c *api.Config, _ *api.Cluster, _ *api.AuthInfo) { c.CurrentContext = "" }))},
		{Case: "unknown context", Secret: named("a", config(func(c *api.Config, _ *api.Cluster, _ *api.AuthInfo) { c.CurrentContext = "b" }))},
		{Case: "empty", Secret: named("a", nil)},
		{Case: "no YAML", Secret: named("a", []byte("a: ["))},
		{Case: "another name in the label", Secret: changed(named("a", config(same)), func(s *corev1.Secret) { s.Labels[clusterv1.ClusterNameLabel] = "b" })},
		{Case: "no label", Secret: changed(named("a", config(same)), func(s *corev1.Secret) { s.Labels = nil })},
		{Case: "longer name", Secret: named("a-user", config(same))},
		{Case: "ca", Secret: purpose(secret.ClusterCA)},
		{Case: "etcd", Secret: purpose(secret.EtcdCA)},
		{Case: "sa", Secret: purpose(secret.ServiceAccount)},
		{Case: "proxy CA", Secret: purpose(secret.FrontProxyCA)},
	}
	for i := range cases {
		one := &cases[i]
		cluster, purpose, err := secret.ParseSecretName(one.Secret.Name)
		if err == nil && purpose == secret.Kubeconfig {
			one.Cluster = one.Secret.Namespace + "/" + cluster
			kept := fake.NewClientBuilder().WithScheme(scheme.Scheme).WithObjects(one.Secret.DeepCopy()).Build()
			var config *rest.Config
			config, err = remote.RESTConfig(context.Background(), "judge", kept, client.ObjectKey{Namespace: one.Secret.Namespace, Name: cluster})
			if err == nil {
				one.Read, err = of(config)
			}
			if err != nil {
				one.Error = err.Error()
			}
		}
		one.Secret.APIVersion, one.Secret.Kind = "v1", "Secret"
	}
	encoder := json.NewEncoder(os.Stdout)
	encoder.SetIndent("", " ")
	if err := encoder.Encode(cases); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
