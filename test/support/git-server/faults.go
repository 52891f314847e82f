package main

import (
	"bytes"
	"fmt"
	"hash/fnv"
	"net"
	"net/http"
	"net/http/httptest"
	"sync"
	"time"
)

// faulty fails some requests before they reach the handler. Which nth request for a URL meets which fault is decided by
// a seed.
func faulty(handler http.Handler, percent uint, kinds []string, seed string) http.Handler {
	var mu sync.Mutex
	asked := map[string]int{}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _, hasLogin := r.BasicAuth()
		key := fmt.Sprint(r.Method, r.URL, hasLogin)
		mu.Lock()
		asked[key]++
		nth := asked[key]
		mu.Unlock()
		hash := fnv.New64a()
		fmt.Fprint(hash, seed, key, nth)
		drawn := hash.Sum64()
		drawn ^= drawn >> 33
		drawn *= 0xff51afd7ed558ccd
		drawn ^= drawn >> 33
		if uint(drawn%100) >= percent {
			handler.ServeHTTP(w, r)
			return
		}
		hijacked := func() net.Conn {
			conn, _, _ := w.(http.Hijacker).Hijack()
			return conn
		}
		switch kind := kinds[drawn/100%uint64(len(kinds))]; kind {
		case "silent":
			conn := hijacked()
			time.Sleep(10 * time.Minute)
			conn.Close()
		case "reset":
			hijacked().Close()
		case "cut":
			answer := httptest.NewRecorder()
			handler.ServeHTTP(answer, r)
			body := answer.Body.Bytes()
			var head bytes.Buffer
			answer.Header().Write(&head)
			conn := hijacked()
			fmt.Fprintf(conn, "HTTP/1.1 %d %s\r\nContent-Length: %d\r\n%s\r\n%s", answer.Code, http.StatusText(answer.Code), len(body), head.String(), body[:len(body)/2])
			conn.Close()
		default:
			var code int
			fmt.Sscan(kind, &code)
			http.Error(w, "a fault", code)
		}
	})
}
