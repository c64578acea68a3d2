// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package kube

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	authenticationv1 "k8s.io/api/authentication/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/tools/clientcmd"
	clientcmdapi "k8s.io/client-go/tools/clientcmd/api"
)

// Sidecar is Dapr's real daprd: a process in the place of the container that the injector
// put into a Pod, with its arguments and variables, and what the server mounts into it.
type Sidecar struct {
	// HTTP and GRPC are the addresses of its API.
	HTTP, GRPC string
	command    *exec.Cmd
	log        journal
	ended      chan struct{}
}

// journal is a log that can be read while it is written.
type journal struct {
	mutex sync.Mutex
	text  bytes.Buffer
}

func (j *journal) Write(p []byte) (int, error) {
	j.mutex.Lock()
	defer j.mutex.Unlock()
	return j.text.Write(p)
}

// notHere are the services that are no part of the cluster: a sidecar without actors and
// jobs does without.
var notHere = []string{"--placement-host-address", "--scheduler-host-address"}

// Sidecar starts the daprd of a Pod, until the test ends. app is the port of its app.
// Building the program takes some minutes, once.
func (n *Namespace) Sidecar(t testing.TB, pod *corev1.Pod, app int) *Sidecar {
	t.Helper()
	i := slices.IndexFunc(pod.Spec.Containers, func(c corev1.Container) bool { return c.Name == "daprd" })
	if i < 0 {
		t.Fatalf("Pod %s has no sidecar", pod.Name)
	}
	container := &pod.Spec.Containers[i]
	testenv, err := n.Testenv()
	if err != nil {
		t.Fatal(err)
	}
	program, err := exec.Command(testenv, "daprd").Output()
	if err != nil {
		t.Fatalf("testenv daprd: %v", err)
	}
	var args []string
	for i := 0; i < len(container.Args); i++ {
		switch arg := container.Args[i]; {
		case slices.Contains(notHere, arg):
			i++
		case arg != "/daprd":
			args = append(args, arg)
		}
	}
	ports := freePorts(t, 5)
	args = append(args, "--dapr-listen-addresses", "127.0.0.1", "--dapr-http-port", ports[0], "--dapr-grpc-port", ports[1],
		"--dapr-internal-grpc-port", ports[2], "--dapr-public-port", ports[3], "--metrics-port", ports[4])
	if app > 0 {
		args = append(args, "--app-port", strconv.Itoa(app))
	}
	s := &Sidecar{HTTP: "http://127.0.0.1:" + ports[0], GRPC: "http://127.0.0.1:" + ports[1], ended: make(chan struct{})}
	s.command = exec.Command(strings.TrimSpace(string(program)), args...)
	s.command.Env = append(n.environment(t, pod, container), n.mounts(t, pod, container)...)
	s.command.Stdout, s.command.Stderr = &s.log, &s.log
	if err := s.command.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		defer close(s.ended)
		_ = s.command.Wait() // Ended says it
	}()
	t.Cleanup(func() {
		_ = s.command.Process.Kill() // which fails where it has ended
		<-s.ended
	})
	return s
}

// environment is what a kubelet gives a container, and what lets it run here.
func (n *Namespace) environment(t testing.TB, pod *corev1.Pod, container *corev1.Container) []string {
	t.Helper()
	env := []string{
		// The names of Dapr's services are the cluster's own.
		"HTTPS_PROXY=" + n.Proxy, "NO_PROXY=127.0.0.1,localhost", "HOME=" + t.TempDir(),
		// Dapr insists on its image's user, also outside of an image.
		"DAPR_UNSAFE_SKIP_CONTAINER_UID_GID_CHECK=true",
	}
	for _, e := range container.Env {
		env = append(env, e.Name+"="+n.Variable(t, pod, e))
	}
	return env
}

// Variable is the value of a variable of a Pod's container, as a kubelet finds it.
func (n *Namespace) Variable(t testing.TB, pod *corev1.Pod, e corev1.EnvVar) string {
	t.Helper()
	switch from := e.ValueFrom; {
	case from == nil:
		return e.Value
	case from.SecretKeyRef != nil:
		secret, err := n.Client.CoreV1().Secrets(n.Name).Get(t.Context(), from.SecretKeyRef.Name, metav1.GetOptions{})
		if err != nil {
			t.Fatal(err)
		}
		value, there := secret.Data[from.SecretKeyRef.Key]
		if !there {
			t.Fatalf("Secret %s has no key %s: no kubelet starts the container", secret.Name, from.SecretKeyRef.Key)
		}
		return string(value)
	case from.FieldRef != nil && from.FieldRef.FieldPath == "metadata.name":
		return pod.Name
	case from.FieldRef != nil && from.FieldRef.FieldPath == "metadata.namespace":
		return pod.Namespace
	}
	t.Fatalf("the source of variable %s is not known here", e.Name)
	return ""
}

