// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"k8s.io/client-go/tools/clientcmd"
	clientcmdapi "k8s.io/client-go/tools/clientcmd/api"
)

// endpoint is the API server as its clients see it.
type endpoint struct {
	url string
	ca  []byte
}

// identity is how a client proves who it is: a certificate or a token.
type identity struct {
	user  string
	pair  keyPair
	token string
}

// writeKubeconfig writes a kubeconfig with one context.
func writeKubeconfig(path string, to endpoint, as identity) error {
	config := clientcmdapi.NewConfig()
	config.Clusters["testenv"] = &clientcmdapi.Cluster{Server: to.url, CertificateAuthorityData: to.ca}
	config.AuthInfos[as.user] = &clientcmdapi.AuthInfo{
		ClientCertificateData: as.pair.cert,
		ClientKeyData:         as.pair.key,
		Token:                 as.token,
	}
	config.Contexts["testenv"] = &clientcmdapi.Context{Cluster: "testenv", AuthInfo: as.user}
	config.CurrentContext = "testenv"
	return clientcmd.WriteToFile(*config, path)
}
