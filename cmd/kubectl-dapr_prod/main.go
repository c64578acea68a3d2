package main

import (
	_ "github.com/dapr/kit/logger"
	_ "github.com/olekukonko/tablewriter"
	_ "github.com/rogpeppe/go-internal/testscript"
	_ "github.com/rogpeppe/go-internal/txtar"
	_ "github.com/spf13/cobra"
	_ "github.com/spf13/pflag"
	_ "go.yaml.in/yaml/v3"
	_ "golang.org/x/sync/errgroup"
	_ "golang.org/x/term"
	_ "k8s.io/cli-runtime/pkg/genericclioptions"
	_ "k8s.io/cli-runtime/pkg/printers"
	_ "k8s.io/cli-runtime/pkg/resource"
	_ "k8s.io/client-go/dynamic"
	_ "k8s.io/client-go/kubernetes"
	_ "k8s.io/client-go/metadata"
	_ "k8s.io/client-go/plugin/pkg/client/auth"
	_ "k8s.io/kubectl/pkg/cmd/util"
	_ "k8s.io/kubectl/pkg/util/completion"
	_ "k8s.io/kubectl/pkg/util/templates"
	_ "k8s.io/kubectl/pkg/util/term"
	_ "sigs.k8s.io/yaml"

	_ "github.com/dapr-prod/kubectl-dapr-prod/pkg/dapr"
	_ "github.com/dapr-prod/kubectl-dapr-prod/pkg/snapshot"
)

func main() {}
