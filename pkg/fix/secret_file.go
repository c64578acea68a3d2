// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package fix

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"slices"

	"sigs.k8s.io/yaml"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/apply"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/manifest"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/plan"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/snapshot"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/textfile"
)

// SecretFile is the file that Secrets are written to which manifests are to refer to.
type SecretFile struct {
	// Path is that of the file, which must not be there yet.
	Path string
	// Store is the store of External Secrets that holds the values: what is written then
	// are ExternalSecrets, without them. It is nil for Secrets.
	Store *SecretStore
}

// SecretStore names a store of External Secrets.
type SecretStore struct {
	// Kind is SecretStore or ClusterSecretStore.
	Kind, Name string
}

// NewSecret is a Secret that is to be written into such a file.
type NewSecret struct {
	// Object names it, without a namespace where the manifest that refers to it has none.
	Object snapshot.Object
	// Keys are those that are referred to.
	Keys []string

	labels, annotations map[string]string
	// values gives the values of the keys, once; nil makes tokens up.
	values func(key string) string
}

// ways are how one gets a Secret that manifests refer to.
const ways = "--write-secrets FILE writes it there, or with --external-secret-store NAME an ExternalSecret in its place"

// homeless are the remedies that need a Secret where there is no file for it.
func (p *PreparedFiles) homeless(file *SecretFile) map[plan.Remedy]string {
	bad := map[plan.Remedy]string{}
	for i := range p.Changes {
		c := &p.Changes[i]
		if len(c.Secrets) == 0 || file != nil {
			continue
		}
		for _, g := range c.Remedies {
			if made := g.Mend(c.Before).Secrets; len(made) > 0 {
				secret := plan.SecretNamed(c.App.Namespace, made[0].Name)
				bad[plan.Remedy{App: c.App, Guideline: g.ID}] = fmt.Sprintf("it needs %s, which is not among the manifests: %s", secret, ways)
			}
		}
	}
	return bad
}

// Into says in words what is written of a Secret of tokens.
func (f *SecretFile) Into() string {
	if f.Store != nil {
		return fmt.Sprintf("as an ExternalSecret of %s %s, whose token you make there, in %s", f.Store.Kind, f.Store.Name, manifest.Printable(f.Path))
	}
	return "with a random token, in " + manifest.Printable(f.Path)
}

// Write writes the file, whole, so that it outlasts a crash. It is an error if there is
// one already.
func (f *SecretFile) Write(secrets []NewSecret) error {
	var text bytes.Buffer
	for i := range secrets {
		object := secrets[i].secret()
		if f.Store != nil {
			object = secrets[i].external(f.Store)
		}
		document, err := yaml.Marshal(object)
		if err != nil {
			return err
		}
		text.WriteString(f.head(i))
		text.Write(document)
	}
	err := textfile.CreateSecret(f.Path, text.Bytes())
	if errors.Is(err, textfile.ErrChanged) {
		err = errors.New("it is there already, and is not overwritten: name another file")
	}
	if err != nil {
		return fmt.Errorf("%s: %w", manifest.Printable(f.Path), err)
	}
	return nil
}

// head stands before the i-th document.
func (f *SecretFile) head(i int) string {
	switch {
	case i > 0:
		return "---\n"
	case f.Store != nil:
		return "# remoteRef says where the values are in the store: see that they are there before this is applied.\n"
	default:
		return "# Holds secrets. Apply it before the manifests that refer to it, and keep it out of version control.\n"
	}
}

// secret is the Secret with its values.
func (s *NewSecret) secret() map[string]any {
	data := map[string]any{}
	for _, key := range s.Keys {
		value := apply.NewToken
		if s.values != nil {
			value = func() string { return s.values(key) }
		}
		data[key] = base64.StdEncoding.EncodeToString([]byte(value()))
	}
	return map[string]any{"apiVersion": "v1", "kind": "Secret", "metadata": s.metadata(), "type": "Opaque", "data": data}
}

// external is the ExternalSecret that makes it, as of external-secrets.io/v1 (config/crds/
// bases/external-secrets.io_externalsecrets.yaml of external-secrets). What is left out has
// defaults: the Secret is made, and goes with the ExternalSecret (creationPolicy Owner), and
// it gets the labels and annotations that stand here.
func (s *NewSecret) external(store *SecretStore) map[string]any {
	var data []any
	for _, key := range s.Keys {
		data = append(data, map[string]any{
			"secretKey": key,
			"remoteRef": map[string]any{"key": s.Object.Name, "property": key},
		})
	}
	return map[string]any{
		"apiVersion": "external-secrets.io/v1", "kind": "ExternalSecret", "metadata": s.metadata(),
		"spec": map[string]any{
			"refreshInterval": "1h",
			"secretStoreRef":  map[string]any{"kind": store.Kind, "name": store.Name},
			"target":          map[string]any{"name": s.Object.Name},
			"data":            data,
		},
	}
}

func (s *NewSecret) metadata() map[string]any {
	metadata := map[string]any{"name": s.Object.Name}
	if s.Object.Namespace != "" {
		metadata["namespace"] = s.Object.Namespace
	}
	if len(s.labels) > 0 {
		metadata["labels"] = s.labels
	}
	if len(s.annotations) > 0 {
		metadata["annotations"] = s.annotations
	}
	return metadata
}

// SecretsOf are the Secrets that steps make, each once, in the namespaces of their objects
// as they are built.
func SecretsOf(steps []plan.Step) []NewSecret {
	var all []NewSecret
	for i := range steps {
		for _, s := range steps[i].Secrets {
			s.Object.Namespace = steps[i].Live.GetNamespace()
			if !slices.ContainsFunc(all, func(n NewSecret) bool { return n.Object == s.Object }) {
				all = append(all, NewSecret{Object: s.Object, Keys: s.Keys})
			}
		}
	}
	return all
}

// secretsOf are the Secrets that changes make, each once.
func (f *Files) secretsOf(ctx context.Context, changes []*plan.Change, texts *manifest.Texts) ([]NewSecret, error) {
	var all []NewSecret
	for _, c := range changes {
		if len(c.Secrets) == 0 {
			continue
		}
		namespace, err := namespaceAt(ctx, texts, c.Before.Template.Source)
		if err != nil {
			return nil, err
		}
		for _, s := range c.Secrets {
			s.Object.Namespace = namespace
			if !slices.ContainsFunc(all, func(n NewSecret) bool { return n.Object == s.Object }) {
				all = append(all, NewSecret{Object: s.Object, Keys: s.Keys})
			}
		}
	}
	return all, nil
}

// namespaceAt is the namespace that the object at a place names; empty where it names none,
// and goes where it is applied to.
func namespaceAt(ctx context.Context, texts *manifest.Texts, source snapshot.Source) (string, error) {
	namespace := ""
	err := manifest.Input{Filenames: []string{source.File}, Texts: texts}.Read(ctx, func(d *manifest.Document) error {
		var object struct {
			Metadata struct {
				Namespace string `json:"namespace"`
			} `json:"metadata"`
		}
		if d.File != source.File || d.Line() != source.Line || d.Decode(&object) != nil {
			return nil
		}
		namespace = object.Metadata.Namespace
		return nil
	})
	var bad *manifest.Error
	if errors.As(err, &bad) {
		err = nil // which is said of the whole input
	}
	return namespace, err
}
