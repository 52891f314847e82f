// Package telemetry sets up traces over OTLP and metrics for Prometheus.
package telemetry

import (
	"context"
	"net/http"
	"os"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promauto"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	"github.com/sirupsen/logrus"
	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracegrpc"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/sdk/resource"
	"go.opentelemetry.io/otel/sdk/trace"
	semconv "go.opentelemetry.io/otel/semconv/v1.26.0"
)

// Requests counts the calls served.
var Requests = promauto.NewCounterVec(prometheus.CounterOpts{Name: "svc_requests_total"}, []string{"method"})

// Start sets the process's tracer up; without an OTLP endpoint in the environment it records nothing.
func Start(ctx context.Context, name, version string) (func(), error) {
	if os.Getenv("OTEL_EXPORTER_OTLP_ENDPOINT") == "" {
		return func() {}, nil
	}
	exporter, err := otlptracegrpc.New(ctx)
	if err != nil {
		return nil, err
	}
	provider := trace.NewTracerProvider(
		trace.WithBatcher(exporter),
		trace.WithResource(resource.NewWithAttributes(semconv.SchemaURL, semconv.ServiceName(name), semconv.ServiceVersion(version))),
	)
	otel.SetTracerProvider(provider)
	otel.SetTextMapPropagator(propagation.TraceContext{})
	return func() {
		if err := provider.Shutdown(context.Background()); err != nil {
			logrus.WithError(err).Warn("traces were lost")
		}
	}, nil
}

// Handler answers Prometheus.
func Handler() http.Handler { return promhttp.Handler() }
