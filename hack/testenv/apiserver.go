// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/clientcmd"
)

// serviceRange is where Services get their cluster addresses.
const serviceRange = "10.96.0.0/16"

// startAPIServer starts etcd and the API server, waits until it answers, and
// fills in the cluster's endpoint, admin kubeconfig and client.
func (c *cluster) startAPIServer(ctx context.Context, limitCritical bool) error {
	ports, err := freePorts(3)
	if err != nil {
		return err
	}
	client, peer, secure := ports[0], ports[1], ports[2]
	if err := c.startEtcd(client, peer); err != nil {
		return err
	}
	args, err := c.apiServerArgs(client, secure)
	if err != nil {
		return err
	}
	if limitCritical {
		config, err := c.writeAdmissionConfig()
		if err != nil {
			return err
		}
		args = append(args, "--admission-control-config-file="+config)
	}
	if _, err := c.processes.start(program{name: "kube-apiserver", path: c.tools["kube-apiserver"], args: args}); err != nil {
		return err
	}
	c.api = endpoint{url: "https://" + loopback(secure), ca: c.ca.pem}
	c.kubeconfig = filepath.Join(c.dir, "kubeconfig")
	if err := c.writeUser(c.kubeconfig, "admin", "system:masters"); err != nil {
		return err
	}
	if c.config, err = clientcmd.BuildConfigFromFlags("", c.kubeconfig); err != nil {
		return err
	}
	c.config.QPS, c.config.Burst = 200, 400
	if c.client, err = kubernetes.NewForConfig(c.config); err != nil {
		return err
	}
	return waitFor(ctx, "kube-apiserver", 90*time.Second, func(ctx context.Context) error {
		_, err := c.client.Discovery().RESTClient().Get().AbsPath("/readyz").DoRaw(ctx)
		return err
	})
}

// startEtcd does not wait: the API server does that itself.
func (c *cluster) startEtcd(client, peer int) error {
	clientURL, peerURL := "http://"+loopback(client), "http://"+loopback(peer)
	_, err := c.processes.start(program{name: "etcd", path: c.tools["etcd"], args: []string{
		"--data-dir=" + filepath.Join(c.dir, "etcd"),
		"--listen-client-urls=" + clientURL,
		"--advertise-client-urls=" + clientURL,
		"--listen-peer-urls=" + peerURL,
		"--initial-advertise-peer-urls=" + peerURL,
		"--initial-cluster=default=" + peerURL,
		"--log-level=warn",
		"--quota-backend-bytes=8589934592", // room for tests with very many Pods
		"--unsafe-no-fsync",                // the data never outlives the process
	}})
	return err
}

func (c *cluster) apiServerArgs(etcdPort, port int) ([]string, error) {
	serving, err := c.ca.server("kube-apiserver", "127.0.0.1", "localhost", "kubernetes.default.svc")
	if err != nil {
		return nil, err
	}
	certFile, keyFile, err := serving.write(c.pki, "kube-apiserver")
	if err != nil {
		return nil, err
	}
	tokens, err := c.ca.server("service-accounts") // only its key is used
	if err != nil {
		return nil, err
	}
	if _, c.tokenKey, err = tokens.write(c.pki, "service-accounts"); err != nil {
		return nil, err
	}
	c.caFile = filepath.Join(c.pki, "ca.crt")
	if err := os.WriteFile(c.caFile, c.ca.pem, 0o600); err != nil {
		return nil, err
	}
	egressConfig, err := c.writeEgressConfig()
	if err != nil {
		return nil, err
	}
	aggregation, err := c.aggregationArgs()
	if err != nil {
		return nil, err
	}
	return append([]string{
		"--etcd-servers=http://" + loopback(etcdPort),
		"--bind-address=127.0.0.1",
		"--advertise-address=127.0.0.1",
		"--endpoint-reconciler-type=none", // loopback addresses are refused in Endpoints
		"--secure-port=" + strconv.Itoa(port),
		"--tls-cert-file=" + certFile,
		"--tls-private-key-file=" + keyFile,
		"--client-ca-file=" + c.caFile,
		"--authorization-mode=RBAC",
		"--allow-privileged=true",
		"--service-cluster-ip-range=" + serviceRange,
		"--service-account-issuer=https://kubernetes.default.svc.cluster.local",
		"--service-account-key-file=" + c.tokenKey,
		"--service-account-signing-key-file=" + c.tokenKey,
		"--egress-selector-config-file=" + egressConfig,
		"--profiling=false",
	}, aggregation...), nil
}

