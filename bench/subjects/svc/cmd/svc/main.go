// Command svc is the benchmark's subject: a gRPC service with health, reflection, tracing, metrics, logs and a
// small store. It does something, and it links what such services link.
package main

import (
	"context"
	"flag"
	"net"
	"net/http"
	"os"
	"os/signal"
	"syscall"

	"github.com/sirupsen/logrus"

	"example.com/svc/internal/server"
	"example.com/svc/internal/store"
	"example.com/svc/internal/telemetry"
	// bench: import
)

// edit is what the benchmark changes for a one-line edit in package main.
const edit = "0"

func main() {
	listen := flag.String("listen", ":9090", "address of the gRPC server")
	metrics := flag.String("metrics", ":9091", "address of the metrics server")
	path := flag.String("store", "svc.db", "file of the store")
	version := flag.Bool("version", false, "print the version and exit")
	flag.Parse()
	if *version {
		os.Stdout.WriteString("svc " + edit + " store " + store.Edit + "\n")
		return
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, *listen, *metrics, *path); err != nil {
		logrus.WithError(err).Fatal("svc ends")
	}
}

func run(ctx context.Context, listen, metrics, path string) error {
	shutdown, err := telemetry.Start(ctx, "svc", edit)
	if err != nil {
		return err
	}
	defer shutdown()
	db, err := store.Open(path)
	if err != nil {
		return err
	}
	defer db.Close()
	listener, err := net.Listen("tcp", listen)
	if err != nil {
		return err
	}
	go func() {
		if err := http.ListenAndServe(metrics, telemetry.Handler()); err != nil {
			logrus.WithError(err).Error("metrics server ends")
		}
	}()
	return server.Serve(ctx, listener, db)
}
