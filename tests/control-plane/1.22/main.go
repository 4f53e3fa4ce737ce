// Command kubeadm-1.22 is the real kubeadm 1.22.17, the oldest release whose bootstrap-token phase we match.
package main

import (
	"k8s.io/kubernetes/cmd/kubeadm/app"
	kubeadmutil "k8s.io/kubernetes/cmd/kubeadm/app/util"
)

func main() {
	kubeadmutil.CheckErr(app.Run())
}
