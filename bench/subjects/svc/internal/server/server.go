// Package server is the gRPC server: health and reflection, with tracing and a count of every call.
package server

import (
	"context"
	"net"

	"github.com/sirupsen/logrus"
	"go.opentelemetry.io/contrib/instrumentation/google.golang.org/grpc/otelgrpc"
	"google.golang.org/grpc"
	"google.golang.org/grpc/health"
	healthpb "google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/reflection"

	"example.com/svc/internal/store"
	"example.com/svc/internal/telemetry"
)

// Serve serves until the context ends.
func Serve(ctx context.Context, listener net.Listener, db *store.Store) error {
	count := func(ctx context.Context, req any, info *grpc.UnaryServerInfo, next grpc.UnaryHandler) (any, error) {
		telemetry.Requests.WithLabelValues(info.FullMethod).Inc()
		if n, err := db.Count(info.FullMethod); err != nil {
			logrus.WithError(err).Warn("not counted")
		} else {
			logrus.WithField("n", n).Debug(info.FullMethod)
		}
		return next(ctx, req)
	}
	srv := grpc.NewServer(grpc.StatsHandler(otelgrpc.NewServerHandler()), grpc.UnaryInterceptor(count))
	healthpb.RegisterHealthServer(srv, health.NewServer())
	reflection.Register(srv)
	go func() {
		<-ctx.Done()
		srv.GracefulStop()
	}()
	logrus.WithField("address", listener.Addr()).Info("serving")
	return srv.Serve(listener)
}
