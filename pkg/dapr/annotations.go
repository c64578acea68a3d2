// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package dapr

import (
	"math"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/dapr/dapr/pkg/injector/annotations"
	"github.com/dapr/dapr/pkg/injector/patcher"
)

// AnnotationPrefix starts the name of every annotation of Dapr's.
const AnnotationPrefix = "dapr.io/"

// since holds the annotations that came after 1.13.0, with the first release of
// each minor that reads them (by the release tags of dapr/dapr).
var since = map[string][]Version{
	annotations.KeyMaxBodySize:               {{1, 14, 0, "1.14.0"}},
	annotations.KeyReadBufferSize:            {{1, 14, 0, "1.14.0"}},
	annotations.KeySchedulerHostAddresses:    {{1, 14, 0, "1.14.0"}},
	annotations.KeyEnvFromSecret:             {{1, 15, 0, "1.15.0"}},
	annotations.KeyAPIGRPCPort:               {{1, 15, 0, "1.15.0"}},
	annotations.KeyInternalGRPCPort:          {{1, 15, 0, "1.15.0"}},
	annotations.KeySentryRequestJwtAudiences: {{1, 16, 0, "1.16.0"}},
	annotations.KeyAppBindingOptionsTimeout:  {{1, 16, 18, "1.16.18"}, {1, 17, 12, "1.17.12"}, {1, 18, 3, "1.18.3"}},
	annotations.KeySidecarSvcAnnotations:     {{1, 17, 0, "1.17.0"}},
	annotations.KeyDisableInitEndpoints:      {{1, 17, 0, "1.17.0"}},
	annotations.KeyActorsDisseminateTimeout:  {{1, 18, 0, "1.18.0"}},
	annotations.KeyEnableNativeSidecar:       {{1, 18, 0, "1.18.0"}},
}

// Annotations returns the annotations that the injector reads, sorted. They are
// taken from the injector's own configuration, so that the two cannot part.
var Annotations = sync.OnceValue(func() []string {
	var keys []string
	config := reflect.TypeFor[patcher.SidecarConfig]()
	for i := range config.NumField() {
		if key := config.Field(i).Tag.Get("annotation"); key != "" {
			keys = append(keys, key)
		}
	}
	slices.Sort(keys)
	return keys
})

// KnowsAnnotation tells whether some release covered by the tables reads key.
func KnowsAnnotation(key string) bool {
	_, found := slices.BinarySearch(Annotations(), key)
	return found || key == ControlPlaneAnnotation
}

// AnnotationSince returns the first release that reads key, and whether v does.
// The release is unknown for annotations older than 1.13, which all releases read.
func AnnotationSince(key string, v Version) (first Version, reads bool) {
	tags := since[key]
	if len(tags) == 0 {
		return Version{}, true
	}
	for _, tag := range tags {
		if tag.major == v.major && tag.minor == v.minor {
			return tag, v.patch >= tag.patch
		}
	}
	return tags[0], !v.Before(tags[len(tags)-1])
}

// IsAnnotation tells whether key is one of Dapr's, known or not.
func IsAnnotation(key string) bool { return strings.HasPrefix(key, AnnotationPrefix) }

// fields holds what the injector reads each annotation into.
var fields = sync.OnceValue(func() map[string]reflect.StructField {
	all := map[string]reflect.StructField{}
	config := reflect.TypeFor[patcher.SidecarConfig]()
	for i := range config.NumField() {
		field := config.Field(i)
		all[field.Tag.Get("annotation")] = field
	}
	return all
})

// kindOf is the type of an annotation's value; Invalid for one that is not known.
func kindOf(key string) reflect.Kind {
	t := fields()[key].Type
	switch {
	case t == nil:
		return reflect.Invalid
	case t.Kind() == reflect.Pointer:
		return t.Elem().Kind()
	default:
		return t.Kind()
	}
}

// EmptyMatters tells whether an empty value is, from 1.15 on, something else than
// no annotation: where there is a default that is not empty, be it the patcher's
// or the injector's, and where none at all leaves it to daprd. An empty number
// does not parse, so that its default stays.
func EmptyMatters(key string) bool {
	switch key {
	case annotations.KeySidecarImage, annotations.KeyPlacementHostAddresses, annotations.KeyEnableNativeSidecar:
		return true
	}
	field := fields()[key]
	switch kindOf(key) {
	case reflect.String, reflect.Bool:
		return field.Type.Kind() == reflect.Pointer || !Falsy(field.Tag.Get("default"))
	default:
		return false
	}
}

// AnnotationProblem says what is wrong with a value for the type of its
// annotation, or nothing. A number that does not parse is passed over by the
// injector, and the default stays; a boolean that is not truthy is false.
func AnnotationProblem(key, value string) string {
	if EndsDaprd(key, value) {
		return "is no value for it: daprd ends at start"
	}
	switch kindOf(key) {
	case reflect.Bool:
		if !Truthy(value) && !Falsy(value) {
			return "is neither true nor false: Dapr takes it for false"
		}
	case reflect.Int, reflect.Int32:
		n, err := strconv.ParseInt(value, 10, 64)
		switch {
		case err != nil:
			return "is not a whole number: Dapr passes over it and keeps the default"
		case n > math.MaxInt32 || n < math.MinInt32:
			return "is too large a number"
		}
	}
	return ""
}

// EndsDaprd tells whether daprd ends at start over the value of an annotation
// that the injector passes on as it is (dapr/kit, logger; cmd/daprd/options).
func EndsDaprd(key, value string) bool {
	switch key {
	case annotations.KeyLogLevel:
		return !slices.Contains([]string{"debug", "info", "warn", "error", "fatal"}, strings.ToLower(value))
	case annotations.KeyBlockShutdownDuration:
		_, err := time.ParseDuration(value)
		return err != nil
	default:
		return false
	}
}

// NearestAnnotation returns the annotation whose name looks most like key, or
// nothing where none is near. What all of them begin with tells nothing.
func NearestAnnotation(key string) string {
	var names []string
	for _, known := range Annotations() {
		names = append(names, strings.TrimPrefix(known, AnnotationPrefix))
	}
	near := Nearest(strings.TrimPrefix(key, AnnotationPrefix), names)
	if near == "" {
		return ""
	}
	return AnnotationPrefix + near
}
