package main

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"math/rand/v2"
	"os"

	"golang.org/x/net/http2/hpack"
)

// printHeaderBlocks writes one stream of header blocks as the x/net encoder makes them: indexed,
// literal, never-indexed, Huffman coded where shorter, with dynamic table size changes in between.
func printHeaderBlocks(n int, seed uint64) {
	rnd := rand.New(rand.NewPCG(seed, 7))
	var buf bytes.Buffer
	enc := hpack.NewEncoder(&buf)
	names := []string{":status", "content-type", "grpc-status", "grpc-message", "grpc-status-details-bin", "trailer", "date", "x-a", "x-bb"}
	out := json.NewEncoder(os.Stdout)
	for range n {
		buf.Reset()
		if rnd.IntN(4) == 0 {
			enc.SetMaxDynamicTableSize(uint32(rnd.IntN(4097)))
		}
		var fields [][2]string
		for range 1 + rnd.IntN(8) {
			value := make([]byte, rnd.IntN(1<<rnd.IntN(12)))
			for i := range value {
				value[i] = byte(rnd.IntN(256))
				if rnd.IntN(3) > 0 {
					value[i] = byte(32 + rnd.IntN(95))
				}
			}
			f := hpack.HeaderField{Name: names[rnd.IntN(len(names))], Value: string(value), Sensitive: rnd.IntN(5) == 0}
			if rnd.IntN(3) == 0 {
				f.Value = []string{"200", "0", "application/grpc", ""}[rnd.IntN(4)]
			}
			_ = enc.WriteField(f)
			fields = append(fields, [2]string{f.Name, base64.StdEncoding.EncodeToString([]byte(f.Value))})
		}
		_ = out.Encode(map[string]any{"block": buf.Bytes(), "fields": fields})
	}
}
