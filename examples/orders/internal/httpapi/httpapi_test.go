package httpapi

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"go.uber.org/zap"

	"example.com/orders/internal/store"
)

func serve(t *testing.T) *httptest.Server {
	t.Helper()
	server := httptest.NewServer(New(&store.Memory{}, zap.NewNop(), "1.2.3"))
	t.Cleanup(server.Close)
	return server
}

func call(t *testing.T, method, url, body string) (int, string, http.Header) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res.StatusCode, string(text), res.Header
}

func TestAnOrderCanBePlacedAndRead(t *testing.T) {
	server := serve(t)
	status, text, header := call(t, http.MethodPost, server.URL+"/orders", `{"item":"tea","quantity":3}`)
	if status != http.StatusCreated {
		t.Fatalf("POST /orders: %d %s", status, text)
	}
	status, text, _ = call(t, http.MethodGet, server.URL+header.Get("Location"), "")
	var order store.Order
	if err := json.Unmarshal([]byte(text), &order); err != nil || status != http.StatusOK {
		t.Fatalf("GET %s: %d %s %v", header.Get("Location"), status, text, err)
	}
	if order.Item != "tea" || order.Quantity != 3 {
		t.Fatalf("read back %+v", order)
	}
	if _, text, _ = call(t, http.MethodGet, server.URL+"/orders", ""); !strings.Contains(text, order.ID.String()) {
		t.Fatalf("GET /orders lacks the order: %s", text)
	}
}

func TestStatusCodes(t *testing.T) {
	server := serve(t)
	for _, c := range []struct {
		method, path, body string
		want               int
	}{
		{http.MethodGet, "/", "", http.StatusOK},
		{http.MethodGet, "/healthz", "", http.StatusOK},
		{http.MethodGet, "/nothing", "", http.StatusNotFound},
		{http.MethodPost, "/orders", `{"item":"tea"}`, http.StatusUnprocessableEntity},
		{http.MethodPost, "/orders", `{"colour":"red"}`, http.StatusBadRequest},
		{http.MethodGet, "/orders/7", "", http.StatusBadRequest},
		{http.MethodGet, "/orders/01890000-0000-7000-8000-000000000000", "", http.StatusNotFound},
	} {
		if got, text, _ := call(t, c.method, server.URL+c.path, c.body); got != c.want {
			t.Errorf("%s %s: %d, want %d: %s", c.method, c.path, got, c.want, text)
		}
	}
}

func TestMetricsNameRoutesAndTheVersion(t *testing.T) {
	server := serve(t)
	call(t, http.MethodGet, server.URL+"/orders/7", "")
	_, text, _ := call(t, http.MethodGet, server.URL+"/metrics", "")
	for _, want := range []string{`orders_build_info{version="1.2.3"} 1`, `route="/orders/{id}",status="400"`} {
		if !strings.Contains(text, want) {
			t.Errorf("metrics lack %s", want)
		}
	}
}
