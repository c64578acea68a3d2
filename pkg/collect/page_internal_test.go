// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package collect

import (
	"bytes"
	"testing"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/serializer/protobuf"
	"k8s.io/client-go/kubernetes/scheme"
)

// inProtobuf is a list as a server sends it, without the mark at its beginning.
func inProtobuf(t *testing.T, list runtime.Object) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := protobuf.NewSerializer(scheme.Scheme, scheme.Scheme).Encode(list, &b); err != nil {
		t.Fatal(err)
	}
	message, is := bytes.CutPrefix(b.Bytes(), []byte(protobufMagic))
	if !is {
		t.Fatalf("it begins with %q", b.Bytes()[:4])
	}
	return message
}

// TestProtobufPage: what is taken out of a page one by one is what Kubernetes' own
// decoder finds in it, and a page that is cut off anywhere is an error, or shorter.
func TestProtobufPage(t *testing.T) {
	t.Parallel()
	list := &corev1.PodList{TypeMeta: metav1.TypeMeta{APIVersion: "v1", Kind: "PodList"}, ListMeta: metav1.ListMeta{Continue: "more", ResourceVersion: "7"}}
	for _, name := range []string{"a", "b", "c"} {
		list.Items = append(list.Items, corev1.Pod{
			ObjectMeta: metav1.ObjectMeta{Name: name, Namespace: "shop", Labels: map[string]string{"app": name}},
			Spec:       corev1.PodSpec{Containers: []corev1.Container{{Name: "app", Env: []corev1.EnvVar{{Name: "A", Value: name}}}}},
		})
	}
	message := inProtobuf(t, list)
	read := func(message []byte) (items []corev1.Pod, next string, err error) {
		p, err := protobufPage(message, &corev1.PodList{})
		if err != nil {
			return nil, "", err
		}
		err = p.each(func(o runtime.Object) error { items = append(items, *o.(*corev1.Pod)); return nil })
		return items, p.next, err
	}
	items, next, err := read(message)
	if err != nil || next != "more" || !equality.Semantic.DeepEqual(items, list.Items) {
		t.Errorf("%v, next %q: %+v", err, next, items)
	}
	if status := inProtobuf(t, &metav1.Status{TypeMeta: metav1.TypeMeta{APIVersion: "v1", Kind: "Status"}, Status: metav1.StatusFailure, Message: "no"}); holdsList(status) || !holdsList(message) {
		t.Error("a Status is taken for a list, or a list is not")
	}
	whole := 0
	for n := range message {
		if _, _, err := read(message[:n]); err == nil {
			whole++
		}
	}
	if whole > 2 {
		t.Errorf("%d of %d parts of a page are taken for a page", whole, len(message))
	}
	if items, next, err := read(inProtobuf(t, &corev1.PodList{})); err != nil || next != "" || len(items) > 0 {
		t.Errorf("an empty list: %v, next %q: %+v", err, next, items)
	}
}