// mounts are the tokens that a kubelet mounts into a container, by the variables that
// Dapr's programs take in their place. Without the ServiceAccount's there is a variable
// that names no file. That of Dapr's identity is always there: the injector adds its mount
// where it has such a token itself, as in a Pod, and here it is a process.
func (n *Namespace) mounts(t testing.TB, pod *corev1.Pod, container *corev1.Container) []string {
	t.Helper()
	folder := t.TempDir()
	kubeconfig, identity := filepath.Join(folder, "kubeconfig"), filepath.Join(folder, "identity")
	if slices.ContainsFunc(container.VolumeMounts, func(m corev1.VolumeMount) bool { return strings.HasPrefix(m.Name, "kube-api-access") }) {
		n.writeKubeconfig(t, kubeconfig, n.token(t, pod))
	}
	token := n.token(t, pod, "spiffe://cluster.local/ns/"+n.Dapr.Namespace+"/dapr-sentry")
	if err := os.WriteFile(identity, []byte(token), 0o600); err != nil {
		t.Fatal(err)
	}
	return []string{"KUBECONFIG=" + kubeconfig, "DAPR_SENTRY_TOKEN_FILE=" + identity}
}

// token is one of the Pod's ServiceAccount, bound to the Pod.
func (n *Namespace) token(t testing.TB, pod *corev1.Pod, audiences ...string) string {
	t.Helper()
	request := &authenticationv1.TokenRequest{Spec: authenticationv1.TokenRequestSpec{
		Audiences:      audiences,
		BoundObjectRef: &authenticationv1.BoundObjectReference{Kind: "Pod", APIVersion: "v1", Name: pod.Name, UID: pod.UID},
	}}
	made, err := n.Client.CoreV1().ServiceAccounts(n.Name).CreateToken(t.Context(), pod.Spec.ServiceAccountName, request, metav1.CreateOptions{})
	if err != nil {
		t.Fatal(err)
	}
	return made.Status.Token
}

func (n *Namespace) writeKubeconfig(t testing.TB, path, token string) {
	t.Helper()
	config := clientcmdapi.NewConfig()
	config.Clusters["cluster"] = &clientcmdapi.Cluster{Server: n.APIServer, CertificateAuthorityData: n.Config.CAData}
	config.AuthInfos["pod"] = &clientcmdapi.AuthInfo{Token: token}
	config.Contexts["pod"] = &clientcmdapi.Context{Cluster: "cluster", AuthInfo: "pod"}
	config.CurrentContext = "pod"
	if err := clientcmd.WriteToFile(*config, path); err != nil {
		t.Fatal(err)
	}
}

// Ended waits for the end of a sidecar that cannot go on, and returns its exit code and
// what it said.
func (s *Sidecar) Ended(t testing.TB) (code int, log string) {
	t.Helper()
	Eventually(t, "the end of daprd", func(context.Context) (bool, string, error) {
		select {
		case <-s.ended:
			return true, "", nil
		default:
			return false, s.Log(), nil
		}
	})
	return s.command.ProcessState.ExitCode(), s.Log()
}

// Serves waits until the sidecar serves its API.
func (s *Sidecar) Serves(t testing.TB) {
	t.Helper()
	Eventually(t, "daprd", func(ctx context.Context) (bool, string, error) {
		select {
		case <-s.ended:
			return false, "", fmt.Errorf("daprd ended with exit code %d:\n%s", s.command.ProcessState.ExitCode(), s.Log())
		default:
		}
		// The one path that asks for no token.
		request, err := http.NewRequestWithContext(ctx, http.MethodGet, s.HTTP+"/v1.0/healthz", nil)
		if err != nil {
			return false, "", err
		}
		response, err := http.DefaultClient.Do(request)
		if err != nil {
			return false, s.Log(), nil
		}
		_ = response.Body.Close()
		return response.StatusCode == http.StatusNoContent, s.Log(), nil
	})
}

// Log is what the sidecar said so far.
func (s *Sidecar) Log() string {
	s.log.mutex.Lock()
	defer s.log.mutex.Unlock()
	return s.log.text.String()
}

// freePorts are ports of the loopback interface that nobody listens on.
func freePorts(t testing.TB, n int) []string {
	t.Helper()
	var all []string
	for range n {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		defer l.Close()
		_, port, err := net.SplitHostPort(l.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, port)
	}
	return all
}
