// Package httpapi is the HTTP side of the service: routes, JSON, metrics and access log.
package httpapi

import (
	"encoding/json"
	"errors"
	"net/http"
	"strconv"
	"time"

	"github.com/go-chi/chi/v5"
	"github.com/go-chi/chi/v5/middleware"
	"github.com/google/uuid"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	"go.uber.org/zap"

	"example.com/orders/internal/store"
	"example.com/orders/internal/web"
)

const maxBody = 64 << 10

type api struct {
	book    *store.Memory
	log     *zap.Logger
	seconds *prometheus.HistogramVec
}

// New returns the whole service as one handler.
func New(book *store.Memory, log *zap.Logger, version string) http.Handler {
	registry := prometheus.NewRegistry()
	a := &api{
		book: book,
		log:  log,
		seconds: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "http_request_duration_seconds",
			Help: "Time taken by requests, by route and status.",
		}, []string{"route", "status"}),
	}
	info := prometheus.NewGaugeVec(prometheus.GaugeOpts{
		Name: "orders_build_info",
		Help: "Always 1; the label names the running version.",
	}, []string{"version"})
	info.WithLabelValues(version).Set(1)
	registry.MustRegister(a.seconds, info, collectors.NewGoCollector())

	r := chi.NewRouter()
	r.Use(middleware.Recoverer, a.observe)
	r.Get("/", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		_, _ = w.Write(web.Index)
	})
	r.Get("/healthz", func(w http.ResponseWriter, _ *http.Request) {
		writeJSON(w, http.StatusOK, map[string]string{"status": "ok", "version": version})
	})
	r.Get("/orders", func(w http.ResponseWriter, _ *http.Request) { writeJSON(w, http.StatusOK, a.book.List()) })
	r.Post("/orders", a.add)
	r.Get("/orders/{id}", a.get)
	r.Handle("/metrics", promhttp.HandlerFor(registry, promhttp.HandlerOpts{}))
	return r
}

func (a *api) add(w http.ResponseWriter, req *http.Request) {
	var body struct {
		Item     string `json:"item"`
		Quantity int    `json:"quantity"`
	}
	decoder := json.NewDecoder(http.MaxBytesReader(w, req.Body, maxBody))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&body); err != nil {
		writeError(w, http.StatusBadRequest, err)
		return
	}
	order, err := a.book.Add(body.Item, body.Quantity, time.Now())
	switch {
	case errors.Is(err, store.ErrInvalid):
		writeError(w, http.StatusUnprocessableEntity, err)
	case err != nil:
		writeError(w, http.StatusInternalServerError, err)
	default:
		w.Header().Set("Location", "/orders/"+order.ID.String())
		writeJSON(w, http.StatusCreated, order)
	}
}

func (a *api) get(w http.ResponseWriter, req *http.Request) {
	id, err := uuid.Parse(chi.URLParam(req, "id"))
	if err != nil {
		writeError(w, http.StatusBadRequest, err)
		return
	}
	order, err := a.book.Get(id)
	if err != nil {
		writeError(w, http.StatusNotFound, err)
		return
	}
	writeJSON(w, http.StatusOK, order)
}

// observe measures and logs each request under its route pattern, never under the raw path.
func (a *api) observe(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		start := time.Now()
		wrapped := middleware.NewWrapResponseWriter(w, req.ProtoMajor)
		next.ServeHTTP(wrapped, req)
		took := time.Since(start)
		status := wrapped.Status()
		if status == 0 {
			status = http.StatusOK
		}
		route := chi.RouteContext(req.Context()).RoutePattern()
		if route == "" {
			route = "unmatched"
		}
		a.seconds.WithLabelValues(route, strconv.Itoa(status)).Observe(took.Seconds())
		a.log.Info("request",
			zap.String("method", req.Method), zap.String("route", route),
			zap.Int("status", status), zap.Duration("took", took))
	})
}

func writeJSON(w http.ResponseWriter, status int, value any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(value)
}

func writeError(w http.ResponseWriter, status int, err error) {
	writeJSON(w, status, map[string]string{"error": err.Error()})
}
