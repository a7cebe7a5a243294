// Package tools names etcd, which the cluster tests build and run.
package tools

import _ "go.etcd.io/etcd/server/v3/etcdmain"
