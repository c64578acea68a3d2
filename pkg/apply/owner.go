// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package apply

import (
	"fmt"
	"slices"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/structured-merge-diff/v6/fieldpath"
)

// Owner is who an object comes from, and who would set back what others write to it.
type Owner struct {
	// Name says who in words: "Helm release orders in namespace shop".
	Name string
	// Commit says where the change has to go instead: "put the change into ...".
	Commit string
}

// What tools leave on the objects that are theirs.
const (
	helmName      = "meta.helm.sh/release-name"
	helmNamespace = "meta.helm.sh/release-namespace"
	managedBy     = "app.kubernetes.io/managed-by"

	argoTracking = "argocd.argoproj.io/tracking-id"
	argoInstance = "argocd.argoproj.io/instance"

	fluxKustomization = "kustomize.toolkit.fluxcd.io/"
	fluxRelease       = "helm.toolkit.fluxcd.io/"

	addonMode = "addonmanager.kubernetes.io/mode"
)

// Where a change goes, by tool.
const (
	commitHelm          = "put the change into the values or the templates of its chart, and upgrade the release"
	commitArgo          = "commit the change to the source of the application, and let Argo CD sync it"
	commitKustomization = "commit the change to the source of the Kustomization, and let Flux reconcile it"
	commitRelease       = "put the change into spec.values or spec.postRenderers of the HelmRelease, where that is kept, and let Flux reconcile it"
	commitTerraform     = "put the change into the Terraform configuration, and apply that"
	commitPulumi        = "put the change into the Pulumi program, and run pulumi up"
	commitFleet         = "commit the change to the repository of the Fleet bundle"
	commitKapp          = "put the change into the configuration that kapp deploys"
	commitAddon         = "change it with the means of who runs the cluster"
)

// OwnerOf tells whom an object belongs to, by what it says itself; nil where nobody
// but people with kubectl, and the cluster, have a hand in it. The label
// app.kubernetes.io/instance alone is no proof: many charts set it by themselves.
func OwnerOf(live *unstructured.Unstructured) *Owner {
	for _, find := range []func(*unstructured.Unstructured) *Owner{controller, argo, flux, helm, addon, templateOwner} {
		if owner := find(live); owner != nil {
			return owner
		}
	}
	return nil
}

// controller is the object that made this one.
func controller(live *unstructured.Unstructured) *Owner {
	by := metav1.GetControllerOf(live)
	if by == nil {
		return nil
	}
	return &Owner{
		Name:   by.Kind + " " + by.Name,
		Commit: fmt.Sprintf("put the change into the %s, whose controller makes this object", by.Kind),
	}
}

func argo(live *unstructured.Unstructured) *Owner {
	id := live.GetAnnotations()[argoTracking]
	name, of, _ := strings.Cut(id, ":")
	if name == "" || !tracks(of, live) {
		// A controller may have copied the annotation from another object.
		if name = live.GetLabels()[argoInstance]; name == "" {
			return nil
		}
	}
	return &Owner{Name: "Argo CD application " + name, Commit: commitArgo}
}

// tracks tells whether the second part of a tracking ID, GROUP/KIND:NAMESPACE/NAME,
// is about an object. One of no namespace has that of its application there.
func tracks(id string, live *unstructured.Unstructured) bool {
	kind := live.GroupVersionKind()
	if live.GetNamespace() == "" {
		return strings.HasPrefix(id, kind.Group+"/"+kind.Kind+":") && strings.HasSuffix(id, "/"+live.GetName())
	}
	return id == fmt.Sprintf("%s/%s:%s/%s", kind.Group, kind.Kind, live.GetNamespace(), live.GetName())
}

func flux(live *unstructured.Unstructured) *Owner {
	labels := live.GetLabels()
	if name := labels[fluxKustomization+"name"]; name != "" {
		return &Owner{Name: inNamespace("Flux Kustomization "+name, labels[fluxKustomization+"namespace"]), Commit: commitKustomization}
	}
	if name := labels[fluxRelease+"name"]; name != "" {
		return &Owner{Name: inNamespace("Flux HelmRelease "+name, labels[fluxRelease+"namespace"]), Commit: commitRelease}
	}
	return nil
}

func helm(live *unstructured.Unstructured) *Owner {
	annotations := live.GetAnnotations()
	name := annotations[helmName]
	if name == "" || live.GetLabels()[managedBy] != "Helm" {
		return nil
	}
	return &Owner{Name: inNamespace("Helm release "+name, annotations[helmNamespace]), Commit: commitHelm}
}

// addon is what the addon manager of a cluster sets back; EnsureExists leaves changes
// alone.
func addon(live *unstructured.Unstructured) *Owner {
	if live.GetLabels()[addonMode] != "Reconcile" {
		return nil
	}
	return &Owner{Name: "the addon manager of the cluster", Commit: commitAddon}
}

func inNamespace(name, namespace string) string {
	if namespace == "" {
		return name
	}
	return name + " in namespace " + namespace
}

// programs are field managers that are known, by how their names begin.
var programs = []struct{ prefix, name, commit string }{
	{"argocd", "Argo CD", commitArgo},
	{"kustomize-controller", "Flux", commitKustomization},
	{"helm-controller", "Flux", commitRelease},
	{"helm", "Helm", commitHelm},
	{"Helm", "Helm", commitHelm},
	{"Terraform", "Terraform", commitTerraform},
	{"terraform", "Terraform", commitTerraform},
	{"HashiCorp", "Terraform", commitTerraform},
	{"pulumi", "Pulumi", commitPulumi},
	{"fleet", "Rancher Fleet", commitFleet},
	{"kapp", "kapp", commitKapp},
}

// templateOwner is the field manager that the Pod template comes from, where that is
// not kubectl: who put a container in it. A manager that only set an image, or an
// annotation, has its say where a change meets its fields.
func templateOwner(live *unstructured.Unstructured) *Owner {
	var unknown *Owner
	entries := live.GetManagedFields()
	for i := range entries {
		manager := entries[i].Manager
		if entries[i].Subresource != "" || isKubectl(manager) || slices.Contains(bystanders, manager) {
			continue
		}
		if set, err := setOf(&entries[i]); err != nil || !madeTemplate(set, live.GetKind()) {
			continue
		}
		for _, p := range programs {
			if strings.HasPrefix(manager, p.prefix) {
				return &Owner{Name: fmt.Sprintf("%s (field manager %s)", p.name, manager), Commit: p.commit}
			}
		}
		if unknown == nil {
			unknown = &Owner{Name: "the field manager " + manager, Commit: "put the change into what " + manager + " applies"}
		}
	}
	return unknown
}

// madeTemplate tells whether the fields have a container of the Pod template among
// them, or all that it stands in.
func madeTemplate(set *fieldpath.Set, kind string) bool {
	way := []string{"spec", "template", "spec", "containers"}
	if kind == "CronJob" {
		way = append([]string{"spec", "jobTemplate"}, way...)
	}
	for _, name := range way {
		step := fieldpath.FieldNameElement(name)
		child, deeper := set.Children.Get(step)
		if !deeper {
			return set.Members.Has(step)
		}
		set = child
	}
	made := set.Members.Size() > 0
	set.Children.Iterate(func(e fieldpath.PathElement) {
		container, _ := set.Children.Get(e)
		made = made || container.Members.Has(fieldpath.FieldNameElement("name"))
	})
	return made
}
