// Copyright The kubectl-dapr-prod Authors.
// SPDX-License-Identifier: Apache-2.0

package collect

import (
	"bytes"
	"fmt"
	"reflect"

	"google.golang.org/protobuf/encoding/protowire"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/rest"
)

// page is a part of a list.
type page struct {
	// next is the continue token of the page after this one; empty for the last.
	next string
	// each calls do with every object. Of a page in protobuf one object at a time is taken
	// out, so that a page is never held twice.
	each func(do func(runtime.Object) error) error
}

// decoded is a page that has been taken apart already.
func decoded[L runtime.Object](list L, err error) (*page, error) {
	if err != nil {
		return nil, err
	}
	accessor, err := meta.ListAccessor(list)
	if err != nil {
		return nil, err
	}
	return &page{
		next: accessor.GetContinue(),
		each: func(do func(runtime.Object) error) error { return meta.EachListItem(list, do) },
	}, nil
}

// answered is a page of an answer, which is of list's type.
func answered(list runtime.Object, answer rest.Result) (*page, error) {
	if err := answer.Error(); err != nil {
		return nil, err
	}
	body, err := answer.Raw()
	if err != nil {
		return nil, err
	}
	message, is := bytes.CutPrefix(body, []byte(protobufMagic))
	if !is || !holdsList(message) {
		return decoded(list, answer.Into(list))
	}
	return protobufPage(message, list)
}

// holdsList tells whether what is wrapped is a list, and not a Status instead of one.
func holdsList(wrapped []byte) bool {
	kind, err := fieldOf(wrapped, typeField)
	if err == nil {
		kind, err = fieldOf(kind, kindField)
	}
	return err == nil && bytes.HasSuffix(kind, []byte("List"))
}

// protobufMagic is what Kubernetes puts before an object in protobuf.
const protobufMagic = "k8s\x00"

// The numbers of fields: of the type and the raw object in runtime.Unknown, which wraps all
// objects in protobuf, of the kind in a type, and of the metadata and the items in every list.
const (
	typeField     protowire.Number = 1
	rawField      protowire.Number = 2
	kindField     protowire.Number = 2
	metadataField protowire.Number = 1
	itemsField    protowire.Number = 2
)

// protobufPage is a page in protobuf.
func protobufPage(wrapped []byte, list runtime.Object) (*page, error) {
	items, err := meta.GetItemsPtr(list)
	if err != nil {
		return nil, err
	}
	kind := reflect.TypeOf(items).Elem().Elem()
	message, err := fieldOf(wrapped, rawField)
	if err != nil {
		return nil, err
	}
	text, err := fieldOf(message, metadataField)
	if err != nil {
		return nil, err
	}
	var m metav1.ListMeta
	if err := m.Unmarshal(text); err != nil {
		return nil, err
	}
	each := func(do func(runtime.Object) error) error {
		return eachField(message, itemsField, func(text []byte) error {
			item := reflect.New(kind).Interface()
			o, is := item.(interface {
				runtime.Object
				Unmarshal(text []byte) error
			})
			if !is {
				return fmt.Errorf("%T is not read from protobuf", item)
			}
			if err := o.Unmarshal(text); err != nil {
				return err
			}
			return do(o)
		})
	}
	return &page{next: m.Continue, each: each}, nil
}

// fieldOf is the field of a message that has a number, and without which the message is
// not whole.
func fieldOf(message []byte, number protowire.Number) (found []byte, err error) {
	err = eachField(message, number, func(text []byte) error { found = text; return nil })
	if err == nil && found == nil {
		err = fmt.Errorf("the server's answer in protobuf has no field %d", number)
	}
	return found, err
}

// eachField calls do with each field of a message that has a number and holds a message.
func eachField(message []byte, number protowire.Number, do func([]byte) error) error {
	for len(message) > 0 {
		field, kind, n := protowire.ConsumeTag(message)
		if n < 0 {
			return protowire.ParseError(n)
		}
		message = message[n:]
		if n = protowire.ConsumeFieldValue(field, kind, message); n < 0 {
			return protowire.ParseError(n)
		}
		if field == number && kind == protowire.BytesType {
			text, _ := protowire.ConsumeBytes(message)
			if err := do(text); err != nil {
				return err
			}
		}
		message = message[n:]
	}
	return nil
}
