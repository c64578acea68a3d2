module github.com/dapr-prod/kubectl-dapr-prod/hack/injectors

go 1.26.6
