// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

// Package report turns what was judged into documents, one file a format. Every
// format is a function of a Report and a writer: none looks at the terminal, at
// the environment or at flags.
package report

import (
	"time"

	corev1 "k8s.io/api/core/v1"

	"github.com/dapr-prod/kubectl-dapr-prod/pkg/guideline"
	"github.com/dapr-prod/kubectl-dapr-prod/pkg/snapshot"
)

// The report's type, a contract with those who read it by machine: fields are
// added, never renamed or taken away.
const (
	APIVersion = "dapr-prod.github.io/v1alpha1"
	Kind       = "CheckReport"
)

// Report is what check found.
type Report struct {
	APIVersion string    `json:"apiVersion"`
	Kind       string    `json:"kind"`
	Tool       Tool      `json:"tool"`
	TakenAt    time.Time `json:"takenAt"`
	Cluster    Cluster   `json:"cluster"`
	Summary    Summary   `json:"summary"`
	Apps       []App     `json:"apps"`
	Results    []Result  `json:"results"`
}

// Tool is what made the report.
type Tool struct {
	Version string `json:"version"`
	// GuidelinesEdition is the edition of the guidelines page that was applied.
	GuidelinesEdition string `json:"guidelinesEdition"`
	// DataDate is the date of the tables built in.
	DataDate string `json:"dataDate"`
	// DataStale tells that these were old when the report was made.
	DataStale bool `json:"dataStale,omitempty"`
}

// Cluster is where the objects came from; context and version are empty for
// manifests.
type Cluster struct {
	Context           string         `json:"context,omitempty"`
	KubernetesVersion string         `json:"kubernetesVersion,omitempty"`
	ControlPlanes     []ControlPlane `json:"controlPlanes"`
	// Gaps are the lists that could not be read, in words.
	Gaps []string `json:"gaps,omitempty"`
}

// ControlPlane is one installation of Dapr.
type ControlPlane struct {
	Namespace string `json:"namespace"`
	Version   string `json:"version"`
	// Assumed tells that the version was not read.
	Assumed bool `json:"assumed"`
	// JudgedAs is the release whose rules were applied, where it is another.
	JudgedAs string `json:"judgedAs,omitempty"`
	// Rehearsal tells that Version is not what runs; absent where it is.
	Rehearsal *Rehearsal `json:"rehearsal,omitempty"`
	// Release is the Helm release that installed it; absent where none was read.
	Release *Release `json:"release,omitempty"`
}

// Rehearsal is about an install that is judged as another release than it runs.
type Rehearsal struct {
	// From is the release that runs.
	From string `json:"from"`
}

// Release is a Helm release.
type Release struct {
	Name         string `json:"name"`
	ChartVersion string `json:"chartVersion"`
	Revision     int    `json:"revision"`
}

// Summary counts the outcomes.
type Summary struct {
	Pass    int `json:"pass"`
	Fail    int `json:"fail"`
	Skip    int `json:"skip"`
	Unknown int `json:"unknown"`
	Ignored int `json:"ignored"`
	// BySeverity counts the fails.
	BySeverity BySeverity `json:"bySeverity"`
}

// BySeverity counts by severity.
type BySeverity struct {
	Error   int `json:"error"`
	Warning int `json:"warning"`
	Info    int `json:"info"`
}

// App is an app and its sidecar.
type App struct {
	Namespace string `json:"namespace"`
	Kind      string `json:"kind"`
	Name      string `json:"name"`
	// AppID is Dapr's; empty where the app has none that is fixed.
	AppID string `json:"appID"`
	// Replicas is the number wanted; absent where the kind has no such number.
	Replicas *int32 `json:"replicas,omitempty"`
	// Pods counts the Pods that run.
	Pods    int     `json:"pods"`
	Sidecar Sidecar `json:"sidecar"`
}

// Is tells whether an object is the app.
func (a *App) Is(o snapshot.Object) bool {
	return a.Namespace == o.Namespace && a.Kind == o.Kind && a.Name == o.Name
}

// Sidecar is the effective sidecar of an app. No environment value that might be
// secret stands in it.
type Sidecar struct {
	// State is what the injector does with the template: injected, off, manual,
	// denied, excluded, unread.
	State string `json:"state"`
	// Simulated is what a new Pod gets; absent where it gets none.
	Simulated *corev1.Container `json:"simulated,omitempty"`
	// Native tells that the simulated sidecar is an init container.
	Native   bool       `json:"native,omitempty"`
	Observed []Observed `json:"observed"`
	// Without are the Pods that run without daprd though the app has, or should
	// have, one; absent where there are none.
	Without  []string `json:"without,omitempty"`
	Problems []string `json:"problems"`
}

// Observed is a daprd container and the Pods that run it.
type Observed struct {
	Pods      []string         `json:"pods"`
	Native    bool             `json:"native,omitempty"`
	Container corev1.Container `json:"container"`
}

// Result is one guideline's outcome on one object.
type Result struct {
	Guideline string             `json:"guideline"`
	Origin    guideline.Origin   `json:"origin"`
	Severity  guideline.Severity `json:"severity"`
	Outcome   guideline.Outcome  `json:"outcome"`
	Object    snapshot.Object    `json:"object"`
	Container string             `json:"container,omitempty"`
	Field     string             `json:"field,omitempty"`
	Message   string             `json:"message"`
	// Reason is why the object asks not to be judged; only where it does.
	Reason string  `json:"reason,omitempty"`
	Remedy string  `json:"remedy,omitempty"`
	Docs   string  `json:"docs"`
	Source *Source `json:"source,omitempty"`
}

// Source is a place in the input.
type Source struct {
	File string `json:"file"`
	Line int    `json:"line,omitempty"`
}