// aggregationArgs let the API server hand requests on to metrics-server, in the
// name of who sent them. The authority is one of its own: who has a certificate
// of it may speak for anybody.
func (c *cluster) aggregationArgs() ([]string, error) {
	const proxy = "front-proxy"
	front, err := newAuthority()
	if err != nil {
		return nil, err
	}
	client, err := front.client(proxy)
	if err != nil {
		return nil, err
	}
	certFile, keyFile, err := client.write(c.pki, proxy)
	if err != nil {
		return nil, err
	}
	caFile := filepath.Join(c.pki, proxy+"-ca.crt")
	return []string{
		"--requestheader-client-ca-file=" + caFile,
		"--requestheader-allowed-names=" + proxy,
		"--requestheader-username-headers=X-Remote-User",
		"--requestheader-group-headers=X-Remote-Group",
		"--requestheader-extra-headers-prefix=X-Remote-Extra-",
		"--proxy-client-cert-file=" + certFile,
		"--proxy-client-key-file=" + keyFile,
	}, os.WriteFile(caFile, front.pem, 0o600)
}

// writeEgressConfig tells the API server to dial everything in the cluster
// through this process. The proxy must be a Unix socket: without TLS the API
// server accepts no other kind.
func (c *cluster) writeEgressConfig() (string, error) {
	socket := filepath.Join(c.dir, "egress.sock")
	if len(socket) > 100 {
		return "", fmt.Errorf("folder %s has too long a name for a Unix socket: choose a shorter --dir", c.dir)
	}
	listener, err := net.Listen("unix", socket)
	if err != nil {
		return "", err
	}
	go c.egress.serve(listener)
	// Dapr's programs speak the same protocol, but only over TCP.
	tcp, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	c.proxyURL = "http://" + tcp.Addr().String()
	go c.egress.serve(tcp)
	path := filepath.Join(c.dir, "egress.yaml")
	return path, os.WriteFile(path, []byte(`apiVersion: apiserver.k8s.io/v1beta1
kind: EgressSelectorConfiguration
egressSelections:
- name: cluster
  connection:
    proxyProtocol: HTTPConnect
    transport:
      uds:
        udsName: `+socket+"\n"), 0o600)
}

// limitCriticalClasses is what some providers have: the critical classes are for
// namespaces with a ResourceQuota that is about them.
const limitCriticalClasses = `apiVersion: apiserver.config.k8s.io/v1
kind: AdmissionConfiguration
plugins:
- name: ResourceQuota
  configuration:
    apiVersion: apiserver.config.k8s.io/v1
    kind: ResourceQuotaConfiguration
    limitedResources:
    - resource: pods
      matchScopes:
      - scopeName: PriorityClass
        operator: In
        values: [system-node-critical, system-cluster-critical]
`

func (c *cluster) writeAdmissionConfig() (string, error) {
	path := filepath.Join(c.dir, "admission.yaml")
	return path, os.WriteFile(path, []byte(limitCriticalClasses), 0o600)
}

// userKubeconfig writes the kubeconfig of one of the cluster's own programs.
func (c *cluster) userKubeconfig(user string, groups ...string) (string, error) {
	path := filepath.Join(c.pki, strings.TrimPrefix(user, "system:")+".kubeconfig")
	return path, c.writeUser(path, user, groups...)
}

// writeUser writes the kubeconfig of a user who is known by certificate.
func (c *cluster) writeUser(path, user string, groups ...string) error {
	pair, err := c.ca.client(user, groups...)
	if err != nil {
		return err
	}
	return writeKubeconfig(path, c.api, identity{user: user, pair: pair})
}

// version asks the API server for its release: the binary may be an asset of
// another version than the one testenv builds.
func (c *cluster) version() (string, error) {
	info, err := c.client.Discovery().ServerVersion()
	if err != nil {
		return "", err
	}
	return info.GitVersion, nil
}
