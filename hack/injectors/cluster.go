// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package injectors

import (
	"bytes"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"time"
)

// trustAnchors stand for the roots, which no annotation changes.
const trustAnchors = "trust anchors"

// Cluster is what an injector finds around it.
type Cluster struct {
	// APIServer answers the few questions that injectors ask.
	APIServer string
	// TLS is the injector's serving certificate, Port where it has to listen;
	// 1.13 always listens at FixedPort.
	TLS  *tls.Config
	Port int
	// Scheduler tells whether there is one.
	Scheduler bool
	// TrustAnchors are the roots that sidecars get.
	TrustAnchors []byte

	client *http.Client
}

// creator is the service account that makes the Pods.
const creator = "replicaset-controller"

// FixedPort is where the injector of 1.13 listens, whatever it is told.
const FixedPort = 4000

func newCluster(settings Settings) (Cluster, func(), error) {
	api := httptest.NewServer(objects(settings))
	// A server that is never asked lends its certificate.
	lender := httptest.NewTLSServer(http.NotFoundHandler())
	stop := func() { api.Close(); lender.Close() }
	port, err := freePort()
	client := lender.Client()
	client.Timeout = time.Minute
	return Cluster{
		APIServer:    api.URL,
		TLS:          &tls.Config{Certificates: lender.TLS.Certificates, MinVersion: tls.VersionTLS12},
		Port:         port,
		Scheduler:    !settings.NoScheduler,
		TrustAnchors: []byte(trustAnchors),
		client:       client,
	}, stop, err
}

func freePort() (int, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port, nil
}

// objects is an API server that holds what injectors read: the service account
// of the Pods' creator, the system Configuration, the scheduler's StatefulSet, and
// no Components.
func objects(settings Settings) http.Handler {
	replicas := 3
	if settings.NoScheduler {
		replicas = 0
	}
	bodies := map[string]string{
		"/api/v1/serviceaccounts": fmt.Sprintf(
			`{"apiVersion":"v1","kind":"ServiceAccountList","items":[{"metadata":{"namespace":"kube-system","name":%q,"uid":%[1]q}}]}`, creator),
		"/apis/dapr.io/v1alpha1/namespaces/" + Namespace + "/configurations/daprsystem": fmt.Sprintf(
			`{"apiVersion":"dapr.io/v1alpha1","kind":"Configuration","metadata":{"name":"daprsystem"},"spec":{"mtls":{"enabled":%t}}}`, !settings.NoMTLS),
		"/apis/apps/v1/namespaces/" + Namespace + "/statefulsets/dapr-scheduler-server": fmt.Sprintf(
			`{"apiVersion":"apps/v1","kind":"StatefulSet","metadata":{"name":"dapr-scheduler-server"},"spec":{"replicas":%d}}`, replicas),
		"/apis/dapr.io/v1alpha1/namespaces/" + AppNamespace + "/components": `{"apiVersion":"dapr.io/v1alpha1","kind":"ComponentList","items":[]}`,
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, found := bodies[r.URL.Path]
		if !found {
			http.NotFound(w, r)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write([]byte(body))
	})
}

// ready waits until the injector answers, at the port that it was given or at
// the fixed one.
func (c *Cluster) ready(ended <-chan error) error {
	for range 600 {
		for _, port := range []int{c.Port, FixedPort} {
			conn, err := tls.Dial("tcp", fmt.Sprintf("127.0.0.1:%d", port), c.client.Transport.(*http.Transport).TLSClientConfig)
			if err == nil {
				c.Port = port
				return conn.Close()
			}
		}
		select {
		case err := <-ended:
			return fmt.Errorf("ended before it listened: %w", err)
		case <-time.After(100 * time.Millisecond):
		}
	}
	return errors.New("the injector does not listen")
}

// review asks the webhook as the API server does for a Pod of a ReplicaSet.
func (c *Cluster) review(pod json.RawMessage) (Answer, error) {
	request := map[string]any{
		"apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview",
		"request": map[string]any{
			"uid":       "1",
			"kind":      map[string]string{"version": "v1", "kind": "Pod"},
			"namespace": AppNamespace,
			"operation": "CREATE",
			"userInfo":  map[string]string{"username": "system:serviceaccount:kube-system:" + creator, "uid": creator},
			"object":    pod,
		},
	}
	body, err := json.Marshal(request)
	if err != nil {
		return Answer{}, err
	}
	response, err := c.client.Post(fmt.Sprintf("https://127.0.0.1:%d/mutate", c.Port), "application/json", bytes.NewReader(body))
	if err != nil {
		return Answer{}, err
	}
	defer response.Body.Close()
	var review struct {
		Response struct {
			Allowed bool
			Patch   []byte
			Status  struct{ Message string }
		}
	}
	if err := json.NewDecoder(response.Body).Decode(&review); err != nil {
		return Answer{}, fmt.Errorf("%s: %w", response.Status, err)
	}
	if !review.Response.Allowed {
		return Answer{State: Denied, Reason: strings.TrimSpace(review.Response.Status.Message)}, nil
	}
	return answer(review.Response.Patch)
}
