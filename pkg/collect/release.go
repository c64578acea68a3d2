// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package collect

import (
	"bytes"
	"cmp"
	"compress/gzip"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/manifest"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/snapshot"
)

// What Helm writes on the objects of a release, and where it keeps its records
// (helm.sh/helm, pkg/storage/driver).
const (
	releaseName      = "meta.helm.sh/release-name"
	releaseNamespace = "meta.helm.sh/release-namespace"
	recordEntry      = "release"
)

// recordLimit is the size in bytes that a record may unpack to: many times the
// size of what a Secret can hold, packed.
const recordLimit = 32 << 20

// releaseOf names the Helm release that a control plane was installed by.
func releaseOf(all []controlPlaneWorkload, namespace string) (ns, name string, found bool) {
	for _, w := range all {
		if w.Object.Namespace == namespace && w.Annotations[releaseName] != "" {
			return cmp.Or(w.Annotations[releaseNamespace], namespace), w.Annotations[releaseName], true
		}
	}
	return "", "", false
}

// release reads the newest record of a release. Only names are listed, and one
// record is read. No record is no error: who installs with helm template keeps none.
func (l *lister) release(ctx context.Context, namespace, name string) (*snapshot.Release, error) {
	newest, err := l.newestRecord(ctx, "secrets", namespace, name)
	if err != nil || newest != "" {
		if err != nil {
			return nil, err
		}
		secret, err := l.core.CoreV1().Secrets(namespace).Get(ctx, newest, metav1.GetOptions{})
		if err != nil {
			return nil, err
		}
		return readRecord(ctx, secret.Data[recordEntry])
	}
	newest, err = l.newestRecord(ctx, "configmaps", namespace, name)
	if err != nil || newest == "" {
		return nil, err
	}
	configMap, err := l.core.CoreV1().ConfigMaps(namespace).Get(ctx, newest, metav1.GetOptions{})
	if err != nil {
		return nil, err
	}
	return readRecord(ctx, []byte(configMap.Data[recordEntry]))
}

// newestRecord is the name of the record with the highest revision; empty if
// there is none.
func (l *lister) newestRecord(ctx context.Context, resource, namespace, release string) (string, error) {
	selector := labels.Set{"owner": "helm", "name": release}.String()
	list, err := l.metadata.Resource(schema.GroupVersionResource{Version: "v1", Resource: resource}).
		Namespace(namespace).List(ctx, metav1.ListOptions{LabelSelector: selector})
	if err != nil {
		return "", err
	}
	newest, highest := "", -1
	for _, item := range list.Items {
		if revision, err := strconv.Atoi(item.Labels["version"]); err == nil && revision > highest {
			newest, highest = item.Name, revision
		}
	}
	return newest, nil
}

// errRecord is all that is said of a record that cannot be read: its text holds
// the values of the release.
var errRecord = errors.New("the record that Helm keeps of the release cannot be read")

// readRecord unpacks a record: base64, gzip, JSON.
func readRecord(ctx context.Context, data []byte) (*snapshot.Release, error) {
	packed := make([]byte, base64.StdEncoding.DecodedLen(len(data)))
	n, err := base64.StdEncoding.Decode(packed, data)
	if err != nil {
		return nil, errRecord
	}
	text := packed[:n]
	if bytes.HasPrefix(text, []byte{0x1f, 0x8b}) { // records of old were not packed
		unpacked, err := gzip.NewReader(bytes.NewReader(text))
		if err != nil {
			return nil, errRecord
		}
		text, err = io.ReadAll(io.LimitReader(unpacked, recordLimit+1))
		if err != nil {
			return nil, errRecord
		}
		if len(text) > recordLimit {
			return nil, fmt.Errorf("%w: it is larger than %d MiB", errRecord, recordLimit>>20)
		}
	}
	var record struct {
		Name      string `json:"name"`
		Namespace string `json:"namespace"`
		Version   int    `json:"version"`
		Info      struct {
			Status string `json:"status"`
		} `json:"info"`
		Chart struct {
			Metadata struct {
				Name       string `json:"name"`
				Version    string `json:"version"`
				AppVersion string `json:"appVersion"`
			} `json:"metadata"`
		} `json:"chart"`
		Config   map[string]any `json:"config"`
		Manifest string         `json:"manifest"`
	}
	if json.Unmarshal(text, &record) != nil {
		return nil, errRecord
	}
	release := &snapshot.Release{
		Namespace:    record.Namespace,
		Name:         record.Name,
		Chart:        record.Chart.Metadata.Name,
		ChartVersion: record.Chart.Metadata.Version,
		AppVersion:   record.Chart.Metadata.AppVersion,
		Revision:     record.Version,
		Status:       record.Info.Status,
		Values:       valuePaths(record.Config, ""),
	}
	release.Workloads, err = workloadsIn(ctx, record.Manifest, record.Namespace)
	return release, err
}

// valuePaths are the paths of all values that are no maps, sorted.
func valuePaths(values map[string]any, prefix string) []string {
	var all []string
	for key, value := range values {
		if inner, isMap := value.(map[string]any); isMap {
			all = append(all, valuePaths(inner, prefix+key+".")...)
			continue
		}
		all = append(all, prefix+key)
	}
	slices.Sort(all)
	return all
}

// workloadsIn are the control plane's workloads in a rendered chart; none where not
// all of it can be read, since what is missing then is not known.
func workloadsIn(ctx context.Context, rendered, namespace string) ([]snapshot.ControlPlaneWorkload, error) {
	r := newManifestReading(Manifests{Namespace: namespace, Selector: labels.Everything()})
	input := manifest.Input{Filenames: []string{"-"}, Stdin: strings.NewReader(rendered), Prepare: r.prepare}
	if input.Read(ctx, r.object) != nil {
		return nil, ctx.Err()
	}
	var all []snapshot.ControlPlaneWorkload
	for _, w := range r.join().controlPlane {
		w.Source = snapshot.Source{}
		all = append(all, w.ControlPlaneWorkload)
	}
	return all, ctx.Err()
}
